"""What a household's plan was made from, as JSON values: its accounts as they were looked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from jeoul.household.problem.lately import Traded
from jeoul.model.portfolio import Portfolio
from jeoul.operations.household.planning import Looked

_OF_THE_LAST = ("as_of", "scales")
"""What a plan reads of the one before it."""


def document_of_looks(accounts: Mapping[str, Looked]) -> dict[str, Any]:
    """Return accounts as they were looked at, for :func:`looks_of`."""
    return {name: _document(each) for name, each in accounts.items()}


def looks_of(document: Mapping[str, Any]) -> Mapping[str, Looked]:
    """Return the accounts that a plan was made from.

    >>> isa = Looked(
    ...     portfolio=Portfolio({"069500": 3}, 50_000, "KRW", {date(2026, 6, 30): 10}),
    ...     session=date(2026, 6, 26),
    ...     executed=date(2026, 6, 29),
    ...     costs={"069500": Decimal("37125.5")},
    ...     lately={"069500": Traded(5, 2)},
    ...     paid_in={2026: 3_000_000},
    ... )
    >>> looks_of(document_of_looks({"isa": isa})) == {"isa": isa}
    True
    """
    return {name: _looked(each) for name, each in document.items()}


def _document(looked: Looked) -> dict[str, Any]:
    portfolio = looked.portfolio
    return {
        "shares": dict(portfolio.shares),
        "cash": portfolio.cash,
        "currency": portfolio.currency,
        "unsettled": {day.isoformat(): won for day, won in portfolio.unsettled.items()},
        "session": looked.session.isoformat(),
        "executed": looked.executed.isoformat(),
        "costs": {code: str(cost) for code, cost in looked.costs.items()},
        "kept": {key: looked.kept[key] for key in _OF_THE_LAST if key in looked.kept},
        "lately": {code: list(found) for code, found in looked.lately.items()},
        "safe": looked.safe,
        "moved": looked.moved,
        "paid_in": {str(year): amount for year, amount in looked.paid_in.items()},
    }


def _looked(kept: Mapping[str, Any]) -> Looked:
    coming = {date.fromisoformat(day): won for day, won in kept["unsettled"].items()}
    return Looked(
        portfolio=Portfolio(kept["shares"], kept["cash"], kept["currency"], coming),
        session=date.fromisoformat(kept["session"]),
        executed=date.fromisoformat(kept["executed"]),
        costs={code: Decimal(cost) for code, cost in kept["costs"].items()},
        kept=kept["kept"],
        lately={code: _traded(found) for code, found in kept["lately"].items()},
        safe=kept["safe"],
        moved=kept.get("moved", 0),  # a plan of before it was kept asked for no money
        paid_in=_by_year(kept),
    )


def _traded(kept: int | Sequence[int]) -> Traded:
    """Return what was traded lately; a plan of before kept what was bought less what was sold."""
    return Traded.of(kept) if isinstance(kept, int) else Traded(*kept)


def _by_year(kept: Mapping[str, Any]) -> Mapping[int, int]:
    """Return what was paid in by year; a plan of before kept that of its own year alone."""
    found = kept.get("paid_in", {})
    if isinstance(found, int):
        return {date.fromisoformat(kept["session"]).year: found} if found else {}
    return {int(year): amount for year, amount in found.items()}
