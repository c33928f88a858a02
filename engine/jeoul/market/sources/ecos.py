"""ECOS of the Bank of Korea: base rate, treasury yields, exchange rates, consumer prices.

A symbol is a table, a cycle and an item, as the bank writes them: ``722Y001/M/0101000``. The key
is part of the path of every request, so addresses reach no log and no message. Failures arrive with
the status 200, as a code in the body; the words beside it are not repeated.
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
from jeoul.market.sources.web import Web, WebAnswer, key_of, symbol_of

NETWORK = True
NAME = "ecos"
KEY = "ECOS_API_KEY"
KEYS = (KEY,)
HOST = "https://ecos.bok.or.kr"
PAGE = 1000  # rows of one answer; a longer history comes in several

_SYMBOL = re.compile(r"(?P<table>[0-9A-Z]{7})/(?P<cycle>[DM])/(?P<item>[0-9A-Z]{1,12})", re.ASCII)
_CODE = re.compile(r"\b(INFO|ERROR)-\d{3}\b", re.ASCII)
_TIME = re.compile(r"(\d{4})(\d{2})(\d{2})?", re.ASCII)


def connect(place: SourcePlace) -> Source:
    """Return ECOS with the key ``ECOS_API_KEY`` of ``place.keys``."""
    return Ecos(place)


class Ecos:
    """A client of ECOS; ``transport`` is httpx's own unless a test gives another."""

    def __init__(
        self, place: SourcePlace, *, host: str = HOST, transport: httpx.BaseTransport | None = None
    ) -> None:
        self._place = place
        self._web = Web(NAME, host, place, transport)

    def fetch(self, request: SeriesRequest) -> Fetched:
        """Return the values of a series; a month is labelled with its first day."""
        found = symbol_of(NAME, request.symbol, _SYMBOL, "722Y001/M/0101000")
        key = key_of(self._place, NAME, request.symbol, KEY, "ecos.bok.or.kr/api")
        if not key.isalnum():  # it becomes part of a path
            reason = f"the key in {KEY} has characters that no key has"
            raise KeyRefused(NAME, request.symbol, reason)
        form = "%Y%m" if found["cycle"] == "M" else "%Y%m%d"
        span = f"{request.first.strftime(form)}/{request.last.strftime(form)}"
        what = f"{found['table']}/{found['cycle']}/{span}/{found['item']}"
        entries: list[dict[str, Any]] = []
        first, total = 1, 1
        while first <= total:
            path = f"/api/StatisticSearch/{key}/json/kr/{first}/{first + PAGE - 1}/{what}"
            total, page = self._page(request, path)
            if total > (request.last - request.first).days + 1:  # or it would be asked for ever
                raise VendorBroken(NAME, request.symbol, "more observations than there are days")
            entries += page
            first += PAGE
        return levels(NAME, request, _rows(entries), monthly=found["cycle"] == "M")

    def _page(self, request: SeriesRequest, path: str) -> tuple[int, list[dict[str, Any]]]:
        """Return how many rows there are in all, and those of one page."""
        answer = self._web.get(request.symbol, path, told=range(400, 500))
        content = None
        with suppress(VendorBroken):
            content = self._web.content(request.symbol, answer)
        if not isinstance(content, dict) or "StatisticSearch" not in content:
            raise _failure(request, answer)
        with suppress(ArithmeticError, LookupError, TypeError, ValueError):
            part = content["StatisticSearch"]
            return int(part["list_total_count"]), list(part["row"])
        raise VendorBroken(NAME, request.symbol, "observations of an unknown shape")


def _failure(request: SeriesRequest, answer: WebAnswer) -> SourceError:
    """Return what a body without rows means: JSON or, for some faults, XML around a code."""
    found = _CODE.search(answer.text[:2_000])
    if found is None:
        return VendorBroken(NAME, request.symbol, "answered with something that is not JSON")
    code = found[0]
    if code == "INFO-100":
        return KeyRefused(NAME, request.symbol, f"does not accept the key; correct {KEY}")
    if code == "INFO-200":
        return EmptyAnswer(NAME, request.symbol, f"no observation from {request.first} on")
    if code == "ERROR-602":
        return RateLimited(NAME, request.symbol, f"asked too often ({code})")
    if code < "ERROR-400":
        return UnknownSymbol(NAME, request.symbol, f"does not accept the question ({code})")
    return VendorBroken(NAME, request.symbol, f"answered with the code {code}")


def _rows(entries: list[dict[str, Any]]) -> Iterator[VendorRow]:
    for entry in entries:
        value = value_of(entry.get("DATA_VALUE"))
        if value is not None:
            yield VendorRow(_day(str(entry["TIME"])), value)


def _day(label: str) -> date:
    found = _TIME.fullmatch(label)
    if found is None:
        raise ValueError(label)
    return date(int(found[1]), int(found[2]), int(found[3] or 1))
