"""Money between whole smallest units and what people read and write."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

UNITS: Mapping[str, int] = MappingProxyType({"KRW": 1, "USD": 100})
"""Smallest units of a currency in one."""


def shown(units: int, currency: str) -> int | float:
    """Return an amount of smallest units in the currency's main unit: whole won, or dollars.

    >>> shown(36_415, "KRW"), shown(53_163, "USD")
    (36415, 531.63)
    """
    return units if UNITS[currency] == 1 else units / UNITS[currency]


def money_text(units: int, currency: str) -> str:
    """Return an amount of smallest units as text in the main unit, with separators.

    >>> money_text(1_234_567, "KRW"), money_text(123_456, "USD")
    ('1,234,567', '1,234.56')
    """
    return f"{units:,}" if UNITS[currency] == 1 else f"{units / UNITS[currency]:,.2f}"
