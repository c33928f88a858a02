"""What a backtest costs, beside vectorbt and bt on the same data in one run.

    python benchmarks/backtest.py [--json] [--vectorbt PYTHON] [--bt PYTHON]

Twenty stocks of skfolio's S&P 500 set, 1990-2022; VIX over 25 halves fourteen of them, back after
five closes under 20; monthly; 10 bp; 2 % cash; sized before fees; a state known at one close trades
at the next. JEOUL_MARKET names a market folder with VIX closes. ``--vectorbt`` and ``--bt`` name
interpreters that have the peer (vectorbt needs plotly below 6, skfolio 6 or above); without them
their rows are left out.
"""

import argparse
import csv
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
from itertools import product
from pathlib import Path
from statistics import median
from time import perf_counter

import numba
import numpy as np
from skfolio.datasets import load_sp500_dataset

from jeoul import api
from jeoul.backtesting import prepare, simulated, summarise
from jeoul.backtesting.kernel import KernelInputs, simulate, targets
from jeoul.overlay import LatchRule, params_from

RISKY, NAMES, CASH, COST = 14, 20, 0.02, 0.001
HERE = Path(__file__).resolve().parent


def vix_on(days):
    folder = os.environ.get("JEOUL_MARKET")
    if not folder:
        sys.exit("JEOUL_MARKET must name a market folder with signals.csv and a vix column")
    with (Path(folder) / "signals.csv").open(newline="") as file:
        closes = {row["date"]: float(row["vix"]) for row in csv.DictReader(file) if row["vix"]}
    return np.array([closes.get(str(day), np.nan) for day in days])


def the_case():
    """Return prices, readings and the inputs that all variants share."""
    frame = load_sp500_dataset()
    prices, days = frame.to_numpy(), frame.index.values.astype("datetime64[D]")
    months = days.astype("datetime64[M]")
    made = np.full(len(days), -1)
    # The decision after a row is filled at the next: the last row of a month, and the first of all.
    made[np.flatnonzero(months[1:] != months[:-1])] = 0
    made[0] = 0
    allocation = np.append(np.full(NAMES, (1.0 - CASH) / NAMES), CASH)[None, :]
    cut = allocation.copy()
    cut[0, RISKY:] = 0.0
    cut[0, -1] = -cut.sum()
    inputs = KernelInputs(
        level=np.ascontiguousarray(np.column_stack([prices / prices[0], np.ones(len(days))])),
        made=made,
        allocation=allocation,
        cut=cut,
        seen=np.arange(1, len(days) + 1),
        clock=days.astype(np.int64),
        cost=COST,
        band=1.0,
        fee_from_cash=True,
    )
    return prices, vix_on(days)[:, None], inputs


def rules(enter=25.0, back=20.0, scale=0.5, closes=5):
    """Return the overlay: straight down, straight back."""
    latch = LatchRule(enter, back, exit_closes=closes, scale=scale)
    return params_from({"vix": latch}, reentry_step=1.0, reentry_every=0, cooldown=0, stale_max=9)


def grid():
    """Return the thousand variants."""
    return [
        rules(float(enter), float(back), scale, closes)
        for enter, back, scale, closes in product(
            range(22, 32), range(17, 22), (0.25, 0.5, 0.75, 0.9), (1, 2, 3, 5, 8)
        )
    ]


def timed(work, repeats, of=median):
    work()
    times = []
    for _ in range(repeats):
        start = perf_counter()
        work()
        times.append(perf_counter() - start)
    return 1e3 * of(times)


def floor_ms(inputs, of=median):
    """Return what reading every level once costs: no engine over these prices can be faster."""

    @numba.njit(fastmath=True)
    def read(level, units):
        total = 0.0
        for row in range(level.shape[0]):
            worth = 0.0
            for i in range(level.shape[1]):
                worth += units[i] * level[row, i]
            total = max(total, worth)
        return total

    units = np.full(NAMES + 1, 0.05)
    return timed(lambda: read(inputs.level, units), 201, of)


def for_peers(prices, inputs, paths, file):
    """Write the trades of some variants: the sessions and the target weights of the stocks."""
    content = {"prices": prices, "paths": len(paths)}
    for number, path in enumerate(paths):
        content[f"rows_{number}"] = path.filled
        content[f"weights_{number}"] = targets(inputs, path)[:, :-1]
    np.savez(file, **content)


