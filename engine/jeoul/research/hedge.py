"""Hedge: exponential weights over experts, and how far behind the best of them it can fall.

Freund and Schapire, "A decision-theoretic generalization of on-line learning and an application to
boosting", Journal of Computer and System Sciences 55 (1997); the rates and bounds are those of
Cesa-Bianchi and Lugosi, "Prediction, Learning, and Games" (2006), theorems 2.2 and 2.3.
"""

from __future__ import annotations

from math import log, sqrt

import numpy as np

from jeoul.errors import UsageError
from jeoul.model.calendar import Reals


def hedge_weights(losses: Reals, *, rate: float | None = None) -> Reals:
    """Return the weights before each round and after the last, shape (rounds + 1, experts).

    ``losses`` are between 0 and 1, one row a round. Weights are in proportion to exp(-rate x the
    losses of the rounds before), so that a row never depends on its own round. Without ``rate`` it
    is sqrt(8 ln K / t) for K experts in round t, which needs no end that is known beforehand.

    Raises :class:`UsageError` for losses outside 0 to 1 and for fewer than two experts.

    >>> hedge_weights(np.array([[0.0, 0.5, 1.0]]), rate=1.0)[1].round(4).tolist()
    [0.5065, 0.3072, 0.1863]
    """
    rounds, experts = losses.shape
    if experts < 2:
        raise UsageError("exponential weights need at least two experts")
    if not ((losses >= 0.0) & (losses <= 1.0)).all():
        raise UsageError("a loss is outside 0 to 1; scale the losses first")
    before = np.vstack([np.zeros(experts), np.cumsum(losses, axis=0)])
    if rate is None:
        rates = np.array([sqrt(8.0 * log(experts) / t) for t in range(1, rounds + 2)])
    else:
        rates = np.full(rounds + 1, rate)
    # Less the smallest: the exponents stay small, and the proportions are the same.
    raw = np.exp(-rates[:, None] * (before - before.min(axis=1, keepdims=True)))
    found: Reals = raw / raw.sum(axis=1, keepdims=True)
    return found


def best_rate(experts: int, rounds: int) -> float:
    """Return the rate with the lowest bound where the number of rounds is known beforehand.

    >>> round(best_rate(2, 100), 6)
    0.235482
    """
    return sqrt(8.0 * log(experts) / rounds)


def regret(weights: Reals, losses: Reals) -> float:
    """Return the loss of the weighted mix less that of the expert who lost least, both summed.

    ``weights`` may have one row more than ``losses``: that of the round to come.

    >>> even = np.full((2, 2), 0.5)
    >>> regret(even, np.array([[0.0, 1.0], [0.0, 1.0]]))
    1.0
    """
    mixed = float((weights[: len(losses)] * losses).sum())
    return mixed - float(losses.sum(axis=0).min())


def regret_bound(experts: int, rounds: int, *, anytime: bool = True) -> float:
    """Return what the regret of Hedge cannot exceed, whatever the losses.

    2 sqrt(T ln K / 2) + sqrt(ln K / 8) for the rate that falls with the rounds; sqrt(T ln K / 2)
    for :func:`best_rate`, without ``anytime``.

    >>> round(regret_bound(2, 100, anytime=False), 3), round(regret_bound(2, 100), 3)
    (5.887, 12.068)
    """
    least = sqrt(rounds * log(experts) / 2.0)
    return 2.0 * least + sqrt(log(experts) / 8.0) if anytime else least
