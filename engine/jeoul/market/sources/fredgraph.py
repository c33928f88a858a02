"""FRED's public download of one series as CSV: the figures of FRED by a door that needs no key.

It stands in where the API is out of order or its key is missing. It is not another origin.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import httpx

from jeoul.market.raw.answer import Fetched, SeriesRequest, VendorRow
from jeoul.market.sources.cells import number_of
from jeoul.market.sources.port import Source, SourcePlace
from jeoul.market.sources.spans import levels
from jeoul.market.sources.web import FRED_SYMBOL, Web, cells_of, symbol_of

NETWORK = True
NAME = "fredgraph"
KEYS = ()
HOST = "https://fred.stlouisfed.org"


def connect(place: SourcePlace) -> Source:
    """Return FRED's download."""
    return FredGraph(place)


class FredGraph:
    """A client of the download; ``transport`` is httpx's own unless a test gives another."""

    def __init__(
        self, place: SourcePlace, *, host: str = HOST, transport: httpx.BaseTransport | None = None
    ) -> None:
        self._web = Web(NAME, host, place, transport)

    def fetch(self, request: SeriesRequest) -> Fetched:
        """Return the observations of a series; days without one are left out."""
        symbol_of(NAME, request.symbol, FRED_SYMBOL, "DGS10")
        span = {"cosd": request.first.isoformat(), "coed": request.last.isoformat()}
        asked = {"id": request.symbol, **span}
        answer = self._web.get(request.symbol, "/graph/fredgraph.csv", asked, unknown=(404,))
        return levels(NAME, request, _rows(request.symbol, answer.text))


def _rows(symbol: str, text: str) -> Iterator[VendorRow]:
    head, *lines = cells_of(text) or [[]]
    if head not in (["DATE", symbol], ["observation_date", symbol]):
        raise ValueError(head)
    for day, value in lines:
        if value != "." and (level := number_of(value)) is not None:
            yield VendorRow(date.fromisoformat(day), level)
