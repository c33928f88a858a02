"""Windows of the calendar around falls that everybody remembers, and around quick recoveries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

import numpy as np

from jeoul import metrics
from jeoul.backtesting import Backtest
from jeoul.model.calendar import Reals

# Calendar windows around the falls that everybody remembers; what matters is that they are fixed.
CRISES = (
    ("2000-2002", date(2000, 3, 24), date(2002, 10, 9)),
    ("2008", date(2007, 10, 9), date(2009, 3, 9)),
    ("2011", date(2011, 7, 22), date(2011, 10, 3)),
    ("2015", date(2015, 5, 21), date(2016, 2, 11)),
    ("2018 Q4", date(2018, 9, 20), date(2018, 12, 24)),
    ("2020", date(2020, 2, 19), date(2020, 12, 31)),
    ("2022", date(2022, 1, 3), date(2022, 12, 30)),
)

# Six falls of US shares that were made good quickly, each from its high to three months after its
# low: what a rule saves on the way down and misses on the way up, together. They were not fixed
# beforehand: docs/evidence.md says how they were chosen.
RECOVERIES = (
    ("2010", date(2010, 4, 23), date(2010, 10, 1)),
    ("2011", date(2011, 7, 22), date(2012, 1, 2)),
    ("2015", date(2015, 5, 21), date(2016, 5, 12)),
    ("2018", date(2018, 9, 20), date(2019, 3, 25)),
    ("2020", date(2020, 2, 19), date(2020, 6, 22)),
    ("2022", date(2022, 1, 3), date(2023, 1, 11)),
)


def crises_of(told: Backtest) -> dict[str, tuple[float, float]]:
    """Return the return and the deepest fall in every crisis that a backtest covers."""
    return {
        name: (float(nav[-1] / nav[0] - 1.0), metrics.max_drawdown(nav))
        for name, nav in _windows(told, CRISES)
    }


def recoveries_of(told: Backtest) -> dict[str, float]:
    """Return the return over every quick recovery that a backtest covers."""
    return {name: float(nav[-1] / nav[0] - 1.0) for name, nav in _windows(told, RECOVERIES)}


def _windows(
    told: Backtest, windows: Sequence[tuple[str, date, date]]
) -> Iterator[tuple[str, Reals]]:
    """Yield the windows that a backtest covers from their first day on."""
    for name, first, last in windows:
        if told.start <= first and told.end >= last:
            a, b = np.searchsorted(told.sessions, np.array([first, last], dtype="datetime64[D]"))
            yield name, told.nav[a : b + 1]
