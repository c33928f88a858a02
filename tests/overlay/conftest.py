"""The default rules, paths of readings, and the public VIX closes where they are at hand."""

from __future__ import annotations

import csv
import os
from math import nan
from pathlib import Path
from typing import Any

import numba
import numpy as np
import pytest

from jeoul.overlay import LatchRule, Reading, compile_step, initial_state, params_from, step

VIX = LatchRule(30.0, 22.0, enter_closes=2, exit_closes=5, panic=40.0, scale=0.90)
TREND = LatchRule(-0.02, 0.02, above=False, scale=0.50)


@pytest.fixture(scope="session")
def rules() -> Any:
    """The a-priori parameters of the balanced profile."""
    return params_from({"vix": VIX, "trend": TREND}, both=0.25, loss_limit=0.12)


@pytest.fixture(scope="session")
def compiled() -> Any:
    return compile_step(numba.njit)


@pytest.fixture(scope="session")
def vix_closes() -> Any:
    """(date, close) of every New York session in the market folder that JEOUL_MARKET names."""
    folder = os.environ.get("JEOUL_MARKET")
    if not folder:
        pytest.skip("JEOUL_MARKET names no market folder")
    with (Path(folder) / "signals.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    return [
        (row["date"], float(row["vix"]) if row["vix"] else nan)
        for row in rows
        # the flag is kept from 1993; before that a row of the series is a session
        if row["is_nyse_day"] == "1" or (row["date"] < "1993" and row["vix"])
    ]


def walk(rules: Any, readings: Any, start: Any = None, move: Any = step) -> Any:
    """Return the state after each reading."""
    state = initial_state(rules) if start is None else start
    states = []
    for reading in readings:
        state = move(rules, state, reading)
        states.append(state)
    return states


def calm(count: Any, start: Any = 0, vix: Any = 15.0, trend: Any = 0.05, nav: Any = 1.0) -> Any:
    """Return ``count`` equal readings from session ``start`` on."""
    return [Reading(start + i, np.array([vix, trend]), nav) for i in range(count)]


def of_vix(*values: Any, trend: Any = 0.05) -> Any:
    """Return one reading per VIX value, with the trend far from its edges and no NAV."""
    return [Reading(i, np.array([value, trend]), nan) for i, value in enumerate(values)]


def random_readings(seed: Any, count: Any = 80, latches: Any = 2) -> Any:
    """Return a restless path: regimes, jumps, missing readings, NAVs that fall and recover."""
    rng = np.random.default_rng(seed)
    level = np.exp(np.cumsum(rng.normal(0, 0.12, count)) * 0.7 + rng.choice([2.8, 3.4, 3.7]))
    trend = np.cumsum(rng.normal(0, 0.012, (count, max(latches - 1, 0))), axis=0)
    signals = np.column_stack([level, trend])[:, :latches]
    signals[rng.random(signals.shape) < rng.choice([0.0, 0.1, 0.6])] = nan
    nav = np.exp(np.cumsum(rng.normal(-0.001, 0.02, count)))
    nav[: rng.integers(0, 10)] = nan
    sessions = np.cumsum(rng.integers(1, 5, count))
    return [
        Reading(int(s), row, float(value))
        for s, row, value in zip(sessions, signals, nav, strict=True)
    ]
