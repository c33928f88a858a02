"""The daily measurements, each defined once: reports, runs and statements quote these."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

import numpy as np

from jeoul.model.measurements import MarketLine, Measurements, Observed
from jeoul.model.portfolio import CASH, Weights
from jeoul.model.series import Series
from jeoul.overlay import STATES, OverlayState, latches_on
from jeoul.overlay.records import SCALE
from jeoul.pipeline.mandate import Mandate
from jeoul.strategy.tables.watch import ScaleEffect

VOLATILITY = "vix"
BASE_RATE = "bok_base_rate"
FED_FUNDS = "fedfunds"
US_PRICES = "cpi_us_nsa"

_LINES: Mapping[str, MarketLine] = {
    "NORMAL": "normal",
    "REDUCED": "reduced",
    "DEFENSE": "reduced",
    "REENTRY": "returning",
}


def risk_share(
    weights: Weights, classes: Mapping[str, str], risky: Collection[str]
) -> float | None:
    """Return the risk share: the sum of the weights of funds in the classes that count as risk.

    Formula: ``sum of w[i] over all i with classes[i] in risky``. Unit: fraction of the portfolio.
    Source: the weights after the risk control, or those that an account holds, and the
    ``risk_classes`` of the strategy's overlay. None where a held fund's class is not known;
    cash has none and counts as no risk.

    >>> risk_share({"069500": 0.5, "114260": 0.4, "CASH": 0.1},
    ...            {"069500": "equity_kr", "114260": "bond_kr"}, {"equity_kr"})
    0.5
    """
    held = {code: weight for code, weight in weights.items() if weight and code != CASH}
    if not held.keys() <= classes.keys():
        return None
    return float(sum(weight for code, weight in held.items() if classes[code] in risky))


def market_volatility(series: Mapping[str, Series]) -> Observed | None:
    """Return the market's volatility: the newest close of the VIX known at the decision.

    Unit: points, which are percent a year: the volatility of the S&P 500 over the next 30 days that
    option prices imply. Source: column ``vix`` of the market folder. None without a row.
    """
    return newest(series, VOLATILITY)


def efficiency(expected_excess: float, expected_volatility: float) -> float | None:
    """Return the portfolio's efficiency: what it is expected to earn above cash for its risk.

    Formula: ``expected_excess / expected_volatility``, both a year and of the weights after the
    risk control. Unit: none; a Sharpe ratio that is expected and not one that was earned. Source:
    the estimate of the newest allocation. None for a portfolio without volatility.

    >>> efficiency(0.02, 0.08), efficiency(0.0, 0.0)
    (0.25, None)
    """
    return expected_excess / expected_volatility if expected_volatility > 0.0 else None


def newest(series: Mapping[str, Series], column: str) -> Observed | None:
    """Return the newest row of a column that was known at the decision, None without any."""
    rows = series.get(column)
    if rows is None or not len(rows):
        return None
    return Observed(series=column, value=float(rows.values[-1]), day=_day(rows, -1))


def yearly_inflation(series: Mapping[str, Series], column: str) -> Observed | None:
    """Return by how much a price index rose in the twelve months up to its newest month.

    Formula: ``index[month] / index[month a year before] - 1``. Unit: fraction a year. None where
    either month has no figure.
    """
    rows = series.get(column)
    if rows is None or not len(rows):
        return None
    months = rows.dates.astype("datetime64[M]")
    before = np.flatnonzero(months == months[-1] - np.timedelta64(12, "M"))
    if not len(before):
        return None
    rise = float(rows.values[-1] / rows.values[before[-1]]) - 1.0
    return Observed(series=column, value=rise, day=_day(rows, -1))


def market_line(
    mandate: Mandate, overlay: OverlayState | None
) -> tuple[MarketLine | None, tuple[str, ...]]:
    """Return the line of the market, and the latches that are on and cut risk.

    ``reduced`` while the risk classes are held below their weight, or a watched latch that acts
    scales classes down; ``returning`` while the overlay steps back up; ``normal`` otherwise. Only
    latches that act count: alerts do not. The loss limit of the profile is one of them, ``loss``.
    None without an overlay.
    """
    params = mandate.overlay
    if overlay is None or params is None:
        return None, ()
    on = latches_on(params, overlay)
    scales = dict(zip(params.names.tolist(), params.rules[:, SCALE].tolist(), strict=True))
    both = on.get("vix", False) and on.get("trend", False) and params.both < 1.0
    cutting = [
        name
        for name, is_on in on.items()
        if is_on
        and (scales[name] < 1.0 or _scales(mandate, name) or (both and name in ("vix", "trend")))
    ]
    line = _LINES[STATES[overlay.mode]]
    if line == "normal" and cutting:
        line = "reduced"
    return line, (*cutting, *(("loss",) if overlay.cap < 1.0 else ()))


def measured(
    mandate: Mandate,
    series: Mapping[str, Series],
    overlay: OverlayState | None,
    weights: Weights,
    expected: tuple[float, float],
) -> Measurements:
    """Return the measurements of one decision.

    ``weights`` are those after the risk control, by code; ``expected`` is their expected return
    above cash and their expected volatility, a year.
    """
    rules = mandate.strategy.overlay
    classes = {code: item.asset_class for code, item in mandate.universe.instruments.items()}
    line, latches = market_line(mandate, overlay)
    return Measurements(
        risk_share=None if rules is None else risk_share(weights, classes, rules.risk_classes),
        market_volatility=market_volatility(series),
        efficiency=efficiency(*expected),
        line=line,
        latches=latches,
        base_rate=newest(series, BASE_RATE),
        fed_funds=newest(series, FED_FUNDS),
        us_inflation=yearly_inflation(series, US_PRICES),
    )


def _scales(mandate: Mandate, name: str) -> bool:
    """Return whether a watched latch holds less of a class while it is on."""
    watch = mandate.effects.get(name)
    return watch is not None and isinstance(watch.effect, ScaleEffect) and watch.effect.scale < 1.0


def _day(rows: Series, place: int) -> date:
    found: date = rows.dates[place].astype(object)
    return found
