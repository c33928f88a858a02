"""What one account does on a proposal when only settled money buys."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from jeoul.model.decision import Decision, Proposal
from jeoul.model.portfolio import Order, Portfolio, Side
from jeoul.pipeline.place import place
from jeoul.rebalance import KRX_DAYS, US_DAYS, TradeRules, affordable_shares, order_fee

SETTLEMENT = {"XKRX": KRX_DAYS, "XNYS": US_DAYS}
"""Sessions from trade to settlement, by exchange."""


def account_decision(
    proposal: Proposal, portfolio: Portfolio, fresh: int, rules: TradeRules
) -> Decision:
    """Return what an account does: follow the model or its band, else invest fresh money.

    ``fresh`` is money that arrived since the last decision, deposits and settled sales; it is
    already in the portfolio's cash. Where nothing else is due it is invested without selling, so
    that what a sale brought does not wait for the next date of the calendar. While money of a sale
    is on its way the account sells nothing more unless the model trades.
    """
    decision = place(proposal, portfolio, rules=rules)
    if portfolio.unsettled and not proposal.due:
        buys = tuple(order for order in decision.orders if order.side is Side.BUY)
        decision = replace(decision, orders=buys)
    arrived = min(fresh, portfolio.cash)
    if decision.reasons[0].kind != "place.hold" or arrived <= 0:
        return _from_settled(decision, portfolio.cash, rules)
    before = Portfolio(
        portfolio.shares, portfolio.cash - arrived, portfolio.currency, portfolio.unsettled
    )
    flow = place(proposal, before, deposit=arrived, rules=rules)
    return _from_settled(flow, portfolio.cash, rules) if flow.orders else decision


def _from_settled(decision: Decision, cash: int, rules: TradeRules) -> Decision:
    """Return a decision whose buys are paid from settled cash alone, the last ones cut first.

    The sales go out whole: what they bring buys the rest when it has settled. A buy that is cut
    below the smallest trade waits too.
    """
    orders, left = [], cash - rules.buffer
    for order in decision.orders:
        kept = order
        if order.side is Side.BUY:
            can = affordable_shares(max(left, 0), order.price, rules.buy_fee).shares
            kept = replace(order, shares=min(order.shares, can))
            if kept.shares < order.shares and kept.shares * order.price < rules.min_trade:
                continue
            amount = kept.shares * order.price
            left -= amount + order_fee(amount, rules.buy_fee)
        if kept.shares:
            orders.append(kept)
    cost = sum(order_fee(o.shares * o.price, _rate(o, rules)) for o in orders)
    spent = sum(o.shares * o.price * (1 if o.side is Side.BUY else -1) for o in orders)
    return replace(decision, orders=tuple(orders), cost=cost, cash_after=cash - spent - cost)


def _rate(order: Order, rules: TradeRules) -> Decimal:
    return rules.buy_fee if order.side is Side.BUY else rules.sell_fee
