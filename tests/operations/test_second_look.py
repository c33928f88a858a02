"""One plan is alive at a time, and it is held against the account again before it is sent."""

from __future__ import annotations

import shutil
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pytest
from bench import DAY, EVEN, NEXT, Bench
from harness import in_child, killer, proposal

from jeoul.errors import UsageError
from jeoul.model.portfolio import Portfolio, Reason, Side
from jeoul.operations.broker.paper_rules import PaperRules
from jeoul.operations.broker.port import Ids, OrderRequest
from jeoul.operations.desk import second_look
from jeoul.operations.desk.guards import SAFE
from jeoul.operations.desk.intents import (
    Intent,
    PlannedOrder,
    Run,
    all_runs,
    intents_of,
    named_run,
)
from jeoul.operations.desk.reconcile import AccountMeans
from jeoul.operations.desk.second_look import Today, misfits
from jeoul.operations.ledger import backup, check, portfolio
from jeoul.operations.run import RunRequest
from jeoul.operations.setup.config import SafetySettings
from jeoul.rebalance import ONLINE, Tariff

pytestmark = pytest.mark.usefixtures("either_store")

WAITS = "[approval]\nrequired = true\n[safety]\nmax_turnover = 2.0"
OTHER = {"133690": 0.5, "148070": 0.4}


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def sent(bench: Bench) -> list[tuple[str, str, int]]:
    """Return every order that the broker has ever been given."""
    runner = bench.runner()
    rows = runner.broker.connection.execute("SELECT name, ticker, shares FROM orders")
    found = [tuple(row) for row in rows]
    runner.broker.close()
    return found


def outside(bench: Bench, amount: int) -> None:
    """Move money in or out at the broker, without asking anybody."""
    runner = bench.runner()
    runner.broker.deposit(amount, DAY)
    runner.broker.close()


def other_strategy(bench: Bench) -> None:
    strategy = bench.mandate.strategy.model_copy(update={"name": "other"})
    bench.mandate = replace(bench.mandate, strategy=strategy)


def test_of_two_plans_only_the_newer_one_can_be_released(bench: Bench) -> None:
    bench.tables = WAITS
    old = bench.run().document["run_id"]
    other_strategy(bench)
    bench.plans[DAY] = proposal(DAY, OTHER, due=False)
    question = bench.run()
    digest = question.document["rules"]["now"]
    new = bench.run(accept=digest, by="somebody").document["run_id"]
    assert new != old
    assert bench.run(approve=new, execute=False).outcome == "executed"
    with pytest.raises(UsageError, match=f"run {old} is lapsed"):
        bench.run(approve=old, execute=False)
    assert {ticker for _, ticker, _ in sent(bench)} == set(OTHER)


@pytest.mark.posix
@pytest.mark.parametrize("changed", ["name", "strategy"])
def test_a_plan_left_by_a_crash_is_not_sent_under_another_name(bench: Bench, changed: str) -> None:
    runner = bench.runner()
    runner.checkpoint = killer("after-plan", 1)
    assert in_child(lambda: runner.run(RunRequest(as_of=DAY, execute=True))) != 0
    runner.broker.close()
    if changed == "name":
        bench.name = "renamed"
    else:
        other_strategy(bench)
    bench.plans[DAY] = proposal(DAY, OTHER, due=False)
    question = bench.run()
    if question.outcome == "needs_person":
        bench.run(accept=question.document["rules"]["now"])
    assert {ticker for _, ticker, _ in sent(bench)} == set(OTHER)
    ledger = bench.ledger()
    states = {intent.state for intent in intents_of(ledger, f"main.static.{DAY}")}
    ledger.close()
    if changed == "name" and bench.ledger_url is not None:
        assert states == set()  # on a server another name has a ledger of its own
        return
    assert states == {"expired"}


def test_a_withdrawal_before_the_release_lapses_the_plan_and_decides_again(bench: Bench) -> None:
    bench.tables = WAITS + '\nunexplained = "adopt"'
    first = bench.run()
    outside(bench, -40_000_000)
    again = bench.run(approve=first.document["run_id"], execute=False)
    assert again.outcome == "planned"  # a plan made anew waits for its own release
    assert sent(bench) == []
    assert "no longer fits" in again.reasons[0]
    assert any("account can spend" in reason for reason in again.reasons)
    second = again.document["run_id"]
    assert second == f"{first.document['run_id']}.2"
    done = bench.run(approve=second, execute=False)
    assert done.outcome == "executed"
    paid = sum(order["amount"] for order in done.document["orders"])
    assert 5_000_000 < paid < 10_000_000
    ledger = bench.ledger()
    assert check(ledger).faults == ()
    ledger.close()


