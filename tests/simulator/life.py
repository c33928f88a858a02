"""One life of an account: sessions in a row, each with at most one scenario."""

from __future__ import annotations

import random
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path

from simulator import cells, engine, person
from simulator.broker import SimulatedBroker, WorldClock
from simulator.cells import Cell
from simulator.disk import Disk
from simulator.happenings import Happenings
from simulator.market import make_market
from simulator.oracle import Oracle
from simulator.world import OPEN, Nature, World

from jeoul.errors import UsageError
from jeoul.operations.desk.intents import open_intents
from jeoul.operations.ledger import check
from jeoul.operations.resolve import PersonStatement, forget, settle_order
from jeoul.operations.run import RunRequest
from jeoul.operations.setup.config import Config
from jeoul.operations.setup.outcome import RunReport
from jeoul.pipeline import Mandate

FIRST = date(2023, 1, 3)
START_CASH = 30_000_000
SESSIONS = 60
SHARE = 0.5  # of the sessions, those on which something happens
TRIES = 16  # commands that a person gives about one outcome before giving up for the day

NATURES = {
    cells.KEEPS: {"names": True, "resets": False},
    cells.FORGETS: {"names": False, "resets": False},
    cells.RESETS: {"names": True, "resets": True},
}


class Crash(BaseException):
    """The process ends here; what it does on its way out is forgotten."""


@dataclass
class Result:
    """What one life came to: every rule that was broken, and what no command got out of.

    ``seconds`` are of the processor, because others may use the machine too.
    """

    seed: int
    life: int
    broker: str
    sessions: int = 0
    runs: int = 0
    seconds: float = 0.0
    cells: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    stuck: Counter[str] = field(default_factory=Counter)


@dataclass
class Hook:
    """Something that happens when a run reaches one of the steps; a crash comes with it or not."""

    steps: tuple[str, ...]
    crash: bool
    action: Callable[[], bool]
    skip: int = 0


