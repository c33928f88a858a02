"""What a market folder covers: first and last row, gaps and findings of every column."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from jeoul.market.market import Market
from jeoul.model.calendar import Days, Reals
from jeoul.model.finding import Finding, Severity
from jeoul.model.series import PriceTable, Series


@dataclass(frozen=True, slots=True)
class CoveredSpan:
    """A run of days, both ends included."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Coverage:
    """One column: its rows, and the sessions between them that have none.

    ``group`` is the exchange of a price, ``series``, or ``tax_base`` and ``nav`` for the taxable
    base price and the net asset value of a fund; ``gaps`` only exist where sessions say which days
    should have a row.
    """

    name: str
    group: str
    first: date | None
    last: date | None
    rows: int
    gaps: tuple[CoveredSpan, ...]
    missing: int
    serious: int
    notices: int


def findings(market: Market) -> tuple[Finding, ...]:
    """Return everything found in a folder as of the newest session of each of its exchanges."""
    found: set[Finding] = set()
    for exchange in sorted({table.exchange for table in market.prices}):
        found |= set(market.as_of(market.last_session(exchange), exchange).findings)
    return tuple(sorted(found))


def coverage(market: Market, found: Sequence[Finding]) -> tuple[Coverage, ...]:
    """Return the coverage of every price column and series, in the order of the folder."""
    serious = Counter(f.subject for f in found if f.severity is Severity.SERIOUS)
    notices = Counter(f.subject for f in found if f.severity is Severity.NOTICE)
    rows = []
    for table in market.prices:
        for column, ticker in enumerate(table.tickers):
            rows.append(_price(table, column, serious[ticker], notices[ticker]))
    for table in market.prices:
        rows.extend(_beside(table, table.tax_base, "tax_base"))
        rows.extend(_beside(table, table.nav, "nav"))
    for name, series in market.series.items():
        rows.append(_series(series, serious[name], notices[name]))
    return tuple(rows)


def _beside(table: PriceTable, figures: Reals | None, group: str) -> list[Coverage]:
    """Return the coverage of figures beside the prices of a table, of the funds that have any."""
    if figures is None:
        return []
    found = []
    for column, ticker in enumerate(table.tickers):
        seen = np.flatnonzero(np.isfinite(figures[:, column]))
        if len(seen):
            spans, missing = _gaps(table.sessions, seen)
            first, last = _ends(table.sessions[seen])
            rows = len(seen)
            found.append(
                Coverage(
                    name=ticker,
                    group=group,
                    first=first,
                    last=last,
                    rows=rows,
                    gaps=spans,
                    missing=missing,
                    serious=0,
                    notices=0,
                )
            )
    return found


def _gaps(sessions: Days, seen: NDArray[np.intp]) -> tuple[tuple[CoveredSpan, ...], int]:
    """Return the spans of sessions without a row between those seen, and their number."""
    spans = tuple(
        CoveredSpan(
            sessions[seen[place] + 1].astype(object),
            sessions[seen[place + 1] - 1].astype(object),
        )
        for place in np.flatnonzero(np.diff(seen) > 1)
    )
    missing = int(seen[-1] - seen[0] + 1 - len(seen)) if len(seen) else 0
    return spans, missing


def _price(table: PriceTable, column: int, serious: int, notices: int) -> Coverage:
    seen = np.flatnonzero(np.isfinite(table.close[:, column]))
    gaps, missing = _gaps(table.sessions, seen)
    first, last = _ends(table.sessions[seen])
    name = table.tickers[column]
    return Coverage(
        name=name,
        group=table.exchange,
        first=first,
        last=last,
        rows=len(seen),
        gaps=gaps,
        missing=missing,
        serious=serious,
        notices=notices,
    )


def _series(series: Series, serious: int, notices: int) -> Coverage:
    first, last = _ends(series.dates)
    return Coverage(
        name=series.name,
        group="series",
        first=first,
        last=last,
        rows=len(series),
        gaps=(),
        missing=0,
        serious=serious,
        notices=notices,
    )


def _ends(days: Days) -> tuple[date | None, date | None]:
    if not len(days):
        return None, None
    return days[0].astype(object), days[-1].astype(object)
