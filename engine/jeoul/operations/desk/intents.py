"""Runs and order intents as the ledger keeps them: frozen once, then only events are added."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from jeoul.model.portfolio import Reason, Side
from jeoul.operations.ledger import Ledger, StoredRow, unfinished
from jeoul.rebalance import Tariff

TERMINAL = frozenset({"refused", "filled", "closed", "expired"})


@dataclass(frozen=True, slots=True)
class PlannedOrder:
    """An order of a plan: ``price`` is what it was sized with, ``limit`` the worst one allowed."""

    side: Side
    ticker: str
    shares: int
    price: int
    limit: int | None
    reason: Reason

    def __str__(self) -> str:
        return f"{self.side} {self.shares} {self.ticker}"


@dataclass(frozen=True, slots=True)
class RunPlan:
    """A decision ready to be frozen: one account, one strategy, one session.

    ``attempt`` counts the plans of the session: one that no longer fitted lapsed, and the session
    was decided on again.
    """

    account: str
    strategy: str
    session: date
    executed: date
    inputs_id: str
    document: Mapping[str, Any]
    orders: tuple[PlannedOrder, ...]
    attempt: int = 1

    @property
    def run_id(self) -> str:
        """Return the name of the run: the same decision always has the same."""
        first = f"{self.account}.{self.strategy}.{self.session.isoformat()}"
        return first if self.attempt == 1 else f"{first}.{self.attempt}"


@dataclass(frozen=True, slots=True)
class Run:
    """A frozen run as the ledger has it."""

    run_id: str
    account: str
    strategy: str
    session: date
    executed: date
    inputs_id: str
    document: Mapping[str, Any]
    at: int


@dataclass(frozen=True, slots=True)
class Intent:
    """An order that was decided, and what became of it: ``new`` until it has an event.

    ``detail`` is what its newest event says; ``filled`` shares for ``amount`` are booked so far.
    ``changed_limit`` is the limit that it was sent with, None where that is the plan's or nothing
    was sent.
    """

    name: str
    run_id: str
    executed: date
    order: PlannedOrder
    state: str
    order_id: str | None
    detail: Mapping[str, Any]
    filled: int
    amount: int
    fee: int
    changed_limit: int | None = None

    @property
    def limit(self) -> int | None:
        """Return the worst price that it was sent with, or that of the plan before it is."""
        return self.order.limit if self.changed_limit is None else self.changed_limit

    @property
    def done(self) -> bool:
        """Return whether nothing can happen to it any more."""
        return self.state in TERMINAL

    def after(self, state: str, detail: str, order_id: str | None) -> Intent:
        """Return the intent with one event more; an event books nothing."""
        known = self.order_id if state != "acknowledged" else order_id
        found, changed = _detail(detail), self.changed_limit
        if state in ("sending", "absent"):
            changed = found.get("limit")
        return replace(self, state=state, detail=found, order_id=known, changed_limit=changed)


def open_cost(intent: Intent, fees: Tariff) -> int:
    """Return what the open part of a purchase takes at most, its costs included."""
    amount = (intent.order.shares - intent.filled) * (intent.limit or intent.order.price)
    return amount + fees.costs(amount).total


def freeze(ledger: Ledger, at: int, plan: RunPlan) -> None:
    """Add a run and all its intents; call it inside a transaction.

    A run of the same name raises ``IntegrityError``: two plans of one attempt at a session
    cannot both be frozen.
    """
    ledger.append(
        "runs",
        at,
        run_id=plan.run_id,
        account=plan.account,
        strategy=plan.strategy,
        session=plan.session.isoformat(),
        executed=plan.executed.isoformat(),
        inputs_id=plan.inputs_id,
        plan=compact(plan.document),
    )
    for number, order in enumerate(plan.orders, start=1):
        ledger.append(
            "intents",
            at,
            intent=f"{plan.run_id}.{number:02d}",
            run_id=plan.run_id,
            number=number,
            side=str(order.side),
            ticker=order.ticker,
            shares=order.shares,
            price=order.price,
            price_limit=order.limit,
            reason=compact([order.reason.kind, order.reason.detail]),
        )


def find_run(ledger: Ledger, account: str, strategy: str, session: date) -> Run | None:
    """Return the newest run of an account, strategy and session, None if there is none."""
    row = ledger.row(
        f"{_RUN} WHERE account = ? AND strategy = ? AND session = ? ORDER BY seq DESC LIMIT 1",
        account,
        strategy,
        session.isoformat(),
    )
    return None if row is None else _run(row)


def named_run(ledger: Ledger, run_id: str) -> Run | None:
    """Return the run of a name, None if there is none."""
    row = ledger.row(f"{_RUN} WHERE run_id = ?", run_id)
    return None if row is None else _run(row)


def plan_name(ledger: Ledger, run_id: str) -> str:
    """Return the name by which a person releases or rejects a run: the household's, if it is one's.

    An account of a household is never released alone.
    """
    run = named_run(ledger, run_id)
    household: Mapping[str, Any] = {} if run is None else run.document.get("household") or {}
    return str(household.get("run", run_id))


def attempts(ledger: Ledger, account: str, strategy: str, session: date) -> int:
    """Return how many plans an account has frozen for a session of a strategy."""
    (row,) = ledger.rows(
        "SELECT COUNT(*) AS n FROM runs WHERE account = ? AND strategy = ? AND session = ?",
        account,
        strategy,
        session.isoformat(),
    )
    found: int = row["n"]
    return found


def newest_run(ledger: Ledger) -> Run | None:
    """Return the run that was frozen last, whatever its strategy, None without one."""
    row = ledger.row(f"{_RUN} ORDER BY seq DESC LIMIT 1")
    return None if row is None else _run(row)


def unfinished_runs(ledger: Ledger) -> list[Run]:
    """Return the runs that are not over, oldest first, under whatever name of the account.

    A config may have been given another name or strategy since: its ledger is the same.
    """
    names = unfinished(ledger)
    if not names:
        return []
    marks = ", ".join("?" * len(names))
    return [
        _run(row) for row in ledger.rows(f"{_RUN} WHERE run_id IN ({marks}) ORDER BY seq", *names)
    ]


def all_runs(
    ledger: Ledger, account: str, rows_between: tuple[int, int] | None = None
) -> list[Run]:
    """Return the runs of an account, oldest first; of all rows or of those from one to another."""
    where, values = ("", ()) if rows_between is None else (" AND seq BETWEEN ? AND ?", rows_between)
    query = f"{_RUN} WHERE account = ?{where} ORDER BY seq"
    return [_run(row) for row in ledger.rows(query, account, *values)]


def intents_of(ledger: Ledger, run_id: str) -> tuple[Intent, ...]:
    """Return the intents of a run in the order in which they are sent."""

    def found() -> tuple[Intent, ...]:
        rows = ledger.rows(f"{_INTENT} WHERE i.run_id = ? ORDER BY i.number", run_id)
        return tuple(map(_intent, rows))

    return ledger.once(("intents", run_id), _OF_INTENTS, found)


def open_intents(ledger: Ledger) -> tuple[Intent, ...]:
    """Return every intent of every run that something can still happen to, oldest first.

    A run is finished when all of its intents are over, so only those that are not are looked into:
    a ledger of many years is as quick to ask as a new one.
    """
    return ledger.once("open intents", (*_OF_INTENTS, "run_events"), lambda: _open_intents(ledger))


def _open_intents(ledger: Ledger) -> tuple[Intent, ...]:
    names = unfinished(ledger)
    if not names:
        return ()
    marks, over = ", ".join("?" * len(names)), ", ".join("?" * len(TERMINAL))
    rows = ledger.rows(
        f"{_INTENT} WHERE i.run_id IN ({marks}) AND COALESCE(e.state, 'new') NOT IN ({over}) "
        "ORDER BY i.seq",
        *names,
        *TERMINAL,
    )
    return tuple(map(_intent, rows))


def one_intent(ledger: Ledger, name: str) -> Intent:
    """Return one intent."""
    (row,) = ledger.rows(f"{_INTENT} WHERE i.intent = ?", name)
    return _intent(row)


def named_intent(ledger: Ledger, name: str) -> Intent | None:
    """Return the intent of a name, None if there is none."""
    row = ledger.row(f"{_INTENT} WHERE i.intent = ?", name)
    return None if row is None else _intent(row)


def bound_orders(ledger: Ledger, numbers: Collection[str]) -> frozenset[str]:
    """Return those of the broker's numbers that belong to an intent.

    A number has its session in front.
    """
    if not numbers:
        return frozenset()
    marks = ", ".join("?" * len(numbers))
    rows = ledger.rows(
        f"SELECT order_id FROM order_events WHERE state = 'acknowledged' AND order_id IN ({marks})",
        *numbers,
    )
    return frozenset(row["order_id"] for row in rows)


def is_finished(ledger: Ledger, run_id: str) -> bool:
    """Return whether every order of a run is over."""
    return bool(
        ledger.rows("SELECT 1 FROM run_events WHERE run_id = ? AND event = 'finished'", run_id)
    )


def run_events(ledger: Ledger, run_id: str) -> list[tuple[str, Mapping[str, Any], int]]:
    """Return what happened to a run: event, detail and time, oldest first."""
    rows = ledger.rows(
        "SELECT event, detail, at FROM run_events JOIN chain USING (seq) WHERE run_id = ? "
        "ORDER BY seq",
        run_id,
    )
    return [(row["event"], json.loads(row["detail"]), row["at"]) for row in rows]


def compact(document: object) -> str:
    """Return a document as JSON in one fixed form."""
    return _as_json(document)


_as_json = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode

_RUN = (
    "SELECT run_id, account, strategy, session, executed, inputs_id, plan, at FROM runs "
    "JOIN chain USING (seq)"
)
_OF_INTENTS = ("runs", "intents", "order_events", "fills", "resolutions")
_INTENT = """
SELECT i.*, r.executed AS executed, e.state AS state, e.detail AS detail,
       (SELECT order_id FROM order_events a WHERE a.intent = i.intent AND a.state = 'acknowledged'
           ORDER BY a.seq DESC LIMIT 1) AS order_id,
       (SELECT json_extract(detail, '$.limit') FROM order_events c WHERE c.intent = i.intent
           AND c.state IN ('sending', 'absent') ORDER BY c.seq DESC LIMIT 1) AS changed_limit,
       COALESCE(s.filled, (SELECT SUM(shares) FROM fills f WHERE f.intent = i.intent), 0) AS filled,
       COALESCE(s.amount, (SELECT SUM(amount) FROM fills f WHERE f.intent = i.intent), 0) AS amount,
       COALESCE(s.fee, (SELECT SUM(fee) FROM fills f WHERE f.intent = i.intent), 0) AS fee
