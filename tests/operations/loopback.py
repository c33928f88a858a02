"""What the loopbacks of brokers do alike: faults are planted, each request takes its first one.

Orders: ``silent-before`` and ``silent-after`` drop the connection before and after the order is
accepted, ``slow-before`` and ``slow-after`` do so later; ``too-fast``, ``expired`` and ``refused``
answer with the broker's own codes; ``garbled`` is half a body and ``unclear`` a body that says
neither yes nor no, after accepting; ``empty`` is an empty 200, before; ``drip`` answers a byte at a
time, after. Questions: the same with ``ask-`` in front. Tokens: ``token-none``, ``token-foreign``.
A :class:`Planted` is any answer.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from truth import Truth

from jeoul.operations.setup.clock import SystemClock

Answer = tuple[int, Any]


@dataclass(frozen=True)
class Planted:
    """An answer in somebody's own words. ``kind`` is ``order``, ``ask`` or ``token``."""

    kind: str
    content: bytes
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    arrives: bool = True  # an order is accepted before this answer

    @classmethod
    def of(cls, kind: str, body: object, **wanted: Any) -> Planted:
        return cls(kind, json.dumps(body, ensure_ascii=False).encode(), **wanted)


class Gate(Truth):  # type: ignore[misc]
    """The truth, and what the gateway in front of it knows and does wrong."""

    gap = 0.0  # seconds between two requests that it takes

    def __post_init__(self) -> None:
        super().__post_init__()
        self.faults: list[str | Planted] = []
        self.tokens: list[str] = []
        self.seen: list[tuple[str, dict[str, str]]] = []
        self.asked: list[Any] = []
        self.slowness = 0.3
        self.paced = True
        self.last = -9.0

    def take(self, kind: str) -> str | Planted:
        """The first planted fault of a kind; an order takes ``""`` as a turn without one."""
        for place, fault in enumerate(self.faults):
            if _kind(fault) == kind:
                return self.faults.pop(place)
        return ""

    def is_too_fast(self) -> bool:
        soon, self.last = self.now() - self.last < self.gap - 1e-6, self.now()
        return self.paced and soon


def _kind(fault: str | Planted) -> str:
    if isinstance(fault, Planted):
        return fault.kind
    return next((kind for kind in ("ask", "token") if fault.startswith(f"{kind}-")), "order")


class Handler(BaseHTTPRequestHandler):
    """The answers of one broker are in a subclass; what goes wrong is here."""

    state: Any
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # headers and body leave in two writes

    too_fast: Answer
    stale: Answer
    refused: Answer

    def log_message(self, *args: object) -> None:
        pass

    def date_time_string(self, timestamp: float | None = None) -> str:
        """The host's own time, in the header of each answer."""
        return formatdate(self.state.now(), usegmt=True)

    def kind_of(self, method: str, path: str) -> str:
        raise NotImplementedError

    def token(self, content: bytes) -> Answer:
        raise NotImplementedError

    def order(self, path: str, body: dict[str, Any]) -> Answer:
        raise NotImplementedError

    def ask(self, path: str, wanted: Mapping[str, str]) -> tuple[int, Any, Mapping[str, str]]:
        raise NotImplementedError

    def do_GET(self) -> None:
        self._serve("GET")

    def do_POST(self) -> None:
        self._serve("POST")

    def _serve(self, method: str) -> None:
        parts = urlsplit(self.path)
        content = self.rfile.read(int(self.headers.get("content-length", "0")))
        kind = self.kind_of(method, parts.path)
        self.state.seen.append((parts.path, dict(self.headers)))
        fault = self.state.take(kind)
        if kind == "token":
            self._token(content, fault)
        elif self._before(fault):
            return
        elif self._bearer() not in self.state.tokens:
            self._say(*self.stale)
        elif self.state.is_too_fast():
            self._say(*self.too_fast)
        elif kind == "order":
            self._order(parts.path, json.loads(content or b"{}"), fault)
        else:
            query = {key: each[0] for key, each in parse_qs(parts.query).items()}
            wanted = query if method == "GET" else json.loads(content or b"{}")
            self.state.asked.append((parts.path, wanted))
            status, body, headers = self.ask(parts.path, wanted)
            self._say(status, body, headers)

    def _token(self, content: bytes, fault: str | Planted) -> None:
        if isinstance(fault, Planted):
            self._raw(fault.content, fault.status)
        elif fault == "token-none":
            self._say(403, {})
        else:
            self._say(*self.token(content))

    def _order(self, path: str, body: dict[str, Any], fault: str | Planted) -> None:
        if fault == "refused":
            self._say(*self.refused)
        elif isinstance(fault, Planted) and not fault.arrives:
            self._raw(fault.content, fault.status)
        else:
            self._after(fault, *self.order(path, body))

    def _after(self, fault: str | Planted, status: int, answer: object) -> None:
        """Answer an order that was accepted."""
        if isinstance(fault, Planted):
            self._raw(fault.content, fault.status)
        elif fault in ("silent-after", "slow-after"):
            time.sleep(self.state.slowness if fault == "slow-after" else 0)
            self._hang_up()
        elif fault == "garbled":
            self._raw(b'{"return_code": 0, "res')
        elif fault == "unclear":
            self._say(200, {"status": "ok"})
        elif fault == "drip":
            self._drip(answer)
        else:
            self._say(status, answer)

    def _before(self, fault: str | Planted) -> bool:
        """Do what goes wrong before a request is looked at; return whether something did."""
        if isinstance(fault, Planted):
            if fault.kind == "ask":
                self._raw(fault.content, fault.status, dict(fault.headers))
            return fault.kind == "ask"
        wrong = fault.removeprefix("ask-")
        if wrong in ("silent-before", "slow-before", "dropped"):
            time.sleep(self.state.slowness if wrong == "slow-before" else 0)
            self._hang_up()
        elif wrong == "too-fast":
            self._say(*self.too_fast)
        elif wrong == "empty" or fault == "ask-garbled":
            self._raw(b"" if wrong == "empty" else b"<html>")
        elif fault == "ask-drip":
            self._drip({})
        elif wrong in ("expired", "revoked"):
            self.state.tokens.clear()
            self._say(*self.stale)
        else:
            return False
        return True

    def _bearer(self) -> str:
        return self.headers.get("authorization", "").removeprefix("Bearer ")

    def _say(self, status: int, body: object, headers: Mapping[str, str] | None = None) -> None:
        self._raw(json.dumps(body, ensure_ascii=False).encode(), status, headers)

    def _raw(
        self, body: bytes, status: int = 200, headers: Mapping[str, str] | None = None
    ) -> None:
        self.send_response(status)
        self.send_header("content-type", "application/json;charset=UTF-8")
        self.send_header("content-length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _drip(self, body: object) -> None:
        content = json.dumps(body).encode().ljust(4000)
        self.send_response(200)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        try:
            for place in range(len(content)):
                self.wfile.write(content[place : place + 1])
                time.sleep(0.02)
        except OSError:
            self.close_connection = True

    def _hang_up(self) -> None:
        self.close_connection = True
        self.connection.shutdown(2)


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler], state: Any) -> Iterator[tuple[str, Any]]:
    """A server on a free port of this machine, and its state."""
    state.now = SystemClock().now
    bound = type("Bound", (handler,), {"state": state})
    server = ThreadingHTTPServer(("127.0.0.1", 0), bound)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
