"""A paper account with hand-made proposals, run after run in one state folder."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from harness import QuickClock, mandate, market, proposal, sessions, tape

from jeoul import api
from jeoul.operations.broker.paper import NAME, PaperBroker
from jeoul.operations.broker.paper_rules import PaperRules
from jeoul.operations.broker.port import BrokerAccount
from jeoul.operations.ledger import Ledger, ledger_of, portfolio
from jeoul.operations.run import Runner, RunRequest
from jeoul.operations.setup.config import Config, load_config
from jeoul.rebalance import ONLINE

EVEN = {"069500": 0.3, "114260": 0.3, "360750": 0.3}
DAY, NEXT, THIRD = sessions()[:3]
CONFIG = """
schema = 1
name = "{name}"
strategy = "{strategy}"
profile = "balanced"
state = "state"
lang = "en"
{ledger}{tables}
[broker]
kind = "paper"
cash = 50_000_000
fee_rate = "0.000140527"
"""


LEDGERS: list[Callable[[], str]] = []
"""What gives the server of a new bench, if its tests are of a server (conftest.py)."""


class Bench:
    """A paper account with hand-made proposals."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ledger_url = LEDGERS[-1]() if LEDGERS else None
        self.plans = {day: proposal(day, EVEN, due=False) for day in sessions()}
        self.rules = PaperRules(fees=ONLINE)
        self.tables = "[safety]\nmax_turnover = 2.0"
        self.ahead = 0.0
        self.mandate = mandate()
        self.name = "main"
        self.broker_type: type[PaperBroker] = PaperBroker

    def config(self) -> Config:
        file = self.folder / "config.toml"
        file.write_text(
            CONFIG.format(
                tables=self.tables,
                name=self.name,
                strategy=self.mandate.strategy.name,
                ledger="" if self.ledger_url is None else f'ledger = "{self.ledger_url}"\n',
            ),
            "utf-8",
        )
        return load_config(file)

    def runner(self) -> Runner:
        config = self.config()
        config.state.mkdir(exist_ok=True)
        clock = QuickClock(self.ahead)
        broker = self.broker_type(
            config.state / NAME, tape(), api.calendars()["XKRX"], clock,
            start=BrokerAccount({}, 50_000_000, {}),
            rules=self.rules,
        )  # fmt: skip
        runner = Runner(config, self.mandate, market(), api.calendars(), clock, broker=broker)
        runner.proposer = self._proposal
        runner.keep_inputs = False
        return runner

    def _proposal(self, day: Any) -> Any:
        found = self.plans[day]
        if isinstance(found, Exception):
            raise found
        return found

    def run(self, day: Any = DAY, **request: Any) -> Any:
        runner = self.runner()
        report = runner.run(RunRequest(as_of=day, **{"execute": True, **request}))
        runner.broker.close()
        json.dumps(report.as_json())
        return report

    def ledger(self) -> Ledger:
        return ledger_of(self.config())

    def books(self) -> Any:
        ledger = self.ledger()
        found = portfolio(ledger, "KRW")
        ledger.close()
        return found
