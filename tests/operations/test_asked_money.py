"""Money that somebody said will move is followed in the books until it has moved or lapsed."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jeoul.errors import UsageError
from jeoul.operations.household.asked_money import (
    LAPSES,
    MoneyUnderWay,
    amounts_left,
    asked_with,
    money_left,
    under_way_after,
    under_way_in,
)

JUNE = date(2026, 6, 26)
OWNERS = {"general": "minsu", "isa": "minsu", "hers": "yuna", "us": "minsu"}
RATES = {"general": 1.0, "isa": 1.0, "hers": 1.0, "us": 14.0}  # 1,400 won for a dollar, by the cent
NONE = dict.fromkeys(OWNERS, 0)


def asked(**wanted: int) -> MoneyUnderWay:
    return asked_with(MoneyUnderWay(), wanted, NONE, JUNE)


def left(told: MoneyUnderWay, *, gifts: bool = False, **moved: int) -> dict[str, int]:
    return dict(amounts_left(told.asked, {**NONE, **moved}, RATES, OWNERS, gifts=gifts))


def seen(told: MoneyUnderWay, on: date = JUNE, **moved: int) -> Any:
    return money_left(told, on, {**NONE, **moved}, RATES, OWNERS, gifts=False)


def test_money_may_arrive_in_any_account_of_the_person() -> None:
    told = asked(minsu=3_000_000)
    assert left(told, general=1_000_000, isa=500_000) == {"minsu": 1_500_000}
    assert left(told, hers=3_000_000) == {"minsu": 3_000_000}
    assert left(told, us=100_000) == {"minsu": 1_600_000}


def test_money_that_goes_from_one_account_to_another_is_not_new() -> None:
    assert left(asked(minsu=3_000_000), general=-3_000_000, isa=3_000_000) == {"minsu": 3_000_000}


def test_with_gifts_a_spouse_may_pay_and_money_of_their_own_comes_first() -> None:
    assert left(asked(minsu=3_000_000), gifts=True, hers=1_000_000) == {"minsu": 2_000_000}
    both = asked(minsu=3_000_000, yuna=1_000_000)
    assert left(both, gifts=True, hers=1_500_000) == {"minsu": 2_500_000}


def test_a_withdrawal_is_over_when_the_money_has_left() -> None:
    told = asked(minsu=-2_000_000)
    assert left(told, general=-500_000) == {"minsu": -1_500_000}
    assert left(told, general=-2_000_000) == {}
    assert left(told, general=700_000) == {"minsu": -2_000_000}


@given(
    amount=st.integers(10_000, 10**9),
    parts=st.lists(st.integers(0, 10**9), max_size=4),
    out=st.booleans(),
)
def test_nothing_is_left_below_zero_and_all_of_it_until_some_arrives(
    amount: int, parts: list[int], *, out: bool
) -> None:
    sign = -1 if out else 1
    told = asked(minsu=sign * amount)
    before = sign * left(told)["minsu"]
    assert before == amount
    for count in range(1, len(parts) + 1):
        rest = sign * left(told, isa=sign * sum(parts[:count])).get("minsu", 0)
        assert 0 <= rest <= before
        assert rest == 0 or rest == amount - sum(parts[:count])
        before = rest


def test_a_new_amount_takes_the_place_of_the_old_and_zero_ends_it() -> None:
    first = asked(minsu=3_000_000)
    more = asked_with(first, {"minsu": 5_000_000}, {**NONE, "isa": 1_000_000}, JUNE)
    assert left(more, isa=1_000_000) == {"minsu": 5_000_000}
    assert asked_with(first, {"minsu": 0}, NONE, JUNE).asked == ()
    with pytest.raises(UsageError, match="at once"):
        asked_with(first, {"yuna": -1}, NONE, JUNE)


def test_what_was_asked_is_planned_once_and_again_when_something_arrives() -> None:
    told = asked(minsu=3_000_000)
    assert seen(told).fresh
    kept = {"under_way": told.document(), "to_come": {"minsu": 3_000_000}, "transfers": {"isa": 3}}
    assert under_way_in(kept) == told
    later = under_way_after(kept)
    assert (later.left, later.transfers) == ({"minsu": 3_000_000}, {"isa": 3})
    assert not seen(later).fresh
    some = seen(later, isa=1_000_000)
    assert (some.fresh, some.arrived, some.left) == (
        True,
        {"minsu": 1_000_000},
        {"minsu": 2_000_000},
    )
    done = seen(later, isa=3_000_000)
    assert (done.fresh, done.left) == (True, {})
    assert under_way_after({**kept, "to_come": {}}).asked == ()


def test_money_that_never_comes_is_waited_for_a_month() -> None:
    kept = {"under_way": asked(minsu=3_000_000).document(), "to_come": {"minsu": 3_000_000}}
    later = under_way_after(kept)
    assert seen(later, JUNE + LAPSES).left == {"minsu": 3_000_000}
    over = seen(later, JUNE + LAPSES + timedelta(days=1), isa=1_000_000)
    assert (over.left, over.lapsed, over.fresh) == ({}, {"minsu": 2_000_000}, True)


def test_an_account_that_joined_later_brings_no_new_money() -> None:
    told = asked_with(MoneyUnderWay(), {"minsu": 1_000_000}, {"general": 0}, JUNE)
    assert left(told, isa=9_000_000) == {"minsu": 1_000_000}
