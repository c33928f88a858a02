"""place: from a proposal to one account's whole-share orders, or to holding."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from jeoul.errors import HoldingsError, UsageError
from jeoul.model.decision import Decision, Proposal
from jeoul.model.finding import Finding, Severity
from jeoul.model.money import money_text
from jeoul.model.portfolio import CASH, Order, Portfolio, Reason, Side
from jeoul.pipeline.inputs import inputs_id
from jeoul.rebalance import (
    CENT_TICKS,
    ETF_TICKS,
    Plan,
    TradeRules,
    current_weights,
    drift,
    order_fee,
    plan_deposit,
    plan_orders,
)

ONLINE_FEE = Decimal("0.000140527")  # of the value traded: a Korean broker's online order fee, 2026
_SMALL = 100  # an account need not make trades below this part of its value


def default_rules(proposal: Proposal, fee: Decimal = ONLINE_FEE) -> TradeRules:
    """Return how an account trades where a config says nothing else: one fee, the venue's ticks."""
    ticks = ETF_TICKS if proposal.currency == "KRW" else CENT_TICKS
    return TradeRules(buy_fee=fee, sell_fee=fee, ticks=ticks, min_trade=proposal.min_trade)


def place(
    proposal: Proposal,
    portfolio: Portfolio,
    *,
    deposit: int = 0,
    rules: TradeRules | None = None,
) -> Decision:
    """Return one account's orders, sells first, and why; or no orders, and why.

    With a ``deposit`` (new money, in the currency's smallest unit) only buys are made, of what is
    most underweight. Otherwise the account trades when the model does, or when its own drift is
    beyond the strategy's band. Orders below ``rules.min_trade`` or a hundredth of the account,
    whichever is smaller, are left out. A capped account never buys risk assets beyond its cap.

    Raises :class:`HoldingsError` for an account in another currency or without any value.
    """
    rules = default_rules(proposal) if rules is None else rules
    _check(proposal, portfolio, deposit)
    prices = {code: quote.price for code, quote in proposal.quotes.items()}
    funded = replace(portfolio, cash=portfolio.cash + deposit)
    value = _value(funded, prices)
    rules = replace(rules, min_trade=min(rules.min_trade, value // _SMALL))
    now = drift(current_weights(funded, prices), proposal.weights)
    if deposit:
        rules = replace(rules, buffer=max(rules.buffer, _kept_cash(proposal, prices, value)))
        plan: Plan | None = plan_deposit(proposal.weights, funded, prices, rules)
        reasons: tuple[Reason, ...] = (
            Reason.of("place.deposit", amount=money_text(deposit, proposal.currency)),
        )
    elif proposal.due or now > proposal.band:
        plan = plan_orders(proposal.weights, funded, prices, rules)
        kind = "place.model" if proposal.due else "place.band"
        reasons = (Reason.of(kind, drift=f"{now:.1%}", band=f"{proposal.band:.1%}"),)
    else:
        plan = None
        reasons = (Reason.of("place.hold", drift=f"{now:.1%}", band=f"{proposal.band:.1%}"),)
    orders = () if plan is None else _within_cap(proposal, funded, plan.orders, prices, value)
    fees = sum(order_fee(o.shares * o.price, _rate(o, rules)) for o in orders)
    return Decision(
        proposal=proposal,
        orders=orders,
        reasons=(*reasons, *(() if plan is None else plan.kept), *proposal.reasons),
        findings=(*_account_findings(proposal, portfolio), *proposal.findings),
        cash_after=funded.cash - sum(_spent(o) for o in orders) - fees,
        cost=fees,
        inputs_id=inputs_id(proposal.inputs, portfolio, deposit, rules),
    )


def _check(proposal: Proposal, portfolio: Portfolio, deposit: int) -> None:
    if portfolio.currency != proposal.currency:
        raise HoldingsError(
            f"the account is in {portfolio.currency}, the strategy trades in {proposal.currency}; "
            "choose a strategy of the account's currency"
        )
    if deposit < 0:
        amount = money_text(deposit, proposal.currency)
        raise UsageError(f"a deposit of {amount} is below zero; give new money only")
    if not portfolio.shares and portfolio.cash + deposit + sum(portfolio.unsettled.values()) <= 0:
        raise HoldingsError("the account is empty; give it cash, holdings or a deposit")


def _value(portfolio: Portfolio, prices: Mapping[str, int]) -> int:
    held = sum(n * prices[code] for code, n in portfolio.shares.items() if code in prices)
    return held + portfolio.cash + sum(portfolio.unsettled.values())


def _kept_cash(proposal: Proposal, prices: Mapping[str, int], value: int) -> int:
    """Return the cash that a deposit leaves: the strategy's share, once it buys any one fund.

    Below that, in a small account, the share would only be money that never gets invested.
    """
    dearest = max((prices[code] for code in proposal.weights if code != CASH), default=0)
    kept = int(proposal.weights[CASH] * value)
    return kept if kept >= dearest else 0


def _within_cap(
    proposal: Proposal,
    portfolio: Portfolio,
    orders: tuple[Order, ...],
    prices: Mapping[str, int],
    value: int,
) -> tuple[Order, ...]:
    """Return the orders with purchases of risk assets cut back to the account's cap."""
    if proposal.risk_cap is None:
        return orders
    counts = {order.ticker: order.shares for order in orders}
    after = dict(portfolio.shares)
    for order in orders:
        sign = 1 if order.side is Side.BUY else -1
        after[order.ticker] = after.get(order.ticker, 0) + sign * order.shares
    risk = sum(n * prices[c] for c, n in after.items() if c in proposal.risk and c in prices)
    buys = [o for o in orders if o.side is Side.BUY and o.ticker in proposal.risk]
    for order in sorted(buys, key=lambda o: (o.price, o.ticker)):
        excess = risk - proposal.risk_cap * value
        if excess <= 0:
            break
        cut = min(counts[order.ticker], int(-(-excess // order.price)))
        counts[order.ticker] -= cut
        risk -= cut * order.price
    kept = (replace(order, shares=counts[order.ticker]) for order in orders)
    return tuple(order for order in kept if order.shares > 0)


def _rate(order: Order, rules: TradeRules) -> Decimal:
    return rules.buy_fee if order.side is Side.BUY else rules.sell_fee


def _spent(order: Order) -> int:
    return order.shares * order.price * (1 if order.side is Side.BUY else -1)


def _account_findings(proposal: Proposal, portfolio: Portfolio) -> tuple[Finding, ...]:
    return tuple(
        Finding(proposal.as_of, code, "finding.unpriced_holding", Severity.NOTICE)
        for code in sorted(portfolio.shares)
        if code not in proposal.quotes
    )
