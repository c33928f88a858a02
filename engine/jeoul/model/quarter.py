"""A quarter of a calendar year, as people write it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from jeoul.errors import UsageError

_QUARTER = re.compile(r"([0-9]{4})[Qq]([1-4])")


@dataclass(frozen=True, slots=True, order=True)
class Quarter:
    """Three months of a year; ``number`` is 1 to 4."""

    year: int
    number: int

    @property
    def first(self) -> date:
        """Return the first day.

        >>> Quarter(2024, 2).first
        datetime.date(2024, 4, 1)
        """
        return date(self.year, 3 * self.number - 2, 1)

    @property
    def last(self) -> date:
        """Return the last day.

        >>> Quarter(2024, 4).last
        datetime.date(2024, 12, 31)
        """
        return self.after.first - timedelta(days=1)

    @property
    def after(self) -> Quarter:
        """Return the following quarter."""
        year, place = divmod(4 * self.year + self.number, 4)
        return Quarter(year, place + 1)

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    def __str__(self) -> str:
        return f"{self.year}Q{self.number}"


def quarter_of(day: date) -> Quarter:
    """Return the quarter of a day.

    >>> str(quarter_of(date(2024, 6, 28)))
    '2024Q2'
    """
    return Quarter(day.year, (day.month + 2) // 3)


def parse_quarter(text: str) -> Quarter:
    """Return the quarter that a text names, written as ``2024Q2``.

    Raises :class:`UsageError` for anything else.

    >>> parse_quarter("2024q2")
    Quarter(year=2024, number=2)
    """
    found = _QUARTER.fullmatch(text)
    if found is None or not 1 <= int(found[1]) < 9999:
        raise UsageError(f"{text!r} is not a quarter; write it as 2024Q2")
    return Quarter(int(found[1]), int(found[2]))
