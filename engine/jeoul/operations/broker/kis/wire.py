"""Talking to Korea Investment's REST interface: pace, pages, and what each failure means.

A question may be asked again. An order is sent at most once: :meth:`Wire.order` says whether it
certainly did not arrive, was refused, was accepted, or whether nobody can know.
Source: github.com/koreainvestment/open-trading-api at 885dd4e (2026-07-09).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
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
from jeoul.operations.broker.rest.client import Client
from jeoul.operations.broker.rest.http import NoAnswer, Reply
from jeoul.operations.broker.rest.token import Granted, Tokens
from jeoul.operations.errors import NotSent, Refused, Unanswered, Unreachable
from jeoul.operations.setup.clock import Clock
from jeoul.operations.setup.secrets import Secret, token_file, without_secrets

# Published (notice 2026-04-20): 18 a second on the real host, 1 in simulation; 3 a second with new
# keys for three days. A run asks some dozens of questions: the pace of new keys suits every key.
GAP = {"real": 0.34, "simulation": 1.05}
LEDGER_GAP = 1.05  # balance, lists and orders: one a second on either host (EGW00215)
PAUSES = (1.1, 2.0, 4.0, 8.0, 16.0)  # before a question is asked again; then it is given up
WALKS = 3  # times that a list is read from its first page
PAGES = 50


@dataclass(frozen=True, slots=True)
class Line:
    """Where requests go and how: ``timeout`` bounds one request as a whole, in seconds.

    ``pace`` is a gap between requests in seconds that makes the published one longer.
    """

    address: str
    mode: str
    timeout: float
    pace: float = 0.0
    hashkey: bool = False


class _Changed(Exception):
    """The data changed between two pages."""


class Wire:
    """One account's line to one host; its keys and what is ``hidden`` are never repeated."""

    def __init__(
        self,
        line: Line,
        appkey: Secret,
        appsecret: Secret,
        state: Path,
        clock: Clock,
        *,
        hidden: Secret,
    ) -> None:
        self.line = line
        self.appkey = appkey
        self.appsecret = appsecret
        self.hidden = hidden
        self.clock = clock
        self.client = Client(line.address, line.timeout, clock)
        owner = f"{line.address}|{appkey.reveal()}"
        self.tokens = Tokens(state / token_file("kis"), owner, clock, self._token)

    def close(self) -> None:
        """Close the connection."""
        self.client.close()

    def ask(self, path: str, tr_id: str, params: Mapping[str, str]) -> Mapping[str, Any]:
        """Return the only page of an answer."""
        return self._asked(path, tr_id, params, "").body or {}

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
        try:
            headers = self._headers(tr_id, "")
            if self.line.hashkey:
                headers["hashkey"] = self._hash(body)
        except Unreachable as error:
            raise NotSent(str(error)) from error
        self._keep_pace(LEDGER_GAP)
        try:
            reply = self.client.send("POST", path, headers, json=dict(body))
        except NoAnswer as error:
            if error.sent:
                raise Unanswered(f"no answer ({error})") from error
            raise NotSent(f"no connection ({error})") from error
        return self._outcome(reply)

    def _outcome(self, reply: Reply) -> Mapping[str, Any]:
        body = reply.body
        if body is None:
            raise Unanswered(f"an answer that cannot be read (HTTP {reply.status})")
        code, words = code_of(body), self._said(reply)
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
            body = reply.body or {}
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
        trouble, renewed = "", False
        for pause in (*PAUSES, 0.0):
            headers = self._headers(tr_id, follow)
            self._keep_pace(LEDGER_GAP if "/trading/" in path else GAP[self.line.mode])
            try:
                reply = self.client.send("GET", path, headers, params=dict(params))
            except NoAnswer as error:
                trouble = str(error)
                self.clock.wait(pause)
                continue
            trouble = self._said(reply)
            if reply.body is None:
                self.clock.wait(pause)
                continue
            code = code_of(reply.body)
            if is_done(reply.body) or code in NOTHING_FOUND:
                return reply
            if code == CHANGED:
                raise _Changed
            if code in ASK_AGAIN:
                self.clock.wait(pause)
            elif is_token_trouble(reply.body, reply.status) and not renewed:
                self.tokens.forget()
                renewed = True
            else:
                break
        raise Unreachable(f"the broker does not answer {path}: {trouble}")

    # -- requests --------------------------------------------------------------------------------

    def _keep_pace(self, gap: float) -> None:
        self.client.keep_pace(max(gap, GAP[self.line.mode], self.line.pace))

    def _headers(self, tr_id: str, follow: str) -> dict[str, str]:
        return {
            "content-type": "application/json; charset=utf-8",
            "authorization": f"Bearer {self.tokens.bearer().reveal()}",
            "appkey": self.appkey.reveal(),
            "appsecret": self.appsecret.reveal(),
            "tr_id": tr_id,
            "tr_cont": follow,
            "custtype": "P",
        }

    def _hash(self, body: Mapping[str, str]) -> str:
        headers = {"appkey": self.appkey.reveal(), "appsecret": self.appsecret.reveal()}
        self._keep_pace(GAP[self.line.mode])
        try:
            reply = self.client.send("POST", "/uapi/hashkey", headers, json=dict(body))
        except NoAnswer as error:
            raise Unreachable(f"no hash key ({error})") from error
        found = (reply.body or {}).get("HASH")
        if not isinstance(found, str) or not (found.isascii() and found.isalnum()):
            raise Unreachable(f"no hash key (HTTP {reply.status})")
        return found

    def _token(self, asked: float) -> Granted:
        body = {
            "grant_type": "client_credentials",
            "appkey": self.appkey.reveal(),
            "appsecret": self.appsecret.reveal(),
        }
        try:
            return granted(self.client.send("POST", "/oauth2/tokenP", {}, json=body), asked)
        except NoAnswer as error:
            raise Unreachable(f"the broker gives no token ({error})") from error

    def _said(self, reply: Reply) -> str:
        if reply.body is None:
            return f"an answer that cannot be read (HTTP {reply.status})"
        known = (self.appkey, self.appsecret, self.hidden)
        secrets = (*(secret.reveal() for secret in known), *self.tokens.known())
        return without_secrets(said(reply.body, reply.status), secrets)


def _key(body: Mapping[str, Any], name: str) -> str:
    found = body.get(name, "")
    return found.strip() if isinstance(found, str) else ""
