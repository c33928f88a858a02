"""Sales first, then each buy as soon as it is paid for: whose money is counted, and how often."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from buying import SMALL, desk_of_sales_first, place, plan, states, whys
from scripted import BUY, DAY, FUND, OTHER, RICH, SALE, Desk, Scripted, at_broker, planned

from jeoul.model.portfolio import Side
from jeoul.operations.broker.port import (
    BrokerAccount,
    Hours,
    Ids,
    IndicativeValue,
    OrderState,
)
from jeoul.operations.desk.buy_terms import HELD, SELLING, SHORT, UNREADY
from jeoul.operations.desk.intents import Run, intents_of
from jeoul.operations.ledger import portfolio
from jeoul.rebalance import Tariff


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Desk]:
    yield from desk_of_sales_first(tmp_path)


@pytest.mark.parametrize(
    ("first", "proceeds", "sent"),
    [(True, "reuse", 1), (False, "reuse", 2), (True, "settled", 2), (True, None, 2)],
)
def test_buys_wait_for_sales_only_where_broker_and_plan_say_so(
    at: Desk, first: bool, proceeds: str | None, sent: int
) -> None:
    at.broker.sales_first = first
    given = {} if proceeds is None else {"proceeds": proceeds}
    run = plan(at, SALE, BUY, orderable=0)
    run = replace(run, document={"reserve": 0, **given})
    both_listed(at, run)
    place(at, run)
    assert len(at.broker.sent) == sent
    assert f"catch up {DAY}" in at.broker.asked


def test_what_a_day_that_passes_fills_is_booked_at_its_end(at: Desk) -> None:
    """A simulation fills its orders as the session comes to pass."""
    run = plan(at, SALE)
    (intent,) = intents_of(at.ledger, run.run_id)
    filled = [at_broker(intent, "1", 2, 20_000)]
    at.broker.lists = [[], [at_broker(intent, "1")]]
    at.broker.catch_up = lambda _: at.broker.listed.extend(filled)
    place(at, run)
    assert states(at, run) == ["filled"]


@pytest.mark.parametrize(
    ("books", "orderable", "reserve", "state", "why"),
    [
        (20_100, 20_100, 0, "acknowledged", None),
        (20_099, 30_000, 0, "new", SHORT),
        (30_000, 20_099, 0, "new", UNREADY),
        (20_110, 20_110, 10, "acknowledged", None),
        (20_109, 30_000, 10, "new", SHORT),
        (30_000, 20_109, 10, "new", UNREADY),
    ],
)
def test_a_buy_needs_both_purses_and_leaves_the_reserve(
    at: Desk, books: int, orderable: int, reserve: int, state: str, why: str | None
) -> None:
    run = plan(at, BUY, books=books, orderable=orderable, reserve=reserve)
    at.broker.fill_wait = 0.0
    at.broker.listed = []
    if state == "acknowledged":
        at.broker.lists, at.broker.listed = (
            [[]],
            [at_broker(intents_of(at.ledger, run.run_id)[0], "1")],
        )
    place(at, run)
    assert (states(at, run), whys(at, run)) == ([state], [why])


def test_the_reserve_is_written_in_the_main_unit(tmp_path: Path) -> None:
    at = Desk(tmp_path, Scripted(Ids.UNIQUE), proceeds="reuse", currency="USD")
    at.broker.sales_first = True
    run = plan(at, SMALL, books=5_900, orderable=9_000, reserve=10)  # 1,000 cents
    place(at, run)
    assert states(at, run) == ["new"]
    at.ledger.close()


def test_cash_counts_where_a_broker_does_not_say_what_can_be_ordered(at: Desk) -> None:
    run = plan(at, SMALL, books=9_000)
    at.broker.fill_wait = 0.0
    for cash, state in ((4_999, "new"), (5_000, "acknowledged")):
        at.broker.held = replace(RICH, cash=cash)
        (intent,) = intents_of(at.ledger, run.run_id)
        at.broker.lists, at.broker.listed = [[]], [at_broker(intent, "1")] if cash == 5_000 else []
        place(at, run)
        assert states(at, run) == [state]


def both_listed(at: Desk, run: Run, **first: object) -> None:
    """Let every order be listed under its number once it is sent."""
    orders = intents_of(at.ledger, run.run_id)

    def listed(_: object) -> list[object]:
        return [
            replace(at_broker(intent, str(number)), **(first if number == 1 else {}))
            for number, request in enumerate(at.broker.sent, 1)
            for intent in orders
            if intent.name == request.name
        ]

    at.broker.orders = listed


@pytest.mark.parametrize(
    ("books", "orderable", "sent"),
    [
        (25_100, 25_100, 2),
        (25_099, 99_000, 1),  # the books pay for one of them
        (99_000, 25_099, 1),  # what can be ordered was looked at once: less of it is left now
        (99_000, 99_000, 2),
    ],
)
def test_the_money_of_one_buy_is_not_there_for_the_next(
    at: Desk, books: int, orderable: int, sent: int
) -> None:
    run = plan(at, BUY, SMALL, books=books, orderable=orderable)
    at.broker.fill_wait = 0.0
    both_listed(at, run)
    place(at, run)
    assert len(at.broker.sent) == sent


@pytest.mark.parametrize(("orderable", "sent"), [(25_107, 2), (25_106, 1)])
def test_two_buys_leave_the_reserve_once(at: Desk, orderable: int, sent: int) -> None:
    run = plan(at, BUY, SMALL, books=99_000, orderable=orderable, reserve=7)
    at.broker.fill_wait = 0.0
    both_listed(at, run)
    place(at, run)
    assert len(at.broker.sent) == sent


@pytest.mark.parametrize(("then", "sent"), [(5_007, 2), (5_006, 1)])
def test_what_can_be_ordered_may_fall_while_buys_are_sent(at: Desk, then: int, sent: int) -> None:
    run = plan(at, BUY, SMALL, books=99_000, reserve=7)
    at.broker.fill_wait = 0.0
    both_listed(at, run)
    at.broker.accounts = [replace(RICH, cash=0, orderable=sum_) for sum_ in (99_000, then)]
    place(at, run)
    assert len(at.broker.sent) == sent


def test_a_buy_that_is_held_back_spends_nothing_and_stays_so(at: Desk) -> None:
    run = plan(at, BUY, SMALL, books=20_100, orderable=20_100)
    at.broker.fill_wait = 0.0
    at.broker.values = {FUND: IndicativeValue(10_000, 9_000.0)}
    both_listed(at, run)
    place(at, run)
    assert states(at, run) == ["new", "acknowledged"]
    assert at.desk.tried[f"{run.run_id}.01"].did == HELD


@pytest.mark.parametrize(("books", "last"), [(15_000, "acknowledged"), (14_999, "new")])
def test_a_buy_that_is_found_at_the_broker_spends_the_money_of_the_books(
    at: Desk, books: int, last: str
) -> None:
    """A copy of the ledger sent the first and the third: nobody pays for them here."""
    others = [planned(Side.BUY, code, 1, 5_000, 5_000) for code in ("1", "2")]
    run = plan(at, BUY, SMALL, *others, books=books + 20_100, orderable=99_000)
    at.broker.fill_wait = 0.0
    orders = intents_of(at.ledger, run.run_id)
    at.broker.listed = [at_broker(orders[n], f"9{n}", name=orders[n].name) for n in (0, 2)]
    ours = [at_broker(orders[n], str(number)) for number, n in ((1, 1), (2, 3))]
    at.broker.submit = lambda request: (
        at.broker.listed.append(ours.pop(0)) or Scripted.submit(at.broker, request)
    )
    place(at, run)
    assert states(at, run) == ["acknowledged", "acknowledged", "acknowledged", last]


def test_a_later_buy_does_not_spend_what_a_buy_waits_for_that_the_books_pay(at: Desk) -> None:
    run = plan(at, BUY, SMALL, books=25_099, orderable=20_000)
    at.broker.fill_wait = 0.0
    both_listed(at, run)
    place(at, run)
    assert whys(at, run) == [UNREADY, SHORT]
    assert at.broker.sent == []


def test_a_smaller_buy_overtakes_one_that_nothing_pays_for_any_more(at: Desk) -> None:
    run = plan(at, BUY, SMALL, books=5_000, orderable=5_000)
    at.broker.fill_wait = 0.0
    both_listed(at, run)
    place(at, run)
    assert (states(at, run), whys(at, run)) == (["new", "acknowledged"], [SHORT, None])


def test_nothing_overtakes_a_buy_while_a_sale_can_bring_its_money(at: Desk) -> None:
    run = plan(
        at, SALE, BUY, SMALL, planned(Side.BUY, OTHER, 1, 100, 100), books=5_000, orderable=5_000
    )
    at.broker.fill_wait = 0.0
    both_listed(at, run)
    place(at, run)
    assert states(at, run) == ["acknowledged", "new", "new", "new"]
    assert whys(at, run) == [None, SELLING, SELLING, SELLING]
    assert [request.side for request in at.broker.sent] == [Side.SELL]


def test_a_buy_that_is_paid_for_goes_out_beside_an_open_sale(at: Desk) -> None:
    run = plan(at, SALE, SMALL, BUY, books=5_000, orderable=5_000)
    at.broker.fill_wait = 0.0
    both_listed(at, run)
    place(at, run)
    assert states(at, run) == ["acknowledged", "acknowledged", "new"]


def test_sales_are_watched_for_their_time_ever_more_rarely(at: Desk) -> None:
    at.broker.fill_wait = 40.0
    run = plan(at, SALE, BUY)
    both_listed(at, run)
    place(at, run)
    assert at.clock.waited == [1, 1, 2, 4, 8, 15, 9]


def test_no_watch_is_kept_for_buys_that_are_sent(at: Desk) -> None:
    run = plan(at, SALE, SMALL, planned(Side.BUY, FUND, 1, 900, 900), books=9_000, orderable=9_000)
    both_listed(at, run)
    place(at, run)
    assert (states(at, run), at.clock.waited) == (["acknowledged"] * 3, [])


def test_a_sale_that_was_too_early_is_no_buy(at: Desk) -> None:
    """The session opened while the run was going on: the next one sends the sale."""
    run = plan(at, SALE, books=99_000, orderable=99_000)
    hours = iter([Hours.EARLY])
    at.broker.hours = lambda _: next(hours, Hours.OPEN)
    place(at, run)
    assert (states(at, run), at.clock.waited) == (["new"], [])


def test_of_a_buy_that_is_sent_no_later_round_says_that_it_waits(at: Desk) -> None:
    run = plan(at, SALE, BUY, SMALL, books=5_000)
    at.broker.fill_wait = 0.0
    *_, small = intents_of(at.ledger, run.run_id)
    at.sent(small, "7")
    both_listed(at, run)
    listed, old = at.broker.orders, at_broker(small, "7")
    at.broker.orders = lambda day: [old, *listed(day)]
    place(at, run)
    assert whys(at, run) == [None, SELLING, None]


@pytest.mark.parametrize("over", ["stopped", "closed", "sold", "no buys"])
def test_a_watch_ends_where_nothing_can_come_of_it(at: Desk, over: str) -> None:
    run = plan(at, SALE, *([] if over == "no buys" else [BUY]))
    both_listed(at, run, **({"state": OrderState.CLOSED} if over == "sold" else {}))
    if over == "closed":
        hours = iter([Hours.OPEN])
        at.broker.hours = lambda _: next(hours, Hours.EARLY)
    stops = [False, False, True] if over == "stopped" else []
    place(at, run, *stops)
    assert at.clock.waited == []


def test_the_watch_goes_on_while_the_broker_cannot_be_paid_for_what_the_books_pay(at: Desk) -> None:
    run = plan(at, BUY, books=20_100, orderable=20_099)
    both_listed(at, run)
    accounts = [replace(RICH, cash=0, orderable=sum_) for sum_ in (20_099, 20_099, 20_100)]
    at.broker.accounts = [*accounts]
    place(at, run)
    assert states(at, run) == ["acknowledged"]
    assert at.clock.waited == [1.0, 1.0]


def test_the_kill_switch_is_asked_before_each_buy(at: Desk) -> None:
    run = plan(at, SMALL, BUY, books=99_000, orderable=99_000)
    both_listed(at, run)
    place(at, run, False, True, True)
    assert states(at, run) == ["acknowledged", "new"]


def test_the_costs_of_an_open_buy_count_with_it(tmp_path: Path) -> None:
    """Two shares at 10,050 and a fee of 100: 20,200, of which half is open after a fill."""
    at = Desk(tmp_path, Scripted(Ids.UNIQUE), Tariff(fixed_fee=100), proceeds="reuse")
    at.broker.sales_first = True
    for books, state in ((20_199, "new"), (20_200, "acknowledged")):
        run = at.freeze(BUY, strategy=str(books), proceeds="reuse", reserve=0)
        at.booked("deposit", books - portfolio(at.ledger, "KRW").money)
        at.broker.held = BrokerAccount({}, 0, {}, orderable=99_000)
        both_listed(at, run)
        place(at, run)
        assert states(at, run) == [state]
    at.ledger.close()
