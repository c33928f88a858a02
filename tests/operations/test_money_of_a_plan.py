"""Sales first, then each buy as soon as it is paid for: whose money is counted, and how often."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from scripted import BUY, DAY, FUND, OTHER, RICH, SALE, Desk, Scripted, at_broker, planned

from jeoul.model.portfolio import Side
from jeoul.operations.broker.port import (
    BrokerAccount,
    Footing,
    Hours,
    Ids,
    IndicativeValue,
    OrderState,
)
from jeoul.operations.desk.buy_terms import HELD, SELLING, SHORT, UNREADY, last_try
from jeoul.operations.desk.fills import collect
from jeoul.operations.desk.intents import Intent, Run, intents_of
from jeoul.operations.desk.sales_first import place_orders
from jeoul.operations.desk.traces import (
    by_key,
    footing_then,
    request_of,
    sent_at,
    watermark,
)
from jeoul.operations.errors import Unreachable
from jeoul.operations.ledger import portfolio
from jeoul.rebalance import Tariff

SMALL = planned(Side.BUY, OTHER, 1, 5_000, 5_000)
"""A buy of 5,000; BUY is one of two shares at 10,050 at most."""


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Desk]:
    broker = Scripted(Ids.UNIQUE)
    broker.sales_first, broker.fill_wait = True, 10.0
    found = Desk(tmp_path, broker, proceeds="reuse")
    yield found
    found.ledger.close()


def place(at: Desk, run: Run, *stops: bool) -> None:
    left = [*stops]
    place_orders(at.desk, run, lambda: left.pop(0) if left else False)


def plan(at: Desk, *orders: object, reserve: int = 0, books: int = 0, orderable: int = 0) -> Run:
    """A plan of orders, with money in the books and so much that can be ordered."""
    at.booked("opening", books, {FUND: 2})
    at.broker.held = replace(RICH, cash=0, orderable=orderable)
    return at.freeze(*orders, proceeds="reuse", reserve=reserve)  # type: ignore[arg-type]


def states(at: Desk, run: Run) -> list[str]:
    return [intent.state for intent in intents_of(at.ledger, run.run_id)]


def whys(at: Desk, run: Run) -> list[str | None]:
    found = [last_try(at.ledger, intent.name) for intent in intents_of(at.ledger, run.run_id)]
    return [None if each is None else each["did"] for each in found]


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
    at.broker.catch_up = lambda _: at.broker.listed.extend(filled)  # type: ignore[method-assign]
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

    at.broker.orders = listed  # type: ignore[assignment, method-assign]


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
    at.broker.submit = lambda request: (  # type: ignore[method-assign]
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
    at.broker.hours = lambda _: next(hours, Hours.OPEN)  # type: ignore[method-assign]
    place(at, run)
    assert (states(at, run), at.clock.waited) == (["new"], [])


def test_of_a_buy_that_is_sent_no_later_round_says_that_it_waits(at: Desk) -> None:
    run = plan(at, SALE, BUY, SMALL, books=5_000)
    at.broker.fill_wait = 0.0
    *_, small = intents_of(at.ledger, run.run_id)
    at.sent(small, "7")
    both_listed(at, run)
    listed, old = at.broker.orders, at_broker(small, "7")
    at.broker.orders = lambda day: [old, *listed(day)]  # type: ignore[method-assign]
    place(at, run)
    assert whys(at, run) == [None, SELLING, None]


@pytest.mark.parametrize("over", ["stopped", "closed", "sold", "no buys"])
def test_a_watch_ends_where_nothing_can_come_of_it(at: Desk, over: str) -> None:
    run = plan(at, SALE, *([] if over == "no buys" else [BUY]))
    both_listed(at, run, **({"state": OrderState.CLOSED} if over == "sold" else {}))
    if over == "closed":
        hours = iter([Hours.OPEN])
        at.broker.hours = lambda _: next(hours, Hours.EARLY)  # type: ignore[method-assign]
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


@pytest.mark.parametrize(
    ("now", "state"),
    [
        (29_999, "acknowledged"),  # the broker counts it: it has fallen by a won at least
        (30_000, "new"),  # it has not fallen: 20,100 of it may be promised already
        (45_100, "acknowledged"),  # enough for both, counted or not
    ],
)
def test_a_buy_that_the_broker_may_not_count_yet_is_taken_off_what_can_be_ordered(
    at: Desk, now: int, state: str
) -> None:
    at.broker.visibility, at.broker.fill_wait = 5.0, 0.0
    at.booked("opening", 99_000)
    (first,) = intents_of(at.ledger, at.freeze(BUY, strategy="t").run_id)
    mark = json.dumps({"watermark": [], "footing": [0, 0, 30_000]})
    at.event(first, "sending", at=996, detail=mark)
    at.event(first, "acknowledged", "9", at=996)
    run = at.freeze(planned(Side.BUY, OTHER, 1, 25_000, 25_000), proceeds="reuse", reserve=0)
    at.broker.held = replace(RICH, cash=0, orderable=now)
    (intent,) = intents_of(at.ledger, run.run_id)
    at.broker.listed = [at_broker(first, "9"), at_broker(intent, "1", name=intent.name)]
    at.broker.lists = [[at_broker(first, "9")]] * 2
    place(at, run)
    assert states(at, run) == [state]


def test_a_broker_counts_the_first_buy_before_the_second(at: Desk) -> None:
    """It counts an order as a whole: of 5,000 less the first is the cause, and 20,100 is to come."""
    at.broker.visibility, at.broker.fill_wait = 5.0, 0.0
    at.booked("opening", 99_000)
    for number in ("8", "9"):
        (each,) = intents_of(at.ledger, at.freeze(BUY, strategy=number).run_id)
        footing = {"watermark": [], "footing": [0, 0, 50_000 if number == "8" else None]}
        at.event(each, "sending", at=996, detail=json.dumps(footing))
        at.event(each, "acknowledged", number, at=996)
        at.broker.listed.append(at_broker(each, number))
    for cost, state in ((24_901, "new"), (24_900, "acknowledged")):
        order = planned(Side.BUY, OTHER, 1, cost, cost)
        run = at.freeze(order, strategy=f"{cost}", proceeds="reuse", reserve=0)
        at.broker.held = replace(RICH, cash=0, orderable=45_000)
        (intent,) = intents_of(at.ledger, run.run_id)
        if state == "acknowledged":
            at.broker.lists = [[*at.broker.listed]] * 2
            at.broker.listed.append(at_broker(intent, "1"))
        place(at, run)
        assert states(at, run) == [state]


def test_where_nobody_looked_before_a_buy_it_may_not_be_counted_yet(at: Desk) -> None:
    at.broker.visibility, at.broker.fill_wait = 5.0, 0.0
    at.booked("opening", 99_000)
    (first,) = intents_of(at.ledger, at.freeze(BUY, strategy="t").run_id)
    at.event(first, "sending", at=996, detail='{"watermark":[],"footing":[0,0,null]}')
    at.event(first, "acknowledged", "9", at=996)
    at.broker.listed = [at_broker(first, "9")]
    run = at.freeze(SMALL, proceeds="reuse", reserve=0)
    at.broker.held = replace(RICH, cash=0, orderable=25_099)
    place(at, run)
    assert whys(at, run) == [UNREADY]


def test_a_buy_that_was_counted_once_is_no_measure_of_later_ones(at: Desk) -> None:
    """Before the second buy a sale was paid: what can be ordered is compared with that moment."""
    at.broker.ids = Ids.ECHO
    at.broker.visibility = 60.0
    at.booked("opening", 99_000, {FUND: 2})
    (first,) = intents_of(at.ledger, at.freeze(BUY, strategy="t").run_id)
    mark = json.dumps({"watermark": [], "footing": [0, 0, 30_000]})
    at.event(first, "sending", at=996, detail=mark)
    at.event(first, "acknowledged", "9", at=996)
    buys = [
        planned(Side.BUY, code, 1, cost, cost) for code, cost in ((OTHER, 20_000), ("1", 19_900))
    ]
    run = at.freeze(SALE, *buys, proceeds="reuse", reserve=0)
    both_listed(at, run)
    listed, old = at.broker.orders, at_broker(first, "9")
    at.broker.orders = lambda day: [old, *listed(day)]  # type: ignore[method-assign]
    sums = (0, 9_900, 39_900, 0, 19_900)
    at.broker.accounts = [replace(RICH, cash=0, orderable=sum_) for sum_ in sums]
    place(at, run)
    assert states(at, run) == ["acknowledged"] * 3
    assert at.clock.waited == [1.0, 1.0]


@pytest.mark.parametrize(
    ("sent", "orderable", "state"),
    [
        (994, 25_000, "acknowledged"),  # sent long ago: the broker counts it
        (995, 25_000, "acknowledged"),
        (996, 25_000, "new"),
    ],
)
def test_after_a_while_a_broker_surely_counts_a_buy(
    at: Desk, sent: int, orderable: int, state: str
) -> None:
    at.broker.visibility, at.broker.fill_wait = 5.0, 0.0
    at.booked("opening", 99_000)
    (first,) = intents_of(at.ledger, at.freeze(BUY, strategy="t").run_id)
    at.sent(first, "9", at=sent)
    run = at.freeze(planned(Side.BUY, OTHER, 1, 25_000, 25_000), proceeds="reuse", reserve=0)
    at.broker.held = replace(RICH, cash=0, orderable=orderable)
    (intent,) = intents_of(at.ledger, run.run_id)
    at.broker.listed = [at_broker(first, "9"), at_broker(intent, "1", name=intent.name)]
    at.broker.lists = [[at_broker(first, "9")]] * 2
    place(at, run)
    assert states(at, run) == [state]


@pytest.mark.parametrize(("books", "state"), [(45_100, "acknowledged"), (45_099, "new")])
def test_what_open_buys_may_still_take_is_not_spent_again(at: Desk, books: int, state: str) -> None:
    at.broker.fill_wait = 0.0
    at.booked("opening", books)
    (first,) = intents_of(at.ledger, at.freeze(BUY, strategy="t").run_id)
    at.sent(first, "9", at=0)
    run = at.freeze(planned(Side.BUY, OTHER, 1, 25_000, 25_000), proceeds="reuse", reserve=0)
    at.broker.held = replace(RICH, cash=0, orderable=99_000)
    (intent,) = intents_of(at.ledger, run.run_id)
    at.broker.listed = [at_broker(first, "9"), at_broker(intent, "1", name=intent.name)]
    at.broker.lists = [[at_broker(first, "9")]] * 2
    place(at, run)
    assert states(at, run) == [state]


# What an order leaves behind.


def one(at: Desk, order: object = BUY, strategy: str = "s") -> Intent:
    (found,) = intents_of(at.ledger, at.freeze(order, strategy=strategy).run_id)  # type: ignore[arg-type]
    return found


def test_a_number_of_two_orders_finds_neither(at: Desk) -> None:
    intent = one(at)
    first, second = at_broker(intent, "7", former="1"), at_broker(intent, "8", former="1")
    found = by_key([first, second])
    assert dict(found) == {f"{DAY}/7": first, f"{DAY}/8": second}


def test_an_order_is_marked_with_the_time_and_money_of_its_last_hand_over(at: Desk) -> None:
    intent = one(at)
    assert footing_then(at.ledger, intent) is None
    marks = [{"watermark": []}, {"watermark": ["a"], "footing": [1, 2, 3], "host": 7.5}]
    for when, mark in zip((100, 200), marks, strict=True):
        intent = at.event(intent, "sending", at=when, detail=json.dumps(mark))
    found = watermark(at.ledger, intent)
    assert (found.at, found.orders, found.host) == (200, frozenset("a"), 7.5)
    assert found.footing == footing_then(at.ledger, intent) == Footing(1, 2, 3)
    assert (found.brought, sent_at(at.ledger, intent)) == ((0, 0), 200)
    old = at.event(one(at, SALE, "t"), "sending")
    assert watermark(at.ledger, old).footing is None


def test_fills_of_other_orders_raise_what_can_be_ordered_within_their_fees(at: Desk) -> None:
    """A sale of 30,000 less its fee of 20; a buy for 100 less than it was counted at."""
    at.booked("opening", 99_000, {FUND: 2})
    before, sale, buy = (
        one(at, SALE, "o"),
        one(at, SALE, "t"),
        one(at, planned(Side.BUY, OTHER), "u"),
    )
    market = one(at, planned(Side.BUY, OTHER, limit=None), "v")
    for number, each in enumerate((before, sale, buy, market)):
        at.sent(each, str(number))
    at.broker.listed = [at_broker(before, "0", 1, 10_000, fee=5)]
    at.broker.listed += [at_broker(each, str(n + 1)) for n, each in enumerate((sale, buy, market))]
    collect(at.desk, DAY)
    ours = at.event(one(at, SMALL, "w"), "sending")
    at.broker.listed[1] = at_broker(sale, "1", 2, 30_000, fee=20)
    collect(at.desk, DAY)
    assert watermark(at.ledger, ours).brought == (29_980 - 30, 29_980 + 30)
    at.broker.listed = [
        at_broker(before, "0", 1, 10_000, fee=5),
        at_broker(buy, "2", 2, 20_000, fee=3),
    ]
    at.broker.listed += [at_broker(market, "3")]
    collect(at.desk, DAY)
    assert watermark(at.ledger, ours).brought == (29_950 - 13, 30_010 + 100 + 13)
    at.broker.listed = [at_broker(before, "0", 1, 10_000, fee=5), at_broker(market, "3", 1, 10_500)]
    collect(at.desk, DAY)  # dearer than the price it was counted at: nothing is free again
    assert watermark(at.ledger, ours).brought == (29_937 - 10, 30_123 + 10)


def test_what_sales_brought_adds_up_and_a_fee_may_be_corrected_downwards(at: Desk) -> None:
    at.booked("opening", 0, {FUND: 4})
    sales = [at.sent(one(at, SALE, name), name) for name in ("1", "2")]
    ours = at.event(one(at, SMALL, "w"), "sending")
    at.broker.listed = [
        at_broker(sale, name, 1, 10_000, fee=20) for sale, name in zip(sales, "12", strict=True)
    ]
    collect(at.desk, DAY)
    assert watermark(at.ledger, ours).brought == (19_960 - 60, 19_960 + 60)
    at.broker.listed[0] = at_broker(sales[0], "1", 2, 20_000, fee=15)
    collect(at.desk, DAY)
    assert watermark(at.ledger, ours).brought == (29_965 - 75, 29_965 + 75)


def test_an_order_is_asked_for_with_the_limit_that_it_was_sent_with(at: Desk) -> None:
    intent = replace(one(at), changed_limit=9_000)
    assert (request_of(intent).limit, request_of(replace(intent, changed_limit=None)).limit) == (
        9_000, 10_050,
    )  # fmt: skip


# What is booked of a running total.


def test_only_orders_of_the_session_at_the_broker_are_looked_up(at: Desk) -> None:
    one(at)
    old = one(at, SALE, "t")
    at.sent(replace(old, executed=DAY), "7")
    collect(at.desk, DAY + timedelta(days=1))
    assert at.broker.asked == []


def test_an_order_that_does_not_show_at_once_is_waited_for_once(at: Desk) -> None:
    intent = at.sent(one(at), "7")
    at.broker.visibility = 5.0
    at.broker.lists, at.broker.listed = [[]], [at_broker(intent, "7")]
    collect(at.desk, DAY)
    assert at.clock.waited == [5.0]
    collect(at.desk, DAY)
    assert at.clock.waited == [5.0]
    at.broker.listed = []
    with pytest.raises(Unreachable, match=f"order {DAY}/7 "):
        collect(at.desk, DAY)


@pytest.mark.parametrize(
    ("total", "state", "ends"),
    [
        ((1, 10_000), OrderState.OPEN, "acknowledged"),
        ((1, 1), OrderState.OPEN, "acknowledged"),
        ((2, 20_000), OrderState.FILLED, "filled"),
        ((1, 10_000), OrderState.CLOSED, "closed"),
        ((0, 0), OrderState.REJECTED, "refused"),
        ((0, 0), OrderState.OPEN, "acknowledged"),
    ],
)
def test_an_order_ends_as_its_broker_says(
    at: Desk, total: tuple[int, int], state: OrderState, ends: str
) -> None:
    at.booked("opening", 30_000)
    intent = at.sent(one(at), "7")
    at.broker.listed = [replace(at_broker(intent, "7", *total), state=state)]
    for _ in range(2):  # seen twice, booked once
        collect(at.desk, DAY)
        found = at.intent(intent.name)
        assert (found.state, found.filled, found.amount) == (ends, *total)
        assert portfolio(at.ledger, "KRW").cash == 30_000 - total[1]
    rows = at.ledger.rows("SELECT filled, shares, amount, session FROM fills")
    assert [tuple(row) for row in rows] == ([(total[0], *total, str(DAY))] if total[0] else [])
    if ends != "acknowledged":
        assert dict(found.detail) == {"filled": total[0]}


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ((1, 10_000), (0, 0)),  # fewer shares
        ((1, 10_000), (1, 10_001)),  # the same for more money
        ((1, 10_000), (1, 9_999)),
        ((1, 10_000), (2, 10_000)),  # more for none
        ((1, 10_000), (2, 9_000)),
        ((0, 0), (3, 30_000)),  # more than was ordered
    ],
)
def test_a_total_that_cannot_follow_from_the_last_one_needs_a_person(
    at: Desk, before: tuple[int, int], now: tuple[int, int]
) -> None:
    at.booked("opening", 90_000)
    intent = at.sent(one(at), "7")
    at.broker.listed = [at_broker(intent, "7", *before)]
    collect(at.desk, DAY)
    at.broker.listed = [replace(at_broker(intent, "7", *now), shares=3, state=OrderState.OPEN)]
    with pytest.raises(Unreachable, match="the broker now says"):
        collect(at.desk, DAY)
    assert at.intent(intent.name).filled == before[0]


def test_a_sale_is_on_its_way_and_a_buy_that_may_reuse_it_takes_it_first(at: Desk) -> None:
    at.booked("opening", 30_000, {FUND: 2})
    sale = at.sent(one(at, SALE, "t"), "7")
    at.broker.listed = [at_broker(sale, "7", 2, 20_000, fee=10)]
    collect(at.desk, DAY)
    books, later = portfolio(at.ledger, "KRW"), DAY + timedelta(days=2)
    assert (books.cash, dict(books.unsettled)) == (30_000, {later: 19_990})
    buy = at.sent(one(at, planned(Side.BUY, OTHER), "u"), "8")
    at.broker.listed = [at_broker(buy, "8", 2, 20_000, fee=30)]
    collect(at.desk, DAY)
    books = portfolio(at.ledger, "KRW")
    assert (books.cash, dict(books.unsettled)) == (29_960, {})
    assert dict(books.shares) == {OTHER: 2}


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
