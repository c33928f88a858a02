"""One request and its answer: bounded in time and size, and a new line after a silence."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from kis_desk import Watch

from jeoul.operations.broker.rest.client import Client
from jeoul.operations.broker.rest.http import LARGEST, NoAnswer, Reply, exchange

Handle = Callable[[httpx.Request], httpx.Response]
PATIENCE = 10.0


class Parts(httpx.SyncByteStream):
    """A body in parts; it knows how many were taken and whether it was let go."""

    def __init__(self, parts: Iterator[bytes]) -> None:
        self.parts, self.taken = parts, 0
        self.closed = threading.Event()

    def __iter__(self) -> Iterator[bytes]:
        for part in self.parts:
            self.taken += 1
            yield part

    def close(self) -> None:
        self.closed.set()


def line(handle: Handle) -> httpx.Client:
    return httpx.Client(base_url="http://127.0.0.1:9", transport=httpx.MockTransport(handle))


def asked(handle: Handle, seconds: float = PATIENCE) -> Reply:
    client = line(handle)
    return exchange(client, client.build_request("GET", "/x"), seconds)


def test_an_answer_has_its_status_its_headers_and_its_body() -> None:
    body = Parts(iter((b'{"a":', b" 1}")))
    found = asked(lambda _: httpx.Response(418, headers={"Next-Key": "k"}, stream=body))
    assert (found.status, found.headers["next-key"], found.body) == (418, "k", {"a": "1"})
    assert body.closed.is_set()


@pytest.mark.parametrize(("size", "taken"), [(LARGEST // 4, 5), (LARGEST // 4 + 1, 4)])
def test_no_more_than_the_largest_answer_is_read(size: int, taken: int) -> None:
    body = Parts(iter([b"x" * size] * 9))
    assert asked(lambda _: httpx.Response(200, stream=body)).body is None
    assert (body.taken, body.closed.is_set()) == (taken, True)


@pytest.mark.parametrize(
    ("error", "sent"),
    [
        (httpx.ConnectError, False),
        (httpx.ConnectTimeout, False),
        (httpx.PoolTimeout, False),
        (httpx.ReadError, True),
        (httpx.WriteError, True),
        (httpx.ReadTimeout, True),
        (ZeroDivisionError, True),
    ],
)
def test_a_request_has_surely_not_left_without_a_connection(
    error: type[Exception], sent: bool
) -> None:
    def handle(_: httpx.Request) -> httpx.Response:
        raise error("made up")

    with pytest.raises(NoAnswer, match=error.__name__) as found:
        asked(handle)
    assert found.value.sent is sent


def test_after_its_time_a_request_ends_by_itself_and_closes_its_line() -> None:
    go_on, ended = threading.Event(), threading.Event()
    body = Parts(iter([b"x"] * 9))
    client = line(lambda _: httpx.Response(200, stream=body))
    close = client.close

    def closed() -> None:
        close()
        ended.set()

    client.close = closed  # type: ignore[method-assign]

    def slow(parts: Iterator[bytes]) -> Iterator[bytes]:
        yield next(parts)
        go_on.wait(PATIENCE)
        yield from parts

    body.parts = slow(body.parts)
    with pytest.raises(NoAnswer, match=r"not within 0\.05 seconds") as found:
        exchange(client, client.build_request("GET", "/x"), 0.05)
    assert found.value.sent is True
    assert found.value.__cause__ is None
    assert not ended.is_set()
    go_on.set()
    assert ended.wait(PATIENCE)
    assert (body.taken, body.closed.is_set()) == (2, True)


def test_a_request_that_was_given_up_is_not_sent_any_more() -> None:
    """The look-up of a name came to an end after the time: the headers do not leave."""
    go_on, done = threading.Event(), threading.Event()
    steps: list[str] = []

    def handle(request: httpx.Request) -> httpx.Response:
        trace: Any = request.extensions["trace"]
        try:
            trace("http11.send_request_headers.started", {})
            steps.append("in time")
            go_on.wait(PATIENCE)
            trace("connection.connect_tcp.complete", {})
            steps.append("late and connected")
            trace("http11.send_request_headers.started", {})
            steps.append("late and sent")
        finally:
            done.set()
        return httpx.Response(200)

    with pytest.raises(NoAnswer):
        asked(handle, 0.05)
    go_on.set()
    assert done.wait(PATIENCE)
    assert steps == ["in time", "late and connected"]


# -- the line to one host --------------------------------------------------------------------------


def test_a_line_has_half_of_its_time_for_the_connection() -> None:
    client = Client("http://127.0.0.1:9", 8.0, Watch())
    limits = client.client.timeout
    assert (limits.connect, limits.read, limits.write, limits.pool) == (4.0, 8.0, 8.0, 8.0)
    assert client.client.headers["accept-encoding"] == "identity"
    assert not client.client.follow_redirects
    assert not client.client.is_closed
    client.close()
    assert client.client.is_closed


@pytest.mark.parametrize(
    ("error", "another", "closed"),
    [
        (None, False, False),
        (httpx.ConnectError("made up"), False, False),
        (httpx.ReadError("made up"), True, True),
    ],
)
def test_after_a_silence_the_next_request_has_a_line_of_its_own(
    monkeypatch: pytest.MonkeyPatch, error: Exception | None, another: bool, closed: bool
) -> None:
    seen: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        if error is not None:
            raise error
        return httpx.Response(200, stream=Parts(iter((b"{}",))))

    monkeypatch.setattr(Client, "_new", lambda _: line(handle))
    client = Client("http://127.0.0.1:9", PATIENCE, Watch())
    first = client.client
    try:
        client.send("POST", "/x", {"tr_id": "A"}, json={"b": "1"})
    except NoAnswer:
        assert error is not None
    assert (client.client is not first, first.is_closed) == (another, closed)
    assert (seen[0].method, seen[0].headers["tr_id"]) == ("POST", "A")
    assert seen[0].content.replace(b" ", b"") == b'{"b":"1"}'


def test_a_line_that_is_still_at_work_is_left_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    go_on = threading.Event()

    def handle(_: httpx.Request) -> httpx.Response:
        go_on.wait(PATIENCE)
        return httpx.Response(200)

    monkeypatch.setattr(Client, "_new", lambda _: line(handle))
    client = Client("http://127.0.0.1:9", 0.05, Watch())
    first = client.client
    with pytest.raises(NoAnswer):
        client.send("GET", "/x", {})
    assert client.client is not first
    assert not first.is_closed
    go_on.set()
