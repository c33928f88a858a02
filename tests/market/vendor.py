"""A vendor on this machine that speaks Yahoo's v8/chart protocol, with a fault for each symbol.

The symbol names what happens: ``GOOD.KS`` answers, ``E500`` breaks. Loaded by the tests and by the
processes of a pool, so it stands alone.
"""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit, urlunsplit

STALL = 30.0
SPLIT_DAY = "2024-06-03"


@dataclass
class Vendor:
    """The server: what was asked, and what it will do differently from now on."""

    port: int = 0
    asked: list[str] = field(default_factory=list)
    changes: dict[str, str] = field(default_factory=dict)


def sessions() -> Iterator[Any]:
    """Weekdays of April to June 2024 without the Korean holidays among them."""
    closed = {"2024-04-10", "2024-05-01", "2024-05-06", "2024-05-15", "2024-06-06"}
    day = datetime(2024, 4, 1, tzinfo=UTC)
    while day < datetime(2024, 6, 29, tzinfo=UTC):
        if day.weekday() < 5 and day.date().isoformat() not in closed:
            yield day
        day += timedelta(days=1)


def prices(count: Any) -> Any:
    return [10_000.0 + 10.0 * (place % 7) for place in range(count)]


def chart(symbol: Any, start: Any, end: Any, change: Any = "") -> Any:  # noqa: C901, PLR0912  one branch a fault
    """A healthy answer in Yahoo's form, changed where the symbol or the test says so."""
    days = [d for d in sessions() if start <= d.timestamp() < end + 86_400]
    if symbol.startswith("EMPTY"):
        days = []
    close = prices(len(list(sessions())))[-len(days) :] if days else []
    volume = [100_000] * len(days)
    payments = {"2024-04-29": 50.0}
    splits = {}
    if symbol.startswith("DIVIDEND"):
        payments = {"2024-04-29": 50.0 * 1352.98}  # the fault: multiplied by the exchange rate
    if change == "no-dividend":
        payments = {}
    if change == "split":  # two for one, with the past restated as Yahoo does
        splits = {SPLIT_DAY: 2.0}
        payments = {"2024-04-29": 25.0}
        close = [c / 2 for c in close]
    if change == "split-missed":
        close = [c / (2 if d.date().isoformat() >= SPLIT_DAY else 1) for d, c in _of(days, close)]
    if change == "split-twice":
        splits = {SPLIT_DAY: 2.0}
        close = [c / (4 if d.date().isoformat() < SPLIT_DAY else 2) for d, c in _of(days, close)]
    if change == "revised":
        close = [c * (1.01 if str(d.date()) == "2024-05-08" else 1.0) for d, c in _of(days, close)]
    if symbol.startswith("NAN") and days:
        close[-1] = None
    if symbol.startswith("ZERO") and days:
        close[-1] = 0.0
    if symbol.startswith("HOLIDAY"):
        payments["2024-05-01"] = 30.0
    meta = {
        "currency": "USD" if symbol.startswith("DOLLAR") else "KRW",
        "symbol": symbol,
        "longName": "Another Fund" if change == "renamed" else "A Fund",
        "exchangeTimezoneName": "Asia/Seoul",
        "timezone": "KST",
        "gmtoffset": 32400,
        "instrumentType": "ETF",
        "firstTradeDate": 1034553600,
        "regularMarketTime": int(days[-1].timestamp()) if days else 0,
        "dataGranularity": "1d",
        "range": "",
        "priceHint": 2,
        "validRanges": ["1d", "5d", "max"],
        "currentTradingPeriod": {
            name: {"timezone": "KST", "start": 0, "end": 1, "gmtoffset": 32400}
            for name in ("pre", "regular", "post")
        },
    }
    if symbol.startswith("NOCURRENCY"):
        del meta["currency"]
    events = {}
    listed = {d.date().isoformat(): str(int(d.timestamp())) for d in days}
    if symbol.startswith("HOLIDAY"):
        listed["2024-05-01"] = str(int(datetime(2024, 5, 1, tzinfo=UTC).timestamp()))
    if paid := {listed[d]: _event(listed[d], amount=v) for d, v in payments.items() if d in listed}:
        events["dividends"] = paid
    if split := {
        listed[d]: _event(listed[d], numerator=v, denominator=1.0, splitRatio=f"{v:g}:1")
        for d, v in splits.items()
        if d in listed
    }:
        events["splits"] = split
    quote = {"open": close, "high": close, "low": close, "close": close, "volume": volume}
    result = {
        "meta": meta,
        "timestamp": [int(d.timestamp()) for d in days],
        "events": events,
        "indicators": {"quote": [quote if days else {}], "adjclose": [{"adjclose": close}]},
    }
    if not days:
        del result["timestamp"]
    return {"chart": {"result": [result], "error": None}}


