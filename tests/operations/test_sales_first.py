"""Sales first, then the buys that they pay for, at every broker with a REST interface."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import rest_account
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kis_desk import MORNING
from rest_account import Account, Crash
from venues import ADAPTERS

from jeoul.operations.desk.protocol import STEPS
from jeoul.operations.ledger import check, ledger_of, portfolio

CASES = [(adapter, mode) for adapter in ADAPTERS for mode in adapter.modes]
REAL = [case for case in CASES if case[1] == "real"]


@pytest.fixture(params=CASES, ids=[f"{adapter.kind}-{mode}" for adapter, mode in CASES])
def account(request: Any, tmp_path: Path) -> Any:
    adapter, mode = request.param
    with adapter.server.running(mode) as venue:
        yield Account(adapter, venue, tmp_path)


def spent(account: Any) -> int:
    return sum(left * limit for _, left, limit in account.truth.waiting())


def test_the_sales_go_out_first_and_the_buys_when_they_are_filled(account: Any) -> None:
    report = account.run()
    assert report.outcome == "executed"
    assert account.sides == ["SELL", "BUY", "BUY"]
    assert account.clock.now() >= MORNING + 10.0
    assert account.states("SELL") == ["filled"]
    assert report.document["proceeds"] == "reuse"


def test_with_settled_the_sale_goes_out_and_the_buys_wait_two_sessions(account: Any) -> None:
    report = account.run(proceeds="settled")
    assert (report.outcome, report.document["proceeds"]) == ("executed", "settled")
    buys = [ticker for _, side, ticker in account.truth.arrived() if side == "BUY"]
    assert len(buys) <= 1  # the little cash that there is


def test_buys_that_are_not_paid_for_stay_open_and_the_next_run_goes_on(account: Any) -> None:
    account.clock.sells_after = None
    report = account.run()
    assert report.outcome == "planned"
    assert "wait for the money of sales: " in report.reasons[0]
    assert "before the exchange closes" in report.asked[0]
    assert account.sides == ["SELL"]
    assert account.clock.now() >= MORNING + 60.0  # it watched as long as the config says
    account.clock.sells_after = 0.0
    account.clock.match()
    again = account.run()
    assert again.outcome == "executed"
    assert account.sides == ["SELL", "BUY", "BUY"]
    assert account.run().outcome == "executed"
    assert account.sides == ["SELL", "BUY", "BUY"]


def test_the_kill_switch_is_heard_while_sales_are_watched(account: Any) -> None:
    account.clock.sells_after = 30.0
    switch, wait = account.folder / "state" / "STOP", account.clock.wait

    def laid_down(seconds: float) -> None:
        if account.sides:
            switch.touch()
        wait(seconds)

    account.clock.wait = laid_down
    report = account.run()
    assert (report.outcome, account.sides) == ("blocked_rule", ["SELL"])
    assert [row["side"] for row in report.document["orders"]].count("BUY") == 2  # they are shown
    account.clock.wait = wait
    switch.unlink()
    assert account.run().outcome == "executed"
    assert account.sides == ["SELL", "BUY", "BUY"]


def kinds_booked(account: Any) -> list[str]:
    with closing(ledger_of(account.config)) as ledger:
        return [row["kind"] for row in ledger.rows("SELECT kind FROM transactions ORDER BY seq")]


def lagging(account: Any, lag: float) -> None:
    """The list of orders shows a fill at once, the money of it follows ``lag`` seconds later."""
    fill, wait, due = account.truth.fill, account.clock.wait, []

    def filled(*order: Any) -> None:
        before = list(account.truth.deposits)
        fill(*order)
        moved = account.truth.deposits[2] - before[2]
        account.truth.deposits = before
        due.append((account.clock.time + lag, moved))

    def waited(seconds: float) -> None:
        wait(seconds)
        for arrival in [each for each in due if account.clock.time >= each[0]]:
            due.remove(arrival)
            account.truth.deposits[2] += arrival[1]

    account.truth.fill, account.clock.wait = filled, waited


def test_the_watch_goes_on_until_the_money_of_a_filled_sale_can_be_ordered(account: Any) -> None:
    account.clock.buys = False
    lagging(account, 40.0)
    report = account.run(broker={"fill_wait": 300.0})
    assert (report.outcome, account.sides) == ("executed", ["SELL", "BUY", "BUY"])
    assert MORNING + 50.0 <= account.clock.now() < MORNING + 200.0


@pytest.mark.parametrize("unexplained", ["adopt", "stop"])
def test_the_money_of_a_sale_that_is_on_its_way_is_neither_adopted_nor_a_stop(
    account: Any, unexplained: str
) -> None:
    account.clock.buys = False
    account.run(execute=False)
    lagging(account, 200.0)
    watching = {"fill_wait": 20.0, "visibility": 150.0}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            rest_account, "CONFIG", rest_account.CONFIG.replace('"adopt"', f'"{unexplained}"')
        )
        report = account.run(broker=watching)
        assert (report.outcome, report.document["unexplained"]) == ("planned", None)
        account.clock.wait(200.0)
        report = account.run(broker=watching)
    assert (report.outcome, account.sides) == ("executed", ["SELL", "BUY", "BUY"])
    assert "adopted" not in kinds_booked(account)


def test_money_that_stays_away_longer_is_not_taken_for_money_on_its_way(account: Any) -> None:
    account.clock.buys = False
    lagging(account, 1_000_000.0)
    account.run(broker={"fill_wait": 20.0})
    account.clock.wait(1_000.0)
    account.run(broker={"fill_wait": 20.0})
    assert "adopted" in kinds_booked(account)


@pytest.mark.parametrize("account", REAL, indirect=True, ids=[a.kind for a, _ in REAL])
def test_a_buy_that_the_broker_counts_already_is_taken_off_once(account: Any) -> None:
    account.clock.sells_after, account.clock.buys = None, False
    fills = [(10.0, 0.6), (14.0, 1.0)]  # when, and how much of what is left

    def match() -> None:
        for number, left, limit in account.truth.waiting():
            sells = account.truth.arrived()[number - 1][1] == "SELL"
            if sells and fills and account.clock.time - MORNING >= fills[0][0]:
                account.truth.fill(number, int(fills.pop(0)[1] * left), limit)

    account.clock.match = match
    report = account.run(broker={"visibility": 600.0, "fill_wait": 60.0})
    assert (report.outcome, account.sides) == ("executed", ["SELL", "BUY", "BUY"])


@pytest.mark.parametrize("account", REAL, indirect=True, ids=[a.kind for a, _ in REAL])
def test_a_plan_whose_sale_was_cancelled_lapses_and_the_session_is_decided_on_again(
    account: Any,
) -> None:
    account.clock.sells_after = None
    first = account.run(broker={"fill_wait": 0.0}).document["run_id"]
    number = account.truth.waiting()[0][0]
    account.truth.cancel(number)
    account.clock.match = lambda: None
    report = account.run(broker={"fill_wait": 0.0})
    assert "has lapsed; the session is decided on again" in report.reasons[0]
    assert "can spend 100,000" in report.reasons[1]
    assert report.document["run_id"] == f"{first}.2"
    assert account.states("SELL") == ["acknowledged"]  # the sale of the new plan


@pytest.mark.parametrize("account", REAL, indirect=True, ids=[a.kind for a, _ in REAL])
def test_a_sale_that_is_cancelled_while_it_is_watched_is_not_waited_for(account: Any) -> None:
    account.clock.sells_after, wait = None, account.clock.wait

    def cancelled(seconds: float) -> None:
        wait(seconds)
        for number, _, _ in account.truth.waiting():
            account.truth.cancel(number)

    account.clock.wait = cancelled
    report = account.run()
    assert report.outcome == "planned"
    assert "no sale of the plan is open any more" in report.reasons[0]
    assert account.clock.now() < MORNING + 50.0


def test_a_plan_without_sales_never_waits_for_the_money_of_sales(account: Any) -> None:
    account.truth.holdings, account.truth.deposits = {}, [10_000_000] * 3
    account.clock.buys = False
    taken: list[str] = []

    def checkpoint(step: str) -> None:
        if step == "after-acknowledged" and not taken:
            taken.append(step)
            account.truth.deposits = [each - 4_000_000 for each in account.truth.deposits]

    report = account.run(checkpoint=checkpoint)
    assert (report.outcome, account.sides) == ("planned", ["BUY"])
    assert "the broker does not let be ordered yet" in report.reasons[0]
    account.clock.time += 86_400
    account.truth.today = "20260305"
    report = account.run()
    assert not any("money of sales" in reason for reason in report.reasons)
    assert any("did not let them be ordered before the close" in each for each in report.reasons)


def test_what_is_not_bought_by_the_close_lapses_with_its_reason(account: Any) -> None:
    account.clock.sells_after = None
    account.run()
    account.clock.time += 86_400
    account.truth.today = "20260305"
    account.truth.deposits = [account.truth.deposits[2]] * 3
    report = account.run()
    assert report.outcome == "needs_person"
    assert any("did not come before the close" in reason for reason in report.reasons)
    assert account.states("BUY") == ["expired", "expired"]
    assert account.sides == ["SELL"]


def test_a_sale_that_is_filled_in_part_pays_for_the_first_buys_alone(account: Any) -> None:
    account.clock.sells_after, account.clock.buys = None, False
    account.run(broker={"fill_wait": 0.0})
    number, left, limit = account.truth.waiting()[0]
    account.truth.fill(number, int(0.6 * left), limit)
    report = account.run(broker={"fill_wait": 0.0})
    assert report.outcome == "planned"
    assert account.sides == ["SELL", "BUY"]
    bought = account.truth.waiting()[-1]
    assert bought[1] * bought[2] <= account.truth.deposits[2]


def test_the_reserve_is_never_spent(account: Any) -> None:
    account.run(reserve=90_000)
    assert account.sides == ["SELL", "BUY", "BUY"]
    assert account.truth.deposits[2] - spent(account) >= 90_000


def test_money_taken_out_between_the_steps_leaves_the_last_buy_unsent(account: Any) -> None:
    account.clock.sells_after = None
    account.run()
    account.truth.deposits = [each - 3_000_000 for each in account.truth.deposits]
    account.clock.sells_after = 0.0
    account.clock.match()
    account.run()
    assert account.sides.count("BUY") <= 1
    assert account.truth.deposits[2] - spent(account) >= 0


def a_day_later(account: Any) -> None:
    account.clock.time += 86_400
    account.truth.today = "20260305"
    account.truth.deposits = [account.truth.deposits[2]] * 3


def lapses(report: Any) -> list[str]:
    return [reason for reason in report.reasons if "did not come before the close" in reason]


def test_the_next_sessions_run_names_the_buys_that_lapsed_overnight_once(account: Any) -> None:
    account.clock.sells_after = None
    account.run()
    number, left, limit = account.truth.waiting()[0]
    account.truth.fill(number, left, limit)  # in the afternoon
    a_day_later(account)
    account.clock.sells_after = 0.0
    assert len(lapses(account.run(day=date(2026, 3, 4), execute=False))) == 1
    said = lapses(account.run(day=date(2026, 3, 4)))
    assert len(said) == 1
    assert said[0].startswith("Session of 2026-03-04: ")
    assert "069500 160 shares, 360750 311 shares" in said[0]
    assert lapses(account.run(day=date(2026, 3, 4))) == []


def test_buys_that_the_run_of_their_own_session_named_are_not_named_again(account: Any) -> None:
    account.clock.sells_after = None
    account.run()
    a_day_later(account)
    assert len(lapses(account.run())) == 1
    account.clock.sells_after = 0.0
    assert lapses(account.run(day=date(2026, 3, 4))) == []


@pytest.mark.parametrize("account", REAL, indirect=True, ids=[a.kind for a, _ in REAL])
@pytest.mark.parametrize("step", STEPS)
def test_a_process_that_dies_anywhere_sends_nothing_twice(account: Any, step: str) -> None:
    for occurrence in (1, 2):
        left = [occurrence]

        def checkpoint(reached: str, left: list[int] = left) -> None:
            left[0] -= reached == step
            if left[0] == 0:
                raise Crash

        try:
            account.run(checkpoint=checkpoint, broker={"visibility": 0.0})
        except Crash:
            account.clock.wait(1.0)
    while account.run().outcome == "needs_person":  # nobody can tell yet whether one arrived
        account.clock.wait(1_000.0)
    assert sorted(account.sides) == ["BUY", "BUY", "SELL"]
    account.clock.match()
    account.run()
    with closing(ledger_of(account.config)) as ledger:
        assert list(check(ledger).faults) == []
        books = portfolio(ledger, "KRW")
    assert dict(books.shares) == {k: n for k, n in account.truth.holdings.items() if n}
    assert books.money == account.truth.deposits[2]


@pytest.mark.parametrize("case", CASES, ids=[f"{adapter.kind}-{mode}" for adapter, mode in CASES])
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    draw=st.data(),
    lag=st.sampled_from([0.0, 3.0, 40.0]),
    balance_lag=st.sampled_from([0.0, 3.0, 40.0]),
    fill_wait=st.sampled_from([0.0, 20.0, 60.0]),
)
def test_orders_never_cost_more_than_can_be_paid_when_they_are_sent(
    tmp_path_factory: Any, case: Any, draw: Any, lag: float, balance_lag: float, fill_wait: float
) -> None:
    adapter, mode = case
    with adapter.server.running(mode) as venue:
        account = Account(adapter, venue, tmp_path_factory.mktemp("account"))
        account.truth.list_lag, account.truth.balance_lag = lag, balance_lag
        refused: list[Any] = []
        watched(account.truth, refused)
        for _ in range(4):
            account.clock.sells_after = draw.draw(st.sampled_from([None, 0.0, 30.0]))
            account.clock.share = draw.draw(st.sampled_from([0.3, 0.7, 1.0]))
            account.clock.buys = draw.draw(st.booleans())
            account.run(broker={"fill_wait": fill_wait, "visibility": 50.0})
            account.clock.wait(draw.draw(st.sampled_from([1.0, 60.0, 600.0])))
        assert refused == []
        assert account.sides.count("SELL") <= 1
        arrived = [ticker for _, side, ticker in account.truth.arrived() if side == "BUY"]
        assert len(arrived) == len(set(arrived))


def watched(truth: Any, refused: list[Any]) -> None:
    """Keep every order that the loopback refuses for lack of cash."""
    asks: Callable[..., bool] = truth.is_unpaid

    def is_unpaid(*order: Any) -> bool:
        found = asks(*order)
        if found:
            refused.append(order)
        return found

    truth.is_unpaid = is_unpaid
