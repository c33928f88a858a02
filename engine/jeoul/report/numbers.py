"""Money between smallest units and what people read."""

from __future__ import annotations

UNITS = {"KRW": 1, "USD": 100}


def shown_price(units: int, currency: str) -> int | float:
    """Return an amount of smallest units in the currency's main unit: whole won, dollars and cents.

    >>> shown_price(36_415, "KRW"), shown_price(53_163, "USD")
    (36415, 531.63)
    """
    return units if UNITS[currency] == 1 else units / UNITS[currency]
