"""A household's plan carried into its history: on some dates moves, on every other what is owed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from math import floor
from typing import Protocol

from jeoul.account.day import AccountState, DayOrder, needed, settle
from jeoul.household.history.records import (
    HistoryAccount,
    HistoryHousehold,
    Moment,
    SessionDecisions,
)
from jeoul.household.problem.records import NOTHING, Household, Moves
from jeoul.household.year_end.rebuys import Rebuy, harvests
from jeoul.model.portfolio import Side


class PlanningSettings(Protocol):
    """How a household is planned."""

    def __call__(self, household: Household, /) -> Moves:
        """Return what is done."""


def do_nothing(household: Household) -> Moves:  # noqa: ARG001
    """Return no move at all: what is held stays, and new money waits."""
    return NOTHING


@dataclass(frozen=True)
class PlanDecider:
    """Decides by a plan on some dates.

    ``see`` makes the problem of a moment. On the dates of ``rebuys``, one a year, it also sells and
    buys back what uses up the yearly deduction abroad, as ``--year-end`` says. On every other
    session nothing is traded but what an account needs to pay what it owes: it sells its largest
    holdings, as few as bring the money.
    """

    household: HistoryHousehold
    see: Callable[[Moment], Household]
    plan: PlanningSettings
    dates: Collection[date]
    rebuys: Collection[date] = ()

    def __call__(self, moment: Moment) -> SessionDecisions:
        """Return what the next session does."""
        states = {name: settle(state, moment.executed) for name, state in moment.accounts.items()}
        found = SessionDecisions(states=states)
        if moment.session in self.dates:
            household = self.see(moment)
            moves = self.plan(household)
            found = decisions_of(moves)._replace(states=states)
        orders = {name: list(each) for name, each in found.orders.items()}
        if moment.session in self.rebuys and moment.session in self.dates:
            for each in harvests(household, moves, capped=True):
                for rebuy in each.rebuys:
                    orders.setdefault(rebuy.account, []).extend(both_ways(rebuy))
        for name, account in self.household.accounts.items():
            own = orders.setdefault(name, [])
            own.extend(_for_owed(account, states[name], own, moment.session))
        return found._replace(orders=orders)


def decisions_of(moves: Moves) -> SessionDecisions:
    """Return moves as the orders and payments of a session; won are cut to whole ones.

    >>> found = decisions_of(Moves(trades={("isa", "069500"): -3}, deposits={"isa": 10.7}))
    >>> found.orders["isa"][0].shares, found.deposits
    (3, {'isa': 10})
    """
    orders: dict[str, list[DayOrder]] = {}
    for (account, fund), count in sorted(moves.trades.items()):
        if count:
            side = Side.BUY if count > 0 else Side.SELL
            orders.setdefault(account, []).append(DayOrder(side, fund, abs(int(count))))
    return SessionDecisions(
        orders=orders, deposits=_whole(moves.deposits), withdrawals=_whole(moves.withdrawals)
    )


def both_ways(rebuy: Rebuy) -> tuple[DayOrder, DayOrder]:
    """Return the sale and the purchase of what is sold and bought back."""
    return (
        DayOrder(Side.SELL, rebuy.fund, rebuy.shares),
        DayOrder(Side.BUY, rebuy.fund, rebuy.shares),
    )


def _whole(amounts: Mapping[str, float]) -> dict[str, int]:
    return {name: floor(amount) for name, amount in amounts.items() if amount >= 1.0}


def _for_owed(
    account: HistoryAccount, state: AccountState, orders: list[DayOrder], session: date
) -> Iterator[DayOrder]:
    """Yield the sales that bring what an account owes and neither cash nor its orders bring."""
    exchange, portfolio = account.rules.exchange, state.portfolio
    if not state.owed:
        return
    owed = needed(state, session, exchange)
    prices = account.rules.events.prices(portfolio.shares, session)
    short = owed - portfolio.money
    sold = {each.ticker for each in orders if each.side is Side.SELL}
    short -= sum(each.shares * prices.get(each.ticker, 0) for each in orders if each.ticker in sold)
    largest = sorted(portfolio.shares, key=lambda code: -portfolio.shares[code] * prices[code])
    for code in largest:
        if short <= 0:
            return
        if code in sold or not prices[code]:
            continue
        count = min(portfolio.shares[code], -(-short // prices[code]))
        short -= count * prices[code]
        yield DayOrder(Side.SELL, code, count)
