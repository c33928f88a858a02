"""Promotions: why an account's rules were changed, by which trial, on which evidence, by whom.

A run asks before it follows other rules, and a person accepts them by their digest. A promotion is
what that person had to show for it, kept before the rules are used: it accepts nothing.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from jeoul.operations.desk.intents import Run, compact
from jeoul.operations.ledger import Ledger
from jeoul.operations.ledger.promoted import EVIDENCE, NOTE
from jeoul.pipeline.content import Content, KeyChange


@dataclass(frozen=True, slots=True)
class NamedTrial:
    """The row of a trial ledger that a promotion rests on, and how many rows that ledger had.

    ``key`` is the SHA-256 of the trial's inputs, ``sharpe`` per session. ``same`` says that the
    rules and the data at hand give the same key: the trial was of these rules on these data.
    """

    number: int
    trials: int
    key: str
    start: date
    end: date
    sessions: int
    sharpe: float | None
    same: bool


@dataclass(frozen=True, slots=True)
class EvidenceFile:
    """A file that a promotion rests on."""

    name: str
    content: bytes

    @property
    def sha256(self) -> str:
        """Return the SHA-256 of the content, as hexadecimal text."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class Promotion:
    """Rules that a person put forward for an account.

    ``before`` is the digest of the rules of ``run``, the account's last decision; both are None
    for an account that has not decided yet. ``after`` is the content of the rules that are put
    forward, ``changes`` every key that differs.
    """

    by: str
    why: str
    run: str | None
    before: str | None
    after: Content
    changes: tuple[KeyChange, ...]
    trial: NamedTrial
    evidence: tuple[EvidenceFile, ...]


@dataclass(frozen=True, slots=True)
class KeptPromotion:
    """A promotion as the ledger has it: ``after`` is the digest of the rules put forward.

    ``detail`` is the whole record as JSON values.
    """

    seq: int
    at: int
    after: str
    detail: Mapping[str, Any]


def keep_promotion(
    ledger: Ledger, at: int, place: tuple[str, str, date], promotion: Promotion
) -> int:
    """Add a promotion and its evidence to the ledger together; return its row.

    ``place`` is the account, the strategy and the session that the note is of. A file that the
    ledger has already is not kept twice.
    """
    account, strategy, session = place
    known = {each.sha256 for each in evidence_of(ledger)}
    own = {"account": account, "strategy": strategy, "session": session.isoformat()}
    with ledger.transaction():
        for each in promotion.evidence:
            if each.sha256 not in known:
                kept = {
                    "name": each.name,
                    "sha256": each.sha256,
                    "base64": base64.b64encode(each.content).decode("ascii"),
                }
                ledger.append("notes", at, kind=EVIDENCE, detail=compact(kept), **own)
                known.add(each.sha256)
        return ledger.append("notes", at, kind=NOTE, detail=compact(_document(promotion)), **own)


def promotions(ledger: Ledger) -> tuple[KeptPromotion, ...]:
    """Return the promotions of a ledger, oldest first."""
    rows = ledger.rows(
        "SELECT n.seq AS seq, at, detail FROM notes n JOIN chain USING (seq) "
        "WHERE n.kind = ? ORDER BY n.seq",
        NOTE,
    )
    found = [(row["seq"], row["at"], json.loads(row["detail"])) for row in rows]
    return tuple(KeptPromotion(seq, at, kept["after"]["digest"], kept) for seq, at, kept in found)


def evidence_of(ledger: Ledger) -> tuple[EvidenceFile, ...]:
    """Return the files that a ledger keeps as evidence, oldest first."""
    rows = ledger.rows("SELECT detail FROM notes WHERE kind = ? ORDER BY seq", EVIDENCE)
    kept = [json.loads(row["detail"]) for row in rows]
    return tuple(EvidenceFile(each["name"], base64.b64decode(each["base64"])) for each in kept)


def rules_digest(run: Run) -> str | None:
    """Return the digest of the rules that a run followed; None of a run from before it was kept."""
    digest: str | None = run.document.get("rules", {}).get("digest")
    return digest


def _document(promotion: Promotion) -> dict[str, object]:
    trial, after = promotion.trial, promotion.after
    return {
        "by": promotion.by,
        "why": promotion.why,
        "before": {"run": promotion.run, "digest": promotion.before},
        "after": {"digest": after.digest, "content": asdict(after)},
        "changes": [[each.key, each.before, each.now] for each in promotion.changes],
        "trial": asdict(trial) | {"start": str(trial.start), "end": str(trial.end)},
        "evidence": [
            {"name": each.name, "sha256": each.sha256, "length": len(each.content)}
            for each in promotion.evidence
        ],
    }
