"""A statement of a ledger of ten years: from the file to figures, and the whole command.

    python benchmarks/statement.py [--json] [--runs N]

The ledger is that of a paper account with twelve funds: it is rebalanced every month, trades its
drift every week, is paid in to every month, and its funds pay four times a year. It is written
once. Medians of wall time, and of the processor's for a busy machine; the target is 1 s for the
command in a process that has imported nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path

from jeoul import api
from jeoul.model.portfolio import Reason, Side
from jeoul.operations.course import course_of
from jeoul.operations.desk.intents import PlannedOrder, RunPlan, freeze
from jeoul.operations.ledger import NAME, Fill, Ledger, Transaction, book, open_ledger
from jeoul.operations.ledger.books import CASH, DIVIDENDS, EXTERNAL, fill_legs, settle
from jeoul.rebalance import settlement_date

FIRST, LAST = date(2016, 6, 30), date(2026, 6, 30)
FUNDS = (
    "069500", "102110", "161510", "211900", "133690", "251350",
    "114260", "273130", "148070", "132030", "360750", "329750",
)  # fmt: skip
CONFIG = """schema = 1
name = "bench"
strategy = "managed"
profile = "balanced"
state = "state"
[broker]
kind = "paper"
"""
TARGET = 1_000.0
KEPT = {"note": "what a plan keeps of its decision " * 120}
"""As much text as the plan of a real run has."""


def write(ledger: Ledger, account: str = "bench") -> None:
    """Write ten years of an account into a ledger, as runs and the paper broker would."""
    ledger.store.connection.execute("PRAGMA synchronous=OFF")
    market, calendar = api.open_market(), api.calendars()["XKRX"]
    table = next(each for each in market.prices if each.exchange == "XKRX")
    days = [d for d in market.sessions("XKRX").astype(object).tolist() if FIRST <= d <= LAST]
    columns = {code: table.tickers.index(code) for code in FUNDS}
    first = int(table.sessions.astype(object).tolist().index(days[0]))
    opening = {(CASH, "KRW"): 100_000_000, (EXTERNAL, "KRW"): -100_000_000}
    with ledger.transaction():
        book(ledger, 1, Transaction("opening", "opening", days[0], opening))
    held = dict.fromkeys(FUNDS, 0)
    for number, day in enumerate(days[1:], start=1):
        monthly = day.month != days[number - 1].month
        with ledger.transaction():
            settle(ledger, number, "KRW", day)
            if monthly:
                legs = {(CASH, "KRW"): 1_000_000, (EXTERNAL, "KRW"): -1_000_000}
                book(ledger, number, Transaction(f"deposit:{number}", "deposit", day, legs))
                if day.month % 3 == 1:
                    _distribute(ledger, number, day, held)
        if monthly or number % 5 == 0:
            prices = {code: table.close[first + number, column] for code, column in columns.items()}
            funds = FUNDS if monthly else FUNDS[number % 4 :: 4]
            orders = [(code, int(price)) for code in funds if (price := prices[code]) == price]
            _trade(ledger, account, number, day, orders, held, settlement_date(calendar, day))


def _distribute(ledger: Ledger, number: int, day: date, held: dict[str, int]) -> None:
    for code, count in held.items():
        if count:
            legs = {(CASH, "KRW"): 60 * count, (DIVIDENDS, "KRW"): -60 * count}
            paid = Transaction(f"dividend:{number}:{code}", "dividend", day, legs, code)
            book(ledger, number, paid)


def _trade(
    ledger: Ledger,
    account: str,
    number: int,
    day: date,
    orders: list[tuple[str, int]],
    held: dict[str, int],
    settles: date,
) -> None:
    planned = []
    for code, price in orders:
        selling = held[code] > 20 and number % 3 == 0
        count = 8 if selling else 10
        held[code] += -count if selling else count
        side = Side.SELL if selling else Side.BUY
        planned.append(
            PlannedOrder(
                side, code, count, price, None, Reason.of("trade.calendar", turnover="1.0%")
            )
        )
    document = {"weights": {"CASH": 1.0}, "reasons": [["place.model", [["drift", "5.0%"]]]], **KEPT}
    plan = RunPlan(account, "managed", day, day, "made", document, tuple(planned))
    with ledger.transaction():
        freeze(ledger, number, plan)
        for place, order in enumerate(planned, start=1):
            name = f"{plan.run_id}.{place:02d}"
            amount = order.shares * order.price
            fill = Fill(
                order.side, order.ticker, order.shares, amount, amount // 7_000, day, settles
            )
            legs = fill_legs(fill, "KRW")
            book(ledger, number, Transaction(f"fill:{name}", "fill", day, legs))
            ledger.append(
                "fills", number, intent=name, txn=f"fill:{name}", filled=order.shares,
                shares=order.shares, amount=amount, fee=fill.fee, session=day.isoformat(),
            )  # fmt: skip
            ledger.append(
                "order_events", number, intent=name, state="filled", order_id=None, detail="{}"
            )
        ledger.append("run_events", number, run_id=plan.run_id, event="finished", detail="{}")


def row(name: str, work: Callable[[], object], runs: int, target: float | None = None) -> dict:
    """Return the medians of some runs in milliseconds: on the wall, and of the processor."""
    wall, busy = [], []
    for _ in range(runs):
        begun, used = time.perf_counter(), _used()
        work()
        wall.append(time.perf_counter() - begun)
        busy.append(_used() - used)
    found = {"ms": wall, "cpu_ms": busy}
    medians = {key: round(statistics.median(each) * 1e3, 1) for key, each in found.items()}
    return {"name": name, **medians, "target_ms": target}


def _used() -> float:
    """Return the seconds of a processor that this process and its children have used."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def rows(place: Path, runs: int) -> list[dict]:
    config = place / "config.toml"
    config.write_text(CONFIG, "utf-8")
    (place / "state").mkdir()
    with closing(open_ledger(place / "state" / NAME)) as ledger:
        write(ledger)
        (count,) = ledger.rows("SELECT COUNT(*) AS n FROM chain")
        market, calendar = api.open_market(), api.calendars()["XKRX"]
        title = f"course of a ledger of ten years, {count['n']:,} rows"
        read = row(
            title,
            lambda: course_of(ledger, account="bench", market=market, calendar=calendar),
            runs,
        )
    command = [sys.executable, "-m", "jeoul", "statement", str(config), "--json"]
    idle = [sys.executable, "-m", "jeoul", "--version"]

    def called(words: list[str]) -> None:
        subprocess.run(words, check=True, capture_output=True)

    called(command)  # the market's cache
    return [
        read,
        row("jeoul statement, a fresh process", lambda: called(command), runs, TARGET),
        row("jeoul --version, a fresh process", lambda: called(idle), runs),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--runs", type=int, default=5)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        found = rows(Path(place), given.runs)
    if given.json:
        print(json.dumps(found, indent=2))
        return
    for each in found:
        target = "" if each["target_ms"] is None else f"  (target {each['target_ms']:,.0f})"
        used = f"{each['cpu_ms']:>10,.1f} ms of a processor"
        print(f"{each['name']:56} {each['ms']:>10,.1f} ms{used}{target}")


if __name__ == "__main__":
    main()
