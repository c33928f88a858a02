"""KOSIS of Statistics Korea: consumer prices, from where they are made.

A symbol is an organisation, a table, a cycle, an item and a class, as the service writes them:
``101/DT_1J22003/M/T/T10`` is the index of all items, nationwide, 2020 = 100. The key is part of the
address, so addresses reach no log and no message. Failures arrive with the status 200, as a number
in the body; the words beside it are not repeated.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import httpx

from jeoul.market.raw.answer import Fetched, SeriesRequest, VendorRow
from jeoul.market.sources.cells import value_of
from jeoul.market.sources.errors import (
    EmptyAnswer,
    KeyRefused,
    RateLimited,
    SourceError,
    UnknownSymbol,
    VendorBroken,
)
from jeoul.market.sources.port import Source, SourcePlace
from jeoul.market.sources.spans import levels
from jeoul.market.sources.web import Web, key_of, symbol_of

NETWORK = True
NAME = "kosis"
KEY = "KOSIS_API_KEY"
KEYS = (KEY,)
HOST = "https://kosis.kr"

_SYMBOL = re.compile(
    r"(?P<org>\d{3})/(?P<table>[0-9A-Z_]{3,30})/M/(?P<item>[0-9A-Z_.]{1,20})/(?P<of>[0-9A-Z_.]{1,20})",
    re.ASCII,
)
_MONTH = re.compile(r"(\d{4})(0[1-9]|1[0-2])", re.ASCII)
_KEY_FAULTS, _EMPTY, _TOO_OFTEN = frozenset({"10", "11"}), "30", frozenset({"40", "42"})


def connect(place: SourcePlace) -> Source:
    """Return KOSIS with the key ``KOSIS_API_KEY`` of ``place.keys``."""
    return Kosis(place)


class Kosis:
    """A client of KOSIS; ``transport`` is httpx's own unless a test gives another."""

    def __init__(
        self, place: SourcePlace, *, host: str = HOST, transport: httpx.BaseTransport | None = None
    ) -> None:
        self._place = place
        self._web = Web(NAME, host, place, transport)

    def fetch(self, request: SeriesRequest) -> Fetched:
        """Return the months of a series, each labelled with its first day."""
        found = symbol_of(NAME, request.symbol, _SYMBOL, "101/DT_1J22003/M/T/T10")
        answer = self._web.get(
            request.symbol,
            "/openapi/Param/statisticsParameterData.do",
            {
                "method": "getList",
                "apiKey": key_of(self._place, NAME, request.symbol, KEY, "kosis.kr/openapi"),
                "format": "json",
                "jsonVD": "Y",
                "prdSe": "M",
                "startPrdDe": request.first.strftime("%Y%m"),
                "endPrdDe": request.last.strftime("%Y%m"),
                "orgId": found["org"],
                "tblId": found["table"],
                "itmId": found["item"],
                "objL1": found["of"],
            },
            told=range(400, 500),
        )
        content = self._web.content(request.symbol, answer)
        if isinstance(content, dict):
            raise _failure(request, content)
        return levels(NAME, request, _rows(content), monthly=True)


def _failure(request: SeriesRequest, content: dict[str, Any]) -> SourceError:
    """Return what a body without rows means: a number as text, or as a number."""
    code = str(content.get("err", ""))
    if code in _KEY_FAULTS:
        return KeyRefused(NAME, request.symbol, f"does not accept the key; correct {KEY}")
    if code == _EMPTY:
        return EmptyAnswer(NAME, request.symbol, f"no observation from {request.first} on")
    if code in _TOO_OFTEN:
        return RateLimited(NAME, request.symbol, f"asked too often ({code})")
    if code in ("20", "21"):
        return UnknownSymbol(NAME, request.symbol, f"does not accept the question ({code})")
    if code.isdigit():
        return VendorBroken(NAME, request.symbol, f"answered with the code {code[:3]}")
    return VendorBroken(NAME, request.symbol, "observations of an unknown shape")


def _rows(entries: list[dict[str, Any]]) -> Iterator[VendorRow]:
    """Yield the observations; where there is none the service says so with a number."""
    if not entries:
        raise ValueError(entries)
    for entry in entries:
        found = _MONTH.fullmatch(str(entry["PRD_DE"]))
        if found is None:
            raise ValueError(entry["PRD_DE"])
        value = value_of(entry.get("DT"))
        if value is not None:
            yield VendorRow(date(int(found[1]), int(found[2]), 1), value)
