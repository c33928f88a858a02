"""Words of the examples of ``jeoul explain``: market folders, and answers of sources.

None of them asks a network: a source answers what the example says.
"""

from __future__ import annotations

import tempfile
import tomllib
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

import httpx
import numpy as np
from explain_world import _folder

from jeoul import api
from jeoul.market import open_market
from jeoul.market.cache.store import RawStore
from jeoul.market.calendars import load_calendar
from jeoul.market.fetching.plan import FetchPlan
from jeoul.market.gates.agreement import disagreements
from jeoul.market.gates.answer import unique_days
from jeoul.market.gates.gated import Gated, finished
from jeoul.market.gates.series import gate
from jeoul.market.publishing.issued import Distribution, ex_date, merged
from jeoul.market.publishing.layout import lay_out
from jeoul.market.raw.answer import AS_TRADED, Fetched, Payment, SeriesRequest, VendorRow
from jeoul.market.raw.corrections import TradedCloses, as_traded
from jeoul.market.raw.series import SeriesKey
from jeoul.market.sources.csv import CsvFiles
from jeoul.market.sources.fred import KEY, Fred
from jeoul.market.sources.port import SourcePlace
from jeoul.model.finding import Finding

START = date(2024, 1, 2)
FUND, OTHER = "069500", "148070"
EXCHANGES = {"XKRX": "KRW", "XNYS": "USD"}
DAY = date(2024, 6, 28)
NIGHT = 1_719_620_000  # 2024-06-29 00:13 UTC, after both closes of that Friday


def numbers(text: str) -> list[float | None]:
    """Return numbers written one after the other; ``5*3`` is three of them, ``-`` is none.

    >>> numbers("100 101*2 -")
    [100.0, 101.0, 101.0, None]
    """
    found: list[float | None] = []
    for word in text.split():
        value, _, count = word.partition("*")
        found += [None if value == "-" else float(value)] * int(count or 1)
    return found


# -- a market folder -------------------------------------------------------------------------------


def closes(
    text: str,
    *,
    exchange: str = "XKRX",
    start: str = "2024-01-02",
    later: int = 0,
    dividend: tuple[int, float] | None = None,
    off: str | None = None,
) -> tuple[Finding, ...]:
    """Return what is found in a price file with these closes, one a session from ``start`` on.

    ``-`` is an empty cell, ``/`` a session without a row. Another fund has a close on every other
    session, and on ``later`` ones after the last; the decision comes then. ``dividend`` is paid on
    a session, counted from 0; ``off`` is a day that is not a session and has a row.
    """
    calendar = load_calendar(exchange)
    first = int(np.searchsorted(calendar.sessions, np.datetime64(start)))
    words = [word for each in text.split() for word in _repeated(each)]
    days = [str(day) for day in calendar.sessions[first : first + len(words)]]
    rows = {
        day: "" if word == "-" else word
        for day, word in zip(days, words, strict=True)
        if word != "/"
    }
    if off is not None:
        rows[off] = "100"
    along = [str(day) for day in calendar.sessions[first : first + len(words) + later]]
    beside = {
        day: f"{5_000 + n % 7}" for n, day in enumerate(along) if day in rows or n >= len(days)
    }
    events = "date,ticker,dividend,split\n"
    if dividend is not None:
        events += f"{days[dividend[0]]},{FUND},{dividend[1]},\n"
    files = {
        "prices.csv": "\n".join(
            [
                f"date,{FUND},{OTHER}",
                *(f"{d},{rows.get(d, '')},{beside.get(d, '')}" for d in sorted({*rows, *beside})),
                "",
            ]
        ),
        "events.csv": events,
        "manifest.toml": _manifest(exchange, along[-1]),
    }
    return _findings(files, exchange, along[-1])


