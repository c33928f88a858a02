"""What the books saw paid in, beside what a household's file says of the time before them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace

from jeoul.account.rooms import PENSIONS, room_in, with_booked
from jeoul.household.written.file import HouseholdFile
from jeoul.korea.rulebook import Rulebook
from jeoul.model.instrument import AccountKind


def with_payments(
    file: HouseholdFile, paid_in: Mapping[str, Mapping[int, int]], book: Rulebook, year: int
) -> HouseholdFile:
    """Return a household whose ISA and pension accounts have taken what their books saw, too.

    ``paid_in`` are won by account and year; what came after ``year`` counts in it: its room is
    planned with now. More than an account took in a year is left out: no room is left then, and a
    run of the account buys nothing until the file is right.
    """
    accounts = dict(file.accounts)
    pensions: dict[tuple[str, int], int] = defaultdict(int)
    for each in accounts.values():
        for when, amount in each.paid.paid.items() if each.kind in PENSIONS else ():
            pensions[each.owner, when] += amount
    for name, account in file.accounts.items():
        if account.kind in (None, "overseas"):
            continue
        kind, facts = AccountKind(account.kind), account.paid
        opened = facts.opened
        for when, amount in _until(year, paid_in.get(name, {})).items():
            if opened is not None and when < opened.year:
                continue
            rooms = [room_in(book, kind, each, facts) for each in {when, year}]
            left = min((room.left for room in rooms if room is not None), default=0)
            if kind in PENSIONS:
                left = max(0, book.won("pension.annual_cap") - pensions[account.owner, when])
                pensions[account.owner, when] += amount
            facts = with_booked(facts, {when: min(amount, left)} if left else {})
        accounts[name] = replace(account, paid=facts)
    return replace(file, accounts=accounts)


def _until(year: int, paid_in: Mapping[int, int]) -> Mapping[int, int]:
    """Return payments by year, the oldest first, those after a year in it."""
    found: dict[int, int] = defaultdict(int)
    for when, amount in sorted(paid_in.items()):
        found[min(when, year)] += amount
    return found