def peer(python, script, file):
    if python is None:
        return None
    done = subprocess.run(
        [python, str(HERE / script), str(file)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"{script} failed under {python}:\n{done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def row(name, ours, target, other=None, theirs=None, unit="ms"):
    limit = float(target.split()[1])
    return {
        "row": name,
        f"ours_{unit}": ours,
        "peer": other,
        f"peer_{unit}": theirs,
        "ratio": None if not theirs else theirs / ours,
        "target": target,
        "met": ours <= limit,
    }


def parts(inputs, one, vix):
    """Return what one backtest consists of, at best; the floor is reading the levels alone."""
    rows, few = len(inputs.level), inputs._replace(made=np.full_like(inputs.made, -1))
    few.made[0] = 0
    short = inputs._replace(
        level=inputs.level[:2], made=inputs.made[:2], seen=inputs.seen[:2], clock=inputs.clock[:2]
    )
    called = timed(lambda: simulate(short, None, vix[:2]), 1001, min)
    arrays = timed(lambda: [np.empty(rows) for _ in range(8)], 1001, min)
    still = timed(lambda: simulate(few, None, vix), 1001, min)
    monthly = timed(lambda: simulate(inputs, None, vix), 1001, min)
    whole = timed(lambda: simulate(inputs, one, vix), 1001, min)
    found = {
        "at best": whole,
        "calls and arrays": called + arrays,
        "rows with one fill": still - called - arrays,
        "monthly fills": monthly - still,
        "the overlay and its fills": whole - monthly,
    }
    name = "one backtest, targets given, warm"
    floor = floor_ms(inputs, min)
    return [
        {"row": f"{name}: {part}", "ours_ms": each, "peer": "floor", "peer_ms": floor, "target": ""}
        for part, each in found.items()
    ]


def simulations(vectorbt, bt):
    prices, vix, inputs = the_case()
    one, variants = rules(), grid()
    ours = timed(lambda: simulate(inputs, one, vix), 201)
    many = timed(lambda: [simulate(inputs, v, vix).nav[-1] for v in variants], 3)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    paths = [simulate(inputs, one, vix), *(simulate(inputs, v, vix) for v in variants[:39])]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "case.npz"
        for_peers(prices, inputs, paths, file)
        found = {
            "vectorbt": peer(vectorbt, "vectorbt_case.py", file),
            "bt": peer(bt, "bt_case.py", file),
        }
    rows = [
        row("one backtest, targets given, warm", ours, "<= 0.3 ms", "floor", floor_ms(inputs)),
        row("1,000 variants, one core", many / 1e3, "<= 0.3 s", unit="s"),
        row("peak memory of that", peak, "<= 600 MB", unit="mb"),
        *parts(inputs, one, vix),
    ]
    theirs = found["vectorbt"]
    if theirs is not None:
        name = f"vectorbt {theirs['version']}"
        scaled = theirs["many_s"] * 1000 / theirs["variants"]
        apart = [
            abs(path.nav[-1] * 1e6 / final - 1.0)
            for path, final in zip(paths, theirs["finals"], strict=True)
        ]
        rows += [
            row("one backtest, targets given, warm", ours, "<= 0.3 ms", name, theirs["one_ms"]),
            row("1,000 variants (peer: from 40)", many / 1e3, "<= 0.3 s", name, scaled, "s"),
            row("peak memory", peak, "<= 600 MB", name, theirs["peak_mb"], "mb"),
            row("final equity of 40 variants, apart", max(apart), "<= 1e-9", name, unit="relative"),
        ]
    if found["bt"] is not None:
        name = f"bt {found['bt']['version']}"
        rows.append(row("one backtest", ours, "<= 0.3 ms", name, found["bt"]["one_ms"]))
    return rows


def strategies():
    """Time whole backtests of ``managed`` on the sample of thirty years, solves included."""
    strategy = api.load_strategy("managed")
    market = api.open_market()
    history = api.history(strategy, market.as_of(market.last_session("XKRX"), "XKRX"))

    def work():
        return summarise(simulated(prepare(api.mandate(strategy, "balanced"), history)))

    warm = timed(work, 15)
    script = (
        "from jeoul import api; from jeoul.backtesting import summarise; "
        "m = api.open_market(); s = api.load_strategy('managed'); "
        "print(summarise(api.backtest(s, 'balanced', m)).sharpe)"
    )

    def fresh(*words):
        subprocess.run([sys.executable, *words], check=True, capture_output=True)

    with tempfile.TemporaryDirectory() as folder:
        trials = str(Path(folder) / "trials.sqlite")
        command = ("-m", "jeoul", "backtest", "managed", "--profile", "balanced", "--json")
        told = timed(lambda: fresh(*command, "--trials", trials), 5) / 1e3
    called = timed(lambda: fresh("-c", script), 5) / 1e3
    return [
        row("managed, 30 years, solves included, warm", warm, "<= 300 ms"),
        row("the same in a fresh process: jeoul backtest", told, "<= 4 s", unit="s"),
        row("from Python, in a fresh process", called, "<= 4 s", unit="s"),
    ]


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--json", action="store_true")
    options.add_argument("--vectorbt", metavar="PYTHON")
    options.add_argument("--bt", metavar="PYTHON")
    given = options.parse_args()
    rows = [*simulations(given.vectorbt, given.bt), *strategies()]
    if given.json:
        print(json.dumps(rows))
        return
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} CPUs")
    print(f"Python {platform.python_version()}, numpy {np.__version__}, numba {numba.__version__}")
    for found in rows:
        unit = next(key for key in found if key.startswith("ours_")).removeprefix("ours_")
        theirs = found[f"peer_{unit}"]
        shown = "" if theirs is None else f"{found['peer']}: {theirs:.4g} {unit}"
        met = {True: "met", False: "MISSED", None: ""}[found.get("met")]
        value = f"{found[f'ours_{unit}']:.4g} {unit}"
        print(f"{found['row']:44} {value:>18}  {found['target']:>10} {met:6} {shown}")


if __name__ == "__main__":
    main()