def level(values: str, *, later: int) -> tuple[Finding, ...]:
    """Return what is found in a series of daily values when it is read so many days later."""
    shown = numbers(values)
    days = [START + timedelta(days=n) for n in range(len(shown))]
    last = days[-1] + timedelta(days=later)
    calendar = load_calendar("XKRX")
    sessions = calendar.sessions[
        (calendar.sessions >= np.datetime64(START)) & (calendar.sessions <= np.datetime64(last))
    ]
    prices = [f"{day},{100 + n % 7}" for n, day in enumerate(sessions)]
    files = {
        "prices.csv": "\n".join([f"date,{FUND}", *prices, ""]),
        "events.csv": "date,ticker,dividend,split\n",
        "signals.csv": "\n".join(
            ["date,vix", *(f"{day},{value}" for day, value in zip(days, shown, strict=True)), ""]
        ),
        "manifest.toml": _manifest("XKRX", last.isoformat())
        + '\n[[file]]\npath = "signals.csv"\nindex = "date"\n\n[file.columns]\n'
        'vix = { unit = "points", known = { at = "XKRX close", lag = 0 } }\n',
    }
    return _findings(files, "XKRX", str(sessions[-1]))


def _repeated(word: str) -> list[str]:
    value, _, count = word.partition("*")
    return [value] * int(count or 1)


def _manifest(exchange: str, last: str) -> str:
    return (
        f"schema = 1\nlast = {last}\n\n"
        f'[[file]]\npath = "prices.csv"\nindex = "date"\ncurrency = "{EXCHANGES[exchange]}"\n'
        f'exchange = "{exchange}"\nadjusted = "raw"\n'
        f'known = {{ at = "{exchange} close", lag = 0 }}\n\n'
        '[[file]]\npath = "events.csv"\nevents_of = "prices.csv"\n'
    )


def _findings(files: Mapping[str, str], exchange: str, day: str) -> tuple[Finding, ...]:
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            (Path(folder) / name).write_text(text, "utf-8")
        market = open_market(folder, calendars={exchange: load_calendar(exchange)})
        return market.as_of(day, exchange).findings


# -- answers of a source ---------------------------------------------------------------------------


def answer(
    values: str,
    *,
    volume: str = "50000",
    nav: str = "",
    index: str = "",
    dividend: tuple[int, float] | None = None,
    currency: str = "KRW",
    title: str = "A Fund",
    again: float | None = None,
) -> Fetched:
    """Return what a source shows of a fund, one close a day from 2024-01-02 on.

    ``volume``, ``nav`` and ``index`` (the fund's benchmark) go on with their last number;
    ``dividend`` is paid on a day, counted from 0; ``again`` is a second close of the last day.
    """
    shown = numbers(values)
    rows = [
        VendorRow(
            START + timedelta(days=n),
            close,
            volume=_nth(volume, n),
            nav=_nth(nav, n),
            benchmark=_nth(index, n),
        )
        for n, close in enumerate(shown)
    ]
    if again is not None:
        rows.append(rows[-1]._replace(close=again))
    paid: tuple[Payment, ...] = ()
    if dividend is not None:
        paid = (Payment(START + timedelta(days=dividend[0]), dividend[1], Fraction(1)),)
    return Fetched(AS_TRADED, tuple(rows), paid, currency, title)


def _nth(text: str, n: int) -> float | None:
    shown = numbers(text)
    return shown[min(n, len(shown) - 1)] if shown else None


def fetched(
    *answers: Fetched, minutes: int | None = None, gone: bool = False
) -> tuple[Finding, ...]:
    """Return what the gates find in answers that were fetched one after the other.

    ``minutes`` is how long after the last close they came, a year where nothing is said; ``gone``
    says that the source then no longer knew the code.
    """
    key, close = SeriesKey("vendor", FUND), 15 * 3600 // 2
    last = int(np.datetime64(answers[-1].rows[-1].day, "s").astype(np.int64)) + close
    at = last + (365 * 1440 if minutes is None else minutes) * 60
    with tempfile.TemporaryDirectory() as folder, RawStore(Path(folder) / "raw.sqlite3") as store:
        for each in answers:
            unique, notes = unique_days(each)
            store.record(key, unique, at, notes)
        if gone:
            store.record_gone(key, at)
        raw = store.read(key)
        assert raw is not None
        first = store.read(key, raw.stamps[0].fetch)
    known_at = raw.days.astype("datetime64[s]").astype(np.int64) + close
    before = None
    if len(answers) > 1 and first is not None:
        before = as_traded(first, np.ones(len(first.days), dtype=np.bool_))
    traded = as_traded(raw, finished(raw, known_at))
    gated = Gated(FUND, raw, known_at, traded, before, "KRW", priced=True, valued=raw)
    return tuple(sorted(gate(gated)))


