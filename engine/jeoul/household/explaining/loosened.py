"""A household with one rule as much wider as it takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from jeoul.household.problem.after import aim_money, money_of
from jeoul.household.problem.records import Account, Aim, Household, Moves, Policy
from jeoul.household.problem.relaxed import HouseholdRule, changed_account, changed_aim, without


@dataclass(frozen=True, slots=True)
class Excess:
    """By how much a rule is exceeded: won, or orders for ``max_trades``."""

    rule: HouseholdRule
    by: float


def loosened(household: Household, excess: Excess, moves: Moves) -> Household:
    """Return the household in which moves that exceed a rule by so much keep it.

    A limit on a share of the money (``risk``, ``risk_cap``) is widened by what the excess is of the
    money after the moves. Money that settles too late counts as settled; a fund that may not be
    traded may be.

    >>> home = Household(classes=(), funds=(), accounts=(), positions=(), members=(), aims=(),
    ...                  policy=Policy(max_trades=3))
    >>> loosened(home, Excess(HouseholdRule("max_trades"), 2.0), Moves()).policy.max_trades
    5
    """
    rule, by = excess.rule, excess.by
    if rule.kind in ("not_buyable", "not_sellable"):
        return without(household, rule)
    if rule.kind in _OF_ACCOUNT:
        account = next(each for each in household.accounts if each.id == rule.where)
        return changed_account(household, _OF_ACCOUNT[rule.kind](household, account, by, moves))
    if rule.kind in ("risk", "withdrawal"):
        aim = next(each for each in household.aims if each.id == rule.where)
        return changed_aim(household, _aim(household, aim, rule.kind, by))
    if rule.kind == "pension_room":
        members = tuple(
            replace(each, pension_room=each.pension_room + by) if each.id == rule.where else each
            for each in household.members
        )
        return replace(household, members=members)
    if rule.kind == "pool":
        pools = tuple(
            replace(each, amount=each.amount + by) if each.id == rule.where else each
            for each in household.pools
        )
        return replace(household, pools=pools)
    return replace(household, policy=_policy(household.policy, rule.kind, by))


class _Widen(Protocol):
    def __call__(
        self, household: Household, account: Account, by: float, moves: Moves, /
    ) -> Account: ...


def _settle(household: Household, account: Account, by: float, moves: Moves) -> Account:
    del household, moves
    return replace(account, cash=account.cash + by, due=account.due - by)


def _room(household: Household, account: Account, by: float, moves: Moves) -> Account:
    del household, moves
    return replace(account, room=account.room + by)


def _withdrawable(household: Household, account: Account, by: float, moves: Moves) -> Account:
    del household, moves
    return replace(account, withdrawable=account.withdrawable + by)


def _buffer(household: Household, account: Account, by: float, moves: Moves) -> Account:
    del household, moves
    return replace(account, buffer=account.buffer - by)


def _risk_cap(household: Household, account: Account, by: float, moves: Moves) -> Account:
    money = money_of(household, account)
    money += moves.deposits.get(account.id, 0.0) - moves.withdrawals.get(account.id, 0.0)
    return replace(account, risk_cap=(account.risk_cap or 0.0) + by / money)


_OF_ACCOUNT: Mapping[str, _Widen] = {
    "settled_cash": _settle,
    "room": _room,
    "withdrawable": _withdrawable,
    "buffer": _buffer,
    "risk_cap": _risk_cap,
}


def _aim(household: Household, aim: Aim, kind: str, by: float) -> Aim:
    if kind == "withdrawal":
        return replace(aim, withdrawal=aim.withdrawal - by)
    return replace(aim, risk_most=(aim.risk_most or 0.0) + by / aim_money(household, aim))


def _policy(policy: Policy, kind: str, by: float) -> Policy:
    if kind == "max_trades":
        return replace(policy, max_trades=(policy.max_trades or 0) + round(by))
    if kind == "min_trade":
        return replace(policy, min_trade=policy.min_trade - by)
    assert kind == "lock", kind
    return replace(policy, lock_most=(policy.lock_most or 0.0) + by)
