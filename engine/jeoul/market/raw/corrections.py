"""From a vendor's basis to prices as they were traded, corrected only where a person said so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from jeoul.market.raw.answer import SPLIT_ADJUSTED, Payment
from jeoul.market.raw.series import Raw
from jeoul.model.calendar import Days, Reals


class Correction(NamedTuple):
    """What a person puts in place of a vendor's figures on one day, and why.

    None leaves a figure as it is; ``drop`` takes the price out.
    """

    ticker: str
    day: date
    reason: str
    close: float | None = None
    dividend: float | None = None
    split: Fraction | None = None
    drop: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class TradedCloses:
    """Closes as traded (or as levels) with their payments, only days with a value, ascending."""

    days: Days
    close: Reals
    payments: tuple[Payment, ...]


def as_traded(
    raw: Raw, kept: NDArray[np.bool_], corrections: Sequence[Correction] = ()
) -> TradedCloses:
    """Return the rows of a series that are kept, with splits taken back out of its prices.

    A vendor that restates history divides the closes and dividends of every day before a split by
    its ratio; they are multiplied by the splits of all later days here, so that what comes out
    does not change when a new split comes. Corrections are in prices as traded; a corrected split
    does not restate anything, as the vendor's closes do not know of it.
    """
    seen = kept & np.isfinite(raw.close)
    days, close = raw.days[seen], raw.close[seen]
    payments = list(raw.payments)
    if raw.stamp.basis == SPLIT_ADJUSTED:
        close = close * later_splits(days, raw.payments)
        own = np.array([p.day for p in payments], dtype="datetime64[D]")
        factor = later_splits(own, raw.payments).tolist()
        payments = [
            p._replace(dividend=p.dividend * f) for p, f in zip(payments, factor, strict=True)
        ]
    return _corrected(TradedCloses(days, close, tuple(payments)), corrections)


def later_splits(days: Days, payments: Sequence[Payment]) -> Reals:
    """Return for each day the product of the splits after it."""
    factor = np.ones(len(days))
    for payment in payments:
        if payment.split != 1:
            factor[days < np.datetime64(payment.day)] *= float(payment.split)
    return factor


def _corrected(traded: TradedCloses, corrections: Sequence[Correction]) -> TradedCloses:
    if not corrections:
        return traded
    close = dict(zip(traded.days.tolist(), traded.close.tolist(), strict=True))
    paid = {payment.day: payment for payment in traded.payments}
    for correction in corrections:
        if correction.drop:
            close.pop(correction.day, None)
        elif correction.close is not None:
            close[correction.day] = correction.close
        old = paid.get(correction.day, Payment(correction.day))
        paid[correction.day] = Payment(
            correction.day,
            old.dividend if correction.dividend is None else correction.dividend,
            old.split if correction.split is None else correction.split,
        )
    days = sorted(close)
    return TradedCloses(
        np.array(days, dtype="datetime64[D]"),
        np.array([close[day] for day in days]),
        tuple(p for _, p in sorted(paid.items()) if p.dividend or p.split != 1),
    )
