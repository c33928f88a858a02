"""A market folder read into price tables and series, each row with the instant it became known."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from jeoul.errors import DataError, Problem
from jeoul.market.events import PriceEvent, read_events
from jeoul.market.findings_file import Noted, read_noted
from jeoul.market.frozen import Frozen, frozen_runs, masked
from jeoul.market.labels import REMEDY, shifted
from jeoul.market.manifest import NAME, Manifest, ManifestColumn, PriceFile, SeriesFile
from jeoul.market.publication import known_instants, on_session
from jeoul.market.sheet import NumberSheet, SheetFaults, read_sheet
from jeoul.model.calendar import Calendar, Days, Instants, Reals
from jeoul.model.days import count_before
from jeoul.model.series import PriceTable, Series

KRX_CODE = re.compile(r"\d{4}[0-9A-Z]{2}")


@dataclass(frozen=True, slots=True, eq=False)
class Dropped:
    """Rows with values that were left out because their day is no session of their exchange."""

    subject: str
    exchange: str
    days: Days
    known_at: Instants


@dataclass(frozen=True, slots=True, eq=False)
class PriceSheet:
    """A price table as read, with what a finding needs to point into its file.

    ``table`` has one row for every session from the first row of the file to the last, NaN where
    the file has none. NaN are also prices of zero or less, which stand in ``refused`` as
    ``(row, column, price)``, and closes that do not move for too long, which stand in ``frozen``.
    ``lines`` are the lines of the file, 0 for a session without one; ``timeline`` goes on to the
    end of the calendar: when the close of each session is known.
    """

    path: str
    table: PriceTable
    lines: NDArray[np.int64]
    refused: tuple[tuple[int, int, float], ...]
    dropped: Dropped
    timeline: Instants
    events_path: str = ""
    events: tuple[PriceEvent, ...] = ()
    frozen: tuple[Frozen, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class SeriesColumn:
    """A series as read, with the rows that were left out and how often it is published."""

    series: Series
    monthly: bool
    dropped: Dropped


@dataclass(frozen=True, slots=True, eq=False)
class Folder:
    """Everything of a market folder that a decision may see."""

    prices: tuple[PriceSheet, ...]
    series: tuple[SeriesColumn, ...]
    noted: tuple[Noted, ...] = ()


def read_folder(manifest: Manifest, calendars: Mapping[str, Calendar]) -> Folder:
    """Return the price tables and series of a market folder.

    Nothing is filled forward, sorted or repaired. Raises :class:`DataError` with the problems of
    all files at once.
    """
    problems: list[Problem] = []
    prices: list[PriceSheet] = []
    series: list[SeriesColumn] = []
    for price_file in manifest.prices:
        try:
            prices.append(_prices(manifest, price_file, calendars))
        except DataError as error:
            problems += _problems(error, price_file.path)
    problems += _twice(prices)
    for series_file in manifest.series:
        try:
            series += _series(manifest, series_file, calendars)
        except DataError as error:
            problems += _problems(error, series_file.path)
    noted: list[Noted] = []
    for findings_file in manifest.findings:
        try:
            noted += read_noted(manifest, findings_file, calendars)
        except DataError as error:
            problems += _problems(error, findings_file.path)
    if problems:
        raise DataError(problems)
    return Folder(tuple(prices), tuple(series), tuple(noted))


def _problems(error: DataError, path: str) -> tuple[Problem, ...]:
    """Return what is wrong with a file; an error that is one sentence is one problem."""
    remedy = f"correct the file, or its known in {NAME}"
    return error.problems or (Problem(path, str(error), remedy=remedy),)


def _prices(manifest: Manifest, file: PriceFile, calendars: Mapping[str, Calendar]) -> PriceSheet:
    found = price_sheet(file, read_sheet(manifest.folder, file.path, "date"), calendars)
    calendar = calendars[file.exchange]
    return _with_events(manifest, found, calendar) if file.adjusted == "raw" else found


def price_sheet(
    file: PriceFile, sheet: NumberSheet, calendars: Mapping[str, Calendar]
) -> PriceSheet:
    """Return closing prices laid over the sessions of their exchange, without any events.

    Raises :class:`DataError` for codes, days and labels that cannot be those of the exchange.
    """
    calendar = calendars[file.exchange]
    _check_prices(file, sheet, calendar)
    session = on_session(calendar, sheet.days)
    place = np.searchsorted(calendar.sessions, sheet.days[session])
    first, last = int(place[0]), int(place[-1])
    close = np.full((last + 1 - first, len(sheet.columns)), np.nan)
    close[place - first] = sheet.values[session]
    lines = np.zeros(len(close), dtype=np.int64)
    lines[place - first] = np.flatnonzero(session) + NumberSheet.line(0)
    refused = tuple(
        (int(row), int(column), float(close[row, column]))
        for row, column in np.argwhere(close <= 0)
    )
    close[close <= 0] = np.nan
    runs = frozen_runs(close, file.exchange)
    timeline, _ = known_instants(file.known, calendar.sessions[first:], calendars)
    table = PriceTable(
        exchange=file.exchange,
        currency=file.currency,
        adjusted=file.adjusted,
        tickers=sheet.columns,
        sessions=calendar.sessions[first : last + 1],
        known_at=timeline[: len(close)],
        close=masked(close, runs),
    )
    instants, _ = known_instants(file.known, sheet.days, calendars)
    lost = ~session & ~np.isnan(sheet.values).all(axis=1)
    dropped = Dropped(file.path, file.exchange, sheet.days[lost], instants[lost])
    return PriceSheet(
        path=file.path,
        table=table,
        lines=lines,
        refused=refused,
        dropped=dropped,
        timeline=timeline,
        frozen=runs,
    )


def _check_prices(file: PriceFile, sheet: NumberSheet, calendar: Calendar) -> None:
    """Refuse codes that are not text and days that the calendar cannot judge."""
    faults = SheetFaults(file.path)
    for name in sheet.columns:
        if file.exchange == "XKRX" and not KRX_CODE.fullmatch(name):
            remedy = "write the code as text of six characters, 069500, not 69500"
            faults.add("is not a KRX code", remedy, 1, name)
    for row in np.flatnonzero(sheet.days < calendar.sessions[0]):
        reason = f"{sheet.days[row]} lies before the {calendar.name} calendar begins"
        remedy = f"remove the rows before {calendar.sessions[0]}"
        faults.add(reason, remedy, NumberSheet.line(int(row)), "date")
    _check_end(sheet, calendar, faults)
    if not on_session(calendar, sheet.days).any():
        reason = f"no row is a session of {calendar.name}"
        faults.add(reason, f"correct exchange in {NAME}, or the dates")
    filled = np.asarray((~np.isnan(sheet.values)).any(axis=1))
    _check_labels(sheet, calendar, filled, faults, "date")
    faults.refuse()


def _check_labels(
    sheet: NumberSheet,
    calendar: Calendar,
    filled: NDArray[np.bool_],
    faults: SheetFaults,
    name: str,
) -> None:
    """Refuse dates that are a day early or late: no row of the file is then what it says."""
    found = shifted(calendar, sheet.days, filled)
    if found is not None:
        faults.add(found.wrong, REMEDY, NumberSheet.line(found.row), name)


def _check_end(sheet: NumberSheet, calendar: Calendar, faults: SheetFaults) -> None:
    for row in np.flatnonzero(sheet.days > calendar.sessions[-1]):
        reason = f"{sheet.days[row]} lies after the {calendar.name} calendar ends"
        faults.add(reason, "update data/calendars", NumberSheet.line(int(row)), "date")


def _with_events(manifest: Manifest, sheet: PriceSheet, calendar: Calendar) -> PriceSheet:
    """Return a raw price sheet with its dividends and splits laid over its sessions."""
    path = next((f.path for f in manifest.events if f.events_of == sheet.path), "")
    events = read_events(manifest.folder, path, sheet.table.tickers, calendar) if path else ()
    sheet = with_events(sheet, events)
    table = sheet.table
    taxable = np.full_like(table.close, np.nan)
    for event in events:
        if event.taxable is not None and (row := _row(table, event)) is not None:
            taxable[row, table.tickers.index(event.ticker)] = event.taxable
    bases = {file.tax_base_of: file.path for file in manifest.tax_bases}
    values = {file.nav_of: file.path for file in manifest.navs}
    table = replace(
        table,
        tax_base=_beside(manifest, sheet, calendar, bases.get(sheet.path, "")),
        nav=_beside(manifest, sheet, calendar, values.get(sheet.path, ""), holes=True),
        taxable=None if np.isnan(taxable).all() else taxable,
    )
    return replace(sheet, table=table, events_path=path)


def with_events(sheet: PriceSheet, events: Sequence[PriceEvent]) -> PriceSheet:
    """Return a raw price sheet with events; those outside the price rows have no effect yet."""
    table = sheet.table
    dividends, splits = np.zeros_like(table.close), np.ones_like(table.close)
    column = {ticker: place for place, ticker in enumerate(table.tickers)}
    for event in events:
        if (row := _row(table, event)) is not None:
            dividends[row, column[event.ticker]] = event.dividend
            splits[row, column[event.ticker]] = float(event.split)
    table = replace(table, dividends=dividends, splits=splits)
    return replace(sheet, table=table, events=tuple(events))


def _row(table: PriceTable, event: PriceEvent) -> int | None:
    """Return the row of an event's session, None outside the price rows."""
    row = count_before(table.sessions, event.day)
    inside = row < len(table.sessions) and table.sessions[row] == np.datetime64(event.day)
    return row if inside else None


