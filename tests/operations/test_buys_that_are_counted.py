"""Which of our buys a broker counts already in what it says can be ordered."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from buying import SMALL, desk_of_sales_first, place, states, whys
from scripted import BUY, FUND, OTHER, RICH, SALE, Desk, at_broker, planned

from jeoul.model.portfolio import Side
from jeoul.operations.broker.port import (
    Ids,
)
from jeoul.operations.desk.buy_terms import UNREADY
from jeoul.operations.desk.intents import Run, intents_of


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Desk]:
    yield from desk_of_sales_first(tmp_path)


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
    """It counts an order as a whole: of 5,000 less the first is the cause; the next is to come."""
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
    """Before the second buy a sale was paid: what can be ordered is compared with that moment.

    It has fallen by that buy since, from 39,900 to 19,800; the next 100 pay for the third buy.
    """
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
    at.broker.orders = lambda day: [old, *listed(day)]
    sums = (0, 9_900, 39_900, 19_800, 19_900)
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
