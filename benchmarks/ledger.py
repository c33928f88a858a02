"""A ledger of a million rows: a run beside one on an empty ledger, a check, a page of history.

    python benchmarks/ledger.py [--rows N] [--runs N] [--json]
    python benchmarks/ledger.py --server postgresql://RUN@/DB --owner postgresql://OWNER@/DB
    python benchmarks/ledger.py --server URL --owner URL --workers 50 --accounts 1000

The account trades some thirty orders on every session of ten years, as many as bring its ledger to
the rows that are asked for; the last sessions are then run by the command, on this ledger and on an
empty one in turn, and the medians are of the processor's time and of wall time. With a server the
ledger is moved there first. ``--workers`` books on many accounts at once instead, and compares what
came of it.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

from jeoul import api
from jeoul.model.portfolio import Reason, Side
from jeoul.operations.desk.intents import PlannedOrder, RunPlan, freeze, newest_run
from jeoul.operations.ledger import (
    Fill,
    Ledger,
    Transaction,
    balances,
    book,
    check,
    keep_checkpoint,
    ledger_of,
    move_ledger,
    open_server_ledger,
    prepare,
    settle,
)
from jeoul.operations.ledger.books import CASH, EXTERNAL, fill_legs
from jeoul.operations.setup.config import load_config
from jeoul.rebalance import settlement_date

LAST = date(2026, 6, 30)  # of the simulated sample
FUNDS = ("069500", "114260", "133690", "148070", "161510", "251350", "360750")
CONFIG = """schema = 1
name = "{name}"
strategy = "static"
profile = "balanced"
state = "{state}"
lang = "en"
{ledger}
[broker]
kind = "paper"
cash = {cash}
[safety]
prove = false
"""
YEARS_SESSIONS = 2_450
START = 50_000_000
MEMORY, RATIO = 200, 1.2


def sessions(count: int) -> list[date]:
    """The last sessions of the sample, oldest first."""
    calendar = api.calendars()["XKRX"]
    last = calendar.index(LAST)
    return [calendar.label(last - count + 1 + step) for step in range(count)]


def configured(folder: Path, name: str, cash: int, server: str | None = None) -> Path:
    file = folder / f"{name}.toml"
    ledger = "" if server is None else f'ledger = "{server}"'
    file.write_text(CONFIG.format(name=name, state=name, ledger=ledger, cash=cash), "utf-8")
    return file


def command(*words: str) -> dict[str, float]:
    """Run a command of jeoul; return its seconds and the memory that it took at most."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    code = (  # of this process alone: what a fork inherits counts in ru_maxrss
        "import re, sys; from jeoul.cli.main import main\n"
        "try: main()\n"
        "finally: print(re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1], "
        "file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, text=True, check=False
    )
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode in (0, 4), done.stdout + done.stderr
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"cpu": cpu, "wall": wall, "mb": int(done.stderr.split()[-1]) / 1024}


def template(folder: Path, day: date) -> RunPlan:
    """The plan of a real run, whose document every plan of the long ledger has."""
    file = configured(folder, "template", START)
    command("run", str(file), "--execute", "--as-of", day.isoformat())
    with closing(ledger_of(load_config(file))) as ledger:
        run = newest_run(ledger)
    assert run is not None
    return RunPlan(run.account, run.strategy, day, run.executed, "made", dict(run.document), ())


