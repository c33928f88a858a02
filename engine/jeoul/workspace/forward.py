"""The forward records that come with jeoul, and since when their rules are what they are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from jeoul import assets

if TYPE_CHECKING:
    from datetime import date

    from jeoul.strategy.schema import Strategy


def records_folder(given: Path | None) -> Path:
    """Return the folder of forward records: the one given, or the one that comes with jeoul."""
    return assets.data("forward") if given is None else given


def chosen_on(strategy: Strategy) -> date | None:
    """Return the day from which on a shipped strategy has had its rules, None where none is known.

    A strategy of one's own by the same name has other rules, and no day.
    """
    from jeoul import api
    from jeoul.research.forward import record_in, rules_of

    record = record_in(records_folder(None), strategy.name)
    if record is None:
        return None
    mandates = {str(profile): api.mandate(strategy, profile) for profile in strategy.profiles}
    return record.rules.on if rules_of(mandates) == dict(record.rules.digests) else None
