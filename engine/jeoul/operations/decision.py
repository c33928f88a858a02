"""From a proposal and an account to a plan that can be frozen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from jeoul.account.orders import account_decision
from jeoul.model.decision import Decision, Proposal
from jeoul.model.money import UNITS, rate
from jeoul.model.portfolio import Order, Portfolio, Reason, Side
from jeoul.operations.desk.guards import screen
from jeoul.operations.desk.intents import Plan, PlannedOrder
from jeoul.operations.setup.config import Config, PaperSettings
from jeoul.pipeline import Mandate, default_rules
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
    """Return how the account of a config trades: its fee, its reserve."""
    settings = config.settings
    return replace(
        default_rules(proposal, rate(settings.broker.fee_rate)),
        buffer=settings.cash.reserve * UNITS[proposal.currency],
    )


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a decision meets beside the account's books.

    ``fresh`` is money that came in since the last run, ``traded`` what was already traded on the
    session of execution, ``safe`` says that SAFE mode is on, ``locked`` are shares by ticker that
    are held and cannot be sold.
    """

    fresh: int
    traded: int
    safe: bool
    locked: Mapping[str, int] = field(default_factory=dict)


def decide(
    config: Config,
    mandate: Mandate,
    proposal: Proposal,
    portfolio: Portfolio,
    met: Circumstances,
    *,
    snapshot: str,
) -> Decided:
    """Return what an account does on a proposal, ready to be frozen.

    ``snapshot`` is the digest of what was seen.
    """
    rules = trade_rules(config, proposal)
    decision = account_decision(proposal, portfolio, max(met.fresh, 0), rules)
    planned = [_planned(config, mandate, order, rules) for order in decision.orders]
    screened = screen(
        planned,
        proposal,
        portfolio,
        config.settings.safety,
        safe=met.safe,
        traded=met.traded,
        fee_rate=rules.buy_fee,
        locked=met.locked,
    )
    plan = Plan(
        account=config.settings.name,
        strategy=proposal.strategy,
        session=proposal.as_of,
        executed=proposal.executed,
        inputs_id=decision.inputs_id,
        document={
            **_document(config, mandate, decision, portfolio),
            "fresh": met.fresh,
            "traded": met.traded,
            "safe": met.safe,
            "snapshot": snapshot,
            "locked": dict(met.locked),
        },
        orders=screened.orders,
    )
    return Decided(decision, plan, screened.cut, screened.forbidden)


def _planned(config: Config, mandate: Mandate, order: Order, rules: TradeRules) -> PlannedOrder:
    limit = None
    broker = config.settings.broker
    if not isinstance(broker, PaperSettings):
        multiple = mandate.universe.instruments[order.ticker].multiple
        limit = limit_price(order, Decimal(str(broker.collar)), multiple, rules)
    return PlannedOrder(order.side, order.ticker, order.shares, order.price, limit, order.reason)


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
        "strategy": mandate.strategy.model_dump(mode="json", by_alias=True),
        "universe": mandate.universe.name,
        "safety": config.settings.safety.model_dump(),
        "broker": broker.kind,
        "fee_rate": broker.fee_rate,
        "collar": None if isinstance(broker, PaperSettings) else broker.collar,
        "reserve": config.settings.cash.reserve,
        "versions": versions(),
    }
