"""Whose money has come: what is spare, what came early, what came before something else."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from jeoul.operations.household.asked_money import AskedMoney, EndedMoney, MoneyUnderWay
from jeoul.operations.household.counted_once import behind, counted_once
from jeoul.operations.household.money_left import (
    Books,
    amounts_left,
    money_left,
    spare_of_others,
)
from jeoul.operations.household.said_money import _direction, with_due

MARCH = date(2026, 3, 31)
OWNERS = {"isa": "minsu", "hers": "yuna", "theirs": "jun"}
NONE = dict.fromkeys(OWNERS, 0)
WAYS = pytest.mark.parametrize("way", [1, -1], ids=["in", "out"])


def books(way: int = 1, *, gifts: bool = True, **moved: int) -> Books:
    seen = {name: way * moved.get(name, 0) for name in OWNERS}
    return Books(moved=seen, rates=dict.fromkeys(OWNERS, 1.0), owners=OWNERS, gifts=gifts)


def asked(won: int, way: int = 1, **before: int) -> AskedMoney:
    return AskedMoney.of(way * won, MARCH, {**NONE, **{k: way * v for k, v in before.items()}})


# --- what is spare --------------------------------------------------------------------------------


@WAYS
@pytest.mark.parametrize(
    ("since", "hers_since", "moved", "spare"),
    [
        (0, 0, 12, 3),  # she needs 9 of 12
        (0, 0, 7, 0),
        (4, 0, 12, 3),  # 4 came for her before he asked: she needs 5 of the 8 since
        (4, 0, 16, 7),
        (0, 10, 6, 6),  # she asked when 10 had come, of which 4 have gone again
        (0, 0, -4, -4),
    ],
)
def test_spare_is_what_came_since_beyond_what_they_need(
    way: int, since: int, hers_since: int, moved: int, spare: int
) -> None:
    requests = {"minsu": asked(50, way, hers=since), "yuna": asked(9, way, hers=hers_since)}
    found = spare_of_others("minsu", requests, books(way, hers=moved))
    assert found["yuna"] == spare


# --- what came early ------------------------------------------------------------------------------


def early(told: MoneyUnderWay, seen: Books) -> dict[str, int]:
    return dict(money_left(replace(told, seen=NONE), seen).early)


@WAYS
@pytest.mark.parametrize(
    ("held_since", "seen", "moved", "early_won"),
    [
        (0, 0, 700, 200),  # 500 of 700 are the month that waits
        (0, 0, 500, 0),
        (0, 200, 700, 200),  # 200 had come before the newest plan: 300 of 500 are that month's
        (0, 600, 700, 100),  # all of that month had come before
        (500, 0, 700, 500),  # it waits since 500 had come: 200 are its own
    ],
)
def test_what_comes_is_first_that_of_the_month_that_waits(
    way: int, held_since: int, seen: int, moved: int, early_won: int
) -> None:
    told = MoneyUnderWay(
        held={"yuna": asked(500, way, hers=held_since)},
        early={"yuna": asked(900, way, hers=seen)},
    )
    found = early(told, books(way, gifts=False, hers=moved))
    assert found == ({"yuna": way * early_won} if early_won else {})


@WAYS
def test_what_waits_the_other_way_takes_nothing_of_what_came_early(way: int) -> None:
    told = MoneyUnderWay(
        held={"yuna": asked(500, -way)},
        early={"yuna": asked(900, way)},
    )
    assert early(told, books(way, gifts=False, hers=700)) == {"yuna": way * 700}


@WAYS
def test_a_gift_that_counts_for_a_request_did_not_come_early(way: int) -> None:
    told = MoneyUnderWay(
        requests={"minsu": asked(300, way)},
        early={"yuna": asked(500, way)},
    )
    assert early(told, books(way, hers=500)) == {"yuna": way * 200}
    alone = replace(told, requests={})
    assert early(alone, books(way, hers=100, isa=400)) == {"yuna": way * 100}


@WAYS
def test_a_gift_is_taken_off_what_came_early_once(way: int) -> None:
    """300 of the 1,000 that came early for two are a gift for the third one's request."""
    told = MoneyUnderWay(
        requests={"jun": asked(300, way)},
        early={"minsu": asked(500, way), "yuna": asked(500, way)},
    )
    found = early(told, books(way, isa=500, hers=500))
    assert found == {"minsu": way * 500, "yuna": way * 200}


@WAYS
def test_a_month_that_waits_takes_no_more_than_has_come_for_it(way: int) -> None:
    told = MoneyUnderWay(
        held={"yuna": asked(500, way)},
        early={"minsu": asked(400, way)},
    )
    assert early(told, books(way, isa=400, hers=300)) == {"minsu": way * 400}


