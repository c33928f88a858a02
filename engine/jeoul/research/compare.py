"""What a change of a strategy does, and whether the difference is more than luck."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from jeoul.backtesting import Backtest, Prepared, simulated
from jeoul.backtesting.figures import rows_of
from jeoul.backtesting.periods import Period, by_crisis
from jeoul.metrics import is_short
from jeoul.model.calendar import Reals
from jeoul.research.bootstrap import Interval, interval
from jeoul.research.judgement import excess_returns
from jeoul.research.measure import Figures, figures_of

Verdict = Literal["same", "better", "worse", "unclear"]
_SAME = 1e-9  # of value: what the compiled twin vouches for


@dataclass(frozen=True, slots=True)
class Comparison:
    """One strategy against another over the sessions they share.

    ``weights`` is the average weight of every member and CASH in both, ``apart`` half the sum of
    absolute differences of the weights, averaged over the sessions. ``sharpe`` and ``cagr`` are
    intervals for the second less the first, ``cagr`` None for a span shorter than a year.
    ``verdict`` judges the Sharpe interval alone.
    """

    first: Figures
    second: Figures
    weights: dict[str, tuple[float, float]]
    apart: float
    crises: tuple[tuple[Period, Period], ...]
    sharpe: Interval
    cagr: Interval | None
    verdict: Verdict


def compare(
    one: tuple[Prepared, Backtest], other: tuple[Prepared, Backtest], *, seed: int
) -> Comparison:
    """Return what the second of two backtests does differently.

    Intervals are those of the stationary block bootstrap with the two drawn together. The verdict
    is ``unclear`` unless the interval of the difference in Sharpe ratio excludes zero.
    """
    (before, first), (after, second) = _shared(one, other)
    year = first.sessions_per_year
    pair = np.column_stack([excess_returns(first), excess_returns(second)])
    grown = np.column_stack([_log_growth(first), _log_growth(second)])
    sharpe = interval(pair, lambda r: _ratio(r[:, 1], year) - _ratio(r[:, 0], year), seed=seed)
    cagr = None
    if not is_short(first.sessions):
        cagr = interval(
            grown,
            lambda r: float(np.exp(r[:, 1].mean() * year) - np.exp(r[:, 0].mean() * year)),
            seed=seed,
        )
    held = [p.weights[rows_of(p, run)] for p, run in ((before, first), (after, second))]
    return Comparison(
        first=figures_of(first),
        second=figures_of(second),
        weights=_average(before, after, held),
        apart=_apart(before, after, held),
        crises=tuple(
            zip(
                by_crisis(first.sessions, first.nav),
                by_crisis(second.sessions, second.nav),
                strict=True,
            )
        ),
        sharpe=sharpe,
        cagr=cagr,
        verdict=_verdict(first, second, sharpe),
    )


def _shared(
    one: tuple[Prepared, Backtest], other: tuple[Prepared, Backtest]
) -> tuple[tuple[Prepared, Backtest], tuple[Prepared, Backtest]]:
    """Return both backtests over the span that they share."""
    start = max(one[1].start, other[1].start)
    end = min(one[1].end, other[1].end)
    first, second = (
        (prepared, simulated(prepared, start=start, end=end)) for prepared, _ in (one, other)
    )
    return first, second


def _ratio(excess: Reals, year: float) -> float:
    spread = float(excess.std(ddof=1))
    return float(excess.mean()) / spread * float(np.sqrt(year)) if spread > 0.0 else 0.0


def _log_growth(run: Backtest) -> Reals:
    found: Reals = np.log(run.nav[1:] / run.nav[:-1])
    return found


def _average(
    before: Prepared, after: Prepared, held: list[Reals]
) -> dict[str, tuple[float, float]]:
    means = [
        dict(zip(p.mandate.places, own.mean(axis=0).tolist(), strict=True))
        for p, own in zip((before, after), held, strict=True)
    ]
    names = dict.fromkeys([*means[0], *means[1]])
    return {name: (means[0].get(name, 0.0), means[1].get(name, 0.0)) for name in names}


def _apart(before: Prepared, after: Prepared, held: list[Reals]) -> float:
    names = list(dict.fromkeys([*before.mandate.places, *after.mandate.places]))
    whole = []
    for prepared, own in zip((before, after), held, strict=True):
        wide = np.zeros((len(own), len(names)))
        wide[:, [names.index(place) for place in prepared.mandate.places]] = own
        whole.append(wide)
    count = min(map(len, whole))
    return float(0.5 * np.abs(whole[0][:count] - whole[1][:count]).sum(axis=1).mean())


def _verdict(first: Backtest, second: Backtest, sharpe: Interval) -> Verdict:
    if np.allclose(first.nav / first.nav[0], second.nav / second.nav[0], rtol=_SAME, atol=0.0):
        return "same"
    if not sharpe.excludes_zero:
        return "unclear"
    return "better" if sharpe.low > 0.0 else "worse"
