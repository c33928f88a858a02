"""Talking to Korea Investment's REST interface: pace, pages, and what each failure means.

A question may be asked again. An order is sent at most once: :meth:`Wire.order` says whether it
certainly did not arrive, was refused, was accepted, or whether nobody can know.
Source: github.com/koreainvestment/open-trading-api at 885dd4e (2026-07-09).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jeoul.operations.broker.kis.codes import (
    ASK_AGAIN,
    CHANGED,
    NOTHING_FOUND,
    REFUSED,
    STALE_TOKEN,
    TOO_FAST,
    UNSURE,
    code_of,
    is_done,
    is_token_trouble,
    said,
)
from jeoul.operations.broker.kis.token import granted
from jeoul.operations.broker.rest.http import NoAnswer, Reply
from jeoul.operations.broker.rest.token import Granted
from jeoul.operations.broker.rest.wire import PAUSES, Keys, RequestLine, RestWire, Verdict
from jeoul.operations.errors import NotSent, Refused, Unanswered, Unreachable
from jeoul.operations.setup.clock import Clock

# Published (notice 2026-04-20): 18 a second on the real host, 1 in simulation; 3 a second with new
# keys for three days. A run asks some dozens of questions: the pace of new keys suits every key.
GAP = {"real": 0.34, "simulation": 1.05}
LEDGER_GAP = 1.05  # balance, lists and orders: one a second on either host (EGW00215)
WALKS = 3  # times that a list is read from its first page
PAGES = 50


class _Changed(Exception):
    """The data changed between two pages."""


class KisWire(RestWire):
    """One account's line to one host; with ``hashkey`` each order carries one."""

    kind = "kis"

    def __init__(
        self, line: RequestLine, keys: Keys, state: Path, clock: Clock, *, hashkey: bool = False
    ) -> None:
        super().__init__(line, keys, state, clock)
        self.hashkey = hashkey

    def ask(self, path: str, tr_id: str, params: Mapping[str, str]) -> Mapping[str, Any]:
        """Return the only page of an answer."""
        return self._asked(path, tr_id, params, "").fields

    def pages(
        self, path: str, tr_id: str, params: Mapping[str, str]
    ) -> tuple[Mapping[str, Any], ...]:
        """Return every page of an answer; data that change meanwhile are read again."""
        for _ in range(WALKS):
            try:
                return self._walked(path, tr_id, params)
            except _Changed:
                self.clock.wait(PAUSES[0])
        raise Unreachable(f"the broker's list {path} changes faster than it can be read")

    def order(self, path: str, tr_id: str, body: Mapping[str, str]) -> Mapping[str, Any]:
        """Return the output of an accepted order; sent at most once.

        Raises :class:`NotSent`, :class:`Refused` or :class:`Unanswered`.
        """

        def headers() -> Mapping[str, str]:
            found = self._headers(tr_id, "")
            return found | {"hashkey": self._hash(body)} if self.hashkey else found

        def send(found: Mapping[str, str]) -> Reply:
            self._keep_pace(LEDGER_GAP)
            return self.client.send("POST", path, found, json=dict(body))

        return self._outcome(self.handed_over(headers, send))

    def _outcome(self, reply: Reply) -> Mapping[str, Any]:
        body = reply.fields
        code, words = code_of(body), self.said(reply)
        if is_done(body):
            output = body.get("output")
            if isinstance(output, Mapping) and code not in UNSURE:
                return output
            raise Unanswered(f"an answer without a clear yes or no: {words}")
        if code in TOO_FAST:
            raise NotSent(words)
        if code in STALE_TOKEN:
            self.tokens.forget()
            raise NotSent(words)
        if code in REFUSED and "rt_cd" in body:
            raise Refused(words)
        raise Unanswered(f"an answer that says neither accepted nor refused: {words}")

    # -- questions -------------------------------------------------------------------------------

    def _walked(
        self, path: str, tr_id: str, params: Mapping[str, str]
    ) -> tuple[Mapping[str, Any], ...]:
        found: list[Mapping[str, Any]] = []
        keys, seen = ("", ""), set()
        while len(found) < PAGES:
            seen.add(keys)
            follow = {"CTX_AREA_FK100": keys[0], "CTX_AREA_NK100": keys[1]}
            reply = self._asked(path, tr_id, {**params, **follow}, "N" if found else "")
            body = reply.fields
            found.append(body)
            if reply.headers.get("tr_cont", "").strip() not in ("M", "F"):
                return tuple(found)
            keys = _key(body, "ctx_area_fk100"), _key(body, "ctx_area_nk100")
            if keys in seen or not keys[1]:
                raise Unreachable(
                    f"the broker says that {path} goes on and does not say where; the same page "
                    "again would count twice. Look at the broker's own screen, then run again"
                )
        raise Unreachable(f"the broker's list does not end after {PAGES} pages; look at it there")

    def _asked(self, path: str, tr_id: str, params: Mapping[str, str], follow: str) -> Reply:
        """Return an answer that was given; asked again while that may help, in bounded time."""

        def send() -> Reply:
            headers = self._headers(tr_id, follow)
            self._keep_pace(LEDGER_GAP if "/trading/" in path else GAP[self.line.mode])
            return self.client.send("GET", path, headers, params=dict(params))

        return self.answered(path, send, _verdict)

    # -- requests --------------------------------------------------------------------------------

    def _keep_pace(self, gap: float) -> None:
        self.client.keep_pace(max(gap, GAP[self.line.mode], self.line.pace))

    def _headers(self, tr_id: str, follow: str) -> dict[str, str]:
        return {
            "content-type": "application/json; charset=utf-8",
            "authorization": f"Bearer {self.tokens.bearer().reveal()}",
            "appkey": self.keys.key.reveal(),
            "appsecret": self.keys.secret.reveal(),
            "tr_id": tr_id,
            "tr_cont": follow,
            "custtype": "P",
        }

    def _hash(self, body: Mapping[str, str]) -> str:
        headers = {"appkey": self.keys.key.reveal(), "appsecret": self.keys.secret.reveal()}
        self._keep_pace(GAP[self.line.mode])
        try:
            reply = self.client.send("POST", "/uapi/hashkey", headers, json=dict(body))
        except NoAnswer as error:
            raise Unreachable(f"no hash key ({error})") from error
        found = reply.fields.get("HASH")
        if not isinstance(found, str) or not (found.isascii() and found.isalnum()):
            raise Unreachable(f"no hash key (HTTP {reply.status})")
        return found

    def ask_token(self) -> Reply:
        """Ask for a new token."""
        body = {
            "grant_type": "client_credentials",
            "appkey": self.keys.key.reveal(),
            "appsecret": self.keys.secret.reveal(),
        }
        return self.client.send("POST", "/oauth2/tokenP", {}, json=body)

    def granted(self, reply: Reply, asked: float) -> Granted:
        """Return the token in an answer."""
        return granted(reply, asked)

    def words(self, body: Mapping[str, Any], status: int) -> str:
        """Return what an answer says."""
        return said(body, status)


def _verdict(reply: Reply) -> Verdict:
    body = reply.fields
    code = code_of(body)
    if is_done(body) or code in NOTHING_FOUND:
        return Verdict.DONE
    if code == CHANGED:
        raise _Changed
    if code in ASK_AGAIN:
        return Verdict.WAIT
    return Verdict.RENEW if is_token_trouble(body, reply.status) else Verdict.STOP


def _key(body: Mapping[str, Any], name: str) -> str:
    found = body.get(name, "")
    return found.strip() if isinstance(found, str) else ""
