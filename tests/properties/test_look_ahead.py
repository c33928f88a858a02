"""Rows joined by date label trade on a New York close that Seoul has not seen yet."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from jeoul import api

START = np.datetime64("2000-01-01")


def sharpe(returns: Any) -> Any:
    return returns.mean() / returns.std(ddof=1) * np.sqrt(245.5)


def test_out_of_korea_after_the_vix_rose(real_market: Any, published: Any) -> None:
    """Measured over 2000-2025: 2.62 by label and 0.53 by instant; our data end in 2024-06."""
    wrong, right = (published[f"date_label_{name}"] for name in ("wrong", "right"))
    strategy = api.load_strategy("managed")
    snapshot = real_market.as_of("2024-06-28")
    history = api.history(strategy, snapshot)
    index = snapshot.series["kospi"]
    rows = np.searchsorted(history.sessions, index.dates[index.dates >= START])
    closes = index.values[index.dates >= START]
    returns = closes[1:] / closes[:-1] - 1.0

    vix = snapshot.series["vix"]
    rose = dict(zip(vix.dates[1:], vix.values[1:] > vix.values[:-1], strict=True))
    # On the row of a label New York closes fourteen hours after Seoul.
    by_label = np.array([not rose.get(day, False) for day in history.sessions[rows[:-1]]])
    assert sharpe(returns * by_label) == pytest.approx(wrong["found"], abs=wrong["tolerance"])

    # What the decision after a session has seen is filled at the close of the next one.
    closes_seen = history.signals["vix"]
    held = np.ones(len(history))
    for row in range(len(history)):
        seen = closes_seen[: history.clock_seen[row]]
        newest = seen[np.isfinite(seen)][-2:]
        held[row] = 0.0 if len(newest) == 2 and newest[1] > newest[0] else 1.0
    by_instant = returns[1:] * held[rows[1:-1] - 1]
    assert sharpe(by_instant) == pytest.approx(right["found"], abs=right["tolerance"])
    assert sharpe(returns) == pytest.approx(0.36, abs=0.10)
