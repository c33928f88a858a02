"""Money between whole smallest units and what people read and write."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from types import MappingProxyType

UNITS: Mapping[str, int] = MappingProxyType({"KRW": 1, "USD": 100})
"""Smallest units of a currency in one."""

_WHOLE = Fraction(1)


def to_units(price: float, unit: int, split: Fraction = _WHOLE) -> int:
    """Return a price of the currency's main unit in its smallest one, half to even.

    ``unit`` is how many of the smallest make one, ``split`` how many shares of today one share of
    then has become. This is the only way from the floating point of data to the whole numbers of
    an account: orders, fills and values all see the same price.

    >>> to_units(36_415.0, 1), to_units(531.625, 100), to_units(1_000.0, 1, Fraction(4))
    (36415, 53162, 250)
    """
    return round(price * unit if split == 1 else price * unit / split)


def rate(text: str, below: str = "1") -> Decimal:
    """Return the rate that a text writes as a fraction, exactly; ``ValueError`` beyond its bounds.

    >>> rate("0.000140527", below="0.1")
    Decimal('0.000140527')
    """
    try:
        found = Decimal(text)
    except InvalidOperation:
        found = Decimal("NaN")
    if not (found.is_finite() and 0 <= found < Decimal(below)):
        raise ValueError(
            f'{text!r} is not a rate; write a fraction from 0 to below {below} such as "0.00014"'
        )
    return found


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
