"""Cash by settlement, from the deposits of today and of the next two sessions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date


def by_settlement(
    deposits: tuple[int, int, int], orderable: int, days: tuple[date, date]
) -> tuple[int, Mapping[date, int]]:
    """Return the money that is there on all days, and what comes in on each of the next two.

    ``deposits`` are those of today, T+1 and T+2, ``orderable`` is what can be ordered without
    credit. A buy of today lowers the deposit of T+2 at once and that of T+1 not, so that the
    smallest of all is what can be spent.

    >>> by_settlement((500, 400, 900), 600, (date(2026, 3, 5), date(2026, 3, 6)))
    (400, {datetime.date(2026, 3, 6): 500})
    """
    today, tomorrow, later = deposits
    cash, first = min(today, tomorrow, later, orderable), min(tomorrow, later)
    coming = {days[0]: first - cash, days[1]: later - first}
    return cash, {day: amount for day, amount in coming.items() if amount}
