"""What was known at one instant, and nothing later."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

import numpy as np

from jeoul.model.calendar import Days, Instants, Reals
from jeoul.model.finding import Finding
from jeoul.model.series import PriceTable, Series
from jeoul.model.shown import Shown


@dataclass(frozen=True, eq=False, repr=False)
class Snapshot(Shown):
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

    def seen_as(self, digest: str) -> Snapshot | None:
        """Return what is visible here with a digest of then, None if it is something else.

        A folder may have gained net asset values since; then they are left out.
        """
        without = tuple(replace(table, nav=None) for table in self.prices)
        for shown in (self, replace(self, prices=without)):
            if shown.digest == digest:
                return shown
        return None

    @cached_property
    def digest(self) -> str:
        """Return the SHA-256 of everything visible, as hexadecimal text.

        Only rows with a value enter, with their dates and the instants at which they became known:
        what comes after the decision does not, nor a ticker or series that has not begun yet, so a
        longer folder gives the same digest.
        """
        found = hashlib.sha256()
        found.update(
            repr((str(self.as_of), self.calendar, self.decided_at, self.simulated)).encode()
        )
        for table in sorted(self.prices, key=lambda t: (t.exchange, t.tickers)):
            for column, ticker in enumerate(table.tickers):
                _add_column(found, table, column, ticker)
        for name in sorted(self.series):
            series = self.series[name]
            if len(series):
                found.update(repr((name, series.unit)).encode())
                _add_rows(found, series.dates, series.known_at, series.values)
        for finding in self.findings:
            found.update(repr(finding).encode())
        return found.hexdigest()


def _add_column(found: hashlib._Hash, table: PriceTable, column: int, ticker: str) -> None:
    close = table.close[:, column]
    traded = np.flatnonzero(~np.isnan(close))
    if not len(traded):
        return
    found.update(repr((table.exchange, table.currency, table.adjusted, ticker)).encode())
    _add_rows(found, table.sessions[traded], table.known_at[traded], close[traded])
    for amounts, usual in ((table.dividends, 0.0), (table.splits, 1.0)):
        if amounts is not None:
            rows = np.flatnonzero(amounts[:, column] != usual)
            _add_rows(found, table.sessions[rows], table.known_at[rows], amounts[rows, column])
    if table.nav is not None:
        rows = np.flatnonzero(np.isfinite(table.nav[:, column]))
        if len(rows):
            _add_rows(found, table.sessions[rows], table.known_at[rows], table.nav[rows, column])


def _add_rows(found: hashlib._Hash, days: Days, known_at: Instants, values: Reals) -> None:
    found.update(len(values).to_bytes(8, "little"))
    for block in (days, known_at, values):
        found.update(np.ascontiguousarray(block).tobytes())
