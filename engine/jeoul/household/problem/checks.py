"""What types cannot say of a household: names that exist, shares that sum to 1, convex curves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import pairwise

from jeoul.files.faults import Fault, Location
from jeoul.household.problem.records import (
    CASH,
    Aim,
    Curve,
    Gains,
    Household,
    HouseholdMember,
    Position,
)

_ONE = 1e-6  # by how much shares of a whole may miss 1


def faults_of(household: Household) -> Iterator[Fault]:
    """Yield everything in a household that no plan could be judged by."""
    yield from _names(household)
    yield from _funds(household)
    yield from _positions(household)
    yield from _references(household)
    for place, account in enumerate(household.accounts):
        if account.settlement is not None:
            at = ("accounts", place, "settlement")
            yield from _curve((*at, "curve"), account.settlement.curve)
            if account.settlement.years < 1.0:
                yield Fault((*at, "years"), "is below 1", "a settlement is at least a year away")
    for place, member in enumerate(household.members):
        yield from _member(("members", place), member)
    for place, aim in enumerate(household.aims):
        yield from _aim(("aims", place), aim, household)


def _names(household: Household) -> Iterator[Fault]:
    for table in ("accounts", "members", "aims", "pools", "needs"):
        yield from _twice(table, (each.id for each in getattr(household, table)))
    yield from _twice("funds", (each.code for each in household.funds))
    yield from _twice("positions", (" ".join(each.key) for each in household.positions))
    yield from _twice("classes", (*household.classes, CASH))


def _twice(table: str, names: Iterable[str]) -> Iterator[Fault]:
    for name, count in Counter(names).items():
        if count > 1:
            yield Fault((table,), f"{name} is given {count} times", "give it once")


def _funds(household: Household) -> Iterator[Fault]:
    known = {*household.classes, CASH}
    for place, fund in enumerate(household.funds):
        at: Location = ("funds", place)
        if fund.price <= 0.0:
            yield Fault((*at, "price"), f"{fund.price} is not above 0")
        yield from _unknown((*at, "exposure"), fund.exposure, known, "class")
        if abs(sum(fund.exposure.values()) - 1.0) > _ONE:
            yield Fault((*at, "exposure"), f"sums to {sum(fund.exposure.values()):.6f}, not 1")


def _positions(household: Household) -> Iterator[Fault]:
    accounts = {each.id: each for each in household.accounts}
    funds = {each.code for each in household.funds}
    for place, position in enumerate(household.positions):
        at: Location = ("positions", place)
        yield from _unknown((*at, "account"), [position.account], set(accounts), "account")
        yield from _unknown((*at, "fund"), [position.fund], funds, "fund")
        account = accounts.get(position.account)
        if account is not None:
            yield from _lots(at, position, account.gains)


def _lots(at: Location, position: Position, gains: Gains) -> Iterator[Fault]:
    if position.shares < 0:
        yield Fault((*at, "shares"), f"{position.shares} is below 0")
    count = sum(lot.shares for lot in position.lots)
    if gains is Gains.SHELTERED and position.lots:
        yield Fault((*at, "lots"), "are given where no sale is taxed", "leave them out")
    elif gains is not Gains.SHELTERED and count != position.shares:
        yield Fault((*at, "lots"), f"sum to {count} shares, not {position.shares}")
    if gains is Gains.WITHHELD and any(lot.gain < 0.0 for lot in position.lots):
        yield Fault((*at, "lots"), "have a gain below 0 where tax is withheld", "write 0")


def _references(household: Household) -> Iterator[Fault]:
    accounts = {each.id for each in household.accounts}
    pools = {each.id for each in household.pools}
    members = {each.id for each in household.members}
    for place, account in enumerate(household.accounts):
        yield from _unknown(("accounts", place, "owner"), [account.owner], members, "member")
    for table in ("pools", "needs", "aims"):
        for place, each in enumerate(getattr(household, table)):
            yield from _unknown((table, place, "accounts"), each.accounts, accounts, "account")
            if table != "pools":
                yield from _unknown((table, place, "pools"), each.pools, pools, "pool")
    for table, most in (("aims", "one aim"), ("pools", "one pool at most")):
        listed = Counter(name for each in getattr(household, table) for name in each.accounts)
        for name, count in listed.items():
            if count > 1:
                yield Fault((table,), f"account {name} is in {count}", f"it belongs to {most}")
    for name in sorted(accounts - {name for aim in household.aims for name in aim.accounts}):
        yield Fault(("aims",), f"account {name} is in none", "it belongs to one aim")


def _member(at: Location, member: HouseholdMember) -> Iterator[Fault]:
    for name in ("income_levy", "later_levy", "gains_levy"):
        yield from _curve((*at, name), getattr(member, name))


def _aim(at: Location, aim: Aim, household: Household) -> Iterator[Fault]:
    yield from _unknown((*at, "weights"), aim.weights, {*household.classes, CASH}, "class")
    if abs(sum(aim.weights.values()) - 1.0) > _ONE:
        yield Fault((*at, "weights"), f"sum to {sum(aim.weights.values()):.6f}, not 1")
    for place, factor in enumerate(aim.factors):
        if len(factor) != len(household.classes):
            wrong = f"has {len(factor)} loadings for {len(household.classes)} classes"
            yield Fault((*at, "factors", place), wrong)


def _curve(at: Location, curve: Curve) -> Iterator[Fault]:
    if len(curve.slopes) != len(curve.bounds) + 1:
        wrong = f"has {len(curve.slopes)} slopes for {len(curve.bounds)} bounds"
        yield Fault(at, wrong, "give one slope more than bounds")
    if any(low >= high for low, high in pairwise((0.0, *curve.bounds))):
        yield Fault((*at, "bounds"), "do not rise from above 0")
    if any(low > high for low, high in pairwise(curve.slopes)):
        yield Fault((*at, "slopes"), "fall, so that the curve is not convex")
    if any(bound < 0.0 or height < 0.0 for bound, height in curve.steps):
        yield Fault((*at, "steps"), "have a bound or a height below 0")


def _unknown(at: Location, names: Iterable[str], known: set[str], kind: str) -> Iterator[Fault]:
    for name in names:
        if name not in known:
            yield Fault(at, f"there is no {kind} {name!r}")
