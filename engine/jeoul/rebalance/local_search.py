"""Whole-share trades by water filling and local search, in plain Python or compiled.

Both run from this source and give the same trades to the share. So sums are loops: numpy adds in
another order than a compiled loop. Loops also compile in half the time of whole-array calls.
"""

from __future__ import annotations

from collections.abc import Callable
from math import floor
from typing import Any

import numpy as np

from jeoul.model.compiled import digest_of, rebound
from jeoul.rebalance.problem import (
    Counts,
    Flags,
    Reals,
    SharesProblem,
    cost_of,
    effect,
    idle_cost,
    open_to_trade,
)

WIDE = 100
"""Beyond so many instruments, pairs and triples of trades are looked for among the cheapest."""
NEAR = 24
"""So many instruments with the cheapest moves they are."""
DOWN, UP = 0, 1
TRADE, COST, GROSS, SPENT = range(4)  # what a neighbouring trade would be, and would change


Search = Callable[[SharesProblem], Counts]
Jit = Callable[[Any], Any]


def search(problem: SharesProblem) -> Counts:
    """Return the shares to trade per instrument, negative to sell, close to the best.

    The objective is that of :func:`~jeoul.rebalance.problem.cost_of`. Sales come down to their
    targets, buys share the money there is from the most underweight on (so that the largest
    remaining gaps are equal), then single trades, pairs and triples of trades move by one lot while
    that lowers the objective. Instruments closer to their target than ``min_trade`` are left alone,
    and smaller orders do not occur. Of more than :data:`WIDE` instruments the pairs and triples are
    those of the :data:`NEAR` whose next lot costs least, and no exchanges are tried. Beyond
    ``max_trades`` the smallest order is given up and the search starts again; then traded
    instruments are exchanged for others while that helps.

    >>> prices = np.array([30.0, 50.0])
    >>> search(SharesProblem(np.array([60.0, 40.0]), prices, prices, prices, np.array([0, 0]),
    ...     100.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1, 0.0, 2, True, True, 1.0))
    array([1, 1])
    """
    allowed = open_to_trade(problem)
    if not _any(allowed):
        return np.zeros(len(allowed), dtype=np.int64)
    trades = _improved(problem, allowed, _start(problem, allowed))
    if _traded(trades) <= problem.max_trades:
        return trades
    wide = len(allowed) > WIDE
    while _traded(trades) > problem.max_trades:
        # Of thousands of orders many are given up at once: one at a time takes minutes.
        spared = (_traded(trades) - problem.max_trades) // 2 if wide else 0
        for _ in range(1 + spared):
            place = _smallest(problem, trades)
            allowed[place] = False
            trades[place] = 0
        trades = _improved(problem, allowed, _start(problem, allowed))
    return trades if wide else _exchanged(problem, trades)


def compile_search(jit: Jit, whole: Jit | None = None) -> Search:
    """Return :func:`search` compiled by ``jit`` (``numba.njit`` or a partial), from this source.

    ``whole`` compiles the search itself, where that differs from its parts. Its name carries a
    digest of all parts: a cache that looks at the file of one function sees a change in any.
    """
    space = dict(globals())
    parts = (
        open_to_trade,
        effect,
        idle_cost,
        cost_of,
        _any,
        _traded,
        _total,
        _smallest,
        _admitted,
        _neighbour,
        _level,
        _start,
        _look,
        _nearest,
        _single,
        _pair,
        _triple,
        _improved,
        _exchanged,
    )
    for part in parts:
        space[part.__name__] = jit(rebound(part, space))
    twin = rebound(search, space)
    twin.__qualname__ += f"_{digest_of((search, *parts), space)[:12]}"
    compiled: Search = (whole or jit)(twin)
    return compiled


def _any(flags: Flags) -> bool:
    for flag in flags:  # noqa: SIM110  a generator does not compile
        if flag:
            return True
    return False


def _traded(trades: Counts) -> int:
    """Return how many instruments are traded."""
    found = 0
    for trade in trades:
        found += trade != 0
    return found


def _total(values: Reals) -> float:
    found = 0.0
    for value in values:
        found += abs(value)
    return found


def _smallest(problem: SharesProblem, trades: Counts) -> int:
    """Return the place of the smallest order."""
    found, least = 0, np.inf
    for i in range(len(trades)):
        size = abs(trades[i]) * problem.price[i]
        if 0.0 < size < least:
            found, least = i, size
    return found


