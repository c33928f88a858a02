"""What rules did before they were chosen and since then, as JSON values that never mix the two."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from jeoul import metrics
from jeoul.backtesting import Backtest
from jeoul.backtesting.figures import plain
from jeoul.model.days import count_before
from jeoul.research.forward.record import ForwardRecord


def strategy_forward(
    record: ForwardRecord, runs: Mapping[str, Backtest], *, simulated: bool
) -> dict[str, Any]:
    """Return a record with the backtests of its rules up to the day on which they were chosen.

    ``runs`` are the backtests by profile, ``simulated`` whether their market is; what they did
    after that day is not shown: only lines that were written at the time count. The returns of
    months are compounded, and their ``max_drawdown`` is that of the ends of months.
    """
    rules = record.rules
    return {
        "account": None,
        "strategy": rules.strategy,
        "rules_since": rules.on.isoformat(),
        "head": record.head,
        "simulated": simulated if record.simulated is None else record.simulated,
        "before": _before(record, runs, simulated=simulated),
        "after": {
            "months": [
                {"month": line.month, "written": line.on.isoformat(), "profiles": line.figures}
                for line in record.months
            ],
            "profiles": {profile: _compounded(record, profile) for profile in rules.digests},
        },
    }


def _before(
    record: ForwardRecord, runs: Mapping[str, Backtest], *, simulated: bool
) -> dict[str, Any] | None:
    chosen = np.datetime64(record.rules.on)
    known = {profile: (run, count_before(run.sessions, chosen)) for profile, run in runs.items()}
    if not known or min(count for _, count in known.values()) < 2:
        return None
    return {
        "from": max(run.start for run, _ in known.values()).isoformat(),
        "to": max(run.sessions[count - 1] for run, count in known.values()).astype(str),
        "simulated": simulated,
        "profiles": {
            profile: plain(
                {
                    "cagr": metrics.growth_rate(run.sessions[:count], run.nav[:count]),
                    "volatility": metrics.volatility(run.nav[:count], run.sessions_per_year),
                    "max_drawdown": metrics.max_drawdown(run.nav[:count]),
                }
            )
            for profile, (run, count) in known.items()
        },
    }


def _compounded(record: ForwardRecord, profile: str) -> dict[str, float | None]:
    returns = np.array([line.figures[profile]["return"] for line in record.months])
    values = np.concatenate([[1.0], np.cumprod(1.0 + returns)])
    cagr = float(values[-1] ** (12.0 / len(returns)) - 1.0) if len(returns) >= 12 else float("nan")
    return plain(
        {
            "total_return": float(values[-1] - 1.0),
            "cagr": cagr,
            "max_drawdown": metrics.max_drawdown(values),
        }
    )
