"""A file of accounts into a file of orders: seconds, processor time and memory.

    python benchmarks/batch.py [--data FOLDER] [--accounts N] [--json]

Every account has 15 funds and cash, and no two are the same. Ours is the command `jeoul batch` from
file to file, in CSV and in Parquet. Beside it, in the same run: a loop over `jeoul.place`, which
gives the same orders and is timed on 1,000 accounts; PyPortfolioOpt's greedy allocation on 200,
which knows no holdings, fees or flows; and polars and duckdb, which read the same file and compute
only how far each holding is from its target in money, without whole shares, cash or fees: the
least that any program would need for the file. Times for fewer accounts are scaled to all of them.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import threading
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time, sleep

from crowd_file import priced, write

TARGETS = {"wall_s": 120, "memory_mb": 1_000}


def family(pid):
    """Return a process and all that it started."""
    found = [pid]
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                found += family(int(child))
    except OSError:
        pass
    return found


def memory(pid):
    """Return the megabytes that a process and all that it started have, shared pages once."""
    total = 0
    for each in family(pid):
        try:
            lines = Path(f"/proc/{each}/smaps_rollup").read_text().splitlines()
            total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
        except OSError:
            continue
    return total / 1_000


def command(words):
    """Return wall seconds, processor seconds and the most memory of a command, with its output."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), perf_counter()
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    most, over = 0.0, threading.Event()

    def watch():
        nonlocal most
        while not over.is_set():
            most = max(most, memory(process.pid))
            sleep(0.2)

    watching = threading.Thread(target=watch)
    watching.start()
    out = process.communicate()[0]
    over.set()
    watching.join()
    if process.returncode:
        raise SystemExit(f"{words} failed")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return perf_counter() - start, used, most, out


def ours(accounts, out, data):
    words = [
        sys.executable, "-m", "jeoul", "batch", str(accounts), "managed", "--out", str(out),
        "--json", *(["--data", str(data)] if data else []),
    ]  # fmt: skip
    wall, used, most, text = command(words)
    return {"wall_s": wall, "cpu_s": used, "memory_mb": most, "orders": json.loads(text)["orders"]}


def loop(path, data, count):
    """Return the seconds of `place` on the first accounts of a file, and its orders."""
    import jeoul

    market = jeoul.open_market(data)
    snapshot = market.as_of(market.last_session())
    proposals, accounts = {}, {}
    with path.open(encoding="utf-8") as file:
        next(file)
        for line in file:
            name, kind, profile, ticker, shares, deposit, withdrawal = line.rstrip().split(",")
            if name not in accounts and len(accounts) == count:
                break
            entry = accounts.setdefault(name, [kind, profile, {}, 0, 0, 0])
            if ticker == "CASH":
                entry[3:] = int(shares), int(deposit or 0), int(withdrawal or 0)
            else:
                entry[2][ticker] = int(shares)
    for kind, profile, *_ in accounts.values():
        if (kind, profile) not in proposals:
            strategy = jeoul.load_strategy("managed")
            proposals[kind, profile] = jeoul.propose(strategy, profile, kind, snapshot)
    found, start = {}, process_time()
    for name, (kind, profile, shares, cash, deposit, withdrawal) in accounts.items():
        decision = jeoul.place(
            proposals[kind, profile],
            jeoul.Portfolio(shares, cash),
            deposit=deposit,
            withdrawal=withdrawal,
        )
        found[name] = [
            f"{name},{o.side},{o.ticker},{o.shares},{o.price},{o.reason.kind}"
            for o in decision.orders
        ]
    return process_time() - start, found


def agreed(out, found):
    """Return whether a file of orders begins with those of a loop."""
    wanted = [line for lines in found.values() for line in lines]
    with out.open(encoding="utf-8") as file:
        next(file)
        return [next(file).rstrip() for _ in wanted] == wanted


def greedy(data, count):
    """Return the processor seconds of PyPortfolioOpt's greedy allocation of so many accounts."""
    import numpy as np
    import pandas as pd
    from pypfopt import DiscreteAllocation

    codes, price, weights = priced(data)
    prices, rng = pd.Series(price.astype(float), index=codes), np.random.default_rng(7)
    start = process_time()
    for value in np.exp(rng.normal(np.log(3e7), 1.0, count)):
        own = weights * np.exp(rng.normal(0.0, 0.3, len(codes)))
        wanted = dict(zip(codes, own / own.sum(), strict=True))
        DiscreteAllocation(wanted, prices, total_portfolio_value=value).greedy_portfolio()
    return process_time() - start


