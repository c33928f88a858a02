"""A series as it was fetched: every version that a vendor showed of it, and what it says now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from jeoul.market.raw.answer import Payment
from jeoul.model.calendar import Days, Instants, Reals


class SeriesKey(NamedTuple):
    """Where a series comes from: a source and its own symbol."""

    source: str
    symbol: str


class AnswerNote(NamedTuple):
    """Something that only the answer itself shows, kept with it; ``detail`` is JSON."""

    day: date
    kind: str
    severity: str
    detail: str


class Version(NamedTuple):
    """One version of a payment: the fetch that showed it, and what it said."""

    fetch: int
    payment: Payment


class Stamp(NamedTuple):
    """What a vendor said about a series in one fetch, and when that was.

    ``first`` and ``last`` are the ends of the rows it showed. ``basis`` is empty where it said that
    it does not know the symbol any more.
    """

    fetch: int
    at: int
    first: date
    last: date
    basis: str
    currency: str
    title: str
    simulated: bool


@dataclass(frozen=True, slots=True, eq=False)
class Raw:
    """A series as the store has it: the newest version of every day, in the vendor's basis.

    ``close`` is NaN where the vendor has withdrawn a day or shows it empty; ``confirmed_at`` is
    when the vendor showed the version last. ``payments`` are those that stand now, ``versions``
    all of them. ``stamps`` are the fetches, oldest first.
    """

    key: SeriesKey
    stamps: tuple[Stamp, ...]
    days: Days
    close: Reals
    confirmed_at: Instants
    volume: Reals
    nav: Reals
    benchmark: Reals
    payments: tuple[Payment, ...]
    versions: Mapping[date, tuple[Version, ...]]
    notes: tuple[AnswerNote, ...]

    @property
    def stamp(self) -> Stamp:
        """Return the newest fetch that gave rows."""
        return next(stamp for stamp in reversed(self.stamps) if stamp.basis)

    @property
    def gone(self) -> bool:
        """Return whether the vendor no longer knows the symbol."""
        return not self.stamps[-1].basis
