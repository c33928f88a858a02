"""Talking to Toss Securities' Open API: pace, pages, and what each failure means.

Answers come in an envelope: ``result`` or ``error``. Source: OpenAPI document 1.2.4 (2026-07).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jeoul.operations.broker.rest.http import Reply
from jeoul.operations.broker.rest.token import Granted, whole_seconds
from jeoul.operations.broker.rest.wire import RestWire, Verdict
from jeoul.operations.broker.toss.codes import (
    ASK_AGAIN,
    REFUSED,
    STALE_TOKEN,
    TOO_FAST,
    code_of,
    is_done,
    said,
)
from jeoul.operations.errors import NotSent, Refused, Unanswered, Unreachable

# Published by group (2026-10): six a second for orders and what can be ordered, three from 09:00 to
# 09:10; five for holdings and lists; one for the list of accounts.
GAP, ACCOUNTS_GAP = 0.34, 1.05
PAGES = 50
DAY = 24 * 3600.0  # seconds; no token is said to last longer


class TossWire(RestWire):
    """One client's line to the host; ``account`` is the account that it speaks of, if one is."""

    kind = "toss"

    def ask(
        self, path: str, params: Mapping[str, str] | None = None, *, account: str | None = None
    ) -> Mapping[str, Any]:
        """Return the body of an answer."""
        gap = GAP if account is not None else ACCOUNTS_GAP

        def send() -> Reply:
            headers = self._headers(account)
            self.client.keep_pace(max(gap, self.line.pace))
            return self.client.send("GET", path, headers, params=dict(params or {}))

        return self.answered(path, send, _verdict).fields

    def pages(
        self, path: str, params: Mapping[str, str], account: str
    ) -> tuple[Mapping[str, Any], ...]:
        """Return every page of a list; the next one begins at the cursor of the one before."""
        found: list[Mapping[str, Any]] = []
        more: dict[str, str] = {}
        seen: set[str] = set()
        while len(found) < PAGES:
            body = self.ask(path, {**params, **more}, account=account)
            found.append(body)
            result = body.get("result")
            if not isinstance(result, Mapping) or not isinstance(result.get("hasNext"), bool):
                raise Unreachable(
                    f"the broker does not say whether {path} goes on; look at its own screen"
                )
            if not result["hasNext"]:
                return tuple(found)
            cursor = result.get("nextCursor")
            if not isinstance(cursor, str) or not cursor or cursor in seen:
                raise Unreachable(
                    f"the broker says that {path} goes on and does not say where; the same page "
                    "again would count twice. Look at the broker's own screen, then run again"
                )
            seen.add(cursor)
            more = {"cursor": cursor}
        raise Unreachable(f"the broker's list does not end after {PAGES} pages; look at it there")

    def order(self, path: str, body: Mapping[str, Any], account: str) -> Mapping[str, Any]:
        """Return the result of an accepted order or instruction; sent at most once.

        Raises :class:`NotSent`, :class:`Refused` or :class:`Unanswered`.
        """

        def send(headers: Mapping[str, str]) -> Reply:
            self.client.keep_pace(max(GAP, self.line.pace))
            return self.client.send("POST", path, headers, json=dict(body))

        reply = self.handed_over(lambda: self._headers(account), send)
        found, words = reply.fields, self.said(reply)
        if is_done(found, reply.status):
            result = found["result"]
            if isinstance(result, Mapping):
                return result
            raise Unanswered(f"an answer without a clear yes or no: {words}")
        code = code_of(found)
        if code in STALE_TOKEN and reply.status == 401:
            self.tokens.forget()
            raise NotSent(words)
        if code in TOO_FAST and reply.status == 429:
            raise NotSent(words)
        if code in REFUSED and reply.status in (400, 404, 409, 422):
            raise Refused(words)
        raise Unanswered(f"an answer that says neither accepted nor refused: {words}")

    def ask_token(self) -> Reply:
        """Ask for a new token; it ends the one before."""
        form = {
            "grant_type": "client_credentials",
            "client_id": self.keys.key.reveal(),
            "client_secret": self.keys.secret.reveal(),
        }
        return self.client.send("POST", "/oauth2/token", {}, data=form)

    def granted(self, reply: Reply, asked: float) -> Granted:
        """Return the token in an answer; it lasts for ``expires_in`` seconds."""
        found = reply.fields
        token = found.get("access_token")
        if not isinstance(token, str) or not token:
            raise Unreachable(_why(found, reply.status))
        return Granted(token, asked + (whole_seconds(found.get("expires_in"), DAY) or 0.0))

    def words(self, body: Mapping[str, Any], status: int) -> str:
        """Return what an answer says."""
        return said(body, status)

    def _headers(self, account: str | None) -> dict[str, str]:
        of = {} if account is None else {"x-tossinvest-account": account}
        return {"authorization": f"Bearer {self.tokens.bearer().reveal()}", **of}


def _verdict(reply: Reply) -> Verdict:
    body = reply.fields
    code = code_of(body)
    if is_done(body, reply.status):
        return Verdict.DONE
    if code in ASK_AGAIN or reply.status == 429:
        return Verdict.WAIT
    return Verdict.RENEW if code in STALE_TOKEN or reply.status == 401 else Verdict.STOP


def _why(body: Mapping[str, Any], status: int) -> str:
    code = code_of(body)
    found = code or f"HTTP {status}"
    if status == 403 or code == "access_denied":
        return (
            f"the broker gives no token ({found}); this machine's address may not be registered "
            "for the client. Register it in the broker's settings of its Open API, then run again"
        )
    return (
        f"the broker gives no token ({found}); check the client's name and secret, and whether "
        "they have expired"
    )
