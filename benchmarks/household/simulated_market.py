"""The market of the simulated households: classes, their covariance, and funds that nobody sells.

Nothing here is measured. Volatilities, correlations, yields and prices are stated round figures of
the size that Korean investors know; codes are invented, so that no figure is taken for one of a
real fund.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

CLASSES = (
    "equity_kr",
    "equity_us",
    "equity_world",
    "krw_bond",
    "us_bond",
    "usd_short",
    "gold",
    "cash_like",
)
RISKY = frozenset({"equity_kr", "equity_us", "equity_world", "gold"})

VOLATILITY = (0.19, 0.16, 0.15, 0.04, 0.10, 0.09, 0.15, 0.003)
CORRELATION = (
    (1.00, 0.45, 0.55, -0.05, -0.20, -0.35, 0.05, 0.0),
    (0.45, 1.00, 0.90, -0.05, 0.10, 0.05, 0.10, 0.0),
    (0.55, 0.90, 1.00, -0.05, 0.05, 0.00, 0.15, 0.0),
    (-0.05, -0.05, -0.05, 1.00, 0.35, -0.05, 0.10, 0.1),
    (-0.20, 0.10, 0.05, 0.35, 1.00, 0.75, 0.35, 0.0),
    (-0.35, 0.05, 0.00, -0.05, 0.75, 1.00, 0.25, 0.0),
    (0.05, 0.10, 0.15, 0.10, 0.35, 0.25, 1.00, 0.0),
    (0.0, 0.0, 0.0, 0.1, 0.0, 0.0, 0.0, 1.0),
)
COUNT_OF_FACTORS = 4

# a year, of the value: what a fund pays out, and by how much it grows
PAYOUT = (0.020, 0.013, 0.018, 0.030, 0.035, 0.045, 0.0, 0.030)
GROWTH = (0.045, 0.060, 0.055, 0.005, 0.005, 0.0, 0.030, 0.0)

PROFILES = {
    "conservative": (0.06, 0.08, 0.05, 0.40, 0.10, 0.08, 0.04, 0.18),
    "stable": (0.10, 0.15, 0.08, 0.32, 0.10, 0.08, 0.05, 0.11),
    "balanced": (0.13, 0.25, 0.12, 0.22, 0.09, 0.07, 0.06, 0.05),
    "growth": (0.16, 0.36, 0.17, 0.12, 0.06, 0.04, 0.06, 0.02),
    "aggressive": (0.18, 0.48, 0.21, 0.04, 0.02, 0.02, 0.04, 0.01),
}


@dataclass(frozen=True)
class Listing:
    """A simulated fund: ``price`` in won around which households see theirs."""

    code: str
    mix: dict[str, float]
    price: float
    cost: float  # a year, of the value
    spread: float  # half of it, of the value
    tax: str = "other"  # kr_equity: its gains are not taxed; other: they are
    irp: str = "risk"  # risk, safe or barred
    abroad: bool = False  # listed in the US: only the overseas account holds it

    def weighed(self, figures: tuple[float, ...]) -> float:
        return sum(figures[CLASSES.index(name)] * part for name, part in self.mix.items())

    @property
    def payout(self) -> float:
        return self.weighed(PAYOUT)

    @property
    def growth(self) -> float:
        return self.weighed(GROWTH)

    @property
    def foreign_payout(self) -> float:
        """Return the part of the payout that is taxed abroad inside a Korean fund."""
        parts = ("equity_us", "equity_world")
        return sum(PAYOUT[CLASSES.index(name)] * self.mix.get(name, 0.0) for name in parts)

    @property
    def risk(self) -> float:
        return sum(part for name, part in self.mix.items() if name in RISKY)


def _one(code: str, name: str, price: float, cost: float, spread: float, **more: object) -> Listing:
    return Listing(code, {name: 1.0}, price, cost, spread, **more)  # type: ignore[arg-type]


ONE_EACH = (
    _one("SIM-KR", "equity_kr", 38_000, 0.0015, 0.0003, tax="kr_equity"),
    _one("SIM-US", "equity_us", 21_000, 0.0007, 0.0003),
    _one("SIM-WORLD", "equity_world", 27_000, 0.0030, 0.0008),
    _one("SIM-BOND", "krw_bond", 112_000, 0.0005, 0.0002, irp="safe"),
    _one("SIM-TREASURY", "us_bond", 13_500, 0.0029, 0.0010, irp="barred"),
    _one("SIM-DOLLAR", "usd_short", 12_500, 0.0030, 0.0006, irp="safe"),
    _one("SIM-GOLD", "gold", 24_000, 0.0050, 0.0006),
    _one("SIM-CASH", "cash_like", 1_085_000, 0.0002, 0.0001, irp="safe"),
)
NASDAQ = _one("SIM-NASDAQ", "equity_us", 118_000, 0.0007, 0.0003)
ABROAD = (
    _one("SIM-X-US", "equity_us", 420_000, 0.0003, 0.0001, abroad=True),
    _one("SIM-X-WORLD", "equity_world", 95_000, 0.0007, 0.0002, abroad=True),
    _one("SIM-X-TREASURY", "us_bond", 132_000, 0.0015, 0.0002, abroad=True),
)
MORE = (
    _one("SIM-KR-DIV", "equity_kr", 15_800, 0.0023, 0.0006, tax="kr_equity"),
    _one("SIM-US-DIV", "equity_us", 12_400, 0.0010, 0.0005),
    _one("SIM-BOND-3Y", "krw_bond", 60_000, 0.0015, 0.0003, irp="safe"),
    _one("SIM-BOND-10Y", "krw_bond", 118_000, 0.0005, 0.0006, irp="safe"),
    _one("SIM-SOFR", "usd_short", 11_800, 0.0015, 0.0005),
    _one("SIM-GOLD-2", "gold", 16_500, 0.0068, 0.0010, irp="barred"),
    Listing(
        "SIM-HALF", {"equity_us": 0.5, "krw_bond": 0.5}, 11_000, 0.0020, 0.0008, "other", "safe"
    ),
    Listing(
        "SIM-2050",
        {"equity_kr": 0.15, "equity_us": 0.35, "equity_world": 0.25, "krw_bond": 0.25},
        14_500,
        0.0035,
        0.0010,
        "other",
        "safe",
    ),
)
FUNDS = {
    "2x8": ONE_EACH,
    "5x12": (*ONE_EACH, NASDAQ, *ABROAD),
    "6x20": (*ONE_EACH, NASDAQ, *MORE, *ABROAD),
}


def covariance() -> np.ndarray:
    """Return the stated covariance of the classes, a year."""
    size = np.array(VOLATILITY)
    return size[:, None] * np.array(CORRELATION) * size[None, :]


def factors() -> tuple[tuple[float, ...], ...]:
    """Return the loadings of the largest principal parts of the covariance, to six digits."""
    values, vectors = np.linalg.eigh(covariance())
    found = []
    for place in np.argsort(values)[::-1][:COUNT_OF_FACTORS]:
        loading = vectors[:, place] * np.sqrt(values[place])
        loading *= np.sign(loading[np.argmax(np.abs(loading))])  # a sign that no library decides
        found.append(tuple(round(float(each), 6) for each in loading))
    return tuple(found)
