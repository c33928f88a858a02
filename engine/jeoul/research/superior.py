"""Whether the best of many rules is better than a benchmark, or the luckiest."""

from __future__ import annotations

from dataclasses import dataclass
from math import log, sqrt

import numpy as np
from numpy.typing import NDArray

from jeoul.errors import UsageError
from jeoul.estimate.resampling import resampled_paths
from jeoul.model.calendar import Reals
from jeoul.research.blocks import autocovariances, chosen_block, stretch

DRAWS = 1000
LEVEL = 0.05
LONGER = 2.0  # blocks of a test, against those of a variance
FEWEST = 20  # rows: below it there is nothing to draw blocks from
_AT_ONCE = 500_000  # rows drawn at once: as fast as more, in little memory
_FLAT = 1e-12  # of the largest deviation: a rule that is the benchmark


@dataclass(frozen=True, slots=True, eq=False)
class Superior:
    """How likely chance alone makes the best rule as good; small values speak against chance.

    ``reality`` is White's reality check, ``spa`` Hansen's consistent p with its bounds
    ``spa_lower`` and ``spa_upper``. ``adjusted`` has the p of every rule after Romano and Wolf,
    1 for a rule that never differs from the benchmark: whoever rejects all at or below 5 % rejects
    a true one in at most 5 % of all cases. ``tested`` is how many rules differ, ``block`` the mean
    block, ``best`` the rule with the highest studentised mean.
    """

    reality: float
    spa: float
    spa_lower: float
    spa_upper: float
    adjusted: tuple[float, ...]
    tested: int
    best: int
    block: float
    rows: int


def superior(
    differences: Reals, *, seed: int, draws: int = DRAWS, block: float | None = None
) -> Superior:
    """Return the tests of rules less their benchmark, shape (rows, rules), on the same resamples.

    The null is that no rule has a mean above 0. The mean block, unless it is given, is twice that
    of :func:`~jeoul.research.blocks.chosen_block`: that one makes the squared error of a variance
    least, while a test needs less bias, as Sun, Phillips and Jin show in Econometrica 76 (2008).
    Deviations are widened by :func:`~jeoul.research.blocks.stretch`. White, "A reality check for
    data snooping", Econometrica 68 (2000), takes the highest mean; Hansen, "A test for superior
    predictive ability", Journal of Business & Economic Statistics 23 (2005), the highest
    studentised mean and leaves out rules that are clearly worse; Romano and Wolf, "Stepwise
    multiple testing as formalized data snooping", Econometrica 73 (2005), step down from the best
    rule. Raises :class:`UsageError` for fewer than 20 rows or if no rule differs from the
    benchmark.

    >>> noise = np.random.default_rng(1).normal(0.0, 0.01, (500, 4))
    >>> superior(noise, seed=1).spa > 0.05 > superior(noise + 0.005, seed=1).spa
    True
    """
    rows, rules = differences.shape
    own = differ(differences)
    if rows < FEWEST or not len(own):
        raise UsageError(
            f"{rows} returns and {len(own)} rules that differ from the benchmark cannot be tested; "
            f"use at least {FEWEST} returns and one rule that differs"
        )
    kept = differences[:, own]
    length = LONGER * chosen_block(kept) if block is None else block
    mean = kept.mean(axis=0)
    # Each column by its own deviation: the reality check multiplies it in again.
    error = np.array([_error(column, length) for column in kept.T])
    moved = _moved(kept - mean, length, np.random.default_rng(seed), draws)
    # The highest of many scores lies further out, where not knowing the errors matters more.
    score = mean / error
    drawn = moved / error * stretch(rows, length, 1.0 - 2.0 * LEVEL / len(own))
    moved *= stretch(rows, length)
    worse = score < -sqrt(2.0 * log(log(rows)))
    adjusted = np.ones(rules)
    adjusted[own] = _stepped(score, drawn)
    return Superior(
        reality=_share(moved.max(axis=1), float(mean.max())),
        # Hansen's three recentrings differ in what a rule below the benchmark still counts for.
        spa=_highest(score, drawn + np.where(worse, score, 0.0)),
        spa_lower=_highest(score, drawn + np.minimum(score, 0.0)),
        spa_upper=_highest(score, drawn),
        adjusted=tuple(adjusted.tolist()),
        tested=len(own),
        best=int(own[np.argmax(score)]),
        block=length,
        rows=rows,
    )


