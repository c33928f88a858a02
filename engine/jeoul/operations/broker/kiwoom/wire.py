"""Talking to Kiwoom's REST interface: pace, pages, and what each failure means.

Every request is a POST with the id of the service in ``api-id``; another page follows while the
answer's header ``cont-yn`` says Y. Source: the portal's specification of 205 services (package of
2026-05-28), as published in the broker's own repository.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from jeoul.operations.broker.kiwoom.codes import (
    AT_THE_GATE,
    NOT_REGISTERED,
    OTHER_MODE,
    REFUSED,
    STALE_TOKEN,
    TOO_FAST,
    code_of,
    is_done,
    said,
)
from jeoul.operations.broker.rest.http import Reply
from jeoul.operations.broker.rest.token import Granted
from jeoul.operations.broker.rest.wire import RestWire, Verdict
from jeoul.operations.errors import NotSent, Refused, Unanswered, Unreachable

# Not published as a number. Measured by others: five requests a second for each id on the real
# host (2026-08), and refusals below one a second in simulation (2026-09).
GAP = {"real": 0.34, "simulation": 1.05}
PAGES = 50
ACCOUNT, ORDER = "/api/dostk/acnt", "/api/dostk/ordr"


class KiwoomWire(RestWire):
    """One account's line to one host."""

    kind = "kiwoom"

    def pages(self, api_id: str, body: Mapping[str, str]) -> tuple[Mapping[str, Any], ...]:
        """Return every page of the answer to a question about the account."""
        found: list[Mapping[str, Any]] = []
        follow, seen = "", {""}
        while len(found) < PAGES:
            reply = self._asked(api_id, body, follow)
            found.append(reply.fields)
            if reply.headers.get("cont-yn", "").strip() != "Y":
                return tuple(found)
            follow = reply.headers.get("next-key", "").strip()
            if follow in seen:
                raise Unreachable(
                    f"the broker says that {api_id} goes on and does not say where; the same page "
                    "again would count twice. Look at the broker's own screen, then run again"
                )
            seen.add(follow)
        raise Unreachable(f"the broker's list does not end after {PAGES} pages; look at it there")

    def order(self, api_id: str, body: Mapping[str, str]) -> Mapping[str, Any]:
        """Return the answer to an accepted order; sent at most once.

        Raises :class:`NotSent`, :class:`Refused` or :class:`Unanswered`.
        """

        def send(headers: Mapping[str, str]) -> Reply:
            self._keep_pace()
            return self.client.send("POST", ORDER, headers, json=dict(body))

        reply = self.handed_over(lambda: self._headers(api_id, ""), send)
        found, words = reply.fields, self.said(reply)
        code = code_of(found)
        if is_done(found):
            return found
        if code in STALE_TOKEN:
            self.tokens.forget()
        if code in TOO_FAST | STALE_TOKEN | AT_THE_GATE:
            raise NotSent(words)
        if code in REFUSED and "return_code" in found:
            raise Refused(words)
        raise Unanswered(f"an answer that says neither accepted nor refused: {words}")

    def ask_token(self) -> Reply:
        """Ask for a new token."""
        body = {
            "grant_type": "client_credentials",
            "appkey": self.keys.key.reveal(),
            "secretkey": self.keys.secret.reveal(),
        }
        headers = {"content-type": "application/json;charset=UTF-8", "api-id": "au10001"}
        return self.client.send("POST", "/oauth2/token", headers, json=body)

    def granted(self, reply: Reply, asked: float) -> Granted:
        """Return the token in an answer; it ends at ``expires_dt``, Korean time."""
        found = reply.fields
        token = found.get("token")
        if not is_done(found) or not isinstance(token, str) or not token:
            raise Unreachable(_why(found, reply.status))
        return Granted(token, _ends(found, asked))

    def words(self, body: Mapping[str, Any], status: int) -> str:
        """Return what an answer says."""
        return said(body, status)

    def _asked(self, api_id: str, body: Mapping[str, str], follow: str) -> Reply:
        def send() -> Reply:
            headers = self._headers(api_id, follow)
            self._keep_pace()
            return self.client.send("POST", ACCOUNT, headers, json=dict(body))

        return self.answered(api_id, send, _verdict)

    def _keep_pace(self) -> None:
        self.client.keep_pace(max(GAP[self.line.mode], self.line.pace))

    def _headers(self, api_id: str, follow: str) -> dict[str, str]:
        more = {"cont-yn": "Y", "next-key": follow} if follow else {}
        return {
            "content-type": "application/json;charset=UTF-8",
            "authorization": f"Bearer {self.tokens.bearer().reveal()}",
            "api-id": api_id,
            **more,
        }


def _verdict(reply: Reply) -> Verdict:
    body = reply.fields
    code = code_of(body)
    if is_done(body):
        return Verdict.DONE
    if code in TOO_FAST or reply.status == 429:
        return Verdict.WAIT
    return Verdict.RENEW if code in STALE_TOKEN or reply.status == 401 else Verdict.STOP


def _why(body: Mapping[str, Any], status: int) -> str:
    code = code_of(body)
    found = code or f"HTTP {status}"
    if code in NOT_REGISTERED:
        return (
            f"the broker gives no token ({found}); this machine's address is not registered for "
            "the keys. Register it on the broker's page for developers, then run again"
        )
    if code in OTHER_MODE:
        return (
            f"the broker gives no token ({found}); the keys belong to the other mode. Put those of "
            "this mode in place"
        )
    return (
        f"the broker gives no token ({found}); check that the keys belong to the mode of the "
        "config and have not expired"
    )


def _ends(body: Mapping[str, Any], asked: float) -> float:
    """Return when a token ends; one whose end cannot be read is used once and not kept.

    >>> _ends({"expires_dt": "20260718120000"}, 0.0), _ends({"expires_dt": "soon"}, 5.0)
    (1784343600.0, 5.0)
    """
    said_end = str(body.get("expires_dt", ""))
    try:
        local = datetime.strptime(said_end, "%Y%m%d%H%M%S").replace(tzinfo=ZoneInfo("Asia/Seoul"))
    except ValueError:
        return asked
    return local.timestamp()