def _exchanged(problem: SharesProblem, trades: Counts) -> Counts:
    """Return the trades after every exchange of one traded instrument for another that helps."""
    is_open = open_to_trade(problem)
    best = cost_of(problem, trades)
    # Less is rounding, with which two exchanges could undo each other for ever.
    enough = 1e-9 * best
    n = len(trades)
    place, tried = 0, 0
    while tried < n * n:  # until every exchange was tried in vain since the last that helped
        leaving, coming = place // n, place % n
        place, tried = (place + 1) % (n * n), tried + 1
        if trades[leaving] == 0 or trades[coming] != 0 or not is_open[coming]:
            continue
        allowed = trades != 0
        allowed[leaving], allowed[coming] = False, True
        other = _improved(problem, allowed, _start(problem, allowed))
        reached = cost_of(problem, other)
        if reached < best - enough:
            trades, best, tried = other, reached, 0
    return trades


def _admitted(problem: SharesProblem, i: int, trade: int) -> int:
    """Return the trade, or 0 if it is too small or sells what is not there."""
    price = problem.buy[i] if trade > 0 else problem.sell[i]
    if abs(trade) * price < problem.min_trade or -trade > problem.held[i]:
        return 0
    return trade


def _neighbour(problem: SharesProblem, i: int, trade: int, way: int) -> int:
    """Return the next trade up or down that is admitted; the same one if there is none."""
    lot = problem.lot if way == UP else -problem.lot
    beyond = trade + lot
    if beyond < 0 and not problem.may_sell:
        return trade
    if -beyond > problem.held[i]:
        return trade
    if beyond == 0 or _admitted(problem, i, beyond) != 0:
        return beyond
    if trade != 0:  # towards zero and too small: no trade at all
        return 0
    price = problem.buy[i] if way == UP else problem.sell[i]
    lots = -floor(-problem.min_trade / (price * problem.lot))
    first = int(lots) * lot
    return first if -first <= problem.held[i] else trade


def _level(gaps: Reals, budget: float) -> float:
    """Return the gap to leave open so that closing all larger gaps down to it costs the budget."""
    low, high = 0.0, 0.0
    for gap in gaps:
        high = max(high, gap)
    # 60 halvings of the largest account end far below one unit of money.
    for _ in range(60):
        middle = 0.5 * (low + high)
        wanted = 0.0
        for i in range(len(gaps)):
            wanted += max(gaps[i] - middle, 0.0)
        if wanted > budget:
            low = middle
        else:
            high = middle
    # The upper end, whose buys never cost more than the budget.
    return high


def _start(problem: SharesProblem, allowed: Flags) -> Counts:
    """Return sales down to the targets, and buys from the most underweight on."""
    n = len(problem.target)
    trades = np.zeros(n, dtype=np.int64)
    gaps = np.zeros(n)
    budget = problem.cash - problem.floor
    for i in range(n):
        gap = problem.target[i] - problem.held[i] * problem.price[i]
        if not allowed[i]:
            continue
        if gap > 0.0:
            gaps[i] = gap * (1.0 + problem.buy_fee) * problem.buy[i] / problem.price[i]
        elif problem.may_sell:
            # Rounded down, so that a sale never passes its target; the search may add the last lot.
            lots = floor(-gap / (problem.price[i] * problem.lot))
            trades[i] = _admitted(problem, i, -int(lots) * problem.lot)
            budget -= effect(problem, i, trades[i])[2]
    if n == 0 or budget <= 0.0:
        return trades
    level = _level(gaps, budget) if _total(gaps) > budget else 0.0
    for i in range(n):
        share = problem.buy[i] * (1.0 + problem.buy_fee)
        lots = floor(max(gaps[i] - level, 0.0) / (share * problem.lot))
        if lots > 0:
            trades[i] = _admitted(problem, i, int(lots) * problem.lot)
    return trades


def _look(problem: SharesProblem, allowed: Flags, trades: Counts, i: int, moves: Reals) -> None:
    """Write what one step down and up of a trade would change into ``moves``."""
    cost, gross, spent = effect(problem, i, trades[i])
    for way in range(2):
        there = _neighbour(problem, i, trades[i], way) if allowed[i] else trades[i]
        moves[way, TRADE, i] = there
        if there == trades[i]:
            moves[way, COST, i] = np.inf
        else:
            new_cost, new_gross, new_spent = effect(problem, i, there)
            moves[way, COST, i] = new_cost - cost
            moves[way, GROSS, i] = new_gross - gross
            moves[way, SPENT, i] = new_spent - spent


def _single(
    problem: SharesProblem, moves: Reals, gross: float, left: float, chosen: Counts
) -> float:
    """Return the best gain of one move, and write the move into ``chosen``."""
    best, idle = 0.0, idle_cost(problem, gross)
    for a in range(moves.shape[2] * 2):
        i, way = a // 2, a % 2
        if left - moves[way, SPENT, i] < problem.floor:
            continue
        gain = moves[way, COST, i] + idle_cost(problem, gross + moves[way, GROSS, i]) - idle
        if gain < best:
            best = gain
            chosen[0], chosen[1], chosen[2] = a, -1, -1
    return best


