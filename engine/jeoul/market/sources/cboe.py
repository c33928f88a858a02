"""The exchange's own files of VIX, VIX3M and their relatives: one CSV with the whole history.

``VIX3M`` is the file ``VIX3M_History.csv``. No key is needed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

import httpx

from jeoul.market.raw.answer import Fetched, SeriesRequest, VendorRow
from jeoul.market.sources.cells import number_of
from jeoul.market.sources.port import Source, SourcePlace
from jeoul.market.sources.spans import levels
from jeoul.market.sources.web import Web, cells_of, symbol_of

NETWORK = True
NAME = "cboe"
KEYS = ()
HOST = "https://cdn.cboe.com"

_SYMBOL = re.compile("[0-9A-Z]{1,12}", re.ASCII)
_DAY = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})", re.ASCII)


def connect(place: SourcePlace) -> Source:
    """Return the exchange's files."""
    return Cboe(place)


class Cboe:
    """A client of the exchange; ``transport`` is httpx's own unless a test gives another."""

    def __init__(
        self, place: SourcePlace, *, host: str = HOST, transport: httpx.BaseTransport | None = None
    ) -> None:
        self._web = Web(NAME, host, place, transport)

    def fetch(self, request: SeriesRequest) -> Fetched:
        """Return the closes of an index from its first to its last day wanted."""
        symbol_of(NAME, request.symbol, _SYMBOL, "VIX3M")
        path = f"/api/global/us_indices/daily_prices/{request.symbol}_History.csv"
        # The host answers 403 for a file that is not there.
        answer = self._web.get(request.symbol, path, unknown=(403, 404))
        return levels(NAME, request, _rows(answer.text))


def _rows(text: str) -> Iterator[VendorRow]:
    """Yield the rows; some files have a column CLOSE, others one of the index's own name."""
    names, *lines = cells_of(text) or [[]]
    close = "CLOSE" if "CLOSE" in names else names[-1] if len(names) == 2 else ""
    if "DATE" not in names or not close:
        raise ValueError(names)
    for line in lines:
        entry = dict(zip(names, line, strict=True))
        found = _DAY.fullmatch(entry["DATE"])
        if found is None:
            raise ValueError(entry["DATE"])
        value = number_of(entry[close])
        if value:
            yield VendorRow(date(int(found[3]), int(found[1]), int(found[2])), value)
