"""The report as data: the same numbers as the page, without clock times, paths or durations."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from jeoul.messages import say
from jeoul.model.calendar import moment
from jeoul.model.decision import Decision, Proposal
from jeoul.model.finding import Finding
from jeoul.model.money import shown
from jeoul.model.portfolio import Order
from jeoul.promises.making import promise_of
from jeoul.promises.promise import promise_document
from jeoul.reporting.facts import Stance
from jeoul.reporting.measurements import market_document, measured_document, together
from jeoul.reporting.reasons import reason_text
from jeoul.reporting.stance import stance_document
from jeoul.reporting.why import why_document

if TYPE_CHECKING:
    from jeoul.backtesting import Summary


def order_document(order: Order, currency: str, language: str) -> dict[str, Any]:
    """Return an order as JSON values; prices in the currency's main unit."""
    return {
        "side": str(order.side),
        "ticker": order.ticker,
        "shares": order.shares,
        "price": shown(order.price, currency),
        "limit": None if order.limit is None else shown(order.limit, currency),
        "reason": reason_text(order.reason, language),
        "code": order.reason.kind,
    }


def summary_document(summary: Summary) -> dict[str, Any]:
    """Return a backtest's figures as JSON values; an undefined figure is null."""
    figures = {
        "cagr": summary.cagr,
        "volatility": summary.volatility,
        "max_drawdown": summary.max_drawdown,
        "sharpe": summary.sharpe,
        "turnover": summary.turnover,
        "cost": summary.cost,
        "proxy_share": summary.proxy_share,
        "total_return": summary.total_return,
        "total_turnover": summary.total_turnover,
        "total_cost": summary.total_cost,
    }
    return {
        "from": summary.start.isoformat(),
        "to": summary.end.isoformat(),
        **{name: None if math.isnan(value) else value for name, value in figures.items()},
    }


def decision_document(decision: Decision, language: str) -> dict[str, Any]:
    """Return one account's decision as JSON values; instants as ISO text that sorts."""
    proposal = decision.proposal
    return {
        "as_of": proposal.as_of.isoformat(),
        "simulated": proposal.simulated,
        "strategy": proposal.strategy,
        "profile": proposal.profile,
        "account": None,  # a decision is made for holdings, which have no name
        "kind": str(proposal.account),
        "known_at": moment(proposal.known_at).isoformat(),
        "decided_at": moment(proposal.decided_at).isoformat(),
        "executed_at": moment(proposal.executed_at).isoformat(),
        "allocation": proposal.allocation,
        "weights": proposal.weights,
        "why": why_document(proposal.why, proposal.weights, language),
        "overlay": _overlay(proposal, language),
        "promise": promise_document(promise_of(proposal)),
        "measured": measured_document(proposal.measured),
        "orders": _orders(decision, language),
        "proceeds": decision.proceeds,
        "cash_after": shown(decision.cash_after, proposal.currency),
        "cost": shown(decision.cost, proposal.currency),
        "reasons": [reason_text(reason, language) for reason in decision.reasons],
        "codes": [reason.kind for reason in decision.reasons],
        "findings": [finding_document(f, language) for f in decision.findings],
        "other_findings": decision.others,
        "inputs_id": decision.inputs_id,
    }


def profile_document(
    decision: Decision, summary: Summary, moved: float | None, language: str
) -> dict[str, Any]:
    """Return one profile of a report as JSON values: its decision, and what is measured of it.

    ``moved`` is by what share of the money the target rule of 0.1.0 would allocate differently.
    """
    return {
        **decision_document(decision, language),
        "moved": moved,
        "volatility": decision.proposal.volatility,
        "backtest": summary_document(summary),
    }


def report_document(
    decisions: Sequence[Decision],
    summaries: Sequence[Summary],
    moved: Sequence[float | None],
    stance: Sequence[Stance],
    inputs_id: str,
    language: str,
) -> dict[str, Any]:
    """Return a whole report as JSON values."""
    first = decisions[0].proposal
    return {
        "as_of": first.as_of.isoformat(),
        "simulated": first.simulated,
        "strategy": first.strategy,
        "account": None,
        "kind": str(first.account),
        "inputs_id": inputs_id,
        "market": market_document(
            together([decision.proposal.measured for decision in decisions]), language
        ),
        "stance": stance_document(stance, language),
        "profiles": [
            profile_document(decision, summary, share, language)
            for decision, summary, share in zip(decisions, summaries, moved, strict=True)
        ],
    }


def _orders(decision: Decision, language: str) -> list[dict[str, Any]]:
    """Return a decision's orders, each with the session whose close is its price."""
    proposal = decision.proposal
    return [
        {
            **order_document(order, proposal.currency, language),
            "priced": proposal.quotes[order.ticker].session.isoformat(),
        }
        for order in decision.orders
    ]


def _overlay(proposal: Proposal, language: str) -> dict[str, Any]:
    reasons = [reason for reason in proposal.reasons if reason.kind.startswith("overlay.")]
    return {
        "state": proposal.state,
        "scale": proposal.scale,
        "latches": dict(proposal.latches),
        "reasons": [reason_text(reason, language) for reason in reasons],
        "codes": [reason.kind for reason in reasons],
    }


def finding_document(finding: Finding, language: str) -> dict[str, Any]:
    """Return a finding as JSON values."""
    return {
        "date": finding.day.isoformat(),
        "subject": finding.subject,
        "kind": finding.kind,
        "severity": str(finding.severity),
        "message": say(language, finding.kind, dict(finding.detail)),
    }
