"""A household in the middle of being traded: what each account can still pay, hold and sell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import floor

from jeoul.household.problem.after import After, aim_money, exposures, money_of
from jeoul.household.problem.records import (
    CASH,
    Account,
    Aim,
    Fund,
    Gains,
    Household,
    Moves,
    Position,
)

SELL_ORDER = ("general", "overseas", "isa", "pension_savings", "irp")
BUY_ORDER = SELL_ORDER[::-1]


class Desk:
    """The orders of a household so far; deposits and withdrawals are decided before any order.

    What a sale brings in is after its costs and the tax withheld; a buy has to be payable at the
    account's collar by settled money, and by all its money in the end.
    """

    def __init__(
        self,
        household: Household,
        deposits: Mapping[str, float],
        withdrawals: Mapping[str, float],
    ) -> None:
        self.household, self.deposits, self.withdrawals = household, deposits, withdrawals
        self.funds: dict[str, Fund] = {each.code: each for each in household.funds}
        self.accounts: dict[str, Account] = {each.id: each for each in household.accounts}
        self.worth = {
            each.id: money_of(household, each)
            + deposits.get(each.id, 0.0)
            - withdrawals.get(each.id, 0.0)
            for each in household.accounts
        }
        self.by_account: dict[str, list[Position]] = {each.id: [] for each in household.accounts}
        for position in household.positions:
            self.by_account[position.account].append(position)
        self.trades: dict[tuple[str, str], int] = {}

    @property
    def moves(self) -> Moves:
        return Moves(
            trades={key: count for key, count in self.trades.items() if count},
            deposits={key: each for key, each in self.deposits.items() if each},
            withdrawals={key: each for key, each in self.withdrawals.items() if each},
        )

    @property
    def count(self) -> int:
        return sum(1 for shares in self.trades.values() if shares)

    def price(self, position: Position) -> float:
        return self.funds[position.fund].price

    def traded(self, position: Position) -> int:
        return self.trades.get(position.key, 0)

    def trade(self, position: Position, shares: int) -> None:
        """Add shares to an order: bought above 0, sold below."""
        self.trades[position.key] = self.traded(position) + shares

    def ordered(self, kinds: tuple[str, ...], aim: Aim) -> Iterator[Account]:
        """Yield an aim's accounts, kind after kind."""
        for kind in kinds:
            for account in self.household.accounts:
                if account.kind == kind and account.id in aim.accounts:
                    yield account

    def away(self, aim: Aim) -> dict[str, float]:
        """Return by how many won each class and CASH is above its target, looked through."""
        money = aim_money(self.household, aim)
        held = exposures(After(self.household, self.moves), aim)
        return {name: value - aim.weights.get(name, 0.0) * money for name, value in held.items()}

    def risk(self, aim: Aim) -> float:
        return sum(
            (p.shares + self.traded(p)) * self.price(p) * self.funds[p.fund].risk
            for name in aim.accounts
            for p in self.by_account[name]
        )

    def can_sell(self, position: Position) -> int:
        """Return how many more shares of a position can be sold; none of one that is bought."""
        if not position.sellable or self.traded(position) > 0:
            return 0
        return position.shares + self.traded(position)

    def sale_of(self, position: Position, shares: int) -> int:
        """Return a sale of about so many shares that is not too small; 0 if there is none."""
        shares = min(shares, self.can_sell(position))
        whole = shares - self.traded(position)
        if whole * self.price(position) >= self.household.policy.min_trade:
            return shares
        return shares if whole == position.shares and shares > 0 else 0

    def can_buy(self, position: Position, account: Account) -> int:
        """Return how many more shares of a position the account may buy and can pay."""
        if not position.buyable or self.traded(position) < 0:
            return 0
        ready, left = self._money(account)
        if not self.traded(position):
            ready, left = ready - account.order_fee, left - account.order_fee
        share = self.price(position) * (1.0 + position.buy_cost)
        most = min(ready / (1.0 + account.collar), left) / share
        if account.risk_cap is not None and self.funds[position.fund].capped:
            most = min(most, self._below_cap(account) / self.price(position))
        shares = max(0, floor(most + 1e-9))
        small = (shares + self.traded(position)) * self.price(position)
        return shares if small >= self.household.policy.min_trade else 0

    def _below_cap(self, account: Account) -> float:
        held = sum(
            (p.shares + self.traded(p)) * self.price(p)
            for p in self.by_account[account.id]
            if self.funds[p.fund].capped
        )
        return (account.risk_cap or 0.0) * self.worth[account.id] - held

    def short_of_cash(self, account: Account) -> float:
        """Return what an account lacks to pay out what is taken from it, and keep its buffer."""
        return -self._money(account)[1] if self.withdrawals.get(account.id) else 0.0

    def _money(self, account: Account) -> tuple[float, float]:
        """Return settled money that no limit of a buy needs, and money left above the buffer."""
        limit = spent = brought = gains = 0.0
        for position in self.by_account[account.id]:
            count = self.traded(position)
            value = abs(count) * self.price(position)
            if count > 0:
                spent += value * (1.0 + position.buy_cost) + account.order_fee
                limit += value * (1.0 + account.collar) * (1.0 + position.buy_cost)
                limit += account.order_fee
            elif count < 0:
                brought += value * (1.0 - position.sell_cost) - account.order_fee
                gains += _gain(position, -count)
        if account.gains is Gains.WITHHELD:
            brought -= account.sale_rate * gains
        paid_in = self.deposits.get(account.id, 0.0) * (1.0 - account.exchange)
        taken = self.withdrawals.get(account.id, 0.0) * (1.0 + account.exchange)
        ready = account.cash + paid_in + (brought if account.reuse else 0.0) - limit
        left = account.cash + account.due + paid_in + brought - spent - taken - account.buffer
        return ready, left


def pure_class(fund: Fund) -> str | None:
    """Return the class of a fund that holds only one, else None."""
    return next(iter(fund.exposure)) if len(fund.exposure) == 1 else None


def _gain(position: Position, sold: int) -> float:
    total = 0.0
    for lot in position.lots:
        part = min(sold, lot.shares)
        total += part * lot.gain
        sold -= part
    return total


__all__ = ["BUY_ORDER", "CASH", "SELL_ORDER", "Desk", "pure_class"]
