"""Putting rules forward for an account, with the trial and the evidence that speak for them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from jeoul.errors import DataError, Problem
from jeoul.operations.desk.accepted_rules import changes_since
from jeoul.operations.desk.intents import newest_run
from jeoul.operations.desk.promotions import (
    EvidenceFile,
    NamedTrial,
    Promotion,
    keep_promotion,
    rules_digest,
)
from jeoul.operations.ledger import existing_ledger, held_ledger, in_words
from jeoul.operations.setup.clock import Clock
from jeoul.operations.setup.config import Config, secrets_of
from jeoul.operations.setup.secrets import without_secrets
from jeoul.pipeline import Mandate
from jeoul.pipeline.content import content_of


def promote(
    config: Config,
    mandate: Mandate,
    clock: Clock,
    trial: NamedTrial,
    evidence: Sequence[EvidenceFile],
    said: tuple[str, str],
) -> Promotion:
    """Keep in a config's ledger why its rules of today are put forward; return what was kept.

    ``said`` is who puts them forward, and why. The account goes on with its old rules until a
    person accepts the new ones. Raises :class:`DataError` for a ledger that does not exist yet and
    for evidence that holds a secret of the config.
    """
    with in_words(config):
        existing_ledger(config).close()
    _refuse_secrets(evidence, secrets_of(config))
    now, (by, why) = int(clock.now()), said
    with in_words(config), held_ledger(config) as ledger:
        last, content = newest_run(ledger), content_of(mandate)
        promotion = Promotion(
            by=by,
            why=why,
            run=None if last is None else last.run_id,
            before=None if last is None else rules_digest(last),
            after=content,
            changes=() if last is None else changes_since(last, content),
            trial=trial,
            evidence=tuple(evidence),
        )
        session = datetime.fromtimestamp(now, UTC).date() if last is None else last.session
        at = max(now, ledger.head().at)
        keep_promotion(
            ledger, at, (config.settings.name, mandate.strategy.name, session), promotion
        )
    return promotion


def _refuse_secrets(evidence: Sequence[EvidenceFile], secrets: Sequence[str]) -> None:
    problems = [
        Problem(each.name, "contains a secret of this account", remedy="remove it, then try again")
        for each in evidence
        if holds_secret(each.content, secrets)
    ]
    if problems:
        raise DataError(problems)


def holds_secret(content: bytes, secrets: Sequence[str]) -> bool:
    """Return whether a secret is in a file, in any case and also as a part of an address.

    >>> holds_secret(b"key ABC", ["abc"]), holds_secret(b"key", ["abc"])
    (True, False)
    """
    text = content.decode("utf-8", "replace")
    return without_secrets(text, secrets) != text
