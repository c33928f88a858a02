"""Every figure of one backtest, as plain values."""

from __future__ import annotations

from math import isfinite
from typing import Any

from jeoul import metrics
from jeoul.backtesting.periods import Period, by_crisis, by_year, time_in_states
from jeoul.backtesting.prepared import Prepared
from jeoul.backtesting.run import Backtest
from jeoul.model.days import count_before


def figures(run: Backtest, against: Backtest | None = None) -> dict[str, float]:
    """Return the figures beside those of :func:`~jeoul.backtesting.summarise`, by name.

    ``against`` is a backtest over the same sessions; beta, tracking error, information ratio and
    the share of sessions won are measured against it and are absent without it.
    """
    year = run.sessions_per_year
    found = {
        "sortino": metrics.sortino(run.nav, run.cash[1:], year),
        "calmar": metrics.calmar(run.sessions, run.nav),
        "cvar": metrics.cvar(run.nav),
        "hit_rate": metrics.hit_rate(run.nav),
    }
    if against is not None:
        found |= {
            "beta": metrics.beta(run.nav, against.nav, run.cash[1:]),
            "tracking_error": metrics.tracking_error(run.nav, against.nav, year),
            "information_ratio": metrics.information_ratio(run.nav, against.nav, year),
            "won": metrics.hit_rate(run.nav, against.nav),
        }
    return found


def breakdown(prepared: Prepared, run: Backtest, *, crises: bool = True) -> dict[str, Any]:
    """Return a backtest by drawdown, year, crisis and state of the overlay, as JSON values.

    ``crises`` is False for a simulated market, which had none of them.
    """
    return {
        "drawdowns": [
            {
                "from": fall.start.isoformat(),
                "trough": fall.trough.isoformat(),
                "recovery": None if fall.recovery is None else fall.recovery.isoformat(),
                "depth": fall.depth,
            }
            for fall in metrics.drawdowns(run.sessions, run.nav)
        ],
        "by_year": [_plain(period) for period in by_year(run.sessions, run.nav)],
        "by_crisis": [_plain(p) for p in by_crisis(run.sessions, run.nav)] if crises else [],
        "time_in_states": time_in_states(prepared, rows_of(prepared, run)),
    }


def rows_of(prepared: Prepared, run: Backtest) -> slice:
    """Return the rows of the history that a backtest reports."""
    first = count_before(prepared.history.sessions, run.sessions[0])
    return slice(first, first + len(run.nav))


def plain(values: dict[str, float]) -> dict[str, float | None]:
    """Return figures as JSON values: what is undefined or without bound is null."""
    return {name: value if isfinite(value) else None for name, value in values.items()}


def _plain(period: Period) -> dict[str, Any]:
    return {
        "name": period.name,
        "from": period.start.isoformat(),
        "to": period.end.isoformat(),
        "return": period.growth,
        "max_drawdown": period.max_drawdown,
    }
