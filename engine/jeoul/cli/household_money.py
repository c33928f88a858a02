"""Money of a household's people as options say it: ``--deposit`` and ``--withdrawal``."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING

from jeoul.errors import UsageError

if TYPE_CHECKING:
    from jeoul.workspace.household import Flows


def flows_by_person(name: str, texts: Sequence[str]) -> Flows:
    """Return what ``--deposit`` or ``--withdrawal`` says, by person."""
    from jeoul.model.amount import refuse_foreign, whole_amount

    found: Flows = {}
    for text in texts:
        person, mark, amount = text.rpartition("=")
        try:
            won = whole_amount(amount)
            refuse_foreign("KRW", amount=won)
        except UsageError as fault:
            raise UsageError(f"--{name}: {fault}") from None
        who = unicodedata.normalize("NFC", person.strip()) if mark else None
        if who == "":
            raise UsageError(f"--{name}: {text!r} names nobody; write PERSON=AMOUNT")
        if who in found:
            raise UsageError(f"--{name}: money of one person is given twice; give the sum")
        found[who] = int(won)
    return found
