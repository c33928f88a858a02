"""Days of the law: an opening given as a date or a year alone, and terms in years and months."""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from typing import Annotated

from pydantic import PlainValidator

from jeoul.files.faults import shown


def _opened(value: object) -> date | int:
    if type(value) is date or (type(value) is int and date.min.year <= value <= date.max.year):
        return value
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise ValueError(f"{shown(value)} is not a day; write 2024-03-15, or the year alone as 2024")


Opened = Annotated[date | int, PlainValidator(_opened)]
"""A date, or a year alone, which is read as its last day."""


def opening_day(opened: date | int) -> date:
    """Return the day itself; of a year alone, 31 December, the latest that it can have been.

    >>> opening_day(2024), opening_day(date(2024, 3, 15))
    (datetime.date(2024, 12, 31), datetime.date(2024, 3, 15))
    """
    return opened if isinstance(opened, date) else date(opened, 12, 31)


def opening_year(opened: date | int) -> int:
    """Return the year of the opening.

    >>> opening_year(2024), opening_year(date(2024, 3, 15))
    (2024, 2024)
    """
    return opened.year if isinstance(opened, date) else opened


def months_after(day: date, months: int) -> date:
    """Return the same day so many months later, or the last of a shorter month (민법 §160③).

    >>> months_after(date(2026, 8, 31), 6)
    datetime.date(2027, 2, 28)
    """
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def years_after(day: date, years: int) -> date:
    """Return the same day so many years later; 29 February becomes the 28th.

    >>> years_after(date(2024, 2, 29), 3)
    datetime.date(2027, 2, 28)
    """
    return months_after(day, 12 * years)
