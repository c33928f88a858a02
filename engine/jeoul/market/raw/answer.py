"""What a source is asked and what it answers: rows by day, payments, and the basis of both."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from jeoul.model.ratio import WHOLE

AS_TRADED = "as-traded"
SPLIT_ADJUSTED = "split-adjusted"
TOTAL_RETURN = "total-return"
LEVEL = "level"
BASES = (AS_TRADED, SPLIT_ADJUSTED, TOTAL_RETURN, LEVEL)


class VendorRow(NamedTuple):
    """One day as the vendor shows it; None where it shows nothing.

    ``close`` is in the vendor's basis, ``volume`` in shares, ``nav`` the net asset value a share,
    ``benchmark`` the level of the index that a fund tracks.
    """

    day: date
    close: float | None
    volume: float | None = None
    nav: float | None = None
    benchmark: float | None = None


class Payment(NamedTuple):
    """A dividend per share, a split (new shares per old share) or both, on the ex-date."""

    day: date
    dividend: float = 0.0
    split: Fraction = WHOLE


@dataclass(frozen=True, slots=True)
class SeriesRequest:
    """What to ask for: a vendor's symbol and the first and last day wanted, both included."""

    symbol: str
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Fetched:
    """The rows and events of one symbol, in the vendor's order, and what it said about them.

    ``basis`` is one of :data:`BASES`: closes as they were traded; closes and dividends restated
    for every split up to the day of fetching (Yahoo); closes that contain dividends; or levels
    that have neither. ``title`` is the vendor's name of the instrument, ``currency`` empty where
    the vendor does not say.
    """

    basis: str
    rows: tuple[VendorRow, ...]
    payments: tuple[Payment, ...] = ()
    currency: str = ""
    title: str = ""
    simulated: bool = False
