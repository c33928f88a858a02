"""The three daily measurements, the line of the market, and the figures beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from jeoul.model.shown import Brief

MarketLine = Literal["reduced", "returning", "normal"]
"""위험 축소, 복귀 중, 평상: what the latches that act make of the market."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """One figure of a series: the column of the market folder, the value, the label of its row.

    A monthly figure has the last day of its month.
    """

    series: str
    value: float
    day: date


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class Measurements(Brief):
    """What is measured after every session. What is not known is None, and never filled.

    ``risk_share`` is a fraction of the portfolio, ``market_volatility`` in points (percent a year),
    ``efficiency`` a ratio; :mod:`jeoul.pipeline.measuring` defines each. ``line`` is the line of
    the market and ``latches`` what holds it, the loss limit as ``loss``; None without an overlay.
    ``base_rate`` and ``fed_funds`` are in percent a year, ``us_inflation`` is a fraction a year.
    """

    risk_share: float | None = None
    market_volatility: Observed | None = None
    efficiency: float | None = None
    line: MarketLine | None = None
    latches: tuple[str, ...] = ()
    base_rate: Observed | None = None
    fed_funds: Observed | None = None
    us_inflation: Observed | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredSpan:
    """What the runs of a span measured.

    ``runs`` counts the sessions with measurements, ``newest`` are those of ``day``.
    ``account_risk_share`` is the mean risk share of what the account held before each run, None
    where none knew it; ``lines`` counts the sessions by the line of the market.
    """

    runs: int
    day: date
    newest: Measurements
    account_risk_share: float | None
    lines: Mapping[MarketLine, int]
