"""The account that a report is for: its funds at their last closes, and what is outside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jeoul.model.portfolio import CASH
from jeoul.reporting.account_facts import HeldAccount, HeldFund
from jeoul.reporting.text import Text

if TYPE_CHECKING:
    from jeoul.account.todays_account import TodaysAccount
    from jeoul.model.decision import Proposal
    from jeoul.model.instrument import Universe


def held_account(account: TodaysAccount, proposal: Proposal, universe: Universe) -> HeldAccount:
    """Return an account's holdings with their values at the prices that orders are sized with.

    A deposit of today is part of its cash. A fund without a current price has no value and is in
    no sum. Raises :class:`~jeoul.errors.HoldingsError` for holdings without cash.
    """
    portfolio = account.portfolio
    funds = tuple(
        _fund(code, portfolio.shares[code], proposal, universe)
        for code in universe.instruments
        if portfolio.shares.get(code)
    )
    return HeldAccount(
        funds=funds,
        cash=portfolio.cash,
        value=portfolio.money + sum(fund.value or 0 for fund in funds),
        incoming=tuple(sorted(portfolio.unsettled.items())),
        outside=tuple(account.holdings.outside.items()),
        notes=account.holdings.notes,
        deposit=account.deposit,
        withdrawal=account.withdrawal,
    )


def held_weights(held: HeldAccount) -> dict[str, float]:
    """Return the share of an account's value in each fund with a price, and in money.

    Money below zero is a part of the account until it is paid back, like in the reasons of orders:
    no share is above 1. It is empty for an account that is worth nothing.
    """
    borrowed = max(0, -held.cash - sum(amount for _, amount in held.incoming))
    if held.value <= 0:
        return {}
    worth = {fund.code: fund.value for fund in held.funds if fund.value is not None}
    found = {code: value / (held.value + borrowed) for code, value in worth.items()}
    return found | {CASH: max(0.0, 1.0 - sum(found.values()))}


def _fund(code: str, shares: int, proposal: Proposal, universe: Universe) -> HeldFund:
    quote, item = proposal.quotes.get(code), universe.instruments[code]
    return HeldFund(
        code=code,
        name=Text(item.name_ko, item.name_en),
        shares=shares,
        price=None if quote is None else quote.price,
        value=None if quote is None else shares * quote.price,
    )
