"""Another market folder as a source: ``symbol`` is ``FOLDER/TICKER`` or ``FOLDER/series-name``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from jeoul.errors import DataError
from jeoul.market.calendars import load_calendar
from jeoul.market.folder import Folder, read_folder
from jeoul.market.manifest import Manifest, read_manifest
from jeoul.market.raw.answer import (
    AS_TRADED,
    LEVEL,
    TOTAL_RETURN,
    Fetched,
    Payment,
    SeriesRequest,
    VendorRow,
)
from jeoul.market.sources.errors import BadRows, UnknownSymbol
from jeoul.market.sources.port import Source, SourcePlace
from jeoul.market.sources.spans import within
from jeoul.model.ratio import ratio_of
from jeoul.model.series import PriceTable, Series

NETWORK = False
KEYS = ()
NAME = "folder"


def connect(place: SourcePlace) -> Source:
    """Return the market folders beside a fetch plan."""
    return MarketFolders(place.base)


class MarketFolders:
    """Market folders under a base; each is read once."""

    def __init__(self, base: Path, name: str = NAME) -> None:
        self._base = base
        self._name = name
        self._read: dict[str, tuple[Manifest, Folder] | DataError | OSError] = {}

    def fetch(self, request: SeriesRequest) -> Fetched:
        """Return the rows of a ticker or of a series, as the folder has them."""
        place, _, ticker = request.symbol.rpartition("/")
        if place not in self._read:
            self._read[place] = self._open(place)
        opened = self._read[place]
        if isinstance(opened, (DataError, OSError)):
            reason = "; ".join(str(opened).splitlines())
            raise BadRows(self._name, request.symbol, reason) from opened
        manifest, folder = opened
        found = _prices(folder, ticker) or _series(folder, ticker)
        if found is None:
            raise UnknownSymbol(self._name, request.symbol, "the folder has no such ticker")
        return within(self._name, request, replace(found, simulated=manifest.simulated))

    def _open(self, place: str) -> tuple[Manifest, Folder] | DataError | OSError:
        """Return a folder, or why it cannot be read: for this symbol and the next ones of it."""
        try:
            manifest = read_manifest(self._base / place)
            calendars = {name: load_calendar(name) for name in manifest.exchanges}
            return manifest, read_folder(manifest, calendars)
        except (DataError, OSError) as error:
            return error


def _prices(folder: Folder, ticker: str) -> Fetched | None:
    for sheet in folder.prices:
        if ticker in sheet.table.tickers:
            return _column(sheet.table, sheet.table.tickers.index(ticker))
    return None


def _column(table: PriceTable, column: int) -> Fetched:
    close = table.close[:, column]
    seen = np.flatnonzero(np.isfinite(close))
    days = table.sessions.tolist()
    nav = np.full(len(close), np.nan) if table.nav is None else table.nav[:, column]
    rows = tuple(
        VendorRow(
            days[row], float(close[row]), nav=float(nav[row]) if np.isfinite(nav[row]) else None
        )
        for row in seen
    )
    if table.dividends is None or table.splits is None:
        return Fetched(TOTAL_RETURN, rows, currency=table.currency)
    paid, split = table.dividends[:, column], table.splits[:, column]
    payments = tuple(
        Payment(days[row], float(paid[row]), ratio_of(float(split[row])))
        for row in np.flatnonzero((paid != 0) | (split != 1))
    )
    return Fetched(AS_TRADED, rows, payments, table.currency)


def _series(folder: Folder, name: str) -> Fetched | None:
    for column in folder.series:
        if column.series.name == name:
            return Fetched(LEVEL, _observations(column.series))
    return None


def _observations(series: Series) -> tuple[VendorRow, ...]:
    values = series.values.tolist()
    days = series.dates.tolist()
    return tuple(VendorRow(day, value) for day, value in zip(days, values, strict=True))
