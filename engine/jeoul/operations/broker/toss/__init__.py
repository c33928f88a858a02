"""Toss Securities: domestic ETFs over its Open API, which has a real host alone.

A config is checked with the table alone; what asks the broker is imported when it is connected.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from jeoul.operations.broker.toss.settings import TossSettings

if TYPE_CHECKING:
    from jeoul.operations.broker.port import BrokerContext
    from jeoul.operations.broker.toss.broker import TossBroker

__all__ = ["SETTINGS", "TossSettings", "connect"]

SETTINGS = TossSettings


def connect(settings: TossSettings, context: BrokerContext) -> TossBroker:
    """Return the account whose number is among the secrets."""
    from jeoul.operations.broker.toss.broker import TossBroker

    return TossBroker(settings, context)
