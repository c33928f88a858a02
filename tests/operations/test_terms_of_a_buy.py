"""What a buy is sent with by its value of the moment, and what a person said of an order."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from scripted import BUY, DAY, FUND, SALE, Desk, at_broker, planned

from jeoul.errors import UsageError
from jeoul.model.portfolio import Side
from jeoul.operations.broker.port import IndicativeValue
from jeoul.operations.desk.buy_terms import (
    HELD,
    LOWERED,
    RELEASED,
    SELLING,
    UNUSED,
    BuyTerms,
    buy_terms,
    keep,
    last_try,
)
from jeoul.operations.desk.fills import collect
from jeoul.operations.desk.intents import (
    Intent,
    intents_of,
    named_intent,
)
from jeoul.operations.desk.order_desk import tried
from jeoul.operations.desk.resolution import Said, forget_clock, resolve_order
from jeoul.operations.ledger import portfolio


def one(at: Desk, order: Any = BUY, strategy: str = "s") -> Intent:
    return intents_of(at.ledger, at.freeze(order, strategy=strategy).run_id)[0]


def terms(
    at: Desk, said: IndicativeValue | None, width: float | None = 0.01, order: Any = BUY
) -> BuyTerms:
    at.broker.values = {} if said is None else {FUND: said}
    rules = replace(at.desk.buy_rules, width=width)
    intent = named_intent(at.ledger, f"mine.s.{DAY}.01") or one(at, order)
    return buy_terms(at.ledger, at.broker, rules, intent)


@pytest.mark.parametrize(
    ("price", "value", "before", "did", "limit"),
    [
        (10_099, 10_000.0, None, "", 10_050),  # below the premium that its class may have
        (10_101, 10_000.0, None, HELD, 10_050),
        (9_900, 9_900.0, None, LOWERED, 9_995),  # 9,999 on its tick
        (9_950, 9_950.0, None, LOWERED, 10_045),  # 10,049.5 on its tick
        (9_951, 9_951.0, None, "", 10_050),  # as the plan has it: 10,050.51
        (20_000, 20_000.0, None, "", 10_050),
        (5_000, 5_000.0, None, LOWERED, 7_000),  # nobody trades below the day's own limit
        (30_000, 10_000.0, None, UNUSED, 10_050),  # three times apart: another unit
        (29_999, 10_000.0, None, HELD, 10_050),
        (3_333, 10_000.0, None, UNUSED, 10_050),
        (3_334, 10_000.0, None, LOWERED, 10_050),
        (18_000, 10_000.0, 18_000.0, UNUSED, 10_050),  # of other shares than before
        (17_999, 10_000.0, 18_000.0, HELD, 10_050),
        (18_000, 10_000.0, 17_999.0, HELD, 10_050),
        (5_000, 9_000.0, 5_000.0, UNUSED, 10_050),
        (5_001, 9_000.0, 5_000.0, LOWERED, 9_090),
    ],
)
def test_a_buy_s_limit_follows_its_value_down_and_never_up(
    at: Desk, price: int, value: float, before: float | None, did: str, limit: int
) -> None:
    found = terms(at, IndicativeValue(price, value, before=before))
    if (price, did) == (3_334, LOWERED):
        did = ""  # a hundredth above 10,000 is more than the plan's
    assert (found.did, found.limit) == (did, limit)


@pytest.mark.parametrize(("price", "did"), [(12_500, ""), (12_501, HELD)])
def test_a_premium_of_just_the_limit_is_paid(at: Desk, price: int, did: str) -> None:
    funds = at.desk.buy_rules.universe
    most = {funds.instruments[FUND].asset_class: 0.25}
    at.desk = replace(
        at.desk, buy_rules=replace(at.desk.buy_rules, universe=replace(funds, premium=most))
    )
    assert terms(at, IndicativeValue(price, 10_000.0)).did == did


def test_what_a_value_did_is_said_with_its_numbers(at: Desk) -> None:
    found = terms(at, IndicativeValue(9_801, 9_900.0))
    assert found.detail == {
        "price": 9_801, "value": 9_900.0, "premium": pytest.approx(-0.01), "most": 0.01,
        "limit": 9_995, "before": 10_050,
    }  # fmt: skip
    assert json.loads(json.dumps(found.detail))["limit"] == 9_995
    assert "limit" not in terms(at, IndicativeValue(10_000, 9_000.0)).detail


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        (IndicativeValue(fault="stale"), "stale"),
        (IndicativeValue(10_000, 10_000.0, fault="stale"), "stale"),
        (IndicativeValue(None, 10_000.0), ""),
        (IndicativeValue(10_000, None), ""),
        (IndicativeValue(40_000, 10_000.0), "unit"),
    ],
)
def test_an_answer_that_cannot_be_used_changes_nothing(
    at: Desk, said: IndicativeValue, fault: str
) -> None:
    assert terms(at, said) == BuyTerms(10_050, UNUSED, {"fault": fault})


def test_orders_without_a_collar_or_limit_stay_without(at: Desk) -> None:
    cheap = IndicativeValue(9_900, 9_900.0)
    assert terms(at, cheap, width=None) == BuyTerms(10_050)
    assert terms(at, None) == BuyTerms(10_050)
    at.broker.values = {FUND: cheap}
    rules = replace(at.desk.buy_rules, width=0.01)
    market = one(at, planned(Side.BUY, limit=None), "m")
    assert buy_terms(at.ledger, at.broker, rules, market) == BuyTerms(None)
    assert buy_terms(at.ledger, at.broker, rules, one(at, SALE, "n")) == BuyTerms(10_050)


@pytest.mark.parametrize(
    ("did", "said", "now"),
    [
        (HELD, IndicativeValue(fault="stale"), HELD),  # only a known value releases it
        (HELD, IndicativeValue(10_000, 10_000.0), RELEASED),
        (HELD, IndicativeValue(9_900, 9_900.0), LOWERED),
        (HELD, IndicativeValue(10_101, 10_000.0), HELD),
        (RELEASED, IndicativeValue(10_000, 10_000.0), ""),
        (RELEASED, IndicativeValue(fault="stale"), UNUSED),
    ],
)
def test_a_buy_that_was_held_back_is_released_by_a_value_that_is_known(
    at: Desk, did: str, said: IndicativeValue, now: str
) -> None:
    intent = one(at)
    keep(at.ledger, 1_000, intent, BuyTerms(10_050, did))
    assert terms(at, said).did == now


def test_the_newest_note_says_what_stopped_an_order(at: Desk) -> None:
    other, intent = one(at, strategy="o"), one(at)
    assert last_try(at.ledger, intent.name) is None
    keep(at.ledger, 1_000, intent, BuyTerms(1, HELD, {"price": 5}))
    keep(at.ledger, 1_000, other, BuyTerms(1, RELEASED))
    keep(at.ledger, 1_000, intent, BuyTerms(1, SELLING))
    assert last_try(at.ledger, intent.name) == {
        "order": intent.name,
        "ticker": FUND,
        "did": SELLING,
    }
    rows = at.ledger.rows("SELECT account, strategy, session, kind FROM notes ORDER BY seq")
    assert [tuple(row) for row in rows] == [
        ("mine", "s", str(DAY), "indicative"),
        ("mine", "o", str(DAY), "indicative"),
        ("mine", "s", str(DAY), "unpaid"),
    ]


def test_a_run_keeps_what_a_try_came_to_once(at: Desk) -> None:
    intent = one(at)
    notes = "SELECT COUNT(*) AS n FROM notes"
    counts = []
    for each in (BuyTerms(1), BuyTerms(1, HELD), BuyTerms(1, HELD), BuyTerms(1), BuyTerms(1, HELD)):
        assert tried(at.desk, intent, each) == each
        counts.append(at.ledger.rows(notes)[0]["n"])
    assert counts == [0, 1, 1, 1, 2]


@pytest.fixture
def stuck(at: Desk) -> Any:
    """An order of two shares of which one was filled for 10,000 with a fee of 10."""
    at.booked("opening", 50_000, {FUND: 2})
    intent = at.sent(one(at), "7")
    at.broker.listed = [at_broker(intent, "7", 1, 10_000, fee=10)]
    collect(at.desk, DAY)
    return at.intent(intent.name)


def resolve(at: Desk, name: str, filled: int, amount: int, fee: int) -> Any:
    said = Said(filled, amount, fee, "me")
    return resolve_order(at.ledger, 1_000, name, said, "KRW", at.desk.settles)


@pytest.mark.parametrize(
    ("said", "shares", "money", "state"),
    [
        ((2, 20_500, 25), 4, 29_475, "filled"),  # 10,500 and a fee of 15 beside what was booked
        ((1, 10_000, 10), 3, 39_990, "closed"),
        ((1, 9_000, 4), 3, 40_996, "closed"),
        ((0, 0, 0), 2, 50_000, "closed"),  # all of it is taken back
    ],
)
def test_the_books_are_brought_to_what_a_person_says_beside_what_was_booked(
    at: Desk, stuck: Intent, said: tuple[int, int, int], shares: int, money: int, state: str
) -> None:
    assert portfolio(at.ledger, "KRW").money == 39_990
    found = resolve(at, stuck.name, *said)
    assert (found.filled, found.amount, found.fee, found.state) == (*said, state)
    books = portfolio(at.ledger, "KRW")
    assert (dict(books.shares), books.money) == ({FUND: shares}, money)


def test_an_order_that_was_acknowledged_and_never_listed_can_be_called_cancelled(at: Desk) -> None:
    intent = at.sent(one(at), "7")
    assert resolve(at, intent.name, 0, 0, 0).state == "closed"


@pytest.mark.parametrize("said", [(0, 1, 0), (1, 0, 0), (1, -1, 0), (1, 1_000_000_000_000_000, 0)])
def test_amounts_that_cannot_be_are_refused(
    at: Desk, stuck: Intent, said: tuple[int, int, int]
) -> None:
    with pytest.raises(UsageError, match="make no sense"):
        resolve(at, stuck.name, *said)
    assert resolve(at, stuck.name, 1, 999_999_999_999_999, 0).filled == 1


@pytest.mark.parametrize("state", ["new", "absent", "expired", "refused"])
def test_an_order_that_was_never_at_the_broker_has_nothing_to_resolve(at: Desk, state: str) -> None:
    intent = one(at)
    if state != "new":
        at.event(intent, state)
    with pytest.raises(UsageError, match="was never at the broker"):
        resolve(at, intent.name, 0, 0, 0)
    with pytest.raises(UsageError, match="there is no order"):
        resolve(at, "none", 0, 0, 0)


def test_an_order_that_expired_with_a_fill_can_be_resolved(at: Desk, stuck: Intent) -> None:
    at.event(stuck, "expired")
    assert resolve(at, stuck.name, 0, 0, 0).filled == 0


def test_a_wrong_time_is_forgotten_and_named(at: Desk) -> None:
    at.freeze(at=5_000)
    assert forget_clock(at.ledger, 1_000, "mine", "s", DAY, "me") == 5_000
    (note,) = at.ledger.rows("SELECT kind, session, detail FROM notes")
    assert tuple(note) == ("clock", str(DAY), '{"by":"me","forgotten":5000}')
    assert at.ledger.head().at == 1_000
