"""Korea Investment: domestic ETFs over its REST interface, simulation and real hosts.

A config is checked with the table alone; what asks the broker is imported when it is connected.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from jeoul.operations.broker.kis.settings import KisSettings

if TYPE_CHECKING:
    from jeoul.operations.broker.kis.broker import KisBroker
    from jeoul.operations.broker.port import BrokerContext

__all__ = ["SETTINGS", "KisSettings", "connect"]

SETTINGS = KisSettings


def connect(settings: KisSettings, context: BrokerContext) -> KisBroker:
    """Return the account whose number is among the secrets."""
    from jeoul.operations.broker.kis.broker import KisBroker

    return KisBroker(settings, context)
