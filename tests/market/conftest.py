"""Tiny market folders on small calendars, the real folder where there is one, a vendor to ask."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from jeoul.market import Market, open_market
from jeoul.market.fetching.pool import FetchJob, Manners, RequestPool
from jeoul.market.raw.answer import SeriesRequest
from jeoul.market.sources.port import SourcePlace
from jeoul.model.calendar import Calendar, instant

sys.path.insert(0, str(Path(__file__).parent))  # the processes of a pool import the vendor by name

import vendor as protocol  # isort: skip
from texts import RAW, TOTAL_RETURNS  # isort: skip

FIRST, LAST = date(2024, 1, 2), date(2024, 6, 28)  # of the vendor's rows

SEOUL_HOLIDAYS = ("2020-01-24", "2020-01-27", "2020-03-02")
NEW_YORK_HOLIDAYS = ("2020-01-20", "2020-02-17")
NEW_YORK_HALF_DAYS = ("2020-02-13",)  # no real one: a half day inside the span of the tests

Folder = Callable[..., Path]


def small_calendar(
    name: str, zone: str, hours: tuple[time, time], closed: tuple[str, ...], half: tuple[str, ...]
) -> Calendar:
    days = np.arange("2020-01-02", "2020-05-30", dtype="datetime64[D]")
    days = days[np.is_busday(days) & ~np.isin(days, np.array(closed, dtype="datetime64[D]"))]

    def at(day: np.datetime64, clock: time) -> int:
        return instant(datetime.combine(day.astype(object), clock, ZoneInfo(zone)))

    closes = [at(d, time(13, 0) if str(d) in half else hours[1]) for d in days]
    return Calendar(
        name,
        zone,
        days,
        np.array([at(d, hours[0]) for d in days]),
        np.array(closes),
        date(2020, 5, 29),
    )


@pytest.fixture(scope="session")
def calendars() -> Mapping[str, Calendar]:
    return {
        "XKRX": small_calendar("XKRX", "Asia/Seoul", (time(9), time(15, 30)), SEOUL_HOLIDAYS, ()),
        "XNYS": small_calendar(
            "XNYS",
            "America/New_York",
            (time(9, 30), time(16)),
            NEW_YORK_HOLIDAYS,
            NEW_YORK_HALF_DAYS,
        ),
    }


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """Write files into a market folder; a manifest of one KRX price file unless one is given."""

    def write(files: Mapping[str, str | bytes], manifest: str = TOTAL_RETURNS) -> Path:
        for name, content in {"manifest.toml": manifest, **files}.items():
            data = content if isinstance(content, bytes) else content.encode()
            (tmp_path / name).write_bytes(data)
        return tmp_path

    return write


@pytest.fixture
def prices(calendars: Mapping[str, Calendar]) -> Callable[..., str]:
    """Return the text of a price file: a price on every session, cells changed at will.

    It is 100, and 100.01 on every fifteenth session: a close that never moves counts as none.
    """

    def text(
        changes: Mapping[tuple[str, str], str] | None = None,
        tickers: tuple[str, ...] = ("069500", "148070"),
        exchange: str = "XKRX",
        last: str = "2020-04-30",
    ) -> str:
        days = calendars[exchange].sessions
        rows = [",".join(("date", *tickers))]
        for place, day in enumerate(days[days <= np.datetime64(last)]):
            usual = "100.01" if place % 15 == 14 else "100"
            cells = [(changes or {}).get((str(day), ticker), usual) for ticker in tickers]
            rows.append(",".join((str(day), *cells)))
        return "\n".join(rows) + "\n"

    return text


@pytest.fixture(scope="session")
def real(market_folder: Path) -> Market:
    return open_market(market_folder)


@pytest.fixture
def raw() -> str:
    """Return a manifest of raw prices with their events."""
    return RAW  # type: ignore[no-any-return]


@pytest.fixture(scope="session")
def vendor() -> Iterator[Any]:
    with protocol.serving() as running:
        yield running


@pytest.fixture
def connect(vendor: Any, tmp_path: Path) -> Any:
    """Return how to connect to the vendor as if it were Yahoo."""
    place = SourcePlace(tmp_path / "state", tmp_path, timeout=2.0)
    return partial(protocol.yahoo, place, vendor.port)


@pytest.fixture
def ask(connect: Any) -> Any:
    """Ask the vendor for symbols in one pool; return the answers by symbol."""

    def asked(*symbols: Any, timer: Any = None, **manners: Any) -> Any:
        options = {"timer": timer} if timer else {}
        manners = Manners(**{"at_once": 4, "interval": 0.0, "attempts": 1, **manners})  # type: ignore[assignment]
        jobs = [FetchJob("yahoo", SeriesRequest(s, FIRST, LAST)) for s in symbols]
        with RequestPool(
            {"yahoo": connect},
            {"yahoo": manners},  # type: ignore[dict-item]
            chance=random.Random(7),
            **options,
        ) as pool:
            return {done.job.request.symbol: done for done in pool.ask(jobs)}

    return asked
