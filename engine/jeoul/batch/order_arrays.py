"""Orders in arrays: written, explained, cut to what an account may and can pay; for a compiler."""

from __future__ import annotations

from typing import Any

import numpy as np

from jeoul.batch.arrays import (
    BUY_IDLE,
    BUY_UNDER,
    SELL_ALL,
    SELL_OVER,
    AccountArrays,
    Aims,
    FoundOrders,
    Places,
    Tariffs,
)
from jeoul.rebalance.problem import Counts, Flags, SharesProblem


def write_orders(aims: Aims, aim: int, trades: Counts, found: FoundOrders, i: int) -> None:
    """Write trades as orders: sells before buys, the largest amount first, then by ticker."""
    n = 0
    for f in range(len(trades)):
        if trades[f] == 0:
            continue
        k = n
        while k > 0 and precedes(
            aims, aim, trades[f], f, found.shares[i, k - 1], found.fund[i, k - 1]
        ):
            found.fund[i, k], found.shares[i, k] = found.fund[i, k - 1], found.shares[i, k - 1]
            k -= 1
        found.fund[i, k], found.shares[i, k] = f, trades[f]
        n += 1
    found.orders[i] = n


def precedes(aims: Aims, aim: int, one: int, f: int, other: int, g: int) -> bool:
    """Return whether an order comes before one of an earlier ticker."""
    if (one > 0) != (other > 0):
        return one < 0
    mine = abs(one) * order_price(aims, aim, f, one)
    return mine > abs(other) * order_price(aims, aim, g, other)


def order_price(aims: Aims, aim: int, f: int, trade: int) -> int:
    """Return the price of an order on the tick grid."""
    price: int = aims.buy[aim, f] if trade > 0 else aims.sell[aim, f]
    return price


def number_reasons(problem: SharesProblem, place: Places, found: FoundOrders, i: int) -> None:
    """Write why each order is made."""
    for k in range(found.orders[i]):
        at = 0
        while place[at] != found.fund[i, k]:
            at += 1
        if found.shares[i, k] > 0:
            under = problem.held[at] * problem.price[at] < problem.target[at]
            found.reason[i, k] = BUY_UNDER if under else BUY_IDLE
        else:
            found.reason[i, k] = SELL_OVER if problem.target[at] > 0.0 else SELL_ALL


def costs_of(charges: Tariffs, charge: int, amount: int) -> int:
    """Return fee and half spread of an order, in whole units as :class:`Tariff` counts them."""
    if amount == 0:
        return 0
    whole = charges.rate_of[charge]
    rate = charges.rate[charge]
    # Divided before multiplied: the whole amount times a rate in billionths would overflow.
    fee: int = amount // whole * rate + amount % whole * rate // whole
    fee = max(fee, charges.least[charge]) + charges.fixed[charge]
    whole, rate = charges.spread_of[charge], charges.spread[charge]
    lost: int = amount // whole * rate + -(-(amount % whole * rate) // whole)
    return fee + lost


def cut_to_cap(
    aims: Aims, aim: int, many: AccountArrays, found: FoundOrders, i: int, value: int
) -> None:
    """Cut purchases of risk assets back to the account's cap, the cheapest fund first."""
    cap = aims.rule[aim, 2]
    if cap < 0.0:
        return
    risk = 0
    for f in range(aims.price.shape[1]):
        if aims.risk[aim, f]:
            risk += many.held[i, f] * aims.price[aim, f]
    for k in range(found.orders[i]):
        if aims.risk[aim, found.fund[i, k]]:
            risk += found.shares[i, k] * aims.price[aim, found.fund[i, k]]
    done = np.zeros(found.orders[i], dtype=np.bool_)
    while True:
        k = cheapest_risk(aims, aim, found, i, done)
        excess = risk - cap * value
        if k < 0 or excess <= 0.0:
            return
        done[k] = True
        price = aims.buy[aim, found.fund[i, k]]
        cut = min(found.shares[i, k], int(-(-excess // price)))
        found.shares[i, k] -= cut
        risk -= cut * price


def drop_dear(aims: Aims, aim: int, found: FoundOrders, i: int) -> None:
    """Drop purchases of funds that are too dear, as ``without_dear_buys`` does."""
    found.held_back[i] = 0
    for k in range(found.orders[i]):
        f = found.fund[i, k]
        if found.shares[i, k] > 0 and aims.dear[aim, f]:
            found.held_back[i] += found.shares[i, k] * aims.buy[aim, f]
            found.shares[i, k] = 0


def cheapest_risk(aims: Aims, aim: int, found: FoundOrders, i: int, done: Flags) -> int:
    """Return the purchase of the cheapest risk asset that is not done, below 0 without one."""
    best = -1
    for k in range(found.orders[i]):
        f = found.fund[i, k]
        if done[k] or not aims.risk[aim, f] or found.shares[i, k] <= 0:
            continue
        other = found.fund[i, best]
        if best < 0 or (aims.buy[aim, f], f) < (aims.buy[aim, other], other):
            best = k
    return best


def cut_to_money(
    aims: Aims,
    charges: Tariffs,
    many: AccountArrays,
    found: FoundOrders,
    i: int,
    cash: int,
    smallest: int,
    reuse: bool,
) -> None:
    """Cut buys to what money pays, in turn; sales pay too where proceeds are reused."""
    aim, charge = many.aim[i], many.charge[i]
    if reuse:
        for k in range(found.orders[i]):
            if found.shares[i, k] < 0:
                amount = -found.shares[i, k] * aims.sell[aim, found.fund[i, k]]
                cash += max(amount - costs_of(charges, charge, amount), 0)
    for k in range(found.orders[i]):
        wish = found.shares[i, k]
        if wish <= 0:
            continue
        price = aims.buy[aim, found.fund[i, k]]
        count = paid_count(charges, charge, wish, price, max(cash, 0))
        amount = count * price
        if count < wish and amount < smallest:
            count, amount = 0, 0
        cash -= amount + costs_of(charges, charge, amount)
        found.shares[i, k] = count


def paid_count(charges: Tariffs, charge: int, wish: int, price: int, cash: int) -> int:
    """Return how many of the shares wished for cash pays, with the costs of that order."""
    if wish * price + costs_of(charges, charge, wish * price) <= cash:
        return wish
    low, high = 0, wish  # the costs grow with the amount, so halving finds the edge
    while high - low > 1:
        middle = (low + high) // 2
        if middle * price + costs_of(charges, charge, middle * price) <= cash:
            low = middle
        else:
            high = middle
    return low


def close_ranks(
    aims: Aims, aim: int, charges: Tariffs, charge: int, found: FoundOrders, i: int
) -> None:
    """Drop orders of no shares, and write what the others cost and turn over."""
    n, cost, turnover = 0, 0, 0
    for k in range(found.orders[i]):
        shares = found.shares[i, k]
        if shares == 0:
            continue
        found.fund[i, n], found.shares[i, n] = found.fund[i, k], shares
        found.reason[i, n] = found.reason[i, k]
        amount = abs(shares) * order_price(aims, aim, found.fund[i, k], shares)
        cost += costs_of(charges, charge, amount)
        turnover += amount
        n += 1
    found.orders[i], found.cost[i], found.turnover[i] = n, cost, turnover


PARTS: tuple[Any, ...] = (
    order_price,
    precedes,
    write_orders,
    number_reasons,
    costs_of,
    paid_count,
    cheapest_risk,
    cut_to_cap,
    drop_dear,
    cut_to_money,
    close_ranks,
)
"""What the orders are compiled from, each behind what it calls."""
