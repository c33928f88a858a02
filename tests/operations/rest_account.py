"""One account at the loopback of a broker with a REST interface, and time in which orders fill."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

from harness import mandate, market, proposal
from kis_desk import MORNING, SESSION, Watch

from jeoul import api
from jeoul.operations.desk.intents import Intent, find_run, intents_of
from jeoul.operations.ledger import ledger_of
from jeoul.operations.run import Runner, RunRequest
from jeoul.operations.setup.config import load_config

HELD = {"114260": 200}
NEXT = {"069500": 0.45, "360750": 0.45}
CONFIG = """
schema = 1
name = "live"
strategy = "static"
profile = "balanced"
state = "state"
lang = "en"
[cash]
proceeds = "{proceeds}"
reserve = {reserve}
[broker]
kind = "{kind}"
mode = "{mode}"
host = "{host}"
[safety]
max_turnover = 2.0
unexplained = "adopt"
"""


class Crash(BaseException):
    """The process ends here."""


class Account:
    """An account that holds one fund and a little cash, and wants two others."""

    def __init__(self, adapter: Any, venue: Any, folder: Path) -> None:
        self.adapter, self.venue, self.folder = adapter, venue, folder
        self.truth, self.clock = venue[1], FillingWatch()
        self.clock.truth = self.truth
        self.truth.paced = False
        self.truth.holdings, self.truth.deposits = dict(HELD), [100_000] * 3
        (folder / "state").mkdir(exist_ok=True)

    def run(
        self, *, proceeds: str = "reuse", reserve: int = 0, day: Any = SESSION, **more: Any
    ) -> Any:
        checkpoint, broker_keys = more.pop("checkpoint", None), more.pop("broker", {})
        file = self.folder / "c.toml"
        text = CONFIG.format(
            proceeds=proceeds, reserve=reserve, kind=self.adapter.kind,
            mode=self.truth.mode, host=self.venue[0],
        )  # fmt: skip
        file.write_text(text, "utf-8")
        self.config = load_config(file)
        keys = {"visibility": 5.0, "fill_wait": 60.0, **broker_keys}
        broker = self.adapter.connect(self.venue, self.folder / "state", self.clock, **keys)
        with closing(broker):
            runner = Runner(
                self.config, mandate(), market(), api.calendars(), self.clock, broker=broker
            )
            runner.proposer = lambda wanted: proposal(wanted, NEXT)
            runner.keep_inputs = False
            if checkpoint is not None:
                runner.checkpoint = checkpoint
            return runner.run(RunRequest(**{"as_of": day, "execute": True, **more}))

    @property
    def sides(self) -> list[str]:
        return [side for _, side, _ in self.truth.arrived()]

    def intents(self) -> list[Intent]:
        """The orders of the session's newest plan."""
        with closing(ledger_of(self.config)) as ledger:
            run = find_run(ledger, "live", "static", SESSION)
            assert run is not None
            return list(intents_of(ledger, run.run_id))

    def states(self, side: str) -> list[str]:
        return [intent.state for intent in self.intents() if intent.order.side == side]


class FillingWatch(Watch):  # type: ignore[misc]
    """Time in which sales, and buys, find a counterparty."""

    truth: Any
    sells_after: float | None = 10.0
    share = 1.0
    buys = True

    def wait(self, seconds: float) -> None:
        super().wait(seconds)
        self.match()

    def match(self) -> None:
        sides = [side for _, side, _ in self.truth.arrived()]
        for number, left, limit in self.truth.waiting():
            sells = sides[number - 1] == "SELL"
            late = self.sells_after is None or self.time < MORNING + self.sells_after
            shares = int(left * self.share) if sells else left
            if (not sells or not late) and (sells or self.buys) and shares:
                self.truth.fill(number, shares, limit)
