"""A series at the gates: what they ask about, and how a finding about it is written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from jeoul.market.raw.corrections import TradedCloses
from jeoul.market.raw.series import Raw
from jeoul.model.calendar import Instants
from jeoul.model.finding import Finding, Severity

# A vendor shows the closing auction up to twenty minutes late; half an hour is past that.
SETTLED = 30 * 60


@dataclass(frozen=True, slots=True, eq=False)
class Gated:
    """A series at the gates.

    ``known_at`` is when the row of each raw day became known; ``before`` the series as it stood
    after its first fetch, as traded, None if that is the only one; ``priced`` is true for funds,
    whose volume means something. ``valued`` has the net asset values of a fund, ``raw`` itself or
    another source's, None where no source shows them; ``premium`` is how far its closes may lie
    from them, a fraction.
    """

    name: str
    raw: Raw
    known_at: Instants
    traded: TradedCloses
    before: TradedCloses | None
    currency: str
    priced: bool
    valued: Raw | None = None
    premium: float = 0.01


def finished(raw: Raw, known_at: Instants) -> NDArray[np.bool_]:
    """Return which rows were shown by the vendor when their close was final."""
    return np.asarray(raw.confirmed_at >= known_at + SETTLED)


def about(series: Gated, day: date, kind: str, severity: Severity, **detail: object) -> Finding:
    """Return a finding about a series on a day; its details are written as text."""
    text = tuple((key, str(value)) for key, value in detail.items())
    return Finding(
        day=day, subject=series.name, kind=f"gate.{kind}", severity=severity, detail=text
    )


def newest_day(series: Gated) -> date:
    """Return the newest day with a price, or the newest that was asked for."""
    if len(series.traded.days):
        day: date = series.traded.days[-1].astype(object)
        return day
    return series.raw.stamp.last
