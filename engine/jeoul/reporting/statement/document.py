"""A statement as data: the same facts as the page, ``jeoul.statement/1``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jeoul.reporting.hindsight.document import summaries_document
from jeoul.reporting.measurements import span_document
from jeoul.reporting.statement.facts import (
    AccountFacts,
    AccountReview,
    DecisionsDone,
    Drift,
    Paying,
    Returns,
    ReturnWindow,
    SpanFigures,
    StatementFacts,
    YearTax,
)


def statement_document(facts: StatementFacts, language: str) -> dict[str, Any]:
    """Return a statement as JSON values, names in ``ko`` or ``en``; amounts are whole won.

    Rates are decimal fractions, null where they are undefined. ``path`` has day, value, net money
    paid in and what one unit is worth, for every session.
    """
    source = facts.inflation
    return {
        **figures_document(facts.figures),
        "name": facts.name,
        "title": facts.title,
        "simulated": facts.simulated,
        "source": facts.source,
        "windows": _windows(facts.windows),
        "accounts": [_account(account, language) for account in facts.accounts],
        "left_out": list(facts.left_out),
        "undated": list(facts.undated),
        "inflation_source": None if source is None else source._asdict(),
        "exchange_rates": facts.rates,
        "law": facts.law,
        "years": [_year(tax) for tax in facts.taxes],
        "path": [[each.day.isoformat(), each.value, each.paid, each.unit] for each in facts.path],
    }


def figures_document(figures: SpanFigures) -> dict[str, Any]:
    """Return the figures of a span; ``gain`` is value - opening - paid_in + taken_out."""
    return {
        "from": figures.start.isoformat(),
        "to": figures.end.isoformat(),
        "opening": figures.opening,
        "value": figures.value,
        "paid_in": figures.paid_in,
        "taken_out": figures.taken_out,
        "gain": figures.gain,
        "costs": figures.costs,
        "taxes": figures.taxes,
        "distributions": figures.distributions,
        "interest": figures.interest,
        "unexplained": figures.unexplained,
        "currency_gain": figures.currency_gain,
        **_returns(figures.returns),
    }


def _returns(returns: Returns) -> dict[str, Any]:
    return {
        "time_weighted": returns.time_weighted,
        "money_weighted": returns.money_weighted,
        "total_return": returns.total_return,
        "money_return": returns.money_return,
        "currency_return": returns.currency,
        "inflation": returns.inflation,
        "real_return": returns.real_return,
        "real_time_weighted": returns.real_yearly,
    }


def _windows(windows: Sequence[ReturnWindow]) -> list[dict[str, Any]]:
    return [
        {
            "span": window.name,
            "from": window.start.isoformat(),
            "returns": None if window.returns is None else _returns(window.returns),
        }
        for window in windows
    ]


def _account(account: AccountFacts, language: str) -> dict[str, Any]:
    return {
        "id": account.id,
        **figures_document(account.figures),
        "title": account.title.into(language),
        "kind": account.kind,
        "currency": account.currency,
        "source": account.source,
        "session": account.session.isoformat(),
        "windows": _windows(account.windows),
        "decided": None if account.done is None else _done(account.done, language),
        "drift": None if account.drift is None else _drift(account.drift, language),
        "income": _income(account.income, language),
        "unpriced": list(account.unpriced),
        "approximate": account.approximate,
        "outcomes": None if account.review is None else _outcomes(account.review, language),
        "measured": None if account.review is None else span_document(account.review.measured),
    }


def _outcomes(review: AccountReview, language: str) -> list[dict[str, Any]]:
    return summaries_document(review.outcomes, language)


def _done(done: DecisionsDone, language: str) -> dict[str, Any]:
    return {
        "runs": done.runs,
        "orders": done.orders,
        "filled_whole": done.whole,
        "planned": done.planned,
        "filled": done.filled,
        "slippage": done.slippage,
        "missed": [
            {
                "session": each.session.isoformat(),
                "side": each.side,
                "ticker": each.code,
                "name": each.name.into(language),
                "planned": each.planned,
                "filled": each.filled,
                "state": each.state,
            }
            for each in done.missed
        ],
    }


def _drift(drift: Drift, language: str) -> dict[str, Any]:
    return {
        "session": drift.session.isoformat(),
        "drift": drift.drift,
        "planned_together": drift.with_others,
        "weights": [
            {
                "ticker": each.code,
                "name": each.name.into(language),
                "target": each.target,
                "now": each.now,
            }
            for each in drift.weights
        ],
    }


def _income(income: Sequence[Paying] | None, language: str) -> dict[str, Any] | None:
    if income is None:
        return None
    return {
        "a_year": sum(each.amount for each in income),
        "funds": [
            {
                "ticker": each.code,
                "name": each.name.into(language),
                "shares": each.shares,
                "per_share": each.per_share,
                "amount": each.amount,
            }
            for each in income
        ],
    }


def _year(tax: YearTax) -> dict[str, Any]:
    return {
        "person": tax.person or None,
        "year": tax.year,
        "over": tax.whole,
        "withheld": tax.withheld,
        "assessed": None if tax.assessed is None else tax.assessed._asdict(),
    }
