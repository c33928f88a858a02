"""Kill `jeoul serve` in the middle of an approval, many times over, and look at what is left.

``python tests/faults/approval_sweep.py --kills 200 --write`` puts its result into docs/serve.md,
with the hash of the sources that it covers. ``--resume`` goes on where a sweep was stopped.
A household of two paper accounts has a plan that waits. Each sequence starts the command on it,
approves the plan with the form of the page, and kills the process with SIGKILL: before a row of the
ledgers is written, each of them in turn, or after a delay drawn from a seed. Then the scheduled run
is made. Either nothing is approved and nothing is sent, or everything is approved once and each
order is sent once. A plan that still waits is approved on a new server, and its orders are sent.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import re
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from datetime import date
from functools import cache
from html import unescape
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

sys.path.insert(0, str(Path(__file__).parent))

from covered import done, noted, sources
from harness import FEES, in_child, tape

from jeoul import api
from jeoul.household.written.file import HouseholdFile, read_household
from jeoul.operations.broker.paper import NAME, PaperBroker
from jeoul.operations.broker.paper_rules import PaperRules
from jeoul.operations.broker.port import BrokerAccount
from jeoul.operations.household.configs import account_configs
from jeoul.operations.ledger import Ledger, check, ledger_of
from jeoul.operations.setup.clock import SystemClock
from jeoul.operations.setup.request import RunRequest
from jeoul.web.waiting import waiting_plans
from jeoul.workspace.live import run_household

ROOT = Path(__file__).parents[2]
COVERED = (
    *(f"engine/jeoul/{name}" for name in ("household", "operations", "web", "workspace")),
    "tests/faults/approval_sweep.py",
)
"""The sources that the result speaks of."""
MARKED = re.compile(r"(<!-- approvals -->\n).*?(<!-- /approvals -->)", re.DOTALL)
HOME = """schema = 1
name = "home"
strategy = "static"
state = "state"
lang = "en"
[people.minsu]
born = 1992-05-11
wages = 62_000_000
profile = "balanced"
[accounts.general]
owner = "minsu"
kind = "general"
broker = { kind = "paper", cash = 30_000_000 }
[accounts.isa]
owner = "minsu"
kind = "isa"
broker = { kind = "paper", cash = 20_000_000 }
"""


class Household:
    """A household with a plan that waits, put back before each sequence."""

    def __init__(self, folder: Path) -> None:
        self.place, self.kept = folder / "home", folder / "kept"
        self.place.mkdir()
        (self.place / "household.toml").write_text(HOME, "utf-8")
        report = self.run(RunRequest(execute=True, hold=True, by="sweep"))
        assert report.outcome == "planned", report
        shutil.copytree(self.place, self.kept)

    def file(self) -> HouseholdFile:
        return read_household(self.place / "household.toml")

    def run(self, request: RunRequest) -> Any:
        return run_household(self.file(), request, SystemClock())

    def put_back(self) -> None:
        shutil.rmtree(self.place)
        shutil.copytree(self.kept, self.place)

    def waits(self) -> bool:
        return bool(waiting_plans(account_configs(self.file()), SystemClock().now()))

    def counted(self) -> tuple[Counter[str], Counter[str], list[str]]:
        """Return approvals by run, orders at the venue by intent, and what is wrong."""
        approved: Counter[str] = Counter()
        sent: Counter[str] = Counter()
        wrong: list[str] = []
        for name, config in account_configs(self.file()).items():
            with closing(ledger_of(config)) as ledger:
                wrong += [f"{name}: {fault}" for fault in check(ledger).faults]
                for row in ledger.rows("SELECT run_id FROM runs"):
                    approved[row["run_id"]] = 0
                approved.update(
                    row["run_id"]
                    for row in ledger.rows("SELECT run_id FROM run_events WHERE event = 'approved'")
                )
                sent.update(_sent(ledger, config.state / NAME))
        return approved, sent, wrong


def _sent(ledger: Ledger, venue: Path) -> Counter[str]:
    """Return how often the venue has each order of a ledger; an order of nobody is ``stranger``."""
    paper = PaperBroker(
        venue, tape(), api.calendars()["XKRX"], SystemClock(),
        start=BrokerAccount({}, 0, {}), rules=PaperRules(fees=FEES),
    )  # fmt: skip
    rows = ledger.rows("SELECT i.*, r.executed FROM intents i JOIN runs r USING (run_id)")
    names = {(row["executed"], row["side"], row["ticker"]): row["intent"] for row in rows}
    found = Counter(dict.fromkeys(names.values(), 0))
    with closing(paper):
        for day in {row["executed"] for row in rows}:
            for order in paper.orders(date.fromisoformat(day)):
                found[names.get((day, str(order.side), order.ticker), "stranger")] += 1
    return found


class Served:
    """`jeoul serve` in a process of its own, and the browser that opened its address."""

    def __init__(self, file: Path, before: Callable[[], None]) -> None:
        ends = os.pipe()
        self.process = os.fork()
        if self.process == 0:
            _serve(file, ends[1], before)
        os.close(ends[1])
        with os.fdopen(ends[0], encoding="utf-8") as said:
            address = urlsplit(said.readline().strip())
        self.host = address.netloc
        self.cookie = ""
        headers, _ = self.ask("GET", f"/?{address.query}")
        self.cookie = headers["set-cookie"].split(";")[0]

    def ask(self, method: str, path: str, fields: dict[str, str] | None = None) -> Any:
        headers = {"cookie": self.cookie, "origin": f"http://{self.host}"}
        if fields is not None:
            headers["content-type"] = "application/x-www-form-urlencoded"
        with closing(HTTPConnection(self.host, timeout=120)) as browser:
            browser.request(method, path, urlencode(fields or {}) or None, headers)
            answer = browser.getresponse()
            return answer.headers, answer.read().decode()

    def form(self) -> dict[str, str]:
        """Return the form of the plan that waits, as the page has it."""
        _, page = self.ask("GET", "/today")
        form = re.search(r'<form[^>]*action="/today/approve".*?</form>', page, re.DOTALL)
        assert form is not None, page
        fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form[0]))
        return {name: unescape(value) for name, value in fields.items()}

    def approve(self, form: dict[str, str]) -> bool:
        """Send the form; return whether it was answered."""
        try:
            self.ask("POST", "/today/approve", form)
        except (OSError, HTTPException):
            return False
        return True

    def end(self) -> None:
        """Kill the process, if it has not killed itself."""
        os.kill(self.process, signal.SIGKILL)
        os.waitpid(self.process, 0)


def _serve(file: Path, out: int, before: Callable[[], None]) -> None:
    from jeoul.cli.main import main

    try:
        os.dup2(out, 1)
        sys.stdout = os.fdopen(1, "w", encoding="utf-8", buffering=1)
        before()
        sys.argv = ["jeoul", "serve", str(file)]
        main()
    finally:
        os._exit(70)


def at_row(number: int) -> Callable[[], None]:
    """Return what makes a process kill itself before it writes that row of its ledgers."""
    left = [number]
    append = Ledger.append

    def counted(ledger: Ledger, *given: Any, **columns: Any) -> Any:
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return append(ledger, *given, **columns)

    def before() -> None:
        Ledger.append = counted  # type: ignore[method-assign, assignment]

    return before


def undisturbed(home: Household) -> tuple[int, float]:
    """Return how many rows an approval writes, and how many seconds it takes."""
    ends = os.pipe()
    append = Ledger.append

    def told(ledger: Ledger, *given: Any, **columns: Any) -> Any:
        os.write(ends[1], b".")
        return append(ledger, *given, **columns)

    def before() -> None:
        Ledger.append = told  # type: ignore[method-assign, assignment]

    served = Served(home.place / "household.toml", before)
    form = served.form()
    begun = time.perf_counter()
    assert served.approve(form)
    took = time.perf_counter() - begun
    served.end()
    os.close(ends[1])
    with os.fdopen(ends[0], "rb") as rows:
        return len(rows.read()), took


def sequence(home: Household, row: int | None, delay: float) -> tuple[str, list[str]]:
    """Return what was left by a kill, and what is wrong; without a row it comes after a delay."""
    home.put_back()
    file = home.place / "household.toml"
    served = Served(file, _nothing if row is None else at_row(row))
    form = served.form()
    if row is None:
        timer = threading.Timer(delay, os.kill, (served.process, signal.SIGKILL))
        timer.start()
        answered = served.approve(form)
        timer.join()
    else:
        answered = served.approve(form)
    served.end()
    left, wrong = _left(home, answered)
    if in_child(lambda: _exit(home.run(RunRequest(execute=True)))):
        return left, [*wrong, "the scheduled run failed"]
    approved, sent, faults = home.counted()
    wrong += faults
    if left == "not approved":
        if any(approved.values()) or any(sent.values()):
            wrong.append(f"not approved, and {dict(approved)} {dict(sent)}")
        served = Served(file, _nothing)
        if not served.approve(served.form()):
            wrong.append("the plan that waits cannot be approved any more")
        served.end()
        approved, sent, faults = home.counted()
        wrong += faults
    if set(approved.values()) != {1} or set(sent.values()) != {1}:
        wrong.append(f"{left}: approved {dict(approved)}, sent {dict(sent)}")
    return left, wrong


def _left(home: Household, answered: bool) -> tuple[str, list[str]]:
    approved, sent, wrong = home.counted()
    whole = [*approved.values()]
    if max(whole) > 1 or max(sent.values()) > 1:
        wrong.append(f"right after the kill: approved {dict(approved)}, sent {dict(sent)}")
    if answered:
        return "answered before the kill", wrong
    if not any(whole):
        return "not approved", wrong
    return "approved in every account" if all(whole) else "approved in one account", wrong


def _nothing() -> None:
    """A process that only a signal from outside kills."""


def _exit(report: Any) -> None:
    os._exit(0 if report.outcome in ("executed", "planned", "nothing_to_do") else 7)


def sweep(kills: int, seed: int, file: Path) -> dict[str, Any]:
    """Return the result of so many kills: rows and delays take turns.

    Every kill is a line of JSON in ``file``; those that are there already are not made again.
    """
    api.open_market = cache(api.open_market)  # type: ignore[assignment]  # opened once, inherited by every fork
    known = done(file)
    with tempfile.TemporaryDirectory() as folder:
        home = Household(Path(folder))
        home.put_back()
        rows, took = undisturbed(home)
        order = random.Random(seed).sample(range(1, rows + 1), rows)
        for number in range(len(known), kills):
            begun = time.perf_counter()
            delay = random.Random(f"{seed}-{number}").uniform(0.0, 1.1 * took)
            row = order[number // 2 % rows] if number % 2 == 0 else None
            left, faults = sequence(home, row, delay)
            wrong = [f"kill {number}, row {row}: {fault}" for fault in faults]
            seconds = time.perf_counter() - begun
            known.append(noted(file, {"left": left, "wrong": wrong, "seconds": seconds}))
    return {
        "kills": kills,
        "wrong": [fault for each in known[:kills] for fault in each["wrong"]],
        "left": dict(Counter(each["left"] for each in known[:kills]).most_common()),
        "rows": rows,
        "milliseconds": round(took * 1e3),
        "seconds": round(sum(each["seconds"] for each in known[:kills])),
        "system": f"{platform.system()}, Python {platform.python_version()}",
        "seed": seed,
        "sources": sources(ROOT, COVERED),
    }


def as_markdown(result: dict[str, Any]) -> str:
    """Return a result as a table for the documentation."""
    left = ", ".join(f"{name}: {count}" for name, count in result["left"].items())
    rows = [
        ("kills during an approval", result["kills"]),
        ("rows that an approval writes, each a moment of a kill", result["rows"]),
        ("left by the kill", left),
        ("approved twice, sent twice, lost, or sent without an approval", len(result["wrong"])),
        ("system", result["system"]),
        ("seed, duration", f"{result['seed']}, {result['seconds']} s"),
        ("SHA-256 of the sources covered", f"`{result['sources'][:16]}`"),
    ]
    return "".join(f"| {name} | {value} |\n" for name, value in [("", ""), ("---", "---"), *rows])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--file", type=Path, help="where each kill becomes a line of JSON")
    parser.add_argument("--resume", action="store_true", help="go on with the kills of that file")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--write", action="store_true", help="write the result into docs/")
    options = parser.parse_args()
    file = options.file or Path(tempfile.gettempdir()) / f"approvals-{options.seed}.jsonl"
    if not options.resume:
        file.unlink(missing_ok=True)
    result = sweep(options.kills, options.seed, file)
    sys.stdout.write(json.dumps(result, indent=2) if options.json else as_markdown(result))
    for fault in result["wrong"]:
        sys.stderr.write(f"{fault}\n")
    if options.write:
        page = ROOT / "docs" / "serve.md"
        text = page.read_text("utf-8")
        page.write_text(MARKED.sub(lambda f: f[1] + as_markdown(result) + f[2], text), "utf-8")
    return 1 if result["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main())
