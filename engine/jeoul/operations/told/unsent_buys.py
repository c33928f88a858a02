"""What a run says of buys that were not sent, and of limits that an indicative value changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jeoul.model.money import shown
from jeoul.model.portfolio import Reason
from jeoul.operations.desk.buy_terms import LOWERED, UNUSED, held_back, newest
from jeoul.operations.desk.intents import Intent, Run
from jeoul.operations.desk.lapsing import DEAR, UNPAID, UNSENT, waits_for_money
from jeoul.operations.ledger import Ledger


def unsent_reasons(
    ledger: Ledger, run: Run, intents: Sequence[Intent], *, sales_first: bool
) -> Iterator[Reason]:
    """Yield which buys wait: for the money of sales, or for a lower premium."""
    held = held_back(ledger, [intent for intent in intents if intent.state in UNSENT])
    names = {intent.name for intent, _ in held}
    waiting = waits_for_money(run, intents, sales_first=sales_first)
    unpaid = [intent for intent in waiting if intent.name not in names]
    if unpaid:
        yield Reason.of("operations.buys_wait", orders=_named(unpaid))
    for intent, note in held:
        yield Reason.of(
            "operations.indicative_held",
            ticker=intent.order.ticker,
            shares=intent.order.shares,
            premium=f"{note['premium']:.2%}",
            limit=f"{note['most']:z.1%}",
        )


def changed_reasons(ledger: Ledger, run: Run, intents: Sequence[Intent]) -> Iterator[Reason]:
    """Yield which limits an indicative value lowered, and which values could not be used."""
    currency = run.document["currency"]
    for intent in intents:
        note = newest(ledger, intent.name)
        if note is None:
            continue
        ticker = intent.order.ticker
        if note["did"] == LOWERED:
            before, limit = (shown(note[key], currency) for key in ("before", "limit"))
            yield Reason.of(
                "operations.indicative_lowered", ticker=ticker, before=before, limit=limit
            )
        elif note["did"] == UNUSED:
            yield Reason.of(f"operations.indicative_{note['fault']}", ticker=ticker)


def lapsed_reasons(intents: Sequence[Intent]) -> Iterator[Reason]:
    """Yield which buys lapsed at the close because they were not paid for, or too dear."""
    for why, kind in ((UNPAID, "buys_unpaid"), (DEAR, "buys_dear")):
        lapsed = [intent for intent in intents if intent.detail.get("why") == why]
        if lapsed:
            yield Reason.of(f"operations.{kind}", orders=_named(lapsed))


def _named(intents: Sequence[Intent]) -> str:
    return ", ".join(f"{intent.order.ticker} {intent.order.shares:,}" for intent in intents)