def _beside(
    manifest: Manifest, sheet: PriceSheet, calendar: Calendar, path: str, *, holes: bool = False
) -> Reals | None:
    """Return figures by session and ticker of a price file; None without a file of them.

    With ``holes`` a figure of zero or less is one that the source did not have, like a price.
    """
    if not path:
        return None
    table = sheet.table
    found = read_sheet(manifest.folder, path, "date")
    faults = SheetFaults(path)
    for name in found.columns:
        if name not in table.tickers:
            faults.add("is not a column of the price file", "remove the column", 1, name)
    for row in np.flatnonzero(~on_session(calendar, found.days)):
        reason = f"{found.days[row]} is not a session of {calendar.name}"
        faults.add(reason, "give figures by session", NumberSheet.line(int(row)), "date")
    for row, column in () if holes else np.argwhere(found.values <= 0):
        reason = f"{found.values[row, column]:g} is not a price or value"
        faults.add(
            reason, "give amounts above 0", NumberSheet.line(int(row)), found.columns[column]
        )
    faults.refuse()
    figures = np.where(found.values > 0, found.values, np.nan)
    base = np.full_like(table.close, np.nan)
    inside = np.isin(found.days, table.sessions)
    places = np.searchsorted(table.sessions, found.days[inside])
    for column, name in enumerate(found.columns):
        base[places, table.tickers.index(name)] = figures[inside, column]
    return base


