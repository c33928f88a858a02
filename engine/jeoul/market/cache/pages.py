"""Pages of the raw store: the rows of an answer as columns of bytes, and what an answer adds.

A page is five columns: 64-bit days since 1970, then closes, volumes, NAVs and benchmarks as
64-bit reals, little-endian, NaN where the vendor shows nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jeoul.market.raw.answer import Fetched, Payment
from jeoul.market.raw.series import Raw, Stamp
from jeoul.model.calendar import Days, Instants

_EPOCH = date(1970, 1, 1).toordinal()


def confirmed_at(days: Days, stamps: Sequence[Stamp]) -> Instants:
    """Return when each day was shown last: by the newest fetch whose rows reach over it."""
    found = np.zeros(len(days), dtype=np.int64)
    for stamp in stamps:
        begin, end = np.searchsorted(days, [np.datetime64(stamp.first), np.datetime64(stamp.last)])
        found[begin : end + 1][days[begin : end + 1] <= np.datetime64(stamp.last)] = stamp.at
    return found


def number_of(day: date) -> int:
    """Return a day as the store writes it: days since 1970.

    >>> number_of(date(1970, 1, 2)), date_of(1)
    (1, datetime.date(1970, 1, 2))
    """
    return day.toordinal() - _EPOCH


def date_of(number: int) -> date:
    """Return the day of a number that the store has written."""
    return date.fromordinal(number + _EPOCH)


def newest_rows(pages: Sequence[tuple[bytes, ...]]) -> tuple[Any, ...]:
    """Return the columns of all pages with the newest version of each day, by day."""
    kinds = ("<i8", "<f8", "<f8", "<f8", "<f8")
    columns = [
        np.frombuffer(b"".join(page[place] for page in pages), dtype=kind)
        for place, kind in enumerate(kinds)
    ]
    if len(pages) < 2:
        return tuple(column.copy() for column in columns)
    order = np.argsort(columns[0], kind="stable")  # later pages stay behind earlier ones
    days = columns[0][order]
    newest = order[np.flatnonzero(np.append(days[1:] != days[:-1], True))]
    return tuple(column[newest] for column in columns)


def new_rows(before: Raw | None, fetched: Fetched) -> tuple[NDArray[Any], ...]:
    """Return the rows to write, by column: new and changed ones, and empty ones for those gone."""
    days = np.array([row.day.toordinal() - _EPOCH for row in fetched.rows], dtype=np.int64)
    values = np.array([row[1:] for row in fetched.rows], dtype=np.float64).reshape(-1, 4)
    if before is not None and len(days):
        own = before.days.astype(np.int64)
        known = np.column_stack([before.close, before.volume, before.nav, before.benchmark])
        place = np.minimum(np.searchsorted(own, days), len(own) - 1)
        old = known[place]
        same = ((old == values) | (np.isnan(old) & np.isnan(values))).all(axis=1)
        fresh = (own[place] != days) | ~same
        within = (own >= days[0]) & (own <= days[-1]) & np.isfinite(before.close)
        gone = own[within & ~np.isin(own, days)]
        days = np.concatenate([days[fresh], gone])
        values = np.concatenate([values[fresh], np.full((len(gone), 4), np.nan)])
    return (days, *np.ascontiguousarray(values.T))


def span_of(fetched: Fetched) -> tuple[int, int]:
    """Return the first and the last day of the rows of an answer, 0 and 0 without rows."""
    days = [row.day for row in fetched.rows]
    return (number_of(min(days)), number_of(max(days))) if days else (0, 0)


def new_payments(before: Raw | None, fetched: Fetched) -> list[Payment]:
    """Return the payments to write: new and changed ones, and empty ones for those gone."""
    if before is None:
        return list(fetched.payments)
    known = {payment.day: payment for payment in before.payments}
    found = [p for p in fetched.payments if known.get(p.day) != p]
    days = [row.day for row in fetched.rows]
    shown = {p.day for p in fetched.payments}
    if days:
        first, last = min(days), max(days)
        found += [Payment(d) for d in known if first <= d <= last and d not in shown]
    return found
