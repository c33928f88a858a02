"""What choosing the best variant would have earned, over every way to leave out some years."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from jeoul.errors import UsageError
from jeoul.model.calendar import Reals
from jeoul.research.statistics import moments

PURGE = 21  # sessions: a month, as long as a month's weights are held
EMBARGO = 0.01  # of the history, as in the book
_FLAT = 1e-24  # of a variance: below it nothing varies


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """One way to leave out ``groups``, and the rows that remain to choose on."""

    train: NDArray[np.int64]
    groups: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Validated:
    """The paths of combinatorial purged cross-validation.

    ``paths`` has one row per path and one column per session: the return of the variant that was
    best on sessions which are neither the session's own group nor near it. ``sharpes`` is the
    Sharpe ratio of each path per session, ``chosen`` the variant of each split.
    """

    paths: Reals
    sharpes: Reals
    chosen: NDArray[np.int64]
    purge: int
    embargo: int


def cross_validated(
    excess: Reals,
    *,
    groups: int = 10,
    tested: int = 2,
    purge: int = PURGE,
    embargo: int | None = None,
) -> Validated:
    """Return the paths of choosing among variants, shape (sessions, variants), by Sharpe ratio.

    The sessions are cut into ``groups``; every choice of ``tested`` of them is once left out, and
    the other groups, without what is within ``purge`` sessions of those left out or within
    ``embargo`` more after them (1 % of the history by default), choose the variant. The j-th time
    that a group is left out goes into path j: C(groups - 1, tested - 1) histories, each
    whole and out of sample. Lopez de Prado, "Advances in financial machine learning" (2018),
    chapters 7 and 12. Raises :class:`UsageError` for fewer than two variants, or if nothing is left
    to choose on.

    >>> luck = np.random.default_rng(1).normal(size=(400, 20))
    >>> cross_validated(luck, purge=5).paths.shape
    (9, 400)
    """
    rows, variants = excess.shape
    gap = round(EMBARGO * rows) if embargo is None else embargo
    every = list(splits(rows, groups, tested, purge, gap)) if 1 <= tested < groups else []
    if variants < 2 or not every or min(len(split.train) for split in every) < 2:
        raise UsageError(
            f"{variants} variants over {rows} sessions cannot be cross-validated with {tested} of "
            f"{groups} groups left out and {purge} + {gap} sessions purged; use two variants or "
            "more, and a longer span"
        )
    chosen = np.argmax(_ratios(excess, every), axis=1)
    bounds = _bounds(rows, groups)
    filled = np.zeros(groups, dtype=np.int64)
    paths = np.empty((len(every) * tested // groups, rows))
    for split, best in zip(every, chosen, strict=True):
        for group in split.groups:
            own = slice(bounds[group], bounds[group + 1])
            paths[filled[group], own] = excess[own, best]
            filled[group] += 1
    sharpes = np.array([moments(path).sharpe for path in paths])
    return Validated(paths=paths, sharpes=sharpes, chosen=chosen, purge=purge, embargo=gap)


def splits(rows: int, groups: int, tested: int, purge: int, embargo: int) -> Iterator[Split]:
    """Yield every way to leave out ``tested`` of ``groups``, with the rows left to choose on.

    >>> first = next(splits(10, 5, 1, purge=1, embargo=2))
    >>> first.groups, first.train.tolist()
    ((0,), [5, 6, 7, 8, 9])
    """
    bounds = _bounds(rows, groups)
    for out in combinations(range(groups), tested):
        kept = np.ones(rows, dtype=bool)
        for group in out:
            first, after = bounds[group], bounds[group + 1]
            kept[max(0, first - purge) : after + purge + embargo] = False
        yield Split(np.flatnonzero(kept), out)


def _bounds(rows: int, groups: int) -> list[int]:
    """Return where the groups begin and the last one ends; the first few have a row more."""
    sizes = [len(part) for part in np.array_split(np.empty(rows), groups)]
    return [0, *np.cumsum(sizes).tolist()]


def _ratios(excess: Reals, every: list[Split]) -> Reals:
    """Return mean over deviation, shape (splits, variants), on the rows to choose on; 0 without."""
    kept = np.zeros((len(every), len(excess)))
    for row, split in enumerate(every):
        kept[row, split.train] = 1.0 / len(split.train)
    mean = kept @ excess
    variance = kept @ excess**2 - mean**2
    found: Reals = np.where(variance > _FLAT, mean / np.sqrt(np.maximum(variance, _FLAT)), 0.0)
    return found
