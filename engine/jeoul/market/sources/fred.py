"""FRED of the Federal Reserve Bank of St. Louis: VIX, yields, policy rates, exchange rates.

The key stands in the address of every request, so addresses reach no log and no message.
"""

from __future__ import annotations

import logging
from datetime import date
from typing import Any

import httpx

from jeoul.market.raw.answer import LEVEL, Fetched, Request, Row
from jeoul.market.sources.errors import (
    EmptyAnswer,
    KeyRefused,
    NetworkRefused,
    RateLimited,
    SourceError,
    Stalled,
    UnknownSymbol,
    VendorBroken,
)
from jeoul.market.sources.port import Place, Source

NETWORK = True
NAME = "fred"
KEY = "FRED_API_KEY"
KEYS = (KEY,)
HOST = "https://api.stlouisfed.org"


def connect(place: Place) -> Source:
    """Return FRED with the key ``FRED_API_KEY`` of ``place.keys``."""
    return Fred(place)


class Fred:
    """A client of FRED; ``transport`` is httpx's own unless a test gives another."""

    def __init__(
        self, place: Place, *, host: str = HOST, transport: httpx.BaseTransport | None = None
    ) -> None:
        for name in ("httpx", "httpcore"):  # both write addresses, and so the key, when they talk
            logging.getLogger(name).setLevel(logging.WARNING)
        self._key = place.keys.get(KEY, "")
        self._client = httpx.Client(base_url=host, timeout=place.timeout, transport=transport)

    def fetch(self, request: Request) -> Fetched:
        """Return the observations of a series; days without one are left out."""
        if not self._key:
            reason = f"needs a key: ask for one at fred.stlouisfed.org and set {KEY}"
            raise KeyRefused(NAME, request.symbol, reason)
        content = self._ask(request)
        rows = _rows(request.symbol, content)
        if not rows:
            raise EmptyAnswer(NAME, request.symbol, f"no observation from {request.first} on")
        return Fetched(LEVEL, rows)

    def _ask(self, request: Request) -> dict[str, Any]:
        failure: SourceError
        try:
            answer = self._client.get(
                "/fred/series/observations",
                params={
                    "series_id": request.symbol,
                    "observation_start": request.first.isoformat(),
                    "observation_end": request.last.isoformat(),
                    "file_type": "json",
                    "api_key": self._key,
                },
            )
        except httpx.TimeoutException as error:
            failure = Stalled(NAME, request.symbol, f"no answer in time ({type(error).__name__})")
        except httpx.ConnectError:
            failure = NetworkRefused(NAME, request.symbol, "no connection")
        except httpx.HTTPError as error:
            failure = VendorBroken(NAME, request.symbol, f"cut short ({type(error).__name__})")
        else:
            return _content(request.symbol, answer)
        raise failure  # outside of the handler: the cause carries the address, and so the key


def _content(symbol: str, answer: httpx.Response) -> dict[str, Any]:
    status = answer.status_code
    if status == 429:
        raise RateLimited(NAME, symbol, "asked too often (429)")
    if status >= 500:
        raise VendorBroken(NAME, symbol, f"answered with the status {status}")
    try:
        content = answer.json()
    except ValueError:
        content = None
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


def _rows(symbol: str, content: dict[str, Any]) -> tuple[Row, ...]:
    try:
        return tuple(
            Row(date.fromisoformat(entry["date"]), float(entry["value"]))
            for entry in content["observations"]
            if entry["value"] != "."
        )
    except (KeyError, TypeError, ValueError):
        raise VendorBroken(NAME, symbol, "observations of an unknown shape") from None
