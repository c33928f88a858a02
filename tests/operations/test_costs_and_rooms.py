"""What shares cost by a ledger, what payments left of a room, and transfers above what is left."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from books import DAYS, Books
from tests.household.small_homes import home, with_account

from jeoul.account.rooms import PaidFacts
from jeoul.household.written.file import HouseholdFile, read_household
from jeoul.korea.tables import rules_for
from jeoul.model.portfolio import Side
from jeoul.operations.household.costs import average_costs
from jeoul.operations.household.lately import traded_since
from jeoul.operations.household.payments import with_payments
from jeoul.operations.household.smaller_rooms import smaller_rooms
from jeoul.operations.ledger import open_ledger
from jeoul.operations.ledger.books import EXTERNAL, SHARES

MON, TUE, THU, FRI, NEXT = DAYS
BUY, SELL = Side.BUY, Side.SELL


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Books]:
    with closing(open_ledger(tmp_path / "ledger.sqlite3")) as ledger:
        yield Books(ledger)


Trade = tuple[Side | None, int, int]


def came(books: Books, day: date, shares: int) -> None:
    books.move(day, "adopted", {(SHARES, "A"): shares, (EXTERNAL, "A"): -shares})


def costs(books: Books, *trades: Trade, unit: int = 1) -> dict[str, Decimal]:
    books.pay(MON, 1_000_000, "opening")
    for day, (side, shares, price) in zip(DAYS, trades, strict=False):
        if side is None:
            came(books, day, shares)
        else:
            books.trade(day, side, "A", shares, price, fee=7)
    return dict(average_costs(books.ledger, unit))


@pytest.mark.parametrize(
    ("trades", "cost"),
    [
        ([(BUY, 10, 100)], 100),
        ([(BUY, 10, 100), (BUY, 30, 120)], 115),
        ([(BUY, 10, 100), (SELL, 4, 130)], 100),  # fees are no part of it, and a sale moves nothing
        ([(BUY, 10, 100), (SELL, 4, 130), (BUY, 6, 200)], 150),
        ([(BUY, 10, 100), (SELL, 10, 130)], None),
        ([(BUY, 10, 100), (SELL, 9, 130)], 100),
        ([(BUY, 10, 100), (SELL, 10, 130), (BUY, 5, 90)], 90),
        ([(None, 10, 0)], None),  # what came another way has no known cost
        ([(None, 10, 0), (BUY, 10, 100)], None),
        ([(None, 10, 0), (SELL, 10, 90), (BUY, 4, 100)], 100),  # until all of it is sold
        ([(None, 10, 0), (SELL, 9, 90), (BUY, 4, 100)], None),
        ([(BUY, 10, 100), (None, 5, 0)], None),
        ([(BUY, 10, 100), (None, -10, 0), (BUY, 4, 90)], 90),
        ([(BUY, 10, 100), (None, -9, 0), (BUY, 4, 90)], None),
    ],
)
def test_the_average_cost_is_that_of_what_was_bought(
    books: Books, trades: list[Trade], cost: int | None
) -> None:
    assert costs(books, *trades) == ({} if cost is None else {"A": Decimal(cost)})


def test_costs_are_in_the_main_unit(books: Books) -> None:
    assert costs(books, (BUY, 2, 3_725), unit=100) == {"A": Decimal("37.25")}
    assert average_costs(books.ledger) == {"A": Decimal(3_725)}


def test_what_was_traded_lately_is_by_the_day_after(books: Books) -> None:
    costs(books, (BUY, 10, 100), (BUY, 30, 120), (SELL, 4, 130))
    assert {code: tuple(each) for code, each in traded_since(books.ledger, MON).items()} == {
        "A": (30, 4)
    }
    assert traded_since(books.ledger, THU) == {}


# --- rooms of payments ----------------------------------------------------------------------------

HOME = """\
schema = 1
name = "ours"
state = "state"
[people.minsu]
born = 1992-05-11
wages = 62_000_000
profile = "balanced"
[people.yuna]
born = 1993-05-11
wages = 62_000_000
profile = "balanced"
"""
KINDS = ("general", "overseas", "isa", "pension_savings", "irp")


@pytest.fixture
def file(tmp_path: Path) -> HouseholdFile:
    accounts = [
        f'[accounts.{kind}]\nkind = "{kind}"\nowner = "minsu"\nbroker = {{ kind = "paper" }}\n'
        for kind in KINDS
    ]
    hers = '[accounts.hers]\nkind = "irp"\nowner = "yuna"\nbroker = { kind = "paper" }\n'
    place = tmp_path / "household.toml"
    place.write_text(HOME + "".join(accounts).replace('"paper" }', '"paper" }') + hers, "utf-8")
    return read_household(place)


def paid(
    file: HouseholdFile, seen: dict[str, dict[int, int]], **facts: PaidFacts
) -> dict[str, dict[int, int]]:
    accounts = {
        name: replace(each, paid=facts.get(name, each.paid)) for name, each in file.accounts.items()
    }
    found = with_payments(replace(file, accounts=accounts), seen, rules_for(2026), 2026)
    return {name: dict(each.paid.paid) for name, each in found.accounts.items() if each.paid.paid}


OPENED = PaidFacts(opened=date(2025, 3, 2))
LATE = PaidFacts(opened=date(2027, 3, 2))


@pytest.mark.parametrize(
    ("seen", "facts", "found"),
    [
        ({2026: 5}, OPENED, {2026: 5}),
        ({2025: 7, 2026: 5}, OPENED, {2025: 7, 2026: 5}),
        ({2024: 9, 2025: 7}, OPENED, {2025: 7}),  # went into the ISA before
        ({2025: 7}, PaidFacts(), {2025: 7}),
        ({2027: 5, 2026: 1}, OPENED, {2026: 6}),  # what comes after the year counts in it
        ({2027: 5}, LATE, {}),
        ({2026: 5}, PaidFacts(opened=date(2026, 3, 2)), {2026: 5}),
        ({2026: 5}, PaidFacts(opened=OPENED.opened, paid={2026: 2}), {2026: 7}),
        # 20 M for each of two years: what is more than was left is left out, the newest first.
        ({2026: 30_000_000, 2025: 15_000_000}, OPENED, {2025: 15_000_000, 2026: 25_000_000}),
        ({2025: 20_000_001}, OPENED, {2025: 20_000_000}),
        ({2025: 20_000_000, 2026: 20_000_000}, OPENED, {2025: 20_000_000, 2026: 20_000_000}),
        (
            {2026: 5},
            PaidFacts(opened=OPENED.opened, paid={2025: 20_000_000, 2026: 20_000_000}),
            {2025: 20_000_000, 2026: 20_000_000},
        ),
    ],
)
def test_what_the_books_saw_takes_room_of_an_isa(
    file: HouseholdFile, seen: dict[int, int], facts: PaidFacts, found: dict[int, int]
) -> None:
    assert paid(file, {"isa": seen}, isa=facts).get("isa", {}) == found


def test_ordinary_accounts_have_no_room_to_take(file: HouseholdFile) -> None:
    assert paid(file, {"general": {2026: 5}, "overseas": {2026: 5}}) == {}


@pytest.mark.parametrize(
    ("said", "savings", "irp", "found"),
    [
        ({}, 10_000_000, 5_000_000, (10_000_000, 5_000_000)),
        ({}, 10_000_000, 9_000_000, (10_000_000, 8_000_000)),
        ({}, 18_000_000, 1, (18_000_000, 0)),
        ({}, 18_000_001, 0, (18_000_000, 0)),
        ({2026: 4_000_000}, 10_000_000, 5_000_000, (14_000_000, 4_000_000)),
        ({2025: 9_000_000}, 18_000_000, 0, (18_000_000, 0)),
        ({2026: 19_000_000}, 5, 5, (19_000_000, 0)),  # more than the law lets an account take
    ],
)
def test_pensions_of_a_person_share_the_room_of_a_year(
    file: HouseholdFile, said: dict[int, int], savings: int, irp: int, found: tuple[int, int]
) -> None:
    """18 M a year; ``said`` was paid into pension savings by the file. Hers are another room."""
    seen = {"pension_savings": {2026: savings}, "irp": {2026: irp}, "hers": {2026: 17_000_000}}
    after = paid(file, seen, pension_savings=PaidFacts(paid=said))
    taken = tuple(after.get(name, {}).get(2026, 0) for name in ("pension_savings", "irp"))
    assert taken == found
    assert after["hers"] == {2026: 17_000_000}


# --- transfers above the room ---------------------------------------------------------------------


def smaller(transfers: dict[str, int], pension_room: float = 0.0, **isa: Any) -> dict[str, int]:
    house = with_account(home(), "isa", **isa)
    members = tuple(replace(each, pension_room=pension_room) for each in house.members)
    return dict(smaller_rooms(replace(house, members=members), transfers))


@pytest.mark.parametrize(
    ("asked", "room", "found"),
    [
        (400, 400.0, {}),
        (400, 399.7, {"isa": 399}),
        (1, 0.5, {"isa": 0}),
        (0, 0.0, {}),
        (-5, 0.0, {}),
    ],
)
def test_a_transfer_above_the_room_of_its_account_is_named_with_the_room(
    asked: int, room: float, found: dict[str, int]
) -> None:
    got = smaller({"isa": asked, "elsewhere": 9}, room=room)
    assert got == found
    assert all(type(won) is int for won in got.values())


@pytest.mark.parametrize(
    ("kind", "transfers", "room", "found"),
    [
        ("pension_savings", {"isa": 400}, 400.0, {}),
        ("pension_savings", {"isa": 400}, 399.5, {"isa": 399}),
        ("pension_savings", {"isa": 400, "general": 900}, 400.0, {}),
        ("isa", {"isa": 400}, 0.0, {}),
        ("pension_savings", {}, 0.0, {}),
        ("pension_savings", {}, -1.0, {}),
    ],
)
def test_pension_accounts_share_what_their_person_may_still_pay_in(
    kind: str, transfers: dict[str, int], room: float, found: dict[str, int]
) -> None:
    assert smaller(transfers, kind=kind, pension_room=room) == found


def test_two_pension_accounts_are_one_room_and_another_person_s_is_another() -> None:
    house = with_account(with_account(home(), "isa", kind="irp"), "general", kind="pension_savings")
    member = replace(house.members[0], pension_room=500.0)
    other = replace(member, id="b", pension_room=10.0)
    house = replace(house, members=(member, other))
    assert smaller_rooms(house, {"isa": 300, "general": 200}) == {}
    found = smaller_rooms(house, {"isa": 300, "general": 201})
    assert found == {"isa": 500, "general": 500}
    assert {type(won) for won in found.values()} == {int}
