"""When the money of a trade arrives, and what of it can be spent on a day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from types import MappingProxyType

from jeoul.errors import BeyondData
from jeoul.model.calendar import Calendar
from jeoul.model.portfolio import Portfolio

DAYS: Mapping[str, tuple[tuple[date, int], ...]] = MappingProxyType(
    {
        "XKRX": ((date.min, 2),),
        "XNYS": (
            (date(2024, 5, 28), 1),
            (date(2017, 9, 5), 2),
            (date(1995, 6, 7), 3),
            (date.min, 5),
        ),
    }
)
"""Sessions from trade to settlement by exchange, from a day on, the newest rule first.

In the United States by SEC rule 15c6-1, as it took effect on those days.
"""


def settlement_days(exchange: str, traded: date) -> int:
    """Return how many sessions after a trade its money arrives.

    >>> settlement_days("XNYS", date(2024, 5, 24)), settlement_days("XNYS", date(2024, 5, 28))
    (2, 1)
    """
    return next(days for since, days in DAYS[exchange] if traded >= since)


def settlement_date(calendar: Calendar, traded: date, days: int | None = None) -> date:
    """Return the session on which a trade settles: ``days`` sessions after it.

    Without ``days`` they are those of the exchange (:func:`settlement_days`).

    Raises :class:`NotASession` if ``traded`` is none and :class:`BeyondData` where the holidays of
    the exchange are not known yet.

    >>> import numpy as np
    >>> days = np.array(["2026-12-24", "2026-12-28", "2026-12-29"], dtype="datetime64[D]")
    >>> none = np.zeros(3, dtype=np.int64)
    >>> krx = Calendar("XKRX", "Asia/Seoul", days, none, none, date(2026, 12, 31))
    >>> settlement_date(krx, date(2026, 12, 24))
    datetime.date(2026, 12, 29)
    """
    place = calendar.index(traded)
    place += settlement_days(calendar.name, traded) if days is None else days
    if place >= len(calendar) or calendar.label(place) > calendar.confirmed:
        raise BeyondData(
            f"the settlement of a trade on {traded}",
            calendar.confirmed.isoformat(),
            f"the holidays of {calendar.name} are not known further; update data/calendars",
        )
    return calendar.label(place)


def settled(portfolio: Portfolio, on: date) -> Portfolio:
    """Return the portfolio with the money that has arrived by a day counted as cash.

    >>> settled(Portfolio({}, 10, unsettled={date(2026, 12, 29): 5}), date(2026, 12, 29)).cash
    15
    """
    arrived = sum(money for day, money in portfolio.unsettled.items() if day <= on)
    later = {day: money for day, money in portfolio.unsettled.items() if day > on}
    return replace(portfolio, cash=portfolio.cash + arrived, unsettled=later)
