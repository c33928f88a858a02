"""The JSON of 0.1, for programs that ask for it with ``--json=1``; 0.3 no longer prints it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Document = Mapping[str, Any]
_PERSON = ("diagnosis", "suitability")
_DECISION = (
    *("account", "as_of", "cash_after", "decided_at", "executed_at", "inputs_id", "kind"),
    *("known_at", "simulated", "strategy"),
)
"""What a profile of a report did not repeat of a decision."""


def _renamed(document: Document, **names: str) -> dict[str, Any]:
    return {names.get(key, key): value for key, value in document.items()}


def _without(document: Document, *names: str) -> dict[str, Any]:
    return {key: value for key, value in document.items() if key not in names}


def _kind_as_account(document: Document) -> dict[str, Any]:
    """Return a document in which ``account`` is the kind of the account."""
    return _renamed(_without(document, "account"), kind="account")


def _orders(document: Document) -> dict[str, Any]:
    """Return a decision or a profile of a report with the keys of 0.1."""
    later = (
        "codes",
        "measured",
        "moved",
        "newest_price",
        "notes",
        "outside",
        "proceeds",
        "promise",
        "why",
    )
    rest = _without(document, *later, *_PERSON)
    orders = [_without(order, "code", "limit", "priced") for order in document["orders"]]
    overlay = _without(document["overlay"], "codes")
    return {**_without(rest, "other_findings", "why"), "overlay": overlay, "orders": orders}


def _decide(document: Document) -> dict[str, Any]:
    return _orders(_kind_as_account(document))


def _report(document: Document) -> dict[str, Any]:
    profiles = [
        {
            **_without(_orders(profile), *_DECISION, "attainable", "past"),
            "backtest": _figures(profile["backtest"]),
        }
        for profile in document["profiles"]
    ]
    rest = _without(
        _kind_as_account(document),
        "holdings",
        "household",
        "market",
        "newest_price",
        "notes",
        *_PERSON,
    )
    return {**rest, "profiles": profiles}


def _figures(document: Document) -> dict[str, Any]:
    return _without(document, "total_cost", "total_return", "total_turnover")


def _backtest(document: Document) -> dict[str, Any]:
    rest = _without(document, "account", "findings", "kind", "notes", "other_findings", *_PERSON)
    figures: dict[str, Any] = {
        key: _figures(rest[key]) for key in ("metrics", "account_run") if key in rest
    }
    return _renamed({**rest, **figures}, account_run="account")


def _plan(document: Document) -> dict[str, Any]:
    return {**document, "pours": [_pour(pour) for pour in document["pours"]]}


def _pour(pour: Document) -> dict[str, Any]:
    return _renamed({key: value for key, value in pour.items() if key != "kind"}, step="account")


def _recommend(document: Document) -> dict[str, Any]:
    lists = ("ranked", "ruled_out")
    return {**document, **{k: [_renamed(e, kinds="accounts") for e in document[k]] for k in lists}}


def _compare_accounts(document: Document) -> dict[str, Any]:
    return {**document, "routes": [_renamed(route, kind="account") for route in document["routes"]]}


OLD: Mapping[str, Callable[[Document], Any]] = {
    "backtest": _backtest,
    "compare-accounts": _compare_accounts,
    "decide": _decide,
    "guard": lambda document: document.get("events", document.get("sessions")),
    "history": lambda document: document["entries"],
    "plan": _plan,
    "recommend": _recommend,
    "report": _report,
}
"""What the new document of a command was before, by command."""