@pytest.mark.posix
def test_a_plan_that_lapsed_half_sent_is_decided_again_and_never_called_unapproved(
    bench: Bench,
) -> None:
    """Its session waits for the orders that the broker has; nobody was asked to approve it."""
    bench.tables = '[safety]\nmax_turnover = 2.0\nunexplained = "adopt"'
    runner = bench.runner()
    runner.checkpoint = killer("after-acknowledged", 1)
    assert in_child(lambda: runner.run(RunRequest(as_of=DAY, execute=True))) != 0
    runner.broker.close()
    outside(bench, -20_000_000)
    first = bench.run()
    assert "no longer fits" in first.reasons[0]
    for report in (first, bench.run(), bench.run()):
        assert report.outcome == "needs_person"
        assert report.reasons[-1].startswith("An earlier plan has 1 order still open")
    assert len(sent(bench)) == 1
    bench.plans[NEXT] = proposal(NEXT, EVEN, due=True)
    assert bench.run(NEXT).outcome == "executed"


def test_a_plan_says_which_newer_one_took_its_place(bench: Bench) -> None:
    bench.tables = WAITS
    bench.run()
    own = bench.mandate
    other_strategy(bench)
    bench.plans[DAY] = proposal(DAY, OTHER, due=False)
    newer = bench.run(accept=bench.run().document["rules"]["now"]).document["run_id"]
    bench.mandate = own
    again = bench.run()
    assert again.reasons[0].startswith(f"The newer plan {newer} replaces this one"), again


def test_a_deposit_does_not_make_a_plan_lapse(bench: Bench) -> None:
    bench.tables = WAITS
    first = bench.run()
    outside(bench, 3_000_000)
    assert bench.run(approve=first.document["run_id"], execute=False).outcome == "executed"


def test_shares_that_were_sold_by_hand_are_not_sold_again(bench: Bench) -> None:
    bench.run()
    bench.tables = WAITS + '\nunexplained = "adopt"'
    bench.plans[NEXT] = proposal(NEXT, {"069500": 0.1, "114260": 0.3, "360750": 0.3}, due=True)
    plan = bench.run(NEXT)
    assert any(order["side"] == "SELL" for order in plan.document["orders"])
    runner = bench.runner()
    rows = runner.broker.connection
    rows.execute("UPDATE positions SET shares = shares - 100 WHERE ticker = '069500'")
    runner.broker.close()
    again = bench.run(NEXT, approve=plan.document["run_id"], execute=False)
    assert "no longer fits" in again.reasons[0]
    assert any(reason.startswith("069500: the plan expects") for reason in again.reasons)
    assert len(sent(bench)) == len(EVEN)


def test_a_plan_expects_its_own_fills_and_no_others(bench: Bench) -> None:
    """A broker may fill the first order while the next ones are still to be sent."""
    bench.tables = WAITS
    run_id = bench.run().document["run_id"]
    ledger = bench.ledger()
    run = named_run(ledger, run_id)
    assert run is not None
    first, *rest = intents_of(ledger, run_id)
    bought = replace(first, state="filled", filled=first.order.shares)
    paid = sum(each.order.price * each.order.shares for each in rest)

    def looked(shares: dict[str, int]) -> tuple[str, ...]:
        held = Portfolio(shares, 2 * paid, "KRW")
        today = Today(
            AccountMeans(held, held), bench.runner().config.settings.safety, False, 0, ONLINE
        )
        found = misfits(ledger, run, (bought, *rest), today)
        return tuple(reason.kind for reason in found)

    code, next_code = first.order.ticker, rest[0].order.ticker
    assert looked({code: bought.filled}) == ()
    assert looked({code: bought.filled, next_code: 1}) == ("operations.misfit_shares",)
    ledger.close()


