"""The benchmark case in bt, run by an interpreter that has it; imports nothing of jeoul.

python benchmarks/bt_case.py CASE.npz
"""

import json
import sys
from statistics import median
from time import perf_counter

import bt
import numpy as np
import pandas as pd


def main(path):
    case = np.load(path)
    columns = [f"s{i}" for i in range(case["prices"].shape[1])]
    days = pd.bdate_range("1990-01-02", periods=len(case["prices"]))
    prices = pd.DataFrame(case["prices"], index=days, columns=columns)
    weights = pd.DataFrame(case["weights_0"], index=days[case["rows_0"]], columns=columns)

    def work():
        strategy = bt.Strategy("case", [bt.algos.WeighTarget(weights), bt.algos.Rebalance()])
        test = bt.Backtest(
            strategy,
            prices,
            initial_capital=1_000_000.0,
            commissions=lambda quantity, price: abs(quantity) * price * 0.001,
            integer_positions=False,
            progress_bar=False,
        )
        bt.run(test)
        return float(test.strategy.values.iloc[-1])  # noqa: PD011 - bt has a property of that name

    final, times = work(), []
    for _ in range(3):
        start = perf_counter()
        work()
        times.append(perf_counter() - start)
    print(json.dumps({"version": bt.__version__, "final": final, "one_ms": 1e3 * median(times)}))


if __name__ == "__main__":
    main(sys.argv[1])
