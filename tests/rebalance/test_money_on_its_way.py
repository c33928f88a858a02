"""Money that settles later, is owed, or is new: what of it is there on a day, to the won."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest

from jeoul.errors import BeyondData, UsageError
from jeoul.model.calendar import Calendar
from jeoul.model.portfolio import Portfolio
from jeoul.rebalance import (
    Fresh,
    current_weights,
    drift,
    lifted,
    set_off,
    setting_aside,
    settled,
    settlement_date,
    settlement_days,
    spendable,
    unowed,
)

D1, D2, D3 = (date(2026, 12, day) for day in (28, 29, 30))


def account(cash: int, *coming: int) -> Portfolio:
    return Portfolio({}, cash, unsettled=dict(zip((D1, D2, D3), coming, strict=False)))


@pytest.mark.parametrize(
    ("exchange", "traded", "days"),
    [
        ("XKRX", date(1990, 1, 2), 2),
        ("XKRX", date(2026, 11, 2), 2),
        ("XNYS", date(1995, 6, 6), 5),
        ("XNYS", date(1995, 6, 7), 3),
        ("XNYS", date(2017, 9, 4), 3),
        ("XNYS", date(2017, 9, 5), 2),
        ("XNYS", date(2024, 5, 27), 2),
        ("XNYS", date(2024, 5, 28), 1),
    ],
)
def test_a_rule_of_settlement_holds_from_its_day_on(exchange: str, traded: date, days: int) -> None:
    assert settlement_days(exchange, traded) == days


def test_a_settlement_is_known_up_to_the_last_confirmed_day_and_the_last_session() -> None:
    days = np.array(["2026-12-28", "2026-12-29", "2026-12-30"], dtype="datetime64[D]")
    none = np.zeros(3, dtype=np.int64)

    def krx(confirmed: date) -> Calendar:
        return Calendar("XKRX", "Asia/Seoul", days, none, none, confirmed)

    assert settlement_date(krx(D3), D1) == D3
    assert settlement_date(krx(D3), D1, days=0) == D1
    assert settlement_date(krx(D3), D2, days=1) == D3
    for calendar, traded in ((krx(D2), D1), (krx(date(2027, 1, 29)), D2)):
        with pytest.raises(BeyondData):
            settlement_date(calendar, traded)


@pytest.mark.parametrize(
    ("on", "cash", "left"),
    [(date(2026, 12, 27), 10, (5, 6, 7)), (D1, 15, (6, 7)), (D2, 21, (7,)), (D3, 28, ())],
)
def test_money_is_there_from_its_day_on(on: date, cash: int, left: Any) -> None:
    found = settled(account(10, 5, 6, 7), on)
    assert (found.cash, tuple(found.unsettled.values())) == (cash, left)


@pytest.mark.parametrize(
    ("coming", "proceeds", "cash", "left"),
    [
        ((), "reuse", 10, {}),
        ((5, 6), "reuse", 21, {}),
        ((5, -6), "reuse", 9, {}),
        ((5, 6), "settled", 10, {D1: 5, D2: 6}),
        ((5, -6), "settled", 9, {}),
    ],
)
def test_buys_spend_settled_cash_or_all_that_is_coming(
    coming: Any, proceeds: Any, cash: int, left: Any
) -> None:
    found = spendable(account(10, *coming), proceeds)
    assert (found.cash, found.unsettled) == (cash, left)


@pytest.mark.parametrize(
    ("coming", "cash", "left"),
    [
        ((-1,), 9, {}),
        ((-4, 9), 6, {D2: 9}),  # what comes later cannot pay before it
        ((9, -4), 10, {D1: 5}),
        ((4, -4), 10, {}),
        ((5, -4), 10, {D1: 1}),
        ((3, -4), 9, {}),
        ((9, -4, 2), 10, {D1: 5, D3: 2}),
        ((9, -3, -4), 10, {D1: 2}),
        ((-2, 9, -4), 8, {D2: 5}),
    ],
)
def test_what_is_still_to_be_paid_is_not_there_to_be_spent(
    coming: Any, cash: int, left: Any
) -> None:
    found = unowed(account(10, *coming))
    assert (found.cash, found.unsettled) == (cash, left)
    assert list(found.unsettled) == sorted(left)


@pytest.mark.parametrize("coming", [(), (0,), (1, 2)])
def test_an_account_that_owes_nothing_stays_as_it_is(coming: Any) -> None:
    given = account(0, *coming)
    assert unowed(given) is given
    assert lifted(given)[0] is given
    assert lifted(given)[1] == 0


@pytest.mark.parametrize(
    ("cash", "coming", "left", "owed"),
    [
        (-1, (), {}, 1),
        (-10, (4,), {}, 6),
        (-10, (10,), {}, 0),
        (-10, (11,), {D1: 1}, 0),
        (-10, (4, 9), {D2: 3}, 0),  # the first to arrive pays first
        (-10, (4, 5, 9), {D3: 8}, 0),
        (-10, (-3, 20), {D1: -3, D2: 10}, 0),
    ],
)
def test_cash_below_zero_takes_from_what_arrives_first(
    cash: int, coming: Any, left: Any, owed: int
) -> None:
    found, missing = lifted(account(cash, *coming))
    assert (found.cash, found.unsettled, missing) == (0, left, owed)


def test_the_first_to_arrive_pays_first_however_the_days_are_listed() -> None:
    found, _ = lifted(Portfolio({}, -3, unsettled={D2: 5, D1: 5}))
    assert found.unsettled == {D1: 2, D2: 5}


@pytest.mark.parametrize(
    ("cost", "taken"),
    [
        (0, {}),
        (1, {D3: 1}),
        (7, {D3: 7}),
        (8, {D3: 7, D2: 1}),
        (13, {D3: 7, D2: 6}),
        (18, {D3: 7, D2: 6, D1: 5}),
        (99, {D3: 7, D2: 6, D1: 5}),
    ],
)
def test_a_buy_is_set_off_against_the_latest_money_first(cost: int, taken: Any) -> None:
    found = set_off(cost, {D2: 6, D1: 5, D3: 7})
    assert list(found.items()) == list(taken.items())


def test_money_that_goes_out_pays_for_no_buy() -> None:
    assert set_off(9, {D1: 5, D2: -4, D3: 0}) == {D1: 5}


@pytest.mark.parametrize(
    ("fresh", "cash", "left"),
    [
        (Fresh(), 0, Fresh()),
        (Fresh(5, 3, 2), 10, Fresh(5, 3, 2)),
        (Fresh(5, 3, 2), 99, Fresh(5, 3, 2)),
        (Fresh(5, 3, 2), 9, Fresh(5, 2, 2)),
        (Fresh(5, 3, 2), 7, Fresh(5, 0, 2)),  # sales are spent first, then what nobody named
        (Fresh(5, 3, 2), 6, Fresh(5, 0, 1)),
        (Fresh(5, 3, 2), 4, Fresh(4, 0, 0)),
        (Fresh(5, 3, 2), 0, Fresh()),
        (Fresh(5, 3, 2), -4, Fresh()),
        (Fresh(5, -3, 2), 99, Fresh(5, 0, 2)),
        (Fresh(-5, 3, 2), 4, Fresh(0, 2, 2)),
        (Fresh(5, 3, -2), 6, Fresh(5, 1, 0)),
    ],
)
def test_new_money_that_was_spent_was_that_of_sales_first(
    fresh: Fresh, cash: int, left: Fresh
) -> None:
    assert fresh.within(cash) == left
    assert left.total == left.deposited + left.settled + left.adopted


def test_no_money_is_fresh_by_itself() -> None:
    assert Fresh() == (0, 0, 0)


def test_weights_are_of_all_money_and_of_what_has_a_price() -> None:
    held = Portfolio({"B": 2, "A": 1, "X": 9}, 40, unsettled={D1: 20})
    found = current_weights(held, {"A": 100, "B": 20})
    assert found == {"A": 0.5, "B": 0.2, "CASH": 0.3}
    assert list(found) == ["A", "B", "CASH"]
    assert current_weights(Portfolio({}, 1), {}) == {"CASH": 1.0}
    for nothing in (Portfolio({}, 0), Portfolio({}, -1)):
        with pytest.raises(UsageError, match="no value"):
            current_weights(nothing, {})


def test_money_set_aside_comes_from_every_weight_alike() -> None:
    assert setting_aside({"A": 0.8, "CASH": 0.2}, 0.25) == pytest.approx({"A": 0.6, "CASH": 0.4})
    assert setting_aside({"A": 1.0}, 0.25) == {"A": 0.75, "CASH": 0.25}
    assert setting_aside({"A": 1.0}, 0.0) == {"A": 1.0, "CASH": 0.0}


def test_a_drift_is_summed_in_the_order_of_labels_so_that_it_is_the_same_everywhere() -> None:
    small = {f"A{number:02}": 1.0 for number in range(20)}
    assert drift({"Z": 1e16, **small}, {}) == 0.5 * (1e16 + 20.0)
    assert drift({"A": 0.25}, {"A": 0.75}) == drift({"A": 0.75}, {"A": 0.25}) == 0.25
