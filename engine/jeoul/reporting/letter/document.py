"""A letter as data: the same facts as the page, ``jeoul.letter/1``."""

from __future__ import annotations

from typing import Any

from jeoul.reporting.letter.facts import LetterFacts, LetterPart, Managed
from jeoul.reporting.reasons import reason_text
from jeoul.reporting.statement.document import statement_document


def letter_document(facts: LetterFacts, language: str) -> dict[str, Any]:
    """Return a letter as JSON values, names in ``ko`` or ``en``; amounts are whole won."""
    costs, trades = facts.costs, facts.trades
    return {
        "quarter": facts.quarter,
        "simulated": facts.statement.simulated,
        "statement": statement_document(facts.statement, language),
        "managed": [_managed(each, language) for each in facts.managed],
        "classes": [_part(each, language) for each in facts.by_class],
        "currencies": [_part(each, language) for each in facts.by_currency],
        "holdings": [
            {
                "ticker": each.code,
                "name": each.name.into(language),
                "class": each.asset_class,
                "value": each.value,
                "share": each.share,
            }
            for each in facts.holdings
        ],
        "costs": {
            "mean_value": costs.mean_value,
            "trading": costs.trading,
            "trading_rate": costs.trading_rate,
            "funds_rate": costs.funds_rate,
            "total_rate": costs.total_rate,
            "unknown": costs.unknown,
        },
        "turnover": {
            "bought": trades.bought,
            "sold": trades.sold,
            "turnover": trades.turnover,
            "turnover_a_year": trades.turnover_rate,
        },
        "trades": [
            {
                "session": each.session.isoformat(),
                "account": each.account,
                "side": each.side,
                "ticker": each.code,
                "name": each.name.into(language),
                "shares": each.shares,
                "amount": each.amount,
                "reason": reason_text(each.reason, language),
            }
            for each in facts.traded
        ],
        "changes": [
            {
                "account": each.account,
                "session": each.session.isoformat(),
                "keys": [
                    {"key": key, "before": before, "now": now} for key, before, now in each.keys
                ],
                "accepted_by": each.by,
                "promoted": each.promoted,
            }
            for each in facts.changed
        ],
    }


def _managed(each: Managed, language: str) -> dict[str, Any]:
    return {
        "account": each.id,
        "profile": each.profile,
        "strategy": each.strategy.into(language),
        "sessions": each.lived,
        "missed": each.missed,
        "scale": each.scale,
        "scaled": [
            {
                "session": moved.session.isoformat(),
                "before": moved.before,
                "now": moved.now,
                "reasons": [reason_text(reason, language) for reason in moved.reasons],
            }
            for moved in each.scaled
        ],
        "compared": [
            {
                "span": row.span,
                "from": row.start.isoformat(),
                "return": row.own,
                "benchmark": row.benchmark,
                "tracking_error": row.tracking_error,
                "tracking_error_error": row.error,
            }
            for row in each.compared
        ],
        "course": [
            [str(day), float(unit), float(benchmark)]
            for day, unit, benchmark in zip(each.sessions, each.unit, each.benchmark, strict=True)
        ],
    }


def _part(part: LetterPart, language: str) -> dict[str, Any]:
    return {
        "key": part.key,
        "name": part.name.into(language),
        "before": part.before,
        "now": part.now,
    }
