"""Numbers as brokers, spreadsheets and people write them."""

from __future__ import annotations

import re
from decimal import Decimal

from jeoul.account.holdings.units import currency_beside
from jeoul.errors import UsageError
from jeoul.model.amount import Amount, parse_amount

_EXCEL_TEXT = re.compile(r'=\s*"(.*)"')
_COUNTED = re.compile(r"\s*(?:주|좌|shares?|ea)$", re.IGNORECASE)
_NUMBER = re.compile(r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?")
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
    """Return the number that a cell says, with separators or a unit such as 주; else None.

    Brackets and a minus behind the digits mean below zero, as in books. Powers of ten, signs of
    plus and separators in other places are not read, and no text that names a currency or has two
    signs.

    >>> [number(text) for text in ("3,000,000", "30주", "(1,500)", "1e3", "1,00", "₩30")]
    [Decimal('3000000'), Decimal('30'), Decimal('-1500'), None, None, None]
    """
    text, below = _without_sign(plain(text))
    return _signed(_COUNTED.sub("", text).strip(), below)


def money_number(text: str) -> Amount | None:
    """Return the amount of money that a cell says, as in a file of numbers or as people write it.

    Its currency is the one that it names before or behind the digits, in any of the ways of
    :data:`~jeoul.account.holdings.units.CURRENCIES`. Powers of ten with a sign are not read: a
    spreadsheet writes them for digits that it hides.

    >>> money_number("(₩1,500)"), money_number("1e6").value == money_number("100만").value
    (Amount(value=Decimal('-1500'), currency='KRW'), True)
    >>> [money_number(text).currency for text in ("US$93", "93 EUR", "31.25달러", "93")]
    ['USD', 'EUR', 'USD', None]
    >>> money_number("1.23E+09"), money_number("만"), money_number("$93원")
    (None, None, None)
    """
    if "+" in text or not any(character.isdigit() for character in text):
        return None
    bare, below = _without_sign(plain(text))
    named = currency_beside(bare)
    if named is None:
        return None
    value = _signed(named.rest, below)
    if value is not None:
        return Amount(value, named.currency)
    try:
        found = parse_amount(named.rest)
    except UsageError:
        return None
    # what is left would be a second currency or a second sign
    if found.currency is not None or (below and found.value < 0):
        return None
    return Amount(-found.value if below else found.value, named.currency)


def amount_of(text: str) -> Decimal | None:
    """Return the amount of money that a cell says, in whatever currency."""
    found = money_number(text)
    return None if found is None else found.value


def own_money(text: str, currency: str) -> Decimal | None:
    """Return the amount that a cell says in a currency, None for one that names another.

    >>> own_money("31,250원", "KRW"), own_money("31,250", "KRW"), own_money("$31.25", "KRW")
    (Decimal('31250'), Decimal('31250'), None)
    """
    found = money_number(text)
    return found.value if found is not None and found.currency in (None, currency) else None


def _without_sign(text: str) -> tuple[str, bool]:
    """Return a number without its sign, and whether it is below zero; a second sign is left."""
    if text.startswith("(") and text.endswith(")"):
        return text[1:-1].strip(), True
    if text.endswith("-"):
        return text[:-1].strip(), True
    if text.startswith(("-", "△")):
        return text[1:].strip(), True
    return text, False


def _signed(text: str, below: bool) -> Decimal | None:
    if len(text) > _LONGEST or not _NUMBER.fullmatch(text):
        return None
    value = Decimal(text.replace(",", ""))
    return -value if below else value


def shown_number(value: Decimal) -> str:
    """Return a number without zeros behind the point and without separators.

    >>> shown_number(Decimal("1500.250")), shown_number(Decimal("3E+3"))
    ('1500.25', '3000')
    """
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
