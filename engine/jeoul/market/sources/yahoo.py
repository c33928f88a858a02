"""Yahoo through yfinance, one ticker at a time, with every failure told apart.

yfinance calls outages delistings. Here its exceptions are let through, and the status of the
vendor's own answer decides what they mean: a symbol counts as unknown only after a 404.
Closes and dividends come restated for later splits, never for dividends.

Payments are read from the vendor's own answer: yfinance moves one that falls on a day without a bar
to the bar before it, which would pay it to whoever held the fund the day before.
"""

from __future__ import annotations

import json
import logging
import math
import re
import warnings
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from jeoul.files.nesting import DEEPEST, depth
from jeoul.market.raw.answer import SPLIT_ADJUSTED, Fetched, Payment, SeriesRequest, VendorRow
from jeoul.market.sources.errors import (
    BadRows,
    EmptyAnswer,
    NetworkRefused,
    RateLimited,
    SourceError,
    Stalled,
    UnknownSymbol,
    VendorBroken,
)
from jeoul.market.sources.port import Source, SourcePlace
from jeoul.market.sources.spans import within
from jeoul.market.sources.web import symbol_of
from jeoul.model.ratio import vendor_ratio

if TYPE_CHECKING:
    import pandas as pd

NETWORK = True
KEYS = ()
NAME = "yahoo"

_SYMBOL = re.compile(r"[0-9A-Za-z^][0-9A-Za-z.=^-]{0,24}")  # it becomes part of an address


def connect(place: SourcePlace) -> Source:
    """Return Yahoo; its cookies and time zones are kept in ``place.state``."""
    return Yahoo(place)


class Yahoo:
    """A session with Yahoo.

    ``session`` is an instance of what :func:`watched` returns; tests give one that talks to this
    machine.
    """

    def __init__(self, place: SourcePlace, session: Any = None) -> None:
        import yfinance

        place.state.mkdir(parents=True, exist_ok=True)
        yfinance.set_tz_cache_location(str(place.state))
        logging.getLogger("yfinance").setLevel(logging.CRITICAL)  # what it says is raised too
        yfinance.config.debug.hide_exceptions = False
        yfinance.config.network.retries = 0
        self._timeout = place.timeout
        self._session = watched()() if session is None else session

    def fetch(self, request: SeriesRequest) -> Fetched:
        """Return closes, dividends and splits of a symbol from its first to its last day."""
        symbol_of(NAME, request.symbol, _SYMBOL, "069500.KS")
        import yfinance
        from yfinance.data import YfData

        YfData.cache_get.cache_clear()  # it would repeat yesterday's outage to a second try
        self._session.status, self._session.chart = None, None
        ticker = yfinance.Ticker(request.symbol, session=self._session)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # those of yfinance about its own use of pandas
                frame = ticker.history(
                    start=request.first.isoformat(),
                    end=(request.last + timedelta(days=1)).isoformat(),
                    interval="1d",
                    auto_adjust=False,
                    actions=True,
                    keepna=True,
                    timeout=self._timeout,
                )
        except Exception as error:  # its exceptions share no base
            raise self._meaning(request.symbol, error) from error
        if frame.empty:
            raise EmptyAnswer(NAME, request.symbol, f"no row from {request.first} on")
        return within(NAME, request, _read(request.symbol, frame, self._session.chart))

    def _meaning(self, symbol: str, error: Exception) -> SourceError:
        """Return what an exception of yfinance means, with the status of the last answer."""
        from curl_cffi.requests import exceptions as curl
        from yfinance import exceptions as yahoo

        status = self._session.status
        name = type(error).__name__
        if isinstance(error, curl.Timeout):
            return Stalled(NAME, symbol, f"no answer in {self._timeout:g} s")
        if isinstance(error, (curl.DNSError, curl.ConnectionError)) and status is None:
            return NetworkRefused(NAME, symbol, f"no connection ({name})")
        if isinstance(error, yahoo.YFRateLimitError) or (status is not None and status >= 400):
            return _of_status(symbol, 429 if status is None else status)
        if isinstance(error, yahoo.YFPricesMissingError):
            return EmptyAnswer(NAME, symbol, "no prices for these dates")
        if isinstance(error, json.JSONDecodeError):
            return VendorBroken(NAME, symbol, "answered with something that is not JSON")
        return VendorBroken(NAME, symbol, f"an answer that cannot be read ({name})")


