"""When the money of a trade arrives, and what of it can be spent on a day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from types import MappingProxyType
from typing import NamedTuple

from jeoul.errors import BeyondData
from jeoul.model.calendar import Calendar
from jeoul.model.portfolio import Portfolio, Proceeds

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


def spendable(portfolio: Portfolio, proceeds: Proceeds) -> Portfolio:
    """Return the portfolio with the money that buys may spend as its cash.

    With ``"reuse"`` money on its way counts too: a buy of today settles no earlier than a sale of
    before. What earlier buys still cost is never spent again.

    >>> spendable(Portfolio({}, 10, unsettled={date(2026, 12, 29): 5}), "reuse").cash
    15
    >>> spendable(Portfolio({}, 10, unsettled={date(2026, 12, 29): -4}), "settled").cash
    6
    """
    if not portfolio.unsettled:
        return portfolio
    if proceeds == "settled":
        return unowed(portfolio)
    return replace(portfolio, cash=portfolio.money, unsettled={})


def unowed(portfolio: Portfolio) -> Portfolio:
    """Return the portfolio with the lowest balance to come as its cash, the rest on its way.

    Money that is to be paid on a later day is not there to be spent, and none is on its way out
    any more.

    >>> days = [date(2026, 12, day) for day in (28, 29)]
    >>> unowed(Portfolio({}, 10, unsettled={days[0]: -1, days[1]: 9}))
    Portfolio(shares={}, cash=9, currency='KRW', unsettled={2026-12-29: 9})
    """
    if all(amount >= 0 for amount in portfolio.unsettled.values()):
        return portfolio
    later: dict[date, int] = {}
    owed = 0
    # Backwards: money of a later day cannot pay what is owed before it.
    for day in sorted(portfolio.unsettled, reverse=True):
        left = portfolio.unsettled[day] - owed
        owed = max(-left, 0)
        if left > 0:
            later[day] = left
    unsettled = {day: later[day] for day in sorted(later)}
    return replace(portfolio, cash=portfolio.cash - owed, unsettled=unsettled)


def lifted(portfolio: Portfolio) -> tuple[Portfolio, int]:
    """Return the portfolio with cash of 0 or more, and what it owes beyond its money on its way.

    Cash below zero takes from what arrives first; what is still missing has to be sold for.

    >>> lifted(Portfolio({}, -10, unsettled={date(2026, 12, 29): 4}))
    (Portfolio(shares={}, cash=0, currency='KRW', unsettled={}), 6)
    """
    if portfolio.cash >= 0:
        return portfolio, 0
    later = dict(portfolio.unsettled)
    taken = {}
    owed = -portfolio.cash
    for day in sorted(later):
        taken[day] = min(owed, max(later[day], 0))
        owed -= taken[day]
    unsettled = {day: amount - taken[day] for day, amount in later.items() if amount != taken[day]}
    return replace(portfolio, cash=0, unsettled=unsettled), owed


def set_off(cost: int, unsettled: Mapping[date, int]) -> dict[date, int]:
    """Return what a buy whose money may be reused takes from money on its way, by date.

    The latest comes first, because the buy settles with it: settled cash stays for withdrawals.

    >>> set_off(8, {date(2026, 12, 28): 5, date(2026, 12, 29): 6})
    {datetime.date(2026, 12, 29): 6, datetime.date(2026, 12, 28): 2}
    """
    taken = {}
    for day in sorted(unsettled, reverse=True):
        part = min(cost, unsettled[day])
        if part > 0:
            taken[day] = part
            cost -= part
    return taken


class Fresh(NamedTuple):
    """Money that reached an account's cash since it last decided, by where it came from.

    ``deposited`` came from the owner, ``settled`` from sales; ``adopted`` is money that the broker
    has and nobody named. A part is negative where more went out.
    """

    deposited: int = 0
    settled: int = 0
    adopted: int = 0

    @property
    def total(self) -> int:
        """Return all of it."""
        return sum(self)

    def within(self, cash: int) -> Fresh:
        """Return what is left of it in an account with that much cash: sales are spent first.

        >>> Fresh(deposited=5, settled=3).within(6)
        Fresh(deposited=5, settled=1, adopted=0)
        """
        if not any(self):
            return self
        parts = [max(part, 0) for part in (self.settled, self.adopted, self.deposited)]
        over = max(sum(parts) - cash, 0)
        left = []
        for part in parts:
            gone = min(part, over)
            left.append(part - gone)
            over -= gone
        return Fresh(left[2], left[0], left[1])
