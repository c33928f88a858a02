"""The regimes of the simulated market, and the order in which they rule.

The path is written, the days are drawn: every segment fixes its regime, its length and the total
return of US and Korean equity over it, so that the events which rules must survive are surely
there. All else comes from the random generator.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

SEED = 19960701
FIRST = np.datetime64("1996-07-01")
LAST = np.datetime64("2026-06-30")


@dataclass(frozen=True)
class Regime:
    """What a stretch of time is like. Rates in percent a year, volatility as a decimal fraction."""

    volatility: float  # of US equity, a year
    pull: float  # share of the way to `volatility` that log volatility goes in a session
    us_short: float
    us_long: float
    kr_short: float
    kr_long: float
    krw: float  # log distance of USD/KRW from its long-run level that it is drawn to
    inflation: float  # percent a year
    unemployment: float
    rate_pull: float = 1.0  # how fast, a year, rates go to their levels
    bond_equity: float = 0.10  # correlation of long yields with equity; negative: both fall
    korea: float = 1.0  # multiplies Korean volatility


REGIMES = {
    "calm": Regime(0.120, 0.03, 2.9, 4.1, 3.2, 4.0, -0.04, 2.1, 4.6),
    "choppy": Regime(0.20, 0.04, 2.8, 4.0, 3.0, 3.9, 0.00, 2.2, 4.9),
    "crash": Regime(0.41, 0.09, 0.2, 2.6, 1.4, 3.2, 0.20, 0.2, 8.0, 2.5, 0.35),
    "panic": Regime(0.70, 0.18, 0.1, 1.6, 0.9, 2.4, 0.18, 0.0, 9.0, 5.0, 0.35),
    "recovery": Regime(0.175, 0.035, 0.7, 3.2, 1.8, 3.4, 0.04, 1.6, 7.0),
    "decline": Regime(0.145, 0.20, 1.4, 3.5, 2.2, 3.6, 0.08, 1.6, 6.2),
    "inflation": Regime(0.190, 0.05, 5.2, 5.9, 4.8, 5.9, 0.12, 6.0, 4.2, 2.8, -0.40),
    "korea": Regime(0.180, 0.06, 3.4, 4.3, 6.5, 6.6, 0.34, 2.2, 4.8, 2.0, 0.10, 1.8),
}


@dataclass(frozen=True)
class Segment:
    """One stretch: its regime, length in months, and log total returns of equity over it."""

    regime: str
    months: float
    us: float
    kr: float


SCRIPT = (
    Segment("calm", 26, 0.30, 0.20),
    Segment("choppy", 9, 0.02, -0.05),
    Segment("korea", 8, -0.06, -0.40),  # a crisis of one country
    Segment("recovery", 14, 0.22, 0.44),
    Segment("calm", 32, 0.46, 0.54),
    Segment("choppy", 10, 0.00, -0.02),
    Segment("crash", 9, -0.54, -0.50),  # with a slow recovery
    Segment("choppy", 10, 0.02, 0.08),
    Segment("recovery", 14, 0.16, 0.30),
    Segment("calm", 26, 0.36, 0.40),
    Segment("inflation", 12, -0.17, -0.20),  # bonds and equity fall together
    Segment("calm", 22, 0.34, 0.36),
    Segment("decline", 24, -0.30, -0.24),  # long and slow, without a panic
    Segment("recovery", 12, 0.28, 0.30),
    Segment("calm", 34, 0.48, 0.38),  # holds the spike of a single day
    Segment("panic", 1.3, -0.34, -0.34),  # with a V-shaped recovery
    Segment("recovery", 6, 0.38, 0.40),
    Segment("calm", 22, 0.32, 0.22),
    Segment("choppy", 8, 0.00, -0.05),
    Segment("inflation", 11, -0.19, -0.20),
    Segment("recovery", 8, 0.18, 0.15),
    Segment("calm", 18, 0.26, 0.24),
    Segment("crash", 4, -0.34, -0.32),
    Segment("recovery", 12, 0.32, 0.36),
    Segment("calm", 7.7, 0.10, 0.12),
)
SPIKE_SEGMENT = 14
SPIKE_PLACE = 0.6  # how far into its segment
SPIKE_RETURN = -0.031
SPIKE_VIX = 36.5


def calendar_day(days: NDArray[np.datetime64] | np.datetime64) -> NDArray[np.int64]:
    """Return the number of calendar days since the first day."""
    return np.asarray((days - FIRST).astype(np.int64))


def segment_of(days: NDArray[np.datetime64]) -> NDArray[np.int64]:
    """Return the position in ``SCRIPT`` of the segment that rules on each day."""
    ends = np.array(list(accumulate(s.months for s in SCRIPT)))
    span = calendar_day(LAST) + 1
    return np.searchsorted(ends / ends[-1] * span, calendar_day(days), side="right")


def by_day(name: str, segments: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return one attribute of the ruling regime for each day."""
    values = np.array([getattr(REGIMES[s.regime], name) for s in SCRIPT], dtype=float)
    return values[segments]
