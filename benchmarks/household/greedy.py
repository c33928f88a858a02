"""The greedy rule: what the public household rebalancers do, with their rules repaired.

New money runs down the waterfall. Classes above target are sold, the ordinary account first, then
the one abroad, the ISA, pension savings, the IRP; classes below are bought, the largest shortfall
first, the IRP first. Repaired: look-through of mixed funds, settlement, collars, the tax that is
withheld, the cap of an IRP, rooms, the smallest and the most trades, no sale whose money would lie
idle, and no plan that by the benchmark's own cost saves less than min_gain.

Frozen before the exact program was measured; see docs/household-benchmark.md.
"""

from __future__ import annotations

import sys
from math import floor, inf

from desk import BUY_ORDER, CASH, SELL_ORDER, Desk, pure_class
from payments import taken_out, waterfall

from jeoul.household.problem.after import aim_money
from jeoul.household.problem.evaluate import evaluate
from jeoul.household.problem.records import Account, Aim, Household, Moves, Position

Key = tuple[str, str]


def greedy(household: Household) -> Moves:
    """Return the greedy plan of a household."""
    deposits, withdrawals = waterfall(household), taken_out(household)
    barred: set[Key] = set()
    most = household.policy.max_trades
    while True:
        desk, forced = _planned(household, deposits, withdrawals, barred)
        if most is None or desk.count <= most:
            break
        barred.add(_smallest(desk, forced))
    return chosen(household, [desk.moves, Moves(deposits=desk.moves.deposits)])


def least(household: Household) -> Moves:
    """Return what has to be done and nothing else: a withdrawal paid, risk assets cut."""
    desk = Desk(household, {}, taken_out(household))
    force(desk)
    return desk.moves


def chosen(household: Household, plans: list[Moves]) -> Moves:
    """Return the cheapest plan that breaks no rule, or doing the least if none saves min_gain."""
    nothing = least(household)
    start = evaluate(household, nothing)
    best, cost = nothing, inf if start.violations else start.cost.total - household.policy.min_gain
    for moves in plans:
        found = evaluate(household, moves)
        if not found.violations and found.cost.total < cost:
            best, cost = moves, found.cost.total
    return best


def force(desk: Desk) -> set[Key]:
    """Sell what withdrawals need and what a cut of risk assets asks for; return what was sold."""
    sold: set[Key] = set()
    for account in desk.household.accounts:
        if desk.short_of_cash(account) > 0.0:
            _raise_cash(desk, account, sold)
    for aim in desk.household.aims:
        if aim.risk_most is not None:
            _cut_risk(desk, aim, sold)
    return sold


def _planned(
    household: Household,
    deposits: dict[str, float],
    withdrawals: dict[str, float],
    barred: set[Key],
) -> tuple[Desk, set[Key]]:
    desk = Desk(household, deposits, withdrawals)
    forced = force(desk)
    for aim in household.aims:
        _sell(desk, aim, barred)
        _buy(desk, aim, barred)
    return desk, forced


def _smallest(desk: Desk, forced: set[Key]) -> Key:
    """Return the smallest order that nothing forces; any if everything is forced."""
    prices = {each.code: each.price for each in desk.household.funds}
    orders = {key: abs(count) * prices[key[1]] for key, count in desk.trades.items() if count}
    free = {key: value for key, value in orders.items() if key not in forced} or orders
    return min(free, key=lambda key: (free[key], key))


def _raise_cash(desk: Desk, account: Account, sold: set[Key]) -> None:
    """Sell the largest holdings of an account until it can pay out what is taken from it."""
    held = sorted(desk.by_account[account.id], key=lambda p: -p.shares * desk.price(p))
    for position in held:
        short = desk.short_of_cash(account)
        if short <= 0.0:
            return
        wanted = floor(1.2 * short / desk.price(position)) + 1  # tax and costs come off
        if shares := desk.sale_of(position, wanted) or desk.sale_of(position, position.shares):
            desk.trade(position, -shares)
            sold.add(position.key)


