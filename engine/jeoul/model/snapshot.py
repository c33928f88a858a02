"""What was known at one instant, and nothing later."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from jeoul.model.blocks import blocks_of
from jeoul.model.calendar import Days, Instants, Reals
from jeoul.model.finding import Finding
from jeoul.model.series import PriceTable, Series
from jeoul.model.shown import Shown
from jeoul.model.valued import Valued


class Seen(NamedTuple):
    """What identifies a snapshot: its digest, and how far its net asset values reach."""

    digest: str
    valued: Valued = Valued()


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

    def seen_as(self, digest: str, valued: Valued | None = None) -> Snapshot | None:
        """Return what is visible here with a digest of then, None if it is something else.

        A folder may have gained net asset values since, as those of a session are published after
        an evening's decision on it; then they are left out. ``valued`` is how far they reached,
        None where nobody wrote it down.
        """
        if self.digest == digest:
            return self
        reached = Valued.earlier(self.prices) if valued is None else (valued,)
        shown = (self._valued_to(each) for each in reached)
        return next((each for each in shown if each.digest == digest), None)

    @property
    def seen(self) -> Seen:
        """Return what identifies this, for a ledger."""
        return Seen(self.digest, Valued.of(self.prices))

    def _valued_to(self, valued: Valued) -> Snapshot:
        prices = tuple(map(valued.cut, self.prices))
        return replace(self, prices=prices, findings=tuple(filter(valued.keeps, self.findings)))

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
            _add_table(found, table)
        for name in sorted(self.series):
            series = self.series[name]
            if len(series):
                found.update(repr((name, series.unit)).encode())
                _add_rows(found, series.dates, series.known_at, series.values)
        for finding in self.findings:
            found.update(repr(finding).encode())
        return found.hexdigest()


Events = tuple[Reals, float, NDArray[np.bool_]]  # of a table, what is none, and who has one
_NO_ROWS = np.zeros(0, dtype=np.int64)


def _add_table(found: hashlib._Hash, table: PriceTable) -> None:
    events = ((table.dividends, 0.0), (table.splits, 1.0))
    # Which tickers have one is found for all at once: each column alone is far apart in memory.
    eventful = [
        (amounts, usual, (amounts != usual).any(axis=0))
        for amounts, usual in events
        if amounts is not None
    ]
    for part in blocks_of(len(table.tickers)):
        together = np.ascontiguousarray(table.close[:, part].T)  # each column in one piece
        for column, close in enumerate(together, part.start):
            _add_column(found, table, column, close, eventful)


def _add_column(
    found: hashlib._Hash, table: PriceTable, column: int, close: Reals, eventful: Sequence[Events]
) -> None:
    traded = np.flatnonzero(~np.isnan(close))
    if not len(traded):
        return
    about = (table.exchange, table.currency, table.adjusted, table.tickers[column])
    found.update(repr(about).encode())
    span = slice(int(traded[0]), int(traded[-1]) + 1)
    rows = span if span.stop - span.start == len(traded) else traded  # a slice copies nothing
    _add_rows(found, table.sessions[rows], table.known_at[rows], close[rows])
    for amounts, usual, has_any in eventful:
        events = np.flatnonzero(amounts[:, column] != usual) if has_any[column] else _NO_ROWS
        _add_rows(found, table.sessions[events], table.known_at[events], amounts[events, column])
    if table.nav is not None:
        rows = np.flatnonzero(np.isfinite(table.nav[:, column]))
        if len(rows):
            _add_rows(found, table.sessions[rows], table.known_at[rows], table.nav[rows, column])


def _add_rows(found: hashlib._Hash, days: Days, known_at: Instants, values: Reals) -> None:
    found.update(len(values).to_bytes(8, "little"))
    for block in (days, known_at, values):
        found.update(np.ascontiguousarray(block).view(np.uint8).data)
