"""One question to a vendor over HTTP: every failure told apart, and no key in any of them.

A key stands in an address or a header, so neither reaches a log, a message or the cause of an
error; what a vendor says in its own words is never repeated, as it may repeat the question.
"""

from __future__ import annotations

import csv
import io
import logging
import re
from collections.abc import Iterable, Mapping
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
    VendorBroken,
)
from jeoul.market.sources.port import Place

_KEY = re.compile(r"[!-~]{1,200}")


class Web:
    """A client of one vendor; ``transport`` is httpx's own unless a test gives another."""

    def __init__(
        self, name: str, host: str, place: Place, transport: httpx.BaseTransport | None = None
    ) -> None:
        for logger in ("httpx", "httpcore"):  # both write addresses when they talk
            logging.getLogger(logger).setLevel(logging.WARNING)
        self._name = name
        self._client = httpx.Client(
            base_url=host, timeout=place.timeout, transport=transport, follow_redirects=False
        )

    def get(
        self,
        symbol: str,
        path: str,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """Return the answer, whatever its status below 500 says, except 429.

        Raises :class:`Stalled`, :class:`NetworkRefused`, :class:`RateLimited` or
        :class:`VendorBroken`.
        """
        failure: SourceError
        try:
            answer = self._client.get(path, params=params, headers=headers)
        except httpx.TimeoutException as error:
            failure = Stalled(self._name, symbol, f"no answer in time ({type(error).__name__})")
        except httpx.ConnectError:
            failure = NetworkRefused(self._name, symbol, "no connection")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            failure = VendorBroken(self._name, symbol, f"cut short ({type(error).__name__})")
        else:
            return self._passed(symbol, answer)
        raise failure  # outside of the handler: the cause carries the address, and so the key

    def _passed(self, symbol: str, answer: httpx.Response) -> httpx.Response:
        status = answer.status_code
        if status == 429:
            raise RateLimited(self._name, symbol, "asked too often (429)")
        if status >= 500 or 300 <= status < 400:
            raise VendorBroken(self._name, symbol, f"answered with the status {status}")
        return answer

    def content(self, symbol: str, answer: httpx.Response) -> Any:
        """Return the JSON of an answer; raise :class:`VendorBroken` for another text."""
        try:
            return answer.json()
        except ValueError:
            pass
        raise VendorBroken(self._name, symbol, "answered with something that is not JSON")


def cells_of(text: str) -> list[list[str]]:
    """Return the cells of a CSV answer by line; raise ``ValueError`` where it is something else."""
    try:
        return list(csv.reader(io.StringIO(text)))
    except csv.Error as error:  # a page of HTML may be one endless cell
        raise ValueError(str(error)) from None


def levels(source: str, request: Request, rows: Iterable[Row]) -> Fetched:
    """Return the rows of a series that lie in the days wanted.

    Raises :class:`EmptyAnswer` where none does.
    """
    kept = tuple(sorted(row for row in rows if request.first <= row.day <= request.last))
    if not kept:
        raise EmptyAnswer(source, request.symbol, f"no observation from {request.first} on")
    return Fetched(LEVEL, kept)


def key_of(place: Place, source: str, symbol: str, name: str, where: str) -> str:
    """Return the key called ``name``; raise :class:`KeyRefused` where there is none that can be.

    ``where`` is the page on which the vendor gives keys.
    """
    key = place.keys.get(name, "").strip()
    if not key:
        raise KeyRefused(source, symbol, f"needs a key: ask for one at {where} and set {name}")
    if not _KEY.fullmatch(key):
        raise KeyRefused(source, symbol, f"the key in {name} has characters that no key has")
    return key
