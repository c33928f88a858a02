"""Which rules an account has accepted: a changed rule is never a trade by surprise.

Every plan keeps the content of its rules. A run whose rules have another content than the account's
last decision ends with a question, until a person accepts the content by its digest.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

from jeoul.model.grade_limit import GradeLimit
from jeoul.model.instrument import AccountKind
from jeoul.model.portfolio import Reason
from jeoul.operations.desk.intents import Run, newest_run
from jeoul.operations.ledger import Ledger
from jeoul.pipeline import Mandate
from jeoul.pipeline.content import Content, KeyChange, changes, strategy_content
from jeoul.strategy.schema import Strategy

NOTE = "rules"


@dataclass(frozen=True, slots=True)
class RulesCheck:
    """How the rules of a run compare with those of the account's last decision.

    ``accepted`` says that a person has accepted the new content. ``unkept`` says that the last
    decision was kept by a version that did not store all of its content.
    """

    last: Run | None
    now: Content
    changes: tuple[KeyChange, ...]
    accepted: bool
    unkept: bool

    @property
    def must_ask(self) -> bool:
        """Return whether a person has to accept the rules before anything is traded on them."""
        return bool(self.changes) and not self.accepted


def check_rules(ledger: Ledger, now: Content) -> RulesCheck:
    """Return how rules compare with those of the ledger's newest run."""
    last = newest_run(ledger)
    if last is None:
        return RulesCheck(None, now, (), accepted=False, unkept=False)
    return RulesCheck(
        last,
        now,
        changes_since(last, now),
        accepted=_accepted(ledger) == now.digest,
        unkept=last.document.get("rules", {}).get("model") is None,
    )


def changes_since(run: Run, now: Content) -> tuple[KeyChange, ...]:
    """Return every key of the rules that changed since a run.

    A run keeps the digest of its rules, so that rules that are the same need not be read again.
    """
    if run.document.get("rules", {}).get("digest") == now.digest:
        return ()
    return changes(content_then(run), now)


def strategy_then(run: Run) -> Strategy:
    """Return the strategy as a run had it, read through today's schema."""
    return Strategy.model_validate(run.document["strategy"], strict=False)


def content_then(run: Run) -> Content:
    """Return the content of a run's rules, as far as its version kept it."""
    kept = run.document.get("rules", {})
    profile = run.document["profile"]
    return Content(
        strategy=strategy_content(strategy_then(run), profile),
        profile=profile,
        account=run.document["kind"],
        universe=kept.get("universe"),
        model=kept.get("model"),
        suitability=run.document.get("suitability"),
    )


def limit_then(run: Run) -> GradeLimit | None:
    """Return the investor's limit as a run had it; runs of before 0.2 had none."""
    stored = run.document.get("suitability")
    if stored is None:
        return None
    return GradeLimit(**{field.name: stored[field.name] for field in fields(GradeLimit)})


def mandate_then(rules: RulesCheck, now: Mandate) -> Mandate | None:
    """Return the mandate that the rules of the last decision amount to today.

    None where there is no last decision, or where only the engine or the universe has changed:
    what they were cannot be followed any more.
    """
    last = rules.last
    if last is None or last.document["universe"] != now.universe.name:
        return None
    return replace(
        now,
        strategy=strategy_then(last),
        profile=last.document["profile"],
        account=AccountKind(last.document["kind"]),
        limit=limit_then(last),
    )


def changed_reason(changed: Sequence[KeyChange]) -> Reason:
    """Return the reason of a decision on rules that a person has accepted: the change itself."""
    return Reason.of("operations.rules_changed", keys=", ".join(each.key for each in changed))


def _accepted(ledger: Ledger) -> str | None:
    row = ledger.row("SELECT detail FROM notes WHERE kind = ? ORDER BY seq DESC LIMIT 1", NOTE)
    return None if row is None else json.loads(row["detail"]).get("digest")
