"""What every simple planner does with new money and with money that is needed.

New money runs down a fixed waterfall, which is what Korean advice says: pension savings up to their
credit, the IRP up to the credit of both, the ISA up to its room, the ordinary account. Money that a
need would lack is not locked. A withdrawal comes out of the ordinary account, the ISA, the account
abroad.
"""

from __future__ import annotations

from math import floor

from jeoul.household.problem.after import After, left_over, supplies_of
from jeoul.household.problem.cost import lacking
from jeoul.household.problem.records import Account, Household, HouseholdMember, MoneyPool, Moves

WATERFALL = ("pension_savings", "irp", "isa", "general")
TAKEN_FROM = ("general", "isa", "overseas")
HALVINGS = 30


def waterfall(household: Household) -> dict[str, float]:
    """Return what is paid into each account, in whole won."""
    paid: dict[str, float] = {}
    for pool in household.pools:
        for kind in WATERFALL:
            for account in household.accounts:
                if account.kind == kind and account.id in pool.accounts:
                    paid[account.id] = float(floor(_most(household, pool, account, paid)))
    return paid


def _most(household: Household, pool: MoneyPool, account: Account, paid: dict[str, float]) -> float:
    most = min(left_over(household, paid)[pool.id], account.room)
    if account.kind not in ("pension_savings", "irp"):
        return max(0.0, most)
    member = next(each for each in household.members if each.id == account.owner)
    most = min(most, _credited(household, member, account, paid))
    limit = household.policy.lock_most
    if limit is not None and account.lock_years > 0.0:
        locked = (paid.get(a.id, 0.0) for a in household.accounts if a.lock_years > 0.0)
        most = min(most, limit - sum(locked))
    return _not_needed(household, account, paid, max(0.0, most))


def _credited(
    household: Household, member: HouseholdMember, account: Account, paid: dict[str, float]
) -> float:
    """Return how much more of a person's payments into an account earn the credit."""
    credit = member.credit
    if credit is None:
        return 0.0
    own = [a for a in household.accounts if a.owner == member.id]
    before = sum(paid.get(a.id, 0.0) for a in own if a.kind in ("pension_savings", "irp"))
    left = min(credit.together, member.pension_room) - before
    return min(left, credit.savings) if account.kind == "pension_savings" else left


def _not_needed(
    household: Household, account: Account, paid: dict[str, float], most: float
) -> float:
    """Return the largest payment up to ``most`` that leaves the needs lacking no more than now."""
    now = _lacks(household, paid)
    if _lacks(household, {**paid, account.id: most}) <= now + 0.5:
        return most
    low, high = 0.0, most
    for _ in range(HALVINGS):
        middle = (low + high) / 2.0
        enough = _lacks(household, {**paid, account.id: middle}) <= now + 0.5
        low, high = (middle, high) if enough else (low, middle)
    return low


def _lacks(household: Household, paid: dict[str, float]) -> float:
    return lacking(household.needs, supplies_of(After(household, Moves(deposits=paid))))


def taken_out(household: Household) -> dict[str, float]:
    """Return what is taken out of each account, so that every aim's withdrawal is met."""
    found: dict[str, float] = {}
    for aim in household.aims:
        left = aim.withdrawal
        for kind in TAKEN_FROM:
            for account in household.accounts:
                if account.kind == kind and account.id in aim.accounts:
                    found[account.id] = min(left, account.withdrawable)
                    left -= found[account.id]
    return found
