"""Whole won: cutting, the two-part levy, and schedules of bands."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_FLOOR, Decimal
from typing import Annotated, NamedTuple

from pydantic import Strict

from jeoul.korea.rulebook import Rulebook

Won = Annotated[int, Strict()]
"""Money in whole won, or a whole count: never a float, never text."""

Flag = Annotated[bool, Strict()]


class Levy(NamedTuple):
    """A tax in its national and its local part."""

    national: int
    local: int

    @property
    def total(self) -> int:
        """Return both parts together."""
        return self.national + self.local


def floor(amount: Decimal) -> int:
    """Return the whole won of an amount, towards minus infinity.

    >>> floor(Decimal("0.99")), floor(Decimal("-0.5"))
    (0, -1)
    """
    return int(amount.to_integral_value(ROUND_FLOOR))


def cut(book: Rulebook, amount: Decimal | int) -> int:
    """Return a tax cut down to the unit in which it is collected (10 won; a switch of the table).

    >>> from jeoul.korea.tables import load_rules
    >>> cut(load_rules(2026), Decimal("2237189.31"))
    2237180
    """
    unit = book.won("tax.truncate_to")
    return floor(Decimal(amount)) // unit * unit


def levy(book: Rulebook, base: int, rate: Decimal) -> Levy:
    """Return the tax on a base at a national rate, with local income tax on top.

    national = cut(base x rate), local = cut(national x 10 %).

    >>> from jeoul.korea.tables import load_rules
    >>> levy(load_rules(2026), 24_857_659, Decimal("0.09")).total
    2460890
    """
    national = cut(book, base * rate)
    return Levy(national, local(book, national))


def withheld(book: Rulebook, base: int, rate: Decimal) -> Levy:
    """Return what is withheld from income other than interest: a tax below 1,000 won is not.

    It holds for every kind of 소득세법 §127① but interest: dividends and what counts as such (the
    gain of a fund, an ETF, an ETN, an ELS or an IMA), pensions and other income. Interest is
    withheld to the last ten won, with :func:`levy`. Source: 소득세법 §86 1.

    >>> from jeoul.korea.tables import load_rules
    >>> withheld(load_rules(2026), 7_142, Decimal("0.14")).total
    0
    >>> withheld(load_rules(2026), 7_143, Decimal("0.14")).total
    1100
    """
    national = collected(book, cut(book, base * rate))
    return Levy(national, local(book, national))


def collected(book: Rulebook, national: int) -> int:
    """Return the national tax withheld from other income than interest, 0 below 1,000 won."""
    return 0 if national < book.won("tax.uncollected_below") else national


def local(book: Rulebook, national: int) -> int:
    """Return the local income tax that belongs to a national tax."""
    return cut(book, national * book.rate("tax.local_share"))


def combined(book: Rulebook, rate: Decimal) -> Decimal:
    """Return a national rate with local income tax: 14 % becomes 15.4 %."""
    return rate * (1 + book.rate("tax.local_share"))


def over_bands(amount: int, bands: Iterable[tuple[int | None, Decimal]]) -> int:
    """Return the sum of an amount over marginal bands, in whole won.

    Bands are (upper bound or None, rate), ascending.

    >>> over_bands(15_000_000, [(14_000_000, Decimal("0.06")), (None, Decimal("0.15"))])
    990000
    """
    total, below = Decimal(0), 0
    for bound, rate in bands:
        top = amount if bound is None else min(amount, bound)
        if top > below:
            total += (top - below) * rate
        if bound is None or amount <= bound:
            break
        below = bound
    return floor(total)
