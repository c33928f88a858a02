"""One account's line to one host: questions are asked again, orders are not, keys never shown."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from enum import Enum
from pathlib import Path
from typing import Any

from jeoul.operations.broker.rest.client import Client
from jeoul.operations.broker.rest.http import NoAnswer, Reply
from jeoul.operations.broker.rest.token import Granted, Tokens
from jeoul.operations.errors import NotSent, Unanswered, Unreachable
from jeoul.operations.setup.clock import Clock
from jeoul.operations.setup.secrets import Secret, shown, token_file, without_secrets

PAUSES = (1.1, 2.0, 4.0, 8.0, 16.0)  # before a question is asked again; then it is given up


class Verdict(Enum):
    """What an answer to a question means for the question."""

    DONE = "done"
    WAIT = "wait"  # ask again after a while
    RENEW = "renew"  # the token may be the reason: ask again with a new one, once
    STOP = "stop"  # asking again does not help


@dataclass(frozen=True, slots=True)
class RequestLine:
    """Where requests go and how: ``timeout`` bounds one request as a whole, in seconds.

    ``pace`` is a gap between requests in seconds that makes the published one longer.
    """

    address: str
    mode: str
    timeout: float
    pace: float = 0.0


@dataclass(frozen=True, slots=True)
class RequestOutcome:
    """What one request of a question came to: ``verdict`` is None without an answer.

    ``at`` and ``seconds`` are by this machine's clock, ``date`` is what the host said of its own.
    """

    at: float
    seconds: float
    verdict: Verdict | None
    date: str | None = None


@dataclass(frozen=True, slots=True)
class Keys:
    """The key and the secret of an application, and the number of the account."""

    key: Secret
    secret: Secret
    account: Secret


def time_of(date: str | None) -> float | None:
    """Return the instant in an answer's header, None where it has none.

    >>> time_of("Wed, 04 Mar 2026 00:30:00 GMT"), time_of("soon")
    (1772584200.0, None)
    >>> time_of("Wed Mar  4 00:30:00 2026")
    1772584200.0
    """
    if date is None:
        return None
    try:
        found = parsedate_to_datetime(date)
        # HTTP means Greenwich where a date names no zone.
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None


class RestWire(ABC):
    """What the lines to all brokers do alike; ``kind`` names the file of the token."""

    kind: str

    def __init__(self, line: RequestLine, keys: Keys, state: Path, clock: Clock) -> None:
        self.line = line
        self.keys = keys
        self.clock = clock
        self.client = Client(line.address, line.timeout, clock)
        owner = f"{line.address}|{keys.key.reveal()}"
        self.tokens = Tokens(state / token_file(self.kind), owner, clock, self._new_token)
        self.asked: list[RequestOutcome] = []

    def close(self) -> None:
        """Close the connection."""
        self.client.close()

    def host_time(self) -> float | None:
        """Return the host's time in seconds by its newest answer, None where that said none."""
        return time_of(self.asked[-1].date) if self.asked else None

    @abstractmethod
    def ask_token(self) -> Reply:
        """Ask for a new token; raises :class:`NoAnswer`."""

    @abstractmethod
    def granted(self, reply: Reply, asked: float) -> Granted:
        """Return the token in an answer; raises :class:`Unreachable` for one without."""

    @abstractmethod
    def words(self, body: Mapping[str, Any], status: int) -> str:
        """Return what an answer says, in a few words that are never empty."""

    def answered(
        self, what: str, send: Callable[[], Reply], judge: Callable[[Reply], Verdict]
    ) -> Reply:
        """Return an answer that was given; asked again while that may help, in bounded time."""
        trouble, renewed = "", False
        for pause in (*PAUSES, 0.0):
            began = self.clock.now()
            try:
                reply = send()
            except NoAnswer as error:
                trouble = str(error)
                self.asked.append(RequestOutcome(began, self.clock.now() - began, None))
                self.clock.wait(pause)
                continue
            verdict = Verdict.WAIT if reply.body is None else judge(reply)
            now = self.clock.now()
            # A copy that a proxy kept has the time of then.
            fresh = reply.headers.get("age", "0") == "0"
            date = reply.headers.get("date") if fresh else None
            self.asked.append(RequestOutcome(now, now - began, verdict, date))
            if verdict is Verdict.DONE:
                return reply
            trouble = self.said(reply)
            if verdict is Verdict.WAIT:
                self.clock.wait(pause)
            elif verdict is Verdict.RENEW and not renewed:
                self.tokens.forget()
                renewed = True
            else:
                break
        raise Unreachable(f"the broker does not answer {what}: {trouble}")

    def handed_over(
        self, headers: Callable[[], Mapping[str, str]], send: Callable[[Mapping[str, str]], Reply]
    ) -> Reply:
        """Return the answer to an order, sent at most once, with a body that can be read.

        Raises :class:`NotSent` where nothing of it left, :class:`Unanswered` where it may have.
        """
        try:
            found = headers()
        except Unreachable as error:
            raise NotSent(str(error)) from error
        try:
            reply = send(found)
        except NoAnswer as error:
            if error.sent:
                raise Unanswered(f"no answer ({error})") from error
            raise NotSent(f"no connection ({error})") from error
        if reply.body is None:
            raise Unanswered(f"an answer that cannot be read (HTTP {reply.status})")
        return reply

    def said(self, reply: Reply) -> str:
        """Return what an answer says, without a secret; it is hidden before words are cut."""
        if reply.body is None:
            return f"an answer that cannot be read (HTTP {reply.status})"
        return self.words(shown(reply.body, self._secrets()), reply.status)

    def hide(self, text: str) -> str:
        """Return a text without the keys, the token and the account number."""
        return without_secrets(text, self._secrets())

    def _secrets(self) -> tuple[str, ...]:
        known = (self.keys.key, self.keys.secret, self.keys.account)
        return (*(secret.reveal() for secret in known), *self.tokens.known())

    def _new_token(self, asked: float) -> Granted:
        try:
            return self.granted(self.ask_token(), asked)
        except NoAnswer as error:
            raise Unreachable(f"the broker gives no token ({error})") from error
