"""An optimum as any path finds it."""

from __future__ import annotations

from typing import NamedTuple

from jeoul.model.calendar import Reals


class Optimum(NamedTuple):
    """Optimal weights and what they are optimal for.

    ``prices`` are multipliers of the budget and of each group, positive at an upper bound, in the
    units of the objective; ``aversion`` is the risk aversion at which the weights are optimal,
    infinite where they only show the least yield, NaN where they are only a local optimum;
    ``cost`` the price of trading at which they are, above the program's own where the turnover cap
    binds; ``yielded`` whether lower bounds of groups gave way to the volatility ceiling.
    """

    weights: Reals
    prices: Reals
    aversion: float
    cost: float
    yielded: bool = False