def write(ledger: Ledger, name: str, rows: int, like: RunPlan, days: list[date]) -> int:
    """Write a ledger of so many rows, up to the last of its days; return the cash at the end."""
    store: Any = ledger.store
    store.connection.execute("PRAGMA synchronous=OFF")
    calendar = api.calendars()["XKRX"]
    orders = max(-(-rows // len(days)) // 11, 1)  # of eleven rows each
    with ledger.transaction():
        legs = {(CASH, "KRW"): START, (EXTERNAL, "KRW"): -START}
        book(ledger, 1, Transaction("opening", "opening", days[0], legs))
    for number, day in enumerate(days):
        at = int(calendar.closes[calendar.index(day)])
        with ledger.transaction():
            settle(ledger, at, "KRW", day)
            plan = _plan(name, day, like, orders)
            freeze(ledger, at, plan)
            for place, order in enumerate(plan.orders, start=1):
                _filled(ledger, at, f"{plan.run_id}.{place:02d}", order, day)
            ledger.append("run_events", at, run_id=plan.run_id, event="finished", detail="{}")
            if number % 20 == 0:
                ledger.append(
                    "notes", at, account=name, strategy=like.strategy, session=day.isoformat(),
                    kind="outcome", detail='{"outcome":"nothing_to_do","reasons":[]}',
                )  # fmt: skip
        keep_checkpoint(ledger)
    return balances(ledger)[CASH, "KRW"]


def _plan(name: str, day: date, like: RunPlan, orders: int) -> RunPlan:
    made = []
    for number in range(orders):
        side = (Side.BUY, Side.SELL)[number % 2]
        code = FUNDS[number // 2 % len(FUNDS)]
        made.append(PlannedOrder(side, code, 3, 10_000, None, Reason.of("trade.calendar")))
    made += (
        made[-1:] * 0
        if orders % 2 == 0
        else [
            PlannedOrder(Side.SELL, made[-1].ticker, 3, 10_000, None, Reason.of("trade.calendar"))
        ]
    )
    return RunPlan(name, like.strategy, day, day, "made", like.document, tuple(made))


def _filled(ledger: Ledger, at: int, intent: str, order: PlannedOrder, day: date) -> None:
    for state, number in (("sending", None), ("acknowledged", intent), ("filled", None)):
        ledger.append(
            "order_events", at, intent=intent, state=state, order_id=number,
            detail='{"watermark":[]}',
        )  # fmt: skip
    amount, txn = order.shares * order.price, f"fill:{intent}"
    fill = Fill(order.side, order.ticker, order.shares, amount, 15, day, _settles(day))
    book(ledger, at, Transaction(txn, "fill", day, fill_legs(fill, "KRW")))
    ledger.append(
        "fills", at, intent=intent, txn=txn, filled=order.shares, shares=order.shares,
        amount=amount, fee=15, session=day.isoformat(),
    )  # fmt: skip


def _settles(day: date) -> date:
    return settlement_date(api.calendars()["XKRX"], day)


def median(found: list[dict[str, float]], key: str) -> float:
    return statistics.median(each[key] for each in found)


def measured(rows: int, runs: int, server: str | None) -> dict[str, Any]:
    """A run on the long ledger beside one on an empty one, then a check and a page of history."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        *past, first = sessions(YEARS_SESSIONS + 1 + runs + 1)[: YEARS_SESSIONS + 1]
        days = sessions(runs + 1)
        like = template(folder, first)
        began = time.perf_counter()
        tag = f"{os.getpid()}"
        names = {"long": f"long-{tag}", "empty": f"empty-{tag}"}
        file = configured(folder, names["long"], START)
        (folder / names["long"]).mkdir(mode=0o700)
        with closing(ledger_of(load_config(file))) as ledger:
            cash = write(ledger, names["long"], rows, like, [*past, first])
            cash += sum(
                amount
                for (account, _), amount in balances(ledger).items()
                if "unsettled" in account
            )
            written = ledger.head().seq
        found: dict[str, Any] = {"rows": written, "written_s": time.perf_counter() - began}
        files = {
            "long": configured(folder, names["long"], cash, server),
            "empty": configured(folder, names["empty"], cash, server),
        }
        if server is not None:
            began = time.perf_counter()
            move_ledger(load_config(files["long"]))
            found["move_s"] = time.perf_counter() - began
        timed: dict[str, list[dict[str, float]]] = {"long": [], "empty": []}
        for number, day in enumerate(days):
            for which in ("empty", "long") if number % 2 else ("long", "empty"):
                words = ("run", str(files[which]), "--execute", "--as-of", day.isoformat())
                one = command(*words)
                if number:  # the first run of each has the model to make
                    timed[which].append(one)
        for which, each in timed.items():
            found[which] = {key: median(each, key) for key in ("cpu", "wall", "mb")}
        for key in ("cpu", "wall"):
            found[f"ratio_{key}"] = found["long"][key] / found["empty"][key]
        long = str(files["long"])
        with closing(ledger_of(load_config(files["long"]))) as ledger:
            head = ledger.head()
        found["check"] = command("ledger", "check", long)
        found["check_since"] = command(
            "ledger", "check", long, "--since", f"{head.seq}:{head.hash}"
        )
        found["history"] = command("history", long, "--limit", "100", "--json")
        found["history_short"] = command("history", str(files["empty"]), "--json")
        return found


def _books(url: str, worker: int, accounts: int, each: int) -> None:
    for step in range(each):
        account = f"many-{(worker * 7 + step * 13) % accounts}"
        with closing(open_server_ledger(url, account)) as ledger, ledger.transaction():
            legs = {(CASH, "KRW"): 1 + worker, (EXTERNAL, "KRW"): -1 - worker}
            deposit = Transaction(f"{worker}:{step}", "deposit", LAST, legs)
            book(ledger, 1, deposit)


def many(url: str, workers: int, accounts: int) -> dict[str, Any]:
    """Workers that book on all accounts at once, and what is wrong with the books afterwards."""
    each = -(-accounts * 3 // workers)
    began = time.perf_counter()
    with multiprocessing.get_context("fork").Pool(workers) as pool:
        pool.starmap(_books, [(url, worker, accounts, each) for worker in range(workers)])
    seconds = time.perf_counter() - began
    wanted = dict.fromkeys(range(accounts), (0, 0))
    for worker in range(workers):
        for step in range(each):
            number = (worker * 7 + step * 13) % accounts
            count, cash = wanted[number]
            wanted[number] = (count + 1, cash + 1 + worker)
    wrong = 0
    for number, (count, cash) in wanted.items():
        with closing(open_server_ledger(url, f"many-{number}")) as ledger:
            held = balances(ledger).get((CASH, "KRW"), 0)
            sound = not check(ledger).faults
            wrong += not (sound and ledger.head().seq == 3 * count and held == cash)
    return {
        "workers": workers, "accounts": accounts, "bookings": workers * each,
        "seconds": seconds, "wrong_accounts": wrong,
    }  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--server", help="the URL with which runs connect; default: a file")
    parser.add_argument("--owner", help="the URL of the owner, who prepares the database")
    parser.add_argument("--workers", type=int, help="book on many accounts at once instead")
    parser.add_argument("--accounts", type=int, default=1_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if options.owner is not None:
        from urllib.parse import urlsplit

        prepare(options.owner, str(urlsplit(options.server).username))
    if options.workers:
        found = many(options.server, options.workers, options.accounts)
    else:
        found = measured(options.rows, options.runs, options.server)
    if options.json:
        print(json.dumps(found, indent=2))
        return 0
    for key, value in found.items():
        shown = (
            value
            if not isinstance(value, dict)
            else " · ".join(f"{name} {part:.2f}" for name, part in value.items())
        )
        print(f"{key:16} {shown}")
    if "check" in found:
        met = found["ratio_cpu"] <= RATIO and found["check"]["mb"] <= MEMORY
        print(f"a run within {RATIO} × and a check within {MEMORY} MB: {'yes' if met else 'no'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
