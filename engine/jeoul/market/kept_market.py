"""A market of one session: what a decision saw, kept after the folder has changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from jeoul.errors import DataError
from jeoul.model.series import PriceTable
from jeoul.model.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class KeptMarket:
    """The market as one snapshot shows it; it knows no other session."""

    snapshot: Snapshot

    @property
    def prices(self) -> tuple[PriceTable, ...]:
        """Return the price tables up to the decision."""
        return self.snapshot.prices

    def as_of(self, day: date, calendar: str = "XKRX") -> Snapshot:
        """Return the snapshot. Raises :class:`DataError` for another session or exchange."""
        kept = self.snapshot
        if (day, calendar) != (kept.as_of, kept.calendar):
            raise DataError(f"what was kept shows {kept.calendar} on {kept.as_of}, not {day}")
        return kept
