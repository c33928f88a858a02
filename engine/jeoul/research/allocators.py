"""Does the optimiser earn its keep: other ways to weigh the same funds, under the same overlay.

A customer can have plain strategic weights without any program. So every other way of weighing is
held against them: by return and Sharpe ratio with intervals, and by how often it trades and what
that costs where plain weights track themselves just as closely.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from jeoul import metrics
from jeoul.backtesting import Backtest, Prepared, Summary, prepare, simulated, summarise
from jeoul.model.history import History
from jeoul.pipeline.mandate import Mandate
from jeoul.pipeline.run import SharedAllocations
from jeoul.research.evidence import WHOLE, Gap, Span, gap
from jeoul.research.placebo import Placebo, random_weights
from jeoul.strategy.schema import Strategy
from jeoul.strategy.tables.allocate import MeanVariance, Strategic, Weighing

PLAIN = "strategic"
BANDS = tuple(round(0.01 * step, 2) for step in range(1, 31))
"""The bands, half sums of weight changes, among which plain weights look for equal tracking."""


@dataclass(frozen=True, slots=True)
class Allocator:
    """One way of weighing with the strategy's own overlay; ``against`` is it less plain weights.

    ``trades`` are the days with a fill in a year. ``against`` is None for the plain weights.
    """

    kind: str
    figures: Summary
    trades: float
    against: Gap | None


@dataclass(frozen=True, slots=True)
class Tracker:
    """How closely one way, simply held, follows the strategic weights, and at which price.

    ``tracking`` is the volatility a year of the daily return less that of strategic weights
    restored every week at no cost, ``cost`` the trading cost of a year as a share of the money,
    ``trades`` the days with a fill in a year. ``calendar`` and ``band`` say when it trades.
    """

    tracking: float
    trades: float
    cost: float
    calendar: str
    band: float


@dataclass(frozen=True, slots=True)
class Keep:
    """What the optimiser of one profile is worth.

    ``plain`` is the cheapest tracker with plain strategic weights that follows them at least as
    closely as ``optimiser``; None if not even the closest does. ``random`` is the placebo of random
    weights.
    """

    allocators: tuple[Allocator, ...]
    optimiser: Tracker
    plain: Tracker | None
    random: Placebo


def allocators_of(strategy: Strategy) -> Mapping[str, Strategy]:
    """Return the strategy with each way of weighing, its own first.

    Nothing without an optimiser, nor for a glide path.

    All share the funds, the overlay and the rebalancing. Minimum variance keeps the bands around
    the strategic weights, and is not drawn towards them inside.

    >>> from jeoul.strategy.load import load_strategy
    >>> list(allocators_of(load_strategy("managed")))
    ['mean-variance', 'strategic', 'min-variance', 'risk-parity', 'equal-weight']
    >>> list(allocators_of(load_strategy("laa")))
    []
    """
    own = strategy.allocate
    if not isinstance(own, MeanVariance) or own.kind != "mean-variance":
        return {}
    if strategy.glide is not None:
        return {}  # its weights move by the day, and each of the many variants would be a replay
    calm = own.model_copy(update={"kind": "min-variance", "pull": 0.0, "turnover": 0.0})
    kinds: tuple[MeanVariance | Strategic | Weighing, ...] = (
        own,
        Strategic(kind="strategic"),
        calm,
        Weighing(kind="risk-parity"),
        Weighing(kind="equal-weight"),
    )
    return {kind.kind: strategy.model_copy(update={"allocate": kind}) for kind in kinds}


def keep(
    mandate: Mandate,
    history: History,
    *,
    seed: int,
    span: Span = WHOLE,
    shared: SharedAllocations | None = None,
) -> Keep | None:
    """Return what the optimiser of a mandate is worth; None for a strategy without one.

    None too where a backtest cannot be simulated, and each of the variants would be a replay.
    ``shared`` has the allocations of other mandates over the same history.

    All backtests begin where the last of them can. Raises :class:`ShortHistory` for less than two
    years.
    """
    if mandate.replayed:
        return None
    shared = SharedAllocations(history) if shared is None else shared
    made: dict[str, Prepared] = {}
    like: Prepared | None = None
    for kind, strategy in allocators_of(mandate.strategy).items():
        own = replace(mandate, strategy=strategy)
        like = made[kind] = prepare(own, history, like=like, shared=shared)
    if not made:
        return None
    runs = _together(made, span)
    first = next(iter(runs.values()))
    optimised = next(iter(made.values()))
    held, closest = _trackers(_Ruling(optimised, shared), _Ruling(made[PLAIN], shared), span)
    return Keep(
        allocators=tuple(
            Allocator(
                kind=kind,
                figures=summarise(run),
                trades=_trades(run),
                against=None if kind == PLAIN else gap(run, runs[PLAIN], seed=seed),
            )
            for kind, run in runs.items()
        ),
        optimiser=held,
        plain=closest,
        random=random_weights(optimised, first, seed=seed),
    )


def _together(made: Mapping[str, Prepared], span: Span) -> dict[str, Backtest]:
    """Return the backtests over the sessions that all of them have."""
    first = {kind: simulated(each, start=span.start, end=span.end) for kind, each in made.items()}
    begun = max(run.start for run in first.values())
    return {kind: simulated(each, start=begun, end=span.end) for kind, each in made.items()}


def _trackers(own: _Ruling, plain: _Ruling, span: Span) -> tuple[Tracker, Tracker | None]:
    """Return the optimiser simply held, and plain weights that track at least as closely."""
    still = own.ruled()
    begun = _held(still, span).start
    limits = span._replace(start=begun)
    restored = _held(plain.ruled(calendar="weekly", band=0.0, cost=0.0), limits)
    optimiser = _tracker(still, restored, limits)
    near = [
        found
        for found in _plain_trackers(plain, restored, limits)
        if found.tracking <= optimiser.tracking
    ]
    return optimiser, min(near, key=lambda found: found.cost, default=None)


def _plain_trackers(plain: _Ruling, restored: Backtest, span: Span) -> Iterator[Tracker]:
    for calendar in ("monthly", "quarterly", "yearly"):
        first = plain._replace(prepared=plain.ruled(calendar=calendar))
        for band in BANDS:
            yield _tracker(first.ruled(calendar=calendar, band=band), restored, span)


class _Ruling(NamedTuple):
    """One weighing, to be held with other rules, and the allocations over its history."""

    prepared: Prepared
    shared: SharedAllocations

    def ruled(self, **rules: object) -> Prepared:
        """Return the same weighing simply held, with other rules of rebalancing."""
        prepared, mandate = self.prepared, self.prepared.mandate
        strategy = mandate.strategy.without_overlay()
        rebalance = strategy.rebalance.model_copy(update=rules)
        strategy = strategy.model_copy(update={"rebalance": rebalance})
        own = replace(mandate, strategy=strategy)
        return prepare(own, prepared.history, like=prepared, shared=self.shared)


def _held(prepared: Prepared, span: Span) -> Backtest:
    return simulated(prepared, start=span.start, end=span.end, proxies=False)


def _tracker(prepared: Prepared, restored: Backtest, span: Span) -> Tracker:
    run = _held(prepared, span)
    mine, theirs = (np.diff(np.log(each.nav)) for each in (run, restored))
    rules = prepared.mandate.strategy.rebalance
    return Tracker(
        tracking=float((mine - theirs).std(ddof=1) * np.sqrt(run.sessions_per_year)),
        trades=_trades(run),
        cost=summarise(run).cost,
        calendar=rules.calendar,
        band=rules.band,
    )


def _trades(run: Backtest) -> float:
    """Return the days with a fill in a year, the first one left out."""
    return metrics.a_year(float((run.turnover[1:] > 0.0).sum()), run.sessions)
