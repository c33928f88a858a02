"""A shared proposal within what one client excludes and caps."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace

from jeoul.firm.records import Restriction
from jeoul.model.decision import Decision, Proposal
from jeoul.model.portfolio import CASH, Portfolio, Reason, Side, Weights, signed_amount
from jeoul.pipeline.claims import truthful
from jeoul.pipeline.paying import cut_to, placed_of
from jeoul.rebalance import TradeRules


def restricted(proposal: Proposal, restriction: Restriction) -> Proposal:
    """Return a proposal whose target weights keep a client's restriction.

    What a fund may not have goes to the other funds of its class in proportion to their weights,
    each up to its own cap; what none of them takes is cash. The identity of the inputs changes with
    it, and ``reasons`` say what was moved. Without a restriction that binds, only the identity
    differs.
    """
    if not restriction:
        return proposal
    weights = dict(proposal.weights)
    moved: list[Reason] = []
    for name in sorted(set(proposal.classes.values())):
        members = [code for code in weights if proposal.classes.get(code) == name]
        moved += _within(weights, members, restriction)
    document = {"proposal": proposal.inputs, "restriction": restriction.document()}
    text = json.dumps(document, sort_keys=True, separators=(",", ":"))
    return replace(
        proposal,
        weights=weights,
        reasons=(*proposal.reasons, *moved),
        inputs=hashlib.sha256(text.encode()).hexdigest(),
    )


def _within(weights: Weights, members: list[str], restriction: Restriction) -> list[Reason]:
    """Bring the funds of one class within their limits, in place; return what was moved."""
    most = {code: restriction.most(code) for code in members}
    over = {
        code: weights[code] - float(limit)
        for code, limit in most.items()
        if limit is not None and weights[code] > float(limit)
    }
    for code, excess in over.items():
        weights[code] -= excess
    left = sum(over.values())
    open_ = [code for code in members if code not in over and weights[code] > 0.0]
    while left > 0.0 and open_:
        base = sum(weights[code] for code in open_)
        grown = {code: weights[code] * (1.0 + left / base) for code in open_}
        full = [c for c in open_ if (limit := most[c]) is not None and grown[c] > float(limit)]
        for code in full or open_:
            limit = most[code]
            wanted = float(limit) if full and limit is not None else grown[code]
            left -= wanted - weights[code]
            weights[code] = wanted
        if not full:
            left = 0.0
        open_ = [code for code in open_ if code not in full]
    weights[CASH] = weights.get(CASH, 0.0) + max(left, 0.0)
    return [
        Reason.of(
            "firm.excluded" if code in restriction.excluded else "firm.capped",
            ticker=code,
            moved=f"{excess:.1%}",
        )
        for code, excess in over.items()
    ]


def bought_within(
    decision: Decision, portfolio: Portfolio, restriction: Restriction, rules: TradeRules
) -> Decision:
    """Return a decision whose purchases end within a client's caps, to the share.

    ``portfolio`` has the money that came in today. A fund that grew beyond its cap is not sold for
    it; the next rebalancing reduces it.
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
    """Return how many more shares of a fund the cap leaves room for."""
    most = restriction.most(ticker)
    if most is None:
        return 1 << 60
    held = portfolio.shares.get(ticker, 0)
    return max(0, int(most * value) // prices[ticker] - held)
