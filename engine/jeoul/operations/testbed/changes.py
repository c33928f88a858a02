"""Every change of an account's rules: before and after, who accepted it, on what grounds."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any, Protocol, TypeVar

from jeoul.operations.desk.accepted_rules import NOTE as ACCEPTED
from jeoul.operations.desk.accepted_rules import content_then
from jeoul.operations.desk.intents import Run
from jeoul.operations.desk.promotions import KeptPromotion, promotions, rules_digest
from jeoul.operations.ledger import Ledger
from jeoul.pipeline.content import KeyChange, changes


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Who accepted the rules with the digest ``after``, in which row and when."""

    seq: int
    at: int
    after: str
    by: str


@dataclass(frozen=True, slots=True)
class RuleChange:
    """A decision that followed other rules than the one before it, or the account's first one.

    ``before`` is the run before, None for the first; ``keys`` is every key that differs. Either of
    ``accepted`` and ``promoted`` is None where the ledger has no such record.
    """

    run: Run
    before: Run | None
    keys: tuple[KeyChange, ...]
    accepted: Acceptance | None
    promoted: KeptPromotion | None

    @property
    def session(self) -> date:
        """Return the session of the first decision on the new rules."""
        return self.run.session


def rule_changes(ledger: Ledger, runs: Sequence[Run]) -> tuple[RuleChange, ...]:
    """Return every change of rules along an account's runs, oldest first, the first run among them.

    An acceptance or a promotion counts for a change if it names the new rules and lies before the
    decision that followed them in the ledger; of several the newest does.
    """
    places = {row["run_id"]: row["seq"] for row in ledger.rows("SELECT run_id, seq FROM runs")}
    accepted, promoted = _acceptances(ledger), promotions(ledger)
    changed = [(None, run) for run in runs[:1]] + [
        (before, run) for before, run in pairwise(runs) if rules_digest(run) != rules_digest(before)
    ]
    return tuple(
        RuleChange(
            run=run,
            before=before,
            keys=() if before is None else changes(content_then(before), content_then(run)),
            accepted=_newest(accepted, rules_digest(run), places[run.run_id]),
            promoted=_newest(promoted, rules_digest(run), places[run.run_id]),
        )
        for before, run in changed
    )


class _Record(Protocol):
    @property
    def seq(self) -> int: ...
    @property
    def after(self) -> str: ...


_Kept = TypeVar("_Kept", bound=_Record)


def _newest(kept: Iterable[_Kept], digest: str | None, seq: int) -> _Kept | None:
    """Return the newest record of some rules before a row of the ledger, None without one."""
    found = [each for each in kept if each.after == digest and each.seq < seq]
    return found[-1] if found else None


def _acceptances(ledger: Ledger) -> tuple[Acceptance, ...]:
    """Return who accepted which rules, oldest first, without what older versions left unkept."""
    rows = ledger.rows(
        "SELECT n.seq AS seq, at, detail FROM notes n JOIN chain USING (seq) WHERE n.kind = ? "
        "ORDER BY n.seq",
        ACCEPTED,
    )
    kept = [(row["seq"], row["at"], json.loads(row["detail"])) for row in rows]
    return tuple(
        Acceptance(seq, at, said["digest"], said["by"]) for seq, at, said in kept if "by" in said
    )


def change_document(change: RuleChange) -> dict[str, Any]:
    """Return a change of rules as JSON values."""
    before, accepted, promoted = change.before, change.accepted, change.promoted
    return {
        "session": change.session.isoformat(),
        "run": change.run.run_id,
        "before": None if before is None else rules_digest(before),
        "after": rules_digest(change.run),
        "keys": [{"key": each.key, "before": each.before, "now": each.now} for each in change.keys],
        "accepted": None if accepted is None else {"by": accepted.by, "at": accepted.at},
        "promotion": None if promoted is None else promotion_document(promoted),
    }


def promotion_document(kept: KeptPromotion) -> dict[str, Any]:
    """Return a promotion as JSON values, with the row of the ledger that has it."""
    said: Mapping[str, Any] = kept.detail
    names = ("by", "why", "before", "changes", "trial", "evidence")
    return {
        "row": kept.seq,
        "at": kept.at,
        "after": kept.after,
        **{name: said[name] for name in names},
    }
