"""What was known at one instant, and nothing later."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from jeoul.model.finding import Finding
from jeoul.model.series import PriceTable, Series


@dataclass(frozen=True, eq=False)
class Snapshot:
    """The market as it was known when a decision was made.

    ``as_of`` is the last completed session of the deciding ``calendar``; ``decided_at`` the instant
    of the decision. Every row in ``prices`` and ``series`` was known by then. ``simulated`` is
    true for the embedded sample, and travels into everything computed from it.
    """

    as_of: date
    calendar: str
    decided_at: int
    prices: tuple[PriceTable, ...]
    series: Mapping[str, Series]
    findings: tuple[Finding, ...]
    simulated: bool
    source: str

    @cached_property
    def digest(self) -> str:
        """Return the SHA-256 of everything visible, as hexadecimal text.

        Rows after the decision do not enter, so a longer folder gives the same digest.
        """
        found = hashlib.sha256(f"{self.as_of} {self.calendar} {self.decided_at}".encode())
        for table in sorted(self.prices, key=lambda t: (t.exchange, t.tickers)):
            found.update(repr((table.exchange, table.currency, table.adjusted, table.tickers)).encode())
            for block in (table.sessions, table.close, table.dividends, table.splits):
                found.update(b"-" if block is None else block.tobytes())
        for name in sorted(self.series):
            found.update(name.encode())
            found.update(self.series[name].dates.tobytes())
            found.update(self.series[name].values.tobytes())
        return found.hexdigest()
