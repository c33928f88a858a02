"""A household after moves: what both the cost and the rules need to know."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from jeoul.household.problem.records import (
    CASH,
    Account,
    Aim,
    Fund,
    Gains,
    Household,
    HouseholdMember,
    Lot,
    Moves,
    Position,
)

CREDITED = ("pension_savings", "irp", "dc")
"""Kinds of account whose payments earn the credit; the first has a limit of its own."""


@dataclass(frozen=True)
class After:
    """A household after moves, with what cost and rules both need."""

    household: Household
    moves: Moves

    @cached_property
    def funds(self) -> Mapping[str, Fund]:
        """Return each fund by its code."""
        return {fund.code: fund for fund in self.household.funds}

    @cached_property
    def accounts(self) -> Mapping[str, Account]:
        """Return each account by its id."""
        return {account.id: account for account in self.household.accounts}

    @cached_property
    def values(self) -> Mapping[tuple[str, str], float]:
        """Return the value of each position after the moves, in won."""
        return {each.key: self.shares(each) * self.price(each) for each in self.positions()}

    def positions(self) -> Sequence[Position]:
        """Return the positions of the household."""
        return self.household.positions

    def traded(self, position: Position) -> int:
        """Return the shares bought, negative for shares sold."""
        return self.moves.trades.get(position.key, 0)

    def shares(self, position: Position) -> int:
        """Return the shares held after the moves."""
        return position.shares + self.traded(position)

    def price(self, position: Position) -> float:
        """Return the price of a share in won."""
        return self.funds[position.fund].price

    def deposit(self, account: str) -> float:
        """Return what is paid into an account."""
        return self.moves.deposits.get(account, 0.0)

    def withdrawn(self, account: str) -> float:
        """Return what is taken out of an account."""
        return self.moves.withdrawals.get(account, 0.0)

    def sold(self, position: Position) -> tuple[Lot, ...]:
        """Return what is sold of a position, lot by lot."""
        left, found = max(0, -self.traded(position)), []
        for lot in position.lots:
            count = min(left, lot.shares)
            if count:
                found.append(Lot(count, lot.gain))
            left -= count
        return tuple(found)

    @cached_property
    def realised(self) -> Mapping[str, float]:
        """Return the taxable gain that is sold in each account, net of losses."""
        found: dict[str, float] = defaultdict(float)
        for position in self.positions():
            for lot in self.sold(position):
                found[position.account] += lot.shares * lot.gain
        return found

    def of_owner(self, member: HouseholdMember, gains: Gains) -> Iterator[Account]:
        """Yield the accounts of a person whose gains are taxed in one way."""
        for account in self.household.accounts:
            if account.owner == member.id and account.gains is gains:
                yield account

    def weighed(self, accounts: Iterable[str], rate: str) -> float:
        """Return the sum of value x ``income``, ``growth`` or ``drag`` over some accounts."""
        chosen = set(accounts)
        return sum(
            self.values[each.key] * float(getattr(each, rate))
            for each in self.positions()
            if each.account in chosen
        )


def money_of(household: Household, account: Account) -> float:
    """Return what an account is worth before any move: holdings, cash and money on its way."""
    prices = {fund.code: fund.price for fund in household.funds}
    held = sum(p.shares * prices[p.fund] for p in household.positions if p.account == account.id)
    return held + account.cash + account.due


def left_over(household: Household, deposits: Mapping[str, float]) -> dict[str, float]:
    """Return what of each pool stays at the bank; below 0 if more is paid in than there is."""
    return {
        pool.id: pool.amount - sum(deposits.get(account, 0.0) for account in pool.accounts)
        for pool in household.pools
    }


def aim_money(household: Household, aim: Aim) -> float:
    """Return the money that an aim divides: its accounts and pools, less what is taken out."""
    held = sum(money_of(household, each) for each in household.accounts if each.id in aim.accounts)
    new = sum(pool.amount for pool in household.pools if pool.id in aim.pools)
    return held + new - aim.withdrawal


def supplies_of(after: After) -> dict[str, float]:
    """Return the money that may serve a need after the moves, by account and pool."""
    household = after.household
    found = left_over(household, after.moves.deposits)
    for account in household.accounts:
        moved = after.deposit(account.id) - after.withdrawn(account.id)
        found[account.id] = money_of(household, account) + moved
    return found


def exposures(after: After, aim: Aim) -> dict[str, float]:
    """Return the won in each class of an aim, looked through, and in CASH."""
    found = dict.fromkeys((*after.household.classes, CASH), 0.0)
    for position in after.positions():
        if position.account in aim.accounts:
            value = after.values[position.key]
            for name, share in after.funds[position.fund].exposure.items():
                found[name] += value * share
    found[CASH] += aim_money(after.household, aim) - sum(found.values())
    return found


def withheld_of(after: After, account: Account) -> float:
    """Return the tax withheld from an account's sales."""
    if account.gains is not Gains.WITHHELD:
        return 0.0
    return account.sale_rate * after.realised.get(account.id, 0.0)
