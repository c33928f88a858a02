"""Plans that lapse: what was not sent of them never will be.

One plan of an account is alive at a time. A newer plan makes every older one lapse in the same
transaction that freezes it, so that no crash, approval or changed name can send both.
"""

from __future__ import annotations

from collections.abc import Mapping

from jeoul.operations.desk.intents import (
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


def lapsed_for(ledger: Ledger, run: Run) -> Mapping[str, object] | None:
    """Return why a run has lapsed as the ledger has it, None for one that has not."""
    found = [detail for event, detail, _ in run_events(ledger, run.run_id) if event == "lapsed"]
    return found[0] if found else None


def supersede_inside(ledger: Ledger, at: int, plan: RunPlan) -> None:
    """Let every older plan of the ledger lapse; call it inside the transaction that freezes one."""
    for run in unfinished_runs(ledger):
        if lapsed_for(ledger, run) is None:
            why = {"why": "a newer plan takes its place", "by": plan.run_id}
            lapse_inside(ledger, at, run, why)
