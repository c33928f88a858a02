"""Who may read the pages and change anything: one person, on one machine, in one browser.

The address that `jeoul serve` prints has a token, which works once: the first page that is opened
with it exchanges it for a cookie that scripts cannot read and other sites cannot send. Every
request is checked here before anything else sees it:

* its ``Host`` is one that the server is meant to have, so that a name which another site points at
  this machine (DNS rebinding) reads nothing;
* it has the cookie, or it is the first page with an unused token;
* a change comes from a page of this server: by ``Origin`` and ``Sec-Fetch-Site`` where the browser
  sends them, and by a secret that only those pages have (:func:`change_allowed`);
* its body is not longer than ``limit``.

What leaves has a content policy that lets a page load nothing from elsewhere.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from http.cookies import CookieError, SimpleCookie
from secrets import token_urlsafe
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from jeoul.translation import in_language

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

TOKEN = "token"
"""The parameter of the first address."""

LIMIT = 5 * 1024 * 1024 + 64 * 1024
"""Bytes of a body: a file of 5 MB, and the form around it."""

SAME = "same-origin"
CHANGES = frozenset({"POST"})
READS = frozenset({"GET", "HEAD"})

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",  # charts place their marks by style attributes
        "img-src 'self' data:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)

HEADERS = {
    "content-security-policy": POLICY,
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}


@dataclass(slots=True)
class Access:
    """The secrets of one server while it runs; nothing of them is written anywhere.

    ``hosts`` are the values of ``Host`` that are answered, with their port. ``port`` names the
    cookie, so that two servers on one machine do not log each other out.
    """

    port: int
    hosts: frozenset[str]
    make: Callable[[], str] = token_urlsafe
    tokens: set[str] = field(default_factory=set, init=False, repr=False)
    sessions: set[str] = field(default_factory=set, init=False, repr=False)

    @property
    def cookie(self) -> str:
        """Return the name of the cookie."""
        return f"jeoul_{self.port}"

    def invite(self) -> str:
        """Return a new token that opens the pages once, in one browser."""
        token = self.make()
        self.tokens.add(_digest(token))
        return token

    def exchange(self, token: str) -> str | None:
        """Return the secret of a new session for an unused token, which is then used; else None."""
        digest = _digest(token)
        if digest not in self.tokens:
            return None
        self.tokens.discard(digest)
        session = self.make()
        self.sessions.add(_digest(session))
        return session

    def knows(self, session: str | None) -> bool:
        """Return whether a cookie's value is that of a session of this server."""
        return session is not None and _digest(session) in self.sessions


def change_secret(session: str) -> str:
    """Return what a form of a session's page has to send with a change."""
    return hmac.new(session.encode(), b"jeoul change", sha256).hexdigest()


def change_allowed(session: str, sent: str | None) -> bool:
    """Return whether a change was sent with the secret of the session's own pages."""
    return sent is not None and hmac.compare_digest(
        change_secret(session).encode(), sent.encode("utf-8", "replace")
    )


def hosts_of(port: int, names: Iterable[str] = ()) -> frozenset[str]:
    """Return the values of ``Host`` for a port: this machine's own, and further names.

    >>> sorted(hosts_of(8000, ["home.example"]))
    ['127.0.0.1:8000', 'home.example:8000', 'localhost:8000']
    """
    return frozenset(f"{name}:{port}" for name in ("127.0.0.1", "localhost", *names))


