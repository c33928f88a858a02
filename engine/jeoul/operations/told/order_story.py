"""One order back to the rows of its ledger: what was decided, and what became of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from jeoul.operations.desk.intents import Intent, Run, intents_of, named_run, run_events
from jeoul.operations.ledger import Head, Ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderEvent:
    """Something that happened to an order, at a second of Unix time."""

    at: int
    state: str
    order_id: str | None
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFill:
    """Shares that were filled, for an amount and a fee in the smallest unit."""

    session: date
    shares: int
    amount: int
    fee: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderStory:
    """An order with its run; ``row`` and ``run_row`` are where the ledger's chain has them."""

    run: Run
    intent: Intent
    row: Head
    run_row: Head
    events: tuple[OrderEvent, ...]
    fills: tuple[OrderFill, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStory:
    """A run with all of its orders and what happened to it: the event, its detail, its second."""

    run: Run
    row: Head
    intents: tuple[Intent, ...]
    events: tuple[tuple[str, Mapping[str, Any], int], ...]


def run_story(ledger: Ledger, run_id: str) -> RunStory | None:
    """Return a run with its orders, None where the ledger does not have it."""
    run = named_run(ledger, run_id)
    if run is None:
        return None
    return RunStory(
        run=run,
        row=_row(ledger, "runs", "run_id", run_id),
        intents=tuple(intents_of(ledger, run_id)),
        events=tuple(run_events(ledger, run_id)),
    )


def order_story(ledger: Ledger, story: RunStory, number: int) -> OrderStory | None:
    """Return the order of a number, from 1, of a run; None where the run has fewer."""
    if not 1 <= number <= len(story.intents):
        return None
    intent = story.intents[number - 1]
    return OrderStory(
        run=story.run,
        intent=intent,
        row=_row(ledger, "intents", "intent", intent.name),
        run_row=story.row,
        events=_events(ledger, intent.name),
        fills=_fills(ledger, intent.name),
    )


def _row(ledger: Ledger, table: str, column: str, name: str) -> Head:
    (found,) = ledger.rows(
        f"SELECT seq, at, hash FROM chain JOIN {table} USING (seq) WHERE {column} = ?", name
    )
    return Head(found["seq"], found["at"], found["hash"])


def _events(ledger: Ledger, intent: str) -> tuple[OrderEvent, ...]:
    rows = ledger.rows(
        "SELECT at, state, order_id, detail FROM order_events JOIN chain USING (seq) "
        "WHERE intent = ? ORDER BY seq",
        intent,
    )
    return tuple(
        OrderEvent(
            at=row["at"],
            state=row["state"],
            order_id=row["order_id"],
            detail=json.loads(row["detail"]),
        )
        for row in rows
    )


def _fills(ledger: Ledger, intent: str) -> tuple[OrderFill, ...]:
    rows = ledger.rows(
        "SELECT session, shares, amount, fee FROM fills WHERE intent = ? ORDER BY seq", intent
    )
    return tuple(
        OrderFill(
            session=date.fromisoformat(row["session"]),
            shares=row["shares"],
            amount=row["amount"],
            fee=row["fee"],
        )
        for row in rows
    )
