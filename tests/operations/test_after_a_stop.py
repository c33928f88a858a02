"""What a stop leaves behind: money to invest, a reason that health reports, a no that lasts."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from bench import DAY, EVEN, NEXT, THIRD, Bench
from harness import in_child, killer, proposal

from jeoul.errors import DataError
from jeoul.model.portfolio import Side
from jeoul.operations.broker.paper_rules import PaperRules
from jeoul.operations.broker.port import OrderRequest
from jeoul.operations.desk.guards import STOP
from jeoul.operations.run import RunRequest
from jeoul.operations.told.health import Health, health
from jeoul.rebalance import ONLINE

pytestmark = pytest.mark.usefixtures("either_store")

WAITS = "[approval]\nrequired = true\nhours = 20\n[safety]\nmax_turnover = 2.0"


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def deposit(bench: Bench, amount: int, day: Any) -> None:
    runner = bench.runner()
    runner.broker.deposit(amount, day)
    runner.broker.close()


def health_of(bench: Bench, day: Any) -> Health:
    """The health of the account late on the session after a day."""
    runner, ledger = bench.runner(), bench.ledger()
    at = datetime.combine(runner.calendar.after(day), time(14), UTC)
    found = health(
        runner.config, runner.calendar, at, ledger,
        strategy=bench.mandate.strategy.name, newest=day, simulated=True,
    )  # fmt: skip
    ledger.close()
    runner.broker.close()
    return found


def half_sent_and_unfit(bench: Bench) -> str:
    """A plan of which one order is at the broker, and which then no longer fits; its name."""
    bench.tables = '[safety]\nmax_turnover = 2.0\nunexplained = "adopt"'
    runner = bench.runner()
    runner.checkpoint = killer("after-acknowledged", 1)
    assert in_child(lambda: runner.run(RunRequest(as_of=DAY, execute=True))) != 0
    runner.broker.close()
    deposit(bench, -20_000_000, DAY)
    assert "no longer fits" in bench.run().reasons[0]
    return f"main.static.{DAY}"


@pytest.mark.parametrize("end", ["a newer plan", "not approved in time", "rejected"])
def test_a_deposit_is_invested_by_the_next_plan_if_the_first_one_was_never_sent(
    bench: Bench, end: str
) -> None:
    bench.run()
    bench.tables = WAITS
    deposit(bench, 2_000_000, NEXT)
    first = bench.run(NEXT)
    assert first.reasons[0].startswith("A deposit of 2,000,000 buys")
    if end == "not approved in time":
        bench.ahead += timedelta(hours=21).total_seconds()
        bench.run(NEXT)
    if end == "rejected":
        bench.run(NEXT, reject=first.document["run_id"], execute=False)
    second = bench.run(THIRD)
    assert second.reasons[0].startswith("A deposit of 2,000,000 buys")
    assert bench.run(THIRD, approve=second.document["run_id"], execute=False).exit_code == 0


def test_a_deposit_is_invested_once(bench: Bench) -> None:
    bench.run()
    deposit(bench, 2_000_000, NEXT)
    assert bench.run(NEXT).reasons[0].startswith("A deposit of 2,000,000 buys")
    assert not any("deposit" in reason for reason in bench.run(THIRD).reasons)


@pytest.mark.posix
def test_a_plan_that_a_person_rejects_after_it_lapsed_is_not_decided_on_again(bench: Bench) -> None:
    run_id = half_sent_and_unfit(bench)
    assert "rejected" in bench.run(reject=run_id, execute=False).reasons[0]
    runner = bench.runner()
    runner.broker.catch_up(NEXT)
    sent = runner.broker.connection.execute("SELECT COUNT(*) FROM orders").fetchone()[0]
    runner.broker.close()
    again = bench.run()
    assert again.outcome == "blocked_rule"
    assert again.reasons[0] == "This plan was rejected; its orders will not be sent."
    runner = bench.runner()
    assert runner.broker.connection.execute("SELECT COUNT(*) FROM orders").fetchone()[0] == sent
    runner.broker.close()


def lapsed(bench: Bench) -> None:
    half_sent_and_unfit(bench)


def refused(bench: Bench) -> None:
    bench.rules = PaperRules(fees=ONLINE, refuses=frozenset({"069500"}))
    assert bench.run().outcome == "needs_person"


def stranger(bench: Bench) -> None:
    runner = bench.runner()
    for fund, side in (("360750", Side.BUY), ("069500", Side.BUY)):
        runner.broker.submit(OrderRequest(f"hand-{fund}", NEXT, side, fund, 1, None))
    runner.broker.close()
    assert bench.run().outcome == "needs_person"


@pytest.mark.posix
@pytest.mark.parametrize("cause", [lapsed, refused, stranger], ids=lambda each: each.__name__)
def test_health_reports_a_stop_also_where_the_session_has_a_plan(bench: Bench, cause: Any) -> None:
    cause(bench)
    found = health_of(bench, DAY)
    assert (found.exit_code, found.missed) == (5, ())
    assert found.stop is not None
    assert found.stop["outcome"] == "needs_person"


def test_a_broken_limit_is_a_stop_and_no_missed_session(bench: Bench) -> None:
    bench.run()
    bench.tables = "[safety]\nmax_turnover = 2.0\nmax_order = 0.001"
    bench.plans[NEXT] = proposal(NEXT, {"069500": 0.1, "114260": 0.3, "360750": 0.3}, due=True)
    stop = bench.run(NEXT)
    assert stop.outcome == "blocked_rule"
    found = health_of(bench, NEXT)
    assert (found.exit_code, found.problems, found.missed) == (4, (), ())
    assert found.stop is not None
    assert tuple(found.stop["reasons"]) == stop.reasons
    bench.tables = "[safety]\nmax_turnover = 2.0"
    bench.plans[THIRD] = proposal(THIRD, EVEN, due=False)
    bench.run(THIRD)
    found = health_of(bench, THIRD)
    assert (found.exit_code, found.stop) == (0, None)


def test_health_reports_the_newest_stop_and_not_an_older_one(bench: Bench) -> None:
    bench.run()
    stop = bench.folder / "state" / STOP
    stop.touch()
    assert bench.run(NEXT).outcome == "blocked_rule"
    stop.unlink()
    right, bench.plans[NEXT] = bench.plans[NEXT], DataError("the data are wrong")
    assert bench.run(NEXT).outcome == "blocked_data"
    assert health_of(bench, NEXT).exit_code == 5
    bench.plans[NEXT] = right
    stop.touch()
    assert bench.run(NEXT).outcome == "blocked_rule"
    assert health_of(bench, NEXT).stop["outcome"] == "blocked_rule"  # type: ignore[index]
    stop.unlink()
    assert bench.run(NEXT).exit_code == 0
    assert (health_of(bench, NEXT).exit_code, health_of(bench, NEXT).stop) == (0, None)


def test_a_run_without_fault_ends_a_stop_on_a_session_that_is_decided(bench: Bench) -> None:
    bench.run()
    runner = bench.runner()
    runner.broker.connection.execute("INSERT INTO positions VALUES ('148070', 7)")
    runner.broker.close()
    assert bench.run().outcome == "needs_person"  # shares that the books do not know
    assert health_of(bench, DAY).exit_code == 5
    assert bench.run(adopt=True).exit_code == 0
    assert (health_of(bench, DAY).exit_code, health_of(bench, DAY).stop) == (0, None)
