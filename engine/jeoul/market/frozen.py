"""Closes that do not move: a suspended fund, or a feed that repeats its last answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from jeoul.model.calendar import Reals

# The longest run of equal closes of 33 Korean funds to 2024-06 is 4; of 59 American ones it is 19,
# a fund of Treasury bills in 2011, whose yield was zero.
MOST_EQUAL = {"XKRX": 20, "XNYS": 40}


class Frozen(NamedTuple):
    """A run of equal closes: rows ``since`` to ``last``, without a price from ``masked`` on."""

    column: int
    since: int
    masked: int
    last: int
    price: float


def frozen_runs(close: Reals, exchange: str) -> tuple[Frozen, ...]:
    """Return the runs of closes that are equal for too long, by column and row.

    A close is masked once so many before it are equal to it, and none is for what comes after it:
    the runs of a shorter table are the beginnings of these.

    >>> table = np.array([[5.0], *[[7.0]] * 25, [8.0]])
    >>> frozen_runs(table, "XKRX")
    (Frozen(column=0, since=1, masked=21, last=25, price=7.0),)
    """
    most = MOST_EQUAL[exchange]
    return tuple(run for column in range(close.shape[1]) for run in _runs(close, column, most))


def _runs(close: Reals, column: int, most: int) -> list[Frozen]:
    rows = np.flatnonzero(np.isfinite(close[:, column]))
    values = close[rows, column]
    edges = np.flatnonzero(np.diff(values) != 0) + 1
    starts = np.concatenate(([0], edges))
    ends = np.concatenate((edges, [len(values)])) - 1
    long = np.flatnonzero(ends - starts >= most)  # of thousands of runs nearly always none
    return [
        Frozen(
            column=column,
            since=int(rows[start]),
            masked=int(rows[start + most]),
            last=int(rows[end]),
            price=float(values[start]),
        )
        for start, end in zip(starts[long], ends[long], strict=True)
    ]


def masked(close: Reals, runs: Sequence[Frozen]) -> Reals:
    """Return closes without those that runs mask."""
    found = close.copy()
    for run in runs:
        found[run.masked : run.last + 1, run.column] = np.nan
    return found
