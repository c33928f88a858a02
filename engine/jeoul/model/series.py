"""Numbers with the instants at which they became known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jeoul.model.calendar import Days, Instants, Reals
from jeoul.model.shown import Brief


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Series(Brief):
    """One observed series: only rows with a value, in date order.

    ``dates`` are the labels that the source gives its rows, ``known_at`` the instant at which each
    row became known; both ascend. Nothing is filled forward.
    """

    name: str
    unit: str
    dates: Days
    values: Reals
    known_at: Instants

    def __len__(self) -> int:
        return len(self.values)

    def until(self, when: int) -> Series:
        """Return the rows known at or before an instant."""
        rows = int(np.searchsorted(self.known_at, when, side="right"))
        return Series(
            name=self.name,
            unit=self.unit,
            dates=self.dates[:rows],
            values=self.values[:rows],
            known_at=self.known_at[:rows],
        )

    def at(self, when: Instants) -> Reals:
        """Return the newest value known at each instant, NaN where there is none yet."""
        rows = np.searchsorted(self.known_at, when, side="right") - 1
        found = np.full(len(rows), np.nan)
        seen = rows >= 0
        found[seen] = self.values[rows[seen]]
        return found


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class PriceTable(Brief):
    """Closing prices of instruments of one exchange, in one currency.

    ``close`` has one row per session and one column per ticker, NaN where there is no trade.
    ``adjusted`` is ``"total-return"`` (right for returns, approximate as a traded price) or
    ``"raw"``; raw tables carry ``dividends`` (currency per share, on the ex-date; the price of the
    ex-date is already without it) and ``splits`` (new shares per old share, 1 where nothing
    happens), both effective at the open of their session. A split is the float64 nearest to its
    ratio, from which :func:`jeoul.model.ratio.ratio_of` gives the two whole numbers back.

    ``tax_base`` is the taxable base price of a share (과표기준가) after the session, NaN where it
    is unknown, and ``taxable`` the part of a distribution that is taxed, NaN for all of it.
    ``nav`` is the net asset value of a share after the session, NaN where it is unknown: exchanges
    show it by eight o'clock of the next morning, before the decision. Each is None in a table that
    has none.
    """

    exchange: str
    currency: str
    adjusted: str
    tickers: tuple[str, ...]
    sessions: Days
    known_at: Instants
    close: Reals
    dividends: Reals | None = None
    splits: Reals | None = None
    tax_base: Reals | None = None
    taxable: Reals | None = None
    nav: Reals | None = None

    def until(self, when: int) -> PriceTable:
        """Return the rows known at or before an instant."""
        return self.head(int(np.searchsorted(self.known_at, when, side="right")))

    def head(self, rows: int) -> PriceTable:
        """Return the first rows; the numbers are shared, not copied."""
        return PriceTable(
            exchange=self.exchange,
            currency=self.currency,
            adjusted=self.adjusted,
            tickers=self.tickers,
            sessions=self.sessions[:rows],
            known_at=self.known_at[:rows],
            close=self.close[:rows],
            dividends=None if self.dividends is None else self.dividends[:rows],
            splits=None if self.splits is None else self.splits[:rows],
            tax_base=None if self.tax_base is None else self.tax_base[:rows],
            taxable=None if self.taxable is None else self.taxable[:rows],
            nav=None if self.nav is None else self.nav[:rows],
        )
