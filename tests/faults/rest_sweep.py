"""The kill sweep at the loopbacks of brokers with a REST interface.

The server is in this process and outlives those that are killed; time is shared with them. On two
sessions processes die at a step and occurrence drawn from a seed, while the line loses, garbles and
delays answers and orders are listed late; on a third the account comes to rest, and books and
broker are compared. Every other account reuses the proceeds of sales, in two steps. A step that a
process did not reach is waited for in the next ones, so that something has died at each step that
is reached at all: fills come late, and a run ends after them.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import tempfile
from collections import Counter
from contextlib import closing
from datetime import date
from multiprocessing.sharedctypes import RawValue
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "operations"))

from harness import (
    Checkpoint,
    in_child,
    killer,
    mandate,
    market,
    proposal,
    sessions,
    weights_of,
)
from venues import Adapter

from jeoul import api
from jeoul.operations.desk.protocol import STEPS
from jeoul.operations.ledger import check, ledger_of, portfolio
from jeoul.operations.run import Runner, RunRequest
from jeoul.operations.setup.config import Config, load_config

LAGS = (0.0, 10.0, 45.0, 150.0, 600.0)
LINE = ("", "", "", "silent-before", "silent-after", "garbled", "unclear", "too-fast")
QUESTIONS = ("ask-dropped", "ask-garbled", "ask-too-fast")
PROCESSES = 60  # in one session at most
AFTER_OPEN = 1_800
PROCEEDS = ("settled", "reuse")  # every other account has sessions in two steps


class SharedClock:
    """A time that passes only while somebody waits, whichever process it is."""

    def __init__(self, now: float) -> None:
        self.time = RawValue("d", now)

    def now(self) -> float:
        return float(self.time.value)

    def wait(self, seconds: float) -> None:
        self.time.value += seconds


class Account:
    """One account at one loopback, through processes that may die."""

    def __init__(
        self,
        adapter: Adapter,
        venue: Any,
        folder: Path,
        draw: random.Random,
        proceeds: str = "settled",
    ) -> None:
        self.adapter, self.venue, self.draw = adapter, venue, draw
        self.host = self.clock = SharedClock(0.0)
        self.truth = venue[1]
        self.truth.now, self.truth.paced = self.clock.now, False
        self.truth.deposits = [50_000_000] * 3
        self.truth.list_lag = draw.choice(LAGS)
        self.truth.balance_lag = draw.choice((3.0, self.truth.list_lag))
        self.state = folder / "state"
        self.state.mkdir()
        self.config = _config(folder, adapter, venue[0], self.truth.mode, proceeds)
        self.day = sessions()[0]
        self.plan = proposal(self.day, weights_of(draw))
        self.died: Counter[str] = Counter()
        self.closes = 0

    def begin(self, day: date) -> None:
        """Let the session after ``day`` open: what was traded before has settled."""
        calendar = api.calendars()["XKRX"]
        executed = calendar.after(day)
        self.day, self.plan = day, proposal(day, weights_of(self.draw))
        place = calendar.index(executed)
        self.host.time.value = float(int(calendar.opens[place]) + AFTER_OPEN)
        self.closes = int(calendar.closes[place])
        self.truth.today = executed.strftime("%Y%m%d")
        self.truth.deposits = [self.truth.deposits[2]] * 3
        self.truth.tokens.clear()

    def process(self, checkpoint: Checkpoint | None, *, faulty: bool) -> int:
        """Run once in a process of its own; return its wait status."""
        self.truth.faults = []
        if faulty:
            self.truth.faults = [self.draw.choice(LINE) for _ in range(6)]
            if self.draw.random() < 0.2:
                self.truth.faults.append(self.draw.choice(QUESTIONS))
        status: int = in_child(lambda: self._run(checkpoint))
        return status

    def armed(self, step: str, *, faulty: bool) -> int:
        """Run once, to die at a step unless a process has died there; return its wait status."""
        status = self.process(None if self.died[step] else killer(step, 1), faulty=faulty)
        self.died[step] += was_killed(status)
        return status

    def fill_some(self, chance: float) -> None:
        """Let some open orders find a counterparty, while the session lasts."""
        if self.host.now() >= self.closes:
            return
        for number, left, limit in self.truth.waiting():
            if self.draw.random() < chance:
                self.truth.fill(number, self.draw.randint(1, left), limit or 10_000)

    def faults(self) -> list[str]:
        """What is wrong with the ledger and the broker at rest."""
        with closing(ledger_of(self.config)) as ledger:
            found = list(check(ledger).faults) + _doubled_or_lost(ledger, self.truth)
            books = portfolio(ledger, "KRW")
            held = {code: count for code, count in self.truth.holdings.items() if count}
            if dict(books.shares) != held:
                found.append(f"books hold {dict(books.shares)}, the broker {held}")
            if books.money != self.truth.deposits[2]:
                found.append(f"books have {books.money}, the broker {self.truth.deposits[2]}")
            adopted = ledger.rows("SELECT note FROM transactions WHERE kind = 'adopted'")
            found += [f"nobody else trades here: {row['note']}" for row in adopted]
        return found

    def _run(self, checkpoint: Checkpoint | None) -> None:
        broker = self.adapter.connect(self.venue, self.state, self.clock, visibility=30.0)
        calendars = api.calendars()
        runner = Runner(self.config, mandate(), market(), calendars, self.clock, broker=broker)
        runner.proposer, runner.keep_inputs = lambda _: self.plan, False
        if checkpoint is not None:
            runner.checkpoint = checkpoint
        report = runner.run(RunRequest(as_of=self.day, execute=True))
        if os.environ.get("SWEEP_TALKS"):
            sys.stderr.write(f"{self.day} {report.outcome} {report.reasons}\n")
        os._exit(0 if report.outcome in ("executed", "nothing_to_do") else 7)


def sequence(
    adapter: Adapter, seed: int, step: str, *, short: bool = False
) -> tuple[list[str], Counter[str]]:
    """Return what went wrong in one sequence, and at which steps a process died."""
    draw = random.Random(seed)
    with (
        adapter.server.running(draw.choice(adapter.modes)) as venue,
        tempfile.TemporaryDirectory() as folder,
    ):
        account = Account(adapter, venue, Path(folder), draw, PROCEEDS[seed % 2])
        days = sessions()[draw.randrange(30) :][:3]
        for day in days[:1] if short else days[:2]:
            account.begin(day)
            wrong = _session(account, step)
            if wrong:
                return [f"seed {seed} {adapter.kind}: {wrong}"], account.died
        account.begin(days[2])
        account.truth.list_lag = account.truth.balance_lag = 0.0
        for _ in range(4):
            if account.armed(step, faulty=False) == 0:
                break
        account.fill_some(1.0)
        account.begin(sessions()[sessions().index(days[2]) + 1])
        (account.state / "STOP").touch()  # looks at everything and trades nothing
        if account.process(None, faulty=False) == 70:
            return [f"seed {seed} {adapter.kind}: a process raised"], account.died
        return [f"seed {seed} {adapter.kind}: {each}" for each in account.faults()], account.died


def was_killed(status: int) -> bool:
    """Return whether a wait status is that of a process that died of SIGKILL."""
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def _session(account: Account, step: str) -> str | None:
    """Let processes die and go on until the session is at rest or over; return what went wrong."""
    for attempt in range(account.draw.randint(1, 2)):
        where = step if attempt == 0 else account.draw.choice(STEPS)
        status = account.process(killer(where, account.draw.randint(1, 2)), faulty=True)
        if was_killed(status):
            account.died[where] += 1
        elif os.WEXITSTATUS(status) == 70:
            return "a process raised"
        account.fill_some(0.3)
        account.clock.wait(account.draw.choice((1.0, 60.0, 300.0, 900.0)))
    for _ in range(PROCESSES):
        if account.clock.now() >= account.closes:
            break
        status = account.armed(step, faulty=True)
        if not was_killed(status) and os.WEXITSTATUS(status) == 70:
            return "a process raised"
        if status == 0:
            return None
        account.fill_some(0.2)
        account.clock.wait(account.draw.choice((60.0, 300.0, 900.0)))
    return None  # the session is over; what was not sent in it expires


def _config(folder: Path, adapter: Adapter, host: str, mode: str, proceeds: str) -> Config:
    file = folder / "config.toml"
    file.write_text(
        'schema = 1\nname = "main"\nstrategy = "static"\nprofile = "balanced"\n'
        f'state = "{folder / "state"}"\nlang = "en"\n[cash]\nproceeds = "{proceeds}"\n'
        f'[broker]\nkind = "{adapter.kind}"\nmode = "{mode}"\nhost = "{host}"\n'
        '[safety]\nmax_turnover = 2.0\nunexplained = "adopt"\n',
        "utf-8",
    )
    return load_config(file)


def _doubled_or_lost(ledger: Any, truth: Any) -> list[str]:
    """Compare what arrived with what the ledger knows of it, by session, side and fund."""
    found = []
    arrived = Counter(truth.arrived())
    bound: Counter[tuple[str, str, str]] = Counter()
    rows = ledger.rows(
        "SELECT i.intent, i.side, i.ticker, r.executed FROM intents i JOIN runs r USING (run_id)"
    )
    for row in rows:
        events = ledger.rows(
            "SELECT state FROM order_events WHERE intent = ? ORDER BY seq", row["intent"]
        )
        states = [event["state"] for event in events]
        key = row["executed"].replace("-", ""), row["side"], row["ticker"]
        bound[key] += "acknowledged" in states
        if states and states[-1] not in ("filled", "closed", "expired"):
            found.append(f"{row['intent']}: ends as {states[-1]}")
    found += [
        f"{key}: {arrived[key]} at the broker, {bound[key]} here"
        for key in sorted({*arrived, *bound})
        if arrived[key] != bound[key]
    ]
    return found
