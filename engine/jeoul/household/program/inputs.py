"""A household as vectors: one entry a position or an account, money in units of the program."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from jeoul.household.problem.after import aim_money, money_of
from jeoul.household.problem.records import Account, Aim, Gains, Household, Lot, Position

UNIT = 10_000.0
"""Won in one unit of a program: prices are then near 1, as its solver likes them."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class ProgramInputs:
    """What the rows of a program read; arrays follow the household's positions or accounts."""

    household: Household

    def _of_positions(self, read: Callable[[Position], float]) -> Floats:
        return np.array([read(each) for each in self.household.positions], dtype=float)

    def _of_accounts(self, read: Callable[[Account], float]) -> Floats:
        return np.array([read(each) for each in self.household.accounts], dtype=float)

    @cached_property
    def account(self) -> Ints:
        """Return the number of each position's account."""
        numbers = {each.id: number for number, each in enumerate(self.household.accounts)}
        return np.array([numbers[each.account] for each in self.household.positions], dtype=int)

    @cached_property
    def fund(self) -> Ints:
        """Return the number of each position's fund."""
        numbers = {each.code: number for number, each in enumerate(self.household.funds)}
        return np.array([numbers[each.fund] for each in self.household.positions], dtype=int)

    @cached_property
    def price(self) -> Floats:
        """Return the price of a share of each position."""
        prices = np.array([each.price for each in self.household.funds], dtype=float)
        return prices[self.fund] / UNIT if len(self.fund) else np.zeros(0)

    @cached_property
    def exposure(self) -> Floats:
        """Return the share of each position's value in each class, CASH left out."""
        classes = self.household.classes
        table = np.array(
            [[each.exposure.get(name, 0.0) for name in classes] for each in self.household.funds]
        ).reshape(len(self.household.funds), len(classes))
        return table[self.fund]

    @cached_property
    def risk(self) -> Floats:
        """Return the risk of a won of each position."""
        return np.array([each.risk for each in self.household.funds], dtype=float)[self.fund]

    @cached_property
    def capped(self) -> NDArray[np.bool_]:
        """Return which positions an IRP's cap counts."""
        return np.array([each.capped for each in self.household.funds], dtype=bool)[self.fund]

    @cached_property
    def shares(self) -> Floats:
        """Return the shares held."""
        return self._of_positions(lambda each: each.shares)

    @cached_property
    def buy_cost(self) -> Floats:
        """Return the cost of buying a won."""
        return self._of_positions(lambda each: each.buy_cost)

    @cached_property
    def sell_cost(self) -> Floats:
        """Return the cost of selling a won."""
        return self._of_positions(lambda each: each.sell_cost)

    @cached_property
    def order_fee(self) -> Floats:
        """Return what an order costs in each position's account."""
        return self._of_accounts(lambda each: each.order_fee)[self.account] / UNIT

    @cached_property
    def money(self) -> Floats:
        """Return what each account is worth before the moves."""
        return self._of_accounts(lambda each: money_of(self.household, each)) / UNIT

    @cached_property
    def cash(self) -> Floats:
        """Return each account's settled cash."""
        return self._of_accounts(lambda each: each.cash) / UNIT

    @cached_property
    def due(self) -> Floats:
        """Return the money on its way to each account."""
        return self._of_accounts(lambda each: each.due) / UNIT

    @cached_property
    def buffer(self) -> Floats:
        """Return the cash that each account keeps."""
        return self._of_accounts(lambda each: each.buffer) / UNIT

    @cached_property
    def exchange(self) -> Floats:
        """Return what changing a won costs in each account."""
        return self._of_accounts(lambda each: each.exchange)

    @cached_property
    def deposit_most(self) -> Floats:
        """Return the most that may be paid into each account."""
        pooled = {name: pool.amount for pool in self.household.pools for name in pool.accounts}
        most = self._of_accounts(lambda each: min(each.room, pooled.get(each.id, 0.0)))
        return np.maximum(most, 0.0) / UNIT

    @cached_property
    def withdraw_most(self) -> Floats:
        """Return the most that may be taken out of each account."""
        wanted = {name: aim.withdrawal for aim in self.household.aims for name in aim.accounts}
        most = self._of_accounts(lambda each: min(each.withdrawable, wanted.get(each.id, 0.0)))
        return np.maximum(most, 0.0) / UNIT

    @cached_property
    def value_most(self) -> Floats:
        """Return the most that the positions of each account can be worth after the moves."""
        held = self.money - self.cash - self.due
        return np.maximum(held, self.money + self.deposit_most)

    @cached_property
    def withheld(self) -> Floats:
        """Return the rate at which each account withholds a gain, 0 where it does not."""
        return self._of_accounts(lambda a: a.sale_rate if a.gains is Gains.WITHHELD else 0.0)

    @cached_property
    def lots(self) -> tuple[tuple[Lot, ...], ...]:
        """Return the lots of each position in units, neighbours of one gain as one."""
        return tuple(_joined(each.lots) for each in self.household.positions)

    @cached_property
    def sell_lowest(self) -> Floats:
        """Return the smallest number of shares of which a sale may be; all, where less are held."""
        least = np.ceil((self.household.policy.min_trade - 0.5) / UNIT / self.price - 1e-9)
        return np.minimum(np.maximum(least, 1.0), self.shares)

    @cached_property
    def sell_most(self) -> Floats:
        """Return the most shares that may be sold."""
        return self.shares * self._of_positions(lambda each: each.sellable)

    @cached_property
    def buy_lowest(self) -> Floats:
        """Return the smallest number of shares of which a purchase may be."""
        least = np.ceil((self.household.policy.min_trade - 0.5) / UNIT / self.price - 1e-9)
        return np.maximum(least, 1.0)

    @cached_property
    def buy_most(self) -> Floats:
        """Return the most shares that can be paid for, 0 where that is less than an order."""
        fee, collar = self.order_fee, self._of_accounts(lambda each: each.collar)[self.account]
        gained = np.maximum(self.sell_most * self.price * (1.0 - self.sell_cost) - fee, 0.0)
        others = self.per_account(gained)[self.account] - gained
        reuse = self._of_accounts(lambda each: float(each.reuse))[self.account]
        paid_in = self.deposit_most * (1.0 - self.exchange)
        ready = (self.cash + paid_in)[self.account] + reuse * others
        all_of_it = (self.cash + self.due + paid_in - self.buffer)[self.account] + others
        unit = self.price * (1.0 + self.buy_cost)
        most = np.minimum((ready - fee) / (unit * (1.0 + collar)), (all_of_it - fee) / unit)
        caps = self._of_accounts(lambda a: np.inf if a.risk_cap is None else a.risk_cap)
        room = np.where(np.isfinite(caps), caps, 0.0) * (self.money + self.deposit_most)
        bound = self.capped & np.isfinite(caps[self.account])
        capped = room[self.account] / self.price - self.shares
        most = np.floor(np.where(bound, np.minimum(most, capped), most) + 1e-6)
        buyable = self._of_positions(lambda each: each.buyable) > 0.0
        return np.where(buyable & (most >= self.buy_lowest), most, 0.0)

    def per_account(self, amounts: Floats) -> Floats:
        """Return the sum of the positions' amounts by account."""
        found = np.bincount(self.account, amounts, len(self.household.accounts))
        return np.asarray(found, dtype=float)

    def rate(self, name: str) -> Floats:
        """Return ``income``, ``growth`` or ``drag`` of each position."""
        return self._of_positions(lambda each: float(getattr(each, name)))

    def within(self, accounts: Sequence[str]) -> NDArray[np.bool_]:
        """Return which positions some accounts hold."""
        chosen = set(accounts)
        return np.array([each.account in chosen for each in self.household.positions], dtype=bool)

    def aim_money(self, aim: Aim) -> float:
        """Return the money that an aim divides."""
        return aim_money(self.household, aim) / UNIT


def _joined(lots: tuple[Lot, ...]) -> tuple[Lot, ...]:
    found: list[Lot] = []
    for lot in lots:
        gain = lot.gain / UNIT
        if found and found[-1].gain == gain:
            found[-1] = Lot(found[-1].shares + lot.shares, gain)
        elif lot.shares:
            found.append(Lot(lot.shares, gain))
    return tuple(found)
