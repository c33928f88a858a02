"""One run, one outcome: what is done, what stops it, and what a second run shows."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, ClassVar

import pytest
from bench import DAY, EVEN, NEXT, THIRD, Bench
from harness import QuickClock, in_child, killer, mandate, market, proposal, sessions, tape
from set_clock import SetClock

from jeoul import api
from jeoul.allocate import Proof
from jeoul.errors import DataError, Infeasible, SolverFailed, UsageError
from jeoul.model.explanation import (
    AllocationCertificate,
    Explanation,
    MarginalGain,
    WeightReason,
)
from jeoul.model.portfolio import Reason, Side
from jeoul.operations.broker.paper import PaperBroker
from jeoul.operations.broker.port import BrokerAccount, OrderRequest
from jeoul.operations.desk.guards import SAFE, STOP
from jeoul.operations.desk.intents import intents_of, named_run
from jeoul.operations.run import Runner, RunRequest, _Stop
from jeoul.operations.setup.config import load_config
from jeoul.operations.told.run_history import history_page

pytestmark = pytest.mark.usefixtures("either_store")


def past(ledger: Any, lang: str = "en") -> Any:
    return history_page(ledger, "main", lang, 1_000).entries


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_without_execute_nothing_is_sent_and_nothing_is_frozen(bench: Any) -> None:
    report = bench.run(execute=False)
    assert (report.outcome, report.exit_code) == ("planned", 0)
    assert {order["ticker"] for order in report.document["orders"]} == set(EVEN)
    assert report.document["dry_run"]
    assert bench.books().shares == {}
    assert bench.run(execute=False).as_json() == report.as_json()


def test_a_second_run_shows_the_first_ones_result(bench: Any) -> None:
    first = bench.run()
    assert (first.outcome, first.exit_code) == ("executed", 0)
    assert not first.document["dry_run"]
    bench.plans[DAY] = proposal(DAY, {"133690": 0.9})  # would decide otherwise now
    second = bench.run()
    assert second.as_json() == first.as_json()
    assert set(bench.books().shares) == set(EVEN)


def test_holding_is_an_outcome_with_its_reason(bench: Any) -> None:
    bench.run()
    report = bench.run(NEXT)
    assert (report.outcome, report.exit_code) == ("nothing_to_do", 0)
    assert "No trade today" in report.reasons[0]


def test_what_a_sale_brought_is_invested_once_it_has_settled(bench: Any) -> None:
    bench.run()
    other = {"069500": 0.1, "114260": 0.1, "360750": 0.1, "133690": 0.6}
    for day in sessions()[1:6]:
        bench.plans[day] = proposal(day, other, due=day == NEXT)
    sides = {day: {o["side"] for o in bench.run(day).document["orders"]} for day in sessions()[1:6]}
    assert "SELL" in sides[NEXT]
    books = bench.books()
    worth = books.shares["133690"] * tape().close("133690", sessions()[5])
    assert worth == pytest.approx(0.6 * 50_000_000, rel=0.08)
    assert books.cash >= 0


@pytest.mark.parametrize("way", ["file", "setting"])
def test_the_kill_switch_stops_before_anything_is_sent(bench: Any, way: str) -> None:
    if way == "file":
        (bench.folder / "state").mkdir()
        (bench.folder / "state" / STOP).touch()
    else:
        bench.tables = "[safety]\nstop = true"
    report = bench.run()
    assert (report.outcome, report.exit_code) == ("blocked_rule", 4)
    assert bench.books().shares == {}


def test_orders_beyond_a_limit_stop_the_plan_as_a_whole(bench: Any) -> None:
    bench.tables = "[safety]\nmax_order = 0.25"
    report = bench.run()
    assert report.outcome == "blocked_rule"
    assert len(report.reasons) == 3
    assert "above safety.max_order (25% of the account)" in report.reasons[0]
    bench.tables = "[safety]\nmax_turnover = 0.5"
    assert "above safety.max_turnover" in bench.run().reasons[0]
    assert bench.books().shares == {}


@pytest.mark.parametrize("due", [False, True])
def test_safe_mode_sells_nothing_that_only_the_model_or_the_band_would(
    bench: Any, due: Any
) -> None:
    bench.run()
    held = dict(bench.books().shares)
    (bench.folder / "state" / SAFE).touch()
    other = {"069500": 0.1, "114260": 0.45, "360750": 0.35}
    bench.plans[NEXT] = proposal(NEXT, other, due=due)
    report = bench.run(NEXT)
    assert not [order for order in report.document["orders"] if order["side"] == "SELL"]
    assert all(bench.books().shares[code] >= count for code, count in held.items())
    assert any(reason.startswith("SAFE mode: cash buys back") for reason in report.reasons)
    assert any(reason.startswith("SAFE mode: SELL 069500 was cut") for reason in report.reasons)


def test_safe_mode_buys_back_to_target_with_the_money_there_is(bench: Any) -> None:
    bench.plans[DAY] = proposal(DAY, {"069500": 0.3, "114260": 0.3})
    bench.run()
    before = bench.books()
    (bench.folder / "state" / SAFE).touch()
    bench.plans[NEXT] = proposal(NEXT, {"069500": 0.3, "114260": 0.3, "360750": 0.3}, due=True)
    bench.run(NEXT)
    after = bench.books()
    bought = after.shares["360750"] * tape().close("360750", NEXT)
    assert bought == pytest.approx(0.3 * 50_000_000, rel=0.03)
    assert after.cash < before.cash


@pytest.mark.parametrize(("behind", "outcome"), [(200, "nothing_to_do"), (900, "blocked_rule")])
def test_a_clock_far_behind_the_ledger_stops_a_run(bench: Any, behind: Any, outcome: Any) -> None:
    bench.run()
    bench.ahead = -behind
    report = bench.run(NEXT)
    assert report.outcome == outcome
    if outcome == "blocked_rule":
        assert "clock" in report.reasons[0]
        assert not re.search(r"\d\.\d", report.reasons[0])  # whole seconds


def test_bad_data_and_rules_that_cannot_hold_are_told_apart(bench: Any) -> None:
    bench.plans[DAY] = DataError("the folder ends too early; bring it up to date")
    report = bench.run()
    assert (report.outcome, report.exit_code) == ("blocked_data", 3)
    bench.plans[DAY] = Infeasible("no weights satisfy the rules; widen a band")
    assert (bench.run().outcome, bench.run().exit_code) == ("blocked_rule", 4)
    bench.plans[DAY] = proposal(DAY, EVEN)
    assert bench.run().outcome == "executed"  # a stop is no decision: the session is still open


def test_a_session_that_is_over_is_stale_data(bench: Any) -> None:
    bench.run(THIRD)
    report = bench.run(DAY)
    assert (report.outcome, report.exit_code) == ("blocked_data", 3)
    assert "is over" in report.reasons[0]


def test_a_refused_order_needs_a_person_and_the_rest_is_placed(bench: Any) -> None:
    bench.rules = replace(bench.rules, refuses=frozenset({"114260"}))
    report = bench.run()
    assert (report.outcome, report.exit_code) == ("needs_person", 5)
    states = {o["ticker"]: o["state"] for o in report.document["orders"]}
    assert states == {"069500": "filled", "114260": "refused", "360750": "filled"}
    assert bench.run().as_json() == report.as_json()


def test_a_plan_waits_for_approval_and_is_placed_after_it(bench: Any) -> None:
    bench.tables = "[approval]\nrequired = true\n[safety]\nmax_turnover = 2.0"
    waiting = bench.run()
    assert (waiting.outcome, waiting.exit_code) == ("planned", 0)
    run_id = waiting.document["run_id"]
    assert run_id in waiting.asked[0]
    assert bench.run().outcome == "planned"
    assert bench.books().shares == {}
    done = bench.run(approve=run_id, execute=False)
    assert done.outcome == "executed"
    assert set(bench.books().shares) == set(EVEN)


def test_a_rejected_plan_is_never_sent(bench: Any) -> None:
    bench.tables = "[approval]\nrequired = true\n[safety]\nmax_turnover = 2.0"
    run_id = bench.run().document["run_id"]
    rejected = bench.run(reject=run_id)
    assert rejected.outcome == "blocked_rule"
    assert "rejected" in rejected.reasons[0]
    assert bench.run().outcome == "blocked_rule"
    assert bench.books().shares == {}


def test_a_plan_that_nobody_releases_lapses(bench: Any) -> None:
    bench.tables = "[approval]\nrequired = true\nhours = 1.0\n[safety]\nmax_turnover = 2.0"
    bench.run()
    bench.ahead = 2 * 3600
    report = bench.run()
    assert report.outcome == "blocked_rule"
    assert "in time" in report.reasons[0]
    assert bench.books().shares == {}


def test_a_plan_whose_time_is_over_cannot_be_approved_any_more(bench: Any) -> None:
    bench.tables = "[approval]\nrequired = true\nhours = 1.0\n[safety]\nmax_turnover = 2.0"
    run_id = bench.run().document["run_id"]
    bench.ahead = 2 * 3600
    with pytest.raises(UsageError, match="has lapsed: nobody approved it within 1 h"):
        bench.run(approve=run_id)
    assert "in time" in bench.run().reasons[0]
    assert bench.books().shares == {}
    with pytest.raises(UsageError, match="is lapsed"):
        bench.run(approve=run_id)


def test_a_trade_by_hand_is_not_adopted_unless_somebody_says_so(bench: Any) -> None:
    bench.run()
    runner = bench.runner()
    from jeoul.operations.broker.port import OrderRequest

    executed = api.calendars()["XKRX"].after(NEXT)
    runner.broker.catch_up(NEXT)
    runner.broker.submit(OrderRequest("hand", executed, Side.SELL, "069500", 5, None))
    runner.broker.close()
    assert bench.run(NEXT).outcome == "needs_person"  # seen as soon as it is filled
    stopped = bench.run(THIRD)
    assert (stopped.outcome, stopped.exit_code) == ("needs_person", 5)
    assert "069500 -5" in stopped.reasons[0]
    adopted = bench.run(THIRD, adopt=True)
    assert adopted.outcome == "nothing_to_do"
    assert "069500 -5" in adopted.document["unexplained"]
    assert bench.run(sessions()[3]).document["unexplained"] is None


def test_every_quarter_has_its_review_also_when_nothing_changes(bench: Any) -> None:
    for day in sessions()[:24]:
        bench.run(day)
    ledger = bench.ledger()
    reviews = [e for e in past(ledger) if e.get("note") == "review"]
    ledger.close()
    assert [review["quarter"] for review in reviews] == ["2025Q1", "2025Q2"]
    assert reviews[1]["orders"] == 0
    assert reviews[1]["holdings"]["shares"]


def test_missed_sessions_are_caught_up_once_and_recorded(bench: Any) -> None:
    bench.run(DAY)
    report = bench.run(sessions()[4])
    gap = [day.isoformat() for day in sessions()[1:4]]
    assert report.document["skipped"] == gap
    assert report.reasons[0].startswith(f"No run decided on 3 sessions: {', '.join(gap)}.")
    assert bench.run(sessions()[4]).reasons == report.reasons
    after = bench.run(sessions()[5])
    assert (after.document["skipped"], after.reasons[0][:8]) == ([], "No trade")


@pytest.mark.parametrize("every", ["session", "week", "month"])
def test_a_run_decides_on_every_session_whatever_an_old_schedule_says(
    bench: Any, monkeypatch: pytest.MonkeyPatch, every: str
) -> None:
    bench.tables = f'[schedule]\nevery = "{every}"\n[safety]\nmax_turnover = 2.0'
    for day in sessions()[:4]:
        monkeypatch.setattr(market(), "last_session", lambda name, day=day: day, raising=False)
        report = bench.run(None)
        assert report.document["run_id"] == f"main.static.{day}"
        notices = report.document["notices"]
        line = 9 if bench.ledger_url is None else 10
        assert [f"config.toml:{line}" in notice for notice in notices] == [True] * (day == DAY)
    monkeypatch.undo()


def test_a_run_keeps_why_its_weights_were_chosen(bench: Any) -> None:
    held = Reason.of(
        "allocate.at_cap", label_ko="저울", label_en="Jeoul", weight="60.0%", gain="1.20",
        key="allocate.max_weight", rule_ko="한도", rule_en="most",
    )  # fmt: skip
    why = Explanation(
        funds={
            "069500": WeightReason(
                weight=0.6,
                strategic=0.5,
                reasons=(held,),
                asked=MarginalGain(3.0, -1.0, -0.5, 0, 0, -0.3),
            )
        },
        certificate=AllocationCertificate(
            solver="daqp", path="direct", gap=1e-17, violation=0.0, objective=0.01
        ),
    )
    bench.plans[DAY] = replace(bench.plans[DAY], why=why)
    told = bench.run().document["why"]
    ledger = bench.ledger()
    (entry,) = [each for each in past(ledger) if "run_id" in each]
    ledger.close()
    assert entry["why"] == told
    assert told["funds"][0]["asked"]["gain"] == pytest.approx(1.2)
    assert told["funds"][0]["rules"] == ["allocate.max_weight"]
    assert "Jeoul is at its largest weight, 60.0% (most)" in told["funds"][0]["reasons"][0]
    assert told["certificate"]["gap"] == 1e-17


def test_the_history_has_runs_with_orders_and_reasons(bench: Any) -> None:
    bench.run()
    bench.run(NEXT)
    ledger = bench.ledger()
    runs = [entry for entry in past(ledger) if "run_id" in entry]
    assert [run["session"] for run in runs] == [DAY.isoformat(), NEXT.isoformat()]
    assert runs[0]["orders"][0]["state"] == "filled"
    assert runs[1]["reasons"]
    run = named_run(ledger, runs[0]["run_id"])
    assert len(intents_of(ledger, run.run_id)) == 3
    ledger.close()


@pytest.mark.parametrize(
    ("lang", "said"),
    [("en", "SAFE mode: SELL 069500 was cut from"), ("ko", "SAFE 모드: SELL 069500 수량을")],
)
def test_the_history_says_what_was_cut_in_the_language(bench: Any, lang: str, said: str) -> None:
    bench.run()
    (bench.folder / "state" / SAFE).touch()
    bench.plans[NEXT] = proposal(NEXT, {"069500": 0.1, "114260": 0.45, "360750": 0.35}, due=False)
    bench.run(NEXT)
    ledger = bench.ledger()
    (cut,) = [entry for entry in past(ledger, lang) if str(NEXT) in entry.get("run_id", "")]
    ledger.close()
    assert any(reason.startswith(said) for reason in cut["reasons"])


@pytest.mark.posix
@pytest.mark.parametrize("killed", [False, True])
def test_a_run_says_what_its_limits_cut_also_after_a_crash(bench: Any, killed: bool) -> None:
    bench.run()
    (bench.folder / "state" / SAFE).touch()
    bench.plans[NEXT] = proposal(NEXT, {"069500": 0.1, "114260": 0.45, "360750": 0.35}, due=False)
    if killed:
        runner = bench.runner()
        runner.checkpoint = killer("after-plan", 1)
        assert in_child(lambda: runner.run(RunRequest(as_of=NEXT, execute=True))) != 0
        runner.broker.close()
    found = bench.run(NEXT)
    assert any(reason.startswith("SAFE mode: SELL 069500 was cut") for reason in found.reasons)
    assert any(reason.startswith("SAFE mode") for reason in bench.run(NEXT).reasons)


def test_sells_stand_before_buys(bench: Any) -> None:
    bench.run()
    bench.plans[NEXT] = proposal(NEXT, {"069500": 0.2, "114260": 0.38, "360750": 0.34}, due=True)
    sides = [order["side"] for order in bench.run(NEXT).document["orders"]]
    assert sides == sorted(sides, reverse=True)
    assert {"SELL", "BUY"} >= set(sides)


def test_what_the_model_remembers_is_only_a_cache(tmp_path: Path) -> None:
    """A real proposal, with and without the memory of the run before it, is the same."""
    shutil.copy(api.assets.root() / "configs" / "paper.toml", tmp_path / "c.toml")  # type: ignore[attr-defined]
    text = (tmp_path / "c.toml").read_text("utf-8")
    state = tmp_path / "state"
    text = text.replace("~/.local/share/jeoul/paper", str(state)).replace("managed", "static")
    (tmp_path / "c.toml").write_text(text, "utf-8")
    runner = Runner(
        load_config(tmp_path / "c.toml"), mandate(), market(), api.calendars(), QuickClock()
    )
    state.mkdir()
    first = runner.proposal(date(2025, 3, 31))
    second = runner.proposal(date(2025, 4, 1))
    (state / "memory.json").unlink()
    fresh = runner.proposal(date(2025, 4, 1))
    assert first.memory.as_of == date(2025, 3, 31)
    assert second.weights == pytest.approx(fresh.weights, abs=1e-9)
    assert (second.due, second.inputs) == (fresh.due, fresh.inputs)
    (state / "memory.json").write_text("{broken", "utf-8")
    assert runner.proposal(date(2025, 4, 1)).weights == pytest.approx(fresh.weights, abs=1e-9)


HOLDS = Proof("clarabel", difference=3e-9, apart=2e-12, gap=1e-15)


def proved_by(bench: Any, prover: Any, day: Any = DAY) -> Any:
    """Run with a prover in place of cvxpy, and return the report."""
    runner = bench.runner()
    runner.prover = prover
    report = runner.run(RunRequest(as_of=day, execute=True))
    runner.broker.close()
    return report


def test_an_allocation_is_proved_once_and_quoted_after(bench: Any) -> None:
    asked = []

    def prover(found: Any) -> Any:
        asked.append(found.as_of)
        return HOLDS

    first = proved_by(bench, prover)
    assert first.outcome == "executed"
    assert first.document["proof"]["difference"] == 3e-9
    assert not first.document["proof"]["quoted"]
    again = proved_by(bench, prover, NEXT)
    assert again.document["proof"] == {**first.document["proof"], "quoted": True}
    assert asked == [DAY]
    ledger = bench.ledger()
    notes = [entry for entry in past(ledger) if entry.get("note") == "proof"]
    ledger.close()
    assert [(note["session"], note["quoted"]) for note in notes] == [
        (DAY.isoformat(), False),
        (NEXT.isoformat(), True),
    ]


def refused(_: Any) -> None:
    raise SolverFailed("clarabel", "no answer")


@pytest.mark.parametrize(
    ("prover", "says"),
    [(lambda _: replace(HOLDS, apart=2e-6), "2.0e-06"), (refused, "no answer")],
    ids=["another optimum", "no second answer"],
)
def test_without_a_proof_nothing_is_sent_and_a_person_is_asked(
    bench: Any, prover: Any, says: Any
) -> None:
    report = proved_by(bench, prover)
    assert (report.outcome, report.exit_code) == ("needs_person", 5)
    assert says in report.reasons[0]
    assert "safety.prove" in report.asked[0]
    assert bench.books().shares == {}
    assert proved_by(bench, lambda _: HOLDS).outcome == "executed"


def test_the_proof_can_be_switched_off(bench: Any) -> None:
    bench.tables = "[safety]\nmax_turnover = 2.0\nprove = false"
    report = proved_by(bench, refused)
    assert (report.outcome, report.document["proof"]) == ("executed", None)


def test_a_dry_run_proves_nothing(bench: Any) -> None:
    runner = bench.runner()
    runner.prover = refused
    assert runner.run(RunRequest(as_of=DAY)).outcome == "planned"
    runner.broker.close()


def test_a_history_is_paged_without_a_gap_or_an_entry_twice(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    for day in sessions()[:5]:
        bench.run(day)
    ledger = bench.ledger()
    whole = past(ledger)
    assert len(whole) > 4
    pages: list[Any] = []
    before = None
    for _ in whole:
        page = history_page(ledger, "main", "en", 2, before)
        pages = [*page.entries, *pages]
        before = page.older
        if before is None:
            break
    assert pages == whole
    assert history_page(ledger, "main", "en", 2, 1).entries == []
    ledger.close()


class Watched(PaperBroker):
    """A broker that writes down what it is asked."""

    asked: ClassVar[list[str]] = []

    def account(self) -> BrokerAccount:
        self.asked.append("account")
        return super().account()

    def submit(self, request: OrderRequest) -> str:
        self.asked.append("submit")
        return super().submit(request)


def test_where_names_are_unique_no_balance_is_asked_for_between_orders(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.broker_type = Watched
    Watched.asked.clear()
    bench.run(DAY)
    first = Watched.asked.index("submit")
    last = len(Watched.asked) - Watched.asked[::-1].index("submit")
    assert set(Watched.asked[first:last]) == {"submit"}
    assert last - first > 1


def test_a_switch_thrown_after_the_last_order_stops_nothing_of_the_run(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    runner = bench.runner()

    def checkpoint(step: str) -> None:
        if step == "before-finish":
            (tmp_path / "state" / STOP).touch()

    runner.checkpoint = checkpoint
    report = runner.run(RunRequest(as_of=DAY, execute=True))
    runner.broker.close()
    assert (tmp_path / "state" / STOP).exists()
    assert report.outcome == "executed", report.reasons


def test_a_stop_before_the_first_session_that_is_known_is_of_that_session(tmp_path: Path) -> None:
    calendar = api.calendars()["XKRX"]
    clock = SetClock(datetime(1970, 1, 2, tzinfo=UTC))
    stop = _Stop(Bench(tmp_path).config(), calendar, clock, RunRequest())
    assert stop._session() == calendar.label(0)


@pytest.mark.parametrize(
    ("keys", "asks"),
    [
        ('account = "isa"', True),
        ('account = "isa"\nopened = 2024-03-02\npaid = { 2024 = 20_000_000, 2025 = 0 }', False),
        ("", False),
    ],
)
def test_a_run_asks_for_what_an_isa_was_paid_where_the_config_does_not_say(
    tmp_path: Path, keys: str, asks: bool
) -> None:
    bench = Bench(tmp_path)
    bench.tables = f"{keys}\n{bench.tables}"
    notes = bench.run(DAY, execute=False).document["notes"]
    assert any("Earlier contributions are unknown" in each for each in notes) is asks
