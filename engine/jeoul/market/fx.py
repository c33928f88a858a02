"""The value of foreign assets in the account's currency, at the rate known at each instant.

The exchange rate is a leg of its own: ``1 + total = (1 + asset) x (1 + currency)``, so that a gain
of the dollar is never mistaken for one of the fund.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jeoul.errors import DataError, Problem
from jeoul.model.calendar import Instants, Reals, moment
from jeoul.model.series import Series

STALE_DAYS = 14  # a rate older than this values nothing


@dataclass(frozen=True, slots=True, eq=False)
class Legs:
    """An asset seen from another currency, one entry per instant.

    ``price`` is in the asset's currency, ``rate`` in units of the account's currency per unit of
    the asset's, ``value`` their product. ``asset``, ``currency`` and ``total`` are simple returns
    since the instant before, NaN at the first one and where a price or a rate is missing.
    """

    price: Reals
    rate: Reals
    value: Reals
    asset: Reals
    currency: Reals
    total: Reals


def known_rate(rate: Series, when: Instants) -> Reals:
    """Return the newest rate known at each instant, NaN where none is or it is too old.

    >>> from datetime import UTC, datetime
    >>> days = np.array(["2024-06-27", "2024-06-28"], dtype="datetime64[D]")
    >>> known = days.astype("datetime64[s]").astype(np.int64) + 16 * 3600
    >>> usdkrw = Series("usdkrw", "KRW per USD", days, np.array([1390.0, 1380.0]), known)
    >>> at = [datetime(2024, 6, 28, hour, tzinfo=UTC).timestamp() for hour in (15, 16)]
    >>> known_rate(usdkrw, np.array(at, dtype=np.int64)).tolist()
    [1390.0, 1380.0]
    """
    found = rate.at(when)
    rows = np.searchsorted(rate.known_at, when, side="right") - 1
    seen = rows >= 0
    age = when[seen] - rate.known_at[rows[seen]]
    found[np.flatnonzero(seen)[age > STALE_DAYS * 86_400]] = np.nan
    return found


def legs(price: Series, rate: Series, when: Instants) -> Legs:
    """Return the value of an asset at each instant, with the return of each leg apart.

    ``price`` and ``rate`` are taken as they were known at the instant: a New York close of Friday
    and the rate of Friday noon, on Monday morning in Seoul. ``when`` ascends.
    """
    own = price.at(when)
    exchange = known_rate(rate, when)
    value = own * exchange
    return Legs(
        price=own,
        rate=exchange,
        value=value,
        asset=_returns(own),
        currency=_returns(exchange),
        total=_returns(value),
    )


def won(amount: float, rate: Series, when: int) -> int:
    """Return an amount of the rate's foreign currency in whole won, at the rate known then.

    Rounded half up; raises :class:`DataError` if no rate was known, or only one too old to use.
    """
    (found,) = known_rate(rate, np.array([when], dtype=np.int64)).tolist()
    if np.isnan(found):
        reason = f"no rate of the {STALE_DAYS} days before {moment(when).isoformat()} is known"
        raise DataError([Problem(rate.name, reason, remedy="fetch the series again")])
    return int(np.floor(amount * found + 0.5))


def _returns(values: Reals) -> Reals:
    found = np.full(len(values), np.nan)
    found[1:] = values[1:] / values[:-1] - 1
    return found
