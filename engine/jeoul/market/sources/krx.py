"""The open API of the Korea Exchange: all funds of a day with their net asset value, and more.

The exchange answers by day: one request holds every fund, index or benchmark bond of a session. So
days are asked once and kept while the process lives, and a plan asks for a few weeks, not years.
Symbols: ``069500`` is a fund, ``kospi/코스피 200`` an index, ``treasury/10`` the yield of the
ten-year benchmark treasury. A session can be asked for from eight o'clock of the next morning on.

The key travels in the header ``AUTH_KEY``. Each of the exchange's services needs an application of
its own; a key without it is answered with 401 like a key that is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import httpx

from jeoul.market.raw.answer import AS_TRADED, LEVEL, Fetched, SeriesRequest, VendorRow
from jeoul.market.sources.cells import value_of
from jeoul.market.sources.errors import EmptyAnswer, KeyRefused, UnknownSymbol, VendorBroken
from jeoul.market.sources.port import Source, SourcePlace
from jeoul.market.sources.web import Web, key_of

NETWORK = True
NAME = "krx"
KEY = "KRX_API_KEY"
KEYS = (KEY,)
HOST = "https://data-dbg.krx.co.kr"

_WEEKEND = 5  # Saturday, as datetime counts weekdays from Monday

Entry = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Service:
    """One service of the exchange: its path, whose rows are wanted, and what one says."""

    path: str
    basis: str
    row: Callable[[date, Entry], VendorRow]
    title: str = ""


def _fund(day: date, entry: Entry) -> VendorRow:
    return VendorRow(
        day=day,
        close=_number(entry, "TDD_CLSPRC") or None,  # a fund that did not trade may be shown at 0
        volume=_number(entry, "ACC_TRDVOL"),
        nav=_number(entry, "NAV") or None,
        benchmark=_number(entry, "OBJ_STKPRC_IDX"),
    )


def _index(day: date, entry: Entry) -> VendorRow:
    return VendorRow(day, _number(entry, "CLSPRC_IDX"))


def _yield(day: date, entry: Entry) -> VendorRow:
    return VendorRow(day, _number(entry, "CLSPRC_YD"))


_FUNDS = _Service("etp/etf_bydd_trd", AS_TRADED, _fund, title="ISU_NM")
_INDICES = _Service("idx/kospi_dd_trd", LEVEL, _index)
_TREASURIES = _Service("bon/kts_bydd_trd", LEVEL, _yield)


def connect(place: SourcePlace) -> Source:
    """Return the exchange with the key ``KRX_API_KEY`` of ``place.keys``."""
    return Krx(place)


class Krx:
    """A client of the exchange; ``transport`` is httpx's own unless a test gives another."""

    def __init__(
        self, place: SourcePlace, *, host: str = HOST, transport: httpx.BaseTransport | None = None
    ) -> None:
        self._place = place
        self._web = Web(NAME, host, place, transport)
        self._days: dict[tuple[str, date], list[Entry]] = {}

    def fetch(self, request: SeriesRequest) -> Fetched:
        """Return the rows of a fund, an index or a benchmark bond; weekends are not asked for."""
        service, wanted = _service(request.symbol)
        key = key_of(self._place, NAME, request.symbol, KEY, "openapi.krx.co.kr")
        rows, title, seen = [], "", False
        for day in _weekdays(request.first, request.last):
            entries = self._day(service, day, request.symbol, key)
            seen = seen or bool(entries)
            for entry in filter(wanted, entries):
                row = _read(service, day, entry, request.symbol)
                if row.close is not None or service.basis == AS_TRADED:
                    rows.append(row)
                title = str(entry.get(service.title) or title)
        if not rows:
            if seen:
                raise UnknownSymbol(NAME, request.symbol, "is not among those of the exchange")
            raise EmptyAnswer(NAME, request.symbol, f"no observation from {request.first} on")
        currency = "KRW" if service.basis == AS_TRADED else ""
        return Fetched(service.basis, tuple(rows), currency=currency, title=title)

    def _day(self, service: _Service, day: date, symbol: str, key: str) -> list[Entry]:
        """Return all entries of a day, none on a holiday or before they can be asked for."""
        known = self._days.get((service.path, day))
        if known is not None:
            return known
        answer = self._web.get(
            symbol,
            f"/svc/apis/{service.path}",
            {"basDd": day.strftime("%Y%m%d")},
            {"AUTH_KEY": key},
            told=(401, 403),
        )
        if answer.status in (401, 403):
            raise KeyRefused(
                NAME, symbol, f"does not accept the key, or not for {service.path}; correct {KEY}"
            )
        content = self._web.content(symbol, answer)
        entries = content.get("OutBlock_1") if isinstance(content, dict) else None
        if not isinstance(entries, list) or not all(isinstance(e, dict) for e in entries):
            raise VendorBroken(NAME, symbol, "observations of an unknown shape")
        stamp = day.strftime("%Y%m%d")
        if any(entry.get("BAS_DD", stamp) != stamp for entry in entries):
            raise VendorBroken(NAME, symbol, "observations of another day")
        self._days[service.path, day] = entries
        return entries


def _service(symbol: str) -> tuple[_Service, Callable[[Entry], bool]]:
    """Return the service of a symbol, and which of its entries are meant."""
    kind, _, name = symbol.partition("/")
    if kind == "kospi" and name:
        return _INDICES, lambda entry: entry.get("IDX_NM") == name
    if kind == "treasury" and name.isascii() and name.isdigit():
        return _TREASURIES, lambda entry: _is_benchmark(entry, name)
    if re.fullmatch("[0-9A-Z]{6}", symbol, re.ASCII):
        return _FUNDS, lambda entry: entry.get("ISU_CD") == symbol
    raise UnknownSymbol(
        NAME, symbol, "is not a symbol of krx; write 069500, kospi/코스피 200 or treasury/10"
    )


def _is_benchmark(entry: Entry, years: str) -> bool:
    """Return whether an entry is the benchmark of a term that pays won, not one tied to prices."""
    term = str(entry.get("BND_EXP_TP_NM")).removesuffix("년")
    nominal = str(entry.get("ISU_NM")).startswith("국고")
    return term == years and nominal and entry.get("GOVBND_ISU_TP_NM") == "지표"


def _read(service: _Service, day: date, entry: Entry, symbol: str) -> VendorRow:
    with suppress(ArithmeticError, LookupError, TypeError, ValueError):
        return service.row(day, entry)
    raise VendorBroken(NAME, symbol, "observations of an unknown shape")


def _number(entry: Entry, field: str) -> float | None:
    return value_of(entry[field])


def _weekdays(first: date, last: date) -> Iterator[date]:
    for step in range((last - first).days + 1):
        day = first + timedelta(days=step)
        if day.weekday() < _WEEKEND:
            yield day
