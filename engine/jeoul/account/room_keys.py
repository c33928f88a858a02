"""The keys of files that say what was paid into an account so far: ``opened`` and ``paid``."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator

from jeoul.account.money_keys import NoMoney
from jeoul.account.rooms import PaidFacts
from jeoul.files.faults import shown

_YEAR = re.compile(r"(19|20)[0-9]{2}")


def _last_day(given: Any) -> Any:
    """Return a bare year as its last day: the cautious reading of a date."""
    if isinstance(given, int) and not isinstance(given, bool) and 1900 <= given <= 2999:
        return date(given, 12, 31)
    return given


Opened = Annotated[date, BeforeValidator(_last_day, json_schema_input_type=date | int)]
"""When an account was opened; a bare year is read as its 31 December."""


def _year(given: str) -> str:
    if not _YEAR.fullmatch(given):
        raise ValueError(
            f'{shown(given)} is not a year; write it in quotes, as in "2024" = 5_000_000'
        )
    return given


Paid = dict[Annotated[str, AfterValidator(_year)], NoMoney]
"""What was paid in, by year."""


def facts_of(opened: date | None, paid: dict[str, int]) -> PaidFacts:
    """Return what the keys of a file say.

    >>> facts_of(date(2024, 12, 31), {"2024": 5_000_000}).paid
    {2024: 5000000}
    """
    return PaidFacts(opened=opened, paid={int(year): amount for year, amount in paid.items()})
