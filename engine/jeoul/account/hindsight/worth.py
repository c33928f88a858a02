"""What a share that is held on is worth later: its close, and the distributions until then."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import isnan

import numpy as np

from jeoul.account.withholding import TaxRules, distributed
from jeoul.model.calendar import Reals
from jeoul.model.series import PriceTable
from jeoul.model.whole_prices import units_along

_LARGE = 10**12
"""An amount on which the law's cuts below ten won are nothing beside its rate."""


@dataclass(frozen=True, slots=True, eq=False)
class _Path:
    """One ticker along its table, per share of before the first row.

    ``ratio`` is how many shares that one has become, ``level`` what they are worth at the newest
    close, ``paid`` what they distributed so far, after tax.
    """

    sessions: Sequence[date]
    ratio: Sequence[float]
    level: Sequence[float]
    paid: Sequence[float]


@dataclass(frozen=True, slots=True, eq=False)
class ShareWorth:
    """The worth of shares that are held on, in the smallest unit of money."""

    paths: Mapping[str, _Path]

    def knows(self, ticker: str, session: date) -> bool:
        """Return whether a ticker has a close on or before a session."""
        return self.after(ticker, session, session) is not None

    def after(self, ticker: str, since: date, until: date) -> float | None:
        """Return what one share held after the close of ``since`` is worth at that of ``until``.

        worth = (shares that it became) x (newest raw close) + distributions after tax, which stay
        in cash. Where a session has no close the newest one before it counts. None for a ticker
        without a price by then.
        """
        path = self.paths.get(ticker)
        if path is None:
            return None
        start, end = (bisect_right(path.sessions, day) - 1 for day in (since, until))
        if end < 0 or isnan(path.level[end]):
            return None
        ratio, paid = (path.ratio[start], path.paid[start]) if start >= 0 else (1.0, 0.0)
        return (path.level[end] + path.paid[end] - paid) / ratio


def share_worth(
    tables: Sequence[PriceTable],
    tickers: Collection[str],
    unit: int,
    taxes: TaxRules | None = None,
) -> ShareWorth:
    """Return the worth of shares of tickers along price tables; those of no table have none.

    ``unit`` is how many smallest units make one of the currency. Distributions are taxed by
    ``taxes`` at the law's rate, without its cuts below ten won; gross where that is None or the
    kind of a fund is not known. In a table adjusted for distributions they are in the price.
    """
    paths = {}
    for table in tables:
        sessions = table.sessions.astype(object).tolist()
        for column, ticker in enumerate(table.tickers):
            if ticker in tickers:
                rate = distribution_rate(taxes, ticker)
                paths[ticker] = _path(table, sessions, column, unit, rate)
    return ShareWorth(paths)


def distribution_rate(taxes: TaxRules | None, ticker: str) -> float:
    """Return the part of a taxable distribution that is withheld at its source.

    >>> from jeoul.korea.tables import load_rules
    >>> kinds = {"069500": "kr_equity_etf"}
    >>> book = load_rules(2026)
    >>> [round(distribution_rate(TaxRules(book=book, account=kind, kinds=kinds), "069500"), 6)
    ...  for kind in ("general", "isa")]
    [0.154, 0.0]
    """
    if taxes is None or ticker not in taxes.kinds:
        return 0.0
    found = distributed(taxes, date.min, ticker, _LARGE, _LARGE, lambda amount: amount)
    return found.taken / _LARGE


def _path(
    table: PriceTable, sessions: Sequence[date], column: int, unit: int, rate: float
) -> _Path:
    count = len(table.sessions)
    splits = np.ones(count) if table.splits is None else table.splits[:, column]
    ratio: Reals = np.cumprod(np.where(np.isnan(splits), 1.0, splits), dtype=np.float64)
    level = np.array(units_along(table.close[:, column], unit), dtype=np.float64) * ratio
    seen = np.maximum.accumulate(np.where(np.isnan(level), -1, np.arange(count)))
    newest: Reals = np.where(seen >= 0, level[np.maximum(seen, 0)], np.nan)
    paid = np.zeros(count)
    if table.dividends is not None:
        gross = np.nan_to_num(table.dividends[:, column]) * unit
        taxable = gross
        if table.taxable is not None:
            told = table.taxable[:, column] * unit
            taxable = np.where(np.isnan(told), gross, np.minimum(told, gross))
        paid = ratio * (gross - rate * taxable)
    whole: Reals = np.cumsum(paid, dtype=np.float64)
    return _Path(sessions, ratio.tolist(), newest.tolist(), whole.tolist())
