"""Lines to brokers without a network: answers are prepared, and what was sent is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from kis_desk import Watch
from venues import Adapter

from jeoul.operations.broker.rest.broker import RestBroker
from jeoul.operations.broker.rest.http import Reply
from jeoul.operations.broker.rest.wire import Keys, RequestLine, RestWire
from jeoul.operations.setup.secrets import Secret

NOWHERE = "http://127.0.0.1:9"


def reply(
    body: Mapping[str, Any] | None, status: int = 200, headers: Mapping[str, str] | None = None
) -> Reply:
    """An answer as it was read from the line."""
    return Reply(status, headers or {}, body)


@dataclass(frozen=True)
class Sent:
    """One request as it left."""

    method: str
    path: str
    headers: Mapping[str, str]
    content: Mapping[str, Any]


@dataclass
class ScriptedClient:
    """Gives each request the next prepared answer; the last one is given for good."""

    answers: list[Any]
    sent: list[Sent] = field(default_factory=list)
    gaps: list[float] = field(default_factory=list)

    def keep_pace(self, gap: float) -> None:
        self.gaps.append(gap)

    def send(self, method: str, path: str, headers: Mapping[str, str], **content: Any) -> Reply:
        self.sent.append(Sent(method, path, dict(headers), content))
        found = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(found, Exception):
            raise found
        given: Reply = found
        return given

    def close(self) -> None:
        self.sent.append(Sent("CLOSE", "", {}, {}))


@dataclass
class GivenToken:
    """A token that is good until somebody lets go of it; each new one is another."""

    forgotten: int = 0
    refused: bool = False

    def bearer(self) -> Secret:
        return Secret(f"token-{self.forgotten}")

    def known(self) -> tuple[str, ...]:
        return ("token-in-use",)

    def forget(self) -> None:
        self.forgotten += 1


def scripted(wire: RestWire, *answers: Any) -> Any:
    """Put prepared answers in the place of a wire's network and token; return the client."""
    found: Any = ScriptedClient(list(answers))
    wire.client, token = found, GivenToken()
    wire.tokens = token  # type: ignore[assignment]
    return found


def wire_of(kind: type[RestWire], place: Path, *answers: Any, **line: Any) -> tuple[Any, Any]:
    """A wire whose answers are prepared, and its client."""
    terms = {"mode": "real", "timeout": 5.0, **line}
    hashed = {"hashkey": terms.pop("hashkey")} if "hashkey" in terms else {}
    keys = Keys(Secret("appkey-planted"), Secret("secret-planted"), Secret("50112233"))
    wire: Any = kind(RequestLine(NOWHERE, **terms), keys, place, Watch(), **hashed)
    wire.client.close()
    return wire, scripted(wire, *answers)


def broker_of(
    adapter: Adapter, place: Path, *answers: Any, mode: str = "real", **settings: Any
) -> tuple[Any, Any, Watch]:
    """A broker whose answers are prepared, its client and its clock."""
    clock = Watch()
    truth = SimpleNamespace(now=None, mode=mode)
    broker: RestBroker = adapter.connect((NOWHERE, truth), place, clock, **settings)
    broker.wire.client.close()
    return broker, scripted(broker.wire, *answers), clock
