"""Talking to Korea Investment's REST interface: token, pace, pages, and what each failure means.

A question may be asked again. An order is sent at most once: :meth:`Wire.order` says whether it
certainly did not arrive, was refused, was accepted, or whether nobody can know.
Source: github.com/koreainvestment/open-trading-api (tr_ids and fields as of 2026-07).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from jeoul.operations.errors import NotSent, Refused, Unanswered, Unreachable
from jeoul.operations.setup.clock import Clock
from jeoul.operations.setup.private import write_private
from jeoul.operations.setup.secrets import Secret

TOKEN = "kis-token.json"
TOKEN_PAUSE = 60.0  # seconds between two tokens: the interface gives one a minute
TOKEN_MARGIN = 600.0  # seconds before its end at which a token is replaced
PACE = {"real": 0.06, "simulation": 0.55}  # seconds between requests: 20 and 2 a second are allowed
QUESTIONS = 4  # times that a question is asked before giving up
PAGES = 50

TOO_FAST = "EGW00201"
STALE_TOKEN = frozenset({"EGW00121", "EGW00123"})

# Before these, no byte of the request has left.
_NOTHING_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


@dataclass(frozen=True, slots=True)
class Answer:
    """A body that could be read, and whether another page follows."""

    body: Mapping[str, Any]
    more: bool


class Wire:
    """One account's line to one host."""

    def __init__(
        self,
        address: str,
        mode: str,
        appkey: Secret,
        appsecret: Secret,
        state: Path,
        clock: Clock,
        *,
        timeout: float,
        hashkey: bool = False,
    ) -> None:
        self.mode = mode
        self.appkey = appkey
        self.appsecret = appsecret
        self.place = state / TOKEN
        self.clock = clock
        self.hashkey = hashkey
        self.client = httpx.Client(
            base_url=address, timeout=timeout, follow_redirects=False, trust_env=False
        )
        self._token: Secret | None = None

    def close(self) -> None:
        """Close the connection."""
        self.client.close()

    def pages(
        self, path: str, tr_id: str, params: Mapping[str, str]
    ) -> Iterator[Mapping[str, Any]]:
        """Yield every page of an answer."""
        follow = {"CTX_AREA_FK100": "", "CTX_AREA_NK100": ""}
        for number in range(PAGES):
            answer = self._ask(path, tr_id, {**params, **follow}, "N" if number else "")
            yield answer.body
            if not answer.more:
                return
            follow = {
                "CTX_AREA_FK100": str(answer.body.get("ctx_area_fk100", "")).strip(),
                "CTX_AREA_NK100": str(answer.body.get("ctx_area_nk100", "")).strip(),
            }
        raise Unreachable(f"the broker's list does not end after {PAGES} pages; look at it there")

    def order(self, path: str, tr_id: str, body: Mapping[str, str]) -> Mapping[str, Any]:
        """Return the output of an accepted order; sent at most once.

        Raises :class:`NotSent`, :class:`Refused` or :class:`Unanswered`.
        """
        try:
            headers = self._headers(tr_id, "")
            if self.hashkey:
                headers["hashkey"] = self._hash(body)
        except Unreachable as error:
            raise NotSent(str(error)) from error
        self.clock.wait(PACE[self.mode])
        try:
            response = self.client.post(path, headers=headers, json=dict(body))
        except _NOTHING_SENT as error:
            raise NotSent(f"no connection ({type(error).__name__})") from error
        except httpx.HTTPError as error:
            raise Unanswered(f"no answer ({type(error).__name__})") from error
        return self._outcome(response)

    def _outcome(self, response: httpx.Response) -> Mapping[str, Any]:
        found = _body(response)
        if found is None:
            raise Unanswered(f"an answer that cannot be read (HTTP {response.status_code})")
        code = str(found.get("msg_cd", ""))
        if code == TOO_FAST:
            raise NotSent(_said(found))
        if code in STALE_TOKEN:
            self._forget()
            raise NotSent(_said(found))
        if found.get("rt_cd") == "0" and isinstance(found.get("output"), Mapping):
            output: Mapping[str, Any] = found["output"]
            return output
        if found.get("rt_cd") in (None, "0") or code.startswith("EGW"):
            raise Unanswered(f"an answer without a clear yes or no (HTTP {response.status_code})")
        raise Refused(_said(found))

    def _ask(self, path: str, tr_id: str, params: Mapping[str, str], follow: str) -> Answer:
        trouble = ""
        for _ in range(QUESTIONS):
            headers = self._headers(tr_id, follow)
            self.clock.wait(PACE[self.mode])
            try:
                response = self.client.get(path, headers=headers, params=dict(params))
            except httpx.HTTPError as error:
                trouble = type(error).__name__
                continue
            found = _body(response)
            if found is None:
                trouble = f"an answer that cannot be read (HTTP {response.status_code})"
                continue
            if found.get("rt_cd") == "0":
                return Answer(found, response.headers.get("tr_cont", "").strip() in ("M", "F"))
            trouble = _said(found)
            if found.get("msg_cd") in STALE_TOKEN:
                self._forget()
            elif found.get("msg_cd") == TOO_FAST:
                self.clock.wait(1.0)
            else:
                break
        raise Unreachable(f"the broker does not answer {path}: {trouble}")

    def _headers(self, tr_id: str, follow: str) -> dict[str, str]:
        return {
            "content-type": "application/json; charset=utf-8",
            "authorization": f"Bearer {self._bearer().reveal()}",
            "appkey": self.appkey.reveal(),
            "appsecret": self.appsecret.reveal(),
            "tr_id": tr_id,
            "tr_cont": follow,
            "custtype": "P",
        }

    def _hash(self, body: Mapping[str, str]) -> str:
        headers = {"appkey": self.appkey.reveal(), "appsecret": self.appsecret.reveal()}
        try:
            response = self.client.post("/uapi/hashkey", headers=headers, json=dict(body))
        except httpx.HTTPError as error:
            raise Unreachable(f"no hash key ({type(error).__name__})") from error
        found = _body(response) or {}
        if not isinstance(found.get("HASH"), str):
            raise Unreachable(f"no hash key (HTTP {response.status_code})")
        return str(found["HASH"])

    # -- token -----------------------------------------------------------------------------------

    def _bearer(self) -> Secret:
        if self._token is None:
            kept = self._kept()
            now = self.clock.now()
            if kept is not None and kept.get("token") and now < kept["ends"] - TOKEN_MARGIN:
                self._token = Secret(kept["token"])
            else:
                self._token = self._new_token(kept)
        return self._token

    def _new_token(self, kept: Mapping[str, Any] | None) -> Secret:
        now = self.clock.now()
        if kept is not None and 0 <= now - kept["asked"] < TOKEN_PAUSE:
            self.clock.wait(TOKEN_PAUSE - (now - kept["asked"]))
        asked = self.clock.now()
        self._keep({"asked": asked, "ends": 0.0, "token": ""})
        body = {
            "grant_type": "client_credentials",
            "appkey": self.appkey.reveal(),
            "appsecret": self.appsecret.reveal(),
        }
        try:
            response = self.client.post("/oauth2/tokenP", json=body)
        except httpx.HTTPError as error:
            raise Unreachable(f"the broker gives no token ({type(error).__name__})") from error
        found = _body(response) or {}
        token, lasts = found.get("access_token"), found.get("expires_in")
        if not isinstance(token, str) or not token:
            code = found.get("error_code") or found.get("msg_cd") or f"HTTP {response.status_code}"
            raise Unreachable(
                f"the broker gives no token ({code}); check that the keys belong to the "
                f"{self.mode} mode and have not expired"
            )
        seconds = float(lasts) if isinstance(lasts, int | float) else 0.0
        self._keep({"asked": asked, "ends": asked + seconds, "token": token})
        return Secret(token)

    def _forget(self) -> None:
        kept = self._kept()
        self._token = None
        if kept is not None:
            self._keep({**kept, "token": "", "ends": 0.0})

    def _kept(self) -> dict[str, Any] | None:
        try:
            kept = json.loads(self.place.read_text("utf-8"))
            if kept["owner"] == self._owner():
                return {**kept, "asked": float(kept["asked"]), "ends": float(kept["ends"])}
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return None

    def _keep(self, document: Mapping[str, Any]) -> None:
        """Write the cache for its owner's eyes only, whole or not at all."""
        write_private(self.place, json.dumps({**document, "owner": self._owner()}))

    def _owner(self) -> str:
        text = f"{self.client.base_url}|{self.appkey.reveal()}"
        return hashlib.sha256(text.encode()).hexdigest()


def _body(response: httpx.Response) -> dict[str, Any] | None:
    try:
        found = response.json()
    except (ValueError, UnicodeDecodeError):
        return None
    return found if isinstance(found, dict) else None


def _said(found: Mapping[str, Any]) -> str:
    return f"{found.get('msg_cd', '')} {str(found.get('msg1', '')).strip()}".strip()
