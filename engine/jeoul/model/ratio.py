"""The ratio of a split or a merge: new shares per old share, as two whole numbers.

Tables of prices keep ratios as float64, and a float64 names its ratio: two ratios of whole numbers
up to :data:`LARGEST` are never the same float64. So nothing is lost on the way through a table, a
store or an archive, and one third of three shares is one share.
"""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

LARGEST = 10_000
"""The largest whole number in a ratio that is written as ``1/3`` or ``1:3``."""

WHOLE = Fraction(1)
"""The ratio of a day on which nothing happens."""

_ROUNDED = 6  # decimals from which on a number may be a ratio that somebody rounded
_UNENDING = (3, 6, 7, 9)  # small denominators that no decimal ends on, so that people round them
_PLAIN = 20  # a decimal with a denominator up to this one is meant as it is: 0.1 is not 1/9

_PAIR = re.compile(r"\s*(\d{1,9})\s*[/:]\s*(\d{1,9})\s*", re.ASCII)
_DECIMAL = re.compile(r"\s*\+?(\d{1,12}(\.\d{0,17})?|\.\d{1,17})([eE][+-]?\d{1,2})?\s*", re.ASCII)


@lru_cache(maxsize=4096)
def ratio_of(value: float) -> Fraction:
    """Return the ratio that a float64 names.

    It is the ratio of whole numbers up to :data:`LARGEST` whose nearest float64 it is. Where there
    is none, the number is read as the decimal that it prints as: with six decimals or more it is
    the nearest small ratio that rounds to it (at most 100 for six decimals, ten times that for
    two more), as files of older versions wrote them, and else that decimal itself.

    >>> ratio_of(1 / 3), ratio_of(0.3333333333), ratio_of(0.05), ratio_of(4.0)
    (Fraction(1, 3), Fraction(1, 3), Fraction(1, 20), Fraction(4, 1))
    """
    near = Fraction(value).limit_denominator(LARGEST)
    return near if float(near) == value else _decimal(Decimal(repr(value)))


def parse_ratio(text: str) -> Fraction:
    """Return the ratio in a text: ``1/3`` or ``1:3`` for three shares into one, or a decimal.

    Decimals are read as :func:`ratio_of` reads a number. Raises ``ValueError`` with what to write
    for any other text, for 0 and for whole numbers beyond :data:`LARGEST`.

    >>> parse_ratio("1/3") == parse_ratio("1:3") == parse_ratio("0.3333333333")
    True
    >>> parse_ratio("1.5"), parse_ratio("4")
    (Fraction(3, 2), Fraction(4, 1))
    """
    if pair := _PAIR.fullmatch(text):
        new, old = int(pair[1]), int(pair[2])
        if not (new and old):
            raise ValueError(
                f"{text[:60]!r} is not a split, write new shares per old share: 1/3 or 4"
            )
        found = Fraction(new, old)
        if max(found.numerator, found.denominator) > LARGEST:
            raise ValueError(
                f"{text[:60]!r} has a number above {LARGEST:,}; write the ratio itself"
            )
        return found
    if not _DECIMAL.fullmatch(text) or not 0 < float(text) < LARGEST * 100:
        raise ValueError(f"{text[:60]!r} is not a split, write new shares per old share: 1/3 or 4")
    return ratio_of(float(text))


def plain_ratio(text: str) -> Fraction:
    """Return the ratio in a text that leaves no doubt; raise ``ValueError`` for any other.

    ``0.33`` may be a third or 33 hundredths, and ``0.3331234567`` is not a ratio of shares.

    >>> plain_ratio("0.05"), plain_ratio("0.33333333")
    (Fraction(1, 20), Fraction(1, 3))
    >>> plain_ratio("0.33")
    Traceback (most recent call last):
    ValueError: '0.33' may mean 1/3 or 33/100; write the ratio that is meant
    """
    found = parse_ratio(text)
    if _PAIR.fullmatch(text):
        return found
    number = Decimal(text.strip())
    near = Fraction(number).limit_denominator(max(_UNENDING))
    rounded = near.denominator in _UNENDING and _rounds_to(near, number)
    if rounded and found == Fraction(number) and found.denominator > _PLAIN:
        raise ValueError(
            f"{text[:60]!r} may mean {ratio_text(near)} or {ratio_text(found)}; "
            "write the ratio that is meant"
        )
    return _shares(found, text)


def vendor_ratio(value: float) -> Fraction:
    """Return the ratio that a vendor's float64 names; raise ``ValueError`` where it names none.

    >>> vendor_ratio(1 / 3), vendor_ratio(1.032187)
    (Fraction(1, 3), Fraction(1032187, 1000000))
    """
    if not 0 < value < float("inf"):
        raise ValueError(f"{str(value)[:60]!r} is not a split")
    return _shares(ratio_of(value), repr(value))


def ratio_text(ratio: Fraction) -> str:
    """Return a ratio as files write it: a whole number, ``1/3``, or the decimal that it is.

    >>> ratio_text(Fraction(4)), ratio_text(Fraction(1, 3)), ratio_text(Fraction("1.032187"))
    ('4', '1/3', '1.032187')
    """
    if ratio.denominator == 1:
        return str(ratio.numerator)
    if max(ratio.numerator, ratio.denominator) <= LARGEST:
        return f"{ratio.numerator}/{ratio.denominator}"
    return repr(float(ratio))


def _shares(ratio: Fraction, text: str) -> Fraction:
    """Return a ratio that whole shares can have; vendors write up to six decimals."""
    if ratio.denominator > LARGEST and (ratio * 10**_ROUNDED).denominator != 1:
        raise ValueError(f"{text[:60]!r} is not a ratio of small whole numbers; write it as 1/3")
    return ratio


def _decimal(number: Decimal) -> Fraction:
    places = _places(number)
    near = Fraction(number).limit_denominator(
        min(LARGEST, 10 ** ((places - 2) // 2)) if places >= _ROUNDED else 1
    )
    return near if places >= _ROUNDED and _rounds_to(near, number) else Fraction(number)


def _rounds_to(ratio: Fraction, number: Decimal) -> bool:
    """Return whether a ratio prints as a number to as many decimals as the number has."""
    return ratio > 0 and 2 * abs(ratio - Fraction(number)) * 10 ** _places(number) <= 1


def _places(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