def _twice(prices: Sequence[PriceSheet]) -> list[Problem]:
    """Return the tickers that stand in two price files."""
    owner: dict[str, str] = {}
    found = []
    for sheet in prices:
        for ticker in sheet.table.tickers:
            if ticker in owner:
                reason = f"also has prices in {owner[ticker]}"
                found.append(
                    Problem(
                        file=sheet.path,
                        message=reason,
                        line=1,
                        key=ticker,
                        remedy="keep one of the two columns",
                    )
                )
            owner[ticker] = sheet.path
    return found


def _series(
    manifest: Manifest, file: SeriesFile, calendars: Mapping[str, Calendar]
) -> list[SeriesColumn]:
    sheet = read_sheet(manifest.folder, file.path, file.index)
    named = {column.name for column in file.columns}
    rules = {c.known for c in file.columns if not c.known.in_advance}
    faults = SheetFaults(file.path)
    for name in sorted(named - set(sheet.columns)):
        faults.add("the column is missing", f"add it, or take it out of {NAME}", 1, name)
    for name in sheet.columns:
        if name not in named:
            remedy = f"add it to [file.columns] of {NAME}, or remove the column"
            faults.add(f"{NAME} does not name the column", remedy, 1, name)
    for exchange in sorted({rule.exchange for rule in rules if rule.exchange}):
        _check_end(sheet, calendars[exchange], faults)
    for column in file.columns if file.index == "date" else ():
        if column.known.exchange and column.name in sheet.columns:
            filled = ~np.isnan(sheet.values[:, sheet.columns.index(column.name)])
            _check_labels(sheet, calendars[column.known.exchange], filled, faults, column.name)
    faults.refuse()
    instants = {rule: known_instants(rule, sheet.days, calendars) for rule in rules}
    return [
        _column(file, column, sheet, *instants[column.known])
        for column in file.columns
        if column.known in instants
    ]


def _column(
    file: SeriesFile,
    column: ManifestColumn,
    sheet: NumberSheet,
    known_at: Instants,
    session: NDArray[np.bool_],
) -> SeriesColumn:
    values = sheet.values[:, sheet.columns.index(column.name)]
    observed = ~np.isnan(values)
    monthly = file.index == "month"
    # The last day of a month is often no session; the figure stands for the month, not for a day.
    kept = observed if monthly else observed & session
    series = Series(
        name=column.name,
        unit=column.unit,
        dates=sheet.days[kept],
        values=values[kept],
        known_at=known_at[kept],
    )
    lost = observed & ~kept
    exchange = column.known.exchange or ""
    return SeriesColumn(
        series, monthly, Dropped(column.name, exchange, sheet.days[lost], known_at[lost])
    )
