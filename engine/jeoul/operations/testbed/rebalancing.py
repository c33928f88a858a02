"""What was decided beside what was done: every order of a span, and why the two differ."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from jeoul.model.portfolio import Side
from jeoul.operations.desk.intents import Intent, Run, intents_of
from jeoul.operations.desk.lapsing import DEAR, OVER, REJECTED, UNPAID
from jeoul.operations.ledger import Ledger

Close = Callable[[str, date], int | None]
"""The close of a ticker on a session in the smallest unit, None where there is none."""


class EndingCause(StrEnum):
    """Why an order ended as it did."""

    FILLED = "filled"
    PARTIAL = "partial"
    UNFILLED = "unfilled"
    PRICE_LIMIT = "price_limit"
    REFUSED = "refused"
    EXPIRED = "expired"
    REJECTED = "rejected"
    LAPSED = "lapsed"
    RESOLVED = "resolved"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """One row of what happened to an order: its state, when, and what was said."""

    seq: int
    at: int
    state: str
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Resolved:
    """What a person said of an order, and what the books had before: shares, amount, fee."""

    by: str
    before: tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class LoggedOrder:
    """An order with its run, all that happened to it, and why it ended so.

    ``detail`` has what the explanation of ``cause`` names.
    """

    run: Run
    intent: Intent
    events: tuple[LoggedEvent, ...]
    cause: EndingCause
    detail: Mapping[str, object]

    @property
    def missing(self) -> int:
        """Return the shares that were ordered and not filled."""
        return self.intent.order.shares - self.intent.filled

    @property
    def slippage(self) -> float | None:
        """Return by what fraction a share cost more than planned, or brought less when sold.

        None of an order without fills.
        """
        if not self.intent.filled:
            return None
        sign = 1.0 if self.intent.order.side is Side.BUY else -1.0
        return sign * (self.intent.amount / self.intent.filled / self.intent.order.price - 1.0)


def rebalancing_log(ledger: Ledger, runs: Sequence[Run], close: Close) -> tuple[LoggedOrder, ...]:
    """Return every order of some runs, explained, in the order in which they were to be sent."""
    events, resolved = _events(ledger), _resolved(ledger)
    found = []
    for run in runs:
        for intent in intents_of(ledger, run.run_id):
            said = resolved.get(intent.name)
            cause, detail = _explained(intent, said, close(intent.order.ticker, intent.executed))
            own = tuple(events.get(intent.name, ()))
            found.append(
                LoggedOrder(run=run, intent=intent, events=own, cause=cause, detail=detail)
            )
    return tuple(found)


def _explained(
    intent: Intent, said: Resolved | None, close: int | None
) -> tuple[EndingCause, Mapping[str, object]]:
    why = str(intent.detail.get("why", ""))
    shares = {"filled": intent.filled, "shares": intent.order.shares}
    if said is not None:
        return EndingCause.RESOLVED, {**shares, "by": said.by, "before": said.before[0]}
    if intent.filled == intent.order.shares:
        return EndingCause.FILLED, shares
    match intent.state:
        case "refused":
            return EndingCause.REFUSED, {**shares, "why": why}
        case "expired":
            return _EXPIRED.get(why, EndingCause.LAPSED), {**shares, "why": why}
        case "closed":
            return _closed(intent, close, shares)
        case _:
            return EndingCause.OPEN, {**shares, "state": intent.state}


_EXPIRED = {
    **dict.fromkeys((OVER, UNPAID, DEAR), EndingCause.EXPIRED),
    REJECTED: EndingCause.REJECTED,
}


def _closed(
    intent: Intent, close: int | None, shares: Mapping[str, object]
) -> tuple[EndingCause, Mapping[str, object]]:
    """Return why the broker closed an order that was not filled whole.

    A close beyond the limit shows that the price had left the order behind. One within it shows
    nothing: the order may have been too large for the book, or cancelled.
    """
    limit = intent.order.limit
    if limit is not None and close is not None:
        beyond = close > limit if intent.order.side is Side.BUY else close < limit
        if beyond:
            return EndingCause.PRICE_LIMIT, {**shares, "limit": limit, "close": close}
    return (EndingCause.PARTIAL if intent.filled else EndingCause.UNFILLED), shares


def _events(ledger: Ledger) -> Mapping[str, list[LoggedEvent]]:
    found: dict[str, list[LoggedEvent]] = defaultdict(list)
    for row in ledger.rows(
        "SELECT e.seq AS seq, at, intent, state, detail FROM order_events e "
        "JOIN chain USING (seq) ORDER BY e.seq"
    ):
        event = LoggedEvent(row["seq"], row["at"], row["state"], json.loads(row["detail"]))
        found[row["intent"]].append(event)
    return found


def _resolved(ledger: Ledger) -> Mapping[str, Resolved]:
    """Return what a person said last of each order that a person settled."""
    rows = ledger.rows("SELECT intent, detail FROM resolutions ORDER BY seq")
    found = {row["intent"]: json.loads(row["detail"]) for row in rows}
    return {
        name: Resolved(said["by"], (said["before"][0], said["before"][1], said["before"][2]))
        for name, said in found.items()
    }
