"""What people say and schedules make due, beside what is open: who moves what, and what is said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any

import pytest

from jeoul.errors import UsageError
from jeoul.operations.desk.reconcile import ExpectedMoney
from jeoul.operations.household.asked_money import AskedMoney, EndedMoney, MoneyUnderWay
from jeoul.operations.household.awaited_money import awaited
from jeoul.operations.household.lapsed_money import without_lapsed
from jeoul.operations.household.money_left import Books
from jeoul.operations.household.said_money import asked_with, with_due

MARCH, APRIL, MAY = date(2026, 3, 31), date(2026, 4, 30), date(2026, 5, 29)
OWNERS = {"isa": "minsu", "us": "minsu", "hers": "yuna"}
BEFORE = {"isa": 7, "us": 3, "hers": 5}
RATES = {"isa": 1.0, "us": 14.0, "hers": 1.0}


def books(*, gifts: bool = False, **moved: int) -> Books:
    seen = {name: BEFORE[name] + moved.get(name, 0) for name in BEFORE}
    return Books(moved=seen, rates=RATES, owners=OWNERS, gifts=gifts)


def asked(amount: int, since: date = MARCH) -> AskedMoney:
    return AskedMoney.of(amount, since, BEFORE)


def told(held: Mapping[str, int] = MappingProxyType({}), **wanted: Any) -> MoneyUnderWay:
    """Requests that a plan has asked for, with what waits by schedule."""
    return MoneyUnderWay(
        requests={name: asked(won) for name, won in wanted.items()},
        held={name: asked(won) for name, won in held.items()},
        transfers={"isa": 1},
        seen=BEFORE,
    )


def amounts(requests: Mapping[str, AskedMoney]) -> dict[str, int]:
    return {name: each.amount for name, each in requests.items()}


# --- what a person says ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("open_", "come", "wanted", "requests", "ended"),
    [
        ({"minsu": 100}, 0, {"yuna": 5}, {"minsu": 100, "yuna": 5}, []),
        ({"minsu": 1}, 0, {"yuna": 5}, {"minsu": 1, "yuna": 5}, []),
        ({"minsu": 100}, 0, {"yuna": 1}, {"minsu": 100, "yuna": 1}, []),
        ({"minsu": -1}, 0, {"yuna": -1}, {"minsu": -1, "yuna": -1}, []),
        ({"minsu": 100}, 0, {"minsu": -3}, {"minsu": -3}, ["minsu"]),
        # A deposit that has come ends where money goes the other way, and stays where it does not.
        ({"minsu": 100}, 100, {"yuna": -5}, {"yuna": -5}, ["minsu"]),
        ({"minsu": 100}, 100, {"yuna": 5}, {"minsu": 100, "yuna": 5}, []),
        ({"minsu": 100, "yuna": 9}, 100, {"yuna": 0}, {"minsu": 100}, ["yuna"]),
        ({"minsu": 1}, 1, {"yuna": -1}, {"yuna": -1}, ["minsu"]),
    ],
)
def test_what_a_person_says_stands_beside_what_is_open_the_same_way(
    open_: dict[str, Any],
    come: int,
    wanted: dict[str, int],
    requests: dict[str, int],
    ended: list[str],
) -> None:
    found = asked_with(told(**open_), wanted, books(isa=come), APRIL)
    assert amounts(found.requests) == requests
    assert [each.person for each in found.ended] == ended
    assert found.transfers == {}


@pytest.mark.parametrize("wanted", [{"yuna": -1}, {"yuna": -5}, {"yuna": 5, "jun": -5}])
def test_money_in_beside_money_out_is_refused(wanted: dict[str, int]) -> None:
    with pytest.raises(UsageError, match="at once"):
        asked_with(told(minsu=100), wanted, books(isa=98), APRIL)


def test_the_same_words_on_another_day_are_another_request() -> None:
    open_ = told(minsu=100)
    assert asked_with(open_, {"minsu": 100}, books(), MARCH) is open_
    assert asked_with(open_, {"minsu": 100}, books(), APRIL).requests["minsu"].since == APRIL
    assert asked_with(open_, {"minsu": 101}, books(), MARCH).requests["minsu"].amount == 101


# --- what a schedule makes due --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("open_", "held", "due", "requests", "waits"),
    [
        ({}, {}, {"minsu": 9}, {"minsu": 9}, {}),
        ({}, {}, {"minsu": 1}, {"minsu": 1}, {}),
        ({}, {}, {"minsu": -1}, {"minsu": -1}, {}),
        ({}, {}, {"minsu": 9, "yuna": -2}, {"minsu": 9}, {"yuna": -2}),
        ({}, {}, {"minsu": 2, "yuna": -9}, {"yuna": -9}, {"minsu": 2}),
        ({}, {}, {"minsu": 2, "yuna": -2}, {"minsu": 2}, {"yuna": -2}),
        ({}, {}, {"minsu": 2, "yuna": -1}, {"minsu": 2}, {"yuna": -1}),
        ({}, {"yuna": -2}, {"minsu": 9}, {"minsu": 9}, {"yuna": -2}),
        ({}, {"yuna": -2}, {"yuna": -3}, {"yuna": -5}, {}),
        ({}, {"yuna": -2}, {}, {"yuna": -2}, {}),
        ({"minsu": 100}, {}, {"minsu": 20}, {"minsu": 120}, {}),
        ({"minsu": 100}, {}, {"minsu": -20}, {"minsu": 80}, {}),
        ({"minsu": 3}, {}, {"minsu": -2}, {"minsu": 1}, {}),
        ({"minsu": 100}, {}, {"minsu": -100}, {}, {}),
        ({"minsu": 100, "yuna": 50}, {}, {"minsu": -100}, {"yuna": 50}, {}),
        ({"minsu": 100}, {}, {"minsu": -101}, {"minsu": -1}, {}),
        ({"minsu": 100}, {}, {"minsu": -100, "yuna": -2}, {"yuna": -2}, {}),
        ({"minsu": 100}, {}, {"yuna": -20}, {"minsu": 100}, {"yuna": -20}),
        ({"minsu": 100}, {"yuna": -20}, {"yuna": 25}, {"minsu": 100, "yuna": 5}, {}),
        ({"minsu": 100}, {"yuna": -20}, {"yuna": 20}, {"minsu": 100}, {}),
        ({"minsu": -100}, {}, {"minsu": 20}, {"minsu": -80}, {}),
        ({"minsu": -100}, {}, {"yuna": 1}, {"minsu": -100}, {"yuna": 1}),
        ({"minsu": -3}, {}, {"minsu": 4}, {"minsu": 1}, {}),
    ],
)
def test_money_is_asked_for_one_way_and_the_rest_waits(
    open_: dict[str, Any],
    held: dict[str, int],
    due: dict[str, int],
    requests: dict[str, int],
    waits: dict[str, int],
) -> None:
    found, _ = with_due(told(held, **open_), due, APRIL, books())
    assert amounts(found.requests) == requests
    assert amounts(found.held) == waits


def test_a_request_of_which_a_won_is_left_goes_on() -> None:
    found, _ = with_due(told(minsu=3, yuna=50), {"minsu": -2}, APRIL, books())
    assert (found.requests["minsu"].amount, found.ended) == (1, ())


def test_a_request_that_has_been_met_is_left_beside_what_is_due_the_same_way() -> None:
    found, _ = with_due(told(minsu=100), {"yuna": 5}, APRIL, books(isa=100))
    assert amounts(found.requests) == {"minsu": 100, "yuna": 5}
    assert found.ended == ()


def test_who_says_something_now_has_nothing_due() -> None:
    found, due = with_due(told(), {"minsu": 9, "yuna": 4}, APRIL, books(), apart={"minsu"})
    assert (amounts(found.requests), due.due) == ({"yuna": 4}, {"yuna": 4})


@pytest.mark.parametrize(
    ("open_", "due", "netted"),
    [
        ({"minsu": 100}, {"minsu": -20}, {"minsu"}),
        ({"minsu": 100}, {"minsu": 20}, set()),
        ({"minsu": 1}, {"minsu": -1}, {"minsu"}),
        ({"minsu": -100}, {"minsu": 20}, {"minsu"}),
        ({}, {"minsu": -20}, set()),
        ({}, {"minsu": 20}, set()),
        ({"minsu": 100}, {"yuna": -20}, set()),
    ],
)
def test_a_schedule_is_set_off_against_one_s_own_open_request_alone(
    open_: dict[str, Any], due: dict[str, int], netted: set[str]
) -> None:
    assert with_due(told(**open_), due, APRIL, books())[1].netted == netted


def test_an_end_is_named_with_what_a_schedule_was_set_off_against() -> None:
    found, _ = with_due(told(minsu=100, yuna=50), {"yuna": -60}, APRIL, books(isa=100))
    assert [(each.person, each.netted) for each in found.ended] == [("minsu", 0), ("yuna", 50)]
    assert found.ended[0].until == books(isa=100).moved


def test_transfers_are_planned_again_only_where_a_request_has_changed() -> None:
    same, due = with_due(told({"yuna": -20}, minsu=100), {}, APRIL, books())
    assert (same.transfers, due.held, due.freed) == ({"isa": 1}, {}, {})
    more, due = with_due(told({"yuna": -20}, minsu=100), {"yuna": -5}, APRIL, books())
    assert (more.transfers, due.held) == ({"isa": 1}, {"yuna": -25})
    new, due = with_due(told(minsu=100), {"yuna": -5}, APRIL, books())
    assert (new.transfers, due.held) == ({"isa": 1}, {"yuna": -5})
    over, _ = with_due(told(minsu=100), {"minsu": -100}, APRIL, books())
    assert over.transfers == {}
    changed, _ = with_due(told(minsu=100), {"minsu": 1}, APRIL, books())
    assert changed.transfers == {}
    free, due = with_due(told({"yuna": -20}), {}, APRIL, books())
    assert (free.transfers, due.freed, due.held) == ({}, {"yuna": -20}, {})


def test_where_money_begins_to_count_that_falls_due() -> None:
    """From the newest plan, from when it began to wait, or from where a request's own has ended."""
    now = books(isa=-40)
    later = {name: won + 1 for name, won in BEFORE.items()}
    first, _ = with_due(replace(told(), seen=later), {"minsu": -50}, APRIL, now)
    assert first.requests["minsu"].before == later
    waited = replace(told({"minsu": -5}), seen=later)
    assert with_due(waited, {}, APRIL, now)[0].requests["minsu"].before == BEFORE
    gone = replace(told(minsu=100), seen=later)
    assert with_due(gone, {"minsu": -150}, APRIL, now)[0].requests["minsu"].before == BEFORE
    same = replace(books(isa=-4, us=4), rates=dict.fromkeys(OWNERS, 1.0))  # nothing has come
    assert with_due(gone, {"minsu": -150}, APRIL, same)[0].requests["minsu"].before == BEFORE
    come = books(isa=30)
    used = with_due(gone, {"minsu": -150}, APRIL, come)[0].requests["minsu"]
    assert (used.before, used.amount) == (come.moved, -80)


