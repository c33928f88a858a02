"""The benchmark case in vectorbt, run by its own interpreter: it needs plotly below 6.

    python benchmarks/vectorbt_case.py CASE.npz SCALES.npz

Reads prices, weights by session and the sessions to trade on; prints JSON. It imports nothing of
jeoul.
"""

import json
import resource
import sys
from statistics import median
from time import perf_counter

import numpy as np
import pandas as pd
import vectorbt as vbt


def portfolio(prices, orders, groups):
    return vbt.Portfolio.from_orders(
        prices,
        size=orders,
        size_type="targetpercent",
        fees=0.001,
        init_cash=1_000_000.0,
        cash_sharing=True,
        group_by=groups,
        call_seq="auto",
        freq="1D",
    )


def orders_of(case, path):
    """Return target weights on the sessions that trade, NaN on the others."""
    found = np.full(case["prices"].shape, np.nan)
    rows = case[f"rows_{path}"]
    found[rows] = case[f"weights_{path}"]
    return pd.DataFrame(found, columns=[f"s{i}" for i in range(found.shape[1])])


def many(case, count):
    """Run ``count`` variants in chunks of ten, as its memory allows; return their last values."""
    columns = case["prices"].shape[1]
    finals = []
    for first in range(0, count, 10):
        paths = range(first, min(first + 10, count))
        size = pd.concat([orders_of(case, path) for path in paths], axis=1, ignore_index=True)
        price = pd.concat([pd.DataFrame(case["prices"])] * len(paths), axis=1, ignore_index=True)
        groups = np.repeat(np.arange(len(paths)), columns)
        finals += portfolio(price, size, groups).final_value().tolist()
    return finals


def main(path):
    case = np.load(path)
    prices = pd.DataFrame(case["prices"], columns=[f"s{i}" for i in range(20)])
    orders = orders_of(case, 0)
    final = float(portfolio(prices, orders, True).final_value())
    times = []
    for _ in range(9):
        start = perf_counter()
        portfolio(prices, orders, True).final_value()
        times.append(perf_counter() - start)
    count = int(case["paths"])
    start = perf_counter()
    finals = many(case, count)
    spent = perf_counter() - start
    print(
        json.dumps(
            {
                "version": vbt.__version__,
                "final": final,
                "one_ms": 1e3 * median(times),
                "variants": count,
                "many_s": spent,
                "finals": finals,
                "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            }
        )
    )


if __name__ == "__main__":
    main(sys.argv[1])
