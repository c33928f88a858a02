"""What proxies flatter: how much more they earned than the funds that they stand in for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from jeoul.backtesting import Prepared, prepare, simulated
from jeoul.market import assemble
from jeoul.model.calendar import Calendar, Reals
from jeoul.model.history import History, Origin
from jeoul.model.instrument import Universe
from jeoul.model.snapshot import Snapshot
from jeoul.pipeline.mandate import Mandate
from jeoul.pipeline.run import SharedAllocations
from jeoul.research.evidence import WHOLE, Span, monthly

LEAST_MONTHS = 12


@dataclass(frozen=True, slots=True)
class ProxyGap:
    """What a member's proxies earned more than its funds where both were known.

    ``more`` is the mean difference of monthly log returns times twelve, ``error`` its standard
    error, ``months`` how many whole months both were known in, the first of them after ``start``.
    ``before`` is the difference that there was before the charges of the proxies.
    """

    member: str
    start: date
    months: int
    more: float
    error: float
    before: float

    @property
    def taken(self) -> float:
        """Return what the charges took off a year."""
        return self.before - self.more


@dataclass(frozen=True, slots=True)
class Flattered:
    """What the proxies add to the return a year of one profile's model.

    ``weights`` is the average weight whose return came from each member's proxies. ``more`` sums
    weight times difference over the members of the gaps, ``error`` takes these as independent;
    ``unknown`` is the weight of proxies that never overlapped their fund long enough. ``taken`` is
    what charges took off the return of the proxies that were held, these ones included.
    """

    weights: Mapping[str, float]
    more: float
    error: float
    unknown: float
    taken: float


def proxy_gaps(
    snapshot: Snapshot, universe: Universe, calendars: Mapping[str, Calendar]
) -> tuple[ProxyGap, ...]:
    """Return the gap of each member whose funds and proxies were both known for a year."""
    funds = [replace(each, proxies=()) for each in universe.members]
    alone = replace(universe, members=tuple(funds))
    history = assemble(snapshot, alone, calendars)
    proxies = _without_funds(universe)
    beside = assemble(snapshot, proxies, calendars)
    bare = assemble(snapshot, uncharged(proxies), calendars)
    found = []
    for place, member in enumerate(universe.members):
        both = np.isfinite(history.returns[:, place]) & np.isfinite(beside.returns[:, place])
        if member.proxies and both.any():
            first, last = np.flatnonzero(both)[[0, -1]]
            rows = slice(int(first), int(last) + 1)
            levels = beside.level[rows, place], bare.level[rows, place]
            made = _gap(member.name, history, rows, levels, place)
            if made is not None:
                found.append(made)
    return tuple(found)


def uncharged(universe: Universe) -> Universe:
    """Return the universe with proxies from which nothing is taken."""
    members = [
        replace(member, proxies=tuple(replace(each, charges=None) for each in member.proxies))
        for member in universe.members
    ]
    return replace(universe, members=tuple(members))


def flattered(
    mandate: Mandate,
    history: History,
    bare: History,
    gaps: Sequence[ProxyGap],
    span: Span = WHOLE,
    shared: SharedAllocations | None = None,
) -> Flattered:
    """Return what proxies add to the return a year of a mandate's model over a span.

    ``bare`` is the same history from the :func:`uncharged` universe; ``shared`` has the allocations
    of other mandates over the history itself.
    """
    prepared = prepare(mandate, history, shared=shared)
    earned, held = _stood_in(prepared, span)
    weights = dict(zip(history.members, held.mean(axis=0).tolist(), strict=True))
    paid = np.log1p(bare.returns[earned]) - np.log1p(history.returns[earned])
    known = {gap.member: gap for gap in gaps}
    return Flattered(
        weights={name: weight for name, weight in weights.items() if weight > 0.0},
        more=sum(weights[name] * gap.more for name, gap in known.items()),
        error=float(np.hypot.reduce([weights[name] * gap.error for name, gap in known.items()])),
        unknown=_outside(weights, known),
        taken=float((held * np.nan_to_num(paid)).sum(axis=1).mean() * history.sessions_per_year),
    )


def _outside(weights: Mapping[str, float], known: Iterable[str]) -> float:
    return sum(weight for name, weight in weights.items() if name not in set(known))


def _stood_in(prepared: Prepared, span: Span) -> tuple[slice, Reals]:
    """Return the rows of a run and what each earned through a member's proxy was weighed by."""
    run = simulated(prepared, start=span.start, end=span.end)
    first, last = np.searchsorted(prepared.history.sessions, run.sessions[[0, -1]])
    earned = slice(int(first) + 1, int(last) + 1)
    proxy = prepared.history.origin[earned] == Origin.PROXY
    held: Reals = proxy * prepared.weights[int(first) : int(last), :-1]
    return earned, held


def _without_funds(universe: Universe) -> Universe:
    """Return the universe with funds that have no price, so that proxies alone are left."""
    members, instruments = [], dict(universe.instruments)
    for member in universe.members:
        code = f"NO-{member.name}"
        instruments[code] = replace(universe.instruments[member.codes[0]], code=code)
        members.append(replace(member, codes=(code,)))
    return replace(universe, members=tuple(members), instruments=instruments)


def _gap(
    name: str, history: History, rows: slice, proxies: tuple[Reals, Reals], place: int
) -> ProxyGap | None:
    """Return the gap over whole months; None for less than a year of them.

    ``proxies`` are the levels of the proxies after charges and before.
    """
    sessions, last = history.sessions[rows], history.executed[rows][-1]
    after, before, fund = (
        np.log1p(monthly(sessions, level, last)) for level in (*proxies, history.level[rows, place])
    )
    ahead = after - fund
    if len(ahead) < LEAST_MONTHS:
        return None
    return ProxyGap(
        member=name,
        start=sessions[0].astype(object),
        months=len(ahead),
        more=12.0 * float(ahead.mean()),
        error=12.0 * float(ahead.std(ddof=1) / np.sqrt(len(ahead))),
        before=12.0 * float((before - fund).mean()),
    )
