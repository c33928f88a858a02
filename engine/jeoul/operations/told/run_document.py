"""A run as data: what the command line prints and notifications carry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from jeoul.market import describe
from jeoul.model.finding import Finding, Severity
from jeoul.model.money import shown
from jeoul.model.portfolio import SETTLED
from jeoul.operations.desk.intents import Intent, PlannedOrder, Run
from jeoul.operations.told.kept_why import told_why
from jeoul.reporting.reasons import reason_text


def run_document(
    run: Run, orders: Sequence[Intent] | Sequence[PlannedOrder], language: str
) -> dict[str, Any]:
    """Return a run with its orders as JSON values; prices in the currency's main unit."""
    stored = run.document
    return {
        "run_id": run.run_id,
        "profile": stored["profile"],
        "kind": stored["kind"],
        "as_of": run.session.isoformat(),
        "executed": run.executed.isoformat(),
        "simulated": stored["simulated"],
        "inputs_id": run.inputs_id,
        "overlay": {"state": stored["state"], "scale": stored["scale"]},
        "weights": stored["weights"],
        "why": told_why(stored, language),
        "measured": stored.get("measured"),  # older plans did not keep it
        "proceeds": stored.get("proceeds", SETTLED),  # older plans knew no other way
        "orders": [_dated(order, stored, language) for order in orders],
        "findings": [describe(finding_from(stored_), language) for stored_ in stored["findings"]],
        "other_findings": stored.get("others", 0),
    }


def _dated(
    order: Intent | PlannedOrder, stored: Mapping[str, Any], language: str
) -> dict[str, Any]:
    """Return an order with the session whose close is its price; plans of 0.1 did not keep it."""
    planned = order if isinstance(order, PlannedOrder) else order.order
    priced = stored.get("priced", {}).get(planned.ticker)
    return {**order_document(order, stored["currency"], language), "priced": priced}


def order_document(order: Intent | PlannedOrder, currency: str, language: str) -> dict[str, Any]:
    """Return an order as JSON values, with what became of it once it is an intent."""
    if isinstance(order, PlannedOrder):
        return _planned(order, currency, language)
    return {
        **_planned(order.order, currency, language),
        "order": order.name,
        "state": order.state,
        "broker_order": order.order_id,
        "filled": order.filled,
        "amount": shown(order.amount, currency),
        "fee": shown(order.fee, currency),
        "limit": None if order.limit is None else shown(order.limit, currency),
    }


def _planned(order: PlannedOrder, currency: str, language: str) -> dict[str, Any]:
    return {
        "side": str(order.side),
        "ticker": order.ticker,
        "shares": order.shares,
        "price": shown(order.price, currency),
        "limit": None if order.limit is None else shown(order.limit, currency),
        "reason": reason_text(order.reason, language),
        "code": order.reason.kind,
    }


def finding_from(stored: Sequence[Any]) -> Finding:
    """Return a finding as it was before it was stored."""
    day, subject, kind, severity, detail = stored
    return Finding(
        day=date.fromisoformat(day),
        subject=subject,
        kind=kind,
        severity=Severity(severity),
        detail=tuple((key, text) for key, text in detail),
    )
