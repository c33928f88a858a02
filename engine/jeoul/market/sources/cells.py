"""The columns and cells of the price files that people have: FinanceDataReader, pykrx, KRX, own."""

from __future__ import annotations

import re
from datetime import date

from jeoul.files.faults import shown

COLUMNS = ("date", "close", "dividend", "split", "volume", "nav", "benchmark")
"""What is read of a file, by the names that a file of one's own has."""

_NAMES = {
    "날짜": "date",
    "일자": "date",
    "종가": "close",
    "거래량": "volume",
    "분배금": "dividend",
    "순자산가치(nav)": "nav",
    "기초지수": "benchmark",
    "기초지수_종가": "benchmark",
}
"""Columns of pykrx and of the exchange's export; those of FinanceDataReader are English."""

_ASIDE = frozenset(
    {
        *(
            "open",
            "high",
            "low",
            "adj close",
            "change",
            "changes",
            "comp",
            "amount",
            "marcap",
            "shares",
        ),
        *("시가", "고가", "저가", "대비", "등락률", "거래대금", "시가총액", "순자산총액"),
        *("상장주식수", "상장좌수", "기초지수_지수명", "기초지수_대비", "기초지수_등락률"),
    }
)
"""Columns of those vendors that a market folder has no place for."""

_DATE = re.compile(r"(\d{4})([-/.]?)(\d{2})\2(\d{2})(?:[ T]00:00(?::00)?)?", re.ASCII)
_NUMBER = re.compile(r"[+-]?((\d+|\d{1,3}(,\d{3})+)(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)


def column_of(name: str) -> str | None:
    """Return which column of :data:`COLUMNS` a header names: itself if it is not known at all.

    None is a column that is left aside, the day's highest price for one.

    >>> column_of("Close"), column_of("종가"), column_of("고가"), column_of("clsoe")
    ('close', 'close', None, 'clsoe')
    """
    plain = name.strip().casefold()
    return None if plain in _ASIDE else _NAMES.get(plain, plain)


def day_of(cell: str) -> date:
    """Return the day in a cell; raise ``ValueError`` for what is not a date.

    >>> day_of("2024/06/27") == day_of("20240627") == day_of("2024-06-27 00:00:00")
    True
    """
    found = _DATE.fullmatch(cell.strip())
    if found is None:
        raise ValueError(f"{shown(cell)} is not a date, write 2024-06-28")
    try:
        return date(int(found[1]), int(found[3]), int(found[4]))
    except ValueError:
        raise ValueError(f"{shown(cell)} is not a date, write 2024-06-28") from None


def number_of(cell: str) -> float | None:
    """Return the number in a cell, None for an empty one; raise ``ValueError`` for other text.

    >>> number_of("37,050"), number_of("-"), number_of("1.5e3")
    (37050.0, None, 1500.0)
    """
    plain = cell.strip()
    if plain in ("", "-"):
        return None
    if not _NUMBER.fullmatch(plain):
        raise ValueError(f"{shown(cell)} is not a number")
    found = float(plain.replace(",", ""))
    if abs(found) == float("inf"):
        raise ValueError(f"{shown(cell)} is not a number")
    return found


def value_of(found: object) -> float | None:
    """Return the number in a value of JSON, None for null and an empty text.

    Raises ``ValueError`` for anything else.

    >>> value_of("37,050"), value_of(0), value_of(None), value_of("-")
    (37050.0, 0.0, None, None)
    """
    return None if found is None else number_of(str(found))
