"""Money that several goals could use, given to one of them each: a won counts once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from jeoul.goals.changes import a_year_after
from jeoul.goals.saving import PlannedSaving


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a goal asks for: ``amount`` by a day, from accounts and from what people save.

    ``multiple`` is what a won of today is worth on the day at a cautious outcome, ``flow_multiple``
    a won that comes half-way there.
    """

    id: str
    amount: int
    by: date
    accounts: tuple[str, ...]
    people: frozenset[str]
    multiple: float = 1.0
    flow_multiple: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What a goal gets: won of today by account, payments up to its day, and of the year after."""

    values: Mapping[str, float] = field(default_factory=dict)
    payments: tuple[PlannedSaving, ...] = ()
    later: tuple[PlannedSaving, ...] = ()


def shared(
    claims: Sequence[Claim], values: Mapping[str, float], payments: Iterable[PlannedSaving]
) -> Mapping[str, Share]:
    """Return what each goal gets, in the order of the claims.

    A goal takes planned payments in order of time, until they reach it at a cautious outcome, then
    of its accounts what is still missing. What no goal needs is the first one's that can use it.
    Money that is taken out on schedule comes off what was saved before it.

    >>> claims = [Claim(id=name, amount=60, by=date(2027, 12, 31), accounts=("a",),
    ...                 people=frozenset()) for name in ("first", "second")]
    >>> {name: dict(share.values) for name, share in shared(claims, {"a": 100.0}, ()).items()}
    {'first': {'a': 60.0}, 'second': {'a': 40.0}}
    """
    left = dict(values)
    flows = netted(payments)
    got: dict[str, dict[str, float]] = {claim.id: defaultdict(float) for claim in claims}
    paid: dict[str, list[PlannedSaving]] = {claim.id: [] for claim in claims}
    for claim in claims:
        taken, flows = _taken(flows, claim, claim.amount / claim.flow_multiple)
        paid[claim.id] += taken
        saved = sum(payment.amount for payment in taken)
        need = max(0.0, claim.amount - saved * claim.flow_multiple) / claim.multiple
        for account in claim.accounts:
            part = min(left[account], need)
            got[claim.id][account] += part
            left[account] -= part
            need -= part
    for claim in claims:
        taken, flows = _taken(flows, claim, float("inf"))
        paid[claim.id] += taken
        for account in claim.accounts:
            got[claim.id][account] += left[account]
            left[account] = 0.0
    return {
        claim.id: Share(
            values=dict(got[claim.id]),
            payments=tuple(sorted(paid[claim.id])),
            later=_later(flows, claim),
        )
        for claim in claims
    }


def netted(payments: Iterable[PlannedSaving]) -> tuple[PlannedSaving, ...]:
    """Return payments with what is taken out set off against what its person saved before it.

    The newest money is taken first; what nothing covers stays below 0.

    >>> days = [date(2027, month, 1) for month in (1, 2, 3)]
    >>> [p.amount for p in netted(map(PlannedSaving, days, [10.0, 10.0, -15.0]))]
    [5.0]
    """
    found: list[PlannedSaving] = []
    for payment in sorted(payments):
        owed = -payment.amount
        place = len(found) - 1
        while owed > 0.0 and place >= 0:
            before = found[place]
            if before.person == payment.person and before.amount > 0.0:
                part = min(owed, before.amount)
                found[place] = before._replace(amount=before.amount - part)
                owed -= part
            place -= 1
        rest = payment.amount if payment.amount >= 0.0 else -owed
        found.append(payment._replace(amount=rest))
    return tuple(payment for payment in found if payment.amount)


def _taken(
    flows: Sequence[PlannedSaving], claim: Claim, most: float
) -> tuple[list[PlannedSaving], tuple[PlannedSaving, ...]]:
    """Return the payments that a goal takes, at most so much of them, and those that are left."""
    taken, left = [], []
    for payment in flows:
        part = 0.0
        if payment.day <= claim.by and payment.person in claim.people:
            part = min(payment.amount, most)
            most -= part
        if part:
            taken.append(payment._replace(amount=part))
        if rest := payment.amount - part:
            left.append(payment._replace(amount=rest))
    return taken, tuple(left)


def _later(flows: Sequence[PlannedSaving], claim: Claim) -> tuple[PlannedSaving, ...]:
    end = a_year_after(claim.by)
    return tuple(
        payment
        for payment in flows
        if claim.by < payment.day <= end and payment.person in claim.people
    )
