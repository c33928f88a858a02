"""What the law takes of each sale of a course at its source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

import numpy as np

from jeoul.account.price_events import PriceEvents
from jeoul.account.withholding import AVERAGE, US, Basis, TaxRules, base_price, bought, sold, split
from jeoul.model.money import UNITS
from jeoul.model.portfolio import Side
from jeoul.model.series import PriceTable
from jeoul.operations.course import Course, CourseFill


def sale_taxes(course: Course, tables: Sequence[PriceTable], taxes: TaxRules) -> dict[int, int]:
    """Return the tax of each sale that is taxed at its source, by the place of its fill.

    The law is asked with the average cost of the course; a holding that came without a trade counts
    as bought at the price of its session. Gains of funds listed abroad are taxed by the year, and
    an ISA and pension accounts at their end: nothing is taken of those here.
    """
    if not taxes.taxed:
        return {}
    events = PriceEvents(tuple(tables), UNITS[course.currency])
    found: dict[int, int] = {}
    for column, ticker in enumerate(course.tickers):
        if taxes.kinds.get(ticker, US) != US:
            fills = {n: fill for n, fill in enumerate(course.fills) if fill.ticker == ticker}
            found |= _Ticker(course, column, taxes, events).taxes(fills)
    return found


class _Ticker:
    """The average cost of one ticker along a course."""

    def __init__(self, course: Course, column: int, taxes: TaxRules, events: PriceEvents) -> None:
        self.course, self.column, self.rules, self.events = course, column, taxes, events
        self.ticker = course.tickers[column]
        self.basis, self.held = Basis(Decimal(0), None), 0

    def taxes(self, fills: Mapping[int, CourseFill]) -> dict[int, int]:
        """Return the tax of each sale among the fills of the ticker, by their place."""
        course, shares = self.course, self.course.shares[:, self.column]
        traded = np.array([fill.session for fill in fills.values()], dtype="datetime64[D]")
        moved = np.diff(shares, prepend=0) != 0
        found: dict[int, int] = {}
        for place in np.flatnonzero(moved | np.isin(course.sessions, traded)).tolist():
            session: date = course.sessions[place].astype(object)
            todays = {n: fill for n, fill in fills.items() if fill.session == session}
            self._open(session)
            net = sum(f.shares if f.side is Side.BUY else -f.shares for f in todays.values())
            came = int(shares[place]) - net - self.held
            if came:
                close = course.prices[place, self.column]
                self._move(session, came, Decimal(0 if np.isnan(close) else round(close)))
            for number, fill in sorted(todays.items(), key=lambda pair: pair[1].side is Side.BUY):
                price = (Decimal(fill.amount) / fill.shares).quantize(AVERAGE)
                if fill.side is Side.SELL:
                    found[number] = self._tax(session, fill, round(price))
                self._move(session, fill.shares if fill.side is Side.BUY else -fill.shares, price)
        return found

    def _open(self, session: date) -> None:
        for action in self.events.openings(session, {self.ticker: self.held}):
            if action.kind == "split":
                after = self.held + action.shares
                self.basis, self.held = split(self.basis, self.held, after), after

    def _move(self, session: date, count: int, price: Decimal) -> None:
        if count > 0:
            base = base_price(self.events, self.ticker, session)
            self.basis = bought(self.basis, self.held, count, price, base)
        self.held += count

    def _tax(self, session: date, fill: CourseFill, price: int) -> int:
        base, count = base_price(self.events, self.ticker, session), Decimal(fill.shares)
        return sold(self.rules, session, self.ticker, self.basis, count, price, base).tax
