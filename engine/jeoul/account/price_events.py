"""Prices and corporate actions of a market folder as an account meets them, in whole units."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property
from math import isnan

import numpy as np

from jeoul.model.days import count_until
from jeoul.model.money import to_units
from jeoul.model.ratio import WHOLE, ratio_of
from jeoul.model.series import PriceTable
from jeoul.model.whole_prices import units_along


@dataclass(frozen=True, slots=True)
class CorporateAction:
    """What a corporate action does to an account at the open: ``kind`` is dividend or split."""

    kind: str
    ticker: str
    shares: int
    cash: int


@dataclass(frozen=True, eq=False)
class PriceEvents:
    """What an account meets at each session: closes, dividends and splits.

    ``unit`` is how many smallest units make one of the currency: 1 for won, 100 for dollars.
    """

    tables: tuple[PriceTable, ...]
    unit: int = 1

    @cached_property
    def _places(self) -> Mapping[str, tuple[int, int]]:
        return {
            ticker: (number, column)
            for number, table in enumerate(self.tables)
            for column, ticker in enumerate(table.tickers)
        }

    @cached_property
    def _rows(self) -> Sequence[Mapping[date, int]]:
        """Return the row of every session of each table."""
        return tuple(
            dict(
                zip(table.sessions.astype(object).tolist(), range(len(table.sessions)), strict=True)
            )
            for table in self.tables
        )

    @cached_property
    def _closes(self) -> dict[str, list[int | None]]:
        return {}

    def _closes_of(self, ticker: str) -> list[int | None]:
        """Return the closes of a known ticker in smallest units along the sessions of its table."""
        if ticker not in self._closes:
            number, column = self._places[ticker]
            self._closes[ticker] = units_along(self.tables[number].close[:, column], self.unit)
        return self._closes[ticker]

    @cached_property
    def _eventful(self) -> frozenset[date]:
        found: set[date] = set()
        for table in self.tables:
            for amounts, usual in ((table.dividends, 0.0), (table.splits, 1.0)):
                if amounts is not None:
                    days = table.sessions[(amounts != usual).any(axis=1)]
                    found |= set(days.astype(object).tolist())
        return frozenset(found)

    @cached_property
    def sessions(self) -> Sequence[date]:
        """Return the sessions of every table, each once, in order."""
        days = np.unique(np.concatenate([table.sessions for table in self.tables]))
        return tuple(days.astype(object).tolist())

    def close(self, ticker: str, session: date) -> int | None:
        """Return the close in the smallest unit, None where there was no trade."""
        place = self._places.get(ticker)
        row = None if place is None else self._rows[place[0]].get(session)
        return None if row is None else self._closes_of(ticker)[row]

    def is_adjusted(self, tickers: Collection[str]) -> bool:
        """Return whether the prices of some ticker are adjusted for its dividends."""
        return any(
            table.adjusted != "raw" and not set(tickers).isdisjoint(table.tickers)
            for table in self.tables
        )

    def last_close(self, ticker: str, session: date) -> int | None:
        """Return the newest close at or before a session, None before the first one.

        A split since then divides it: it is the price of a share as it is now.
        """
        place = self._places.get(ticker)
        if place is None:
            return None
        table = self.tables[place[0]]
        found = self._rows[place[0]].get(session)
        if found is None:
            found = count_until(table.sessions, session) - 1
        closes = self._closes_of(ticker)
        if found >= 0 and (close := closes[found]) is not None:
            return close
        ratio = WHOLE
        for row in range(found, -1, -1):
            value = float(table.close[row, place[1]])
            if not isnan(value):
                return to_units(value, self.unit, ratio)
            if table.splits is not None:
                ratio *= _ratio(float(table.splits[row, place[1]]))
        return None

    def prices(self, tickers: Iterable[str], session: date) -> dict[str, int]:
        """Return the newest close of each ticker at or before a session, 0 before its first."""
        rows = [rows.get(session) for rows in self._rows]
        found = {}
        for ticker in tickers:
            place = self._places.get(ticker)
            row = None if place is None else rows[place[0]]
            close = None if row is None else self._closes_of(ticker)[row]
            found[ticker] = (self.last_close(ticker, session) or 0) if close is None else close
        return found

    def openings(self, session: date, shares: Mapping[str, int]) -> list[CorporateAction]:
        """Return what the corporate actions of a session do to holdings at its open.

        A split turns shares into shares x new / old, rounded down to whole shares; what is not
        whole is paid at the session's close, or the newest one before where there is none.
        A dividend is per share after the split, gross of tax. Both round money down.
        """
        if session not in self._eventful:
            return []
        found = []
        for ticker, held in sorted(shares.items()):
            ratio = _ratio(self._cell(ticker, session, "splits"))
            after = held * ratio
            whole = int(after)
            if ratio != 1:
                price = self.last_close(ticker, session) or 0
                found.append(
                    CorporateAction("split", ticker, whole - held, int((after - whole) * price))
                )
            dividend = _exact(self._cell(ticker, session, "dividends"))
            paid = int(whole * dividend * self.unit)
            if paid:
                found.append(CorporateAction("dividend", ticker, 0, paid))
        return found

    def tax_base(self, ticker: str, session: date) -> float | None:
        """Return the taxable base price of a share after a session, None where it is unknown."""
        found = self._cell(ticker, session, "tax_base")
        return None if found is None or isnan(found) else found

    def taxable_share(self, ticker: str, session: date) -> Fraction:
        """Return the part of a session's distribution that is taxed, all of it where unknown."""
        taxable = self._cell(ticker, session, "taxable")
        paid = _exact(self._cell(ticker, session, "dividends"))
        if taxable is None or isnan(taxable) or not paid:
            return Fraction(1)
        return min(Fraction(1), _exact(taxable) / paid)

    def _cell(self, ticker: str, session: date, column: str) -> float | None:
        place = self._places.get(ticker)
        if place is None:
            return None
        table = self.tables[place[0]]
        values, row = getattr(table, column), self._rows[place[0]].get(session)
        return None if values is None or row is None else float(values[row, place[1]])


def _ratio(value: float | None) -> Fraction:
    """Return the ratio of a split, whole where nothing is known of one."""
    return WHOLE if value is None or isnan(value) else ratio_of(value)


def _exact(value: float | None) -> Fraction:
    """Return the decimal number that a file wrote, free of binary rounding; 0 without one."""
    return Fraction(0) if value is None or isnan(value) else Fraction(repr(value))