def _of_status(symbol: str, status: int) -> SourceError:
    if status == 404:
        return UnknownSymbol(NAME, symbol, "does not know the symbol (404)")
    if status == 429:
        return RateLimited(NAME, symbol, "asked too often (429)")
    return VendorBroken(NAME, symbol, f"answered with the status {status}")


def watched() -> type[Any]:
    """Return the class of sessions that remember the newest answer about prices and its status."""
    from curl_cffi import requests

    class Watched(requests.Session[Any]):
        def __init__(self, **options: Any) -> None:
            super().__init__(**{"impersonate": "chrome", **options})
            self.status: int | None = None
            self.chart: Any = None

        def request(self, method: Any, url: Any, *args: Any, **options: Any) -> Any:
            priced = "/v8/finance/chart/" in url
            if priced:
                self.status, self.chart = None, None
            answer = super().request(method, url, *args, **options)
            if priced:
                self.status, self.chart = answer.status_code, _json(answer)
            return answer

    return Watched


def _json(answer: Any) -> Any:
    """Return the JSON of an answer, None for another text."""
    if depth(answer.content) <= DEEPEST:
        with suppress(ValueError):
            return answer.json()
    return None


def _read(symbol: str, frame: pd.DataFrame, chart: Any) -> Fetched:
    """Return a frame and the answer behind it; what is odd is this symbol's problem alone."""
    if missing := sorted({"Close", "Volume"} - set(frame.columns)):
        raise VendorBroken(NAME, symbol, f"an answer without {' and '.join(missing)}")
    if frame.index.hasnans:
        raise VendorBroken(NAME, symbol, "an answer with a row without a day")
    try:
        (result,) = chart["chart"]["result"]
        facts = result["meta"]
        currency = str(facts["currency"] or "")
        title = str(facts.get("longName") or facts.get("shortName") or "")
    except (AttributeError, KeyError, TypeError, ValueError):
        currency = ""
    if not currency:
        raise VendorBroken(NAME, symbol, "an answer that does not say its currency")
    try:
        rows = tuple(_rows(frame))
    except (AttributeError, TypeError, ValueError):
        raise VendorBroken(NAME, symbol, "observations of an unknown shape") from None
    return Fetched(
        basis=SPLIT_ADJUSTED,
        rows=rows,
        payments=_payments(symbol, result),
        currency=currency,
        title=title,
    )


def _rows(frame: pd.DataFrame) -> Iterator[VendorRow]:
    """Yield the bars; a close of 0.0 is how the vendor shows a close that it does not have."""
    closes = frame["Close"].tolist()
    volumes = frame["Volume"].tolist()
    days = [stamp.date() for stamp in frame.index]
    for day, close, volume in zip(days, closes, volumes, strict=True):
        shown = close is not None and math.isfinite(close) and close != 0.0
        yield VendorRow(
            day, float(close) if shown else None, math.nan if volume is None else float(volume)
        )


def _payments(symbol: str, result: Any) -> tuple[Payment, ...]:
    """Return what was paid, on the vendor's own days.

    Its two numbers of a split may be fractions of the ratio, which is found again.
    """
    try:
        events = result.get("events") or {}
        zone = ZoneInfo(result["meta"]["exchangeTimezoneName"])
        paid = [
            Payment(_day(entry, zone), _finite(entry["amount"]))
            for entry in (events.get("dividends") or {}).values()
            if entry["amount"]
        ]
        splits = [
            (_day(entry, zone), _finite(entry["numerator"]) / _finite(entry["denominator"]))
            for entry in (events.get("splits") or {}).values()
        ]
    except (
        ArithmeticError,
        AttributeError,
        KeyError,
        TypeError,
        ValueError,
        ZoneInfoNotFoundError,
    ):
        raise VendorBroken(NAME, symbol, "payments of an unknown shape") from None
    for day, split in splits:
        try:
            paid.append(Payment(day, split=vendor_ratio(split)))
        except ValueError as error:
            raise BadRows(NAME, symbol, f"the split of {day}: {error}") from None
    return tuple(sorted(paid))


def _finite(value: Any) -> float:
    found = float(value)
    if not math.isfinite(found):  # Python's JSON reads NaN and Infinity
        raise ValueError(value)
    return found


def _day(entry: Any, zone: ZoneInfo) -> date:
    """Return the day of an event at its exchange."""
    return datetime.fromtimestamp(entry["date"], UTC).astimezone(zone).date()
