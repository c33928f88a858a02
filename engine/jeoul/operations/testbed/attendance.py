"""Whether somebody looked at every session: decided, stopped, left out, or nothing at all."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from jeoul.operations.desk.intents import Run
from jeoul.operations.ledger import Ledger
from jeoul.operations.setup.outcome import OUTCOMES


@dataclass(frozen=True, slots=True)
class Attended:
    """What the runs of an account did on one session.

    ``status`` is ``decided``, ``stopped`` (a run looked and decided nothing), ``skipped`` (a later
    run recorded that none had looked) or ``missing``. ``detail`` is the run, the outcome with its
    reasons, or the session whose run caught up.
    """

    session: date
    status: str
    detail: str


def attendance(
    ledger: Ledger, account: str, runs: Iterable[Run], sessions: Sequence[date]
) -> tuple[Attended, ...]:
    """Return what runs, given oldest first, did on each of some sessions of an account."""
    decided = {run.session: run.run_id for run in runs}
    stopped, skipped = _notes(ledger, account)
    found = []
    for day in sessions:
        if day in decided:
            found.append(Attended(day, "decided", decided[day]))
        elif day in stopped:
            found.append(Attended(day, "stopped", stopped[day]))
        elif day in skipped:
            found.append(Attended(day, "skipped", skipped[day]))
        else:
            found.append(Attended(day, "missing", ""))
    return tuple(found)


def _notes(ledger: Ledger, account: str) -> tuple[dict[date, str], dict[date, str]]:
    stopped, skipped = {}, {}
    for row in ledger.rows(
        "SELECT session, kind, detail FROM notes WHERE account = ? "
        "AND kind IN ('outcome', 'skipped') ORDER BY seq",
        account,
    ):
        said = json.loads(row["detail"])
        if row["kind"] == "skipped":
            skipped[date.fromisoformat(said["session"])] = said["caught_up_by"]
        elif OUTCOMES[said["outcome"]]:
            reasons = " ".join(said["reasons"])
            stopped[date.fromisoformat(row["session"])] = f"{said['outcome']}: {reasons}"
    return stopped, skipped
