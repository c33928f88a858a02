"""The course of an account that we give no orders: what its dated holdings files say.

Between two files an account holds what the earlier one says; splits and distributions happen to it
as the market has them, distributions gross of tax. What the next file has beyond that came or went,
and nobody says why: it is a flow, the same way that a run takes a holdings file in.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from jeoul.account.price_events import PriceEvents
from jeoul.errors import DataError, Problem
from jeoul.market.market import Market
from jeoul.model.calendar import Calendar, Days
from jeoul.model.days import count_until
from jeoul.model.money import UNITS
from jeoul.model.portfolio import Portfolio, Side
from jeoul.operations.course.assembly import assembled
from jeoul.operations.course.bookings import UNEXPLAINED, Booked, BookedMove
from jeoul.operations.course.record import AccountCourse, Amounts, CourseFill

OPENING = "opening"


def course_of_files(
    held: Mapping[date, Portfolio],
    *,
    account: str,
    market: Market,
    calendar: Calendar,
    fills: Sequence[CourseFill] = (),
) -> AccountCourse:
    """Return the course of an account that held ``held`` after the close of each day.

    It begins with the first day, in which everything is paid in, and ends with the market. A day
    that is not a session counts as the one before it. ``fills`` are trades that are known beside
    the files, at the closes of sessions of the course: what they explain is not a flow.

    Raises :class:`DataError` where the market does not cover the first day.
    """
    along = market.sessions(calendar.name)
    tables = [table for table in market.prices if table.exchange == calendar.name]
    first = np.datetime64(min(held))
    if first < along[0]:
        reason = f"has prices from {along[0]} on, and {account} has a file of {first}"
        remedy = "name a market folder that reaches back to it"
        raise DataError([Problem(market.source, reason, remedy=remedy)])
    sessions = along[np.searchsorted(along, first, side="right") - 1 :]
    events = PriceEvents(tuple(tables), UNITS[tables[0].currency])
    booked = _folded(_by_place(held, sessions), sessions, events, fills)
    return assembled(account, booked, tables, sessions, tuple(fills))


def _by_place(held: Mapping[date, Portfolio], sessions: Days) -> Mapping[int, Portfolio]:
    """Return the newest holdings known at the close of a session, by its place."""
    return {count_until(sessions, day) - 1: held[day] for day in sorted(held)}


@dataclass(slots=True)
class _Fold:
    """An account between two sessions, and what happened to it so far."""

    cash: Amounts
    dividends: Amounts
    fees: Amounts
    changes: dict[str, Amounts]
    money: int = 0
    shares: dict[str, int] = field(default_factory=dict)
    moves: list[BookedMove] = field(default_factory=list)
    payments: list[tuple[int, str, int]] = field(default_factory=list)

    def act(self, place: int, session: date, events: PriceEvents) -> None:
        """Let the splits and distributions of a session happen."""
        for action in events.openings(session, self.shares):
            self._earn(place, action.cash)
            if action.shares:
                self._hold(place, action.ticker, action.shares)
            if action.kind == "dividend":
                self.dividends[place] += action.cash
                self.payments.append((place, action.ticker, action.cash))

    def trade(self, place: int, fill: CourseFill) -> None:
        """Book a trade at the close."""
        sign = 1 if fill.side is Side.BUY else -1
        self._hold(place, fill.ticker, sign * fill.shares)
        self._earn(place, -sign * fill.amount - fill.fee)
        self.fees[place] += fill.fee

    def take(self, place: int, found: Portfolio) -> None:
        """Take holdings in: what is beyond those of the fold came or went."""
        kind = UNEXPLAINED if self.moves else OPENING
        move = BookedMove(place, kind, corporate=False, money=found.money - self.money)
        for ticker in sorted({*found.shares, *self.shares}):
            more = found.shares.get(ticker, 0) - self.shares.get(ticker, 0)
            if more:
                move.shares[ticker] = more
                self._hold(place, ticker, more)
        self._earn(place, move.money)
        self.moves.append(move)

    def _earn(self, place: int, amount: int) -> None:
        self.money += amount
        self.cash[place] += amount

    def _hold(self, place: int, ticker: str, count: int) -> None:
        self.shares[ticker] = self.shares.get(ticker, 0) + count
        self.changes[ticker][place] += count


def _folded(
    held: Mapping[int, Portfolio],
    sessions: Days,
    events: PriceEvents,
    fills: Sequence[CourseFill],
) -> Booked:
    def none() -> Amounts:
        return np.zeros(len(sessions), dtype=np.int64)

    fold = _Fold(none(), none(), none(), defaultdict(none))
    trades: dict[date, list[CourseFill]] = defaultdict(list)
    for fill in fills:
        trades[fill.session].append(fill)
    days: Sequence[date] = sessions.astype(object).tolist()
    for place, session in enumerate(days):
        if place:
            fold.act(place, session, events)
        for fill in trades.get(session, ()):
            fold.trade(place, fill)
        if place in held:
            fold.take(place, held[place])
    return Booked(
        cash=fold.cash,
        fees=fold.fees,
        taxes=none(),
        dividends=fold.dividends,
        interest=none(),
        shares=dict(fold.changes),
        moves=tuple(fold.moves),
        payments=tuple(fold.payments),
    )
