"""Decisions looked back at, as JSON values; money in the currency's main unit."""

from __future__ import annotations

from typing import Any

from jeoul.account.hindsight.found import Hindsight
from jeoul.account.hindsight.records import HORIZONS, HindsightOutcome, LookedBack, TradedOrder
from jeoul.account.hindsight.summary import HindsightSummary
from jeoul.model.money import shown
from jeoul.reporting.hindsight.words import HindsightWords


def hindsight_document(found: Hindsight, language: str) -> dict[str, Any]:
    """Return the decisions of an account with their outcomes and summaries as JSON values."""
    words = HindsightWords(found, language)
    return {
        "last": found.last.isoformat(),
        "currency": found.currency,
        "simulated": found.simulated,
        "method": list(words.method()),
        "summaries": summaries_document(found, language),
        "decisions": [_decision(found, each) for each in found.decisions],
    }


def summaries_document(found: Hindsight, language: str) -> list[dict[str, Any]]:
    """Return what the decisions come to by cause and horizon as JSON values."""
    words = HindsightWords(found, language)
    return [_summary(found, each) | {"text": words.summary(each)} for each in found.summaries]


def _summary(found: Hindsight, summary: HindsightSummary) -> dict[str, Any]:
    return {
        "cause": summary.cause,
        "days": summary.days,
        "known": summary.known,
        "pending": summary.pending,
        "apart": summary.apart,
        "better": summary.better,
        "better_range": summary.better_range and list(summary.better_range),
        "mean": summary.mean,
        "mean_range": summary.mean_range and list(summary.mean_range),
        "total": _money(found, summary.total),
    }


def _decision(found: Hindsight, looked: LookedBack) -> dict[str, Any]:
    decision = looked.decision
    known = looked.outcomes
    return {
        "session": decision.session.isoformat(),
        "cause": decision.cause,
        "runs": list(decision.runs),
        "value": _money(found, decision.value),
        "orders": [_order(found, each) for each in decision.orders],
        "outcomes": [_outcome(found, each) for each in known.values()],
        "pending": [] if looked.unpriced else [days for days in HORIZONS if days not in known],
        "unpriced": list(looked.unpriced),
    }


def _order(found: Hindsight, order: TradedOrder) -> dict[str, Any]:
    return {
        "session": order.session.isoformat(),
        "side": str(order.side),
        "ticker": order.ticker,
        "shares": order.shares if found.parts == 1 else order.shares / found.parts,
        "amount": _money(found, order.amount),
        "cost": _money(found, order.cost),
        "tax": _money(found, order.tax),
    }


def _outcome(found: Hindsight, outcome: HindsightOutcome) -> dict[str, Any]:
    return {
        "days": outcome.days,
        "date": outcome.day.isoformat(),
        "untraded": _money(found, outcome.untraded),
        "traded": _money(found, outcome.traded),
        "effect": _money(found, outcome.effect),
        "by_order": [_money(found, each) for each in outcome.by_order],
    }


def _money(found: Hindsight, amount: int) -> int | float:
    whole = shown(amount, found.currency)
    return whole if found.parts == 1 else whole / found.parts
