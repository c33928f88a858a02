"""The further orders that would save most after some moves, one by one and in pairs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from jeoul.household.problem.after import After
from jeoul.household.problem.cost import cost_of
from jeoul.household.problem.differences import difference
from jeoul.household.problem.distance import deviations
from jeoul.household.problem.records import (
    Account,
    Fund,
    Gains,
    Household,
    Moves,
    PlanCost,
    Position,
)
from jeoul.household.problem.violations import violations_of

Key = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Orders that could be made: one alone, or a sale with a purchase.

    ``saves`` is what they would save, by cause; its total is below 0 where they cost more.
    """

    orders: Mapping[Key, int]
    saves: PlanCost


def candidates_of(household: Household, moves: Moves, *, most: int) -> tuple[Candidate, ...]:
    """Return the further orders that would save most after some moves, best first.

    Each position without an order is bought or sold alone, and each sale is paired with a purchase
    in its account, or of its class in another account, in the sizes that close a deviation, sell
    everything or spend the cash. Orders that a rule forbids are left out; the limit on their number
    is not such a rule.
    """
    free = replace(household, policy=replace(household.policy, max_trades=None))
    now = cost_of(After(free, moves))
    best: dict[tuple[Key, ...], Candidate] = {}
    for orders in _Desk(free, moves).orders():
        after = After(free, replace(moves, trades={**moves.trades, **orders}))
        if next(violations_of(after), None) is not None:
            continue
        saves, key = difference(now, cost_of(after)), tuple(sorted(orders))
        if key not in best or saves.total > best[key].saves.total:
            best[key] = Candidate(orders=orders, saves=saves)
    return tuple(sorted(best.values(), key=lambda each: -each.saves.total)[:most])


@dataclass(frozen=True)
class _Desk:
    """The orders that are worth a look."""

    household: Household
    moves: Moves

    def orders(self) -> Iterator[Mapping[Key, int]]:
        free = [each for each in self.household.positions if not self.moves.trades.get(each.key)]
        buys = [each for each in free if each.buyable]
        sells = [each for each in free if each.sellable and each.shares > 0]
        for buy in buys:
            sizes = (-self._off(buy), self._accounts[buy.account].cash)
            for count in self._counts(buy, sizes):
                yield {buy.key: count}
        for sell in sells:
            for count in self._counts(sell, (self._off(sell), self._value(sell))):
                yield {sell.key: -min(count, sell.shares)}
            for buy in buys:
                yield from self._switches(sell, buy)

    def _switches(self, sell: Position, buy: Position) -> Iterator[Mapping[Key, int]]:
        """Yield the pairs of a sale and a purchase that its proceeds, or the cash there, pay."""
        same_class = self._main[sell.fund] == self._main[buy.fund]
        if sell.key == buy.key or (sell.account != buy.account and not same_class):
            return
        sizes = [self._off(sell), -self._off(buy)]
        if same_class:
            sizes = [self._value(sell), self._accounts[buy.account].cash]
        elif min(sizes) <= 0.0:  # it would take a class further from its target
            return
        for sold in self._counts(sell, tuple(sizes)):
            shares = min(sold, sell.shares)
            cost = self._funds[buy.fund].price * (1.0 + buy.buy_cost)
            bought = int(self._proceeds(sell, shares) // cost)
            if bought:
                yield {sell.key: -shares, buy.key: bought}

    def _counts(self, position: Position, sizes: tuple[float, ...]) -> set[int]:
        """Return whole shares around some amounts, and the least that an order may be."""
        price, least = self._funds[position.fund].price, self.household.policy.min_trade
        counts = {int(won // price) + more for won in sizes if won > 0.0 for more in (0, 1)}
        counts.add(-int(-least // price))
        return {each for each in counts if each > 0}

    def _proceeds(self, sell: Position, shares: int) -> float:
        """Return what a sale brings, after its cost and the tax that is withheld."""
        account = self._accounts[sell.account]
        won = shares * self._funds[sell.fund].price * (1.0 - sell.sell_cost)
        if account.gains is Gains.WITHHELD:
            sold = After(self.household, Moves(trades={sell.key: -shares})).sold(sell)
            won -= account.sale_rate * sum(lot.shares * lot.gain for lot in sold)
        return won - account.order_fee

    def _value(self, position: Position) -> float:
        return position.shares * self._funds[position.fund].price

    def _off(self, position: Position) -> float:
        """Return by how much the main class of a position is above its target."""
        return self._away[position.account][self._main[position.fund]]

    @cached_property
    def _funds(self) -> Mapping[str, Fund]:
        return {fund.code: fund for fund in self.household.funds}

    @cached_property
    def _accounts(self) -> Mapping[str, Account]:
        return {account.id: account for account in self.household.accounts}

    @cached_property
    def _main(self) -> Mapping[str, str]:
        return {fund.code: main_class(fund) for fund in self.household.funds}

    @cached_property
    def _away(self) -> Mapping[str, Mapping[str, float]]:
        after = After(self.household, self.moves)
        found = {aim.id: deviations(after, aim) for aim in self.household.aims}
        return {name: found[aim.id] for aim in self.household.aims for name in aim.accounts}


def main_class(fund: Fund) -> str:
    """Return the class that a fund holds most of."""
    return max(fund.exposure, key=lambda name: fund.exposure[name])