def _cut_risk(desk: Desk, aim: Aim, sold: set[Key]) -> None:
    """Sell the largest risk assets until no more of them are held than a cut allows."""
    most = (aim.risk_most or 0.0) * aim_money(desk.household, aim)
    held = [p for name in aim.accounts for p in desk.by_account[name]]
    held = [p for p in held if desk.funds[p.fund].risk > 0.0]
    held.sort(key=lambda p: -desk.can_sell(p) * desk.price(p) * desk.funds[p.fund].risk)
    for position in held:
        over = desk.risk(aim) - most
        if over <= 0.0:
            return
        share = desk.price(position) * desk.funds[position.fund].risk
        wanted = floor(over / share) + 1
        if shares := desk.sale_of(position, wanted) or desk.sale_of(position, position.shares):
            desk.trade(position, -shares)
            sold.add(position.key)


def _sell(desk: Desk, aim: Aim, barred: set[Key]) -> None:
    """Sell classes above target, the largest excess first, as far as the account can use it."""
    away = desk.away(aim)
    short = {name: -each for name, each in away.items() if each < 0.0}
    over = sorted(
        (name for name in away if away[name] > 0.0 and name != CASH), key=lambda n: -away[n]
    )
    for name in over:
        for account in desk.ordered(SELL_ORDER, aim):
            for position in desk.by_account[account.id]:
                if position.key in barred or pure_class(desk.funds[position.fund]) != name:
                    continue
                useful = sum(short.get(each, 0.0) for each in _may_fill(desk, account))
                amount = min(away[name], useful)
                shares = desk.sale_of(position, floor(amount / desk.price(position)))
                if shares:
                    desk.trade(position, -shares)
                    away[name] -= shares * desk.price(position)
                    _claim(short, _may_fill(desk, account), shares * desk.price(position))


def _may_fill(desk: Desk, account: Account) -> list[str]:
    """Return the classes that an account can buy, and CASH."""
    found = {
        pure_class(desk.funds[each.fund]) for each in desk.by_account[account.id] if each.buyable
    }
    return sorted(name for name in (*found, CASH) if name is not None)


def _claim(short: dict[str, float], names: list[str], amount: float) -> None:
    """Take an amount off the shortfalls that an account can fill, the largest first."""
    for name in sorted(names, key=lambda each: -short.get(each, 0.0)):
        part = min(amount, short.get(name, 0.0))
        if part > 0.0:
            short[name] -= part
            amount -= part


def _buy(desk: Desk, aim: Aim, barred: set[Key]) -> None:
    """Buy the class that is shortest, account after account, as far as their money goes."""
    away = desk.away(aim)
    for account in desk.ordered(BUY_ORDER, aim):
        done: set[str] = {CASH}
        while found := _shortest(desk, account, away, barred, done):
            name, position = found
            price = desk.price(position)
            shares = min(
                floor(-away[name] / price + 0.5),
                desk.can_buy(position, account),
                _below_cut(desk, aim, position),
            )
            whole = (shares + desk.traded(position)) * price
            if shares and whole >= desk.household.policy.min_trade:
                desk.trade(position, shares)
                away[name] += shares * price
                away[CASH] -= shares * price
            done.add(name)


def _below_cut(desk: Desk, aim: Aim, position: Position) -> int:
    """Return how many more shares of a fund a cut of risk assets allows."""
    share = desk.price(position) * desk.funds[position.fund].risk
    if aim.risk_most is None or share <= 0.0:
        return sys.maxsize
    free = aim.risk_most * aim_money(desk.household, aim) - desk.risk(aim)
    return max(0, floor(free / share))


def _shortest(
    desk: Desk, account: Account, away: dict[str, float], barred: set[Key], done: set[str]
) -> tuple[str, Position] | None:
    """Return the class that lacks most of those that an account can buy, and its cheapest fund."""
    open_to = [
        (away[name], position.drag, name, position)
        for position in desk.by_account[account.id]
        if (name := pure_class(desk.funds[position.fund])) is not None
        and name not in done
        and away[name] < 0.0
        and position.key not in barred
        and desk.can_buy(position, account)
    ]
    if not open_to:
        return None
    _, _, name, position = min(open_to, key=lambda each: each[:2])
    return name, position
