"""Choose on the past, measure on what comes next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from jeoul.errors import UsageError
from jeoul.model.calendar import Days, Reals
from jeoul.research.statistics import moments


@dataclass(frozen=True, slots=True)
class Fold:
    """One choice: the variant that was best before ``start``, and what it did until ``end``.

    Ratios are per session. ``after`` is that of the chosen variant, ``median`` that of all.
    """

    start: date
    end: date
    chosen: int
    before: float
    after: float
    median: float


@dataclass(frozen=True, slots=True, eq=False)
class WalkForward:
    """Every fold, and the returns above cash of having followed the choices."""

    folds: tuple[Fold, ...]
    sessions: Days
    excess: Reals


def walk_forward(
    sessions: Days, excess: Reals, *, train: int, test: int, expanding: bool = True
) -> WalkForward:
    """Return what choosing by Sharpe ratio would have come to, in spans never chosen on.

    ``excess`` has one row per session and one column per variant, ``train`` and ``test`` count
    sessions; the past is everything before, or the last ``train`` sessions alone. The choice of a
    fold sees no row of it. Raises :class:`UsageError` if not even one span is left to measure.

    >>> days = np.arange(10).astype("datetime64[D]")
    >>> good = np.column_stack([np.arange(10) % 2 + 1.0, np.arange(10) % 2 - 0.5])
    >>> [fold.chosen for fold in walk_forward(days, good, train=4, test=3).folds]
    [0, 0]
    """
    if train < 2 or test < 1 or train >= len(sessions):
        raise UsageError(
            f"{train} sessions to choose on and {test} to measure on do not fit into "
            f"{len(sessions)}; shorten them or lengthen the span"
        )
    folds, followed = [], []
    for first in range(train, len(sessions), test):
        last = min(first + test, len(sessions))
        past = excess[0 if expanding else first - train : first]
        before = np.array([moments(column).sharpe for column in past.T])
        if np.isnan(before).all():
            raise UsageError("no variant moved in the past of a fold; there is nothing to choose")
        chosen = int(np.nanargmax(before))
        span = excess[first:last]
        ratios = np.array([moments(column).sharpe for column in span.T])
        folds.append(
            Fold(
                start=sessions[first].astype(object),
                end=sessions[last - 1].astype(object),
                chosen=chosen,
                before=float(before[chosen]),
                after=float(ratios[chosen]),
                median=float(np.nanmedian(ratios)) if not np.isnan(ratios).all() else float("nan"),
            )
        )
        followed.append(span[:, chosen])
    return WalkForward(tuple(folds), sessions[train:], np.concatenate(followed))
