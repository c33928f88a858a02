"""FRED of the Federal Reserve Bank of St. Louis: VIX, yields, policy rates, exchange rates.

The key is part of the address of every request, so addresses reach no log and no message.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import httpx

from jeoul.market.raw.answer import Fetched, SeriesRequest, VendorRow
from jeoul.market.sources.cells import value_of
from jeoul.market.sources.errors import KeyRefused, UnknownSymbol, VendorBroken
from jeoul.market.sources.port import Source, SourcePlace
from jeoul.market.sources.spans import levels
from jeoul.market.sources.web import FRED_SYMBOL, Web, WebAnswer, key_of, symbol_of

NETWORK = True
NAME = "fred"
KEY = "FRED_API_KEY"
KEYS = (KEY,)
HOST = "https://api.stlouisfed.org"


def connect(place: SourcePlace) -> Source:
    """Return FRED with the key ``FRED_API_KEY`` of ``place.keys``."""
    return Fred(place)


class Fred:
    """A client of FRED; ``transport`` is httpx's own unless a test gives another."""

    def __init__(
        self, place: SourcePlace, *, host: str = HOST, transport: httpx.BaseTransport | None = None
    ) -> None:
        self._place = place
        self._web = Web(NAME, host, place, transport)

    def fetch(self, request: SeriesRequest) -> Fetched:
        """Return the observations of a series; days without one are left out."""
        symbol_of(NAME, request.symbol, FRED_SYMBOL, "DGS10")
        key = key_of(self._place, NAME, request.symbol, KEY, "fred.stlouisfed.org")
        answer = self._web.get(
            request.symbol,
            "/fred/series/observations",
            {
                "series_id": request.symbol,
                "observation_start": request.first.isoformat(),
                "observation_end": request.last.isoformat(),
                "file_type": "json",
                "api_key": key,
            },
            told=range(400, 500),
        )
        return levels(NAME, request, _rows(self._content(request.symbol, answer)))

    def _content(self, symbol: str, answer: WebAnswer) -> dict[str, Any]:
        status = answer.status
        content = self._web.content(symbol, answer)
        if not isinstance(content, dict):
            raise VendorBroken(NAME, symbol, "answered with something that is not JSON")
        if status >= 400:
            said = str(content.get("error_message", ""))
            if "api_key" in said or status in (401, 403):
                raise KeyRefused(NAME, symbol, f"does not accept the key; correct {KEY}")
            if "does not exist" in said or status == 404:
                raise UnknownSymbol(NAME, symbol, "does not know the series")
            raise VendorBroken(NAME, symbol, f"answered with the status {status}")
        return content


def _rows(content: dict[str, Any]) -> Iterator[VendorRow]:
    for entry in content["observations"]:
        if entry["value"] != "." and (level := value_of(entry["value"])) is not None:
            yield VendorRow(date.fromisoformat(entry["date"]), level)