@pytest.mark.parametrize(
    ("open_", "seen", "come", "due", "begins"),
    [
        (-100, 0, -30, 50, -30),  # what went out was asked for: it is not taken off the deposit
        (-100, 0, -130, 50, -130),  # and no more of it than that
        (-100, 0, 20, 50, 0),  # money came in against the request: it is the schedule's
        (100, 0, 130, 50, 100),  # beyond what was asked for, money is the schedule's
        (100, 60, 130, 50, 100),  # of which 60 had come before the newest plan
        (100, 60, 90, 50, 90),
        (100, 0, -20, 50, -20),
        (100, 0, 30, -50, 30),
    ],
)
def test_what_came_for_a_request_that_has_lapsed_is_not_what_falls_due(
    open_: int, seen: int, come: int, due: int, begins: int
) -> None:
    late, now = MARCH + timedelta(days=31), books(isa=come)
    open_money = {"minsu": replace(asked(open_), left=open_ - seen)}
    before = replace(told(), requests=open_money, seen=books(isa=seen).moved)
    found, _ = with_due(without_lapsed(before, late, now), {"minsu": due}, late, now)
    asks = {**found.requests, **found.held}["minsu"]
    assert (asks.amount, asks.before["isa"] - BEFORE["isa"]) == (due, begins)


