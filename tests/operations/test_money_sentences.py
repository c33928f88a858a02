"""What a plan asks people to move, what stays at the bank, and what is said of money."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from jeoul.operations.household.asked_money import AskedMoney, EndedMoney, MoneyUnderWay
from jeoul.operations.household.money_left import Books, MissingMoney, MoneyLeft
from jeoul.operations.household.money_plan import money_plan
from jeoul.operations.household.money_texts import (
    due_notes,
    money_notes,
    room_texts,
    transfer_texts,
    unkept_texts,
    waiting_texts,
)
from jeoul.operations.household.said_money import DueMoney

MARCH, APRIL, MAY = date(2026, 3, 31), date(2026, 4, 30), date(2026, 5, 29)
OWNERS = {"isa": "minsu", "us": "minsu", "hers": "yuna"}
BEFORE = {"isa": 7, "us": 3, "hers": 5}
RATES = {"isa": 1.0, "us": 14.0, "hers": 1.0}


def books(*, gifts: bool = False, **moved: int) -> Books:
    seen = {name: BEFORE[name] + moved.get(name, 0) for name in BEFORE}
    return Books(moved=seen, rates=RATES, owners=OWNERS, gifts=gifts)


def asked(amount: int, since: date = MARCH) -> AskedMoney:
    return AskedMoney.of(amount, since, BEFORE)


def told() -> MoneyUnderWay:
    return MoneyUnderWay(transfers={"isa": 1}, seen=BEFORE)


# --- what a plan asks for -------------------------------------------------------------------------


def left_of(**left: int) -> MoneyLeft:
    return MoneyLeft(left=left, arrived={}, returned={}, missing=(), early={}, fresh=True)


@pytest.mark.parametrize(
    ("left", "transfers", "stays", "stay"),
    [
        (10, {"isa": 10}, {}, 3),
        (10, {"isa": 9}, {"minsu": 1}, 4),
        (10, {}, {"minsu": 10}, 13),
        (-10, {"isa": -9}, {}, 2),
        (-10, {"isa": -10}, {}, 3),
    ],
)
def test_what_no_account_takes_stays_at_the_bank(
    left: int, transfers: dict[str, int], stays: dict[str, int], stay: int
) -> None:
    open_ = replace(told(), requests={"minsu": replace(asked(left), stays=3)})
    found = money_plan(open_, left_of(minsu=left), transfers, books())
    assert (found.stays, found.stay) == (stays, {"minsu": stay})
    assert found.transfers == transfers


def test_a_plan_keeps_what_has_come_early_so_far() -> None:
    soon = {"minsu": replace(asked(10), left=7), "yuna": asked(5), "jun": asked(2)}
    money = replace(left_of(), early={"minsu": 4, "jun": 1})
    found = money_plan(replace(told(), early=soon), money, {"isa": 3}, books())
    assert found.early == {"minsu": 7, "jun": 1}
    assert found.transfers == {}  # nothing is left to ask for


# --- what is said ---------------------------------------------------------------------------------


def notes(
    left: int = 0, won: int = 300, stays: int = 0, missing: int = 0, other: int = 0
) -> list[str]:
    gone = [("minsu", missing), ("yuna", other)]
    money = replace(
        left_of(**({"minsu": left} if left else {})),
        arrived={"minsu": won},
        missing=tuple(MissingMoney(name, each, asked(each)) for name, each in gone if each),
    )
    return list(money_notes("en", money, {"minsu": stays} if stays else {}, MARCH))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "The deposit of minsu has arrived (₩300)."),
        ({"left": 1, "won": 1}, "₩1 of the deposit of minsu has arrived; ₩1 is still to come."),
        ({"left": 9}, "₩300 of the deposit of minsu has arrived; ₩9 is still to come."),
        ({"left": 9, "stays": 4}, "₩300 of the deposit of minsu has arrived; ₩5 is still to come."),
        ({"left": 9, "stays": 9}, "₩300 of the deposit of minsu has arrived."),
        ({"missing": 70}, "₩300 of the deposit of minsu has arrived."),
        ({"other": 70}, "The deposit of minsu has arrived (₩300)."),
        ({"left": -1, "won": 1}, "The deposit of minsu has arrived (₩1)."),
        ({"left": 9, "won": -300, "stays": 4}, "The withdrawal of minsu is done (₩300)."),
        ({"won": -300}, "The withdrawal of minsu is done (₩300)."),
        (
            {"left": 9, "won": -300, "stays": 4, "missing": -70},
            "₩300 of the withdrawal of minsu has been taken out.",
        ),
        (
            {"left": -9, "won": -1},
            "₩1 of the withdrawal of minsu has been taken out; ₩9 is still to be taken.",
        ),
    ],
)
def test_what_has_come_is_said_beside_what_is_to_come_the_same_way(
    given: dict[str, int], said: str
) -> None:
    assert notes(**given)[0] == said


def test_each_way_has_its_own_sentence() -> None:
    due = DueMoney(due={"minsu": 1, "yuna": -1_000}, netted=frozenset({"yuna"}))
    assert list(due_notes("en", due)) == [
        "Scheduled savings of minsu: ₩1 since the last plan.",
        "Scheduled withdrawal of yuna: ₩1,000 since the last plan.",
        "It is set off against the deposit of yuna that was still to come.",
    ]
    assert [text.split(".")[0] for text in unkept_texts("en", {"minsu": -5, "yuna": 0})] == [
        "The withdrawal of minsu (₩5) was not recorded, because no plan was made",
        "The end of the deposit or withdrawal of yuna was not recorded, because no plan was made",
    ]
    assert list(due_notes("en", DueMoney(due={"yuna": 0}))) == [
        "Scheduled withdrawal of yuna: ₩0 since the last plan."
    ]


def test_transfers_are_asked_for_where_no_money_has_moved_since() -> None:
    plan = {"transfers": {"isa": 1, "us": -2_000, "hers": 5}}
    assert list(transfer_texts("en", plan, without=["hers"])) == [
        "Transfer ₩1 from your bank to account isa. The next run sees it arrive and buys.",
        "Take ₩2,000 out of account us once it has settled. Until then the money stays in cash.",
    ]
    assert list(room_texts("en", {"isa": 9_000})) == [
        "Account isa may now take only ₩9,000, less than it was to get. The transfers are planned "
        "again."
    ]


def test_orders_that_wait_are_named_by_account() -> None:
    orders = [
        {"account": "isa", "side": "SELL", "ticker": "069500", "shares": 1_200},
        {"account": "isa", "side": "BUY", "ticker": "360750", "shares": 3},
    ]
    waiting = [{"account": "hers", "ticker": "069500", "shares": 4}]
    assert list(waiting_texts("en", {"waiting": waiting, "put_off": orders})) == [
        "hers: these buys wait for the transfer: 4 × 069500.",
        "isa: these orders are put off until the transfers have arrived or the strategy trades: "
        "sell 1,200 × 069500, 3 × 360750.",
    ]


def test_an_end_is_kept_with_its_request() -> None:
    end = EndedMoney(person="minsu", asked=asked(5), until=BEFORE, rest=4)
    assert end.document() == {
        **asked(5).document(),
        "person": "minsu",
        "until": BEFORE,
        "rest": 4,
        "netted": 0,
    }
