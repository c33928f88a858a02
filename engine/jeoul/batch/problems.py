"""Accounts in arrays as problems of whole shares, for a compiler."""

from __future__ import annotations

from typing import Any

import numpy as np

from jeoul.batch.arrays import AccountArrays, Aims, Places, Tariffs
from jeoul.rebalance.problem import Counts, Reals, SharesProblem

PUT_TO_WORK = 1.001  # as jeoul.rebalance weighs idle cash of a deposit


def added(total: float, rest: float, x: float, compensated: bool) -> tuple[float, float]:
    """Return a running sum and its compensation after one more number, as ``sum`` of Python."""
    after = total + x
    if compensated:
        if abs(total) >= abs(x):
            rest += (total - after) + x
        else:
            rest += (x - after) + total
    return after, rest


def kept_cash(aims: Aims, aim: int, value: int) -> int:
    """Return the cash that a deposit leaves: the strategy's share, once it buys any one fund."""
    dearest = 0
    for f in range(aims.price.shape[1]):
        if aims.listed[aim, f]:
            dearest = max(dearest, aims.price[aim, f])
    kept = int(aims.cash_weight[aim] * value)
    return kept if kept >= dearest else 0


def chosen_places(aims: Aims, aim: int, held: Counts, wanted: bool) -> Places:
    """Return the funds that a problem is about: wanted ones alone, or what is held too."""
    place = np.zeros(len(held), dtype=np.int64)
    n = 0
    for f in range(len(held)):
        usual = aims.listed[aim, f] or held[f] > 0
        if aims.price[aim, f] > 0 and (aims.weight[aim, f] > 0.0 if wanted else usual):
            place[n] = f
            n += 1
    return place[:n]


def usual_problem(
    aims: Aims,
    charges: Tariffs,
    many: AccountArrays,
    i: int,
    weight: Reals,
    cash_weight: float,
    money: tuple[int, int, int, int],
    compensated: bool,
) -> tuple[SharesProblem, Places]:
    """Return the problem of ``plan_orders``; ``money``: cash, on its way, buffer, least trade."""
    aim = many.aim[i]
    cash, incoming, buffer, smallest = money
    place = chosen_places(aims, aim, many.held[i], False)
    value = cash + incoming
    whole, rest = 0.0, 0.0
    for f in place:
        value += many.held[i, f] * aims.price[aim, f]
        whole, rest = added(whole, rest, weight[f], compensated)
    whole = whole + rest + cash_weight
    target = np.zeros(len(place))
    total, rest = 0.0, 0.0
    for k in range(len(place)):
        if whole > 0.0:
            target[k] = value * weight[place[k]] / whole
        total, rest = added(total, rest, target[k], compensated)
    goal = max(value - (total + rest), float(buffer))
    sums = (float(cash), float(incoming), goal, float(smallest), float(buffer))
    return problem_of(aims, charges, many, i, place, target, sums, False), place


def deposit_problem(
    aims: Aims,
    charges: Tariffs,
    many: AccountArrays,
    i: int,
    cash: int,
    incoming: int,
    buffer: int,
    compensated: bool,
) -> tuple[SharesProblem, Places]:
    """Return the problem of ``plan_deposit``."""
    aim = many.aim[i]
    place = chosen_places(aims, aim, many.held[i], True)
    kept = min(buffer, cash)
    free = cash + incoming - kept
    whole, rest = 0.0, 0.0
    for f in place:
        free += many.held[i, f] * aims.price[aim, f]
        whole, rest = added(whole, rest, aims.weight[aim, f], compensated)
    whole = whole + rest
    target = np.zeros(len(place))
    for k in range(len(place)):
        target[k] = free * aims.weight[aim, place[k]] / whole
    sums = (float(cash), float(incoming), float(kept), 0.0, float(buffer))
    return problem_of(aims, charges, many, i, place, target, sums, True), place


def problem_of(
    aims: Aims,
    charges: Tariffs,
    many: AccountArrays,
    i: int,
    place: Places,
    target: Reals,
    sums: tuple[float, float, float, float, float],
    deposit: bool,
) -> SharesProblem:
    """Return an account as the search takes it.

    ``sums`` are cash, money on its way, the goal for cash, the least trade and the buffer.
    """
    aim, charge, n = many.aim[i], many.charge[i], len(place)
    price, buy, sell = np.zeros(n), np.zeros(n), np.zeros(n)
    held = np.zeros(n, dtype=np.int64)
    dearest = 1.0
    for k in range(n):
        f = place[k]
        price[k], buy[k] = float(aims.price[aim, f]), float(aims.buy[aim, f])
        sell[k], held[k] = float(aims.sell[aim, f]), many.held[i, f]
        dearest = max(dearest, buy[k] / price[k])
    known = charges.known[charge]
    aside = sums[4] + n * (charges.least[charge] + charges.fixed[charge])
    idle = 1.0  # numba cannot compile a call with so many keywords if one has an `if` inside
    if deposit:
        idle = PUT_TO_WORK * (dearest * (1.0 + known))
    return SharesProblem(
        target=target,
        price=price,
        buy=buy,
        sell=sell,
        held=held,
        cash=sums[0],
        incoming=sums[1],
        cash_target=sums[2],
        floor=min(aside, sums[0]),
        buy_fee=known,
        sell_fee=known,
        lot=1,
        min_trade=sums[3],
        max_trades=n,
        may_sell=not deposit,
        spend_proceeds=True,
        idle_weight=idle,
    )


PARTS: tuple[Any, ...] = (
    added,
    kept_cash,
    chosen_places,
    problem_of,
    usual_problem,
    deposit_problem,
)
"""What the problems are compiled from, each behind what it calls."""
