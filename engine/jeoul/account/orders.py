"""What one account does on a target: the one decision of ``decide``, a run and a backtest."""

from __future__ import annotations

from dataclasses import replace

from jeoul.account.collar import Collar
from jeoul.model.decision import Decision, Proposal, Target
from jeoul.model.money import money_text
from jeoul.model.portfolio import SETTLED, Portfolio, Proceeds, Reason, Side
from jeoul.pipeline.claims import truthful
from jeoul.pipeline.graded_orders import within_limit
from jeoul.pipeline.paying import PaymentRules, Placed, cut_to, paid, paid_shares, placed_of
from jeoul.pipeline.placing import decision_of, orders_for
from jeoul.pipeline.premiums import without_dear_buys
from jeoul.pipeline.situation import USUAL, Situation, never_invested
from jeoul.rebalance import Fresh, TradeRules, spendable


def account_decision(
    proposal: Proposal,
    portfolio: Portfolio,
    fresh: Fresh,
    rules: TradeRules,
    *,
    owed: int = 0,
    proceeds: Proceeds = SETTLED,
    collar: Collar | None = None,
    situation: Situation | None = None,
) -> Decision:
    """Return what :func:`account_orders` come to as a decision on a proposal.

    With a ``collar`` every order has a limit, and buys are cut to what the money that may be spent
    pays at their limits; sales then count at theirs. What is kept in cash, the buffer or the money
    ``owed``, is there even then. Without a ``situation`` the holdings say whether the account was
    ever invested (:func:`~jeoul.pipeline.situation.never_invested`).
    """
    if situation is None:
        situation = Situation(first=never_invested(portfolio, proposal.classes))
    placed = account_orders(
        proposal, portfolio, fresh, rules, owed=owed, proceeds=proceeds, situation=situation
    )
    usable = spendable(portfolio, proceeds)
    if collar is not None:
        kept = replace(rules, buffer=max(rules.buffer, owed))
        placed = _limited(proposal, usable, placed, kept, proceeds, collar)
        placed = within_limit(proposal, usable, placed, rules)
    if situation.stops is not None:
        placed = _unbought(placed, situation.stops, usable.cash, rules)
    return decision_of(proposal, portfolio, placed, fresh.total - owed, rules, proceeds)


def account_orders(
    target: Target,
    portfolio: Portfolio,
    fresh: Fresh,
    rules: TradeRules,
    *,
    owed: int = 0,
    proceeds: Proceeds = SETTLED,
    situation: Situation = USUAL,
) -> Placed:
    """Return what an account does: follow the model or its band, else invest fresh money.

    An account that was never invested buys at once, whatever the calendar says.

    ``fresh`` is money that arrived since the last decision, deposits and settled sales; it is
    already in the portfolio's cash. Where nothing else is due it is invested without selling, so
    that what a sale brought does not wait for the next date of the calendar. While money of a sale
    is on its way the account sells nothing more unless the model trades or money is ``owed``, a
    withdrawal that could not be paid yet.

    Buys are paid from settled cash alone. With ``proceeds="reuse"`` they also spend money on its
    way and what the sales beside them bring; nothing waits for a settlement then. ``plan`` is the
    search for whole shares, before what settled cash does not pay is left out.
    """
    usable = spendable(portfolio, proceeds)
    if proceeds == "reuse":
        fresh = fresh._replace(settled=0)  # it could be spent since the sale
    placed = orders_for(target, usable, withdrawal=owed, rules=rules, situation=situation)
    if owed:
        # What is owed to the owner buys nothing, however much cash it is.
        rules = replace(rules, buffer=max(rules.buffer, owed))
    elif usable.unsettled and usable.money >= 0 and not target.due:
        placed = _without_sales(placed, usable)
    fresh = fresh.within(usable.cash)
    holds = placed.reasons[0].kind == "place.hold"
    if holds and not fresh.total:
        return placed  # most days of a backtest end here
    # A day without a trade still invests what has come in, as if it came to the account before.
    if holds:
        before = replace(usable, cash=usable.cash - fresh.total)
        flow = orders_for(target, before, deposit=fresh, rules=rules)
        placed = flow if flow.orders else placed
    plan = placed.plan
    placed = without_dear_buys(target, usable, placed, rules)
    placed = paid(target, usable, placed, rules, proceeds, fresh)
    return within_limit(target, usable, placed, rules)._replace(plan=plan)


def _unbought(placed: Placed, why: Reason, cash: int, rules: TradeRules) -> Placed:
    """Return the sales alone, and why nothing is bought where something would have been."""
    sales = tuple(order for order in placed.orders if order.side is Side.SELL)
    if sales == placed.orders:
        return placed
    return placed_of(sales, (*truthful(placed.reasons, sales), why), cash, rules)


def _without_sales(placed: Placed, portfolio: Portfolio) -> Placed:
    buys = tuple(order for order in placed.orders if order.side is Side.BUY)
    if buys == placed.orders:
        return placed
    coming = money_text(portfolio.incoming, portfolio.currency)
    why = Reason.of("place.sales_wait", amount=coming, day=max(portfolio.unsettled))
    return placed._replace(orders=buys, reasons=(*placed.reasons, why))


def _limited(
    target: Target,
    portfolio: Portfolio,
    placed: Placed,
    rules: TradeRules,
    proceeds: Proceeds,
    collar: Collar,
) -> Placed:
    """Return orders with limits, buys cut to what can be paid if all of them are filled there."""
    orders = tuple(
        replace(order, limit=collar.limit(order, rules, target.quotes[order.ticker].worth))
        for order in placed.orders
    )
    counts = paid_shares(orders, portfolio.cash - rules.buffer, PaymentRules.of(rules, proceeds))
    cut = tuple(
        Reason.of("place.cut", ticker=order.ticker, wanted=order.shares, allowed=count)
        for order, count in zip(orders, counts, strict=True)
        if count < order.shares
    )
    kept = cut_to(target, portfolio, orders, counts)
    reasons = (*truthful(placed.reasons, kept), *cut)
    return placed_of(kept, reasons, portfolio.cash, rules)