def _of(days: Any, close: Any) -> Any:
    return zip(days, close, strict=True)


def _event(stamp: Any, **content: Any) -> Any:
    return {"date": int(stamp), **content}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> Any:
        parts = urlsplit(self.path)
        if "/v8/finance/chart/" not in parts.path:
            return self._send(200, b"crumb", "text/plain")
        symbol = parts.path.rpartition("/")[2]
        self.server.vendor.asked.append(symbol)  # type: ignore[attr-defined]
        return self._price(symbol, parse_qs(parts.query))

    def _price(self, symbol: Any, query: Any) -> Any:  # noqa: PLR0911  one answer a fault
        vendor = self.server.vendor  # type: ignore[attr-defined]
        tries = vendor.asked.count(symbol)
        if symbol.startswith("E404"):
            error = {"code": "Not Found", "description": "No data found, symbol may be delisted"}
            return self._json(404, {"chart": {"result": None, "error": error}})
        if symbol.startswith("E429") or (symbol.startswith("ONCE429") and tries <= 2):
            return self._send(429, b"Too Many Requests", "text/plain")
        if symbol.startswith("E500"):
            return self._send(500, b"oops", "text/plain")
        if symbol.startswith("EJSON500"):
            error = {"code": "Internal Server Error", "description": "try again"}
            return self._json(500, {"chart": {"result": None, "error": error}})
        if symbol.startswith("HTML"):
            page = b"<html><body>We are upgrading our service</body></html>"
            return self._send(200, page, "text/html")
        if symbol.startswith("STALL"):
            time.sleep(STALL)
            return None
        start = int(query.get("period1", ["0"])[0])
        end = int(query.get("period2", ["4000000000"])[0])
        body = json.dumps(chart(symbol, start, end, vendor.changes.get(symbol, ""))).encode()
        if symbol.startswith("CUT"):
            return self._send(200, body[: len(body) // 2], "application/json")
        if symbol.startswith("RESET"):
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return None
        if symbol.startswith("DRIP"):
            return self._drip(body)
        return self._send(200, body, "application/json")

    def _drip(self, body: Any) -> None:
        """One byte a second: no read ever times out, and the answer never comes."""
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        for byte in body[: int(STALL)]:
            self.wfile.write(bytes([byte]))
            time.sleep(1.0)

    def _json(self, status: Any, content: Any) -> Any:
        return self._send(status, json.dumps(content).encode(), "application/json")

    def _send(self, status: Any, body: Any, kind: Any) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that was killed in the middle is what the tests are about."""


@contextmanager
def serving() -> Iterator[Any]:
    """Run a vendor on a free port of this machine."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.vendor = Vendor(server.server_address[1])  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server.vendor  # type: ignore[attr-defined]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def yahoo(place: Any, port: int) -> Any:
    """Yahoo as it is, except that its session only ever talks to this machine."""
    from jeoul.market.sources.yahoo import Yahoo, watched

    class Loopback(watched()):  # type: ignore[misc]
        def request(self, method: Any, url: Any, *args: Any, **options: Any) -> Any:
            parts = urlsplit(url)
            there = urlunsplit(("http", f"127.0.0.1:{port}", parts.path, parts.query, ""))
            return super().request(method, there, *args, **options)

    return Yahoo(place, session=Loopback())


def in_place_of_all(port: int, name: str, place: Any) -> Any:
    """Connect to the vendor on a port, whatever source a plan names."""
    return yahoo(place, port)
