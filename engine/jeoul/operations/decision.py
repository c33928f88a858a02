"""From a proposal and an account to a plan that can be frozen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from jeoul.account.file import CostSettings
from jeoul.account.orders import account_decision
from jeoul.model.decision import Decision, Proposal
from jeoul.model.money import UNITS
from jeoul.model.portfolio import Order, Portfolio, Reason, Side
from jeoul.operations.desk.guards import screen
from jeoul.operations.desk.intents import Plan, PlannedOrder
from jeoul.operations.setup.config import Config
from jeoul.pipeline import Mandate, default_rules
from jeoul.pipeline.content import content_of
from jeoul.pipeline.inputs import versions
from jeoul.rebalance import TradeRules, price_limits, round_to_tick


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision, the plan it amounts to, and what was cut from it or forbids it."""

    decision: Decision
    plan: Plan
    cut: tuple[Reason, ...]
    forbidden: tuple[Reason, ...]


def trade_rules(config: Config, proposal: Proposal) -> TradeRules:
    """Return how the account of a config trades: its fees, its reserve."""
    settings, unit = config.settings, UNITS[proposal.currency]
    rules = default_rules(proposal, settings.broker.tariff(unit))
    return replace(rules, buffer=settings.cash.reserve * unit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What a decision depends on beside the proposal and the account.

    ``fresh`` is money that came in since the last run, ``traded`` what was already traded on the
    session of execution. ``snapshot`` is the digest of what was seen. ``attempt`` counts the plans
    of the session, ``locked`` are shares by ticker that are held and cannot be sold. ``cause``
    stands in for what the model says of itself where the rules have changed: a replay under new
    rules tells of cuts and re-entries that nobody has seen happen.
    """

    fresh: int
    traded: int
    safe: bool
    snapshot: str
    attempt: int = 1
    locked: Mapping[str, int] = field(default_factory=dict)
    cause: Reason | None = None


def decide(
    config: Config,
    mandate: Mandate,
    proposal: Proposal,
    portfolio: Portfolio,
    given: Circumstances,
) -> Decided:
    """Return what an account does on a proposal, ready to be frozen."""
    rules = trade_rules(config, proposal)
    decision = account_decision(proposal, portfolio, max(given.fresh, 0), rules)
    if given.cause is not None:
        own = (reason for reason in decision.reasons if reason.kind.startswith("place."))
        decision = replace(decision, reasons=(given.cause, *own))
    planned = [_planned(config, mandate, order, rules) for order in decision.orders]
    screened = screen(
        planned,
        proposal,
        portfolio,
        config.settings.safety,
        safe=given.safe,
        traded=given.traded,
        fees=rules.tariff(Side.BUY),
        locked=given.locked,
    )
    plan = Plan(
        account=config.settings.name,
        strategy=mandate.strategy.name,
        session=proposal.as_of,
        executed=proposal.executed,
        inputs_id=decision.inputs_id,
        document={
            **_document(config, mandate, decision, portfolio),
            "fresh": given.fresh,
            "traded": given.traded,
            "safe": given.safe,
            "snapshot": given.snapshot,
            "locked": dict(given.locked),
        },
        orders=screened.orders,
        attempt=given.attempt,
    )
    return Decided(decision, plan, screened.cut, screened.forbidden)


def _planned(config: Config, mandate: Mandate, order: Order, rules: TradeRules) -> PlannedOrder:
    limit = None
    collar = config.settings.broker.price_collar
    if collar is not None:
        multiple = mandate.universe.instruments[order.ticker].multiple
        limit = limit_price(order, Decimal(str(collar)), multiple, rules)
    return PlannedOrder(
        side=order.side,
        ticker=order.ticker,
        shares=order.shares,
        price=order.price,
        limit=limit,
        reason=order.reason,
    )


def limit_price(order: Order, collar: Decimal, multiple: float, rules: TradeRules) -> int:
    """Return the worst price of an order: a collar around its price, on a tick, inside the limits.

    >>> from jeoul.rebalance import ETF_TICKS
    >>> buy = Order(Side.BUY, "069500", 1, 36_415, Reason("x"))
    >>> limit_price(buy, Decimal("0.02"), 1.0, TradeRules(ticks=ETF_TICKS))
    37140
    """
    limits = price_limits(order.price, multiple, rules.ticks)
    if order.side is Side.BUY:
        wanted = round_to_tick(int(order.price * (1 + collar)), "down", rules.ticks)
        return min(max(wanted, order.price), limits.upper)
    wanted = round_to_tick(max(int(order.price * (1 - collar)), 1), "up", rules.ticks)
    return max(min(wanted, order.price), limits.lower)


def _document(
    config: Config,
    mandate: Mandate,
    decision: Decision,
    portfolio: Portfolio,
) -> Mapping[str, Any]:
    """Return everything that a replay needs beside the snapshot, and what it must come to."""
    proposal, broker = decision.proposal, config.settings.broker
    rules = content_of(mandate)
    return {
        "profile": proposal.profile,
        "kind": str(proposal.account),
        "currency": proposal.currency,
        "simulated": proposal.simulated,
        "state": proposal.state,
        "scale": proposal.scale,
        "due": proposal.due,
        "allocation": proposal.allocation,
        "weights": proposal.weights,
        "reasons": [[reason.kind, reason.detail] for reason in decision.reasons],
        "findings": [
            [f.day.isoformat(), f.subject, f.kind, str(f.severity), f.detail]
            for f in decision.findings
        ],
        "portfolio": {
            "shares": dict(portfolio.shares),
            "cash": portfolio.cash,
            "unsettled": {day.isoformat(): sum_ for day, sum_ in portfolio.unsettled.items()},
        },
        "inputs": proposal.inputs,
        "value": portfolio.value({code: q.price for code, q in proposal.quotes.items()}),
        "strategy": mandate.strategy.model_dump(mode="json", by_alias=True),
        "universe": mandate.universe.name,
        "rules": {"digest": rules.digest, "universe": rules.universe, "model": rules.model},
        "safety": config.settings.safety.model_dump(),
        "broker": broker.kind,
        **broker.model_dump(include=set(CostSettings.model_fields)),
        "collar": broker.price_collar,
        "reserve": config.settings.cash.reserve,
        "versions": versions(),
    }