def test_what_came_early_of_foreign_money_is_whole_won() -> None:
    seen = Books(moved={"us": 3}, rates={"us": 14.003}, owners={"us": "minsu"})
    told = MoneyUnderWay(early={"minsu": AskedMoney.of(900, MARCH, {"us": 0})}, seen={"us": 0})
    found = money_left(told, seen).early
    assert found == {"minsu": 42}
    assert type(found["minsu"]) is int


# --- what counts once -----------------------------------------------------------------------------


@WAYS
def test_what_hers_used_of_his_account_moves_his_beginning_by_that(way: int) -> None:
    """Six came before hers was asked, six after: he needs five, hers took the six after."""
    requests = {"minsu": asked(5, way)}
    hers = {"yuna": asked(9, way, isa=6)}
    found = counted_once(requests, hers, books(way, isa=12))
    assert found["minsu"].before == {**NONE, "isa": way * 6}


def test_money_out_is_not_what_came_in_for_another() -> None:
    out = {"minsu": asked(50, -1)}
    assert counted_once(out, {"yuna": asked(9)}, books(hers=9)) == out


def test_without_gifts_her_next_request_begins_behind_what_came() -> None:
    more = {"yuna": asked(50), "minsu": asked(50)}
    found = counted_once(more, {"yuna": asked(9)}, books(gifts=False, hers=12))
    assert found["yuna"].before == {**NONE, "hers": 9}
    assert found["minsu"] == more["minsu"]


def test_those_who_wait_for_nothing_give_first() -> None:
    """Of nine for her, five came to him who waits for none, and four were too much for another."""
    found = counted_once({"minsu": asked(5)}, {"yuna": asked(9)}, books(isa=12, theirs=5))
    assert found["minsu"].before == {**NONE, "isa": 4, "theirs": 5}


def test_nobody_gives_what_they_need() -> None:
    requests = {"minsu": asked(5), "jun": asked(2)}
    found = counted_once(requests, {"yuna": asked(9)}, books(isa=8, theirs=7))
    assert [found[name].before for name in requests] == [{**NONE, "isa": 3, "theirs": 5}] * 2


@WAYS
def test_an_end_lies_behind_what_came_for_it_since_the_newest_plan(way: int) -> None:
    four = replace(asked(4, way), left=way * 4)
    end = EndedMoney(person="minsu", asked=four, until=books(way, isa=7).moved, rest=way)
    seen = {**NONE, "isa": way}
    assert behind(seen, end, books(way)) == {**NONE, "isa": way * 4}  # three came, one did not


@WAYS
def test_an_end_takes_from_the_person_s_own_account_first(way: int) -> None:
    moved = books(way, isa=2, hers=5).moved
    end = EndedMoney(person="minsu", asked=asked(4, way), until=moved, rest=0)
    assert behind(NONE, end, books(way)) == {**NONE, "isa": way * 2, "hers": way * 2}


def test_an_end_takes_from_accounts_in_the_order_of_their_names() -> None:
    names = [f"a{number}" for number in range(8)]
    none, owners = dict.fromkeys(names, 0), dict.fromkeys(names, "minsu")
    seen = Books(moved=none, rates=dict.fromkeys(names, 1.0), owners=owners)
    end = EndedMoney(
        person="minsu",
        asked=AskedMoney.of(6, MARCH, none),
        until=dict.fromkeys(names, 2),
        rest=0,
    )
    assert list(behind(none, end, seen).values()) == [2, 2, 2, 0, 0, 0, 0, 0]


# --- what falls due -------------------------------------------------------------------------------


def test_what_came_for_another_s_end_is_no_gift_for_what_falls_due() -> None:
    came = books(isa=3_000)
    end = EndedMoney(person="minsu", asked=asked(3_000), until=came.moved, rest=0)
    told = MoneyUnderWay(seen=NONE, ended=(end,))
    found, _ = with_due(told, {"yuna": 1_000}, MARCH, came)
    assert amounts_left(found.requests, came) == {"yuna": 1_000}


def test_what_came_beyond_a_deposit_counts_for_the_month_that_waits() -> None:
    """A month of 500 waits for a withdrawal; 295 came beyond the deposit before it."""
    requests = {"yuna": replace(asked(1_000), left=1_000)}
    told = MoneyUnderWay(requests=requests, transfers={"hers": 1_000}, seen=NONE)
    came = books(gifts=False, hers=1_295)
    found, due = with_due(told, {"minsu": -900, "yuna": 500}, MARCH, came)
    assert due.held == {"yuna": 500}
    assert amounts_left(found.held, came) == {"yuna": 205}
    assert found.requests.keys() == {"minsu"}


@pytest.mark.parametrize(("won", "way"), [(0, 1), (-1, -1), (1, 1)])
def test_money_of_one_sum_moves_the_way_of_the_sum(won: int, way: int) -> None:
    assert _direction([], {"minsu": won}) == way
