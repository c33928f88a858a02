"""Fields of a broker's answers: texts, padded or empty, and numbers written as text.

Each reader names the field that it cannot read. A number has fifteen digits at most: no account
holds more, and the ledger keeps it.
"""

from __future__ import annotations

import re
import reprlib
from collections.abc import Mapping
from typing import Any

from jeoul.operations.errors import Unreachable

Row = Mapping[str, Any]

_NUMBER = re.compile(r"([+-]?)0{0,40}([0-9]{1,15})(?:\.0{0,20})?")
_CODE = re.compile(r"[0-9A-Za-z]{1,32}")

WORDS = 200
"""Characters of a broker's own words in a message."""


def rows(page: Row, name: str) -> list[Row]:
    """Return the rows of a page: a list, or one object where the interface writes only one."""
    found = page.get(name)
    if isinstance(found, Mapping):
        return [found]
    if not isinstance(found, list) or not all(isinstance(row, Mapping) for row in found):
        raise nonsense(name, found)
    return found


def code(row: Row, name: str) -> str:
    """Return a text of letters and digits without the blanks around it.

    >>> code({"pdno": " 069500  "}, "pdno")
    '069500'
    """
    found = text(row, name)
    if not _CODE.fullmatch(found):
        raise nonsense(name, row.get(name))
    return found


def text(row: Row, name: str) -> str:
    """Return a text without the blanks around it, empty where the field is missing or empty."""
    found = row.get(name, "")
    if not isinstance(found, str):
        raise nonsense(name, found)
    return found.strip()


def money(row: Row, name: str) -> int:
    """Return a whole amount, which may be below zero.

    >>> money({"dnca_tot_amt": "000000000012000"}, "dnca_tot_amt"), money({"a": "-5.00"}, "a")
    (12000, -5)
    """
    found = row.get(name)
    match = _NUMBER.fullmatch(found.strip()) if isinstance(found, str) else None
    if match is None:
        raise nonsense(name, found)
    return int(match[1] + match[2])


def count(row: Row, name: str) -> int:
    """Return a number of shares, which is never below zero."""
    found = money(row, name)
    if found < 0:
        raise nonsense(name, row.get(name))
    return found


def maybe(row: Row, *names: str) -> int | None:
    """Return the first number of several spellings of one field, None if all are missing or empty.

    >>> maybe({"cnc_cfrm_qty": "", "cncl_cfrm_qty": "2"}, "cnc_cfrm_qty", "cncl_cfrm_qty")
    2
    """
    for name in names:
        found = row.get(name)
        empty = found is None or (isinstance(found, str) and not found.strip())
        if not empty:
            return count(row, name)
    return None


def order_number(row: Row, name: str) -> str:
    """Return a number without the zeros or blanks in front, empty if there is none.

    >>> order_number({"odno": "0000023037"}, "odno"), order_number({"odno": "       0"}, "odno")
    ('23037', '')
    """
    number = text(row, name).lstrip("0")
    if number and not (number.isascii() and number.isalnum() and len(number) <= 20):
        raise nonsense(name, row.get(name))
    return number


def nonsense(name: str, value: object) -> Unreachable:
    """Return the error for a field whose value makes no sense."""
    return Unreachable(
        f"the broker answers {shown_value(value)} for {name}, which makes no sense; nothing was "
        "sent on it. Look at the broker's own screen, then run again"
    )


def shown_text(text: str) -> str:
    """Return a text of the broker on one line, cut, without what no terminal or file takes."""
    plain = "".join(sign if sign.isprintable() else " " for sign in text[:WORDS])
    return " ".join(plain.split())


def shown_value(value: object) -> str:
    """Return any value of an answer, however deep or long, in a few words.

    >>> shown_value("9" * 1000)
    "'999999999999...9999999999999'"
    """
    return reprlib.repr(value)
