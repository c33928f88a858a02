"""The rules of a household that could be different, and the household without one of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from jeoul.household.problem.after import CREDITED
from jeoul.household.problem.records import Account, Aim, Household, Policy

PLENTY = 1e12
"""Won that no household reaches: a room without a limit."""


@dataclass(frozen=True, slots=True, order=True)
class HouseholdRule:
    """A rule that a plan has to keep, by the name of its violation, and where it holds.

    ``where`` is an account, a person, an aim, or account and fund; empty for the household.
    """

    kind: str
    where: str = ""


def rules_of(household: Household) -> tuple[HouseholdRule, ...]:
    """Return every rule of a household that :func:`without` can lift."""
    return tuple(_rules(household))


def without(household: Household, rule: HouseholdRule) -> Household:
    """Return a household that lacks one rule and is otherwise the same.

    Money stays money: nothing here gives a household more than it has, so both are measured
    against the same target. Raises ``KeyError`` for a rule that cannot be lifted.

    >>> from jeoul.household.problem.records import Policy
    >>> home = Household(classes=(), funds=(), accounts=(), positions=(), members=(), aims=(),
    ...                  policy=Policy(max_trades=3))
    >>> without(home, HouseholdRule("max_trades")).policy.max_trades is None
    True
    """
    return _LIFT[rule.kind](household, rule.where)


def _rules(household: Household) -> Iterator[HouseholdRule]:
    yield from _policy_rules(household.policy)
    for account in household.accounts:
        yield from _account_rules(household, account)
    for member in household.members:
        if any(a.owner == member.id and a.kind in CREDITED for a in household.accounts):
            yield HouseholdRule("pension_room", member.id)
    for aim in household.aims:
        yield from _aim_rules(aim)
    for position in household.positions:
        where = " ".join(position.key)
        if not position.buyable:
            yield HouseholdRule("not_buyable", where)
        if not position.sellable and position.shares:
            yield HouseholdRule("not_sellable", where)


def _policy_rules(policy: Policy) -> Iterator[HouseholdRule]:
    if policy.max_trades is not None:
        yield HouseholdRule("max_trades")
    if policy.min_trade > 0.0:
        yield HouseholdRule("min_trade")
    if policy.lock_most is not None:
        yield HouseholdRule("lock")


def _aim_rules(aim: Aim) -> Iterator[HouseholdRule]:
    if aim.risk_most is not None:
        yield HouseholdRule("risk", aim.id)
    if aim.withdrawal > 0.0:
        yield HouseholdRule("withdrawal", aim.id)


def _account_rules(household: Household, account: Account) -> Iterator[HouseholdRule]:
    if any(account.id in pool.accounts for pool in household.pools):
        yield HouseholdRule("room", account.id)
    if any(account.id in aim.accounts and aim.withdrawal for aim in household.aims):
        yield HouseholdRule("withdrawable", account.id)
    if not account.reuse or account.due > 0.0 or account.collar > 0.0:
        yield HouseholdRule("settled_cash", account.id)
    if account.buffer > 0.0:
        yield HouseholdRule("buffer", account.id)
    if account.risk_cap is not None:
        yield HouseholdRule("risk_cap", account.id)


def changed_account(household: Household, account: Account) -> Household:
    """Return the household with one of its accounts as it is given."""
    accounts = tuple(account if each.id == account.id else each for each in household.accounts)
    return replace(household, accounts=accounts)


def changed_aim(household: Household, aim: Aim) -> Household:
    """Return the household with one of its aims as it is given."""
    aims = tuple(aim if each.id == aim.id else each for each in household.aims)
    return replace(household, aims=aims)


def _of_policy(**changes: Any) -> Callable[[Household, str], Household]:
    def lift(household: Household, where: str) -> Household:
        assert not where, "a rule of the policy holds everywhere"
        policy: Policy = replace(household.policy, **changes)
        return replace(household, policy=policy)

    return lift


def _of_account(**changes: Any) -> Callable[[Household, str], Household]:
    def lift(household: Household, where: str) -> Household:
        account = next(each for each in household.accounts if each.id == where)
        return changed_account(household, replace(account, **changes))

    return lift


def _of_aim(**changes: Any) -> Callable[[Household, str], Household]:
    def lift(household: Household, where: str) -> Household:
        aim = next(each for each in household.aims if each.id == where)
        return changed_aim(household, replace(aim, **changes))

    return lift


def _of_position(**changes: Any) -> Callable[[Household, str], Household]:
    def lift(household: Household, where: str) -> Household:
        changed = (
            replace(p, **changes) if " ".join(p.key) == where else p for p in household.positions
        )
        return replace(household, positions=tuple(changed))

    return lift


def _pension_room(household: Household, where: str) -> Household:
    changed = (replace(m, pension_room=PLENTY) if m.id == where else m for m in household.members)
    return replace(household, members=tuple(changed))


def _settled(household: Household, where: str) -> Household:
    """Return the household in which all money of an account can be spent today, at the price."""
    account = next(each for each in household.accounts if each.id == where)
    money = account.cash + account.due
    return changed_account(household, replace(account, cash=money, due=0.0, reuse=True, collar=0.0))


_LIFT: Mapping[str, Callable[[Household, str], Household]] = {
    "max_trades": _of_policy(max_trades=None),
    "min_trade": _of_policy(min_trade=0.0),
    "lock": _of_policy(lock_most=None),
    "room": _of_account(room=PLENTY),
    "withdrawable": _of_account(withdrawable=PLENTY),
    "buffer": _of_account(buffer=0.0),
    "risk_cap": _of_account(risk_cap=None),
    "settled_cash": _settled,
    "pension_room": _pension_room,
    "risk": _of_aim(risk_most=None),
    "withdrawal": _of_aim(withdrawal=0.0),
    "not_buyable": _of_position(buyable=True),
    "not_sellable": _of_position(sellable=True),
}
