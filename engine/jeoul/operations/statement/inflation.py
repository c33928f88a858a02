"""How much prices rose over a span, from the index of consumer prices that a market has."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np

from jeoul.model.series import Series
from jeoul.model.years import DAYS_A_YEAR
from jeoul.operations.statement.spans import Rise
from jeoul.reporting.statement.facts import Inflation

INDICES = {"KR": "cpi_kr", "US": "cpi_us"}
"""How the names of the series begin, by country, in the order in which they are looked for."""

_DAY = 86_400  # seconds: what was known by the end of the day


def inflation_of(series: Mapping[str, Series], rate: float | None) -> Inflation | None:
    """Return where the rise of prices comes from: a yearly ``rate`` that was given, else an index.

    Korean prices come first. An index of another country is named as such: it is not what a won
    lost. None where the market has neither.
    """
    if rate is not None:
        return Inflation(None, None, rate)
    for country, begins in INDICES.items():
        for name in sorted(series):
            if name.startswith(begins) and len(series[name]):
                return Inflation(name, country, None)
    return None


def rise_by(source: Inflation | None, series: Mapping[str, Series]) -> Rise:
    """Return how much prices rose from one day to another, as a function.

    An index counts as it was known on the evening of both days: that of a month is published in the
    next one, so both ends are as late. None before the index begins.

    >>> rise = rise_by(Inflation(None, None, 0.02), {})
    >>> round(rise(date(2022, 1, 1), date(2024, 1, 1)), 4)
    0.0404
    """

    def rise(start: date, end: date) -> float | None:
        if source is None:
            return None
        if source.rate is not None:
            return float((1.0 + source.rate) ** ((end - start).days / DAYS_A_YEAR) - 1.0)
        days = np.array([start, end], dtype="datetime64[D]").astype("datetime64[s]")
        assert source.series is not None
        first, last = series[source.series].at(days.astype(np.int64) + _DAY).tolist()
        return last / first - 1.0 if first > 0.0 else None  # NaN before the index begins

    return rise
