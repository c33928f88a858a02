"""One request and its answer, bounded: in time as a whole, in size, depth and numbers.

Nothing in an answer can hold a run up: a body that arrives a byte at a time ends with the time, a
large or deep one is not read, and numbers stay text until somebody asks for one.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any

import httpx

from jeoul.files.nesting import DEEPEST, depth

LARGEST = 4_000_000  # bytes; a page of 100 orders has about 100,000

# Before these, no byte of the request has left.
_NOTHING_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class NoAnswer(Exception):
    """No answer came; ``sent`` is False if certainly nothing of the request left."""

    def __init__(self, why: str, *, sent: bool) -> None:
        super().__init__(why)
        self.sent = sent


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: ``body`` is None if it cannot be read, ``headers`` have lower-case names."""

    status: int
    headers: Mapping[str, str]
    body: Mapping[str, Any] | None

    @property
    def fields(self) -> Mapping[str, Any]:
        """Return the body, without a field where it cannot be read."""
        return {} if self.body is None else self.body


def exchange(client: httpx.Client, request: httpx.Request, seconds: float) -> Reply:
    """Send a request and return its answer, within a time as a whole; raises :class:`NoAnswer`.

    The time is kept by another thread than the one that waits for the network, because neither
    the look-up of a name nor an answer that drips can be bounded from within. After the time the
    client must not be used any more: what is left of the request ends by itself and closes it.
    """
    late = threading.Event()
    answers: SimpleQueue[Reply | Exception] = SimpleQueue()

    def work() -> None:
        try:
            answers.put(_answer(client, request, late))
        except Exception as error:  # whatever it is, the request may have left
            answers.put(error)
        if late.is_set():
            client.close()

    threading.Thread(target=work, daemon=True).start()
    try:
        found = answers.get(timeout=seconds)
    except Empty:
        late.set()
        raise NoAnswer(f"not within {seconds:g} seconds", sent=True) from None
    if isinstance(found, Exception):
        sent = not isinstance(found, _NOTHING_SENT)
        raise NoAnswer(type(found).__name__, sent=sent) from found
    return found


def read_body(content: bytes) -> Mapping[str, Any] | None:
    """Return the object in a JSON body with its numbers as text, None if it cannot be read.

    >>> read_body(b'{"rt_cd": 0, "deposit": 1E9999999}')
    {'rt_cd': '0', 'deposit': '1E9999999'}
    >>> read_body(b"[" * 2000) is None
    True
    """
    if len(content) > LARGEST or depth(content) > DEEPEST:
        return None
    try:
        found = json.loads(content, parse_int=str, parse_float=str, parse_constant=str)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _answer(client: httpx.Client, request: httpx.Request, late: threading.Event) -> Reply:
    def watch(step: str, _: Mapping[str, Any]) -> None:
        if late.is_set() and step.endswith("send_request_headers.started"):
            raise httpx.WriteTimeout("given up before it was sent")

    request.extensions["trace"] = watch
    response = client.send(request, stream=True)
    try:
        content = bytearray()
        for part in response.iter_raw():
            content += part
            if late.is_set() or len(content) > LARGEST:
                break
    finally:
        response.close()
    return Reply(response.status_code, dict(response.headers), read_body(bytes(content)))