def test_a_split_between_plan_and_release_lapses_the_plan(bench: Bench) -> None:
    bench.run()
    bench.tables = WAITS
    bench.plans[NEXT] = proposal(NEXT, {"069500": 0.1, "114260": 0.3, "360750": 0.3}, due=True)
    plan = bench.run(NEXT)
    runner = bench.runner()
    held = runner.broker.account().shares["069500"]
    number = "INSERT INTO movements (kind, session, cash, ticker, shares) VALUES (?, ?, ?, ?, ?)"
    runner.broker.connection.execute(number, ("split", str(NEXT), 0, "069500", held))
    runner.broker.connection.execute(
        "UPDATE positions SET shares = shares * 2 WHERE ticker = '069500'"
    )
    runner.broker.close()
    again = bench.run(NEXT, approve=plan.document["run_id"], execute=False)
    assert f"069500: the plan expects {held} shares, the account has {2 * held}." in again.reasons


def test_adoption_never_releases_a_plan_made_before_it(bench: Bench) -> None:
    bench.tables = WAITS
    plan = bench.run()
    runner = bench.runner()
    runner.broker.connection.execute("INSERT INTO positions VALUES ('148070', 7)")
    runner.broker.close()
    stopped = bench.run(approve=plan.document["run_id"], execute=False)
    assert stopped.outcome == "needs_person"
    again = bench.run(adopt=True)
    assert "no longer fits" in again.reasons[0]
    assert any("adopted" in reason for reason in again.reasons)
    assert again.document["run_id"].endswith(".2")
    assert sent(bench) == []


def test_limits_and_safe_mode_of_today_count(bench: Bench) -> None:
    bench.run()
    bench.tables = WAITS
    bench.plans[NEXT] = proposal(NEXT, {"069500": 0.1, "114260": 0.3, "360750": 0.3}, due=False)
    plan = bench.run(NEXT)
    (bench.folder / "state" / SAFE).touch()
    again = bench.run(NEXT, approve=plan.document["run_id"], execute=False)
    assert any("SAFE mode was switched on" in reason for reason in again.reasons)
    (bench.folder / "state" / SAFE).unlink()
    bench.tables = WAITS + "\nmax_order = 0.01"
    last = bench.run(NEXT, approve=again.document["run_id"], execute=False)
    assert last.outcome in ("blocked_rule", "nothing_to_do")
    assert len(sent(bench)) == len(EVEN)


@pytest.mark.posix
def test_a_plan_sent_in_part_goes_on_with_what_its_own_fills_left(bench: Bench) -> None:
    """Cash is lower because the plan's own purchases took it: that is no reason to lapse."""
    runner = bench.runner()
    runner.checkpoint = killer("after-acknowledged", 2)
    assert in_child(lambda: runner.run(RunRequest(as_of=DAY, execute=True))) != 0
    runner.broker.close()
    assert bench.run().outcome == "executed"
    ledger = bench.ledger()
    assert [run.run_id for run in all_runs(ledger, "main")] == [f"main.static.{DAY}"]
    ledger.close()
    assert len(sent(bench)) == len({name for name, _, _ in sent(bench)}) == len(EVEN)


class Died(BaseException):
    """The process ended here."""


def sent_and_put_back(bench: Bench, died: str | None) -> str:
    """Send a plan, put the ledger back to before that, and return the name of the plan.

    Only a file can be put back by hand: this is not done to a server's ledger.
    """
    bench.ledger_url = None
    bench.tables = WAITS
    plan: str = bench.run().document["run_id"]
    ledger = bench.ledger()
    backup(ledger, bench.folder / "older")
    ledger.close()

    def dies(step: str) -> None:
        if step == died:
            raise Died

    runner = bench.runner()
    runner.checkpoint = dies
    with pytest.raises(Died) if died else nullcontext():
        assert runner.run(RunRequest(as_of=DAY, approve=plan)).outcome == "executed"
    runner.broker.close()
    for file in (bench.folder / "state").glob("ledger.sqlite3*"):
        file.unlink()
    shutil.copy(bench.folder / "older", bench.folder / "state" / "ledger.sqlite3")
    return plan


