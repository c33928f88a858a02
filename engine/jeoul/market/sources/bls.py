"""The US Bureau of Labor Statistics: consumer prices and unemployment, from where they are made.

The first version of its API needs no key, holds ten years in an answer and allows 25 questions a
day. ``CUUR0000SA0`` is the consumer price index, not seasonally adjusted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from typing import Any

import httpx

from jeoul.market.raw.answer import Fetched, SeriesRequest, VendorRow
from jeoul.market.sources.cells import value_of
from jeoul.market.sources.errors import RateLimited, UnknownSymbol, VendorBroken
from jeoul.market.sources.port import Source, SourcePlace
from jeoul.market.sources.spans import levels
from jeoul.market.sources.web import Web, symbol_of

NETWORK = True
NAME = "bls"
KEYS = ()
HOST = "https://api.bls.gov"
YEARS = 10  # of one answer

_SYMBOL = re.compile("[0-9A-Z]{5,20}", re.ASCII)
_MONTH = re.compile("M(0[1-9]|1[0-2])", re.ASCII)  # M13 is the year's average


def connect(place: SourcePlace) -> Source:
    """Return the bureau."""
    return Bls(place)


class Bls:
    """A client of the bureau; ``transport`` is httpx's own unless a test gives another."""

    def __init__(
        self, place: SourcePlace, *, host: str = HOST, transport: httpx.BaseTransport | None = None
    ) -> None:
        self._web = Web(NAME, host, place, transport)

    def fetch(self, request: SeriesRequest) -> Fetched:
        """Return the months of a series, each labelled with its first day."""
        symbol_of(NAME, request.symbol, _SYMBOL, "CUUR0000SA0")
        years = range(request.first.year, request.last.year + 1, YEARS)
        parts = [self._years(request, y, min(y + YEARS - 1, request.last.year)) for y in years]
        rows = (row for part in parts for row in _rows(part))
        return levels(NAME, request, rows, monthly=True)

    def _years(self, request: SeriesRequest, first: int, last: int) -> list[dict[str, Any]]:
        symbol = request.symbol
        answer = self._web.get(
            symbol,
            f"/publicAPI/v1/timeseries/data/{symbol}",
            {"startyear": str(first), "endyear": str(last)},
        )
        content = self._web.content(symbol, answer)
        said = ""
        with suppress(LookupError, TypeError, ValueError):
            said = " ".join(map(str, content["message"]))
            if content["status"] == "REQUEST_SUCCEEDED":
                (series,) = content["Results"]["series"]
                data: list[dict[str, Any]] = series["data"]
                return data
        if "threshold" in said:
            raise RateLimited(NAME, symbol, "asked too often (25 questions a day)")
        if "does not exist" in said or "Invalid Series" in said:
            raise UnknownSymbol(NAME, symbol, "does not know the series")
        raise VendorBroken(NAME, symbol, "observations of an unknown shape")


def _rows(entries: list[dict[str, Any]]) -> Iterator[VendorRow]:
    for entry in entries:
        found = _MONTH.fullmatch(entry["period"])
        level = value_of(entry["value"])  # "-" where none was made
        if found is not None and level is not None:
            yield VendorRow(date(int(entry["year"]), int(found[1]), 1), level)
