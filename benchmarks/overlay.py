"""What one step of the risk state machine costs, in plain Python and compiled.

    python benchmarks/overlay.py [--json]

There is no peer with such a machine; the targets stand in its place.
"""

import json
import platform
import sys
from statistics import median
from time import perf_counter

import numba
import numpy as np

from jeoul.overlay import (
    LatchRule,
    Reading,
    compile_step,
    explain,
    initial_state,
    params_from,
    step,
)

SESSIONS = 20_000
REPEATS = 15


def restless_path(seed=7):
    """Return signals and unit NAVs that keep every branch busy."""
    rng = np.random.default_rng(seed)
    vix = 12.0 + 30.0 * np.abs(np.sin(np.arange(SESSIONS) / 60.0)) * rng.random(SESSIONS)
    trend = 0.06 * np.sin(np.arange(SESSIONS) / 90.0) + rng.normal(0, 0.01, SESSIONS)
    nav = np.exp(0.15 * np.sin(np.arange(SESSIONS) / 150.0) + rng.normal(0, 0.005, SESSIONS))
    return np.column_stack([vix, trend]), nav


def per_step(run):
    """Return the median cost of a step in microseconds."""
    times = []
    for _ in range(REPEATS):
        start = perf_counter()
        run()
        times.append(perf_counter() - start)
    return median(times) / SESSIONS * 1e6


def measure():
    rules = params_from(
        {
            "vix": LatchRule(30.0, 22.0, 2, 5, panic=40.0, scale=0.90),
            "trend": LatchRule(-0.02, 0.02, above=False, scale=0.50),
        },
        both=0.25,
        loss_limit=0.12,
    )
    signals, navs = restless_path()
    fast_step = compile_step(numba.njit)

    @numba.njit
    def fold(params, state, signals, navs):
        for i in range(len(navs)):
            state = fast_step(params, state, Reading(i, signals[i], navs[i]))
        return state

    start = initial_state(rules)
    readings = [Reading(i, signals[i], float(navs[i])) for i in range(SESSIONS)]

    def plain():
        state = start
        for reading in readings:
            state = step(rules, state, reading)
        return state

    def explained():
        state = start
        for reading in readings:
            after = step(rules, state, reading)
            explain(rules, state, after, reading)
            state = after

    one, other = plain(), fold(rules, start, signals, navs)
    assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True)), "the two disagree"
    return [
        row("step, compiled", per_step(lambda: fold(rules, start, signals, navs)), 1.0),
        row("step, plain", per_step(plain), 50.0),
        row("step and its reasons, plain", per_step(explained), None),
    ]


def row(name, cost, target):
    return {
        "row": name,
        "ours_ms": cost / 1000,
        "peer": None,
        "target": None if target is None else f"<= {target:g} us",
        "met": None if target is None else cost <= target,
    }


if __name__ == "__main__":
    rows = measure()
    if "--json" in sys.argv[1:]:
        print(json.dumps(rows))
    else:
        print(f"Python {platform.python_version()}, numba {numba.__version__}, {SESSIONS} sessions")
        for entry in rows:
            cost, target = entry["ours_ms"] * 1000, entry["target"] or "-"
            print(f"{entry['row']:<30}{cost:>9.3f} us   target {target}")
