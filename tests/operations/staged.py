"""A run over a small ledger, whose decision a test makes."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from scripted import FUND, Desk, at_broker, planned

from jeoul import api
from jeoul.model.portfolio import Reason, Side
from jeoul.operations import proving, stages
from jeoul.operations.broker.port import BrokerAccount
from jeoul.operations.decision import Decided
from jeoul.operations.desk.intents import PlannedOrder, RunPlan, intents_of, run_events
from jeoul.operations.run import RunRequest
from jeoul.operations.run_inputs import RunInputs
from jeoul.operations.setup.config import Config, load_config
from jeoul.operations.setup.outcome import RunReport
from jeoul.operations.stages import Stages
from jeoul.operations.told import session_records
from jeoul.profile import Diagnosis

CALENDAR = api.calendars()["XKRX"]
MONDAY, TUESDAY, WEDNESDAY = (date(2026, 6, day) for day in (22, 23, 24))
BUY = planned(Side.BUY)
CONFIG = 'schema = 1\nname = "mine"\nprofile = "balanced"\nstate = "state"\nlang = "en"\n'
NOTHING = SimpleNamespace(prices=(), last_session=lambda _: MONDAY)


def config_in(folder: Path, tables: str = "") -> Config:
    file = folder / "mine.toml"
    file.write_text(f'{CONFIG}{tables}\n[broker]\nkind = "paper"\n', "utf-8")
    (folder / "state").mkdir(exist_ok=True)
    return load_config(file)


class Day:
    """An account whose decision a test makes: ``orders`` on every session, for one value."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.folder, self.patch = folder, patch
        self.at = Desk(folder)
        self.at.broker.held = BrokerAccount({FUND: 5}, 500_000, {})
        self.orders: tuple[PlannedOrder, ...] = (BUY,)
        self.more: dict[str, Any] = {}
        self.forbidden: tuple[Reason, ...] = ()
        self.reasons: tuple[Reason, ...] = (Reason.of("trade.calendar", turnover="1.0%"),)
        self.proposed: tuple[Reason, ...] = ()
        self.diagnosis: Diagnosis | None = None
        self.proof: Callable[[], Any] = lambda: None
        self.tables = "[safety]\nprove = false\nmax_turnover = 2.0"
        self.digest = "d"
        self.given: list[Any] = []
        self.kept: list[str] = []
        patch.setattr(stages, "decide", self._decide)
        patch.setattr(stages, "content_of", lambda _: SimpleNamespace(digest=self.digest))
        patch.setattr(stages, "archive", lambda *_: self.kept.append("archive"))
        patch.setattr(proving, "allocation_id", lambda _: "allocation")
        patch.setattr(session_records, "keep_promise", lambda *_: self.kept.append("promise"))
        patch.setattr(session_records, "keep_month", lambda *_: self.kept.append("month"))

    def _decide(self, _: Any, __: Any, proposal: Any, portfolio: Any, given: Any) -> Decided:
        self.given.append(given)
        document = {
            "profile": "balanced", "kind": "general", "simulated": False, "state": "on",
            "scale": 1.0, "weights": {"CASH": 1.0}, "findings": [], "currency": "KRW",
            "reasons": [[r.kind, r.detail] for r in self.reasons], "value": 1_000_000,
            "first": given.first, "safe": False, "rules": {"digest": self.digest, "model": 3},
            "portfolio": {"shares": dict(portfolio.shares)}, **self.more,
        }  # fmt: skip
        plan = RunPlan(
            "mine", "s", proposal.as_of, CALENDAR.after(proposal.as_of), "x", document,
            self.orders, given.attempt,
        )  # fmt: skip
        decision = SimpleNamespace(proposal=proposal, reasons=self.reasons)
        return Decided(cast("Any", decision), plan, (), self.forbidden)

    def stages(self, day: date | None = MONDAY, **request: Any) -> Stages:
        def proposal(session: date, _: Any) -> Any:
            memory = SimpleNamespace(allocated=session, nav=1.0)
            return SimpleNamespace(as_of=session, reasons=self.proposed, memory=memory)

        strategy, funds = SimpleNamespace(name="s"), SimpleNamespace(instruments={FUND: 1})
        mandate = cast("Any", SimpleNamespace(strategy=strategy, universe=funds))
        inputs = RunInputs(
            config=config_in(self.folder, self.tables), mandate=mandate,
            market=cast("Any", NOTHING), calendar=CALENDAR, proposal=proposal,
            proof=lambda _: self.proof(), alarms=lambda *_: (), keep_inputs=True,
            snapshot=lambda _: cast("Any", SimpleNamespace(seen=None)), diagnosis=self.diagnosis,
        )  # fmt: skip
        return Stages(inputs, self.at.desk, RunRequest(as_of=day, **{"execute": True, **request}))

    def run(self, day: date | None = MONDAY, **request: Any) -> RunReport:
        return self.stages(day, **request).result()

    def fills(self, shares: int = 2) -> None:
        """Let so many shares of every order be filled as its session comes to pass."""

        def listed(day: date) -> list[Any]:
            rows = self.at.ledger.rows(
                "SELECT intent, order_id FROM order_events WHERE state = 'acknowledged'"
            )
            found = [(self.at.intent(row["intent"]), row["order_id"]) for row in rows]
            return [
                at_broker(intent, key.rpartition("/")[2], shares, 10_000 * shares)
                for intent, key in found if intent.executed == day
            ]  # fmt: skip

        def account() -> BrokerAccount:
            filled = [i for i in self.orders_of() if i.filled]
            bought = sum(i.filled for i in filled)
            return BrokerAccount({FUND: 5 + bought}, 500_000 - 10_000 * bought, {})

        self.at.broker.orders = listed
        self.at.broker.account = account

    def orders_of(self, run: str = f"mine.s.{MONDAY}") -> Any:
        return intents_of(self.at.ledger, run)

    def events(self, run: str = f"mine.s.{MONDAY}") -> list[str]:
        return [event for event, _, _ in run_events(self.at.ledger, run)]

    def notes(self, kind: str) -> list[dict[str, Any]]:
        rows = self.at.ledger.rows("SELECT detail FROM notes WHERE kind = ? ORDER BY seq", kind)
        return [json.loads(row["detail"]) for row in rows]
