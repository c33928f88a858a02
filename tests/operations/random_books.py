"""Random ledgers of some years, with what they come to, counted a second time in plain Python."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from random import Random
from types import SimpleNamespace
from typing import cast

import numpy as np
import pyxirr
from books import CALENDAR, Books

from jeoul.market.market import Market
from jeoul.model.portfolio import Side
from jeoul.model.series import PriceTable
from jeoul.operations.ledger.books import (
    CASH,
    CORPORATE,
    DIVIDENDS,
    EXTERNAL,
    FEES,
    SHARES,
    TAXES,
)

TICKERS = ("A", "B", "C")
SUMS = ("paid_in", "taken_out", "costs", "taxes", "distributions", "unexplained")


@dataclass
class Told:
    """The account as the test itself counts it: one entry a session."""

    days: list[date]
    closes: list[dict[str, int]]
    value: list[int] = field(default_factory=list)
    flow: list[int] = field(default_factory=list)
    sums: dict[str, list[int]] = field(default_factory=dict)

    def total(self, name: str, first: int, last: int) -> int:
        return sum(self.sums[name][first : last + 1])

    def first_after(self, day: date) -> int:
        return next(place for place, each in enumerate(self.days) if each > day)

    def grown(self, first: int, last: int) -> float:
        """The product of what every session made of the money that was there."""
        unit, before = 1.0, self.value[first - 1] if first else 0
        for place in range(first, last + 1):
            begun = before + self.flow[place]
            unit *= self.value[place] / begun if begun > 0 else 1.0
            before = self.value[place]
        return unit

    def yearly_of_money(self, base: date, first: int, last: int) -> float | None:
        """The XIRR of the owner's money."""
        opening = self.value[first - 1] if first else 0
        days = [base, *self.days[first : last + 1], self.days[last]]
        paid = [-opening, *(-n for n in self.flow[first : last + 1]), self.value[last]]
        return pyxirr.xirr(days, paid)


def sessions_of(draw: Random) -> list[date]:
    """Sessions of three to seven years, some days or weeks apart."""
    place, found = draw.randrange(1_000, 3_000), []
    last = place + draw.randrange(760, 1_700)
    while place < last:
        found.append(CALENDAR.label(place))
        place += draw.choice([1, 1, 2, 5, 21, 63])
    return found