class Gate:
    """The application behind the checks of this module.

    ``state.session`` of a request that passes is the value of its cookie.
    """

    def __init__(self, app: ASGIApp, access: Access, limit: int = LIMIT) -> None:
        self.app = app
        self.access = access
        self.limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or hand it on with its body bounded."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, send)
        else:  # there are no sockets here
            await send({"type": "websocket.close", "code": 1008})

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = _headers(scope)
        guarded = _guarded(send)
        if not _one(headers, "host") or headers["host"][0] not in self.access.hosts:
            await _refuse(guarded, 403, f"jeoul does not answer under this host name; {_OPEN}")
            return
        if not scope["query_string"].isascii():  # no browser sends one that is not encoded
            await _refuse(guarded, 400, "the address is not encoded")
            return
        session = self._session(headers)
        if session is None:
            await self._first(scope, guarded)
            return
        if scope["method"] not in READS | CHANGES:
            await _refuse(guarded, 405, "this server answers GET, HEAD and POST only")
            return
        if scope["method"] in CHANGES and not self._is_ours(headers):
            await _refuse(guarded, 403, "the change was sent from another page")
            return
        if _too_long(headers, self.limit):
            await _refuse(guarded, 413, f"the request is longer than {self.limit} bytes")
            return
        scope.setdefault("state", {})["session"] = session
        await self._bounded(scope, receive, guarded)

    def _session(self, headers: dict[str, list[str]]) -> str | None:
        jar: SimpleCookie = SimpleCookie()
        for line in headers.get("cookie", ()):
            try:
                jar.load(line)
            except CookieError:
                return None
        morsel = jar.get(self.access.cookie)
        value = None if morsel is None else morsel.value
        return value if self.access.knows(value) else None

    async def _first(self, scope: Scope, send: Send) -> None:
        """Exchange the token of the first page for a cookie; refuse everything else.

        The cookie is not sent along a redirect that another program began, so the page that sets it
        moves on by itself, as its own.
        """
        asked = parse_qs(scope["query_string"].decode("latin-1")).get(TOKEN, [])
        is_first = scope["path"] == "/" and scope["method"] == "GET" and len(asked) == 1
        session = self.access.exchange(asked[0]) if is_first else None
        if session is None:
            await _refuse(send, 401, f"you are not signed in; {_OPEN}")
            return
        cookie = f"{self.access.cookie}={session}; Path=/; HttpOnly; SameSite=Strict"
        body = _FIRST
        await _answer(send, 200, body, "text/html; charset=utf-8", ("set-cookie", cookie))

    def _is_ours(self, headers: dict[str, list[str]]) -> bool:
        """Return whether a browser says that a change was begun by a page of this server.

        Our pages send no referrer, and browsers then send ``Origin: null`` with a form: that counts
        where ``Sec-Fetch-Site``, which no page can set, says where the form is from.
        """
        origins, sites = headers.get("origin", []), headers.get("sec-fetch-site", [])
        if any(site != SAME for site in sites):
            return False
        here = {f"http://{headers['host'][0]}"} | ({"null"} if sites else set())
        return all(origin in here for origin in origins)

    async def _bounded(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request on; one whose body turns out to be too long is cut off there."""
        read = 0
        begun = False

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > self.limit:
                raise _TooLongError
            return message

        async def noted(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self.app(scope, counted, noted)
        except _TooLongError:
            if not begun:
                await _refuse(send, 413, f"the request is longer than {self.limit} bytes")


_FIRST = (
    b'<!doctype html><html lang="en"><meta http-equiv="refresh" content="0;url=/">'
    b'<link rel="icon" href="data:,"><title>jeoul</title><a href="/">jeoul</a></html>'
)


_OPEN = "open the address that jeoul serve prints"


class _TooLongError(Exception):
    """A body went on beyond the limit, whatever its header said."""


def _digest(secret: str) -> str:
    """Return the digest under which a secret is kept: comparing those betrays nothing of it."""
    return sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()


def _headers(scope: Scope) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in scope["headers"]:
        found.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1"))
    return found


def _one(headers: dict[str, list[str]], name: str) -> bool:
    return len(headers.get(name, [])) == 1


def _too_long(headers: dict[str, list[str]], limit: int) -> bool:
    lengths = headers.get("content-length", [])
    return any(not each.isdecimal() or len(each) > 12 or int(each) > limit for each in lengths)


def _guarded(send: Send) -> Send:
    async def guarded(message: Message) -> None:
        if message["type"] == "http.response.start":
            kept = [pair for pair in message.get("headers", ()) if pair[0].lower() not in _OWN]
            added = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
            if not any(name.lower() == b"cache-control" for name, _ in kept):
                added.append((b"cache-control", b"no-store"))
            message = {**message, "headers": [*kept, *added]}
        await send(message)

    return guarded


_OWN = frozenset(name.encode() for name in HEADERS if name != "content-security-policy")
"""Headers that no answer has of its own; a second content policy only forbids more."""


async def _refuse(send: Send, status: int, why: str) -> None:
    """Answer with why not, in both languages: which one the reader wants is not known yet."""
    said = f"{in_language(why, 'ko')}\n{why}\n"
    await _answer(send, status, said.encode(), "text/plain; charset=utf-8")


async def _answer(
    send: Send, status: int, body: bytes, kind: str, *further: tuple[str, str]
) -> None:
    pairs = [("content-type", kind), ("content-length", str(len(body))), *further]
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in pairs]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
