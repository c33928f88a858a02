"""What :func:`~jeoul.pipeline.place` decides, over arrays of accounts, for a compiler.

Every sum, comparison and rounding is that of the records, in the same order, so the orders are the
same to the share. Whatever is out of the ordinary is left to the records: they refuse it in words.
"""

from __future__ import annotations

from math import floor
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from jeoul.rebalance.local_search import search
from jeoul.rebalance.problem import Counts, Flags, Reals, SharesProblem

Places = NDArray[np.int64]

DECIDED, BY_RECORDS = 0, 1
BUY_UNDER, BUY_IDLE, SELL_OVER, SELL_ALL, SELL_TO_PAY = range(5)
REASONS = ("buy_under", "buy_idle", "sell_over", "sell_all", "sell_to_pay")
"""Reasons of orders by number, the last part of ``rebalance.…``."""

MOST = 1e14  # the value from which the records refuse an account
PUT_TO_WORK = 1.001
HALVINGS = 60


class Aims(NamedTuple):
    """Targets as arrays, one row each; funds are columns in the order of their tickers.

    ``price``, ``buy`` and ``sell`` are 0 where a fund has no price. ``cash_weight`` is that of
    CASH, which is sorted in front of fund ``cash_place``. ``rule`` has a row of band, smallest
    trade, cap on risk assets (below 0 without one) and whether the model trades.
    """

    weight: Reals
    listed: Flags
    risk: Flags
    price: Counts
    buy: Counts
    sell: Counts
    cash_weight: Reals
    rule: Reals
    plain: Flags
    cash_place: int


class Charges(NamedTuple):
    """Tariffs as arrays: exact fractions of whole numbers, and the rate that the search knows."""

    rate: Counts
    rate_of: Counts
    spread: Counts
    spread_of: Counts
    least: Counts
    fixed: Counts
    known: Reals


class Many(NamedTuple):
    """Accounts as arrays; ``coming`` has the money on its way of account i, by day, in ``part``."""

    aim: Places
    charge: Places
    held: Counts
    cash: Counts
    deposit: Counts
    withdrawal: Counts
    part: Places
    coming: Counts


class Found(NamedTuple):
    """Orders of accounts, sells first: ``fund`` and ``shares`` (negative to sell) by place."""

    status: Counts
    orders: Counts
    fund: Places
    shares: Counts
    reason: Places
    cost: Counts
    turnover: Counts


def decide_all(aims: Aims, charges: Charges, many: Many, ways: Flags, found: Found) -> None:
    """Write the orders of every account; ``ways``: proceeds are reused, sums are compensated."""
    for i in range(len(many.aim)):
        found.status[i] = decide_one(aims, charges, many, ways, found, i)


def decide_one(aims: Aims, charges: Charges, many: Many, ways: Flags, found: Found, i: int) -> int:
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
    cut_to_money(aims, charges, many, found, i, usable - withdrawal, smallest, ways[0])
    close_ranks(aims, aim, charges, charge, found, i)
    return DECIDED


def sane(many: Many, price: Counts, i: int) -> bool:
    """Return whether no amount of an account is so large that whole numbers could overflow."""
    total = abs(float(many.cash[i])) + abs(float(many.deposit[i])) + abs(float(many.withdrawal[i]))
    for k in range(many.part[i], many.part[i + 1]):
        total += abs(float(many.coming[k]))
    for f in range(len(price)):
        if many.held[i, f] < 0:
            return False
        total += float(many.held[i, f]) * max(float(price[f]), 1.0)
    return total < MOST and many.deposit[i] >= 0 and many.withdrawal[i] >= 0


def spendable_money(many: Many, i: int, reuse: bool) -> tuple[int, int, bool]:
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


def added(total: float, rest: float, x: float, compensated: bool) -> tuple[float, float]:
    """Return a running sum and its compensation after one more number, as ``sum`` of Python."""
    after = total + x
    if compensated:
        if abs(total) >= abs(x):
            rest += (total - after) + x
        else:
            rest += (x - after) + total
    return after, rest


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
    charges: Charges,
    many: Many,
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
    charges: Charges,
    many: Many,
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
    charges: Charges,
    many: Many,
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
    return SharesProblem(
        target,
        price,
        buy,
        sell,
        held,
        sums[0],
        sums[1],
        sums[2],
        min(aside, sums[0]),
        known,
        known,
        1,
        sums[3],
        n,
        not deposit,
        True,
        PUT_TO_WORK * (dearest * (1.0 + known)) if deposit else 1.0,
    )


def write_searched(
    aims: Aims, aim: int, problem: SharesProblem, place: Places, found: Found, i: int
) -> None:
    """Search a problem and write its orders with their reasons."""
    traded = search(problem)
    trades = np.zeros(aims.price.shape[1], dtype=np.int64)
    for k in range(len(place)):
        trades[place[k]] = traded[k]
    write_orders(aims, aim, trades, found, i)
    number_reasons(problem, place, found, i)


def write_orders(aims: Aims, aim: int, trades: Counts, found: Found, i: int) -> None:
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


def number_reasons(problem: SharesProblem, place: Places, found: Found, i: int) -> None:
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


def costs_of(charges: Charges, charge: int, amount: int) -> int:
    """Return fee and half spread of an order, in whole units as :class:`Tariff` counts them."""
    if amount == 0:
        return 0
    whole = charges.rate_of[charge]
    rate = charges.rate[charge]
    fee = amount // whole * rate + amount % whole * rate // whole
    fee = max(fee, charges.least[charge]) + charges.fixed[charge]
    whole, rate = charges.spread_of[charge], charges.spread[charge]
    lost: int = amount // whole * rate + -(-(amount % whole * rate) // whole)
    return fee + lost


def cut_to_cap(aims: Aims, aim: int, many: Many, found: Found, i: int, value: int) -> None:
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


def cheapest_risk(aims: Aims, aim: int, found: Found, i: int, done: Flags) -> int:
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
    charges: Charges,
    many: Many,
    found: Found,
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


def paid_count(charges: Charges, charge: int, wish: int, price: int, cash: int) -> int:
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


def close_ranks(aims: Aims, aim: int, charges: Charges, charge: int, found: Found, i: int) -> None:
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


def sold_to_pay(
    aims: Aims, charges: Charges, many: Many, i: int, there: int, amount: int, trades: Counts
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
    charges: Charges,
    many: Many,
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


def proceeds_of(aims: Aims, charges: Charges, aim: int, charge: int, sold: Counts) -> int:
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


PARTS: tuple[Any, ...] = (
    sane,
    spendable_money,
    lifted_money,
    is_due,
    added,
    drift_of,
    kept_cash,
    chosen_places,
    problem_of,
    usual_problem,
    deposit_problem,
    order_price,
    precedes,
    write_orders,
    number_reasons,
    write_searched,
    costs_of,
    paid_count,
    cheapest_risk,
    cut_to_cap,
    cut_to_money,
    close_ranks,
    sold_down,
    proceeds_of,
    furthest_of,
    write_level,
    sold_to_pay,
    decide_one,
)
"""What :func:`decide_all` is compiled from, each behind what it calls."""
