"""The days that were asked for, of what a vendor answered: no source judges them by itself."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace

from jeoul.market.raw.answer import LEVEL, Fetched, SeriesRequest, VendorRow
from jeoul.market.sources.errors import EmptyAnswer, VendorBroken


def within(source: str, request: SeriesRequest, found: Fetched) -> Fetched:
    """Return the rows and payments of the days wanted.

    Raises :class:`EmptyAnswer` where no row is left.
    """
    rows = tuple(row for row in found.rows if request.first <= row.day <= request.last)
    if not rows:
        raise EmptyAnswer(source, request.symbol, f"no row from {request.first} on")
    paid = tuple(p for p in found.payments if request.first <= p.day <= request.last)
    return replace(found, rows=rows, payments=paid)


def levels(
    source: str, request: SeriesRequest, rows: Iterable[VendorRow], *, monthly: bool = False
) -> Fetched:
    """Return the rows of a series that lie in the days wanted, by day.

    A ``monthly`` row is labelled with the first day of its month, and the month of the first day
    wanted is wanted too. Raises :class:`VendorBroken` where the rows cannot be read and
    :class:`EmptyAnswer` where none is left.
    """
    first = request.first.replace(day=1) if monthly else request.first
    kept = None
    with suppress(ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        kept = tuple(sorted(row for row in rows if first <= row.day <= request.last))
    if kept is None:  # outside of the handler: the cause may repeat the question
        raise VendorBroken(source, request.symbol, "observations of an unknown shape")
    if not kept:
        raise EmptyAnswer(source, request.symbol, f"no observation from {request.first} on")
    return Fetched(LEVEL, kept)
