"""What can go wrong between the engine and the world, told apart by what is known afterwards.

::

    BrokerError            (5)  a person has to look
    + LedgerError               the ledger cannot be written, read or trusted
    |   + Sealed                an encrypted file and its passphrase do not go together
    + Ambiguous                 it cannot be told which order is ours
    + Unreachable               the broker does not answer a question; nothing was sent
    Refused                     the broker said no: definite, the order does not exist
    NotSent                     the order did not leave, or was turned away unread: definite
    Unanswered                  the order may or may not have arrived: ask before anything else
"""

from __future__ import annotations

from pathlib import Path

from jeoul.errors import BrokerError, JeoulError
from jeoul.messages import say


class LedgerError(BrokerError):
    """The ledger cannot be written, read or trusted."""


class Sealed(LedgerError):
    """An encrypted file and its passphrase do not go together; ``why`` names the message."""

    def __init__(self, why: str, path: Path, **detail: object) -> None:
        self.why = why
        self.detail = {"path": str(path), **detail}
        super().__init__(self.into("en"))

    def into(self, lang: str) -> str:
        """Return what is wrong and its remedy in one language."""
        return say(lang, f"encryption.{self.why}", self.detail)


class Ambiguous(BrokerError):
    """It cannot be told which of the broker's orders is ours; a person has to look."""


class Unreachable(BrokerError):
    """The broker does not answer a question, or answers nonsense; nothing was sent."""


class OrderOutcome(JeoulError):
    """What became of handing over one order, when it was not accepted in so many words."""

    exit_code = 5


class Refused(OrderOutcome):
    """The broker refused the order: it does not exist there and will not."""


class NotSent(OrderOutcome):
    """The order did not reach the broker: it may be sent again."""


class Unanswered(OrderOutcome):
    """The order may have reached the broker: only the broker's own list can tell."""
