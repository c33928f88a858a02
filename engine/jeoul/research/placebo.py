"""Placebos: what is left of a result when what should matter is taken away.

The signals shuffled, a session early and a session late, costs doubled, every asset left out in
turn, random weights. A result that a shift of one session changes by more than half a Sharpe ratio
rests on knowing when, and that is the mark of looking ahead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from math import isnan

import numpy as np

from jeoul import metrics as of
from jeoul.backtesting import Prepared, simulated
from jeoul.backtesting.run import Backtest
from jeoul.errors import JeoulError
from jeoul.model.calendar import Reals

LOOK_AHEAD = 0.5  # of Sharpe ratio a year

Measure = Callable[[Prepared], float]


class LookAhead(JeoulError):
    """A result rests on the session of its signals; it is refused."""

    exit_code = 3


@dataclass(frozen=True, slots=True)
class Placebo:
    """One placebo: its kind, what it was applied to, and the Sharpe ratios a year.

    ``sharpe`` averages the draws of a random placebo; ``better`` is the share of them at or above
    the strategy's own, NaN for the others.
    """

    kind: str
    subject: str
    sharpe: float
    better: float = float("nan")


def placebos(
    prepared: Prepared, run: Backtest, *, seed: int, draws: int = 100
) -> tuple[Placebo, ...]:
    """Return every placebo of a backtest over its own span.

    Shuffling draws whole rows of the readings, so that latches keep their joint days but lose
    their order. Leaving out a member gives its weight to the others in proportion, CASH apart.
    Random weights are Dirichlet draws of the members ever held, made on the same sessions. Raises
    :class:`UsageError` if a watched latch can change weights.
    """
    own = sharpe_of(run)
    # A replay would read its own signals and weights; this refuses what only a replay can do.
    _ = prepared.path

    def measured(changed: Prepared) -> float:
        return sharpe_of(simulated(changed, start=run.start, end=run.end, proxies=False))

    rng = np.random.default_rng(seed)
    found = []
    if prepared.signals.shape[1]:
        found.append(_drawn("shuffled", draws, own, lambda: measured(_shuffled(prepared, rng))))
        found += [
            Placebo(kind, "", measured(shifted(prepared, by)))
            for kind, by in (("early", -1), ("late", 1))
        ]
    found.append(Placebo("doubled_cost", "", measured(_costed(prepared, 2.0))))
    found += [Placebo("left_out", name, measured(changed)) for name, changed in _left_out(prepared)]
    weights = _RandomWeights(prepared)
    found.append(_drawn("random_weights", draws, own, lambda: measured(weights.drawn(rng))))
    return tuple(found)


def random_weights(prepared: Prepared, run: Backtest, *, seed: int, draws: int = 1000) -> Placebo:
    """Return the placebo of random weights alone, over the span of a backtest.

    Each draw weighs the members that were held by one Dirichlet draw, on the same sessions and
    under the same overlay. Raises :class:`UsageError` if a watched latch can change weights.
    """
    rng = np.random.default_rng(seed)
    weights = _RandomWeights(prepared)

    def ratio() -> float:
        drawn = weights.drawn(rng)
        return sharpe_of(simulated(drawn, start=run.start, end=run.end, proxies=False))

    return _drawn("random_weights", draws, sharpe_of(run), ratio)


def refuse_look_ahead(run: Backtest, found: tuple[Placebo, ...]) -> None:
    """Raise :class:`LookAhead` if a session's shift changes the Sharpe ratio by more than 0.5."""
    own = sharpe_of(run)
    for placebo in found:
        if placebo.kind in {"early", "late"} and abs(placebo.sharpe - own) > LOOK_AHEAD:
            raise LookAhead(
                f"with its signals a session {placebo.kind} the Sharpe ratio of "
                f"{run.mandate.strategy.name} is {placebo.sharpe:.2f} instead of {own:.2f}; a "
                "result that rests on one session looks ahead: check when each signal was known"
            )


def sharpe_of(run: Backtest) -> float:
    """Return the Sharpe ratio a year of a backtest."""
    return of.sharpe(run.nav, run.cash[1:], run.sessions_per_year)


