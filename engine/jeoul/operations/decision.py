"""From a proposal and an account to a plan that can be frozen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from jeoul.account.collar import Collar
from jeoul.account.file import CostSettings
from jeoul.account.orders import account_decision
from jeoul.model.decision import Decision, Proposal
from jeoul.model.money import UNITS
from jeoul.model.portfolio import Order, Portfolio, Reason, Side
from jeoul.operations.desk.guards import screen
from jeoul.operations.desk.intents import Plan, PlannedOrder
from jeoul.operations.setup.config import Config
from jeoul.pipeline import Mandate, default_rules
from jeoul.pipeline.inputs import versions
from jeoul.rebalance import Fresh, TradeRules


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


def decide(
    config: Config,
    mandate: Mandate,
    proposal: Proposal,
    portfolio: Portfolio,
    *,
    fresh: Fresh,
    traded: int,
    safe: bool,
    snapshot: str,
) -> Decided:
    """Return what an account does on a proposal, ready to be frozen.

    ``fresh`` is money that came in since the last run, ``traded`` what was already traded on the
    session of execution. ``snapshot`` is the digest of what was seen.
    """
    rules, proceeds = trade_rules(config, proposal), config.settings.cash.proceeds
    width = config.settings.broker.price_collar or 0.0
    decision = account_decision(
        proposal,
        portfolio,
        fresh,
        rules,
        proceeds=proceeds,
        collar=Collar.of(width, mandate.universe.instruments),
    )
    planned = [_planned(order) for order in decision.orders]
    screened = screen(
        planned,
        proposal,
        portfolio,
        config.settings.safety,
        safe=safe,
        traded=traded,
        fees=rules.tariff(Side.BUY),
        proceeds=proceeds,
    )
    plan = Plan(
        account=config.settings.name,
        strategy=proposal.strategy,
        session=proposal.as_of,
        executed=proposal.executed,
        inputs_id=decision.inputs_id,
        document={
            **_document(config, mandate, decision, portfolio),
            "fresh": fresh.total,
            "sources": fresh._asdict(),
            "traded": traded,
            "safe": safe,
            "snapshot": snapshot,
        },
        orders=screened.orders,
    )
    return Decided(decision, plan, screened.cut, screened.forbidden)


def _planned(order: Order) -> PlannedOrder:
    return PlannedOrder(
        side=order.side,
        ticker=order.ticker,
        shares=order.shares,
        price=order.price,
        limit=order.limit,
        reason=order.reason,
    )


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
        **broker.model_dump(include=set(CostSettings.model_fields)),
        "collar": broker.price_collar,
        "reserve": config.settings.cash.reserve,
        "proceeds": config.settings.cash.proceeds,
        "versions": versions(),
    }
