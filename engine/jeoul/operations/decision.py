"""From a proposal and an account to a plan that can be frozen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from jeoul.account.collar import Collar
from jeoul.account.file import CostSettings
from jeoul.account.orders import account_decision
from jeoul.model.amount import refuse_foreign
from jeoul.model.decision import Decision, Proposal
from jeoul.model.money import UNITS
from jeoul.model.portfolio import Order, Portfolio, Reason
from jeoul.model.snapshot import Seen
from jeoul.operations.desk.guards import Screened, screen
from jeoul.operations.desk.intents import PlannedOrder, RunPlan
from jeoul.operations.setup.config import Config
from jeoul.pipeline import Mandate, default_rules
from jeoul.pipeline.content import content_of
from jeoul.pipeline.graded_orders import within_limit
from jeoul.pipeline.inputs import versions
from jeoul.pipeline.measuring import risk_share
from jeoul.pipeline.paying import PaymentRules, placed_of
from jeoul.pipeline.premiums import without_dear_buys
from jeoul.pipeline.situation import Situation
from jeoul.rebalance import Fresh, TradeRules
from jeoul.reporting.measurements import measured_document


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision, the plan it amounts to, and what was cut from it or forbids it."""

    decision: Decision
    plan: RunPlan
    cut: tuple[Reason, ...]
    forbidden: tuple[Reason, ...]


