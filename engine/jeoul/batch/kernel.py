"""What :func:`~jeoul.pipeline.place` decides, over arrays of accounts, for a compiler.

Every sum, comparison and rounding is that of the records, in the same order, so the orders are the
same to the share. Whatever is out of the ordinary is left to the records: they refuse it in words.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from jeoul.batch import order_arrays, problems, sales
from jeoul.batch.arrays import (
    BY_RECORDS,
    DECIDED,
    MOST,
    SELL_TO_PAY,
    AccountArrays,
    Aims,
    FoundOrders,
    Places,
    Tariffs,
)
from jeoul.batch.order_arrays import (
    close_ranks,
    cut_to_cap,
    cut_to_money,
    drop_dear,
    number_reasons,
    write_orders,
)
from jeoul.batch.problems import added, deposit_problem, kept_cash, usual_problem
from jeoul.batch.sales import sold_to_pay
from jeoul.rebalance.local_search import search
from jeoul.rebalance.problem import Counts, Flags, Reals, SharesProblem


def decide_all(
    aims: Aims, charges: Tariffs, many: AccountArrays, ways: Flags, found: FoundOrders
) -> None:
    """Write the orders of every account; ``ways``: proceeds are reused, sums are compensated."""
    for i in range(len(many.aim)):
        found.status[i] = decide_one(aims, charges, many, ways, found, i)


def decide_one(
    aims: Aims, charges: Tariffs, many: AccountArrays, ways: Flags, found: FoundOrders, i: int
) -> int:
    """Write the orders of one account and return how it was decided."""
    aim, charge = many.aim[i], many.charge[i]
    held, price = many.held[i], aims.price[aim]
    deposit, withdrawal = many.deposit[i], many.withdrawal[i]
    if not aims.plain[aim] or charge < 0 or not sane(many, price, i):
        return BY_RECORDS
    cash, incoming, moves = spendable_money(many, i, ways[0])
    usable = cash + deposit
    worth = 0
    for f in range(len(price)):
        worth += held[f] * price[f]
    value = worth + usable + incoming
    if value <= 0 or withdrawal > value or (deposit > 0 and withdrawal > 0):
        return BY_RECORDS
    smallest = min(int(aims.rule[aim, 1]), value // 100)
    free, incoming, owed = lifted_money(usable, incoming)
    needed = withdrawal + owed
    weight, cash_weight = aims.weight[aim], aims.cash_weight[aim]
    if needed > 0:
        share = needed / (value + owed)
        weight, cash_weight = weight * (1.0 - share), cash_weight * (1.0 - share) + share
    # While money is still missing a deposit has nothing to buy with: the usual way sells.
    if deposit > 0 and owed == 0:
        buffer = kept_cash(aims, aim, value)
        problem, place = deposit_problem(aims, charges, many, i, free, incoming, buffer, ways[1])
        write_searched(aims, aim, problem, place, found, i)
    elif (
        is_due(aims, aim, held, moves)
        or drift_of(aims, aim, held, weight, cash_weight, free + incoming, value + owed, ways[1])
        > aims.rule[aim, 0]
    ):
        money = (free, incoming, needed, smallest)
        problem, place = usual_problem(aims, charges, many, i, weight, cash_weight, money, ways[1])
        write_searched(aims, aim, problem, place, found, i)
    elif needed > 0:
        trades = np.zeros(len(price), dtype=np.int64)
        sold_to_pay(aims, charges, many, i, free + incoming, needed, trades)
        write_orders(aims, aim, trades, found, i)
        found.reason[i, :] = SELL_TO_PAY
    else:
        found.orders[i] = 0
    cut_to_cap(aims, aim, many, found, i, value)
    drop_dear(aims, aim, found, i)
    cut_to_money(aims, charges, many, found, i, usable - withdrawal, smallest, ways[0])
    close_ranks(aims, aim, charges, charge, found, i)
    return DECIDED


def sane(many: AccountArrays, price: Counts, i: int) -> bool:
    """Return whether no amount of an account is so large that whole numbers could overflow."""
    total = abs(float(many.cash[i])) + abs(float(many.deposit[i])) + abs(float(many.withdrawal[i]))
    for k in range(many.part[i], many.part[i + 1]):
        total += abs(float(many.coming[k]))
    for f in range(len(price)):
        if many.held[i, f] < 0:
            return False
        total += float(many.held[i, f]) * max(float(price[f]), 1.0)
    return total < MOST and many.deposit[i] >= 0 and many.withdrawal[i] >= 0


def spendable_money(many: AccountArrays, i: int, reuse: bool) -> tuple[int, int, bool]:
    """Return cash, money on its way and whether any moves, as ``spendable`` has it."""
    cash, incoming, moves, owes = many.cash[i], 0, False, False
    for k in range(many.part[i], many.part[i + 1]):
        incoming += many.coming[k]
        moves = moves or many.coming[k] != 0
        owes = owes or many.coming[k] < 0
    if reuse:
        return cash + incoming, 0, moves
    if not owes:
        return cash, incoming, moves
    later, owed = 0, 0
    for k in range(many.part[i + 1] - 1, many.part[i] - 1, -1):
        left = many.coming[k] - owed
        owed = max(-left, 0)
        later += max(left, 0)
    return cash - owed, later, moves


def lifted_money(cash: int, incoming: int) -> tuple[int, int, int]:
    """Return cash of 0 or more, money on its way, and what is owed beyond it, as ``lifted``."""
    if cash >= 0:
        return cash, incoming, 0
    taken = min(-cash, max(incoming, 0))
    return 0, incoming - taken, -cash - taken


def is_due(aims: Aims, aim: int, held: Counts, moves: bool) -> bool:
    """Return whether the account was never invested or the model trades."""
    if aims.rule[aim, 3] > 0.0:
        return True
    wants = False
    for f in range(len(held)):
        if held[f] > 0:
            return False
        wants = wants or aims.weight[aim, f] > 0.0
    return wants and not moves


def drift_of(
    aims: Aims,
    aim: int,
    held: Counts,
    weight: Reals,
    cash_weight: float,
    money: int,
    value: int,
    compensated: bool,
) -> float:
    """Return the share of an account that is misplaced, summed in the order of the labels."""
    total, rest = 0.0, 0.0
    for f in range(len(held) + 1):
        if f == aims.cash_place:
            away = abs(money / value - cash_weight)
            total, rest = added(total, rest, away, compensated)
        if f < len(held):
            now = held[f] * aims.price[aim, f] / value
            total, rest = added(total, rest, abs(now - weight[f]), compensated)
    return 0.5 * (total + rest)


def write_searched(
    aims: Aims, aim: int, problem: SharesProblem, place: Places, found: FoundOrders, i: int
) -> None:
    """Search a problem and write its orders with their reasons."""
    traded = search(problem)
    trades = np.zeros(aims.price.shape[1], dtype=np.int64)
    for k in range(len(place)):
        trades[place[k]] = traded[k]
    write_orders(aims, aim, trades, found, i)
    number_reasons(problem, place, found, i)


PARTS: tuple[Any, ...] = (
    *problems.PARTS,
    *order_arrays.PARTS,
    *sales.PARTS,
    sane,
    spendable_money,
    lifted_money,
    is_due,
    drift_of,
    write_searched,
    decide_one,
)
"""What :func:`decide_all` is compiled from, each behind what it calls."""
