"""A shared proposal and its decision, held to the funds that one client excludes or caps."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace

from jeoul.account.restriction import Moved, Restriction, weights_within
from jeoul.model.decision import Decision, Proposal
from jeoul.model.portfolio import Portfolio, Reason, Side, signed_amount
from jeoul.pipeline.claims import truthful
from jeoul.pipeline.paying import cut_to, placed_of
from jeoul.rebalance import TradeRules


def restricted(proposal: Proposal, restriction: Restriction) -> Proposal:
    """Return a proposal whose target weights keep a client's restriction.

    :func:`~jeoul.account.restriction.weights_within` moves the weight that a fund may not have, and
    ``reasons`` say what was moved. The identity of the inputs covers the restriction too, so it
    changes even where no weight does.
    """
    if not restriction:
        return proposal
    weights, moved = weights_within(proposal.weights, proposal.classes, restriction)
    document = {"proposal": proposal.inputs, "restriction": restriction.document()}
    text = json.dumps(document, sort_keys=True, separators=(",", ":"))
    return replace(
        proposal,
        weights=weights,
        reasons=(*proposal.reasons, *(_reason(each, restriction) for each in moved)),
        inputs=hashlib.sha256(text.encode()).hexdigest(),
    )


def _reason(moved: Moved, restriction: Restriction) -> Reason:
    kind = "excluded" if moved.ticker in restriction.excluded else "capped"
    where = "_cash" if moved.to_cash else ""
    return Reason.of(f"firm.{kind}{where}", ticker=moved.ticker, moved=f"{moved.weight:.1%}")


def bought_within(
    decision: Decision, portfolio: Portfolio, restriction: Restriction, rules: TradeRules
) -> Decision:
    """Return a decision whose purchases keep a client's caps, to the share.

    ``portfolio`` includes the money that came in today. A fund that grew beyond its cap is not sold
    here; the next rebalancing reduces it.
    """
    if not restriction:
        return decision
    target = decision.proposal
    prices = {code: quote.price for code, quote in target.quotes.items()}
    value = portfolio.value(prices)
    counts = [
        order.shares
        if order.side is Side.SELL
        else min(order.shares, _room(order.ticker, portfolio, prices, value, restriction))
        for order in decision.orders
    ]
    if counts == [order.shares for order in decision.orders]:
        return decision
    kept = cut_to(target, portfolio, decision.orders, counts)
    why = Reason.of("firm.cap_cut")
    cash = decision.cash_after + decision.cost + sum(map(signed_amount, decision.orders))
    placed = placed_of(kept, (*truthful(decision.reasons, kept), why), cash, rules)
    return replace(
        decision,
        orders=placed.orders,
        reasons=placed.reasons,
        cash_after=placed.cash_after,
        cost=placed.cost,
    )


def _room(
    ticker: str,
    portfolio: Portfolio,
    prices: Mapping[str, int],
    value: int,
    restriction: Restriction,
) -> int:
    """Return how many more shares of a fund the client's cap allows."""
    most = restriction.most(ticker)
    if most is None:
        return 1 << 60
    held = portfolio.shares.get(ticker, 0)
    return max(0, int(most * value) // prices[ticker] - held)
