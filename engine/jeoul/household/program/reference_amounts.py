"""The second program's variables: what is decided, and how large it may be; for tests only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import ceil, floor
from typing import Any

import numpy as np

from jeoul.household.problem.after import money_of
from jeoul.household.problem.records import Account, Curve, Fund, Gains, Household, Lot, Position

UNIT = 1e4
"""Won in one unit of every amount here."""


@dataclass(frozen=True)
class Amounts:
    """What is decided, what follows from it, and how large it may be."""

    household: Household
    whole: bool

    @cached_property
    def bought(self) -> Any:
        """Return the shares bought of each position."""
        return self.counts([self.most_bought(p) for p in self.household.positions])

    @cached_property
    def sold(self) -> Any:
        """Return the shares sold of each position."""
        return self.counts([self.most_sold(p) for p in self.household.positions])

    @cached_property
    def buys(self) -> Any:
        """Return whether each position is bought."""
        return self.counts([min(1.0, self.most_bought(p)) for p in self.household.positions])

    @cached_property
    def sells(self) -> Any:
        """Return whether each position is sold."""
        return self.counts([min(1.0, self.most_sold(p)) for p in self.household.positions])

    @cached_property
    def paid_in(self) -> Any:
        """Return what is paid into each account."""
        return self.amounts([self.most_paid(a) for a in self.household.accounts])

    @cached_property
    def taken(self) -> Any:
        """Return what is taken out of each account."""
        return self.amounts([self.most_taken(a) for a in self.household.accounts])

    def amounts(self, most: Sequence[float]) -> Any:
        """Return variables from 0 to their bounds: cvxpy needs them finite."""
        import cvxpy as cp

        return cp.Variable(len(most), bounds=[np.zeros(len(most)), np.array(most, dtype=float)])

    def counts(self, most: Sequence[float]) -> Any:
        """Return variables from 0 to their bounds, whole numbers unless the program is relaxed."""
        import cvxpy as cp

        bounds = [np.zeros(len(most)), np.array(most, dtype=float)]
        return cp.Variable(len(most), bounds=bounds, integer=self.whole)

    def mark(self) -> Any:
        """Return a variable that is 0 or 1."""
        return self.counts([1.0])[0]

    @cached_property
    def funds(self) -> dict[str, Fund]:
        """Return each fund by its code."""
        return {fund.code: fund for fund in self.household.funds}

    @cached_property
    def accounts(self) -> dict[str, Account]:
        """Return each account by its id."""
        return {account.id: account for account in self.household.accounts}

    def each(self, read: Callable[[Position], float]) -> Any:
        """Return a number of each position."""
        return np.array([float(read(p)) for p in self.household.positions])

    def of_accounts(self, read: Callable[[Account], float]) -> Any:
        """Return a number of each account."""
        return np.array([float(read(a)) for a in self.household.accounts])

    def price(self, position: Position) -> float:
        """Return the price of a share."""
        return self.funds[position.fund].price / UNIT

    def money(self, account: Account) -> float:
        """Return what an account is worth before the moves."""
        return money_of(self.household, account) / UNIT

    def of_account(self, account: Account) -> list[Position]:
        """Return the positions of an account."""
        return [p for p in self.household.positions if p.account == account.id]

    def most_paid(self, account: Account) -> float:
        """Return the most that may be paid into an account."""
        pools = [p.amount for p in self.household.pools if account.id in p.accounts]
        return max(0.0, min([account.room, *pools])) / UNIT if pools else 0.0

    def most_taken(self, account: Account) -> float:
        """Return the most that may be taken out of an account."""
        wanted = sum(a.withdrawal for a in self.household.aims if account.id in a.accounts)
        return max(0.0, min(account.withdrawable, wanted)) / UNIT

    def most_sold(self, position: Position) -> float:
        """Return the most shares that may be sold."""
        return position.shares if position.sellable else 0

    def least(self, position: Position) -> int:
        """Return the fewest shares of which an order may be."""
        least = (self.household.policy.min_trade - 0.5) / UNIT / self.price(position)
        return max(1, ceil(least - 1e-9))

    def most_bought(self, position: Position) -> float:
        """Return the most shares that can be paid for, 0 if that is less than an order."""
        if not position.buyable:
            return 0
        account, price = self.accounts[position.account], self.price(position)
        fee = account.order_fee / UNIT
        brought = sum(
            max(0.0, self.most_sold(other) * self.price(other) * (1.0 - other.sell_cost) - fee)
            for other in self.of_account(account)
            if other.key != position.key
        )
        cash = account.cash / UNIT + self.most_paid(account) * (1.0 - account.exchange)
        ready = cash + (brought if account.reuse else 0.0) - fee
        total = cash + (account.due - account.buffer) / UNIT + brought - fee
        each = price * (1.0 + position.buy_cost)
        most = min(ready / each / (1.0 + account.collar), total / each)
        if account.risk_cap is not None and self.funds[position.fund].capped:
            room = account.risk_cap * (self.money(account) + self.most_paid(account))
            most = min(most, room / price - position.shares)
        whole = floor(most + 1e-6)
        return whole if whole >= self.least(position) else 0

    def value(self, weight: Callable[[Position], float]) -> Any:
        """Return the value of all positions after the moves, each with a weight."""
        by = self.each(lambda p: weight(p) * self.price(p))
        held = float(by @ self.each(lambda p: p.shares))
        return held + by @ self.bought - by @ self.sold

    def weighed_range(self, accounts: Sequence[Account], rate: str) -> tuple[float, float]:
        """Return the least and the most that value x ``income`` or ``growth`` can be."""
        low = high = 0.0
        for account in accounts:
            most, best = 0.0, 0.0
            for p in self.of_account(account):
                each = float(getattr(p, rate))
                top = (p.shares + self.most_bought(p)) * self.price(p)
                bottom = (p.shares - self.most_sold(p)) * self.price(p)
                low += each * (bottom if each > 0.0 else top)
                most += max(each, 0.0) * top
                best = max(best, each)
            held = self.money(account) - (account.cash + account.due) / UNIT
            high += min(most, best * max(held, self.money(account) + self.most_paid(account)))
        return low, max(low, high)

    @cached_property
    def lots(self) -> dict[tuple[str, str], Any]:
        """Return the shares sold of each lot of a position, where it has several."""
        return {
            p.key: self.amounts([lot.shares for lot in p.lots])
            for p in self.household.positions
            if len(p.lots) > 1 and p.sellable
        }

    def gain(self, accounts: Sequence[Account]) -> Any:
        """Return the gain that is sold in accounts."""
        ids = {account.id for account in accounts}
        one = self.each(
            lambda p: p.lots[0].gain / UNIT if len(p.lots) == 1 and p.account in ids else 0.0
        )
        total: Any = one @ self.sold
        for p in (p for p in self.household.positions if p.account in ids and p.key in self.lots):
            total += np.array([lot.gain / UNIT for lot in p.lots]) @ self.lots[p.key]
        return total

    def gain_range(self, accounts: Sequence[Account]) -> tuple[float, float]:
        """Return the least and the most that :meth:`gain` can be."""
        low = high = 0.0
        for p in (p for a in accounts for p in self.of_account(a)):
            reached = [0.0]
            for lot in p.lots if p.sellable else ():
                reached.append(reached[-1] + lot.shares * lot.gain / UNIT)
            low, high = low + min(reached), high + max(reached)
        return low, high

    def lot_rules(self) -> list[Any]:
        """Return that lots are sold in order.

        Where a larger gain costs more, and gains rise, the cheapest order is that one.
        """
        rules = []
        for number, p in enumerate(self.household.positions):
            if p.key in self.lots:
                parts = self.lots[p.key]
                rules.append(sum(parts) == self.sold[number])
                rules += self._waits(p, parts)
        return rules

    def _waits(self, position: Position, parts: Any) -> list[Any]:
        lots: Sequence[Lot] = position.lots
        withheld = self.accounts[position.account].gains is Gains.WITHHELD
        rises = withheld and self.household.policy.realise <= 1.0
        rules, first = [], 0
        for number in range(1, len(lots)):
            before, lot = lots[number - 1], lots[number]
            if lot.gain == before.gain or (rises and lot.gain > before.gain):
                continue
            opened = self.mark()
            ahead = sum(each.shares for each in lots[first:number])
            behind = sum(each.shares for each in lots[number:])
            rules.append(sum(parts[first:number]) >= ahead * opened)
            rules.append(sum(parts[number:]) <= behind * opened)
            first = number
        return rules


def levy_of(
    amounts: Amounts, curve: Curve, amount: Any, low: float, high: float
) -> tuple[Any, list[Any]]:
    """Return a curve of an amount, and the rules of its steps: one binary each that is in reach."""
    import cvxpy as cp

    total: Any = curve.slopes[0] * cp.pos(amount)
    for bound, before, slope in zip(curve.bounds, curve.slopes, curve.slopes[1:], strict=False):
        if bound / UNIT < high:
            total += (slope - before) * cp.pos(amount - bound / UNIT)
    rules = []
    for bound, height in curve.steps:
        edge = bound / UNIT
        if low > edge:
            total += height / UNIT
        elif high > edge:
            above = amounts.mark()
            rules.append(cp.pos(amount - edge) <= (high - edge) * above)
            total += height / UNIT * above
    return total, rules
