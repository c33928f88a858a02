"""Gates on one stored series: what the vendor said then and now, units, trading, NAV."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np

from jeoul.market.cache.corrections import Traded
from jeoul.market.cache.store import Raw
from jeoul.model.calendar import Days, Instants, Reals
from jeoul.model.finding import Finding, Severity

# A vendor shows the closing auction up to twenty minutes late; half an hour is past that.
SETTLED = 30 * 60
UNITS = (10.0, 100.0, 1000.0)
UNIT_TOLERANCE = 0.05
RESCALED = 0.02
SUSPENDED_SESSIONS = 5
# Conventions of ours: a month of sessions; an amount that one order of a private investor notices.
THIN_SESSIONS = 20
THIN_VALUE = {"KRW": 100_000_000.0, "USD": 1_000_000.0}
THIN_SHARE = 0.25
# The exchange makes issuers announce a price further than this from NAV: 1 % for funds of Korean
# assets, 2 % for funds of foreign assets.
PREMIUM = {False: 0.01, True: 0.02}
TRACKING_SESSIONS = 245
TRACKING_ERROR = 0.02  # a convention of ours, standard deviation a year


@dataclass(frozen=True, slots=True, eq=False)
class Gated:
    """A series at the gates.

    ``known_at`` is when the row of each raw day became known; ``before`` the series as it stood
    after its first fetch, as traded, None if that is the only one; ``priced`` is true for funds,
    whose volume means something, ``overseas`` for funds of foreign assets.
    """

    name: str
    raw: Raw
    known_at: Instants
    traded: Traded
    before: Traded | None
    currency: str
    priced: bool
    overseas: bool = False


def finished(raw: Raw, known_at: Instants) -> np.ndarray:
    """Return which rows were shown by the vendor when their close was final."""
    return np.asarray(raw.confirmed_at >= known_at + SETTLED)


def gate(series: Gated) -> Iterator[Finding]:
    """Yield every finding about one series."""
    yield from _noted(series)
    yield from _unfinished(series)
    yield from _gone(series)
    yield from _currency(series)
    yield from _units(series)
    yield from _rescaled(series)
    yield from _payments(series)
    yield from _renamed(series)
    if series.priced:
        yield from _suspended(series)
        yield from _thin(series)
        yield from _premium(series)
        yield from _tracking(series)


def _finding(series: Gated, day: date, kind: str, severity: Severity, **detail: object) -> Finding:
    text = tuple((key, str(value)) for key, value in detail.items())
    return Finding(day, series.name, f"gate.{kind}", severity, text)


def _newest(series: Gated) -> date:
    """Return the newest day with a price, or the newest that was asked for."""
    if len(series.traded.days):
        day: date = series.traded.days[-1].astype(object)
        return day
    return series.raw.stamp.last


def _noted(series: Gated) -> Iterator[Finding]:
    for note in series.raw.notes:
        detail = json.loads(note.detail)
        yield _finding(series, note.day, note.kind, Severity(note.severity), **detail)


def _unfinished(series: Gated) -> Iterator[Finding]:
    raw = series.raw
    early = ~finished(raw, series.known_at) & np.isfinite(raw.close)
    for row in np.flatnonzero(early):
        day = raw.days[row].astype(object)
        yield _finding(series, day, "unfinished", Severity.NOTICE, close=f"{raw.close[row]:,.8g}")


def _gone(series: Gated) -> Iterator[Finding]:
    if series.raw.gone:
        yield _finding(series, _newest(series), "gone", Severity.SERIOUS)


def _currency(series: Gated) -> Iterator[Finding]:
    told = series.raw.stamp.currency
    if told and series.currency and told != series.currency:
        yield _finding(
            series,
            _newest(series),
            "currency",
            Severity.SERIOUS,
            told=told,
            expected=series.currency,
        )


def _units(series: Gated) -> Iterator[Finding]:
    """Closes that are a power of ten of the one before, which no split of that day explains."""
    close, days = series.traded.close, series.traded.days
    split = {p.day: p.split for p in series.traded.payments if p.split != 1.0}
    if not series.priced or len(close) < 2 or (close <= 0).any():
        return
    ratio = close[1:] / close[:-1]
    for row in np.flatnonzero((ratio > 5) | (ratio < 0.2)):
        day = days[row + 1].astype(object)
        found = ratio[row] * split.get(day, 1.0)
        factor = found if found > 1 else 1 / found
        unit = next((u for u in UNITS if abs(factor / u - 1) <= UNIT_TOLERANCE), None)
        if unit is not None:
            times = f"{unit:,g}" if found > 1 else f"1/{unit:,g}"
            text = {"before": f"{close[row]:,.8g}", "price": f"{close[row + 1]:,.8g}"}
            yield _finding(series, day, "unit", Severity.SERIOUS, times=times, **text)


def _rescaled(series: Gated) -> Iterator[Finding]:
    """The whole history is a multiple of what the first fetch showed."""
    if series.before is None:
        return
    _, old, new = np.intersect1d(
        series.before.days, series.traded.days, assume_unique=True, return_indices=True
    )
    past = series.before.close[old]
    usable = past != 0
    if not usable.any():
        return
    ratio = float(np.median(series.traded.close[new][usable] / past[usable]))
    if abs(ratio - 1) > RESCALED:
        yield _finding(series, _newest(series), "rescaled", Severity.SERIOUS, times=f"{ratio:.4g}")


def _payments(series: Gated) -> Iterator[Finding]:
    """Payments that the vendor showed before and now shows otherwise, or no more.

    Amounts count as they were shown: a split restates the dividends before it, and that is no
    change of the vendor's mind.
    """
    for day, versions in series.raw.versions.items():
        now = versions[-1]
        for past in versions[:-1]:
            factor = _splits_between(series.raw, day, past.fetch, now.fetch)
            old = past.payment._replace(dividend=past.payment.dividend / factor)
            gone = (old.dividend and not now.payment.dividend) or (
                old.split != 1.0 and now.payment.split == 1.0
            )
            if not old.dividend and old.split == 1.0:
                continue  # it was taken back once, and has returned
            same = np.isclose(old.dividend, now.payment.dividend, rtol=1e-3, atol=0.0)
            if not gone and same and old.split == now.payment.split:
                continue
            yield _finding(
                series,
                day,
                "withdrawn" if gone else "restated",
                Severity.SERIOUS if gone else Severity.NOTICE,
                before=_said(old.dividend, old.split),
                now=_said(now.payment.dividend, now.payment.split),
            )
            break


def _splits_between(raw: Raw, day: date, past: int, now: int) -> float:
    """Return the splits after a day that became known after one fetch and up to another."""
    factor = 1.0
    if raw.stamp.basis != "split-adjusted":
        return factor
    for later, versions in raw.versions.items():
        if later > day:
            known = {v.fetch: v.payment.split for v in versions}
            old = [s for fetch, s in known.items() if fetch <= past]
            new = [s for fetch, s in known.items() if fetch <= now]
            factor *= (new[-1] if new else 1.0) / (old[-1] if old else 1.0)
    return factor


def _said(dividend: float, split: float) -> str:
    parts = [f"{dividend:,.8g}"] if dividend or split == 1.0 else []
    return " + ".join([*parts, *([f"{split:g}:1"] if split != 1.0 else [])])


def _renamed(series: Gated) -> Iterator[Finding]:
    titles = [stamp.title for stamp in series.raw.stamps if stamp.title]
    earlier = [title for title in titles if title != titles[-1]]
    if earlier:
        yield _finding(
            series,
            _newest(series),
            "renamed",
            Severity.NOTICE,
            before=earlier[-1],
            now=titles[-1],
        )


def _recent(series: Gated, column: Reals) -> tuple[Days, Reals, Reals]:
    """Return the days, closes as traded and another column where both are there."""
    _, here, there = np.intersect1d(
        series.traded.days, series.raw.days, assume_unique=True, return_indices=True
    )
    other = column[there]
    seen = np.isfinite(other)
    return series.traded.days[here][seen], series.traded.close[here][seen], other[seen]


def _suspended(series: Gated) -> Iterator[Finding]:
    days, close, volume = _recent(series, series.raw.volume)
    if not len(days):
        return
    still = (volume == 0) & (close == close[-1])
    run = int(np.argmin(still[::-1])) if not still.all() else len(still)
    if run >= SUSPENDED_SESSIONS:
        day = days[-run].astype(object)
        close_text = f"{close[-1]:,.8g}"
        yield _finding(series, day, "suspended", Severity.SERIOUS, sessions=run, close=close_text)


def _thin(series: Gated) -> Iterator[Finding]:
    days, close, volume = _recent(series, series.raw.volume)
    if len(days) < THIN_SESSIONS:
        return
    value = (close * volume)[-THIN_SESSIONS:]
    idle = float(np.mean(value == 0))
    floor = THIN_VALUE.get(series.currency, 0.0)
    if np.median(value) < floor or idle >= THIN_SHARE:
        day = days[-1].astype(object)
        yield _finding(
            series,
            day,
            "thin",
            Severity.NOTICE,
            value=f"{np.median(value):,.0f}",
            currency=series.currency,
            sessions=THIN_SESSIONS,
            idle=f"{idle:.0%}",
        )


def _premium(series: Gated) -> Iterator[Finding]:
    days, close, nav = _recent(series, series.raw.nav)
    if not len(days) or (nav <= 0).any():
        return
    premium = close / nav - 1
    limit = PREMIUM[series.overseas]
    beyond = np.flatnonzero(np.abs(premium) > limit)
    for row in beyond:
        newest = row == len(days) - 1
        yield _finding(
            series,
            days[row].astype(object),
            "premium",
            Severity.SERIOUS if newest else Severity.NOTICE,
            premium=f"{premium[row]:+.2%}",
            limit=f"{limit:.0%}",
            close=f"{close[row]:,.8g}",
            nav=f"{nav[row]:,.8g}",
        )


def _tracking(series: Gated) -> Iterator[Finding]:
    raw = series.raw
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
        yield _finding(
            series,
            day,
            "tracking",
            Severity.NOTICE,
            error=f"{error:.1%}",
            limit=f"{TRACKING_ERROR:.0%}",
            sessions=len(strayed),
        )
