"""A household file as it would have been in another year."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import replace
from datetime import date

from jeoul.household.written.file import HouseholdFile


def moved(day: date, years: int) -> date:
    """Return a day some years later, 28 February for a 29th that is not there.

    >>> moved(date(2024, 2, 29), -1)
    datetime.date(2023, 2, 28)
    """
    if (day.month, day.day) == (2, 29):
        day = day.replace(day=28)
    return day.replace(year=day.year + years)


def months_before(day: date, months: int) -> date:
    """Return a day some months earlier, the month's last where it has no such day.

    >>> months_before(date(2024, 3, 31), 1)
    datetime.date(2024, 2, 29)
    """
    number = day.year * 12 + day.month - 1 - months
    last = monthrange(number // 12, number % 12 + 1)[1]
    return date(number // 12, number % 12 + 1, min(day.day, last))


def moved_file(file: HouseholdFile, years: int) -> HouseholdFile:
    """Return a household with everything that is dated moved by whole years.

    These are birthdays, what was opened and paid in, goals, flows and loans.
    """

    def of(day: date | None) -> date | None:
        return None if day is None else moved(day, years)

    return replace(
        file,
        people={
            name: replace(one, born=moved(one.born, years)) for name, one in file.people.items()
        },
        accounts={
            name: replace(
                one,
                paid=replace(
                    one.paid,
                    opened=of(one.paid.opened),
                    paid={year + years: amount for year, amount in one.paid.paid.items()},
                ),
            )
            for name, one in file.accounts.items()
        },
        goals={
            name: one.model_copy(update={"by": moved(one.by, years)})
            for name, one in file.goals.items()
        },
        flows=tuple(
            one.model_copy(update={"start": moved(one.start, years), "end": of(one.end)})
            for one in file.flows
        ),
        loans=tuple(replace(one, until=of(one.until)) for one in file.loans),
    )


def years_back(file: HouseholdFile, today: date, first: date) -> int:
    """Return by how many years a household moves so that it can begin on a first day.

    ``today`` is the newest day that is known; a file may have been written after it. No account is
    opened after it begins.
    """
    opened = [each.paid.opened for each in file.accounts.values() if each.paid.opened is not None]
    paid = [year for each in file.accounts.values() for year in each.paid.paid]
    years = first.year - max([today.year, *paid, *(day.year for day in opened)])
    late = any(moved(day, years) > first for day in opened)
    return years - 1 if late else years
