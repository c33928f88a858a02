"""What can go wrong between the engine and the world, told apart by what is known afterwards.

::

    BrokerError            (5)  a person has to look
    + LedgerError               the ledger cannot be written, read or trusted
    + Ambiguous                 it cannot be told which order is ours
    + Unreachable               the broker does not answer a question; nothing was sent
    Refused                     the broker said no: definite, the order does not exist
    NotSent                     the order did not leave, or was turned away unread: definite
    Unanswered                  the order may or may not have arrived: ask before anything else
"""

from __future__ import annotations

from jeoul.errors import BrokerError, JeoulError


class LedgerError(BrokerError):
    """The ledger cannot be written, read or trusted."""


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
