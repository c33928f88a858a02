"""With gifts, what came for a request that is over is not the money of another one as well."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from jeoul.operations.household.asked_money import (
    AskedMoney,
)
from jeoul.operations.household.counted_once import counted_once
from jeoul.operations.household.money_left import (
    Books,
)

MARCH, APRIL, MAY = date(2026, 3, 31), date(2026, 4, 30), date(2026, 5, 29)
OWNERS = {"isa": "minsu", "us": "minsu", "hers": "yuna", "theirs": "jun"}
BEFORE = {"isa": 7, "us": 3, "hers": 5, "theirs": 2}
RATES = {"isa": 1.0, "us": 14.003, "hers": 1.0, "theirs": 1.0}  # 1,400.3 won for a dollar


def books(*, gifts: bool = False, **moved: int) -> Books:
    """What the books have seen once some has moved since :data:`BEFORE`."""
    seen = {name: BEFORE[name] + moved.get(name, 0) for name in BEFORE}
    return Books(moved=seen, rates=RATES, owners=OWNERS, gifts=gifts)


def asked(amount: int, since: date = MARCH, **more: Any) -> AskedMoney:
    return replace(AskedMoney.of(amount, since, BEFORE), **more)


@pytest.mark.parametrize(
    ("wanted", "moved", "more", "before"),
    [
        (9, {"hers": 9}, {}, {"hers": 14}),
        (9, {"hers": 12}, {}, {"hers": 14}),
        (9, {"hers": 4}, {}, {"hers": 9}),
        (9, {}, {}, {}),
        (9, {"hers": -4}, {}, {}),
        (9, {"hers": 5, "theirs": 7}, {}, {"hers": 10, "theirs": 6}),  # her own account first
        (9, {"isa": 9}, {}, {}),  # his own money
        (-9, {"hers": -9}, {}, {"hers": -4}),
        (-9, {"hers": -4, "theirs": -9}, {}, {"hers": 1, "theirs": -3}),
        (9, {"hers": 9}, {"hers": 20}, {"hers": 20}),  # he asked after hers had come
        (9, {"hers": 9}, {"hers": 8}, {"hers": 14}),
        (9, {}, {"hers": 2}, {}),  # nothing came for hers: what came before it is a gift
        (9, {"isa": 9, "hers": 4, "theirs": 5}, {}, {"hers": 9, "theirs": 7}),
        (-9, {"hers": -9}, {"hers": -20}, {"hers": -20}),
    ],
)
def test_with_gifts_money_that_came_for_her_request_is_not_his(
    wanted: int, moved: dict[str, int], more: dict[str, int], before: dict[str, int]
) -> None:
    his = replace(asked(50 if wanted > 0 else -50), before={**BEFORE, **more})
    found = counted_once({"minsu": his}, {"yuna": asked(wanted)}, books(gifts=True, **moved))
    assert found["minsu"].before == {**BEFORE, **more, **before}
    assert all(type(each) is int for each in found["minsu"].before.values())


@pytest.mark.parametrize("way", [1, -1])
def test_no_more_was_used_than_came_to_all_accounts_of_hers(way: int) -> None:
    owners = {"hers": "yuna", "joint": "yuna", "isa": "minsu"}
    none = dict.fromkeys(owners, 0)
    moved = {"hers": way * 9, "joint": way * -5, "isa": 0}
    seen = Books(moved=moved, rates=dict.fromkeys(owners, 1.0), owners=owners, gifts=True)
    hers, his = (AskedMoney.of(way * won, MARCH, none) for won in (9, 50))
    found = counted_once({"minsu": his}, {"yuna": hers}, seen)["minsu"].before
    assert found == {**none, "hers": way * 4}


def test_less_than_a_cent_of_foreign_money_moves_no_beginning_back() -> None:
    """His request came after 20 cents had moved: the five won of hers are less than one."""
    owners = {"abroad": "yuna", "isa": "minsu"}
    seen = Books(moved={"abroad": 20, "isa": 0}, rates={"abroad": 14.0}, owners=owners, gifts=True)
    hers = AskedMoney.of(5, MARCH, {"abroad": 0, "isa": 0})
    his = AskedMoney.of(50, APRIL, {"abroad": 20, "isa": 0})
    assert counted_once({"minsu": his}, {"yuna": hers}, seen)["minsu"].before["abroad"] == 20


def test_accounts_that_joined_or_left_used_nothing() -> None:
    hers = replace(asked(9), before={name: won for name, won in BEFORE.items() if name != "theirs"})
    his = asked(50)
    owners = {"hers": "yuna", "theirs": "jun", "isa": "minsu"}
    seen = replace(books(gifts=True, theirs=9, us=1), owners=owners)
    assert counted_once({"minsu": his}, {"yuna": hers}, seen)["minsu"].before == BEFORE
    new = replace(his, before={"isa": 7})
    found = counted_once({"minsu": new}, {"yuna": asked(9)}, books(gifts=True, hers=9))
    assert found["minsu"].before == {"isa": 7}


@pytest.mark.parametrize(
    ("wanted", "began", "come", "behind"),
    [
        (5, 0, 12, 7),  # 5 of 12 are his, 7 were hers: they are not his if he is asked for more
        (5, 0, 20, 9),  # hers was no more than 9
        (5, 0, 5, 0),
        (5, 4, 12, 7),  # 4 came before he was asked, 3 of the rest he needs not
        (50, 0, 12, 0),
    ],
)
def test_what_came_beyond_his_own_request_was_hers(
    wanted: int, began: int, come: int, behind: int
) -> None:
    his = replace(asked(wanted), before={**BEFORE, "isa": BEFORE["isa"] + began})
    found = counted_once({"minsu": his}, {"yuna": asked(9)}, books(gifts=True, isa=come))
    assert found["minsu"].before == {**BEFORE, "isa": BEFORE["isa"] + behind}
