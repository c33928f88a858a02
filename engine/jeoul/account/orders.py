"""What one account does on a target when only settled money buys."""

from __future__ import annotations

from dataclasses import replace

from jeoul.model.decision import Decision, Proposal, Target
from jeoul.model.portfolio import Portfolio, Side
from jeoul.pipeline.placing import Placed, decision_of, orders_for, placed_of
from jeoul.rebalance import TradeRules, affordable_buys


def account_decision(
    proposal: Proposal, portfolio: Portfolio, fresh: int, rules: TradeRules
) -> Decision:
    """Return what :func:`account_orders` come to as a decision on a proposal."""
    placed = account_orders(proposal, portfolio, fresh, rules)
    return decision_of(proposal, portfolio, placed, fresh, rules)


def account_orders(
    target: Target, portfolio: Portfolio, fresh: int, rules: TradeRules, *, owed: int = 0
) -> Placed:
    """Return what an account does: follow the model or its band, else invest fresh money.

    ``fresh`` is money that arrived since the last decision, deposits and settled sales; it is
    already in the portfolio's cash. Where nothing else is due it is invested without selling, so
    that what a sale brought does not wait for the next date of the calendar. While money of a sale
    is on its way the account sells nothing more unless the model trades or money is ``owed``, a
    withdrawal that could not be paid yet.
    """
    placed = orders_for(target, portfolio, withdrawal=owed, rules=rules)
    orders = placed.orders
    if owed:
        rules = replace(rules, buffer=max(rules.buffer, owed))
    elif portfolio.unsettled and not target.due:
        orders = tuple(order for order in orders if order.side is Side.BUY)
    arrived = min(fresh, portfolio.cash)
    if placed.reasons[0].kind == "place.hold" and arrived > 0:
        before = replace(portfolio, cash=portfolio.cash - arrived)
        flow = orders_for(target, before, deposit=arrived, rules=rules)
        if flow.orders:
            placed, orders = flow, flow.orders
    return _from_settled(placed._replace(orders=orders), portfolio.cash, rules)


def _from_settled(placed: Placed, cash: int, rules: TradeRules) -> Placed:
    """Return orders whose buys are paid from settled cash alone, the last ones cut first.

    The sales go out whole: what they bring buys the rest when it has settled. A buy that is cut
    below the smallest trade waits too.
    """
    buys = [order for order in placed.orders if order.side is Side.BUY]
    counts = affordable_buys(
        ((order.shares, order.price) for order in buys),
        cash - rules.buffer,
        rules.tariff(Side.BUY),
        smallest=rules.min_trade,
    )
    sales = [order for order in placed.orders if order.side is Side.SELL]
    paid = [
        replace(order, shares=count) for order, count in zip(buys, counts, strict=True) if count
    ]
    return placed_of((*sales, *paid), placed.reasons, cash, rules)
