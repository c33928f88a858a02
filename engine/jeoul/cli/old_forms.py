"""The JSON of 0.1, for programs that ask for it with ``--json=1``; 0.3 no longer prints it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Document = Mapping[str, Any]


def _renamed(document: Document, **names: str) -> dict[str, Any]:
    return {names.get(key, key): value for key, value in document.items()}


def _kind_as_account(document: Document) -> dict[str, Any]:
    """Return a document in which ``account`` is the kind of the account."""
    rest = {key: value for key, value in document.items() if key != "account"}
    return _renamed(rest, kind="account")


def _backtest(document: Document) -> dict[str, Any]:
    rest = {key: value for key, value in document.items() if key not in ("account", "kind")}
    return _renamed(rest, account_run="account")


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
    "decide": _kind_as_account,
    "guard": lambda document: document.get("events", document.get("sessions")),
    "history": lambda document: document["entries"],
    "plan": _plan,
    "recommend": _recommend,
    "report": _kind_as_account,
}
"""What the new document of a command was before, by command."""
