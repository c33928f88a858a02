"""Numbers as brokers, spreadsheets and people write them."""

from __future__ import annotations

import re
from decimal import Decimal

from jeoul.errors import UsageError
from jeoul.model.amount import Amount, parse_amount

_EXCEL_TEXT = re.compile(r'=\s*"(.*)"')
_SIGNS = re.compile(r"^(?:krw|usd|won|[₩$\\])\s*|\s*(?:krw|usd|won|원|주|좌|shares?|ea)$", re.I)
_CURRENCIES = (("USD", re.compile(r"[$]|usd", re.I)), ("KRW", re.compile(r"[₩원]|krw|won", re.I)))
_NUMBER = re.compile(r"-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?")
_LONGEST = 40  # characters of a number with its separators and places
_BLANK = frozenset({"", "-", "--", "n/a", "nan"})


def plain(text: str) -> str:
    """Return a cell without what Excel needs to keep it as text.

    >>> plain('="069500"'), plain("'069500")
    ('069500', '069500')
    """
    found = _EXCEL_TEXT.fullmatch(text)
    return (found[1] if found else text).lstrip("'").strip()


def is_blank(text: str) -> bool:
    """Return whether a cell says nothing: empty, or a dash in its place."""
    return plain(text).lower() in _BLANK


def number(text: str) -> Decimal | None:
    """Return the number that a cell says, with separators, a currency sign or a unit; else None.

    Brackets and a minus behind the digits mean below zero, as in books. Powers of ten, signs of
    plus and separators in other places are not read.

    >>> [number(text) for text in ("₩3,000,000", "30주", "(1,500)", "1e3", "1,00")]
    [Decimal('3000000'), Decimal('30'), Decimal('-1500'), None, None]
    """
    text = plain(text)
    sign = 1
    if text.startswith("(") and text.endswith(")"):
        text, sign = text[1:-1].strip(), -1
    elif text.endswith("-"):
        text, sign = text[:-1].strip(), -1
    if text.startswith(("-", "△")):
        text, sign = text[1:].strip(), -sign
    text = _SIGNS.sub("", _SIGNS.sub("", text)).strip()
    if text.startswith("-"):
        text, sign = text[1:], -sign
    if len(text) > _LONGEST or not _NUMBER.fullmatch(text) or text.startswith("-"):
        return None
    return sign * Decimal(text.replace(",", ""))


def money_number(text: str) -> Amount | None:
    """Return the amount of money that a cell says, as in a file of numbers or as people write it.

    Powers of ten with a sign are not read: a spreadsheet writes them for digits that it hides.

    >>> money_number("(₩1,500)"), money_number("1e6").value == money_number("100만").value
    (Amount(value=Decimal('-1500'), currency='KRW'), True)
    >>> money_number("1.23E+09"), money_number("만")
    (None, None)
    """
    text = plain(text)
    value = number(text)
    if value is not None:
        return Amount(value, _currency(text))
    if "+" in text or not any(character.isdigit() for character in text):
        return None
    try:
        return parse_amount(text)
    except UsageError:
        return None


def _currency(text: str) -> str | None:
    return next((code for code, written in _CURRENCIES if written.search(text)), None)


def shown_number(value: Decimal) -> str:
    """Return a number without zeros behind the point and without separators.

    >>> shown_number(Decimal("1500.250")), shown_number(Decimal("3E+3"))
    ('1500.25', '3000')
    """
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
