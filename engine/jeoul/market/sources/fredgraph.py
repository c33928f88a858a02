"""FRED's public download of one series as CSV: the figures of FRED by a door that needs no key.

It stands in where the API is out of order or its key is missing. It is not another origin.
"""

from __future__ import annotations

import csv
import io
import re
from datetime import date

import httpx

from jeoul.market.raw.answer import LEVEL, Fetched, Request, Row
from jeoul.market.sources.errors import EmptyAnswer, UnknownSymbol, VendorBroken
from jeoul.market.sources.port import Place, Source
from jeoul.market.sources.web import Web

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
        head, *rest = [*csv.reader(io.StringIO(answer.text))] or [[]]
        known = [["DATE", request.symbol], ["observation_date", request.symbol]]
        if answer.status_code >= 400 or head not in known:
            raise VendorBroken(NAME, request.symbol, "observations of an unknown shape")
        try:
            rows = tuple(
                Row(date.fromisoformat(day), float(value))
                for day, value in rest
                if value not in ("", ".")
            )
        except ValueError:
            reason = "observations of an unknown shape"
            raise VendorBroken(NAME, request.symbol, reason) from None
        kept = tuple(row for row in rows if request.first <= row.day <= request.last)
        if not kept:
            raise EmptyAnswer(NAME, request.symbol, f"no observation from {request.first} on")
        return Fetched(LEVEL, kept)
