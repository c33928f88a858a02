"""Which rules moves break: orders, money paid in and out, cash, the caps on risk."""

from __future__ import annotations

from collections.abc import Iterator
from math import floor

from jeoul.household.problem.after import (
    CREDITED,
    After,
    aim_money,
    left_over,
    money_of,
    withheld_of,
)
from jeoul.household.problem.records import Account, Aim, Violation

SLACK = 0.5
"""Won within which a rule on money is kept: whole won are moved, and floats are added up."""


def violations_of(after: After) -> Iterator[Violation]:
    """Yield every rule that a household's moves break."""
    yield from _order_faults(after)
    yield from _money_faults(after)
    yield from _room_faults(after)
    for account in after.household.accounts:
        yield from _cash_faults(after, account)
        yield from _cap_faults(after, account)
    for aim in after.household.aims:
        taken = sum(after.withdrawn(name) for name in aim.accounts)
        if abs(taken - aim.withdrawal) > SLACK:
            yield Violation("withdrawal", aim.id, aim.withdrawal - taken)
        yield from _risk_faults(after, aim)


def _order_faults(after: After) -> Iterator[Violation]:
    household, moves = after.household, after.moves
    known = {each.key for each in household.positions}
    for key, count in moves.trades.items():
        if count and key not in known:
            yield Violation("not_allowed", " ".join(key), abs(count))
    for position in household.positions:
        count, where = after.traded(position), " ".join(position.key)
        if count != floor(count):
            yield Violation("whole_shares", where, abs(count - floor(count)))
        if count > 0 and not position.buyable:
            yield Violation("not_buyable", where, count)
        if count < 0 and not position.sellable:
            yield Violation("not_sellable", where, -count)
        if after.shares(position) < 0:
            yield Violation("not_held", where, -after.shares(position))
        value = abs(count) * after.price(position)
        short = household.policy.min_trade - value
        if count and short > SLACK and -count != position.shares:
            yield Violation("min_trade", where, short)
    most = household.policy.max_trades
    if most is not None and moves.count > most:
        yield Violation("max_trades", "", moves.count - most)


def _money_faults(after: After) -> Iterator[Violation]:
    household = after.household
    pooled = {name for pool in household.pools for name in pool.accounts}
    for name, amount in (*after.moves.deposits.items(), *after.moves.withdrawals.items()):
        if amount and name not in after.accounts:
            yield Violation("not_an_account", name, amount)
        if amount < -SLACK:
            yield Violation("below_zero", name, -amount)
    for account in household.accounts:
        paid = after.deposit(account.id)
        most = account.room if account.id in pooled else 0.0
        if paid > most + SLACK:
            yield Violation("room", account.id, paid - most)
        taken = after.withdrawn(account.id) - account.withdrawable
        if taken > SLACK:
            yield Violation("withdrawable", account.id, taken)


def _room_faults(after: After) -> Iterator[Violation]:
    household = after.household
    for pool, left in left_over(household, after.moves.deposits).items():
        if left < -SLACK:
            yield Violation("pool", pool, -left)
    for member in household.members:
        paid = sum(
            after.deposit(each.id)
            for each in household.accounts
            if each.owner == member.id and each.kind in CREDITED
        )
        if paid > member.pension_room + SLACK:
            yield Violation("pension_room", member.id, paid - member.pension_room)
    locked = sum(after.deposit(a.id) for a in household.accounts if a.lock_years > 0.0)
    most_locked = household.policy.lock_most
    if most_locked is not None and locked > most_locked + SLACK:
        yield Violation("lock", "", locked - most_locked)


def _cash_faults(after: After, account: Account) -> Iterator[Violation]:
    """Yield what is not paid: buys by settled money today, everything by all money in the end."""
    spent = brought = payable = 0.0
    for position in after.positions():
        count = after.traded(position)
        if position.account != account.id or not count:
            continue
        value = abs(count) * after.price(position)
        if count > 0:
            cost = value * position.buy_cost + account.order_fee
            spent += value + cost
            payable += value * (1.0 + account.collar) * (1.0 + position.buy_cost)
            payable += account.order_fee
        else:
            brought += value * (1.0 - position.sell_cost) - account.order_fee
    brought -= withheld_of(after, account)
    paid_in = after.deposit(account.id) * (1.0 - account.exchange)
    ready = account.cash + paid_in + (brought if account.reuse else 0.0)
    if payable > ready + SLACK and payable:
        yield Violation("settled_cash", account.id, payable - ready)
    taken = after.withdrawn(account.id) * (1.0 + account.exchange)
    left = account.cash + account.due + paid_in + brought - spent - taken
    if left < account.buffer - SLACK and (spent or taken):
        yield Violation("cash", account.id, account.buffer - left)


def _cap_faults(after: After, account: Account) -> Iterator[Violation]:
    """Yield an IRP that buys risk assets and has more of them afterwards than it may."""
    if account.risk_cap is None:
        return
    capped = [
        each
        for each in after.positions()
        if each.account == account.id and after.funds[each.fund].capped
    ]
    money = money_of(after.household, account)
    money += after.deposit(account.id) - after.withdrawn(account.id)
    over = sum(after.values[each.key] for each in capped) - account.risk_cap * money
    if over > SLACK and any(after.traded(each) > 0 for each in capped):
        yield Violation("risk_cap", account.id, over)


def _risk_faults(after: After, aim: Aim) -> Iterator[Violation]:
    if aim.risk_most is None:
        return
    risk = sum(
        after.values[each.key] * after.funds[each.fund].risk
        for each in after.positions()
        if each.account in aim.accounts
    )
    over = risk - aim.risk_most * aim_money(after.household, aim)
    if over > SLACK:
        yield Violation("risk", aim.id, over)
