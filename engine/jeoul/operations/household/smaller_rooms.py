"""Transfers that people were asked for, and that an account may not take in full any more."""

from __future__ import annotations

from collections.abc import Mapping

from jeoul.household.problem.after import CREDITED
from jeoul.household.problem.records import Household


def smaller_rooms(household: Household, transfers: Mapping[str, int]) -> Mapping[str, int]:
    """Return the won that accounts may still take, of those that are asked for more than that.

    The pension accounts of a person share one room. Money that went from one account to another, or
    a ``paid`` that was put right, has taken room since the transfer was asked for.
    """
    asked = {each.id: won for each in household.accounts if (won := transfers.get(each.id, 0)) > 0}
    found = {
        each.id: int(each.room) for each in household.accounts if asked.get(each.id, 0) > each.room
    }
    for member in household.members:
        pensions = [
            each.id
            for each in household.accounts
            if each.owner == member.id and each.kind in CREDITED and each.id in asked
        ]
        if sum(asked[name] for name in pensions) > member.pension_room:
            found |= {name: int(member.pension_room) for name in pensions}
    return found
