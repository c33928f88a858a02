"""Plans that wait for a person: approved, rejected, or lapsed."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from jeoul.errors import UsageError
from jeoul.operations.desk.intents import Run, compact, intents_of, named_run, run_events
from jeoul.operations.desk.lapsing import REJECTED, UNFIT, UNSENT, lapse_inside, lapsed_for
from jeoul.operations.desk.order_desk import OrderDesk
from jeoul.operations.ledger import Ledger
from jeoul.operations.setup.config import ApprovalSettings


class Approval(StrEnum):
    """Where a plan stands with the person who releases it."""

    NOT_NEEDED = "not needed"
    WAITING = "waiting"
    APPROVED = "approved"
    REJECTED = "rejected"
    LAPSED = "lapsed"


HELD = "held"
"""The key of a plan that waits for approval whatever its config asks for."""

UNRELEASED = {"why": "nobody approved it in time"}


def approval_of(ledger: Ledger, run: Run, settings: ApprovalSettings, now: float) -> Approval:
    """Return where a run stands with the person who releases it."""
    events = {event for event, _, _ in run_events(ledger, run.run_id)}
    for event in (Approval.REJECTED, Approval.LAPSED, Approval.APPROVED):
        if event.value in events:
            return event
    asked = settings.required or bool(run.document.get(HELD))
    if not asked or not intents_of(ledger, run.run_id):
        return Approval.NOT_NEEDED
    return Approval.LAPSED if now > run.at + settings.hours * 3600 else Approval.WAITING


def is_unfit(ledger: Ledger, run: Run) -> bool:
    """Return whether a plan lapsed and no other was made: orders were open, or a run ended.

    A person who rejects it then leaves the session out.
    """
    why = lapsed_for(ledger, run)
    return why is not None and why.get("why") == UNFIT and not is_rejected(ledger, run)


def is_rejected(ledger: Ledger, run: Run) -> bool:
    """Return whether a person refused a plan."""
    return any(event == Approval.REJECTED for event, _, _ in run_events(ledger, run.run_id))


def approve(desk: OrderDesk, run_id: str, settings: ApprovalSettings) -> None:
    """Record that a person released a plan; a second time changes nothing.

    A plan whose time is over lapses instead. Raises :class:`UsageError` for it, for one that is
    over for another reason, and for a run that does not exist.
    """
    if "approved" in _events(desk, run_id):
        return
    _refuse_after(desk, run_id, ("rejected", "lapsed", "finished"))
    run = named_run(desk.ledger, run_id)
    assert run is not None
    if approval_of(desk.ledger, run, settings, desk.clock.now()) is Approval.LAPSED:
        lapse(desk, run, UNRELEASED)
        raise UsageError(
            f"run {run_id} has lapsed: nobody approved it within {settings.hours:g} h and its "
            "prices are of then; nothing of it is sent, run again to decide on the next session"
        )
    _record(desk, run_id, "approved")


def reject(desk: OrderDesk, run_id: str) -> None:
    """Record that a person refused a plan: what was not sent never will be."""
    if "rejected" in _events(desk, run_id):
        return
    _refuse_after(desk, run_id, ("finished",))
    with desk.ledger.transaction():
        for intent in intents_of(desk.ledger, run_id):
            if intent.state in UNSENT:
                desk.ledger.append(
                    "order_events",
                    desk.at(),
                    intent=intent.name,
                    state="expired",
                    order_id=None,
                    detail=compact({"why": REJECTED}),
                )
        desk.ledger.append(
            "run_events", desk.at(), run_id=run_id, event="rejected", detail=compact({})
        )


def lapse(desk: OrderDesk, run: Run, why: Mapping[str, object]) -> None:
    """Record that a plan has lapsed: what was not sent of it never will be."""
    with desk.ledger.transaction():
        lapse_inside(desk.ledger, desk.at(), run, why)


def _events(desk: OrderDesk, run_id: str) -> set[str]:
    if named_run(desk.ledger, run_id) is None:
        raise UsageError(f"there is no run {run_id!r}; `jeoul history CONFIG` lists them")
    return {event for event, _, _ in run_events(desk.ledger, run_id)}


def _refuse_after(desk: OrderDesk, run_id: str, events: tuple[str, ...]) -> None:
    for event in events:
        if event in _events(desk, run_id):
            raise UsageError(f"run {run_id} is {event}; that cannot be taken back")


def _record(desk: OrderDesk, run_id: str, event: str) -> None:
    with desk.ledger.transaction():
        desk.ledger.append("run_events", desk.at(), run_id=run_id, event=event, detail=compact({}))
