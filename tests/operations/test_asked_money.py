"""Money that somebody said will move is followed in the books until it has moved or lapsed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jeoul.errors import UsageError
from jeoul.operations.desk.reconcile import ExpectedMoney
from jeoul.operations.household.asked_money import (
    LAPSES,
    AskedMoney,
    MoneyUnderWay,
    under_way_after,
    under_way_in,
)
from jeoul.operations.household.awaited_money import awaited
from jeoul.operations.household.counted_once import counted_once
from jeoul.operations.household.lapsed_money import without_lapsed
from jeoul.operations.household.money_left import Books, MoneyLeft, amounts_left, money_left
from jeoul.operations.household.money_plan import money_plan
from jeoul.operations.household.money_texts import due_notes, money_notes
from jeoul.operations.household.said_money import _direction, asked_with, with_due

JUNE = date(2026, 6, 26)
OWNERS = {"general": "minsu", "isa": "minsu", "hers": "yuna", "us": "minsu"}
RATES = {"general": 1.0, "isa": 1.0, "hers": 1.0, "us": 14.0}  # 1,400 won for a dollar, by the cent
NONE = dict.fromkeys(OWNERS, 0)


def books(**moved: int) -> Books:
    return Books(moved={**NONE, **moved}, rates=RATES, owners=OWNERS)


def asked(**wanted: int) -> MoneyUnderWay:
    return asked_with(MoneyUnderWay(seen=NONE), wanted, books(), JUNE)


def idle(**moved: int) -> MoneyUnderWay:
    """What is under way when all is done."""
    return MoneyUnderWay(seen={**NONE, **moved})


def left(told: MoneyUnderWay, *, gifts: bool = False, **moved: int) -> dict[str, int]:
    seen = replace(books(**moved), gifts=gifts)
    return {name: won for name, won in amounts_left(told.requests, seen).items() if won}


def planned(told: MoneyUnderWay, transfers: Mapping[str, int], **moved: int) -> MoneyUnderWay:
    """What the plan after one is told that asked for these transfers."""
    seen = books(**moved)
    asks = money_plan(told, money_left(told, seen), transfers, seen)
    looked = {name: {"moved": won} for name, won in seen.moved.items()}
    kept = {"under_way": told.document(), **asks.document(), "looked": looked}
    document = json.loads(json.dumps(kept))
    return under_way_after(document)


def missing(found: MoneyLeft) -> dict[str, int]:
    return {each.person: each.won for each in found.missing}


def notes(told: MoneyUnderWay, on: date = JUNE, **moved: int) -> list[str]:
    return list(money_notes("en", money_left(told, books(**moved)), {}, on))


def seen(told: MoneyUnderWay, on: date = JUNE, **moved: int) -> MoneyLeft:
    return money_left(without_lapsed(told, on, books(**moved)), books(**moved))


# --- what has moved -------------------------------------------------------------------------------


def test_money_may_arrive_in_any_account_of_the_person() -> None:
    told = asked(minsu=3_000_000)
    assert left(told, general=1_000_000, isa=500_000) == {"minsu": 1_500_000}
    assert left(told, hers=3_000_000) == {"minsu": 3_000_000}
    assert left(told, us=100_000) == {"minsu": 1_600_000}


def test_money_that_goes_from_one_account_to_another_is_not_new() -> None:
    assert left(asked(minsu=3_000_000), general=-3_000_000, isa=3_000_000) == {"minsu": 3_000_000}
    gift = left(asked(minsu=3_000_000), gifts=True, general=-3_000_000, hers=3_000_000)
    assert gift == {"minsu": 3_000_000}


def test_with_gifts_a_spouse_may_pay_and_money_of_their_own_comes_first() -> None:
    assert left(asked(minsu=3_000_000), gifts=True, hers=1_000_000) == {"minsu": 2_000_000}
    both = asked(minsu=3_000_000, yuna=1_000_000)
    assert left(both, gifts=True, hers=1_500_000) == {"minsu": 2_500_000}


def gift_left(over: MoneyUnderWay, then: int, now: int, *, before: int = 0) -> int:
    """What is left of 5 M of minsu's once a request of yuna's is over, by what hers had seen."""
    his = AskedMoney.of(5_000_000, JUNE, {**NONE, "hers": before})
    ended = replace(books(hers=then), gifts=True)
    rest = counted_once({"minsu": his}, over.requests, ended)
    return amounts_left(rest, replace(books(hers=now), gifts=True))["minsu"]


def test_what_came_for_a_spouse_s_own_request_is_no_gift_afterwards() -> None:
    hers = asked(yuna=900_000)
    assert gift_left(hers, 900_000, 900_000) == 5_000_000
    assert gift_left(hers, 900_000, 2_400_000) == 3_500_000
    assert gift_left(hers, 1_900_000, 2_400_000) == 3_500_000  # more than hers is a gift
    assert gift_left(hers, 400_000, 2_400_000) == 3_000_000  # ended before all of it had come


def test_what_came_before_a_request_was_said_is_not_taken_off_it_again() -> None:
    hers = asked(yuna=900_000)
    assert gift_left(hers, 900_000, 2_400_000, before=900_000) == 3_500_000
    assert gift_left(hers, 900_000, 2_400_000, before=600_000) == 3_500_000


def test_without_gifts_nobody_s_money_is_another_s() -> None:
    his = asked(minsu=5_000_000).requests
    assert counted_once(his, asked(yuna=900_000).requests, books(hers=900_000)) == his


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
        assert rest == max(0, amount - sum(parts[:count]))
        before = rest


def test_an_account_that_joined_later_brings_no_new_money() -> None:
    then = replace(books(), moved={"general": 0})
    told = asked_with(MoneyUnderWay(), {"minsu": 1_000_000}, then, JUNE)
    assert left(told, isa=9_000_000) == {"minsu": 1_000_000}


# --- what is said ---------------------------------------------------------------------------------


def test_a_new_amount_takes_the_place_of_the_old_and_zero_ends_it() -> None:
    first = planned(asked(minsu=3_000_000), {"isa": 3_000_000})
    more = asked_with(first, {"minsu": 5_000_000}, books(isa=1_000_000), JUNE)
    assert left(more, isa=1_000_000) == {"minsu": 5_000_000}
    assert notes(more, isa=1_000_000) == [
        "₩1,000,000 of the deposit of minsu has arrived; ₩5,000,000 is still to come.",
        "₩2,000,000 of the deposit of minsu did not arrive and is no longer expected.",
    ]
    over = asked_with(first, {"minsu": 0}, books(), JUNE)
    assert over.requests == {}
    assert len(notes(over)) == 1
    with pytest.raises(UsageError, match="at once"):
        asked_with(first, {"yuna": -1}, books(), JUNE)


def test_what_comes_after_a_request_has_ended_is_not_its_money() -> None:
    """A plan that a crash left in one account told nobody: the next one says all that ended."""
    first = planned(asked(minsu=3_000_000), {"isa": 3_000_000})
    killed = asked_with(first, {"minsu": 5_000_000}, books(isa=1_000_000), JUNE)
    again = asked_with(killed, {"minsu": 7_000_000}, books(isa=3_000_000), JUNE)
    found = seen(again, isa=4_000_000)
    assert [(each.person, each.won) for each in found.missing] == [
        ("minsu", 2_000_000),
        ("minsu", 3_000_000),
    ]
    assert (found.arrived, found.left) == ({"minsu": 4_000_000}, {"minsu": 6_000_000})


def test_the_same_words_on_the_same_session_are_one_request() -> None:
    first = asked(minsu=3_000_000)
    assert asked_with(first, {"minsu": 3_000_000}, books(), JUNE) == first
    later = asked_with(first, {"minsu": 3_000_000}, books(), JUNE + timedelta(days=1))
    assert [each.asked for each in later.ended] == list(first.requests.values())


def test_what_was_asked_is_planned_once_and_again_when_something_arrives() -> None:
    told = asked(minsu=3_000_000)
    assert seen(told).fresh
    later = planned(told, {"isa": 3_000_000})
    assert (later.requests, later.transfers) == (told.requests, {"isa": 3_000_000})
    assert not seen(later).fresh
    some = seen(later, isa=1_000_000)
    assert (some.fresh, some.arrived, some.left) == (
        True,
        {"minsu": 1_000_000},
        {"minsu": 2_000_000},
    )
    done = seen(later, isa=3_000_000)
    assert (done.fresh, done.arrived, done.left) == (True, {"minsu": 3_000_000}, {})
    assert planned(later, {}, isa=3_000_000) == idle(isa=3_000_000)


def test_an_end_names_what_has_come_and_not_what_was_asked_for() -> None:
    later = planned(asked(minsu=3_000_000), {"isa": 3_000_000})
    assert notes(later, isa=2_990_000) == ["The deposit of minsu has arrived (₩2,990,000)."]


def test_a_rate_of_exchange_that_moves_is_no_money_that_moves() -> None:
    later = planned(asked(minsu=3_000_000), {"isa": 3_000_000})
    later = planned(later, {"isa": 1_600_000}, us=100_000)
    assert seen(later, us=101_000).arrived == {}  # 14,000 won of 3 M
    again = planned(later, later.transfers, us=101_000)
    assert again.requests == later.requests
    assert seen(again, us=103_000).arrived == {"minsu": 42_000}
    assert seen(planned(asked(minsu=3_000_000), {"isa": 3_000_000}), isa=1).arrived == {"minsu": 1}


def test_money_that_goes_back_is_no_withdrawal_of_the_plan() -> None:
    first = planned(asked(minsu=3_000_000), {"isa": 3_000_000})
    later = planned(first, {"isa": 1_000_000}, isa=2_000_000)
    assert left(later, isa=500_000) == {"minsu": 2_500_000}
    assert notes(later, isa=500_000) == [
        "₩1,500,000 of the deposit of minsu has gone back to the bank."
    ]
    out = planned(asked(minsu=-3_000_000), {"isa": -3_000_000})
    out = planned(out, {"isa": -1_000_000}, isa=-2_000_000)
    assert notes(out, isa=-500_000) == [
        "₩1,500,000 of the withdrawal of minsu has been paid in again."
    ]


def test_money_that_never_comes_is_waited_for_a_month_and_missed_once() -> None:
    later = planned(asked(minsu=3_000_000), {"isa": 3_000_000})
    assert seen(later, JUNE + LAPSES).left == {"minsu": 3_000_000}
    day = JUNE + LAPSES + timedelta(days=1)
    over = seen(later, day, isa=1_000_000)
    assert (over.left, missing(over), over.fresh) == ({}, {"minsu": 2_000_000}, True)
    lapsed = without_lapsed(later, day, books(isa=1_000_000))
    assert notes(lapsed, day, isa=1_000_000) == [
        "₩1,000,000 of the deposit of minsu has arrived.",
        "₩2,000,000 of the deposit of minsu did not arrive within 30 days and is no longer "
        "expected. To ask again, run with --deposit.",
    ]
    assert planned(lapsed, {}, isa=1_000_000) == idle(isa=1_000_000)


# --- what stays at the bank -----------------------------------------------------------------------


def test_what_no_account_takes_is_not_waited_for() -> None:
    told = asked(minsu=5_000_000)
    asks = money_plan(told, seen(told), {"isa": 2_000_000}, books())
    assert (asks.to_come, asks.stays) == ({"minsu": 2_000_000}, {"minsu": 3_000_000})
    later = planned(told, {"isa": 2_000_000})
    assert seen(later).left == {"minsu": 2_000_000}
    assert seen(later, isa=2_000_000).left == {}
    day = JUNE + LAPSES + timedelta(days=1)
    assert missing(seen(later, day)) == {"minsu": 2_000_000}
    again = money_plan(later, seen(later), later.transfers, books())
    assert (again.stays, again.to_come) == ({}, {"minsu": 2_000_000})  # said once


def test_what_stays_at_the_bank_is_not_still_to_come() -> None:
    told = planned(asked(minsu=3_000_000), {"isa": 3_000_000})
    found = seen(told, isa=1_000_000)
    assert next(money_notes("en", found, {"minsu": 400_000}, JUNE)) == (
        "₩1,000,000 of the deposit of minsu has arrived; ₩1,600,000 is still to come."
    )
    assert list(money_notes("en", found, {"minsu": 2_000_000}, JUNE)) == [
        "₩1,000,000 of the deposit of minsu has arrived.",
        "₩2,000,000 of the deposit of minsu stays at the bank: the plan puts it into no account.",
    ]


def test_money_that_nobody_takes_at_all_is_over() -> None:
    assert planned(asked(minsu=5_000_000), {}) == idle()


# --- what a schedule makes due --------------------------------------------------------------------


def test_a_schedule_adds_to_what_is_open_and_says_so() -> None:
    told = planned(asked(minsu=3_000_000), {"isa": 3_000_000})
    more, due = with_due(told, {"minsu": 1_200_000}, JUNE, books())
    assert left(more) == {"minsu": 4_200_000}
    assert seen(more).fresh
    assert list(due_notes("en", due)) == [
        "Scheduled savings of minsu: ₩1,200,000 since the last plan."
    ]


def test_a_request_that_lapses_with_a_schedule_is_said_to_have() -> None:
    day = JUNE + LAPSES + timedelta(days=1)
    told = without_lapsed(planned(asked(minsu=3_000_000), {"isa": 3_000_000}), day, books())
    more, _ = with_due(told, {"minsu": 1_200_000}, day, books())
    assert (missing(seen(more)), left(more)) == ({"minsu": 3_000_000}, {"minsu": 1_200_000})


APRIL, MAY, LATE = date(2026, 4, 30), date(2026, 5, 29), date(2026, 6, 1)


def saved(first: int = 1_200_000, second: int = 1_200_000) -> MoneyUnderWay:
    """Savings of two months of which nothing has come, as the plan after them is told."""
    told, _ = with_due(MoneyUnderWay(seen=NONE), {"minsu": first}, APRIL, books())
    told = planned(told, {"isa": first})
    told, _ = with_due(told, {"minsu": second}, MAY, books())
    return planned(told, {"isa": first + second})


def test_savings_of_each_month_are_waited_for_by_themselves() -> None:
    assert seen(saved(), APRIL + LAPSES).left == {"minsu": 2_400_000}
    over = seen(saved(), LATE)
    assert (over.left, missing(over), over.fresh) == (
        {"minsu": 1_200_000},
        {"minsu": 1_200_000},
        True,
    )
    later = planned(without_lapsed(saved(), LATE, books()), {"isa": 1_200_000})
    assert missing(seen(later, MAY + LAPSES)) == {}  # said once
    assert missing(seen(later, MAY + LAPSES + timedelta(days=1))) == {"minsu": 1_200_000}


def test_what_has_come_is_that_of_the_oldest_month() -> None:
    told = without_lapsed(saved(), LATE, books(isa=700_000))
    assert notes(told, LATE, isa=700_000) == [
        "₩700,000 of the deposit of minsu has arrived; ₩1,200,000 is still to come.",
        "₩500,000 of the deposit of minsu did not arrive within 30 days and is no longer "
        "expected. To ask again, run with --deposit.",
    ]
    assert missing(seen(saved(), LATE, isa=1_200_000)) == {}
    assert seen(saved(), LATE, isa=1_200_000).left == {"minsu": 1_200_000}


def test_a_withdrawal_of_each_month_is_waited_for_by_itself() -> None:
    over = seen(saved(-1_200_000, -800_000), LATE, isa=-300_000)
    assert (over.left, missing(over)) == ({"minsu": -800_000}, {"minsu": -900_000})


def test_what_is_set_off_lowers_the_oldest_month_and_puts_no_end_off() -> None:
    told, _ = with_due(saved(), {"minsu": -1_000_000}, LATE - timedelta(days=2), books())
    later = planned(told, {"isa": 1_400_000})
    assert missing(seen(later, LATE)) == {"minsu": 200_000}


def test_what_is_due_the_other_way_waits_until_its_turn() -> None:
    told = planned(asked(minsu=3_000_000), {"isa": 3_000_000})
    both, due = with_due(told, {"yuna": -2_000_000}, JUNE, books())
    assert (left(both), due.held) == ({"minsu": 3_000_000}, {"yuna": -2_000_000})
    assert list(due_notes("en", due)) == [
        "Scheduled withdrawal of yuna: ₩2,000,000 since the last plan.",
        "₩2,000,000 that yuna takes out by schedule waits, because a deposit is under way. It is "
        "planned once that is done.",
    ]
    same, due = with_due(planned(both, both.transfers), {}, JUNE, books())
    assert (same.held, list(due_notes("en", due))) == (both.held, [])
    done = planned(same, {}, isa=3_000_000)
    turn, due = with_due(done, {}, JUNE, books(isa=3_000_000))
    assert left(turn, isa=3_000_000) == {"yuna": -2_000_000}
    assert list(due_notes("en", due)) == [
        "Scheduled withdrawal of yuna: ₩2,000,000 that had waited is planned now."
    ]
    assert left(turn, hers=-2_000_000) == {}  # taken out on its day, while it waited


def test_what_a_person_says_comes_before_the_schedule_of_another() -> None:
    told = asked(minsu=3_000_000)
    both, due = with_due(told, {"yuna": -2_000_000, "minsu": 5}, JUNE, books(), apart=("minsu",))
    assert (left(both), due.due) == ({"minsu": 3_000_000}, {"yuna": -2_000_000})
    assert both.held["yuna"].amount == -2_000_000


@pytest.mark.parametrize(
    ("out", "open_"),
    [(-1_000_000, {"minsu": 2_000_000}), (-3_000_000, {}), (-4_000_000, {"minsu": -1_000_000})],
)
def test_a_schedule_is_set_off_against_what_the_same_person_still_moves(
    out: int, open_: dict[str, int]
) -> None:
    told = planned(asked(minsu=3_000_000), {"isa": 3_000_000})
    found, due = with_due(told, {"minsu": out}, JUNE, books())
    assert left(found) == open_
    assert found.held == {}
    assert found.transfers == {}
    assert list(due_notes("en", due))[1] == (
        "It is set off against the deposit of minsu that was still to come."
    )


@pytest.mark.parametrize(
    ("come", "out", "open_", "said"),
    [
        (
            3_000_000,
            -1_000_000,
            {"minsu": -1_000_000},
            ["The deposit of minsu has arrived (₩3,000,000)."],
        ),
        (
            2_500_000,
            -1_000_000,
            {"minsu": -500_000},
            [
                "It is set off against the deposit of minsu that was still to come.",
                "The deposit of minsu has arrived (₩2,500,000).",
            ],
        ),
        (
            1_000_000,
            -500_000,
            {"minsu": 1_500_000},
            [
                "It is set off against the deposit of minsu that was still to come.",
                "₩1,000,000 of the deposit of minsu has arrived; ₩1,500,000 is still to come.",
            ],
        ),
        (
            2_000_000,
            -1_000_000,
            {},
            [
                "It is set off against the deposit of minsu that was still to come.",
                "The deposit of minsu has arrived (₩2,000,000).",
            ],
        ),
    ],
)
def test_a_schedule_is_set_off_against_what_has_not_come_by_the_books(
    come: int, out: int, open_: dict[str, int], said: list[str]
) -> None:
    """On the morning on which some of a deposit is there, what the newest plan saw is too much."""
    told = planned(asked(minsu=3_000_000), {"isa": 3_000_000})
    found, due = with_due(told, {"minsu": out}, JUNE, books(isa=come))
    assert seen(found, isa=come).left == open_
    assert [*due_notes("en", due), *notes(found, isa=come)][1:] == said
    later = planned(found, {"general": open_["minsu"]} if open_ else {}, isa=come)
    rest = open_.get("minsu", 0)
    assert left(later, isa=come, general=rest) == {}
    assert seen(later, isa=come, general=rest).arrived == open_


def test_a_withdrawal_that_is_done_nets_no_savings() -> None:
    told = planned(asked(minsu=-3_000_000), {"general": -3_000_000})
    found, due = with_due(told, {"minsu": 1_000_000}, JUNE, books(general=-3_000_000))
    assert due.netted == frozenset()
    assert seen(found, general=-3_000_000).left == {"minsu": 1_000_000}
    assert notes(found, general=-3_000_000) == ["The withdrawal of minsu is done (₩3,000,000)."]


def test_what_left_against_a_deposit_that_never_came_is_what_was_due() -> None:
    """A standing order took out 1.2 M in the morning: of that 0.2 M were to be taken out."""
    told = planned(asked(minsu=1_000_000), {"isa": 1_000_000})
    found, _ = with_due(told, {"minsu": -1_200_000}, JUNE, books(general=-1_200_000))
    assert seen(found, general=-1_200_000).left == {}


def test_money_that_has_come_is_not_under_way_when_other_money_goes_the_other_way() -> None:
    told = planned(asked(minsu=3_000_000), {"isa": 3_000_000})
    come = books(isa=3_000_000)
    for found in (
        asked_with(told, {"yuna": -500_000}, come, JUNE),
        with_due(told, {"yuna": -500_000}, JUNE, come)[0],
    ):
        assert found.held == {}
        assert seen(found, isa=3_000_000).left == {"yuna": -500_000}
        assert notes(found, isa=3_000_000) == ["The deposit of minsu has arrived (₩3,000,000)."]
    with pytest.raises(UsageError, match="at once"):
        asked_with(told, {"yuna": -500_000}, books(isa=2_900_000), JUNE)


def test_a_person_s_savings_wait_where_their_own_deposit_has_come_and_more_goes_out() -> None:
    told = planned(asked(minsu=3_000_000), {"isa": 3_000_000})
    due = {"minsu": 1_000_000, "yuna": -2_000_000}
    found, _ = with_due(told, due, JUNE, books(isa=3_000_000))
    assert seen(found, isa=3_000_000).left == {"yuna": -2_000_000}
    assert found.held["minsu"].left == 1_000_000
    turn, _ = with_due(
        planned(found, {"hers": -2_000_000}, isa=3_000_000),
        {},
        JUNE,
        books(isa=3_000_000, hers=-2_000_000),
    )
    assert left(turn, isa=3_000_000, hers=-2_000_000) == {"minsu": 1_000_000}


# --- what may be booked ---------------------------------------------------------------------------


def of(account: str, told: MoneyUnderWay, due: Mapping[str, int], **moved: int) -> ExpectedMoney:
    return awaited(account, told, due, NONE, books(**moved))


def test_two_accounts_do_not_both_book_the_whole_of_one_transfer() -> None:
    told = planned(asked(minsu=3_000_000), {"isa": 3_000_000})
    assert of("isa", told, {}).paid_in == of("general", told, {}).paid_in == 3_030_000
    assert of("general", told, {}, isa=3_000_000).paid_in == 30_000
    assert of("general", told, {}, isa=3_030_000) == ExpectedMoney()
    assert of("hers", told, {}) == ExpectedMoney()
    assert of("us", told, {}).paid_in == round(3_030_000 / 14)


def test_what_a_schedule_brings_is_expected_on_its_day_each_way() -> None:
    told = planned(asked(minsu=3_000_000), {"isa": 3_000_000})
    found = of("isa", told, {"minsu": -1_000_000, "yuna": 2_000_000})
    assert found == ExpectedMoney(
        paid_in=3_030_000, taken_out=1_010_000, whole_in=3_000_000, whole_out=1_000_000
    )
    assert of("hers", told, {"yuna": 2_000_000}) == ExpectedMoney(
        paid_in=2_020_000, whole_in=2_000_000
    )


def test_all_that_was_said_may_come_although_some_stays_at_the_bank() -> None:
    told = planned(asked(minsu=5_000_000), {"isa": 4_700_000})
    assert of("isa", told, {}).paid_in == 5_050_000
    assert of("isa", told, {}, general=4_700_000).paid_in == 350_000


# --- plans that were kept -------------------------------------------------------------------------


def test_a_plan_that_kept_requests_as_a_list_is_read() -> None:
    kept = {
        "under_way": {
            "asked": [
                {
                    "person": "minsu",
                    "amount": 5_000_000,
                    "since": "2026-06-26",
                    "before": {"isa": 7},
                },
                {"person": "yuna", "amount": 1_000_000, "since": "2026-06-26", "before": {}},
            ],
            "left": {"minsu": 4_000_000},
            "transfers": {"isa": 4_000_000},
            "due": {},
            "unasked": {},
        },
        "to_come": {"minsu": 4_000_000},
        "expected": {"isa": 4_040_000},
        "transfers": {"isa": 3_950_000},
    }
    asked_ = AskedMoney(amount=5_000_000, since=JUNE, before={"isa": 7}, left=4_000_000)
    assert under_way_in(kept).requests["minsu"] == asked_
    assert under_way_in(kept).requests["yuna"].left == 1_000_000
    later = under_way_after(kept)
    assert later == MoneyUnderWay(requests={"minsu": asked_}, transfers={"isa": 3_950_000})
    found = money_left(later, Books(moved={"isa": 1_000_007}, rates=RATES, owners=OWNERS))
    asks = money_plan(later, found, later.transfers, books())
    assert (found.fresh, asks.to_come) == (False, {"minsu": 3_950_000})
    assert asks.stays == {"minsu": 50_000}
    assert under_way_after({}) == MoneyUnderWay()


@given(
    st.dictionaries(st.sampled_from(["minsu", "yuna"]), st.integers(1, 10**9)),
    st.integers(0, 10**6),
)
def test_money_under_way_is_kept_as_it_is(wanted: dict[str, int], moved: int) -> None:
    told = asked_with(MoneyUnderWay(), wanted, books(isa=moved), JUNE)
    told, _ = with_due(told, {"yuna": -5}, JUNE, books(isa=moved))
    again = under_way_in({"under_way": json.loads(json.dumps(told.document()))})
    assert again == told


def test_a_plan_that_does_not_stand_asks_again() -> None:
    told = asked(minsu=3_000_000)
    asks = money_plan(told, seen(told), {"isa": 3_000_000}, books())
    kept = {"under_way": told.document(), **asks.document()}
    assert not seen(under_way_after(kept)).fresh
    again = under_way_after(kept, stands=False)
    assert seen(again).fresh
    assert seen(again, isa=1_000_000).arrived == {"minsu": 1_000_000}


@pytest.mark.parametrize(
    ("open_", "whole", "way"),
    [
        ([], {"minsu": 5}, 1),
        ([], {"minsu": -1}, -1),
        ([], {}, 1),
        ([1], {"minsu": 1}, 1),
        ([-1], {"minsu": -3}, -1),
        ([1], {"minsu": -1}, -1),
        ([1], {"minsu": 0, "yuna": -2}, -1),
        ([-1], {"minsu": 1}, 1),
    ],
)
def test_money_is_asked_for_one_way_at_a_time(
    open_: list[int], whole: dict[str, int], way: int
) -> None:
    assert _direction(open_, whole) == way
