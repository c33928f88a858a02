"""What the books saw paid in takes room of an ISA and of pensions, year by year."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from jeoul.account.rooms import PaidFacts, room_in
from jeoul.household.written.file import HouseholdFile, read_household
from jeoul.korea.tables import rules_for
from jeoul.model.instrument import AccountKind
from jeoul.operations.desk.room import room_stop
from jeoul.operations.household.kept_looks import looks_of
from jeoul.operations.household.payments import with_payments
from jeoul.operations.ledger import Ledger, Transaction, book, moved_with_bank, open_ledger, paid_in

HOME = """\
schema = 1
name = "ours"
state = "state"
[people.minsu]
born = 1992-05-11
wages = 62_000_000
profile = "balanced"
[accounts.general]
kind = "general"
broker = { kind = "paper" }
[accounts.isa]
kind = "isa"
opened = 2024-03-02
broker = { kind = "paper" }
[accounts.savings]
kind = "pension_savings"
broker = { kind = "paper" }
[accounts.irp]
kind = "irp"
broker = { kind = "paper" }
"""


@pytest.fixture
def file(tmp_path: Path) -> HouseholdFile:
    place = tmp_path / "household.toml"
    place.write_text(HOME, "utf-8")
    return read_household(place)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with closing(open_ledger(tmp_path / "ledger.sqlite3")) as found:
        yield found


def booked(ledger: Ledger, kind: str, day: date, won: int, shares: int = 0) -> None:
    legs = {("assets:cash", "KRW"): won, ("equity:external", "KRW"): -won}
    if shares:
        legs |= {("assets:shares", "069500"): shares, ("equity:external", "069500"): -shares}
    with ledger.transaction():
        name = f"{kind}:{ledger.head().seq}"
        book(ledger, 0, Transaction(name, kind, day, legs))


def isa_room(file: HouseholdFile, year: int) -> int:
    room = room_in(rules_for(year), AccountKind.ISA, year, file.accounts["isa"].paid)
    assert room is not None
    return room.left


def settings(opened: date, **paid: int) -> Any:
    return SimpleNamespace(account="isa", opened=opened, paid={k[1:]: n for k, n in paid.items()})


def test_payments_are_counted_by_the_year_in_which_they_came(ledger: Ledger) -> None:
    booked(ledger, "opening", date(2025, 1, 2), 40_000_000)
    booked(ledger, "deposit", date(2025, 12, 30), 7_000_000)
    booked(ledger, "withdrawal", date(2026, 1, 2), -2_000_000)
    booked(ledger, "deposit", date(2026, 1, 5), 3_000_000)
    booked(ledger, "adopted", date(2026, 2, 2), 500_000)
    booked(ledger, "adopted", date(2026, 2, 3), 90_000, shares=-3)  # a sale by hand
    booked(ledger, "dividend", date(2026, 3, 3), 80_000)
    assert paid_in(ledger, "KRW") == {2025: 7_000_000, 2026: 3_500_000}
    assert paid_in(ledger, "KRW", certain=True) == {2025: 7_000_000, 2026: 3_000_000}
    assert moved_with_bank(ledger, "KRW") == 8_500_000


def test_an_isa_remembers_what_the_books_saw_in_earlier_years(file: HouseholdFile) -> None:
    paid = with_payments(file, {"isa": {2025: 30_000_000, 2026: 5_000_000}}, rules_for(2026), 2026)
    assert isa_room(paid, 2026) == 25_000_000  # of 60 M since 2024
    assert isa_room(file, 2026) == 60_000_000


def test_pensions_forget_last_year_and_share_this_one(file: HouseholdFile) -> None:
    seen = {"savings": {2025: 18_000_000, 2026: 10_000_000}, "irp": {2026: 9_000_000}}
    paid = with_payments(file, seen, rules_for(2026), 2026)
    taken = {name: paid.accounts[name].paid.paid.get(2026, 0) for name in ("savings", "irp")}
    assert sum(taken.values()) == 18_000_000  # a won more would be refused as a fault of the file
    assert 10_000_000 in taken.values() or 9_000_000 in taken.values()


def test_money_that_came_after_new_year_takes_the_room_that_is_planned_with(
    file: HouseholdFile,
) -> None:
    """The last session of a year is decided on in the new one: a won is asked for once."""
    paid = with_payments(file, {"savings": {2027: 12_000_000}}, rules_for(2026), 2026)
    assert paid.accounts["savings"].paid.paid == {2026: 12_000_000}


def test_what_came_before_an_isa_was_opened_went_into_the_one_before(file: HouseholdFile) -> None:
    later = replace(file.accounts["isa"], paid=PaidFacts(opened=date(2026, 2, 2)))
    file = replace(file, accounts={**file.accounts, "isa": later})
    paid = with_payments(file, {"isa": {2025: 20_000_000, 2026: 1}}, rules_for(2026), 2026)
    assert isa_room(paid, 2026) == 19_999_999


@pytest.mark.parametrize(("won", "stops"), [(15_000_000, False), (15_000_001, True)])
def test_a_purchase_stops_where_all_years_together_are_more_than_an_isa_takes(
    ledger: Ledger, won: int, stops: bool
) -> None:
    booked(ledger, "deposit", date(2025, 6, 2), 20_000_000)
    booked(ledger, "deposit", date(2026, 6, 1), won)
    own = settings(date(2025, 1, 2), y2025=5_000_000)
    assert bool(room_stop(ledger, own, "KRW", date(2026, 6, 2))) is stops


def test_money_that_may_be_a_dividend_takes_room_and_stops_nothing(
    ledger: Ledger, file: HouseholdFile
) -> None:
    booked(ledger, "deposit", date(2026, 3, 2), 60_000_000)
    booked(ledger, "adopted", date(2026, 4, 2), 400_000)
    own = settings(date(2024, 3, 2))
    assert room_stop(ledger, own, "KRW", date(2026, 6, 2)) is None
    paid = with_payments(file, {"isa": paid_in(ledger, "KRW")}, rules_for(2026), 2026)
    assert isa_room(paid, 2026) == 0


def test_a_plan_that_kept_one_year_s_payments_is_read() -> None:
    kept = {
        "shares": {},
        "cash": 5,
        "currency": "KRW",
        "unsettled": {},
        "session": "2026-06-26",
        "executed": "2026-06-29",
        "costs": {},
        "kept": {},
        "lately": {},
        "safe": False,
        "moved": 3_000_000,
    }
    found = looks_of({"isa": {**kept, "paid_in": 3_000_000}, "irp": {**kept, "paid_in": 0}})
    assert (found["isa"].paid_in, found["irp"].paid_in) == ({2026: 3_000_000}, {})