POLARS = """\
import sys, polars as pl
prices = pl.read_csv(sys.argv[2], schema_overrides={"ticker": pl.String}).lazy()
rows = pl.scan_csv(sys.argv[1], schema_overrides={"ticker": pl.String})
worth = rows.join(prices, on="ticker", how="left").with_columns(
    money=pl.col("shares") * pl.col("price").fill_null(1))
value = worth.group_by("account").agg(value=pl.col("money").sum())
worth.join(value, on="account").with_columns(
    gap=pl.col("weight") * pl.col("value") - pl.col("money")
).select("account", "ticker", "gap").sink_csv(sys.argv[3])
"""
DUCKDB = """\
import sys, duckdb
duckdb.sql(f\"\"\"copy (
    with worth as (
        select account, ticker, weight, shares * coalesce(price, 1) as money
        from read_csv('{sys.argv[1]}', types={{'ticker': 'VARCHAR'}}) as held left join
             read_csv('{sys.argv[2]}', types={{'ticker': 'VARCHAR'}}) as prices using (ticker)),
    value as (select account, sum(money) as value from worth group by account)
    select account, ticker, weight * value - money as gap from worth join value using (account)
) to '{sys.argv[3]}'\"\"\")
"""


def arithmetic(script, path, folder, data):
    codes, price, weights = priced(data)
    table = folder / "prices.csv"
    lines = [f"{c},{p},{w}" for c, p, w in zip(codes, price, weights, strict=True)]
    table.write_text("\n".join(["ticker,price,weight", *lines]) + "\n", encoding="utf-8")
    words = [sys.executable, "-c", script, str(path), str(table), str(folder / "gaps.csv")]
    wall, used, most, _ = command(words)
    return {"wall_s": wall, "cpu_s": used, "memory_mb": most}


def as_parquet(path):
    from pyarrow import csv, parquet, string

    made = path.with_suffix(".parquet")
    texts = csv.ConvertOptions(column_types={"ticker": string()})
    with (
        csv.open_csv(path, convert_options=texts) as rows,
        parquet.ParquetWriter(made, rows.schema) as file,
    ):
        for each in rows:
            file.write_batch(each)
    return made


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, help="a market folder; default: the simulated sample")
    parser.add_argument("--accounts", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, help="where the files are made")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    count, data = given.accounts, given.data
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    with TemporaryDirectory(dir=given.folder) as place:
        folder = Path(place)
        path = folder / "accounts.csv"
        write(path, count, data)
        few = folder / "few.csv"
        write(few, 2_000, data)
        ours(few, folder / "warm.csv", data)  # compiles what is kept from then on
        rows = {}

        def add(name, row):
            rows[name] = row
            print(name, row, file=sys.stderr, flush=True)

        add("jeoul batch, CSV", ours(path, folder / "orders.csv", data))
        seconds, found = loop(path, data, 1_000)
        same = agreed(folder / "orders.csv", found)
        add("jeoul.place in a loop", {"cpu_s": seconds * count / 1_000})
        add("PyPortfolioOpt greedy", {"cpu_s": greedy(data, 200) * count / 200})
        add("polars, arithmetic alone", arithmetic(POLARS, path, folder, data))
        add("duckdb, arithmetic alone", arithmetic(DUCKDB, path, folder, data))
        made = as_parquet(path)
        path.unlink()
        add("jeoul batch, Parquet", ours(made, folder / "orders.parquet", data))
    report = [{"row": name, **{k: round(v, 1) for k, v in r.items()}} for name, r in rows.items()]
    if given.json:
        print(json.dumps({"accounts": count, "same_as_place": same, "rows": report}, indent=2))
        return
    print(f"{count:,} accounts of 15 funds; the same orders as place: {same}")
    print("| | wall | processor | memory |")
    print("|---|---|---|---|")
    for row in report:
        cells = (("wall_s", "s"), ("cpu_s", "s"), ("memory_mb", "MB"))
        shown = [f"{row[key]:,} {unit}" if key in row else "" for key, unit in cells]
        print(f"| {row['row']} | {' | '.join(shown)} |")


if __name__ == "__main__":
    main()