def _nearest(moves: Reals) -> Counts:
    """Return the places of the instruments whose next lot costs least, all of them if few."""
    n = moves.shape[2]
    if n <= WIDE:
        return np.arange(n)
    low, high = np.inf, -np.inf
    least = np.zeros(n)
    movable = 0
    for i in range(n):
        least[i] = min(moves[DOWN, COST, i], moves[UP, COST, i])
        if least[i] < np.inf:
            low, high = min(low, least[i]), max(high, least[i])
            movable += 1
    if movable <= NEAR:
        low = high  # the halving below never comes to its upper end, the dearest of them
    # A threshold by halving: a compiled sort may order equal costs in another way than numpy's.
    for _ in range(40):
        middle = 0.5 * (low + high)
        count = 0
        for i in range(n):
            count += least[i] <= middle
        if count > NEAR:
            high = middle
        else:
            low = middle
    found = np.zeros(NEAR, dtype=np.int64)
    count = 0
    for i in range(n):
        if least[i] <= low and count < NEAR:
            found[count] = i
            count += 1
    return found[:count]


def _pair(problem: SharesProblem, moves: Reals, gross: float, left: float, chosen: Counts) -> float:
    """Return the best gain of two moves at once, and write them into ``chosen``."""
    best, idle = 0.0, idle_cost(problem, gross)
    near = _nearest(moves)
    size = len(near) * 2
    for a in range(size):
        i, way = near[a // 2], a % 2
        cost, flow, spent = moves[way, COST, i], moves[way, GROSS, i], moves[way, SPENT, i]
        if cost == np.inf:
            continue
        # From the next instrument on: each pair once, and never up and down in the same one.
        for b in range((a // 2 + 1) * 2, size):
            j, other = near[b // 2], b % 2
            if left - spent - moves[other, SPENT, j] < problem.floor:
                continue
            change = idle_cost(problem, gross + flow + moves[other, GROSS, j]) - idle
            gain = cost + moves[other, COST, j] + change
            if gain < best:
                best = gain
                chosen[0], chosen[1], chosen[2] = 2 * i + way, 2 * j + other, -1
    return best


def _triple(
    problem: SharesProblem, moves: Reals, gross: float, left: float, chosen: Counts
) -> float:
    """Return the best gain of three moves at once, and write them into ``chosen``."""
    best, idle = 0.0, idle_cost(problem, gross)
    cheapest = np.inf
    near = _nearest(moves)
    for i in near:
        cheapest = min(cheapest, moves[DOWN, COST, i], moves[UP, COST, i])
    size = len(near) * 2
    for a in range(size):
        i, way = near[a // 2], a % 2
        if moves[way, COST, i] == np.inf:
            continue
        for b in range((a // 2 + 1) * 2, size):
            j, other = near[b // 2], b % 2
            cost = moves[way, COST, i] + moves[other, COST, j]
            if cost + cheapest - idle >= best:  # not even with the best third and no idle cash
                continue
            flow = gross + moves[way, GROSS, i] + moves[other, GROSS, j]
            after = left - moves[way, SPENT, i] - moves[other, SPENT, j]
            for c in range((b // 2 + 1) * 2, size):
                k, third = near[c // 2], c % 2
                if after - moves[third, SPENT, k] < problem.floor:
                    continue
                gain = (
                    cost
                    + moves[third, COST, k]
                    + idle_cost(problem, flow + moves[third, GROSS, k])
                    - idle
                )
                if gain < best:
                    best = gain
                    chosen[0], chosen[1] = 2 * i + way, 2 * j + other
                    chosen[2] = 2 * k + third
    return best


def _improved(problem: SharesProblem, allowed: Flags, trades: Counts) -> Counts:
    """Return the trades after every single, pair and triple that lowers the objective."""
    n = len(trades)
    moves = np.zeros((2, 4, n))
    gross, left = problem.cash + problem.incoming, problem.cash
    for i in range(n):
        _look(problem, allowed, trades, i, moves)
        _, flow, spent = effect(problem, i, trades[i])
        gross += flow
        left -= spent
    least = -1e-12 * (abs(gross) + _total(problem.target))  # below it, rounding noise
    chosen = np.zeros(3, dtype=np.int64)
    while True:
        # The dear looks come last: pairs grow with the square of the instruments, triples faster.
        gain = _single(problem, moves, gross, left, chosen)
        if gain >= least:
            gain = _pair(problem, moves, gross, left, chosen)
        if gain >= least:
            gain = _triple(problem, moves, gross, left, chosen)
        if gain >= least:
            return trades
        for a in chosen:
            if a >= 0:
                i, way = int(a) // 2, int(a) % 2
                gross += moves[way, GROSS, i]
                left -= moves[way, SPENT, i]
                trades[i] = int(moves[way, TRADE, i])
                _look(problem, allowed, trades, i, moves)
