"""Gates on trading: suspended, thinly traded, far from its NAV, astray from its index."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from jeoul.market.gates.gated import Gated, about
from jeoul.market.raw.series import Raw
from jeoul.model.calendar import Days, Reals
from jeoul.model.finding import Finding, Severity
from jeoul.model.nav import in_other_unit

SUSPENDED_SESSIONS = 5
# Conventions of ours: a month of sessions; an amount that one order of a private investor notices.
THIN_SESSIONS = 20
THIN_VALUE = {"KRW": 100_000_000.0, "USD": 1_000_000.0}
THIN_SHARE = 0.25
SAME_CLOSE = 1e-4  # less than a tick of any price
TRACKING_SESSIONS = 245
TRACKING_ERROR = 0.02  # a convention of ours, standard deviation a year


def trading_findings(series: Gated) -> Iterator[Finding]:
    """Yield what is wrong with how a fund trades on its newest days."""
    yield from _suspended(series)
    yield from _thin(series)
    yield from _premium(series)
    yield from _tracking(series)


def _recent(series: Gated, raw: Raw, column: Reals) -> tuple[Days, Reals, Reals]:
    """Return the days, closes as traded and another column, of a source, where both are there."""
    _, here, there = np.intersect1d(
        series.traded.days, raw.days, assume_unique=True, return_indices=True
    )
    other = column[there]
    seen = np.isfinite(other)
    return series.traded.days[here][seen], series.traded.close[here][seen], other[seen]


def _suspended(series: Gated) -> Iterator[Finding]:
    days, close, volume = _recent(series, series.raw, series.raw.volume)
    if not len(days):
        return
    still = (volume == 0) & (close == close[-1])
    run = int(np.argmin(still[::-1])) if not still.all() else len(still)
    if run >= SUSPENDED_SESSIONS:
        day = days[-run].astype(object)
        close_text = f"{close[-1]:,.8g}"
        yield about(series, day, "suspended", Severity.SERIOUS, sessions=run, close=close_text)


def _thin(series: Gated) -> Iterator[Finding]:
    days, close, volume = _recent(series, series.raw, series.raw.volume)
    if len(days) < THIN_SESSIONS:
        return
    value = (close * volume)[-THIN_SESSIONS:]
    idle = float(np.mean(value == 0))
    floor = THIN_VALUE.get(series.currency, 0.0)
    if np.median(value) < floor or idle >= THIN_SHARE:
        day = days[-1].astype(object)
        yield about(
            series,
            day,
            "thin",
            Severity.NOTICE,
            value=f"{np.median(value):,.0f}",
            currency=series.currency,
            sessions=THIN_SESSIONS,
            idle=f"{idle:z.0%}",
        )


def _premium(series: Gated) -> Iterator[Finding]:
    """Yield closes too far from net asset value, and values in another unit than the closes.

    Where the source of the values shows the same close, the fund was really traded at it: the
    orders of a decision then see to the premium. Any other close on the newest day is taken for one
    that never was, and stops whoever would trade on it.
    """
    if series.valued is None:
        return
    days, close, nav = _recent(series, series.valued, series.valued.nav)
    known = (nav > 0) & (close > 0)  # a value of 0 is one that the source did not have
    days, close, nav = days[known], close[known], nav[known]
    if not len(days):
        return
    shown = series.valued.close[np.searchsorted(series.valued.days, days)]
    confirmed = np.isclose(close, shown, rtol=SAME_CLOSE, atol=0.0)
    premium = close / nav - 1
    limit = series.premium
    other = in_other_unit(close, nav)
    if other.any():
        yield _other_unit(series, days[other], close[other], nav[other])
    beyond = np.flatnonzero((np.abs(premium) > limit) & ~other)
    for row in beyond:
        stops = row == len(days) - 1 and not confirmed[row]
        yield about(
            series,
            days[row].astype(object),
            "premium",
            Severity.SERIOUS if stops else Severity.NOTICE,
            premium=f"{premium[row]:+z.2%}",
            limit=f"{limit:z.1%}",
            close=f"{close[row]:,.8g}",
            nav=f"{nav[row]:,.8g}",
        )


def _other_unit(series: Gated, days: Days, close: Reals, nav: Reals) -> Finding:
    """Return one finding about all sessions whose value is in another unit than the close.

    It has the first of them, so that a decision of any later day is shown the same.
    """
    return about(
        series,
        days[0].astype(object),
        "nav_unit",
        Severity.NOTICE,
        close=f"{close[0]:,.8g}",
        nav=f"{nav[0]:,.8g}",
    )


def _tracking(series: Gated) -> Iterator[Finding]:
    raw = series.valued
    if raw is None:
        return
    seen = np.flatnonzero(np.isfinite(raw.nav) & np.isfinite(raw.benchmark))[
        -TRACKING_SESSIONS - 1 :
    ]
    if len(seen) <= THIN_SESSIONS:
        return
    nav, level = raw.nav[seen], raw.benchmark[seen]
    strayed = nav[1:] / nav[:-1] - level[1:] / level[:-1]
    error = float(np.std(strayed, ddof=1) * np.sqrt(TRACKING_SESSIONS))
    if error > TRACKING_ERROR:
        day = raw.days[seen[-1]].astype(object)
        yield about(
            series,
            day,
            "tracking",
            Severity.NOTICE,
            error=f"{error:z.1%}",
            limit=f"{TRACKING_ERROR:z.0%}",
            sessions=len(strayed),
        )
