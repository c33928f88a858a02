"""The US Bureau of Labor Statistics: consumer prices and unemployment, from where they are made.

The first version of its API needs no key, holds ten years in an answer and allows 25 questions a
day. ``CUUR0000SA0`` is the consumer price index, not seasonally adjusted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import httpx

from jeoul.market.raw.answer import LEVEL, Fetched, Request, Row
from jeoul.market.sources.cells import number_of
from jeoul.market.sources.errors import EmptyAnswer, RateLimited, UnknownSymbol, VendorBroken
from jeoul.market.sources.port import Place, Source
from jeoul.market.sources.web import Web

NETWORK = True
NAME = "bls"
KEYS = ()
HOST = "https://api.bls.gov"
YEARS = 10  # of one answer

_SYMBOL = re.compile("[0-9A-Z]{5,20}", re.ASCII)
_MONTH = re.compile("M(0[1-9]|1[0-2])", re.ASCII)  # M13 is the year's average


def connect(place: Place) -> Source:
    """Return the bureau."""
    return Bls(place)


class Bls:
    """A client of the bureau; ``transport`` is httpx's own unless a test gives another."""

    def __init__(
        self, place: Place, *, host: str = HOST, transport: httpx.BaseTransport | None = None
    ) -> None:
        self._web = Web(NAME, host, place, transport)

    def fetch(self, request: Request) -> Fetched:
        """Return the months of a series, each labelled with its first day."""
        if not _SYMBOL.fullmatch(request.symbol):
            raise UnknownSymbol(NAME, request.symbol, "does not know the series")
        rows: list[Row] = []
        for year in range(request.first.year, request.last.year + 1, YEARS):
            rows += self._years(request, year, min(year + YEARS - 1, request.last.year))
        month = request.first.replace(day=1)
        kept = sorted(row for row in rows if month <= row.day <= request.last)
        if not kept:
            raise EmptyAnswer(NAME, request.symbol, f"no observation from {request.first} on")
        return Fetched(LEVEL, tuple(kept))

    def _years(self, request: Request, first: int, last: int) -> list[Row]:
        symbol = request.symbol
        answer = self._web.get(
            symbol,
            f"/publicAPI/v1/timeseries/data/{symbol}",
            {"startyear": str(first), "endyear": str(last)},
        )
        content = self._web.content(symbol, answer)
        try:
            status, said = content["status"], " ".join(map(str, content["message"]))
            if status == "REQUEST_SUCCEEDED":
                (series,) = content["Results"]["series"]
                return list(_rows(series["data"]))
        except (KeyError, TypeError, ValueError):
            status, said = "", ""
        if "threshold" in said:
            raise RateLimited(NAME, symbol, "asked too often (25 questions a day)")
        if "does not exist" in said or "Invalid Series" in said:
            raise UnknownSymbol(NAME, symbol, "does not know the series")
        raise VendorBroken(NAME, symbol, "observations of an unknown shape")


def _rows(entries: list[dict[str, Any]]) -> Iterator[Row]:
    for entry in entries:
        found = _MONTH.fullmatch(entry["period"])
        level = number_of(str(entry["value"]))  # "-" where none was made
        if found is not None and level is not None:
            yield Row(date(int(entry["year"]), int(found[1]), 1), level)
