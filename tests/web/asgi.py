"""An ASGI application asked without a network: what a server would hand it, and what comes back."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

PORT = 8765
HOST = f"127.0.0.1:{PORT}"
Headers = Iterable[tuple[str, str]]


@dataclass(frozen=True)
class Answer:
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key.lower() == name), None)


def ask(
    app: Any,
    path: str = "/",
    *,
    method: str = "GET",
    query: str = "",
    headers: Headers = (),
    host: str | None = HOST,
    body: Iterable[bytes] = (b"",),
) -> Answer:
    """Return what an application answers to one request; its body comes in the given pieces."""
    pieces = list(body)
    given = [("host", host)] if host is not None else []
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode("utf-8", "surrogateescape"),
        "query_string": query.encode("latin-1", "replace"),
        "root_path": "",
        "headers": [
            (name.lower().encode("latin-1"), value.encode("latin-1", "replace"))
            for name, value in [*given, *headers]
        ],
        "client": ("127.0.0.1", 50_000),
        "server": ("127.0.0.1", PORT),
    }
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        if not pieces:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": pieces.pop(0), "more_body": bool(pieces)}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    asyncio.run(_within(app(scope, receive, send)))
    start = next(each for each in sent if each["type"] == "http.response.start")
    return Answer(
        status=start["status"],
        headers=tuple((k.decode("latin-1"), v.decode("latin-1")) for k, v in start["headers"]),
        body=b"".join(each.get("body", b"") for each in sent),
    )


async def _within(work: Any) -> None:
    await asyncio.wait_for(work, timeout=60)
