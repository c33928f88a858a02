"""Ten years of 20 tickers from the raw store to a snapshot, beside pandas reading the same rows.

Run: python benchmarks/market.py [--json]
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from jeoul.market import open_market
from jeoul.market.cache.store import RawStore
from jeoul.market.calendars import load_calendar
from jeoul.market.fetching.plan import FetchPlan
from jeoul.market.publishing.publish import publish
from jeoul.market.raw.answer import SPLIT_ADJUSTED, Fetched, Payment, VendorRow
from jeoul.market.raw.series import SeriesKey

TICKERS = [f"{400_000 + n}" for n in range(20)]
FIRST, LAST = date(2014, 7, 1), date(2024, 6, 28)
NIGHT = 1_719_630_000
ROUNDS = 7
TARGET_MS = 300.0


def plan() -> FetchPlan:
    return FetchPlan.model_validate(
        {
            "schema": 1,
            "name": "benchmark",
            "what": "random walks",
            "start": FIRST,
            "store": "s",
            "folder": "m",
            "prices": [
                {
                    "path": "prices-kr.csv",
                    "what": "closes",
                    "exchange": "XKRX",
                    "currency": "KRW",
                    "source": "yahoo",
                    "suffix": ".KS",
                    "tickers": TICKERS,
                }
            ],
        }
    )


def fill(store: RawStore, days: list[date]) -> None:
    """Random walks in whole won with a distribution every quarter: a full fetch and an update."""
    chance = np.random.default_rng(2024)
    for ticker in TICKERS:
        steps = chance.normal(0.0002, 0.01, len(days))
        close = np.round(10_000 * np.exp(np.cumsum(steps))).tolist()
        volume = chance.integers(50_000, 500_000, len(days)).astype(float).tolist()
        rows = tuple(VendorRow(d, c, v) for d, c, v in zip(days, close, volume, strict=True))
        paid = tuple(Payment(day, 30.0) for day in days[60::61])
        key = SeriesKey("yahoo", f"{ticker}.KS")
        store.record(key, Fetched(SPLIT_ADJUSTED, rows[:-3], paid, "KRW"), NIGHT - 86_400)
        tail = tuple(p for p in paid if p.day >= rows[-10].day)
        store.record(key, Fetched(SPLIT_ADJUSTED, rows[-10:], tail, "KRW"), NIGHT)


def timed(work) -> float:
    taken = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken) * 1000


def measure() -> list[dict[str, object]]:
    calendars = {name: load_calendar(name) for name in ("XKRX", "XNYS")}
    sessions = calendars["XKRX"].sessions
    kept = (sessions >= np.datetime64(FIRST)) & (sessions <= np.datetime64(LAST))
    days = sessions[kept].tolist()
    with tempfile.TemporaryDirectory() as temporary, RawStore(Path(temporary) / "raw.sqlite3") as s:
        fill(s, days)
        folder = Path(temporary) / "market"

        def to_snapshot():
            publish(s, plan(), folder, NIGHT, calendars)
            return open_market(folder, calendars=calendars).as_of(LAST)

        def from_folder():
            return open_market(folder, calendars=calendars).as_of(LAST)

        def peer():
            return pd.read_csv(folder / "prices-kr.csv", index_col=0, parse_dates=True)

        snapshot, frame = to_snapshot(), peer()
        (table,) = snapshot.prices
        assert len(frame) == len(days)
        assert np.array_equal(table.close, frame[list(table.tickers)].to_numpy(dtype=float))
        whole, opened, read = timed(to_snapshot), timed(from_folder), timed(peer)
    return [
        row(f"store to snapshot, {len(days)} sessions x {len(TICKERS)}", whole, read, TARGET_MS),
        row("market folder to snapshot", opened, read, None),
    ]


def row(name: str, ours: float, peer: float, target: float | None) -> dict[str, object]:
    return {
        "row": name,
        "ours_ms": round(ours, 1),
        "peer": "pandas.read_csv of the closes",
        "peer_ms": round(peer, 1),
        "ratio": round(peer / ours, 3),
        "target": "-" if target is None else f"<= {target:g} ms",
        "met": target is None or ours <= target,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    rows = measure()
    if parser.parse_args().json:
        print(json.dumps(rows, indent=2))
        return
    for r in rows:
        print(
            f"{r['row']:45} {r['ours_ms']:8} ms   {r['peer']} {r['peer_ms']} ms   "
            f"target {r['target']}: {'met' if r['met'] else 'MISSED'}"
        )


if __name__ == "__main__":
    main()
