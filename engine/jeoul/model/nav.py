"""Net asset values per share, and how far above them a fund may still be bought."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from jeoul.model.calendar import Reals

APART = 3.0
"""The ratio of close to value below which both are in the same unit, whatever the premium."""
UNITS_SEEN = 60
"""Sessions, a quarter of a year: no fund has traded at three times its value for that long."""
_POWERS = np.array([10.0, 100.0, 1_000.0, 10_000.0])
_NEAR = 0.05  # relative distance from a power of ten that a premium may explain


@dataclass(frozen=True, slots=True, kw_only=True)
class NetAssetValue:
    """The newest net asset value of one share, in the smallest unit of its currency.

    ``value`` and ``session`` are None where the data have values of other funds but not of this
    one. ``limit`` is the highest premium at which the fund is still bought, as a fraction of the
    value. ``comparable`` is False where value and closes are in different units
    (:func:`in_other_unit`), so that no premium can be computed.
    """

    value: float | None
    session: date | None
    limit: float
    comparable: bool = True

    @staticmethod
    def of(close: Reals, value: Reals, session: date, *, limit: float, unit: int) -> NetAssetValue:
        """Return the last of a fund's values, which is of ``session``.

        ``close`` and ``value`` are of the same sessions up to this one, in the main unit of the
        currency, of which ``unit`` is how many of the smallest make one.
        """
        return NetAssetValue(
            value=float(value[-1]) * unit,
            session=session,
            limit=limit,
            comparable=is_comparable(close, value),
        )

    def premium(self, price: float, session: date) -> float | None:
        """Return the premium of a session's price over the value: ``price / value - 1``.

        A discount is negative. Returns None without a comparable value of the same session: what
        the market did between two sessions is not a premium.

        >>> found = NetAssetValue(value=10_000.0, session=date(2026, 6, 1), limit=0.01)
        >>> found.premium(12_500, date(2026, 6, 1)), found.premium(12_500, date(2026, 6, 2))
        (0.25, None)
        """
        if self.value is None or self.session != session or not self.comparable:
            return None
        return price / self.value - 1.0

    def too_dear(self, price: float, session: date) -> bool:
        """Return whether the premium of a session's price is above the limit."""
        found = self.premium(price, session)
        return found is not None and found > self.limit


def in_other_unit(close: Reals, value: Reals) -> NDArray[np.bool_]:
    """Return for each session whether a fund's value is in another unit than its close.

    Both arrays are of the same sessions, oldest first, and above 0. Some vendors give values per
    100 or 1,000 shares, in another currency, or in thousands. A value counts as one of these if it
    is at least ``APART`` times the close, or at most 1 / ``APART`` of it, and if the ratio is also
    near a power of ten or lasts for ``UNITS_SEEN`` sessions. Any other ratio is a premium, for
    example of a fund whose assets collapsed overnight while its shares were still traded.

    >>> in_other_unit(np.array([10_000.0, 10_000.0]), np.array([9_990.0, 999_000.0])).tolist()
    [False, True]
    """
    ratio = np.log(close) - np.log(value)
    side = np.where(np.abs(ratio) >= np.log(APART), np.sign(ratio), 0.0)
    factor = np.exp(np.abs(ratio))
    by_ten = (np.abs(factor[:, None] / _POWERS - 1.0) <= _NEAR).any(axis=1)
    found: NDArray[np.bool_] = by_ten.copy()
    for row in np.flatnonzero((side != 0.0) & ~by_ten):
        found[row] = bool((side[max(0, row + 1 - UNITS_SEEN) : row + 1] == side[row]).all())
    return found


def is_comparable(close: Reals, value: Reals) -> bool:
    """Return whether a fund's newest value is in the unit of its closes.

    Both arrays are of the same sessions, oldest first, NaN where unknown. Where none of the last
    sessions has both a close and a value, the value counts as comparable.

    >>> is_comparable(np.array([10_000.0, np.nan]), np.array([9_990.0, 9_980.0]))
    True
    """
    if len(close) and 1.0 / APART < close[-1] / value[-1] < APART:
        return True  # nearly always, for every fund and session of a replay: no arrays are made
    close, value = close[-UNITS_SEEN:], value[-UNITS_SEEN:]
    seen = np.isfinite(close) & np.isfinite(value) & (close > 0) & (value > 0)
    close, value = close[seen], value[seen]
    return not len(close) or not in_other_unit(close, value)[-1]
