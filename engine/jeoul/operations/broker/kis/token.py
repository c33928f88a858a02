"""The access token: one a minute at most, kept for its owner alone until it ends.

A token asked for again within six hours is the same one and ends earlier than its life says, so
that the time of its end in the answer counts (``access_token_token_expired``, Korean time).
Each issue sends the customer a message, and frequent ones can be sanctioned (notice 2026-04-20).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jeoul.errors import DataError
from jeoul.files.text import read_text
from jeoul.operations.broker.kis.codes import ONE_TOKEN, code_of
from jeoul.operations.broker.kis.http import NoAnswer, Reply
from jeoul.operations.errors import Unreachable
from jeoul.operations.setup.clock import Clock
from jeoul.operations.setup.private import write_private
from jeoul.operations.setup.secrets import TOKEN, Secret

PAUSE = 60.0  # seconds between two tokens
MARGIN = 600.0  # seconds before its end at which a token is replaced
SURE = 18 * 3600.0  # seconds that any token still lasts: a day less the six hours of the same one
_LONGEST = 8192  # characters of a header that servers take


class Tokens:
    """The token of one key at one host. ``ask`` sends the request for a new one."""

    def __init__(self, state: Path, owner: str, clock: Clock, ask: Callable[[], Reply]) -> None:
        self.place = state / TOKEN
        self.owner = hashlib.sha256(owner.encode()).hexdigest()
        self.clock = clock
        self.ask = ask
        self._token: Secret | None = None

    def bearer(self) -> Secret:
        """Return a token that is good now; raises :class:`Unreachable` without one."""
        if self._token is None:
            kept = self._kept()
            if kept is not None and kept["token"] and self.clock.now() < kept["ends"] - MARGIN:
                self._token = Secret(kept["token"])
            else:
                self._token = self._new(kept)
        return self._token

    def known(self) -> tuple[str, ...]:
        """Return the token in use, to keep it out of what is said."""
        return () if self._token is None else (self._token.reveal(),)

    def forget(self) -> None:
        """Let go of a token that the broker does not take any more."""
        kept = self._kept()
        self._token = None
        if kept is not None:
            self._keep(kept["asked"], 0.0, "")

    def _new(self, kept: Mapping[str, Any] | None) -> Secret:
        now = self.clock.now()
        if kept is not None and 0 <= now - kept["asked"] < PAUSE:
            self.clock.wait(PAUSE - (now - kept["asked"]))
        asked = self.clock.now()
        self._keep(asked, 0.0, "")
        try:
            reply = self.ask()
        except NoAnswer as error:
            raise Unreachable(f"the broker gives no token ({error})") from error
        found = reply.body or {}
        token = found.get("access_token")
        if not isinstance(token, str) or not token:
            raise Unreachable(_why(found, reply.status))
        if not _fits_a_header(token):
            raise Unreachable(
                "the broker gives a token that cannot travel in a request; it was not kept. "
                "Run again in some minutes"
            )
        self._keep(asked, _ends(found, asked), token)
        return Secret(token)

    def _kept(self) -> dict[str, Any] | None:
        try:
            kept = json.loads(read_text(self.place, DataError))
            if kept["owner"] == self.owner and _fits_a_header(str(kept["token"])):
                return {
                    "token": str(kept["token"]),
                    "asked": float(kept["asked"]),
                    "ends": float(kept["ends"]),
                }
        except (DataError, ValueError, KeyError, TypeError, RecursionError):
            return None
        return None

    def _keep(self, asked: float, ends: float, token: str) -> None:
        document = {"asked": asked, "ends": ends, "token": token, "owner": self.owner}
        try:
            write_private(self.place, json.dumps(document))
        except OSError as error:
            raise Unreachable(f"the token cannot be kept in {self.place.parent}: {error}") from None


def _why(body: Mapping[str, Any], status: int) -> str:
    code = code_of(body)
    if code == ONE_TOKEN or (status == 403 and not code):  # both forms are recorded
        return (
            f"the broker gives no token now ({code or f'HTTP {status}'}): it gives one a minute, "
            "and fewer after repeated tries. Run again in ten minutes"
        )
    return (
        f"the broker gives no token ({code or f'HTTP {status}'}); check that the keys belong to "
        "the mode of the config and have not expired"
    )


def _ends(body: Mapping[str, Any], asked: float) -> float:
    """Return when a token ends: by the answer's own time, else when any token surely still lasts.

    >>> _ends({"access_token_token_expired": "2026-07-18 12:00:00"}, 0.0)
    1784343600.0
    """
    said = str(body.get("access_token_token_expired", ""))
    try:
        local = datetime.strptime(said, "%Y-%m-%d %H:%M:%S").replace(tzinfo=ZoneInfo("Asia/Seoul"))
    except ValueError:
        lasts = str(body.get("expires_in", ""))
        known = lasts.isascii() and lasts.isdecimal() and len(lasts) < 10
        return asked + min(float(lasts), SURE) if known else asked
    return local.timestamp()


def _fits_a_header(token: str) -> bool:
    return token.isascii() and token.isprintable() and " " not in token and len(token) < _LONGEST