def trade_rules(config: Config, proposal: Proposal) -> TradeRules:
    """Return how the account of a config trades: its fees, its reserve."""
    settings, unit = config.settings, UNITS[proposal.currency]
    refuse_foreign(proposal.currency, reserve=settings.cash.reserve)
    rules = default_rules(proposal, settings.broker.tariff(unit))
    return replace(rules, buffer=settings.cash.reserve * unit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What a decision depends on beside the proposal and the account.

    ``fresh`` is money that came in since the last run, ``traded`` what was already traded on the
    session of execution. ``first`` says that the account was never invested, ``safe`` that SAFE
    mode is on. ``seen`` identifies what was known of the market. ``attempt`` counts the session's
    plans, ``locked`` are shares by ticker that are held and cannot be sold. ``cause`` stands in
    for what the model says of itself where the rules have changed: a replay under new rules tells
    of cuts and re-entries that nobody has seen happen. ``diagnosis`` is what is kept of the answers
    behind the account, None without any. ``stops`` is why nothing is bought, None where buying is
    allowed. ``household`` is what is kept of the household's plan that this one is a part of.
    """

    fresh: Fresh
    traded: int
    safe: bool
    seen: Seen
    first: bool = False
    attempt: int = 1
    locked: Mapping[str, int] = field(default_factory=dict)
    cause: Reason | None = None
    diagnosis: Mapping[str, Any] | None = None
    stops: Reason | None = None
    household: Mapping[str, Any] = field(default_factory=dict)


def decide(
    config: Config,
    mandate: Mandate,
    proposal: Proposal,
    portfolio: Portfolio,
    given: Circumstances,
) -> Decided:
    """Return what an account does on a proposal, ready to be frozen."""
    rules = trade_rules(config, proposal)
    width = config.settings.broker.price_collar or 0.0
    decision = account_decision(
        proposal,
        portfolio,
        given.fresh,
        rules,
        proceeds=config.settings.cash.proceeds,
        collar=Collar.of(width, mandate.universe.instruments),
        situation=Situation(
            first=given.first, safe=given.safe, barred=mandate.barred, stops=given.stops
        ),
    )
    if given.cause is not None:
        account = ("place.", "operations.", "diagnosis.", "room.")
        own = (reason for reason in decision.reasons if reason.kind.startswith(account))
        decision = replace(decision, reasons=(given.cause, *own))
    return planned_by(config, mandate, decision, portfolio, given)


def planned_by(
    config: Config,
    mandate: Mandate,
    decision: Decision,
    portfolio: Portfolio,
    given: Circumstances,
) -> Decided:
    """Return a decision ready to be frozen: cut to what the account's own limits let through.

    Whoever decided, the account's limits, the broker's locks and the investor's grades hold, and
    nothing is bought too far above its net asset value.
    """
    proposal, rules = decision.proposal, trade_rules(config, decision.proposal)
    planned = [_planned(order) for order in decision.orders]
    screened = screen(
        planned,
        proposal,
        portfolio,
        config.settings.safety,
        traded=given.traded,
        payment=PaymentRules.of(rules, config.settings.cash.proceeds),
        locked=given.locked,
    )
    screened = _within_limit(screened, proposal, portfolio, rules)
    plan = RunPlan(
        account=config.settings.name,
        strategy=mandate.strategy.name,
        session=proposal.as_of,
        executed=proposal.executed,
        inputs_id=decision.inputs_id,
        document={
            **_document(config, mandate, decision, portfolio, screened.cut),
            "fresh": given.fresh.total,
            "sources": given.fresh._asdict(),
            "traded": given.traded,
            "first": given.first,
            "safe": given.safe,
            "snapshot": given.seen.digest,
            "valued": given.seen.valued.document(),
            "locked": dict(given.locked),
            "diagnosis": given.diagnosis,
            "stops": None if given.stops is None else [given.stops.kind, given.stops.detail],
            **given.household,
        },
        orders=screened.orders,
        attempt=given.attempt,
    )
    return Decided(decision, plan, screened.cut, screened.forbidden)


def _within_limit(
    screened: Screened, proposal: Proposal, portfolio: Portfolio, rules: TradeRules
) -> Screened:
    """Return what the investor's grades and net asset values let through after all other cuts.

    This is the last look before a plan; a sale that the broker has locked leaves the account as
    risky as it was.
    """
    orders = tuple(
        Order(
            side=o.side,
            ticker=o.ticker,
            shares=o.shares,
            price=o.price,
            reason=o.reason,
            limit=o.limit,
        )
        for o in screened.orders
    )
    placed = placed_of(orders, (), portfolio.cash, rules)
    found = without_dear_buys(proposal, portfolio, placed, rules)
    found = within_limit(proposal, portfolio, found, rules)
    if found is placed:
        return screened
    kept = tuple(map(_planned, found.orders))
    return replace(screened, orders=kept, cut=(*screened.cut, *found.reasons))


def _held_risk(mandate: Mandate, proposal: Proposal, portfolio: Portfolio) -> float | None:
    """Return the risk share of what the account holds before its orders.

    None where a holding has no price or no class, or the account is empty.
    """
    rules, quotes = mandate.strategy.overlay, proposal.quotes
    held = {code: count for code, count in portfolio.shares.items() if count}
    if rules is None or not held.keys() <= quotes.keys():
        return None
    value = portfolio.value({code: quote.price for code, quote in quotes.items()})
    weights = {code: count * quotes[code].price / value for code, count in held.items() if value}
    return risk_share(weights, proposal.classes, rules.risk_classes) if value else None


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
    cut: tuple[Reason, ...],
) -> Mapping[str, Any]:
    """Return everything that a replay needs beside the snapshot, and what it must come to.

    What the account's limits ``cut`` is among the reasons: the plan is frozen with it.
    """
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
        "why": asdict(proposal.why),
        "measured": {
            **measured_document(proposal.measured),
            "account_risk_share": _held_risk(mandate, proposal, portfolio),
        },
        "reasons": [[reason.kind, reason.detail] for reason in (*decision.reasons, *cut)],
        "findings": [
            [f.day.isoformat(), f.subject, f.kind, str(f.severity), f.detail]
            for f in decision.findings
        ],
        "others": decision.others,
        "priced": {
            order.ticker: proposal.quotes[order.ticker].session.isoformat()
            for order in decision.orders
        },
        "portfolio": {
            "shares": dict(portfolio.shares),
            "cash": portfolio.cash,
            "unsettled": {day.isoformat(): sum_ for day, sum_ in portfolio.unsettled.items()},
        },
        "inputs": proposal.inputs,
        "value": portfolio.value({code: q.price for code, q in proposal.quotes.items()}),
        "strategy": mandate.strategy.model_dump(mode="json", by_alias=True),
        "universe": mandate.universe.name,
        "suitability": rules.suitability,
        "rules": {"digest": rules.digest, "universe": rules.universe, "model": rules.model},
        "safety": config.settings.safety.model_dump(),
        "broker": broker.kind,
        **broker.model_dump(include=set(CostSettings.model_fields)),
        "collar": broker.price_collar,
        "reserve": config.settings.cash.reserve,
        "proceeds": config.settings.cash.proceeds,
        "versions": versions(),
    }
