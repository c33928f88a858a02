"""Where a year's savings of one person go: pensions for the credit, the ISA, what stays open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from jeoul.household.gathering.people import PersonOnDay
from jeoul.household.gathering.pieces import PENSIONS
from jeoul.household.written.file import HouseholdAccount


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """What decides where a year's savings go.

    ``locks`` is the price of a won that locks, by pension account. ``free`` is the open money,
    savings in it, that neither reserve nor goals need, of which ``max_lock`` may lock.
    ``unshielded`` is what has to lie outside an ISA first.
    """

    standing: PersonOnDay
    accounts: tuple[HouseholdAccount, ...]
    locks: Mapping[str, float]
    isa_room: int
    free: int
    max_lock: float
    unshielded: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class YearDeposits:
    """Deposits by account, and what they earn.

    ``savings`` and ``irp`` are all of the year's payments into each, those before today in them;
    ``lockable`` is what may still lock. ``credit`` and ``forgone`` are won of tax.
    """

    by_account: Mapping[str, int]
    stays: int
    savings: int
    irp: int
    lockable: int
    credit: int
    forgone: int


def place_deposits(places: Places, money: int) -> YearDeposits:
    """Return where a year's money goes.

    First into pensions, savings before an IRP, as far as a credit is left that is worth more than
    the lock, and within what may lock at all; then into the ISA as far as it has room and what must
    stay outside is there; the rest into an ordinary account, or it stays at the bank.
    """
    standing, left = places.standing, money
    kinds = {each.id: each.kind for each in places.accounts}
    most = max(0, int(places.max_lock * max(0, places.free)))
    paid = _credited(places, left, most)
    open_to_all = _credited(places, left, left)
    left -= sum(paid.values())
    pension = standing.person.pension
    totals = {"pension_savings": pension.savings_paid, "irp": pension.irp_paid}
    for name, amount in paid.items():
        totals[kinds[name] or ""] += amount
    earning, reachable = sum(paid.values()), sum(open_to_all.values())
    locked = sum(amount for name, amount in paid.items() if places.locks.get(name, 0.0) > 0.0)
    isa = next((each for each, own in kinds.items() if own == "isa"), None)
    into_isa = min(places.isa_room, max(0, left - places.unshielded))
    if isa is not None and into_isa > 0:
        paid[isa] = into_isa
        left -= into_isa
    general = next((each for each, own in kinds.items() if own == "general"), None)
    if general is not None and left > 0:
        paid[general] = left
        left = 0
    rate = 0 if standing.credit is None else standing.credit.rate
    return YearDeposits(
        by_account=paid,
        stays=left,
        savings=totals["pension_savings"],
        irp=totals["irp"],
        lockable=most - locked,
        credit=int(rate * earning),
        forgone=int(rate * max(0, reachable - earning)),
    )


def _credited(places: Places, money: int, lockable: int) -> dict[str, int]:
    """Return the payments that earn a credit worth more than their lock, by account.

    At most ``lockable`` goes where it locks.
    """
    standing, rooms = places.standing, places.standing.credit
    found: dict[str, int] = {}
    if rooms is None:
        return found
    left = min(rooms.together, standing.pension_room, money)
    for kind in PENSIONS:
        name = next((each.id for each in places.accounts if each.kind == kind), None)
        if name is None or places.locks.get(name, 0.0) >= rooms.rate:
            continue
        amount = min(left, rooms.savings) if kind == "pension_savings" else left
        if places.locks.get(name, 0.0) > 0.0:
            amount = min(amount, lockable)
            lockable -= amount
        if amount > 0:
            found[name] = amount
            left -= amount
    return found
