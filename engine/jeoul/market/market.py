"""``open_market`` and ``Market``: a market folder, cut at the instant of a decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np

from jeoul.errors import BeyondData, DataError, Problem
from jeoul.files.cache import Cache
from jeoul.market.calendars import load_calendar
from jeoul.market.findings_file import let_pass
from jeoul.market.folder import Folder, PriceSheet
from jeoul.market.kept_folder import kept_folder
from jeoul.market.manifest import NAME, Manifest, read_manifest
from jeoul.market.quality import (
    KnownFinding,
    dropped_findings,
    last_prices,
    price_findings,
    stale_findings,
    stale_series,
)
from jeoul.model.calendar import Calendar, Days
from jeoul.model.days import count_before
from jeoul.model.portfolio import Reason
from jeoul.model.series import PriceTable, Series
from jeoul.model.session import parse_session
from jeoul.model.shown import Shown
from jeoul.model.snapshot import Snapshot
from jeoul.model.valued import Valued


@dataclass(frozen=True, slots=True, eq=False)
class _Table:
    """A price sheet with what makes a cut cheap."""

    sheet: PriceSheet
    newest: np.ndarray  # row of the newest price, by session and ticker
    filled: np.ndarray  # how many of the first k rows to keep so that the last one has a price

    def rows(self, when: int) -> int:
        """Return how many rows were known at an instant, trailing empty ones left out."""
        known = int(np.searchsorted(self.sheet.table.known_at, when, side="right"))
        return int(self.filled[known])


class Market(Shown):
    """A market that was read whole; :meth:`as_of` shows the part known at a decision.

    ``notes`` say what was taken as what, where a DataFrame was read.
    """

    def __init__(
        self,
        manifest: Manifest,
        folder: Folder,
        calendars: Mapping[str, Calendar],
        multiples: Mapping[str, float],
        notes: Sequence[Reason] = (),
    ) -> None:
        self.notes = tuple(notes)
        self.last = manifest.last
        self.simulated = manifest.simulated
        self.source = manifest.what
        self.calendars = dict(calendars)
        self._tables = tuple(_table(sheet) for sheet in folder.prices)
        self._sessions = _sessions(self._tables, self.last)
        self._series = folder.series
        seen = [s for sheet in folder.prices for s in price_findings(sheet, multiples)]
        seen = sorted([*seen, *(KnownFinding(*noted) for noted in folder.noted)])
        self._findings = tuple(let_pass(s.finding, manifest.released) for s in seen)
        self._found_at = np.array([s.known_at for s in seen], dtype=np.int64)

    def _brief(self) -> Mapping[str, object]:
        return {
            "source": self.source,
            "simulated": self.simulated,
            "last": self.last,
            "prices": {table.exchange: len(table.tickers) for table in self.prices},
            "series": len(self._series),
        }

    @property
    def prices(self) -> tuple[PriceTable, ...]:
        """Return every price table whole, the future included: for a backtest to cut."""
        return tuple(t.sheet.table for t in self._tables)

    def with_prices(self, tables: Sequence[PriceTable]) -> Market:
        """Return the same market with other price tables, one for each of its own, in their order.

        Findings stay those of the folder; sessions and stale prices are those of the new tables.
        """
        found = copy(self)
        found._tables = tuple(
            _table(replace(old.sheet, table=new))
            for old, new in zip(self._tables, tables, strict=True)
        )
        found._sessions = _sessions(found._tables, self.last)
        return found

    def valued_to(self, valued: Valued) -> Market:
        """Return the same market without net asset values of later sessions, and their findings."""
        found = self.with_prices([valued.cut(table) for table in self.prices])
        kept = [row for row, each in enumerate(self._findings) if valued.keeps(each)]
        found._findings = tuple(self._findings[row] for row in kept)
        found._found_at = self._found_at[kept]
        return found

    @property
    def series(self) -> dict[str, Series]:
        """Return every series whole, the future included: for a backtest to cut."""
        return {c.series.name: c.series for c in self._series}

    def sessions(self, calendar: str = "XKRX") -> Days:
        """Return the sessions that :meth:`as_of` can show: those with a price, up to ``last``.

        Raises :class:`DataError` if the folder has no prices of that exchange, or none up to
        ``last``.
        """
        tables = [t.sheet.table for t in self._tables if t.sheet.table.exchange == calendar]
        if tables and calendar not in self._sessions:
            first = min(table.sessions[0] for table in tables)
            reason = f"{self.last} lies before the first price of {calendar}"
            remedy = f"write the last date that the folder vouches for, {first} or later"
            raise DataError([Problem(NAME, reason, key="last", remedy=remedy)])
        if not tables:
            remedy = f"add a price file of {calendar}, or choose a strategy of another calendar"
            raise DataError([Problem(self.source, f"has no prices of {calendar}", remedy=remedy)])
        return self._sessions[calendar]

    def last_session(self, calendar: str = "XKRX") -> date:
        """Return the newest session that :meth:`as_of` can show."""
        day: date = self.sessions(calendar)[-1].astype(object)
        return day

    def as_of(self, day: date | str, calendar: str = "XKRX") -> Snapshot:
        """Return the market as it was known when the close of ``day`` was decided on.

        ``day`` is the last completed session of the deciding calendar. The decision is made at
        08:30 local time of the following session; everything known by then is visible, rows of
        other exchanges included, and nothing later.

        Raises :class:`NotASession` if ``day`` is none, :class:`BeyondData` if it lies before the
        first or after the last session with a price, or has no price itself.
        """
        day = parse_session(day) if isinstance(day, str) else day
        self._check_session(day, calendar)
        return self._known(day, calendar)

    def as_then(
        self, day: date, calendar: str, digest: str, valued: Valued | None = None
    ) -> Market | None:
        """Return the market that shows a digest of then on a session, None if it is gone.

        A folder may have gained net asset values since; then they are left out, from where
        ``valued`` says that they reached (:meth:`Snapshot.seen_as`).
        """
        shown = self.as_of(day, calendar)
        seen = shown.seen_as(digest, valued)
        if seen is None or seen is shown:
            return None if seen is None else self
        return self.valued_to(seen.seen.valued)

    def newest(self, calendar: str = "XKRX") -> Snapshot:
        """Return the market after the newest session with a price of the calendar.

        In a folder without any prices of that exchange it is the session up to whose close the
        newest series reaches: enough for latches, which need no allocation.
        """
        newest = [int(c.series.known_at[-1]) for c in self._series if len(c.series)]
        if calendar in self._sessions or not newest:
            return self.as_of(self.last_session(calendar), calendar)
        return self._known(self.calendars[calendar].last_closed(max(newest)), calendar)

    def _known(self, day: date, calendar: str) -> Snapshot:
        when = self.calendars[calendar].decision_instant(day)
        rows = [table.rows(when) for table in self._tables]
        prices = tuple(t.sheet.table.head(n) for t, n in zip(self._tables, rows, strict=True))
        series = {c.series.name: c.series.until(when) for c in self._series}
        findings = [*self._findings[: int(np.searchsorted(self._found_at, when, side="right"))]]
        for table, n in zip(self._tables, rows, strict=True):
            findings += dropped_findings(table.sheet.dropped, when)
            if n:
                findings += stale_findings(table.sheet, table.newest[n - 1], when)
        for column in self._series:
            findings += dropped_findings(column.dropped, when)
            findings += stale_series(column, len(series[column.series.name]), when)
        return Snapshot(
            as_of=day,
            calendar=calendar,
            decided_at=when,
            prices=prices,
            series=series,
            findings=tuple(findings),
            simulated=self.simulated,
            source=self.source,
        )

    def _check_session(self, day: date, calendar: str) -> None:
        days = self.sessions(calendar)
        first, last = days[0].astype(object), days[-1].astype(object)
        table = self.calendars[calendar]
        if table.label(0) <= day <= table.label(len(table) - 1):
            table.index(day)
        if not first <= day <= last:
            remedy = f"choose a session of {calendar} from {first} to {last}"
            raise BeyondData(day.isoformat(), last.isoformat(), remedy)
        if days[count_before(days, day)] != np.datetime64(day):
            before = days[count_before(days, day) - 1]
            reason = f"has no {calendar} price on {day}, which is a session"
            remedy = f"add the row, or decide as of {before}"
            raise DataError([Problem(self.source, reason, remedy=remedy)])


def open_market(
    folder: Path | str,
    *,
    calendars: Mapping[str, Calendar] | None = None,
    multiples: Mapping[str, float] | None = None,
    cache: Cache | None = None,
) -> Market:
    """Return the market in a folder with a ``manifest.toml``, read and checked.

    ``calendars`` maps an exchange to its sessions; without it the shipped calendars are used.
    ``multiples`` are those of leveraged and inverse funds by ticker, for their price limits.
    ``cache`` keeps the files as arrays for the next process.

    Raises :class:`DataError` with every problem of the manifest, or of all files, at once.
    """
    manifest = read_manifest(Path(folder))
    if calendars is None:
        calendars = {name: load_calendar(name) for name in manifest.exchanges}
    missing = [name for name in manifest.exchanges if name not in calendars]
    if missing:
        remedy = "give the calendar, or take the exchange out"
        raise DataError([Problem(NAME, f"no calendar of {m}", remedy=remedy) for m in missing])
    return Market(manifest, kept_folder(manifest, calendars, cache), calendars, multiples or {})


def _sessions(tables: Sequence[_Table], last: date) -> dict[str, Days]:
    """Return by exchange the sessions on which anything of it has a price."""
    found: dict[str, Days] = {}
    for table in tables:
        prices = table.sheet.table
        days = prices.sessions[np.diff(table.filled) > 0]
        days = days[days <= np.datetime64(last)]
        if len(days):
            known = found.get(prices.exchange)
            found[prices.exchange] = days if known is None else np.union1d(known, days)
    return found


def _table(sheet: PriceSheet) -> _Table:
    some = (~np.isnan(sheet.table.close)).any(axis=1)
    counts = np.where(some, np.arange(1, len(sheet.table.close) + 1), 0)
    return _Table(sheet, last_prices(sheet), np.concatenate([[0], np.maximum.accumulate(counts)]))
