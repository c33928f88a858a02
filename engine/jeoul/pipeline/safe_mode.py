"""SAFE mode: an account buys back to its target, and sells only what it must.

It must sell to pay money out, the cash that is to be kept included, and where the law says so:
funds that its kind may not hold, and risk assets beyond the cap on them. What the model or the
account's own band would sell otherwise is held back, each with a reason.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from jeoul.model.decision import Target
from jeoul.model.portfolio import Order, Portfolio, Reason, Side, Weights
from jeoul.pipeline.situation import Situation
from jeoul.rebalance import TradeRules, plan_orders, plan_withdrawal


def safe_orders(
    target: Target,
    weights: Weights,
    portfolio: Portfolio,
    rules: TradeRules,
    situation: Situation,
) -> tuple[tuple[Order, ...], tuple[Reason, ...]]:
    """Return what SAFE mode leaves of the orders towards ``weights``, and what it holds back.

    Buys are those that come closest to the weights without any sale, from the money that is there
    above ``rules.buffer``. Where that money is missing, sales pay for it, the most overweight
    first.
    """
    prices = {code: quote.price for code, quote in target.quotes.items()}
    wished = plan_orders(weights, portfolio, prices, rules).orders
    plan = plan_orders(weights, portfolio, prices, rules, sells=False)
    sales = {
        order.ticker: order
        for order in plan_withdrawal(weights, portfolio, prices, rules, rules.buffer)
    }
    for order in _demanded(target, portfolio, wished, prices, situation):
        known = sales.get(order.ticker)
        if known is None or known.shares < order.shares:
            sales[order.ticker] = order
    why = tuple(
        Reason.of(
            "operations.cut_safe",  # as runs of before have stored it
            side=order.side,
            ticker=order.ticker,
            wanted=order.shares,
            allowed=sales[order.ticker].shares if order.ticker in sales else 0,
        )
        for order in wished
        if order.side is Side.SELL
        and (order.ticker not in sales or sales[order.ticker].shares < order.shares)
    )
    sold = sorted(sales.values(), key=lambda o: (-o.shares * o.price, o.ticker))
    bought = (order for order in plan.orders if order.ticker not in sales)
    return (*sold, *bought), (Reason.of("place.safe"), *why, *plan.kept)


def _demanded(
    target: Target,
    portfolio: Portfolio,
    wished: Sequence[Order],
    prices: Mapping[str, int],
    situation: Situation,
) -> tuple[Order, ...]:
    """Return the sales among the wished ones that the law demands, no larger than it does."""
    held = portfolio.shares.items()
    risk = sum(n * prices[c] for c, n in held if c in target.risk and c in prices)
    cap = target.risk_cap
    excess = 0.0 if cap is None else risk - cap * portfolio.value(prices)
    found = []
    sells = (order for order in wished if order.side is Side.SELL)
    for order in sorted(sells, key=lambda o: o.ticker not in situation.barred):
        shares = 0
        if order.ticker in situation.barred:
            shares = order.shares
        elif order.ticker in target.risk and excess > 0.0:
            shares = min(order.shares, int(-(-excess // prices[order.ticker])))
        if order.ticker in target.risk:
            excess -= shares * prices[order.ticker]
        if shares:
            found.append(replace(order, shares=shares))
    return tuple(found)
