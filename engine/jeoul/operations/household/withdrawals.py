"""Money to take out that is raised stays in cash: no plan spends it before it has left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from jeoul.household.problem.records import Account, Household
from jeoul.operations.household.asked_money import MoneyUnderWay
from jeoul.operations.household.money_left import Books, MoneyLeft


def to_take_out(told: MoneyUnderWay, money: MoneyLeft, books: Books) -> Mapping[str, int]:
    """Return the won by account, above 0, that people still take out as the newest plan said.

    What has left an account since is no more to take. Nothing where that is not what is left of
    the withdrawals: they have changed, or the money left another account.
    """
    rest = {name: -won for name, won in told.transfers.items()}
    if money.fresh:
        for name in rest.keys() & books.moved.keys() & told.seen.keys():
            left = told.seen[name] - books.moved[name]
            rest[name] -= round(left * books.rates.get(name, 0.0))
    whole = -sum(money.left.values())
    as_said = whole > 0 and sum(rest.values()) == whole and min(rest.values()) >= 0
    return {name: won for name, won in rest.items() if won} if as_said else {}


def is_raised(household: Household, out: Mapping[str, int]) -> bool:
    """Return whether every account has the won that are taken out of it, settled or on its way."""
    accounts = {each.id: each for each in household.accounts}
    return all(
        name in accounts and accounts[name].cash + accounts[name].due >= _needs(accounts[name], won)
        for name, won in out.items()
    )


def keeping(household: Household, out: Mapping[str, int], *, between: bool) -> Household:
    """Return a household whose plans leave what is taken out of its accounts where it is.

    Settled money buys nothing that day as if it were still on its way. What is raised leaves the
    account that people were told of. ``between`` the dates of the strategy nothing is bought, and
    nothing is sold unless the money has still to be raised.
    """
    raised = is_raised(household, out)

    def kept(account: Account) -> Account:
        won = out.get(account.id, 0)
        spared = min(max(0.0, account.cash), _needs(account, won))
        most = min(account.withdrawable, float(won)) if raised else account.withdrawable
        cash, due = account.cash - spared, account.due + spared
        return replace(account, cash=cash, due=due, withdrawable=most)

    positions = household.positions
    if between:
        positions = tuple(
            replace(each, buyable=False, sellable=each.sellable and not raised)
            for each in positions
        )
    return replace(
        household, accounts=tuple(kept(each) for each in household.accounts), positions=positions
    )


def _needs(account: Account, won: int) -> float:
    return won * (1.0 + account.exchange)
