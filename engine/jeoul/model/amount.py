"""Amounts of money as people write them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from decimal import Decimal
from typing import NamedTuple

from jeoul.errors import UsageError
from jeoul.model.money import UNITS

_SIGNS = (("₩", "KRW"), ("$", "USD"), ("KRW", "KRW"), ("USD", "USD"))
_WORDS = (("원", "KRW"), ("달러", "USD"), ("KRW", "KRW"), ("USD", "USD"))
_LARGE = (("조", 10**12), ("억", 10**8), ("만", 10**4), ("", 1))
_SMALL = (("천", 1000), ("백", 100), ("십", 10), ("", 1))
_PLAIN = re.compile(r"(?:\d{1,3}(?:,\d{3})+|\d+(?:_\d+)*)(?:\.\d+)?", re.ASCII)
_POWER = re.compile(r"\d+(?:\.\d+)?[eE]\+?\d{1,2}", re.ASCII)
_SPACES = re.compile(r"(?<=[조억만천백십])\s+")
_LONGEST = 40
_MOST = 10**24  # more than all the money there is
MOST = 10**15
"""The most that a file may say, and a plan of a household counts exactly."""

_EXAMPLES = "1,000,000, 100만, 1억 2천만 or 1e6"


class Amount(NamedTuple):
    """An amount in a currency's main unit; ``currency`` is None where the text names none."""

    value: Decimal
    currency: str | None


class Whole(int):
    """A whole number of won or dollars that remembers the currency it was written in, if any."""

    currency: str | None = None


def whole_amount(written: str | float | Decimal) -> Whole:
    """Return the whole amount that a text or a number writes.

    Raises :class:`~jeoul.errors.UsageError` for what :func:`parse_amount` refuses, for a fraction,
    and for 10**24 or more.

    >>> whole_amount("100만원"), whole_amount("100만원").currency
    (1000000, 'KRW')
    """
    text = str(written)
    value, currency = parse_amount(text) if isinstance(written, str) else (Decimal(text), None)
    if not value.is_finite() or abs(value) > _MOST:
        raise UsageError(f"{text!r} is too large; write it as {_EXAMPLES}")
    if value != value.to_integral_value():
        raise UsageError(f"{text!r} is not a whole amount; round it")
    found = Whole(value)
    found.currency = currency
    return found


def refuse_foreign(currency: str, **amounts: int | Amount) -> None:
    """Raise :class:`~jeoul.errors.UsageError` for an amount that was written in another currency.

    >>> refuse_foreign("USD", deposit=whole_amount("₩1,000"))
    Traceback (most recent call last):
    jeoul.errors.UsageError: the deposit is written in KRW, but the account is in USD; convert it
    """
    for name, amount in amounts.items():
        written = getattr(amount, "currency", None)
        if written not in (None, currency):
            raise UsageError(
                f"the {name} is written in {written}, but the account is in {currency}; convert it"
            )


def smallest_units(amount: Amount, currency: str, name: str = "cash") -> int:
    """Return an amount in smallest units of the currency of its account.

    ``name`` is how an error calls it. Raises :class:`~jeoul.errors.UsageError` for an amount in
    another currency, and for one that is finer than the smallest unit.

    >>> smallest_units(parse_amount("300만"), "KRW"), smallest_units(parse_amount("$1.5"), "USD")
    (3000000, 150)
    """
    refuse_foreign(currency, **{name: amount})
    units = amount.value * UNITS[currency]
    if units != units.to_integral_value():
        raise UsageError(
            f"the {name} {amount.value} is finer than the smallest unit of {currency}; round it"
        )
    return int(units)


def parse_amount(text: str) -> Amount:
    """Return the amount of money that a text writes.

    Digits may be grouped by commas, in threes, or by underscores; ``조``, ``억``, ``만``, ``천``,
    ``백`` and ``십`` count as in Korean; a currency may stand before (``₩``, ``$``) or behind
    (``원``, ``KRW``). Raises :class:`~jeoul.errors.UsageError` for anything else, such as commas
    that group other than three digits.

    >>> [int(parse_amount(text).value) for text in ("1,000,000", "100만", "1e6", "₩1_000_000")]
    [1000000, 1000000, 1000000, 1000000]
    >>> parse_amount("1억 2천만원")
    Amount(value=Decimal('120000000'), currency='KRW')
    """
    plain = unicodedata.normalize("NFKC", text[: _LONGEST + 1]).strip()
    negative = plain.startswith(("-", "−"))
    rest, currency = _without_currency(plain[1:].strip() if negative else plain)
    value = _number(rest) if len(text) <= _LONGEST else None
    if value is None:
        raise UsageError(f"{text[:_LONGEST]!r} is not an amount of money; write it as {_EXAMPLES}")
    return Amount(-value if negative else value, currency)


def _without_currency(text: str) -> tuple[str, str | None]:
    for sign, currency in _SIGNS:
        if text.upper().startswith(sign):
            return text[len(sign) :].strip(), currency
    for word, currency in _WORDS:
        if text.upper().endswith(word):
            return text[: -len(word)].strip(), currency
    return text, None


def _number(text: str) -> Decimal | None:
    if _POWER.fullmatch(text):
        return Decimal(text)
    return _counted(_SPACES.sub("", text), _LARGE, _below_ten_thousand)


def _below_ten_thousand(text: str) -> Decimal | None:
    if _PLAIN.fullmatch(text):
        return Decimal(text.replace(",", "").replace("_", ""))
    return _counted(text, _SMALL, _digit)


def _digit(text: str) -> Decimal | None:
    return Decimal(text) if len(text) == 1 and text in "123456789" else None


def _counted(
    text: str, units: tuple[tuple[str, int], ...], part: Callable[[str], Decimal | None]
) -> Decimal | None:
    """Return the sum of what stands before each unit, largest first; a unit alone counts once."""
    total = None
    for unit, size in units:
        before, found, after = text.partition(unit) if unit else (text, text, "")
        if not found:
            continue
        count = part(before) if before else Decimal(1)
        if count is None:
            return None
        total, text = (total or Decimal(0)) + count * size, after
    return total
