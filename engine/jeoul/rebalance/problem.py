"""The whole-share problem of one account as plain numbers, and what its solutions are worth."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Reals = NDArray[np.float64]
Counts = NDArray[np.int64]
Flags = NDArray[np.bool_]


class SharesProblem(NamedTuple):
    """One account and what it should hold, as numbers. Money in the smallest unit of the currency.

    Per instrument: ``target`` money, ``price`` that values a share, ``buy`` and ``sell`` the prices
    of orders, ``held`` whole shares. ``cash`` can be spent down to ``floor``; ``incoming`` is on
    its way. The fees hold half of a spread. ``idle_weight`` weighs cash above ``cash_target``;
    above 1 it is put to work even where that overshoots a target. ``max_trades`` counts instruments
    traded.
    """

    target: Reals
    price: Reals
    buy: Reals
    sell: Reals
    held: Counts
    cash: float
    incoming: float
    cash_target: float
    floor: float
    buy_fee: float
    sell_fee: float
    lot: int
    min_trade: float
    max_trades: int
    may_sell: bool
    spend_proceeds: bool
    idle_weight: float


def open_to_trade(problem: SharesProblem) -> Flags:
    """Return which instruments are at least ``min_trade`` away from their target."""
    found = np.zeros(len(problem.target), dtype=np.bool_)
    for i in range(len(found)):
        away = abs(problem.target[i] - problem.held[i] * problem.price[i])
        found[i] = away >= problem.min_trade
    return found


def cost_of(problem: SharesProblem, trades: Counts) -> float:
    """Return the objective of some trades: distance from the targets, idle cash and costs.

    ``sum |target - value after| + |cash after - cash target| + costs``. Costs are fees and what
    rounding order prices to ticks loses. Cash above its target is weighed by ``idle_weight`` and
    counted before costs: a fee never passes for money put to work.
    """
    total, gross = 0.0, problem.cash + problem.incoming
    for i in range(len(trades)):
        cost, flow, _ = effect(problem, i, trades[i])
        total += cost
        gross += flow
    return total + idle_cost(problem, gross)


def cash_after(problem: SharesProblem, trades: Counts) -> float:
    """Return the money that can be spent after some trades and their fees."""
    left = problem.cash
    for i in range(len(trades)):
        _, _, spent = effect(problem, i, trades[i])
        left -= spent
    return left


def effect(problem: SharesProblem, i: int, trade: int) -> tuple[float, float, float]:
    """Return what one trade costs in the objective, brings in gross cash, and spends net."""
    price = problem.price[i]
    away = abs(problem.target[i] - (problem.held[i] + trade) * price)
    if trade > 0:
        costs = trade * (problem.buy[i] * (1.0 + problem.buy_fee) - price)
    else:
        costs = trade * (problem.sell[i] * (1.0 - problem.sell_fee) - price)
    gross = -trade * price
    spent = costs - gross if trade > 0 or problem.spend_proceeds else 0.0
    return away + costs, gross, spent


def idle_cost(problem: SharesProblem, gross: float) -> float:
    """Return how far gross cash is from its target, weighed where it is too much."""
    over = gross - problem.cash_target
    return over * problem.idle_weight if over > 0.0 else -over
