"""What an ordinary account holds that an ISA with room would tax less, and what moving it saves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from jeoul.household.problem.differences import difference
from jeoul.household.problem.evaluate import evaluate
from jeoul.household.problem.records import (
    Account,
    Gains,
    Household,
    HouseholdPlan,
    Moves,
    PlanCost,
    Position,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareTransfer:
    """Shares sold in one account whose money is paid into another and buys the same fund there.

    A plan cannot do it in one day: the money of the sale settles, is taken out, is paid in, and
    buys. ``amount`` is what is paid in; ``saves`` the plan's cost less that with the transfer, by
    cause, at today's prices.
    """

    source: str
    account: str
    fund: str
    shares: int
    amount: float
    saves: PlanCost


def transfers(household: Household, plan: HouseholdPlan) -> tuple[ShareTransfer, ...]:
    """Return what is worth moving from ordinary accounts into the ISA of the same person.

    Beside a plan's own moves and within what they leave of the ISA's room, the fund with the
    largest yearly saving a won first; positions that the plan trades are left alone. A transfer
    saves at least ``min_gain`` of the policy.
    """
    return tuple(_transfers(household, plan))


def _transfers(household: Household, plan: HouseholdPlan) -> Iterator[ShareTransfer]:
    prices = {fund.code: fund.price for fund in household.funds}
    accounts = {account.id: account for account in household.accounts}
    moves, now = plan.moves, plan.cost
    for source, target in _pairs(household, accounts, plan.moves):
        price = prices[source.fund] * (1.0 + target.buy_cost)
        room = min(_room(accounts[target.account], moves), _gives(accounts[source.account], moves))
        shares = min(source.shares, int(room // price))
        if shares * prices[source.fund] < max(1.0, household.policy.min_trade):
            continue
        amount = shares * price
        after = _with(moves, source, target, shares, amount)
        saves = difference(now, cost := evaluate(household, after).cost)
        if saves.total >= max(1.0, household.policy.min_gain):
            moves, now = after, cost
            yield ShareTransfer(
                source=source.account,
                account=target.account,
                fund=source.fund,
                shares=shares,
                amount=amount,
                saves=saves,
            )


def _pairs(
    household: Household, accounts: Mapping[str, Account], moves: Moves
) -> list[tuple[Position, Position]]:
    """Return the same funds in an ordinary account and in the owner's ISA, dearest drag first."""
    found = [
        (source, target)
        for source in household.positions
        for target in household.positions
        if source.fund == target.fund
        and accounts[source.account].gains is Gains.WITHHELD
        and accounts[target.account].settlement is not None
        and accounts[source.account].owner == accounts[target.account].owner
        and source.sellable
        and target.buyable
        and not moves.trades.get(source.key)
        and not moves.trades.get(target.key)
    ]
    return sorted(found, key=lambda pair: pair[1].drag - pair[0].drag)


def _room(account: Account, moves: Moves) -> float:
    return account.room - moves.deposits.get(account.id, 0.0)


def _gives(account: Account, moves: Moves) -> float:
    return account.withdrawable - moves.withdrawals.get(account.id, 0.0)


def _with(moves: Moves, source: Position, target: Position, shares: int, amount: float) -> Moves:
    """Return moves with a transfer, whose money leaves one account and enters the other."""
    deposits, withdrawals = moves.deposits, moves.withdrawals
    paid = {**deposits, target.account: deposits.get(target.account, 0.0) + amount}
    taken = {**withdrawals, source.account: withdrawals.get(source.account, 0.0) + amount}
    trades = {**moves.trades, source.key: -shares, target.key: shares}
    return replace(moves, trades=trades, deposits=paid, withdrawals=taken)
