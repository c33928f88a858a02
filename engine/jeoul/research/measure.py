"""What a sweep keeps of each variant."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import date

import numpy as np
from numpy.typing import NDArray

from jeoul import metrics as of
from jeoul.backtesting import Backtest, Prepared, prepare, simulated
from jeoul.errors import JeoulError
from jeoul.model.history import History
from jeoul.pipeline import Mandate
from jeoul.pipeline.run import allocates_alike, allocation_key
from jeoul.research.grid import Values, changed, label
from jeoul.research.judgement import as_trial, excess_returns
from jeoul.research.ledger import Trial
from jeoul.strategy.schema import Strategy

Excess = NDArray[np.float32]

MOST = 256
"""So many ways to allocate are kept, some 0.1 MB each for 20 years of months of few funds."""


@dataclass(frozen=True, slots=True)
class VariantFigures:
    """The figures of one variant.

    ``cagr``, ``turnover`` and ``cost`` are per year, and NaN for a span shorter than a year;
    ``total_return`` is that of the span as it is.
    """

    sharpe: float
    cagr: float
    volatility: float
    max_drawdown: float
    turnover: float
    cost: float
    total_return: float


@dataclass(frozen=True, slots=True)
class MeasuredVariant:
    """One variant: its figures, or why it has none.

    ``excess`` are the returns above cash of the sessions after the first, in single precision:
    what cross-validation and walking forward choose on.
    """

    label: str
    figures: VariantFigures | None
    trial: Trial | None
    refused: str = ""
    excess: Excess | None = None


FIGURES = tuple(field.name for field in fields(VariantFigures))


class PreparedVariants:
    """What was prepared for variants over one history: the newest of each way to allocate."""

    def __init__(self) -> None:
        self._alike: dict[Hashable, Prepared] = {}
        self.newest: Prepared | None = None

    def like(self, mandate: Mandate) -> Prepared | None:
        """Return what was prepared for a mandate that allocates alike, None without one."""
        found = self._alike.get(allocation_key(mandate))
        alike = found is not None and allocates_alike(mandate, found.mandate)
        return found if alike else None

    def keep(self, prepared: Prepared) -> None:
        """Keep what was prepared, in place of the oldest where there are too many."""
        key = allocation_key(prepared.mandate)
        if key not in self._alike and len(self._alike) == MOST:
            del self._alike[next(iter(self._alike))]
        self._alike[key] = self.newest = prepared


def figures_of(run: Backtest) -> VariantFigures:
    """Return the figures of a backtest that a sweep compares."""
    return VariantFigures(
        sharpe=of.sharpe(run.nav, run.cash[1:], run.sessions_per_year),
        cagr=of.growth_rate(run.sessions, run.nav),
        volatility=of.volatility(run.nav, run.sessions_per_year),
        max_drawdown=of.max_drawdown(run.nav),
        turnover=of.a_year(float(run.turnover[1:].sum()), run.sessions),
        cost=of.a_year(float(run.cost[1:].sum()), run.sessions),
        total_return=of.total_return(run.nav),
    )


def measure(
    strategy: Strategy,
    history: History,
    digest: str,
    every: Iterable[Values],
    mandate_of: Callable[[Strategy], Mandate],
    *,
    span: tuple[date | None, date | None] = (None, None),
    seen: PreparedVariants | None = None,
) -> Iterator[MeasuredVariant]:
    """Yield what each variant of a strategy comes to, sharing the allocations of those before.

    A variant that the rules refuse is an answer too, with its reason. ``seen`` keeps what was
    prepared, for another call over the same history.
    """
    seen = PreparedVariants() if seen is None else seen
    for values in every:
        try:
            mandate = mandate_of(changed(strategy, values))
            like = seen.like(mandate)
            prepared = prepare(mandate, history, like=like or seen.newest, bare=True)
            if like is None:
                seen.keep(prepared)
            run = simulated(prepared, start=span[0], end=span[1], proxies=False)
        except JeoulError as refusal:
            yield MeasuredVariant(label(values), None, None, str(refusal))
            continue
        yield MeasuredVariant(
            label(values),
            figures_of(run),
            as_trial(run, digest),
            excess=excess_returns(run).astype(np.float32),
        )
