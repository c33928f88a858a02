"""One question to a vendor over HTTP: every failure told apart, and no key in any of them.

The form of a symbol, the status of an answer and its size are judged here, so that the sources
behind it judge them alike.

A key is part of an address or a header, so neither reaches a log, a message or the cause of an
error; what a vendor says in its own words is never repeated, as it may repeat the question.
"""

from __future__ import annotations

import csv
import io
import json
import logging
import re
from collections.abc import Container, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jeoul.files.nesting import DEEPEST, depth
from jeoul.market.sources.errors import (
    KeyRefused,
    NetworkRefused,
    RateLimited,
    SourceError,
    Stalled,
    UnknownSymbol,
    VendorBroken,
)
from jeoul.market.sources.port import SourcePlace

if TYPE_CHECKING:
    import httpx

LARGEST = 64_000_000  # bytes; a day of the exchange has about a million

FRED_SYMBOL = re.compile("[0-9A-Z_]{1,40}", re.ASCII)
"""The form of the series of FRED, which has two doors."""

_KEY = re.compile(r"[!-~]{1,200}")


class Web:
    """A client of one vendor; ``transport`` is httpx's own unless a test gives another."""

    def __init__(
        self, name: str, host: str, place: SourcePlace, transport: httpx.BaseTransport | None = None
    ) -> None:
        import httpx  # a plan is checked without it, and files of issuers are read without it

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
        *,
        unknown: Container[int] = (),
        told: Container[int] = (),
    ) -> WebAnswer:
        """Return an answer, of at most ``LARGEST`` bytes.

        ``unknown`` are the statuses by which the vendor says that it does not know the symbol,
        ``told`` those whose body says what is wrong, so that the source reads it. Raises
        :class:`Stalled`, :class:`NetworkRefused`, :class:`RateLimited`, :class:`UnknownSymbol` or
        :class:`VendorBroken` for any other that is not 200.
        """
        import httpx

        failure: SourceError
        try:
            with self._client.stream("GET", path, params=params, headers=headers) as answer:
                found = WebAnswer(answer.status_code, _bounded(answer), answer.encoding)
        except httpx.TimeoutException as error:
            failure = Stalled(self._name, symbol, f"no answer in time ({type(error).__name__})")
        except httpx.ConnectError:
            failure = NetworkRefused(self._name, symbol, "no connection")
        except _TooLarge:
            failure = VendorBroken(self._name, symbol, f"an answer of more than {LARGEST:,} bytes")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            failure = VendorBroken(self._name, symbol, f"cut short ({type(error).__name__})")
        else:
            return self._passed(symbol, found, unknown, told)
        raise failure  # outside of the handler: the cause carries the address, and so the key

    def _passed(
        self, symbol: str, answer: WebAnswer, unknown: Container[int], told: Container[int]
    ) -> WebAnswer:
        status = answer.status
        if status == 429:
            raise RateLimited(self._name, symbol, "asked too often (429)")
        if status in unknown:
            raise UnknownSymbol(self._name, symbol, "does not know the series")
        if status != 200 and status not in told:
            raise VendorBroken(self._name, symbol, f"answered with the status {status}")
        return answer

    def content(self, symbol: str, answer: WebAnswer) -> Any:
        """Return the JSON of an answer.

        Raises :class:`VendorBroken` for another text, and for JSON that is nested without end.
        """
        if depth(answer.content) <= DEEPEST:
            with suppress(ValueError):
                return json.loads(answer.content)
        raise VendorBroken(self._name, symbol, "answered with something that is not JSON")


@dataclass(frozen=True, slots=True)
class WebAnswer:
    """What a vendor answered: the status and the body."""

    status: int
    content: bytes
    encoding: str | None

    @property
    def text(self) -> str:
        """Return the body as text; bytes that mean nothing become marks."""
        try:
            return self.content.decode(self.encoding or "utf-8", errors="replace")
        except LookupError:  # an encoding that nobody knows
            return self.content.decode("utf-8", errors="replace")


class _TooLarge(Exception):
    pass


def _bounded(answer: httpx.Response) -> bytes:
    content = bytearray()
    for part in answer.iter_bytes():
        content += part
        if len(content) > LARGEST:
            raise _TooLarge
    return bytes(content)


def symbol_of(source: str, symbol: str, form: re.Pattern[str], example: str) -> re.Match[str]:
    """Return the parts of a symbol; raise :class:`UnknownSymbol` for one of another form."""
    found = form.fullmatch(symbol)
    if found is None:
        raise UnknownSymbol(source, symbol, f"is not a symbol of {source}; write {example}")
    return found


def cells_of(text: str) -> list[list[str]]:
    """Return the cells of a CSV answer by line that is not empty.

    Raises ``ValueError`` where it is something else.
    """
    try:
        return list(filter(None, csv.reader(io.StringIO(text))))
    except csv.Error as error:  # a page of HTML may be one endless cell
        raise ValueError(str(error)) from None


def key_of(place: SourcePlace, source: str, symbol: str, name: str, where: str) -> str:
    """Return the key called ``name``; raise :class:`KeyRefused` where there is none that can be.

    ``where`` is the page on which the vendor gives keys.
    """
    key = place.keys.get(name, "").strip()
    if not key:
        raise KeyRefused(source, symbol, f"needs a key: ask for one at {where} and set {name}")
    if not _KEY.fullmatch(key):
        raise KeyRefused(source, symbol, f"the key in {name} has characters that no key has")
    return key