def write_random(books: Books, seed: int) -> tuple[Market, Told]:
    """Write a random life into a ledger; return its market, and what the life came to."""
    draw = Random(seed)
    days = sessions_of(draw)
    closes = _closes(draw, len(days))
    splits = {
        (place, ticker): draw.choice([2, 3, 5])
        for place in range(2, len(days))
        for ticker in TICKERS
        if draw.random() < 0.004
    }
    for (place, ticker), ratio in splits.items():
        for later in closes[place:]:
            later[ticker] = max(1, later[ticker] // ratio)
    told = Told(days, closes, sums={name: [0] * len(days) for name in SUMS})
    life = _Life(books, draw, told)
    for place in range(len(days)):
        life.pass_session(place, {t: r for (p, t), r in splits.items() if p == place})
    return _market(days, closes, splits), told


def _closes(draw: Random, count: int) -> list[dict[str, int]]:
    price = {ticker: draw.uniform(5_000, 60_000) for ticker in TICKERS}
    found = []
    for _ in range(count):
        for ticker in TICKERS:
            price[ticker] *= draw.lognormvariate(0.002, 0.03)
        found.append({ticker: round(each) for ticker, each in price.items()})
    return found


@dataclass
class _Life:
    books: Books
    draw: Random
    told: Told
    cash: int = 0
    held: dict[str, int] = field(default_factory=lambda: dict.fromkeys(TICKERS, 0))

    def pass_session(self, place: int, splits: dict[str, int]) -> None:
        self.told.flow.append(0)
        if not place:
            self._open(place)
        for ticker, ratio in splits.items():
            self._split(place, ticker, ratio)
        for what in (self._pay, self._distribute, self._trade, self._bring, self._correct):
            if place and self.draw.random() < 0.25:
                what(place)
        closes = self.told.closes[place]
        worth = sum(count * closes[ticker] for ticker, count in self.held.items())
        self.told.value.append(self.cash + worth)

    def _flow(self, place: int, amount: int, *, explained: bool = True) -> None:
        self.told.flow[place] += amount
        self.told.sums["paid_in" if amount > 0 else "taken_out"][place] += abs(amount)
        if not explained:
            self.told.sums["unexplained"][place] += amount

    def _open(self, place: int) -> None:
        self.cash = self.draw.randrange(5_000_000, 90_000_000)
        legs = {(CASH, "KRW"): self.cash, (EXTERNAL, "KRW"): -self.cash}
        worth = self.cash
        if self.draw.random() < 0.4:
            count = self.draw.randrange(1, 200)
            self.held["A"] = count
            legs |= {(SHARES, "A"): count, (EXTERNAL, "A"): -count}
            worth += count * self.told.closes[place]["A"]
        self.books.move(self.told.days[place], "opening", legs)
        self._flow(place, worth)

    def _pay(self, place: int) -> None:
        amount = self.draw.choice([1, 1, 1, -1]) * self.draw.randrange(1, 3_000_000)
        amount = max(amount, -(self.cash // 4))
        if amount:
            kind = "deposit" if amount > 0 else "withdrawal"
            self.books.pay(self.told.days[place], amount, kind)
            self.cash += amount
            self._flow(place, amount)

    def _distribute(self, place: int) -> None:
        ticker = self.draw.choice(TICKERS)
        gross = self.held[ticker] * self.draw.randrange(1, 400)
        if gross:
            tax = gross * 154 // 1000
            day = self.told.days[place]
            self.books.move(
                day, "dividend", {(CASH, "KRW"): gross, (DIVIDENDS, "KRW"): -gross}, ticker
            )
            self.books.move(day, "tax", {(CASH, "KRW"): -tax, (TAXES, "KRW"): tax}, ticker)
            self.cash += gross - tax
            self.told.sums["distributions"][place] += gross
            self.told.sums["taxes"][place] += tax

    def _trade(self, place: int) -> None:
        ticker, day = self.draw.choice(TICKERS), self.told.days[place]
        price = self.told.closes[place][ticker] + self.draw.randrange(-3, 4)
        if price <= 0:
            return
        fee = self.draw.randrange(0, 900)
        if self.draw.random() < 0.6:
            count = (self.cash // 2 - fee) // price
            if count > 0:
                self.books.trade(day, Side.BUY, ticker, count, price, fee)
                self.cash -= count * price + fee
                self.held[ticker] += count
                self.told.sums["costs"][place] += fee
        elif self.held[ticker] * price > fee:
            count = self.draw.randrange(self.held[ticker] // 2, self.held[ticker]) + 1
            if count * price > fee:
                self.books.trade(day, Side.SELL, ticker, count, price, fee)
                self.cash += count * price - fee
                self.held[ticker] -= count
                self.told.sums["costs"][place] += fee

    def _bring(self, place: int) -> None:
        """Shares come in by hand, some with money that went out for them."""
        ticker, count = self.draw.choice(TICKERS), self.draw.randrange(1, 40)
        money = -self.draw.choice([0, min(self.cash // 2, count * 10_000)])
        legs = {(SHARES, ticker): count, (EXTERNAL, ticker): -count}
        if money:
            legs |= {(CASH, "KRW"): money, (EXTERNAL, "KRW"): -money}
        self.books.move(self.told.days[place], "adopted", legs)
        self.cash += money
        self.held[ticker] += count
        worth = money + count * self.told.closes[place][ticker]
        self._flow(place, worth, explained=False)

    def _correct(self, place: int) -> None:
        fee = self.draw.choice([-1, 1]) * self.draw.randrange(1, 9)
        self.books.move(self.told.days[place], "fees", {(CASH, "KRW"): -fee, (FEES, "KRW"): fee})
        self.cash -= fee
        self.told.sums["costs"][place] += fee

    def _split(self, place: int, ticker: str, ratio: int) -> None:
        more = self.held[ticker] * (ratio - 1)
        if more:
            legs = {(SHARES, ticker): more, (CORPORATE, ticker): -more}
            self.books.move(self.told.days[place], "split", legs)
            self.held[ticker] += more


def _market(
    days: list[date], closes: list[dict[str, int]], splits: dict[tuple[int, str], int]
) -> Market:
    dates = np.array(days, dtype="datetime64[D]")
    close = np.array([[row[t] for t in TICKERS] for row in closes], dtype=np.float64)
    ratios = np.ones_like(close)
    for (place, ticker), ratio in splits.items():
        ratios[place, TICKERS.index(ticker)] = ratio
    known = np.zeros(len(days), dtype=np.int64)
    table = PriceTable("XKRX", "KRW", "raw", TICKERS, dates, known, close, None, ratios)
    return cast(
        Market, SimpleNamespace(prices=(table,), source="made", sessions=lambda _name: dates)
    )
