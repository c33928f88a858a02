"""What an account's decisions expected, kept in its ledger beside them.

A note is no part of a plan: replays and proofs do not read it.
"""

from __future__ import annotations

import json

from jeoul.model.decision import Proposal
from jeoul.operations.ledger import Ledger
from jeoul.operations.told.ledger_notes import LedgerNotes
from jeoul.promises.making import promise_of
from jeoul.promises.promise import Promise, promise_document, promise_from

PROMISE = "promise"
"""The kind of note that says what a decision expected."""


def keep_promise(notes: LedgerNotes, run_id: str, proposal: Proposal) -> None:
    """Add what a proposal is expected to do to the ledger, under the run that follows it."""
    notes.add(PROMISE, {"run": run_id, **promise_document(promise_of(proposal))})


def promises_in(ledger: Ledger, account: str) -> list[Promise]:
    """Return what the frozen plans of an account expected, by session.

    Of a session that was decided more than once the last plan counts; a note whose plan was never
    frozen does not. Decisions of before 0.2.0 kept none.
    """
    rows = ledger.rows(
        "SELECT detail FROM notes WHERE kind = ? AND account = ? "
        "AND json_extract(detail, '$.run') IN (SELECT run_id FROM runs) ORDER BY seq",
        PROMISE,
        account,
    )
    found = {promise.session: promise for promise in (_promise(row["detail"]) for row in rows)}
    return [found[session] for session in sorted(found)]


def _promise(detail: str) -> Promise:
    return promise_from(json.loads(detail))