@pytest.mark.parametrize(
    ("gifts", "moved", "begins"),
    [
        (False, {"isa": -40}, -40),  # a deposit falls due: it is not less for what went out before
        (False, {"isa": 40}, 0),
        (False, {"isa": -10, "hers": 30}, -10),
        (True, {"isa": -10, "hers": 30}, 0),
        (True, {"isa": -10, "hers": 10}, -10),
    ],
)
def test_only_what_moved_the_same_way_since_the_newest_plan_may_be_what_falls_due(
    gifts: bool, moved: dict[str, int], begins: int
) -> None:
    now = books(gifts=gifts, **moved)
    found, _ = with_due(told(), {"minsu": 50}, APRIL, now)
    assert found.requests["minsu"].before["isa"] - BEFORE["isa"] == begins


def test_a_request_that_ended_in_a_plan_that_nobody_saw_has_used_what_came_by_then() -> None:
    """A run that was killed while it froze its plan: what is under way is from before it."""
    end = EndedMoney(person="minsu", asked=asked(-100), until=books(isa=-100).moved, rest=0)
    found, _ = with_due(replace(told(), ended=(end,)), {"minsu": 50}, APRIL, books(isa=-60))
    assert found.requests["minsu"].before == books(isa=-100).moved


def test_what_another_person_asked_for_ends_without_a_word_on_what_falls_due() -> None:
    end = EndedMoney(person="yuna", asked=asked(-100), until=books(isa=30).moved, rest=-100)
    found, _ = with_due(replace(told(), ended=(end,)), {"minsu": 50}, APRIL, books(isa=30))
    assert found.requests["minsu"].before == BEFORE


