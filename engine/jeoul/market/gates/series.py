"""Every gate on one stored series: what the vendor said then and now, units, trading, NAV."""

from __future__ import annotations

import json
from collections.abc import Iterator

import numpy as np

from jeoul.market.gates.gated import Gated, about, finished, newest_day
from jeoul.market.gates.payments import payment_findings
from jeoul.market.gates.trading import trading_findings
from jeoul.model.finding import Finding, Severity

UNITS = (10.0, 100.0, 1000.0)
UNIT_TOLERANCE = 0.05  # a day's own move beside a change of the unit
RESCALED = 0.02  # of the median price; corrections of single days move no median


def gate(series: Gated) -> Iterator[Finding]:
    """Yield every finding about one series."""
    yield from _noted(series)
    yield from _unfinished(series)
    yield from _gone(series)
    yield from _currency(series)
    yield from _units(series)
    yield from _rescaled(series)
    yield from payment_findings(series)
    yield from _renamed(series)
    if series.priced:
        yield from trading_findings(series)


def _noted(series: Gated) -> Iterator[Finding]:
    for note in series.raw.notes:
        detail = json.loads(note.detail)
        yield about(series, note.day, note.kind, Severity(note.severity), **detail)


def _unfinished(series: Gated) -> Iterator[Finding]:
    raw = series.raw
    early = ~finished(raw, series.known_at) & np.isfinite(raw.close)
    for row in np.flatnonzero(early):
        day = raw.days[row].astype(object)
        yield about(series, day, "unfinished", Severity.NOTICE, close=f"{raw.close[row]:,.8g}")


def _gone(series: Gated) -> Iterator[Finding]:
    if series.raw.gone:
        yield about(series, newest_day(series), "gone", Severity.SERIOUS)


def _currency(series: Gated) -> Iterator[Finding]:
    told = series.raw.stamp.currency
    if told and series.currency and told != series.currency:
        yield about(
            series,
            newest_day(series),
            "currency",
            Severity.SERIOUS,
            told=told,
            expected=series.currency,
        )


def _units(series: Gated) -> Iterator[Finding]:
    """Closes that are a power of ten of the one before, which no split of that day explains."""
    close, days = series.traded.close, series.traded.days
    split = {p.day: float(p.split) for p in series.traded.payments if p.split != 1}
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
            yield about(series, day, "unit", Severity.SERIOUS, times=times, **text)


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
        yield about(series, newest_day(series), "rescaled", Severity.SERIOUS, times=f"{ratio:.4g}")


def _renamed(series: Gated) -> Iterator[Finding]:
    titles = [stamp.title for stamp in series.raw.stamps if stamp.title]
    earlier = [title for title in titles if title != titles[-1]]
    if earlier:
        yield about(
            series,
            newest_day(series),
            "renamed",
            Severity.NOTICE,
            before=earlier[-1],
            now=titles[-1],
        )
