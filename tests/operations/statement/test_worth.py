"""Accounts in won along the sessions of all: each day's rate, whole won, sums that add up."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from made_course import AMOUNTS, DAYS, FRI, MON, NEXT, THU, TUE, course, rates

from jeoul.errors import DataError
from jeoul.operations.statement.worth import (
    AccountsWorth,
    every_session,
    exchange_of,
    rate_on,
    together,
    worth_of,
)

RATES = [1_300.0, 1_310.0, 1_290.0, 1_350.0, 1_400.0]
SERIES = {"usdkrw": rates(RATES)}
ALL = np.array(DAYS, dtype="datetime64[D]")
OWN = (TUE, FRI)
EACH = {name: (place + 1, 10 * (place + 1)) for place, name in enumerate(AMOUNTS)}


def rows(found: AccountsWorth, *names: str) -> list[list[int]]:
    return [getattr(found, name).tolist() for name in names]


def test_an_account_in_won_is_worth_what_it_was_until_its_next_session() -> None:
    own = course({}, cash=(500, 700), days=OWN, **EACH)
    found = worth_of(own, ALL, {})
    assert found.value.tolist() == found.before_value.tolist() == [0, 500, 500, 700, 700]
    for name, (first, second) in EACH.items():
        assert getattr(found, name).tolist() == [0, first, 0, second, 0], name
    assert found.flow.tolist() == found.before_flow.tolist() == [0, -1, 0, -10, 0]


def test_an_account_abroad_is_counted_at_the_rate_of_each_day() -> None:
    own = course({}, cash=(20_000, 30_001), days=OWN, currency="USD", **EACH)
    found = worth_of(own, ALL, SERIES)
    assert found.value.tolist() == [
        0,
        200 * 1_310,
        200 * 1_290,
        405_013,  # 300.01 x 1,350 = 405,013.5: a part of a won is not counted
        420_014,
    ]
    assert found.before_value.tolist() == [0, 262_000, 262_000, 387_012, 405_013]
    assert found.paid_in.tolist() == [0, 13, 0, 135, 0]  # one cent and ten
    assert found.taken_out.tolist() == [0, 26, 0, 270, 0]
    assert found.fees.tolist() == [0, 52, 0, 540, 0]
    assert found.before_flow.tolist() == [0, 13 - 26, 0, 129 - 258, 0]


def test_the_sum_of_accounts_has_every_amount_of_each() -> None:
    home = worth_of(course({}, cash=(500, 700), days=OWN, **EACH), ALL, {})
    abroad = worth_of(course({}, cash=(100, 100), days=OWN, currency="USD"), ALL, SERIES)
    both = together([home, abroad])
    for name in (*AMOUNTS, "value", "before_value", "before_flow"):
        one, other, whole = rows(home, name) + rows(abroad, name) + rows(both, name)
        assert whole == [a + b for a, b in zip(one, other, strict=True)], name
    assert both.sessions.tolist() == list(DAYS)
    assert together([home]).value.tolist() == home.value.tolist()


def test_the_sessions_of_all_are_those_of_each_once() -> None:
    found = every_session([course({}, cash=(0, 0), days=(MON, FRI)), course({}, days=DAYS)])
    assert found.tolist() == list(DAYS)


@pytest.mark.parametrize(("second", "seen"), [(21 * 3600, True), (21 * 3600 + 1, False)])
def test_a_rate_counts_that_is_known_by_nine_in_the_evening(second: int, *, seen: bool) -> None:
    series = {"usdkrw": rates([1_200.0, 1_300.0], days=(MON, TUE), at=second)}
    assert rate_on("USD", TUE, series) == (13.0 if seen else 12.0)  # won for a cent
    assert rate_on("KRW", TUE, {}) == 1.0
    own = course({}, cash=(10_000, 10_000), days=(TUE, NEXT), currency="USD")
    value = worth_of(own, np.array([TUE, NEXT], dtype="datetime64[D]"), series).value.tolist()
    assert value[0] == (130_000 if seen else 120_000)


def test_a_rate_is_needed_from_the_account_s_first_session_on() -> None:
    late = {"usdkrw": rates(RATES[1:], days=DAYS[1:])}
    own = course({}, cash=(100, 100), days=(TUE, FRI), currency="USD")
    assert worth_of(own, ALL, late).value.tolist()[0] == 0
    early = course({}, cash=(100, 100), days=(MON, FRI), currency="USD")
    with pytest.raises(DataError, match="before 2026-06-01 is known"):
        worth_of(early, ALL, late)
    with pytest.raises(DataError, match="has no series usdkrw"):
        worth_of(own, ALL, {})


def test_the_first_day_without_a_rate_is_named() -> None:
    days = [MON + timedelta(days=7 * week) for week in range(5)]
    old = {"usdkrw": rates([1_300.0], days=(TUE,))}
    own = course({}, cash=[100] * 4, days=days[1:], currency="USD")
    with pytest.raises(DataError, match="before 2026-06-22 is known"):  # two weeks and six days
        worth_of(own, np.array(days, dtype="datetime64[D]"), old)


def test_taxes_abroad_are_counted_at_the_rate_of_each_session() -> None:
    own = course({}, cash=(100, 100), days=(TUE, THU), currency="USD")
    found: Any = exchange_of(own, SERIES)
    assert found.rates == {TUE: Decimal("1310.0"), THU: Decimal("1290.0")}
    assert (found.owner, found.account, found.before) == ("KRW", "USD", found.rates)
    assert exchange_of(course({}), SERIES) is None
    with pytest.raises(DataError, match="before 2026-06-02 is known"):
        exchange_of(own, {"usdkrw": rates([1_290.0], days=(THU,))})


def test_the_day_of_an_evening_is_its_own() -> None:
    series = {"usdkrw": rates([1_200.0], days=(date(2026, 6, 1),), at=0)}
    assert rate_on("USD", date(2026, 6, 1), series) == 12.0
    assert np.isnan(rate_on("USD", date(2026, 5, 31), series))