FROM intents i JOIN runs r USING (run_id)
LEFT JOIN order_events e
    ON e.seq = (SELECT MAX(seq) FROM order_events n WHERE n.intent = i.intent)
LEFT JOIN resolutions s
    ON s.seq = (SELECT MAX(seq) FROM resolutions n WHERE n.intent = i.intent)
"""


def _run(row: StoredRow) -> Run:
    return Run(
        run_id=row["run_id"],
        account=row["account"],
        strategy=row["strategy"],
        session=date.fromisoformat(row["session"]),
        executed=date.fromisoformat(row["executed"]),
        inputs_id=row["inputs_id"],
        document=_document(row["plan"]),
        at=row["at"],
    )


@lru_cache(maxsize=4)
def _document(plan: str) -> Mapping[str, Any]:
    """Return a plan's document; one run reads the same few again and again."""
    return MappingProxyType(json.loads(plan))


def _intent(row: StoredRow) -> Intent:
    return Intent(
        name=row["intent"],
        run_id=row["run_id"],
        executed=date.fromisoformat(row["executed"]),
        order=_order(
            row["side"],
            row["ticker"],
            row["shares"],
            row["price"],
            row["price_limit"],
            row["reason"],
        ),
        state=row["state"] or "new",
        order_id=row["order_id"],
        detail=_detail(row["detail"] or "{}"),
        filled=row["filled"],
        amount=row["amount"],
        fee=row["fee"],
        changed_limit=None if row["changed_limit"] is None else int(row["changed_limit"]),
    )


@lru_cache(maxsize=256)
def _order(
    side: str, ticker: str, shares: int, price: int, limit: int | None, reason: str
) -> PlannedOrder:
    """Return an order from its columns, which never change."""
    return PlannedOrder(
        side=Side(side),
        ticker=ticker,
        shares=shares,
        price=price,
        limit=limit,
        reason=reason_from(json.loads(reason)),
    )


@lru_cache(maxsize=256)
def _detail(text: str) -> Mapping[str, Any]:
    """Return what an event says; its text never changes."""
    return MappingProxyType(json.loads(text))


def reason_from(stored: Sequence[Any]) -> Reason:
    """Return a reason as it was before it was stored."""
    kind, detail = stored
    return Reason(kind, tuple((key, text) for key, text in detail))
