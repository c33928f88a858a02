"""What an account's rules did from the day it chose them on: one line a month in its ledger."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from jeoul.model.decision import Proposal
from jeoul.operations.ledger import Ledger
from jeoul.operations.told.ledger_notes import LedgerNotes

FORWARD = "forward"
"""The kind of note that says where the model stood at the first decision of a month."""


@dataclass(frozen=True, slots=True)
class MonthNote:
    """The unit value ``nav`` of the model at the first decision of a month under some rules."""

    month: str
    session: date
    rules: str
    nav: float


def keep_month(notes: LedgerNotes, proposal: Proposal, rules: str) -> None:
    """Add the line of a month, once: at the first plan of it that is frozen under ``rules``."""
    month = notes.session.isoformat()[:7]
    known = notes.ledger.rows(
        "SELECT 1 FROM notes WHERE kind = ? AND account = ? AND strategy = ? "
        "AND json_extract(detail, '$.month') = ? AND json_extract(detail, '$.rules') = ?",
        FORWARD,
        notes.account,
        notes.strategy,
        month,
        rules,
    )
    if not known:
        notes.add(FORWARD, {"month": month, "rules": rules, "nav": proposal.memory.nav})


def months_in(ledger: Ledger, account: str) -> list[MonthNote]:
    """Return the lines of an account, oldest first, whatever the rules."""
    rows = ledger.rows(
        "SELECT session, detail FROM notes WHERE kind = ? AND account = ? ORDER BY seq",
        FORWARD,
        account,
    )
    found = ((date.fromisoformat(row["session"]), json.loads(row["detail"])) for row in rows)
    return [
        MonthNote(each["month"], session, each["rules"], each["nav"]) for session, each in found
    ]


def chosen_in(months: Sequence[MonthNote]) -> date | None:
    """Return the session from which on the newest rules were followed without a break.

    None without a line: accounts of before 0.2.0 have none.
    """
    found = None
    for month in reversed(months):
        if month.rules != months[-1].rules:
            break
        found = month.session
    return found


def model_returns(months: Sequence[MonthNote]) -> list[tuple[MonthNote, MonthNote, float]]:
    """Return the model's return from each line of the newest rules to the next one.

    Lines of earlier rules are left out: what other rules did is no part of this record.
    """
    chosen = chosen_in(months)
    own = [month for month in months if chosen is not None and month.session >= chosen]
    return [(before, after, after.nav / before.nav - 1.0) for before, after in pairwise(own)]


def account_forward(account: str, strategy: str, months: Sequence[MonthNote]) -> dict[str, Any]:
    """Return the lines of an account as JSON values; what came before them is not in a ledger."""
    chosen = chosen_in(months)
    return {
        "account": account,
        "strategy": strategy,
        "rules_since": None if chosen is None else chosen.isoformat(),
        "before": None,
        "after": {
            "months": [
                {
                    "from": before.session.isoformat(),
                    "to": after.session.isoformat(),
                    "return": growth,
                }
                for before, after, growth in model_returns(months)
            ]
        },
    }