def shifted(prepared: Prepared, by: int) -> Prepared:
    """Return the backtest with every reading ``by`` clock sessions later (earlier if negative).

    The sessions at the end that this leaves without a reading have none.
    """
    signals = np.full_like(prepared.signals, np.nan)
    if by > 0:
        signals[by:] = prepared.signals[:-by]
    else:
        signals[:by] = prepared.signals[-by:]
    return replace(prepared, signals=signals)


def _shuffled(prepared: Prepared, rng: np.random.Generator) -> Prepared:
    return replace(prepared, signals=rng.permutation(prepared.signals))


def _costed(prepared: Prepared, times: float) -> Prepared:
    inputs = prepared.inputs
    return replace(prepared, inputs=inputs._replace(cost=times * inputs.cost))


def _left_out(prepared: Prepared) -> Iterator[tuple[str, Prepared]]:
    allocation = prepared.inputs.allocation
    for place, name in enumerate(prepared.mandate.places[:-1]):
        if not allocation[:, place].any():
            continue
        funds = allocation[:, :-1].copy()
        whole = funds.sum(axis=1)
        funds[:, place] = 0.0
        rest = funds.sum(axis=1)
        funds[rest > 0.0] *= (whole[rest > 0.0] / rest[rest > 0.0])[:, None]
        yield name, _weighted(prepared, funds, _refuge(prepared, place))


class _RandomWeights:
    """Backtests with other weights of the members on the same sessions, one Dirichlet draw each."""

    def __init__(self, prepared: Prepared) -> None:
        self.prepared = prepared
        allocation = prepared.inputs.allocation
        self.invested = np.array([row[:-1].sum() for row in allocation])[:, np.newaxis]
        alike: dict[bytes, list[int]] = {}
        for number, row in enumerate(sorted(prepared.made)):
            alike.setdefault(prepared.made[row].members.tobytes(), []).append(number)
        # Members change a few times in decades: rows with the same ones are weighed at once.
        self.alike = [
            (np.array(rows), np.frombuffer(members, dtype=np.int64))
            for members, rows in alike.items()
        ]
        self.refuge = _refuge(prepared)

    def drawn(self, rng: np.random.Generator) -> Prepared:
        """Return the backtest with the next draw."""
        allocation = self.prepared.inputs.allocation
        draw = rng.dirichlet(np.ones(allocation.shape[1] - 1))
        funds = np.zeros((len(allocation), len(draw)))
        for rows, members in self.alike:
            chosen = draw[members]
            funds[np.ix_(rows, members)] = self.invested[rows] * chosen / chosen.sum()
        return _weighted(self.prepared, funds, self.refuge)


def _refuge(prepared: Prepared, without: int | None = None) -> Reals:
    """Return where each allocation puts what the overlay cuts, as shares; not into one member."""
    refuge = np.maximum(-prepared.inputs.cut, 0.0)
    if without is not None:
        refuge[:, without] = 0.0
    share = refuge.sum(axis=1)
    refuge[share == 0.0, -1] = 1.0
    found: Reals = refuge / refuge.sum(axis=1, keepdims=True)
    return found


def _weighted(prepared: Prepared, funds: Reals, refuge: Reals) -> Prepared:
    """Return the backtest with other weights of the members, what is left in CASH.

    The overlay cuts the same classes, into a refuge.
    """
    risky = np.array([name in _risk_classes(prepared) for name in prepared.mandate.classes])
    freed = np.where(risky, funds, 0.0)
    allocation = np.column_stack([funds, 1.0 - funds.sum(axis=1)])
    other = np.column_stack([freed, np.zeros(len(freed))]) - refuge * freed.sum(axis=1)[:, None]
    return replace(prepared, inputs=prepared.inputs._replace(allocation=allocation, cut=other))


def _risk_classes(prepared: Prepared) -> frozenset[str]:
    overlay = prepared.mandate.strategy.overlay
    return frozenset() if overlay is None else frozenset(overlay.risk_classes)


def _drawn(kind: str, draws: int, own: float, draw: Callable[[], float]) -> Placebo:
    ratios = np.array([draw() for _ in range(draws)])
    better = float("nan") if isnan(own) else float((ratios >= own).mean())
    return Placebo(kind, "", float(np.nanmean(ratios)), better)
