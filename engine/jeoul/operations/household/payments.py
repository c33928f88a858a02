"""What the books saw paid in this year, beside what a household's file says of before them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace

from jeoul.account.rooms import PENSIONS, room_in
from jeoul.household.written.file import HouseholdFile
from jeoul.korea.rulebook import Rulebook
from jeoul.model.instrument import AccountKind


def with_payments(
    file: HouseholdFile, paid_in: Mapping[str, int], book: Rulebook, year: int
) -> HouseholdFile:
    """Return a household whose ISA and pension accounts have taken what their books saw, too.

    ``paid_in`` are won by account in a year. More than an account still takes is left out: no room
    is left then, and a run of the account buys nothing until the file is right.
    """
    accounts = dict(file.accounts)
    pensions: dict[str, int] = defaultdict(int)
    for each in accounts.values():
        if each.kind in PENSIONS:
            pensions[each.owner] += each.paid.paid.get(year, 0)
    for name, account in file.accounts.items():
        amount = paid_in.get(name, 0)
        if amount <= 0 or account.kind in (None, "overseas"):
            continue
        room = room_in(book, AccountKind(account.kind), year, account.paid)
        if room is None:
            continue
        left = room.left
        if account.kind in PENSIONS:
            left = max(0, book.won("pension.annual_cap") - pensions[account.owner])
        more = min(amount, left)
        if account.kind in PENSIONS:
            pensions[account.owner] += more
        paid = {**account.paid.paid, year: account.paid.paid.get(year, 0) + more}
        accounts[name] = replace(account, paid=replace(account.paid, paid=paid))
    return replace(file, accounts=accounts)