@pytest.mark.parametrize("died", ["before-fills", None], ids=["open", "filled"])
def test_an_older_state_of_the_ledger_finds_what_was_sent_from_a_newer_one(
    tmp_path: Path, died: str | None
) -> None:
    """What those orders bind belongs to the plan: it must not lapse for it."""
    bench = Bench(tmp_path)
    plan = sent_and_put_back(bench, died)
    again = bench.run(approve=plan, execute=False)
    assert (again.outcome, again.document["run_id"]) == ("executed", plan), again.reasons
    assert sorted(ticker for _, ticker, _ in sent(bench)) == sorted(EVEN)
    ledger = bench.ledger()
    assert {intent.state for intent in intents_of(ledger, plan)} == {"filled"}
    assert check(ledger).faults == ()
    ledger.close()


def test_where_the_broker_shows_no_names_an_older_state_of_the_ledger_asks_a_person(
    tmp_path: Path,
) -> None:
    """It let the plan lapse for the money that its own orders bind, and decided again."""
    bench = Bench(tmp_path)
    bench.rules = PaperRules(fees=ONLINE, ids=Ids.NONE)
    plan = sent_and_put_back(bench, "after-acknowledged")
    before = sent(bench)
    for request in ({}, {"approve": plan}):
        again = bench.run(**request)
        assert again.outcome == "needs_person"
        assert f"jeoul run CONFIG --reject {plan}" in " ".join(again.reasons)
    assert bench.run(reject=plan).outcome != "needs_person"
    assert sent(bench) == before


def test_after_the_close_their_fills_are_what_the_books_do_not_explain(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.rules = PaperRules(fees=ONLINE, ids=Ids.NONE)
    plan = sent_and_put_back(bench, "before-fills")
    asked = bench.run()
    assert (asked.outcome, "--adopt" in " ".join(asked.reasons)) == ("needs_person", True)
    bench.run(adopt=True)
    ledger = bench.ledger()
    assert {intent.state for intent in intents_of(ledger, plan)} == {"expired"}
    assert portfolio(ledger, "KRW").shares.keys() == EVEN.keys()
    ledger.close()


def test_an_order_by_hand_in_the_same_fund_stops_before_anything_is_sent(bench: Bench) -> None:
    bench.tables = WAITS
    plan = bench.run()
    runner = bench.runner()
    executed = runner.calendar.after(DAY)
    runner.broker.submit(OrderRequest("hand", executed, Side.BUY, "069500", 5, None))
    runner.broker.close()
    stopped = bench.run(approve=plan.document["run_id"], execute=False)
    assert stopped.outcome == "needs_person"
    assert [name for name, ticker, _ in sent(bench) if ticker == "069500"] == ["hand"]


def test_a_sale_that_brought_more_than_planned_does_not_stop_the_buys_that_it_pays_for() -> None:
    why = Reason("x")
    sale = PlannedOrder(Side.SELL, "069500", 5, 100, 98, why)
    buy = PlannedOrder(Side.BUY, "360750", 5, 100, 102, why)
    sold = Intent("a.01", "a", DAY, sale, "filled", "1", {}, 5, 550, 0)
    left = Intent("a.02", "a", DAY, buy, "new", None, {}, 0, 0, 0)
    run = Run("a", "a", "s", DAY, DAY, "id", {"value": 1_000}, 0)
    held = Portfolio({}, 550)
    safety = SafetySettings(max_turnover=1.0)
    today = Today(AccountMeans(held, held), safety, safe=False, traded=550, fees=ONLINE)
    assert second_look._limits(run, [sold, left], [left], today) == ()
    beside = replace(today, traded=551)  # a won more that somebody else traded
    assert len(second_look._limits(run, [sold, left], [left], beside)) == 1


@pytest.mark.parametrize(("binds", "unpaid"), [(True, False), (False, True)])
def test_what_an_open_buy_may_take_is_taken_off_the_money_once(binds: bool, unpaid: bool) -> None:
    bought = PlannedOrder(Side.BUY, "069500", 5, 100, 100, Reason("x"))
    first = Intent("a.01", "a", DAY, bought, "acknowledged", "1", {}, 0, 0, 0)
    second = Intent("a.02", "a", DAY, bought, "new", None, {}, 0, 0, 0)
    run = Run("a", "a", "s", DAY, DAY, "id", {}, 0)
    means = AccountMeans(Portfolio({}, 500), Portfolio({}, 1_000), binds=binds)
    today = Today(means, SafetySettings(), safe=False, traded=0, fees=Tariff())
    assert bool(second_look._unpaid(run, [first, second], [second], today)) == unpaid
