"""Plans that lapse: what was not sent of them never will be.

One plan of an account is alive at a time. A newer plan makes every older one lapse in the same
transaction that freezes it, so that no crash, approval or changed name can send both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from jeoul.model.portfolio import SETTLED, Side
from jeoul.operations.desk.buy_terms import HELD, SELLING, SHORT, UNREADY, last_try
from jeoul.operations.desk.intents import (
    Intent,
    Run,
    RunPlan,
    compact,
    intents_of,
    run_events,
    unfinished_runs,
)
from jeoul.operations.ledger import Ledger

UNSENT = ("new", "absent")
"""States of an order that the broker certainly does not have."""
UNFIT = "it no longer fits"
"""Why a plan lapses whose session is decided on again; ledgers keep this text."""
OVER = "the session is over"
UNPAID = "the money for it did not come before the close"
NOT_ORDERABLE = "the broker could not be paid for it before the close"
UNCOVERED = "the account's money did not pay for it"
DEAR = "its price was too far above its indicative value until the close"
STOPPED = {HELD: DEAR, SELLING: UNPAID, UNREADY: NOT_ORDERABLE, SHORT: UNCOVERED}
"""Why a buy lapses at the close, by what stopped it at its last try."""
REJECTED = "rejected by a person"
"""Why an order expires although its plan did not lapse; ledgers keep these texts."""


def lapse_inside(ledger: Ledger, at: int, run: Run, why: Mapping[str, object]) -> None:
    """Record inside a transaction that a run has lapsed; orders at the broker go on by themselves.

    The run is finished at once where nothing of it can happen any more.
    """
    for intent in intents_of(ledger, run.run_id):
        if intent.state in UNSENT:
            ledger.append(
                "order_events",
                at,
                intent=intent.name,
                state="expired",
                order_id=None,
                detail=compact(why),
            )
    ledger.append("run_events", at, run_id=run.run_id, event="lapsed", detail=compact(why))
    if all(intent.done for intent in intents_of(ledger, run.run_id)):
        ledger.append("run_events", at, run_id=run.run_id, event="finished", detail=compact({}))


def waits_for_money(run: Run, intents: Sequence[Intent], *, sales_first: bool) -> list[Intent]:
    """Return the buys of a run that was begun and whose sales can still bring money.

    ``sales_first`` says that the broker refuses a buy until the sales that pay for it are filled.
    """
    begun = any(intent.state not in UNSENT for intent in intents)
    if not (sales_first and begun and run.document.get("proceeds", SETTLED) == "reuse"):
        return []
    if not is_selling(intents):
        return []
    return [i for i in intents if i.order.side is Side.BUY and i.state in UNSENT]


def is_selling(intents: Sequence[Intent]) -> bool:
    """Return whether a sale among the orders of a run can still bring money."""
    return any(i.order.side is Side.SELL and not i.done for i in intents)


def why_over(ledger: Ledger, intent: Intent) -> str:
    """Return why an order was not sent in a session that is over, as ledgers keep it."""
    last = last_try(ledger, intent.name)
    return OVER if last is None else STOPPED.get(last["did"], OVER)


def lapsed_for(ledger: Ledger, run: Run) -> Mapping[str, object] | None:
    """Return why a run has lapsed as the ledger has it, None for one that has not."""
    events = run_events(ledger, run.run_id)
    return next((detail for event, detail, _ in events if event == "lapsed"), None)


def supersede_inside(ledger: Ledger, at: int, plan: RunPlan) -> None:
    """Let every older plan of the ledger lapse; call it inside the transaction that freezes one."""
    for run in unfinished_runs(ledger):
        if lapsed_for(ledger, run) is None:
            why = {"why": "a newer plan takes its place", "by": plan.run_id}
            lapse_inside(ledger, at, run, why)
