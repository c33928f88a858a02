"""FRED's public download of one series as CSV: the figures of FRED by a door that needs no key.

It stands in where the API is out of order or its key is missing. It is not another origin.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

import httpx

from jeoul.market.raw.answer import Fetched, Request, Row
from jeoul.market.sources.cells import number_of
from jeoul.market.sources.errors import UnknownSymbol, VendorBroken
from jeoul.market.sources.port import Place, Source
from jeoul.market.sources.web import Web, cells_of, levels

NETWORK = True
NAME = "fredgraph"
KEYS = ()
HOST = "https://fred.stlouisfed.org"

_SYMBOL = re.compile("[0-9A-Z]{1,40}", re.ASCII)


def connect(place: Place) -> Source:
    """Return FRED's download."""
    return FredGraph(place)


class FredGraph:
    """A client of the download; ``transport`` is httpx's own unless a test gives another."""

    def __init__(
        self, place: Place, *, host: str = HOST, transport: httpx.BaseTransport | None = None
    ) -> None:
        self._web = Web(NAME, host, place, transport)

    def fetch(self, request: Request) -> Fetched:
        """Return the observations of a series; days without one are left out."""
        if not _SYMBOL.fullmatch(request.symbol):
            raise UnknownSymbol(NAME, request.symbol, "does not know the series")
        span = {"cosd": request.first.isoformat(), "coed": request.last.isoformat()}
        answer = self._web.get(
            request.symbol, "/graph/fredgraph.csv", {"id": request.symbol, **span}
        )
        if answer.status_code == 404:
            raise UnknownSymbol(NAME, request.symbol, "does not know the series")
        if answer.status_code >= 400:
            reason = f"answered with the status {answer.status_code}"
            raise VendorBroken(NAME, request.symbol, reason)
        try:
            rows = tuple(_rows(request.symbol, answer.text))
        except ValueError:
            reason = "observations of an unknown shape"
            raise VendorBroken(NAME, request.symbol, reason) from None
        return levels(NAME, request, rows)


def _rows(symbol: str, text: str) -> Iterator[Row]:
    head, *lines = cells_of(text) or [[]]
    if head not in (["DATE", symbol], ["observation_date", symbol]):
        raise ValueError(head)
    for day, value in lines:
        if value != "." and (level := number_of(value)) is not None:
            yield Row(date.fromisoformat(day), level)
