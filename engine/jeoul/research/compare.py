"""What a change of a strategy does, and whether the difference is more than luck."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

import numpy as np

from jeoul.backtesting import Backtest, Prepared, simulated
from jeoul.backtesting.periods import Period, by_crisis
from jeoul.errors import ShortHistory
from jeoul.metrics import is_short
from jeoul.model.calendar import Days, Reals
from jeoul.model.shown import Drawn
from jeoul.research.bootstrap import Interval, interval
from jeoul.research.judgement import excess_returns
from jeoul.research.measure import VariantFigures, figures_of
from jeoul.research.superior import FEWEST, differ, sharpe_scores, superior

Verdict = Literal["same", "better", "worse", "unclear"]
_FEWEST = 3  # sessions in common: two returns, below which nothing has a spread
_SAME = 1e-9  # of value: what the compiled twin vouches for


@dataclass(frozen=True, slots=True, repr=False)
class Comparison(Drawn):
    """One strategy against another over the sessions they share.

    ``weights`` is the average weight of every member and CASH in both, ``apart`` half the sum of
    absolute differences of the weights, averaged over the sessions. ``sharpe`` and ``cagr`` are
    intervals for the second less the first, ``cagr`` None for a span shorter than a year.
    ``verdict`` judges the Sharpe interval alone. Each is measured in the currency of its own
    universe, ``currencies``. ``chance`` is the probability with which chance alone makes the second
    as much better by Sharpe ratio (Hansen's SPA with one rule), None if they do not differ or share
    too few sessions.
    """

    first: VariantFigures
    second: VariantFigures
    weights: dict[str, tuple[float, float]]
    apart: float
    crises: tuple[tuple[Period, Period], ...]
    sharpe: Interval
    cagr: Interval | None
    verdict: Verdict
    start: date
    end: date
    currencies: tuple[str, str]
    chance: float | None
    simulated: bool = False


def compare(
    one: tuple[Prepared, Backtest], other: tuple[Prepared, Backtest], *, seed: int
) -> Comparison:
    """Return what the second of two backtests does differently.

    Intervals are those of the stationary block bootstrap with the two drawn together. The verdict
    is ``unclear`` unless the interval of the difference in Sharpe ratio excludes zero. Strategies
    on two exchanges are paired on the sessions that both have, by their dates.
    """
    before, after = one[0], other[0]
    own = _shared(one, other)
    days = np.intersect1d(own[0].sessions, own[1].sessions, assume_unique=True)
    if len(days) < _FEWEST:
        raise ShortHistory(
            f"{before.mandate.strategy.name} and {after.mandate.strategy.name} share "
            f"{len(days)} sessions; choose a longer span"
        )
    first, second = (_paired(run, days) for run in own)
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
    held = [p.weights[np.searchsorted(p.history.sessions, days)] for p in (before, after)]
    return Comparison(
        first=figures_of(own[0]),
        second=figures_of(own[1]),
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
        start=first.start,
        end=first.end,
        currencies=(before.history.currency, after.history.currency),
        chance=_chance(pair, seed),
        simulated=before.history.simulated or after.history.simulated,
    )


def _chance(pair: Reals, seed: int) -> float | None:
    scores = sharpe_scores(pair)
    ahead = scores[:, 1:] - scores[:, :1]
    if len(ahead) < FEWEST or not len(differ(ahead)):
        return None
    return superior(ahead, seed=seed).spa


def _shared(
    one: tuple[Prepared, Backtest], other: tuple[Prepared, Backtest]
) -> tuple[Backtest, Backtest]:
    """Return both backtests over the span that they share."""
    start = max(one[1].start, other[1].start)
    end = min(one[1].end, other[1].end)
    first, second = (simulated(prepared, start=start, end=end) for prepared, _ in (one, other))
    return first, second


def _paired(run: Backtest, days: Days) -> Backtest:
    """Return a backtest on some of its sessions: what lies between two of them is added up."""
    if len(days) == len(run.sessions):
        return run
    rows = np.searchsorted(run.sessions, days)

    def between(flow: Reals) -> Reals:
        summed = np.concatenate(([0.0], np.cumsum(flow)))[rows + 1]
        return np.diff(summed, prepend=summed[0] - flow[rows[0]])

    return replace(
        run,
        sessions=days,
        nav=run.nav[rows],
        cash=between(run.cash),
        proxy=run.proxy[rows],
        turnover=between(run.turnover),
        cost=between(run.cost),
        sessions_per_year=run.sessions_per_year * len(days) / len(run.sessions),
    )


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
    return float(0.5 * np.abs(whole[0] - whole[1]).sum(axis=1).mean())


def _verdict(first: Backtest, second: Backtest, sharpe: Interval) -> Verdict:
    if np.allclose(first.nav / first.nav[0], second.nav / second.nav[0], rtol=_SAME, atol=0.0):
        return "same"
    if not sharpe.excludes_zero:
        return "unclear"
    return "better" if sharpe.low > 0.0 else "worse"