def differ(differences: Reals) -> NDArray[np.intp]:
    """Return which rules differ from the benchmark by more than a constant."""
    if not len(differences):
        return np.empty(0, dtype=np.intp)
    spread = differences.std(axis=0)
    return np.flatnonzero(spread > _FLAT * max(float(spread.max(initial=0.0)), _FLAT))


def charged(p: float, tested: int, trials: int) -> float:
    """Return a p of the best of ``tested`` rules as one of ``trials`` rules that were tried.

    1 - (1 - p)^(trials / tested) (Sidak): the other trials count as further independent families of
    the same size, so that luck is charged rather too much than too little.

    >>> charged(0.01, 10, 10), round(charged(0.01, 10, 100), 4)
    (0.01, 0.0956)
    """
    return p if trials <= tested else 1.0 - float((1.0 - p) ** (trials / tested))


def sharpe_scores(excess: Reals) -> Reals:
    """Return scores by row whose mean is the Sharpe ratio of each column, per row.

    SR + z - SR (z^2 - 1) / 2 with z the standardised return: the delta method, by which the error
    of the mean is that of the ratio. Lo, "The statistics of Sharpe ratios", Financial Analysts
    Journal 58 (2002). 0 for a column without variation.

    >>> sharpe_scores(np.array([[0.01], [-0.01], [0.03]])).mean().round(3)
    np.float64(0.612)
    """
    spread = excess.std(axis=0)
    mean = excess.mean(axis=0)
    safe = np.where(spread > 0.0, spread, 1.0)
    ratio = np.where(spread > 0.0, mean / safe, 0.0)
    z = np.where(spread > 0.0, (excess - mean) / safe, 0.0)
    found: Reals = ratio + z - ratio * (z**2 - (spread > 0.0)) / 2.0
    return found


def _error(column: Reals, block: float) -> float:
    """Return the standard deviation of the mean under the stationary bootstrap, without drawing."""
    rows = len(column)
    lags = np.arange(1, rows)
    kept = 1.0 - 1.0 / block
    weights = (1.0 - lags / rows) * kept**lags + lags / rows * kept ** (rows - lags)
    # A white series may come out at 0 or below by rounding only: the weights are positive definite.
    covariances = autocovariances(column, rows - 1)
    return sqrt(max(float(covariances[0] + 2.0 * weights @ covariances[1:]), 1e-300) / rows)


def _moved(centred: Reals, block: float, rng: np.random.Generator, draws: int) -> Reals:
    """Return the mean of each resample, shape (draws, rules); counts spare the resamples."""
    rows = len(centred)
    counts = np.empty((draws, rows))
    some = max(1, _AT_ONCE // rows)
    for first in range(0, draws, some):
        paths = min(some, draws - first)
        drawn = resampled_paths(rows, block, rng, paths=paths, steps=rows)
        drawn += np.arange(paths)[:, np.newaxis] * rows
        counted = np.bincount(drawn.ravel(), minlength=paths * rows)
        counts[first : first + paths] = counted.reshape(paths, rows)
    found: Reals = counts @ centred / rows
    return found


def _highest(score: Reals, drawn: Reals) -> float:
    return _share(np.maximum(drawn.max(axis=1), 0.0), max(float(score.max()), 0.0))


def _stepped(score: Reals, drawn: Reals) -> Reals:
    """Return the p of each rule, the best against all, each next one against those left."""
    order: NDArray[np.intp] = np.argsort(-score)
    left = np.maximum.accumulate(drawn[:, order[::-1]], axis=1)[:, ::-1]
    steps = [_share(left[:, row], float(score[rule])) for row, rule in enumerate(order)]
    found = np.empty(len(score))
    found[order] = np.maximum.accumulate(steps)
    return found


def _share(drawn: Reals, seen: float) -> float:
    """Return how often a draw is as high; what was seen is itself one of the draws."""
    return (1.0 + float((drawn >= seen).sum())) / (1.0 + len(drawn))
