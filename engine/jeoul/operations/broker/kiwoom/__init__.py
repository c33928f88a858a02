"""Kiwoom: domestic ETFs over its REST interface, simulation and real hosts.

A config is checked with the table alone; what asks the broker is imported when it is connected.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from jeoul.operations.broker.kiwoom.settings import KiwoomSettings

if TYPE_CHECKING:
    from jeoul.operations.broker.kiwoom.broker import KiwoomBroker
    from jeoul.operations.broker.port import BrokerContext

__all__ = ["SETTINGS", "KiwoomSettings", "connect"]

SETTINGS = KiwoomSettings


def connect(settings: KiwoomSettings, context: BrokerContext) -> KiwoomBroker:
    """Return the account whose number is among the secrets."""
    from jeoul.operations.broker.kiwoom.broker import KiwoomBroker

    return KiwoomBroker(settings, context)
