"""Which rules an account has accepted: a changed rule is never a trade by surprise.

Every plan keeps the content of its rules. A run whose rules have another content than the account's
last decision ends with a question, until a person accepts the content by its digest.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from jeoul.operations.desk.intents import Run, newest_run
from jeoul.operations.ledger import Ledger
from jeoul.pipeline.content import Change, Content, changes, strategy_content
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
    changes: tuple[Change, ...]
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
    before = content_then(last)
    return RulesCheck(
        last,
        now,
        changes(before, now),
        accepted=_accepted(ledger) == now.digest,
        unkept=before.model is None,
    )


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
    )


def _accepted(ledger: Ledger) -> str | None:
    rows = ledger.rows("SELECT detail FROM notes WHERE kind = ? ORDER BY seq DESC LIMIT 1", NOTE)
    return json.loads(rows[0]["detail"]).get("digest") if rows else None