def compared(ours: str, theirs: str) -> tuple[Finding, ...]:
    """Return where the closes of two sources are more than 0.5 % apart."""
    one, other = (
        TradedCloses(
            np.array([START + timedelta(days=n) for n in range(len(shown))], "datetime64[D]"),
            np.array(shown, dtype=float),
            (),
        )
        for shown in (numbers(ours), numbers(theirs))
    )
    return tuple(disagreements(FUND, one, other, 0.005, "csv"))


def issued(shown: str, told: str) -> tuple[Finding, ...]:
    """Return what is found of one distribution that a source and an issuer's file have.

    ``shown`` is its ex-date and amount, empty for none; ``told`` the record date, the amount and
    the part that is taxed.
    """
    calendar = load_calendar("XKRX")
    payments = {}
    if shown:
        day, paid = shown.split()
        payments[date.fromisoformat(day)] = Payment(date.fromisoformat(day), float(paid))
    record, paid, taxed = told.split()
    session = ex_date(calendar, date.fromisoformat(record))
    assert session is not None
    found = merged(FUND, payments, [Distribution(session, float(paid), float(taxed))], calendar)
    return found.findings


# -- sources of data -------------------------------------------------------------------------------


def fred(
    answer: Callable[[httpx.Request], httpx.Response] | int, text: str = "{}", *, key: str = "k"
) -> Fetched:
    """Return the ten-year yield from FRED, where a request is answered so."""

    def respond(request: httpx.Request) -> httpx.Response:
        return httpx.Response(answer, text=text) if isinstance(answer, int) else answer(request)

    with tempfile.TemporaryDirectory() as folder:
        place = SourcePlace(Path(folder), Path(folder), keys={KEY: key} if key else {})
        source = Fred(place, transport=httpx.MockTransport(respond))
        return source.fetch(SeriesRequest("DGS10", date(2024, 1, 2), DAY))


def csv_file(text: str) -> Fetched:
    """Return the rows of your own price file."""
    with _folder({"mine_csv": text}) as folder:
        return CsvFiles(folder).fetch(SeriesRequest("mine.csv", date(2024, 1, 2), DAY))


def written(
    *closes: float,
    paid_on: str | None = None,
    split: int = 1,
    second: float | None = None,
    valued_in: str = "",
    correct: str = "",
) -> tuple[Finding, ...]:
    """Return what is found while a market folder of one fund is written, with a correction.

    Its closes are of the sessions up to 2024-06-28; ``paid_on`` is the day of a dividend, or of a
    ``split``. With ``second`` the source lacks the last session, and a second source has all of
    them, at so many times the closes; ``valued_in`` is the currency of its net asset values.
    """
    days = api.calendars()["XKRX"].sessions
    days = days[days <= np.datetime64(DAY)][-len(closes) :]
    rows = tuple(
        VendorRow(day.astype(object), close) for day, close in zip(days, closes, strict=True)
    )
    paid: tuple[Payment, ...] = ()
    if paid_on is not None:
        day = date.fromisoformat(paid_on)
        paid = (Payment(day, 0.0 if split > 1 else 50.0, Fraction(split)),)
    other = "" if second is None else 'second = [{ source = "folder" }]\n'
    plan = FetchPlan.model_validate(
        tomllib.loads(
            'schema = 1\nname = "mine"\nwhat = "mine"\nstart = 2024-01-02\nstore = "s"\n'
            'folder = "m"\n[[prices]]\npath = "p.csv"\nwhat = "closes"\nexchange = "XKRX"\n'
            'currency = "KRW"\nsource = "csv"\ntickers = ["069500"]\n' + other + correct
        )
    )
    with tempfile.TemporaryDirectory() as folder, RawStore(Path(folder) / "raw") as store:
        key, *next_keys = plan.wanted()
        own = rows if second is None else rows[:-1]
        store.record(key, Fetched(AS_TRADED, own, paid, "KRW"), NIGHT, ())
        for each in next_keys:
            theirs = tuple(
                VendorRow(
                    row.day, (row.close or 0.0) * (second or 1.0), nav=7.5 if valued_in else None
                )
                for row in rows
            )
            store.record(each, Fetched(AS_TRADED, theirs, (), valued_in or "KRW"), NIGHT, ())
        return lay_out(store, plan, api.calendars()).findings
