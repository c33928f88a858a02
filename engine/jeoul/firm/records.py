"""What a firm knows of a client this morning, and what is planned for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple

from jeoul.account.restriction import UNRESTRICTED, Restriction
from jeoul.model.portfolio import Order, Portfolio, Reason


class ClientState(StrEnum):
    """What a client's plan is, in the order in which a morning overview lists them.

    ``PERSON`` has orders that somebody looks at one by one; ``BLOCKED`` has none although it might.
    """

    TRADES = "trades"
    PERSON = "person"
    BLOCKED = "blocked"
    RESTS = "rests"


class FirmGroup(NamedTuple):
    """Clients for whom the same proposal is made: it is computed once and shared.

    ``type`` is the investor type whose grades limit what may be held.
    """

    strategy: str
    profile: str
    kind: str
    type: str

    def __str__(self) -> str:
        return "/".join(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class SuitabilityEvidence:
    """The evidence that a portfolio suits a client: whose answers, what they give, until when.

    ``answers_id`` names the answers in the firm's own system. ``sha256`` is that of the file of
    answers, None where the firm's folder is not named and the register is believed.
    """

    answers_id: str
    type: str
    profile: str
    answered: date | None
    expires: date | None
    form: str
    version: int
    sha256: str | None = None

    def document(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "answers_id": self.answers_id,
            "type": self.type,
            "profile": self.profile,
            "answered": None if self.answered is None else self.answered.isoformat(),
            "expires": None if self.expires is None else self.expires.isoformat(),
            "form": self.form,
            "version": self.version,
            "answers_sha256": self.sha256,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class FirmClient:
    """A row of the register: an account, and no name. ``fee`` is the yearly advisory rate.

    ``suspended`` says that the firm gives no orders for it.
    """

    account: str
    client: str
    group: FirmGroup
    suitability: SuitabilityEvidence
    fee: Decimal
    restriction: Restriction = UNRESTRICTED
    suspended: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientPosition:
    """What an account holds this morning, and money that comes or goes today, in won.

    ``outside`` are securities that the universe does not know; they are left as they are. ``kind``
    and ``profile`` are what the file says of the account, None where it does not.
    """

    portfolio: Portfolio
    outside: Mapping[str, int] = field(default_factory=dict)
    deposit: int = 0
    withdrawal: int = 0
    kind: str | None = None
    profile: str | None = None


class Unread(NamedTuple):
    """A row that cannot be used, by file and line, and the account that it is of, if it says one.

    ``what`` is a message and its detail, ``place`` the file and the line.
    """

    place: str
    account: str | None
    what: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientPlan:
    """What one client does today, and why.

    ``value`` is all money and holdings at the last close, ``rules`` the digest of the rules that
    decided: strategy, profile, kind, universe, engine, and the limit of the investor type.
    """

    client: FirmClient
    state: ClientState
    reasons: tuple[Reason, ...]
    orders: tuple[Order, ...] = ()
    position: ClientPosition | None = None
    value: int = 0
    cash_after: int = 0
    cost: int = 0
    rules: str = ""
    inputs_id: str = ""
