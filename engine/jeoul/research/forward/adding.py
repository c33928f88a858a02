"""The lines that a forward record is given: rules of a day, and months that are over."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np

from jeoul import metrics
from jeoul.backtesting import Backtest
from jeoul.errors import UsageError
from jeoul.model.calendar import Days
from jeoul.research.forward.record import GENESIS, Figures, ForwardRecord, written


def begun(
    record: ForwardRecord | None,
    strategy: str,
    digests: Mapping[str, str],
    *,
    on: date,
    version: str,
) -> str:
    """Return the line that begins a record, or that gives it other rules from today on.

    Raises :class:`UsageError` where the record has these very rules.
    """
    if record is not None and dict(record.rules.digests) == dict(digests):
        raise UsageError(
            f"the record has had these rules of {strategy} since {record.rules.on}; add months "
            "with `jeoul forward add`"
        )
    body = {
        "kind": "rules",
        "strategy": strategy,
        "on": on.isoformat(),
        "version": version,
        "digests": dict(digests),
    }
    return written(GENESIS if record is None else record.lines[-1].hash, body)


def open_months(record: ForwardRecord, sessions: Days, covered: date) -> list[str]:
    """Return the months that are over and not written yet, oldest first.

    The first whole month after the day of the rules is the first of them, and none is left out.
    ``sessions`` are those of the calendar, ``covered`` the last one with prices: a month is over
    when its last session has them.
    """
    begun = np.datetime64(record.months[-1].month if record.months else record.rules.on, "M")
    first = begun + np.timedelta64(1, "M")
    along = sessions.astype("datetime64[M]")
    found = []
    for month in np.unique(along[along >= first])[:-1]:  # the last may not be whole in a calendar
        if sessions[along == month][-1] > np.datetime64(covered):
            break
        found.append(str(month))
    return found


def figures_of(run: Backtest, month: str) -> Figures:
    """Return what a backtest did in a month, from the last close before it to its own last.

    Raises :class:`UsageError` where the backtest does not reach over the whole month.
    """
    rows = np.flatnonzero(run.sessions.astype("datetime64[M]") == np.datetime64(month, "M"))
    if not len(rows) or rows[0] == 0:
        raise UsageError(f"the backtest does not cover all of {month}")
    values = run.nav[rows[0] - 1 : rows[-1] + 1]
    return {
        "return": metrics.total_return(values),
        "volatility": metrics.volatility(values, run.sessions_per_year),
        "max_drawdown": metrics.max_drawdown(values),
        "turnover": float(run.turnover[rows].sum()),
        "cost": float(run.cost[rows].sum()),
    }


def check_same_rules(record: ForwardRecord, digests: Mapping[str, str]) -> None:
    """Raise :class:`UsageError` where a strategy has other rules than those of its record."""
    if dict(digests) != dict(record.rules.digests):
        raise UsageError(
            f"the rules of {record.rules.strategy} differ from those of {record.rules.on}; "
            "record the new ones with `jeoul forward begin`, their months follow"
        )


def added(
    record: ForwardRecord,
    month: str,
    figures: Mapping[str, Figures],
    digests: Mapping[str, str],
    *,
    on: date,
    data: str,
    simulated: bool,
) -> str:
    """Return the line of a month.

    ``digests`` are those of the rules that made the figures. Raises :class:`UsageError` where they
    are not the record's own, and where a simulated market would stand beside a real one.
    """
    check_same_rules(record, digests)
    if record.simulated not in (None, simulated):
        raise UsageError(
            "the record has months of another kind of market, simulated or real; use a separate "
            "file for each kind"
        )
    body = {
        "kind": "month",
        "month": month,
        "on": on.isoformat(),
        "rules": record.rules.hash,
        "data": data,
        "simulated": simulated,
        "figures": {profile: dict(each) for profile, each in figures.items()},
    }
    return written(record.lines[-1].hash, body)