# --- what is waited for no more -------------------------------------------------------------------


def test_what_has_come_is_taken_off_the_oldest_days_that_have_lapsed() -> None:
    request = replace(asked(9_000, MAY), earlier={MARCH: 2_000, APRIL: 3_000})
    open_ = replace(told(), requests={"minsu": request})
    day = APRIL + timedelta(days=31)
    found = without_lapsed(open_, day, books(isa=1_500))
    assert amounts(found.requests) == {"minsu": 5_500}
    (end,) = found.ended
    assert (end.asked.amount, end.asked.since, end.person) == (3_500, APRIL, "minsu")
    assert (end.asked.before, end.until) == (books(isa=1_500).moved, books(isa=1_500).moved)
    before = without_lapsed(open_, APRIL + timedelta(days=30), books(isa=1_500))
    assert [(each.asked.amount, each.asked.since) for each in before.ended] == [(500, MARCH)]
    assert without_lapsed(open_, MARCH + timedelta(days=30), books()).ended == ()


@pytest.mark.parametrize(("way", "come", "ends"), [(1, 10, 0), (1, 9, 1), (-1, 10, 0), (-1, 9, 1)])
def test_a_hundredth_that_is_overdue_is_still_waited_for(way: int, come: int, ends: int) -> None:
    """Of 2,000 won 20 are a hundredth: 30 lapsed, and those that came are the oldest."""
    request = replace(asked(way * 2_000, MAY), earlier={MARCH: way * 30})
    open_ = replace(told(), requests={"minsu": request})
    found = without_lapsed(open_, MAY, books(isa=way * come))
    assert len(found.ended) == ends


# --- what may be booked ---------------------------------------------------------------------------


def expected(
    account: str, open_: MoneyUnderWay, due: Mapping[str, int], then: Books, now: Books
) -> tuple[int, int, int, int]:
    found = awaited(account, open_, due, then.moved, now)
    return found.paid_in, found.taken_out, found.whole_in, found.whole_out


@pytest.mark.parametrize(
    ("then", "now", "whole", "rounded"),
    [
        (0, 0, 10_000, 10_100),
        (4_000, 4_000, 6_000, 6_060),  # what had come by the plan is no more to come
        (4_000, 5_000, 5_000, 5_060),
        (-4_000, -4_000, 10_000, 10_100),
        (0, -4_000, 10_000, 10_100),  # money that went out makes room for no more
        (0, 10_000, 0, 100),
        (0, 20_000, 0, 0),
    ],
)
def test_what_may_come_is_what_was_asked_less_what_has_come(
    then: int, now: int, whole: int, rounded: int
) -> None:
    found = expected("isa", told(minsu=10_000), {}, books(isa=then), books(isa=now))
    assert found == (rounded, 0, whole, 0)


def test_both_ways_are_rounded_up_by_a_hundredth_in_the_account_s_own_units() -> None:
    open_ = told({"minsu": -3_000}, minsu=10_000)
    then = books()
    assert expected("isa", open_, {}, then, then) == (10_100, 3_030, 10_000, 3_000)
    assert expected("us", open_, {}, then, then) == (721, 216, 714, 214)  # by 14 won
    assert all(type(each) is int for each in expected("us", open_, {}, then, then))


def test_what_one_request_has_too_much_is_not_taken_off_another() -> None:
    open_ = replace(told(minsu=10_000), held={"minsu": asked(2_000)})
    then = books(isa=5_000)
    assert expected("isa", open_, {}, then, then)[2] == 5_000


def test_a_schedule_brings_money_each_way_by_itself() -> None:
    then = books()
    due = {"minsu": 500, "yuna": -300}
    assert expected("isa", told(), due, then, then)[2:] == (500, 0)
    shared = replace(then, gifts=True)
    assert expected("isa", told(), due, then, shared)[2:] == (500, 300)
    both = told(yuna=700)
    assert expected("isa", both, due, then, then)[2:] == (500, 0)
    assert expected("isa", both, due, then, shared)[2:] == (1_200, 300)


def test_nothing_is_awaited_in_an_account_that_no_plan_saw_or_that_has_no_rate() -> None:
    open_, then = told(minsu=10_000), books()
    new = {name: won for name, won in BEFORE.items() if name != "isa"}
    assert awaited("isa", open_, {}, new, then) == ExpectedMoney()
    assert awaited("us", open_, {}, BEFORE, replace(then, rates={"isa": 1.0})) == ExpectedMoney()
