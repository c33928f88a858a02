"""What of asked money has moved, to the won: by the books of every account, each way, by person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from jeoul.operations.household.asked_money import (
    AskedMoney,
    EndedMoney,
    MoneyUnderWay,
    moved_then,
    under_way_after,
    under_way_in,
)
from jeoul.operations.household.counted_once import without
from jeoul.operations.household.money_left import (
    Books,
    amounts_left,
    money_left,
    open_left,
    shared,
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


def left(wanted: Mapping[str, int], seen: Books) -> Mapping[str, int]:
    return amounts_left({name: asked(won) for name, won in wanted.items()}, seen)


# --- by the books ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "moved", "rest"),
    [
        ({"minsu": 100}, {}, {"minsu": 100}),
        ({"minsu": 100}, {"isa": 30}, {"minsu": 70}),
        ({"minsu": 100}, {"isa": 100}, {"minsu": 0}),
        ({"minsu": 100}, {"isa": 101}, {"minsu": 0}),
        ({"minsu": 100}, {"isa": -1}, {"minsu": 100}),
        ({"minsu": 100}, {"hers": 30}, {"minsu": 100}),
        ({"minsu": -100}, {"isa": -30}, {"minsu": -70}),
        ({"minsu": -100}, {"isa": -101}, {"minsu": 0}),
        ({"minsu": -100}, {"isa": 1}, {"minsu": -100}),
        ({"minsu": 1}, {}, {"minsu": 1}),
        ({"minsu": -1}, {}, {"minsu": -1}),
        # What one person has too much is no money of another without gifts.
        ({"minsu": 10, "yuna": 10}, {"isa": 15}, {"minsu": 0, "yuna": 10}),
    ],
)
def test_what_is_left_is_what_was_asked_less_what_has_come(
    wanted: dict[str, int], moved: dict[str, Any], rest: dict[str, int]
) -> None:
    assert left(wanted, books(**moved)) == rest


def test_foreign_money_comes_to_whole_won() -> None:
    rest = left({"minsu": 3_000_000}, books(us=100))["minsu"]
    assert (rest, type(rest)) == (2_998_600, int)  # 3,000,000 less 1,400.3


def test_an_account_without_a_rate_has_brought_no_won() -> None:
    seen = replace(books(us=100), rates={"isa": 1.0})
    assert left({"minsu": 100}, seen) == {"minsu": 100}


def test_an_account_that_left_the_file_is_not_looked_at() -> None:
    seen = replace(books(isa=30, us=100), owners={"isa": "minsu"})
    assert left({"minsu": 100}, seen) == {"minsu": 70}


@pytest.mark.parametrize(
    ("moved", "rest"),
    [
        ({}, (10, 10)),
        ({"isa": 15}, (0, 5)),  # five too many of his are a gift to her
        ({"isa": 15, "hers": -3}, (0, 8)),  # less what went back
        ({"theirs": 4}, (6, 10)),  # of somebody who was asked for nothing
        ({"isa": 15, "hers": -3, "theirs": 4}, (0, 4)),
        ({"isa": 15, "theirs": -3}, (0, 8)),
        ({"hers": -3}, (10, 10)),  # what went back raises nobody's request
        ({"isa": 30}, (0, 0)),
        ({"hers": 12}, (8, 0)),
        ({"isa": 3, "hers": 4}, (7, 6)),
    ],
)
def test_with_gifts_what_is_too_much_counts_for_others(
    moved: dict[str, int], rest: tuple[int, int]
) -> None:
    found = left({"minsu": 10, "yuna": 10}, books(gifts=True, **moved))
    assert tuple(found.values()) == rest


def test_a_gift_is_given_once_to_the_first_who_waits() -> None:
    found = left({"minsu": 10, "yuna": 3, "jun": 10}, books(gifts=True, isa=15))
    assert found == {"minsu": 0, "yuna": 0, "jun": 8}


@pytest.mark.parametrize(
    ("moved", "minsu", "yuna"),
    [
        ({"hers": 5}, 5, 10),  # it came before she asked
        ({"hers": 9}, 5, 6),  # 4 of 9 came after that: they are hers
        ({"hers": 17}, 3, 0),
        ({"hers": 3}, 7, 10),  # 2 went back
        ({"hers": 5, "isa": 2}, 3, 10),
    ],
)
def test_a_gift_stays_one_when_the_giver_is_asked_for_money(
    moved: dict[str, int], minsu: int, yuna: int
) -> None:
    later = replace(asked(10), before={**BEFORE, "hers": 10})
    found = amounts_left({"minsu": asked(10), "yuna": later}, books(gifts=True, **moved))
    assert found == {"minsu": minsu, "yuna": yuna}


@pytest.mark.parametrize(
    ("moved", "minsu", "yuna"),
    [
        ({"theirs": 4}, 10, 6),  # it came before minsu was asked
        ({"theirs": 7}, 7, 6),  # 3 of 7 came after that
        ({"theirs": 17}, 0, 3),
        ({"theirs": 4, "hers": 17}, 3, 0),  # what she has too much came last
        ({"theirs": 4, "hers": 12, "us": -1}, 10, 0),  # his dollars went out: 14 won
        ({"theirs": 1, "hers": 12}, 10, 0),  # of theirs 3 went back since he was asked
        ({"theirs": 2, "hers": 14}, 8, 0),
    ],
)
def test_a_gift_is_what_came_since_a_request(moved: dict[str, int], minsu: int, yuna: int) -> None:
    later = replace(asked(10), before={**BEFORE, "theirs": 6})
    found = amounts_left({"minsu": later, "yuna": asked(10)}, books(gifts=True, **moved))
    assert found == {"minsu": minsu, "yuna": yuna}


@pytest.mark.parametrize(
    ("moved", "gifts", "drifts"),
    [
        ({"us": 1}, False, True),
        ({}, False, False),
        ({"isa": 1}, False, False),
        ({"abroad": 1}, False, False),  # hers
        ({"abroad": 1}, True, True),
        ({"us": 1}, True, True),
    ],
)
def test_a_rate_changes_what_has_come_where_foreign_money_has_moved(
    moved: dict[str, int], *, gifts: bool, drifts: bool
) -> None:
    before = {"isa": 7, "us": 3, "abroad": 5}
    seen = Books(
        moved={name: won + moved.get(name, 0) for name, won in before.items()},
        rates={"isa": 1.0, "us": 14.0, "abroad": 14.0},
        owners={"isa": "minsu", "us": "minsu", "abroad": "yuna"},
        gifts=gifts,
    )
    assert seen.drifts(AskedMoney.of(100, MARCH, before), "minsu") is drifts


@pytest.mark.parametrize(
    ("wanted", "come", "rest"),
    [(1_000, 989, 11), (1_000, 990, None), (-1_000, -989, -11), (-1_000, -990, None)],
)
def test_a_request_is_met_but_for_a_hundredth(wanted: int, come: int, rest: int | None) -> None:
    found = open_left({"minsu": asked(wanted)}, books(isa=come))
    assert found == ({} if rest is None else {"minsu": rest})


# --- what became of a request ---------------------------------------------------------------------


def test_a_request_is_waited_for_30_days() -> None:
    told = asked(100, date(2026, 6, 26))
    assert not told.has_lapsed(date(2026, 7, 26))
    assert told.has_lapsed(date(2026, 7, 27))


@pytest.mark.parametrize(("won", "way"), [(5, 1), (1, 1), (-1, -1), (-5, -1), (0, 0)])
def test_money_moves_one_way(won: int, way: int) -> None:
    assert asked(won).way == way


def test_the_days_of_a_request_begin_with_the_oldest() -> None:
    told = asked(12, MAY, earlier={APRIL: 4, MARCH: 3})
    assert list(told.days.items()) == [(MARCH, 3), (APRIL, 4), (MAY, 5)]


def test_a_person_whose_money_nobody_waits_for_is_named_once_with_all_of_it() -> None:
    told = MoneyUnderWay(
        requests={"minsu": asked(100), "yuna": asked(50)}, held={"jun": asked(-7), "yuna": asked(3)}
    )
    rest = without(told, ["jun", "minsu", "nobody"], books(isa=8))
    assert (rest.requests, rest.held) == ({"yuna": asked(50)}, {"yuna": asked(3)})
    assert [(each.person, each.asked.amount, each.rest, each.netted) for each in rest.ended] == [
        ("minsu", 100, 92, 0),
        ("jun", -7, -7, 0),
    ]
    assert all(each.until == books(isa=8).moved for each in rest.ended)


def test_what_stays_at_the_bank_is_not_to_move() -> None:
    assert asked(100, stays=30).wanted == 70


@pytest.mark.parametrize(
    ("days", "stays", "more", "found"),
    [
        ({MARCH: 5}, 0, 3, {MARCH: 5, APRIL: 3}),
        ({MARCH: 5}, 2, 3, {MARCH: 3, APRIL: 3}),
        ({MARCH: 5}, 5, 3, {APRIL: 3}),
        ({MARCH: 5}, 0, -3, {MARCH: 2}),
        ({MARCH: 5}, 1, -3, {MARCH: 1}),
        ({MARCH: 5, APRIL: 4}, 0, -5, {APRIL: 4}),
        ({MARCH: 5, APRIL: 4}, 0, -7, {APRIL: 2}),
        ({MARCH: -5}, 0, -3, {MARCH: -5, APRIL: -3}),
        ({MARCH: -5}, 0, 3, {MARCH: -2}),
        ({MARCH: -5}, -1, 3, {MARCH: -1}),
        ({MARCH: 1}, 0, 1, {MARCH: 1, APRIL: 1}),
        ({MARCH: 5}, 0, 0, {MARCH: 5}),  # nothing more puts off no end
    ],
)
def test_more_of_a_schedule_has_a_day_of_its_own_and_less_is_taken_off_the_oldest(
    days: dict[date, int], stays: int, more: int, found: dict[date, int]
) -> None:
    since = max(days)
    earlier = {day: won for day, won in days.items() if day != since}
    told = asked(sum(days.values()), since, stays=stays, earlier=earlier)
    again = told.with_more(more, APRIL)
    assert again.days == found
    assert list(again.days) == sorted(found)
    assert (again.amount, again.since) == (sum(found.values()), max(found))
    assert (again.left, again.stays) == (told.left + more, 0)


def test_more_on_the_day_of_a_request_is_one_request_of_that_day() -> None:
    assert asked(5, APRIL).with_more(3, APRIL).days == {APRIL: 8}


def test_what_is_overdue_leaves_the_newer_days() -> None:
    told = asked(12, MAY, earlier={MARCH: 3, APRIL: 4}, left=10)
    rest = told.without_overdue(5)
    assert rest.days == {APRIL: 2, MAY: 5}
    assert (rest.amount, rest.left, rest.earlier) == (7, 5, {APRIL: 2})


def told_of(wanted: int, rest: int | None = None) -> MoneyUnderWay:
    request = asked(wanted, left=wanted if rest is None else rest)
    return MoneyUnderWay(requests={"minsu": request}, transfers={"isa": wanted}, seen=BEFORE)


@pytest.mark.parametrize(
    ("wanted", "come", "arrived", "returned", "fresh"),
    [
        (1_000, 0, {}, {}, False),
        (1_000, 1, {"minsu": 1}, {}, True),
        (1_000, 300, {"minsu": 300}, {}, True),
        (-1_000, -1, {"minsu": -1}, {}, True),
    ],
)
def test_a_plan_is_made_again_once_a_won_has_moved(
    wanted: int, come: int, arrived: dict[str, int], returned: dict[str, int], *, fresh: bool
) -> None:
    found = money_left(told_of(wanted), books(isa=come))
    assert (found.arrived, found.returned, found.fresh) == (arrived, returned, fresh)
    assert found.left == {"minsu": wanted - come}


def test_what_went_back_is_not_what_arrived() -> None:
    found = money_left(told_of(1_000, rest=600), books(isa=399))
    assert (found.arrived, found.returned) == ({}, {"minsu": -1})
    out = money_left(told_of(-1_000, rest=-600), books(isa=-399))
    assert (out.arrived, out.returned) == ({}, {"minsu": 1})


def test_a_rate_that_moves_is_counted_once_it_is_more_than_a_hundredth_or_ends_the_request() -> (
    None
):
    told = told_of(10_000, rest=9_000)
    seen = replace(books(us=100), rates={**RATES, "us": 11.0})
    assert not money_left(told, seen).fresh  # 1,100 won: a hundred of 10,000 more
    assert money_left(told, seen).left == {"minsu": 9_000}
    grown = money_left(told, replace(seen, rates={**RATES, "us": 11.01}))
    assert (grown.fresh, grown.arrived, grown.left) == (True, {"minsu": 101}, {"minsu": 8_899})
    last = money_left(told_of(10_000, rest=150), replace(books(us=900), rates={"us": 11.0}))
    assert (last.fresh, last.arrived, last.left) == (True, {"minsu": 50}, {})


def test_money_without_transfers_is_planned_and_nothing_under_way_is_not() -> None:
    assert money_left(replace(told_of(1_000), transfers={}), books()).fresh
    assert not money_left(MoneyUnderWay(seen=BEFORE), books()).fresh


def test_a_transfer_that_nobody_waits_for_any_more_is_not_repeated() -> None:
    """Of 1,000 won the newest plan left 200 at the bank: the 8 that it still asked for are over."""
    told = told_of(1_000)
    request = replace(told.requests["minsu"], left=8, stays=200)
    told = replace(told, requests={"minsu": request}, transfers={"isa": 8})
    found = money_left(told, books(isa=792))
    assert (found.left, found.fresh) == ({}, True)


def ended(wanted: int, *, was: int, until: Books, netted: int = 0) -> MoneyUnderWay:
    told = MoneyUnderWay(requests={"minsu": asked(wanted, left=was)}, seen=BEFORE)
    told = without(told, ["minsu"], until)
    return replace(told, ended=tuple(replace(end, netted=netted) for end in told.ended))


@pytest.mark.parametrize(
    ("wanted", "was", "come", "netted", "missing", "arrived"),
    [
        (1_000, 1_000, 300, 0, [700], {"minsu": 300}),
        (1_000, 900, 300, 0, [700], {"minsu": 200}),
        (1_000, 1_000, 989, 0, [11], {"minsu": 989}),
        (1_000, 1_000, 990, 0, [], {"minsu": 990}),
        (1_000, 1_000, 300, 700, [], {"minsu": 300}),
        (1_000, 1_000, 300, 400, [300], {"minsu": 300}),
        (-1_000, -1_000, -300, 0, [-700], {"minsu": -300}),
        (-1_000, -1_000, -300, -700, [], {"minsu": -300}),
    ],
)
def test_what_ended_names_what_did_not_come(
    wanted: int, was: int, come: int, netted: int, missing: list[int], arrived: dict[str, int]
) -> None:
    told = ended(wanted, was=was, until=books(isa=come), netted=netted)
    found = money_left(told, books(isa=come + 55))  # what moved after the end is not its money
    assert [each.won for each in found.missing] == missing
    assert (found.arrived, found.returned, found.fresh) == (arrived, {}, True)


def test_what_ended_and_went_back_is_said_to_have() -> None:
    found = money_left(ended(1_000, was=600, until=books(isa=300)), books(isa=300))
    assert (found.arrived, found.returned) == ({}, {"minsu": -100})


def test_what_came_of_an_ended_and_of_a_new_request_is_one_sum() -> None:
    told = replace(ended(1_000, was=1_000, until=books(isa=300)), transfers={"isa": 500})
    new = AskedMoney.of(500, APRIL, books(isa=300).moved)
    found = money_left(replace(told, requests={"minsu": new}), books(isa=340))
    assert found.arrived == {"minsu": 340}


@pytest.mark.parametrize(
    ("due", "moved", "counted", "early"),
    [
        (500, 200, 0, {"minsu": 200}),
        (500, 900, 0, {"minsu": 500}),
        (500, 0, 0, {}),
        (500, -3, 0, {}),
        (1, 1, 0, {"minsu": 1}),
        (-500, -200, 0, {"minsu": -200}),
        (500, 200, 150, {"minsu": 50}),
        (500, 200, 200, {}),
    ],
)
def test_what_comes_before_its_day_counts_once(
    due: int, moved: int, counted: int, early: dict[str, int]
) -> None:
    soon = {"minsu": asked(due)}
    told = MoneyUnderWay(early=soon, seen=BEFORE)
    if counted:  # as much of what moved is that of a request
        told = replace(told_of(counted), early=soon)
    assert money_left(told, books(isa=moved)).early == early


def test_what_went_back_of_a_request_is_no_early_money() -> None:
    told = replace(told_of(1_000, rest=600), early={"minsu": asked(500)})
    assert money_left(told, books(isa=350)).early == {"minsu": 350}


# --- whose money transfers move -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rest", "transfers", "found"),
    [
        ({"minsu": 9, "yuna": 5}, {"isa": 6, "hers": 7}, {"minsu": 8, "yuna": 5}),
        ({"minsu": 9}, {"isa": 9}, {"minsu": 9}),
        ({"minsu": 9}, {"isa": 4, "us": 3}, {"minsu": 7}),
        ({"minsu": 9, "yuna": 5}, {"isa": 14}, {"minsu": 9, "yuna": 5}),
        ({"minsu": 1, "yuna": 5}, {"hers": 6}, {"minsu": 1, "yuna": 5}),
        ({"minsu": 9, "yuna": 5}, {"isa": 3}, {"minsu": 3}),
        ({"minsu": 9, "yuna": 5, "jun": 5}, {"isa": 12}, {"minsu": 9, "yuna": 3}),
        ({"minsu": -9, "yuna": -5}, {"isa": -6, "hers": -7}, {"minsu": -8, "yuna": -5}),
        ({"minsu": -1, "yuna": -5}, {"hers": -6}, {"minsu": -1, "yuna": -5}),
        ({"minsu": -9, "yuna": -5}, {"isa": -14}, {"minsu": -9, "yuna": -5}),
        ({"minsu": -9}, {"isa": 3}, {}),  # a transfer the other way moves none of it
        ({"minsu": 9}, {"isa": -3}, {}),
        ({"minsu": 9}, {}, {}),
    ],
)
def test_accounts_move_their_own_people_s_money_first(
    rest: dict[str, int], transfers: dict[str, int], found: dict[str, int]
) -> None:
    assert shared(rest, transfers, OWNERS) == found


# --- plans that were kept -------------------------------------------------------------------------


def test_what_older_plans_did_not_keep_is_read_as_none() -> None:
    end = {**asked(100).document(), "person": "minsu", "until": {}}
    del end["earlier"]
    found = under_way_in({"under_way": {"requests": {}, "ended": [end]}})
    assert found.ended == (EndedMoney(person="minsu", asked=asked(100), until={}, rest=100),)
    assert moved_then({"looked": {"isa": {"moved": 4}, "us": {}}}) == {"isa": 4}
    assert moved_then({}) == {}


def test_the_next_plan_waits_for_what_this_one_left_to_come() -> None:
    under = MoneyUnderWay(requests={"minsu": asked(100, stays=3), "yuna": asked(50)})
    kept = {"under_way": under.document(), "to_come": {"minsu": 60}, "transfers": {"isa": 60}}
    found = under_way_after(kept)
    assert found.requests == {"minsu": asked(100, left=60, stays=3)}
    assert found.transfers == {"isa": 60}
    again = under_way_after({**kept, "stays": {"minsu": 37}}, stands=False)
    assert (again.requests["minsu"].stays, again.transfers) == (37, {})