class Life:
    """One account from its first session to its last."""

    def __init__(
        self,
        seed: int,
        life: int,
        folder: Path,
        sessions: int = SESSIONS,
        disk: Callable[[Path], Disk] = Disk,
    ) -> None:
        self.name = f"{seed}.{life}"
        self.draw = random.Random(self.name)
        self.disk = disk(folder / "state")
        broker = cells.BROKERS[life % 3]
        self.result = Result(seed, life, broker)
        self.sessions = sessions
        self.scenarios = self._scenarios(broker)
        self.world = self._world(broker)
        self.oracle = Oracle(self.world.market, self.world.nature)
        self.settings = engine.config(
            limits=self.draw.random() < 0.6,
            approval=life // 3 % 3 == 0,
            reuse=self.world.nature.reuses,
        )
        self.approval = self.settings.settings.approval.required
        self.evenings = 0.5 if broker == cells.RESETS else 0.05  # it forgets the day overnight
        self.bad_line = self.draw.random() < 0.4
        self.strategy = "static"
        self.hook: Hook | None = None
        self.files: dict[str, bytes] = {}
        self.backup: dict[str, bytes] = {}
        self.after_crash: Callable[[], bool] | None = None
        self.broker: SimulatedBroker | None = None
        self.cell: Cell | None = None
        self.waiting: Callable[[], None] | None = None
        self.last_run = ""
        self.happenings = Happenings(self)

    def _scenarios(self, broker: str) -> list[Cell | None]:
        """Return one scenario, or none, for each session, in another order in every life."""
        product = [cell for cell in cells.all_cells() if cell.broker == broker]
        self.draw.shuffle(product)
        found: list[Cell | None] = [None]  # the account is bought into first
        while len(found) < self.sessions:
            cell = product[len(found) % len(product)]
            found.append(cell if self.draw.random() < SHARE else None)
        return found

    def _world(self, broker: str) -> World:
        calendar = engine.calendar()
        first = calendar.index(FIRST) + self.draw.randrange(400)
        span = range(first, first + self.sessions + 6)
        days = [calendar.label(place) for place in span]
        acting = {
            day + 1
            for day, cell in enumerate(self.scenarios)
            if cell is not None and cell.event == cells.CORPORATE
        }
        reuses = random.Random(f"{self.name}/reuses").random() < 0.4
        nature = Nature(
            **NATURES[broker],
            reuses=reuses,
            unique=self.draw.random() < 0.5,
            movements=self.draw.random() < 0.5,
            fees=self.draw.random() < 0.6,
            tells=self.draw.random() < 0.7 or reuses,
            lag=self.draw.choice((0.0, 2.0)),
            depth=self.draw.choice((0.7, 0.95)),
        )
        return World(
            seed=self.name,
            market=make_market(self.draw, days, acting),
            opens=[int(calendar.opens[place]) for place in span],
            closes=[int(calendar.closes[place]) for place in span],
            nature=nature,
            cash=START_CASH,
        )

    # A life

    def lived(self) -> Result:
        """Live it and return what came of it."""
        began = time.process_time()
        self.world.advance(self.world.closes[0] + 60)
        try:
            for number in range(self.sessions):
                self.cell = self.scenarios[number]
                self._session(number + 1)
                self.result.sessions += 1
                if self.result.faults or self.oracle.faults:
                    break
            self._prove()
        except Exception:
            self.fault(traceback.format_exc())
        finally:
            self.disk.close()
        self.result.faults += [f"{self.name}: {text}" for text in self.oracle.faults]
        self.result.seconds = time.process_time() - began
        return self.result

    def fault(self, text: str) -> None:
        """Note a rule that was broken."""
        self.result.faults.append(f"{self.name} day {self.world.day} {self.cell}: {text}")

    def _session(self, day: int) -> None:
        """Live one session: the morning, now and then its middle, its evening."""
        world, phase = self.world, self.cell.phase if self.cell else ""
        if self.cell and self.cell.event == cells.CORPORATE and phase != cells.BEFORE:
            world.late = True
        world.advance(world.opens[day] + 600 + self.draw.randrange(600))
        self.hook = self.waiting = None
        self.backup = {}
        self.happenings.by_hand()
        if phase == cells.BEFORE:
            self.happenings.before()
        elif phase in (cells.PLANNED, cells.SENDING):
            self.happenings.on_the_way(phase)
        self.drive()
        steps = 0.5 if world.nature.reuses else 0.05  # buys may wait for what is sold by then
        if phase == cells.PARTLY or self.draw.random() < steps:
            world.advance(max(world.now, world.noon + 60))
            self.happenings.partly(phase == cells.PARTLY)
        if phase == cells.CLOSED or self.draw.random() < self.evenings:
            world.advance(max(world.now, world.closes[day] + 600.0))
            self.happenings.closed(phase == cells.CLOSED)

    def happened(self) -> None:
        """Count today's scenario."""
        assert self.cell is not None
        self.result.cells[str(self.cell)] += 1

    def drive(self) -> None:
        """Run, and do what each outcome asks, until nothing is asked any more."""
        request = self.request()
        for _ in range(TRIES):
            report = self.attempt(request)
            request = self.request()
            if report is None:
                continue
            if report.outcome == "planned" and self.waiting is not None:
                happen, self.waiting = self.waiting, None
                happen()
                continue
            said = person.answer(report)
            if said.verb == person.REST:
                return
            request = self._obey(said)
        text = "" if report is None else " ".join(report.reasons)
        self._way_out(text)

    def request(self, **more: object) -> RunRequest:
        """Return the request of today's timer."""
        return RunRequest(as_of=self.world.market.days[self.world.day - 1], execute=True, **more)  # type: ignore[arg-type]

    def _obey(self, said: person.Answer) -> RunRequest:
        match said.verb:
            case person.ADOPT:
                self.oracle.adopting()
                return self.request(adopt=True)
            case person.APPROVE:
                if self.draw.random() < 0.1:
                    return self.request(reject=said.about)
                return self.request(approve=said.about)
            case person.ACCEPT:
                return self.request(accept=said.about, by="person")
            case person.CLOCK:
                self._clock_right()
            case person.CANCEL:
                # What was filled already cannot be cancelled: this session is left out instead.
                if not self.happenings.cancel_typed() and said.about:
                    return self.request(reject=said.about)
            case person.RESOLVE:
                self.resolve(said.about)
        return self.request()

    def _clock_right(self) -> None:
        if self.world.offset:
            self.world.offset = 0.0
            return
        forget(*self._account(), "person", self.disk.ledger)

    def _account(self) -> tuple[Config, Mandate, WorldClock]:
        return (
            self.disk.configured(self.settings),
            engine.mandate(self.strategy),
            WorldClock(self.world),
        )

    def resolve(self, name: str) -> None:
        """Say what truly became of an order, as the broker's own screen shows it."""
        orders = [order for order in self.world.orders if order.intent == name]
        said = PersonStatement(name, 0, None, None, "person")
        if orders:
            order = orders[-1]
            if order.state == OPEN:
                self.world.cancel(order)
            price = str(Decimal(order.amount) / order.filled) if order.filled else None
            said = PersonStatement(name, order.filled, price, str(order.fee), "person")
        settle_order(*self._account(), said, self.disk.ledger)
        self.oracle.excused = True

    def _way_out(self, text: str) -> None:
        """Count an outcome that no command got the account out of; a person fixes it by force."""
        shown = "".join("#" if c.isdigit() else c for c in text)
        self.result.stuck[f"{self.cell}: {shown}"] += 1
        ledger = self.disk.opened()
        names = [intent.name for intent in open_intents(ledger) if intent.order_id]
        for name in names:
            self.resolve(name)

    # One process

    def attempt(self, request: RunRequest, strategy: str | None = None) -> RunReport | None:
        """Return what one process comes to, None for one that died on the way."""
        self.result.runs += 1
        began = len(self.world.journal)
        self.world.journal.append(("handing", False))
        line = random.Random(f"{self.name}/{self.result.runs}")
        self.broker = SimulatedBroker(self.world, line, bad=self.bad_line)
        runner = engine.runner(
            self.world,
            self.disk,
            self.settings,
            strategy or self.strategy,
            self.broker,
            self.name,
        )
        runner.checkpoint = self._checkpoint
        report: RunReport | None
        try:
            report = runner.run(request)
        except Crash:
            self.disk.put_back(self.backup or self.files)
            if self.backup:
                self.oracle.forgotten(self.world.journal[began:])
                self.world.advance(self.world.now + 120.0)  # to restore a backup takes a while
            report = None
            if self.after_crash is not None and self.after_crash():
                self.happened()
            self.after_crash = None
        except UsageError as error:
            report = RunReport("blocked_rule", (str(error),), ("Run again.",))
        if report is not None:
            self._last_text = " ".join((*report.reasons, *report.asked))
            self.last_run = str(report.document.get("run_id") or self.last_run)
        self.oracle.follow(self.world.journal)
        if report is not None and report.outcome in ("executed", "nothing_to_do"):
            self.oracle.compare(self.disk.rows())
        return report

    def _checkpoint(self, step: str) -> None:
        if step == "before-order":
            self.world.journal.append(("handing", True))
        if step == "after-plan" and self._restores:
            self.backup = self.disk.snapshot()
        hook = self.hook
        if hook is None or step not in hook.steps:
            return
        if hook.skip:
            hook.skip -= 1
            return
        self.hook = None
        if not hook.crash:
            if hook.action():
                self.happened()
            return
        self.files = self.disk.snapshot()
        self.after_crash = hook.action
        assert self.broker is not None
        self.broker.dead = True
        raise Crash

    @property
    def _restores(self) -> bool:
        """Return whether today's crash takes the disk with it, so that a backup is restored."""
        hook, cell = self.hook, self.cell
        dies = hook is not None and hook.crash and cell is not None and cell.event == cells.CRASH
        return dies and cell.phase == cells.SENDING and self.draw.random() < 0.3

    def _prove(self) -> None:
        self.disk.close()
        ledger = self.disk.opened()
        self.result.faults += [f"{self.name}: {text}" for text in check(ledger).faults]
        ledger.close()
