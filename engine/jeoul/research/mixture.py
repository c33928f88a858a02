"""Several backtests held at once, in parts that are reset each month."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from jeoul.backtesting import Backtest
from jeoul.errors import ShortHistory
from jeoul.model.calendar import Reals


def month_ends(run: Backtest) -> NDArray[np.int64]:
    """Return the rows of a backtest after which a new month begins.

    Raises :class:`ShortHistory` for a span without a whole month.
    """
    row = np.searchsorted(run.history.sessions, run.sessions[-1])
    months = np.append(run.sessions, run.history.executed[row]).astype("datetime64[M]")
    ends = np.flatnonzero(months[1:] != months[:-1])
    if len(ends) < 2:
        raise ShortHistory("the period has no whole month to learn from; choose a longer one")
    found: NDArray[np.int64] = ends.astype(np.int64)
    return found


def mixture(runs: Mapping[str, Backtest], ends: NDArray[np.int64], weights: Reals) -> Backtest:
    """Return the backtest of a mix of backtests over the same sessions.

    A row of ``weights`` is decided after a row of ``ends`` and filled at the close after it. Until
    the first fill the weights are equal. What moves between backtests is sold and bought in full,
    as if they held nothing in common: the cost is an upper bound.
    """
    every = tuple(runs.values())
    first, rate = every[0], every[0].mandate.strategy.rebalance.cost
    navs = np.column_stack([run.nav for run in every])
    held = np.empty_like(navs)
    nav, moved = np.empty(len(navs)), np.zeros(len(navs))
    fills = [0, *(int(end) + 1 for end in ends if end + 1 < len(navs))]
    share, value = np.full(len(every), 1.0 / len(every)), 1.0
    for place, (fill, end) in enumerate(pairwise([*fills, len(navs) - 1])):
        if place:
            moved[fill] = np.abs(weights[place - 1] - held[fill]).sum()
            share, value = weights[place - 1], nav[fill] * (1.0 - rate * moved[fill])
        # Up to the close of the next fill, which the next turn of the loop trades at.
        grown = share * navs[fill : end + 1] / navs[fill]
        total = grown.sum(axis=1)
        nav[fill : end + 1] = value * total
        held[fill : end + 1] = grown / total[:, None]
    own = {
        name: (held * np.column_stack([getattr(run, name) for run in every])).sum(axis=1)
        for name in ("turnover", "cost", "proxy")
    }
    return replace(
        first,
        nav=nav,
        proxy=own["proxy"],
        turnover=own["turnover"] + 0.5 * moved,
        cost=own["cost"] + rate * moved,
    )
