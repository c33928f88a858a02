"""The access token of a broker: asked for rarely, kept for its owner alone until it ends."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jeoul.errors import DataError
from jeoul.files.text import read_text
from jeoul.operations.errors import Unreachable
from jeoul.operations.setup.clock import Clock
from jeoul.operations.setup.private import write_private
from jeoul.operations.setup.secrets import Secret

PAUSE = 60.0  # seconds between two tokens
MARGIN = 600.0  # seconds before its end at which a token is replaced
_LONGEST = 8192  # characters of a header that servers take


@dataclass(frozen=True, slots=True)
class Granted:
    """A token that a broker gave, and the instant at which it ends."""

    token: str
    ends: float

    def __repr__(self) -> str:
        return "Granted([hidden])"


class Tokens:
    """The token of one key at one host, kept in the file ``place``.

    ``ask`` asks for a new one at an instant; it raises :class:`Unreachable` without one.
    """

    def __init__(
        self, place: Path, owner: str, clock: Clock, ask: Callable[[float], Granted]
    ) -> None:
        self.place = place
        self.owner = hashlib.sha256(owner.encode()).hexdigest()
        self.clock = clock
        self.ask = ask
        self._token: Secret | None = None
        self.refused = False
        """Whether the newest question for a token brought none."""

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
        self.refused = True
        found = self.ask(asked)
        if not _fits_a_header(found.token):
            raise Unreachable(
                "the broker gives a token that cannot travel in a request; it was not kept. "
                "Run again in some minutes"
            )
        self.refused = False
        self._keep(asked, found.ends, found.token)
        return Secret(found.token)

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


def whole_seconds(value: object, most: float) -> float | None:
    """Return a life in seconds that an answer writes as digits, ``most`` at most, else None.

    >>> whole_seconds("86400", 3600.0), whole_seconds("soon", 3600.0)
    (3600.0, None)
    """
    text = str(value)
    known = text.isascii() and text.isdecimal() and len(text) < 10
    return min(float(text), most) if known else None


def _fits_a_header(token: str) -> bool:
    return token.isascii() and token.isprintable() and " " not in token and len(token) < _LONGEST
