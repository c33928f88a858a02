"""Prices and corporate actions of a market folder as an account meets them, in whole units."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property
from math import isnan

import numpy as np

from jeoul.model.money import to_units
from jeoul.model.ratio import WHOLE, ratio_of
from jeoul.model.series import PriceTable


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
    def _eventful(self) -> frozenset[np.datetime64]:
        found: set[np.datetime64] = set()
        for table in self.tables:
            for amounts, usual in ((table.dividends, 0.0), (table.splits, 1.0)):
                if amounts is not None:
                    found |= set(table.sessions[(amounts != usual).any(axis=1)])
        return frozenset(found)

    @cached_property
    def sessions(self) -> Sequence[date]:
        """Return the sessions of every table, each once, in order."""
        days = np.unique(np.concatenate([table.sessions for table in self.tables]))
        return tuple(days.astype(object).tolist())

    def close(self, ticker: str, session: date) -> int | None:
        """Return the close in the smallest unit, None where there was no trade."""
        value = self._cell(ticker, session, "close")
        return None if value is None or isnan(value) else to_units(value, self.unit)

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
            found = int(np.searchsorted(table.sessions, np.datetime64(session), side="right")) - 1
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
        return {ticker: self.last_close(ticker, session) or 0 for ticker in tickers}

    def openings(self, session: date, shares: Mapping[str, int]) -> list[CorporateAction]:
        """Return what the corporate actions of a session do to holdings at its open.

        A split turns shares into shares x new / old, rounded down to whole shares; what is not
        whole is paid at the session's close, or the newest one before where there is none.
        A dividend is per share after the split, gross of tax. Both round money down.
        """
        if np.datetime64(session) not in self._eventful:
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
        values = getattr(table, column)
        row = int(np.searchsorted(table.sessions, np.datetime64(session)))
        if values is None or row >= len(table.sessions):
            return None
        if table.sessions[row] != np.datetime64(session):
            return None
        return float(values[row, place[1]])


def _ratio(value: float | None) -> Fraction:
    """Return the ratio of a split, whole where nothing is known of one."""
    return WHOLE if value is None or isnan(value) else ratio_of(value)


def _exact(value: float | None) -> Fraction:
    """Return the decimal number that a file wrote, free of binary rounding; 0 without one."""
    return Fraction(0) if value is None or isnan(value) else Fraction(repr(value))
