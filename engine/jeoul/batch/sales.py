"""What accounts in arrays sell to pay money out, for a compiler."""

from __future__ import annotations

from math import floor
from typing import Any

import numpy as np

from jeoul.batch.arrays import AccountArrays, Aims, Tariffs
from jeoul.batch.order_arrays import costs_of
from jeoul.rebalance.problem import Counts, Reals

HALVINGS = 60  # of the level between nothing sold and everything


def sold_to_pay(
    aims: Aims,
    charges: Tariffs,
    many: AccountArrays,
    i: int,
    there: int,
    amount: int,
    trades: Counts,
) -> None:
    """Write the sales of ``plan_withdrawal``, as negative trades."""
    aim, charge, held = many.aim[i], many.charge[i], many.held[i].copy()
    price, short, n = aims.price[aim], amount - there, len(held)
    worth, stays = 0, 0
    for f in range(n):
        held[f] = held[f] if price[f] > 0 else 0
        worth += held[f] * price[f]
    if short <= 0 or worth == 0:
        return
    stays = max(worth + there - amount, 0)
    target, sold = np.zeros(n), np.zeros(n, dtype=np.int64)
    for f in range(n):
        target[f] = aims.weight[aim, f] * stays
        sold[f] = held[f] if target[f] <= 0.0 else 0
    if proceeds_of(aims, charges, aim, charge, sold) >= short:
        for f in range(n):
            held[f] = sold[f]
            target[f] = float(held[f] * price[f])
    write_level(aims, charges, many, i, held, target, short, sold)
    while proceeds_of(aims, charges, aim, charge, sold) < short:
        furthest = furthest_of(held, sold, price, target)
        if furthest < 0:
            break
        sold[furthest] += 1
    for f in range(n):
        trades[f] = -sold[f]


def write_level(
    aims: Aims,
    charges: Tariffs,
    many: AccountArrays,
    i: int,
    held: Counts,
    target: Reals,
    short: int,
    sold: Counts,
) -> None:
    """Write the sales that bring every holding down to one multiple of its target."""
    aim, charge = many.aim[i], many.charge[i]
    price = aims.price[aim]
    low, high = 0.0, 0.0
    for f in range(len(held)):
        if held[f] > 0 and target[f] > 0.0:
            high = max(high, held[f] * price[f] / target[f])
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        sold_down(held, price, target, middle, sold)
        if proceeds_of(aims, charges, aim, charge, sold) >= short:
            low = middle
        else:
            high = middle
    sold_down(held, price, target, high, sold)


def sold_down(held: Counts, price: Counts, target: Reals, level: float, sold: Counts) -> None:
    """Write the shares to sell so that each holding comes down to a multiple of its target."""
    for f in range(len(held)):
        sold[f] = 0
        if held[f] > 0:
            sold[f] = floor(max(held[f] * price[f] - level * target[f], 0.0) / price[f])


def proceeds_of(aims: Aims, charges: Tariffs, aim: int, charge: int, sold: Counts) -> int:
    """Return what sales bring after their costs."""
    total = 0
    for f in range(len(sold)):
        gross = sold[f] * aims.sell[aim, f]
        total += gross - costs_of(charges, charge, gross)
    return total


def furthest_of(held: Counts, sold: Counts, price: Counts, target: Reals) -> int:
    """Return the fund of which most is left by its target, below 0 if all is sold."""
    found, most = -1, 0.0
    for f in range(len(held)):
        if sold[f] >= held[f]:
            continue
        left = (held[f] - sold[f]) * price[f]
        above = left / target[f] if target[f] > 0.0 else np.inf
        if found < 0 or above >= most:
            found, most = f, above
    return found


PARTS: tuple[Any, ...] = (sold_down, proceeds_of, furthest_of, write_level, sold_to_pay)
"""What the sales are compiled from, each behind what it calls."""
