"""The variables of the second program: what is decided, and how large it may be; for tests only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import ceil, floor
from typing import Any

from jeoul.household.after import money_of
from jeoul.household.records import Account, Curve, Fund, Gains, Household, Lot, Position

UNIT = 1e4
"""Won in one unit of every amount here."""


@dataclass(frozen=True)
class Amounts:
    """What is decided, what follows from it, and how large it may be."""

    household: Household
    whole: bool

    @cached_property
    def bought(self) -> dict[tuple[str, str], Any]:
        """Return the shares bought of each position."""
        return {p.key: self._count(self.most_bought(p)) for p in self.household.positions}

    @cached_property
    def sold(self) -> dict[tuple[str, str], Any]:
        """Return the shares sold of each position."""
        return {p.key: self._count(self.most_sold(p)) for p in self.household.positions}

    @cached_property
    def buys(self) -> dict[tuple[str, str], Any]:
        """Return whether each position is bought."""
        return {p.key: self.mark(self.most_bought(p) > 0) for p in self.household.positions}

    @cached_property
    def sells(self) -> dict[tuple[str, str], Any]:
        """Return whether each position is sold."""
        return {p.key: self.mark(self.most_sold(p) > 0) for p in self.household.positions}

    @cached_property
    def paid_in(self) -> dict[str, Any]:
        """Return what is paid into each account."""
        return {a.id: self.amount(self.most_paid(a)) for a in self.household.accounts}

    @cached_property
    def taken(self) -> dict[str, Any]:
        """Return what is taken out of each account."""
        return {a.id: self.amount(self.most_taken(a)) for a in self.household.accounts}

    def amount(self, most: float) -> Any:
        """Return a variable from 0 to a bound: cvxpy needs one."""
        import cvxpy as cp

        return cp.Variable(bounds=[0.0, float(most)])

    def _count(self, most: float) -> Any:
        import cvxpy as cp

        return cp.Variable(bounds=[0.0, float(most)], integer=self.whole)

    def mark(self, possible: bool = True) -> Any:
        """Return a variable that is 0 or 1."""
        return self._count(1.0 if possible else 0.0)

    @cached_property
    def funds(self) -> dict[str, Fund]:
        """Return each fund by its code."""
        return {fund.code: fund for fund in self.household.funds}

    @cached_property
    def accounts(self) -> dict[str, Account]:
        """Return each account by its id."""
        return {account.id: account for account in self.household.accounts}

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

    def value(self, position: Position) -> Any:
        """Return the value of a position after the moves."""
        held = position.shares + self.bought[position.key] - self.sold[position.key]
        return held * self.price(position)

    def weighed(self, accounts: Sequence[Account], rate: str) -> Any:
        """Return the sum of value x ``income`` or ``growth`` over accounts."""
        inside = [p for a in accounts for p in self.of_account(a)]
        return sum(float(getattr(p, rate)) * self.value(p) for p in inside)

    def weighed_range(self, accounts: Sequence[Account], rate: str) -> tuple[float, float]:
        """Return the least and the most that :meth:`weighed` can be."""
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
    def lots(self) -> dict[tuple[str, str], list[Any]]:
        """Return the shares sold of each lot of a position, where it has several."""
        return {
            p.key: [self.amount(lot.shares) for lot in p.lots]
            for p in self.household.positions
            if len(p.lots) > 1 and p.sellable
        }

    def gain(self, accounts: Sequence[Account]) -> Any:
        """Return the gain that is sold in accounts."""
        total: Any = 0.0
        for p in (p for a in accounts for p in self.of_account(a)):
            if p.key in self.lots:
                pairs = zip(p.lots, self.lots[p.key], strict=True)
                total += sum(lot.gain / UNIT * sold for lot, sold in pairs)
            elif p.lots:
                total += p.lots[0].gain / UNIT * self.sold[p.key]
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
        for p in self.household.positions:
            if p.key in self.lots:
                parts = self.lots[p.key]
                rules.append(sum(parts) == self.sold[p.key])
                rules += self._waits(p.lots, parts, self._rises(p))
        return rules

    def _rises(self, position: Position) -> bool:
        account, policy = self.accounts[position.account], self.household.policy
        return account.gains is Gains.WITHHELD and policy.realise <= 1.0

    def _waits(self, lots: Sequence[Lot], parts: list[Any], rises: bool) -> list[Any]:
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
