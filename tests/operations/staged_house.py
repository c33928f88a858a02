"""A household's run on accounts without a broker or a market: what it tells and asks of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any, cast

from jeoul.errors import BrokerError
from jeoul.household.written.file import HouseholdFile
from jeoul.model.portfolio import Portfolio
from jeoul.operations.broker.port import Hours
from jeoul.operations.desk.approval import Approval
from jeoul.operations.desk.intents import Run
from jeoul.operations.household.asked_money import MoneyUnderWay
from jeoul.operations.household.leg import Leg, LegStages
from jeoul.operations.household.planning import Looked, PlannedHousehold
from jeoul.operations.household.whole import HouseholdRun
from jeoul.operations.ledger import Ledger
from jeoul.operations.setup.outcome import RunReport

DAY, NEXT = date(2026, 6, 26), date(2026, 6, 29)
HOME = """\
schema = 1
name = "ours"
state = "state"
lang = "en"
strategy = "managed"
[people.minsu]
born = 1992-05-11
wages = 62_000_000
profile = "balanced"
[accounts.isa]
kind = "isa"
broker = { kind = "paper" }
[accounts.irp]
kind = "irp"
broker = { kind = "paper" }
"""


class Staged(LegStages):
    """What a household's run asks of an account, without a broker or a market."""

    def __init__(self, ledger: Ledger, name: str, **given: Any) -> None:
        self.name, self.given, self.done = name, given, cast("list[str]", [])
        calendar = given.get("calendar", "XKRX")
        hours = given.get("hours", Hours.OPEN)
        day = given.get("session", DAY)
        desk: Any = SimpleNamespace(
            ledger=ledger, currency="KRW", broker=SimpleNamespace(hours=lambda _: hours)
        )
        self.desk = desk
        seen = SimpleNamespace(
            seen=SimpleNamespace(
                digest=f"of {name}", valued=SimpleNamespace(document=lambda: {"n": 1})
            )
        )
        inputs: Any = SimpleNamespace(
            calendar=SimpleNamespace(name=calendar, after=lambda each: each + timedelta(days=3)),
            snapshot=lambda _: seen,
        )
        self.inputs = inputs
        self.session, self.executed = day, NEXT
        approval = SimpleNamespace(required=given.get("asks", False))
        self.settings = cast(Any, SimpleNamespace(approval=approval, lang="en"))
        self.config = cast(Any, SimpleNamespace(settings=self.settings))
        self.records = cast(Any, SimpleNamespace(strategy=given.get("strategy", "managed")))
        shown = SimpleNamespace(planned=lambda _: RunReport("planned", document={"account": name}))
        self.reporter = cast(Any, shown)

    @property
    def attempt(self) -> int:
        return int(self.given.get("attempt", 0))

    @property
    def portfolio(self) -> Portfolio:
        return Portfolio({}, 5, "KRW")

    @property
    def safe(self) -> bool:
        return False

    @property
    def moved(self) -> int:
        return int(self.given.get("moved", 0))

    def look(self) -> None:
        self._fails("look")

    def current(self) -> Run | None:
        found: Run | None = self.given.get("current")
        return found

    def gate(self) -> RunReport | None:
        found: RunReport | None = self.given.get("gate")
        return found

    def decided(self, decision: Any, plan: Mapping[str, Any], attempt: int) -> Any:
        self.done.append(f"decided {attempt}")
        return SimpleNamespace(document=plan, plan=decision)

    def refused(self, decided: Any) -> RunReport | None:
        found: RunReport | None = self.given.get("refused")
        return found

    def freeze(self, decided: Any) -> Run:
        self._fails("freeze")
        return run_of(self.name, decided.document)

    def rests(self, run: Run) -> bool:
        return bool(self.given.get("rests", True))

    def approval(self, run: Run) -> Approval:
        return cast(Approval, self.given.get("approval", Approval.WAITING))

    def go_on(self, run: Run) -> RunReport:
        self.done.append("went on")
        return RunReport("executed", document={"account": self.name})

    def reported(self, work: Any) -> RunReport:
        try:
            found: RunReport = work()
        except BrokerError as error:
            return RunReport("needs_person", (str(error),))
        return found

    def _fails(self, what: str) -> None:
        self.done.append(what)
        if self.given.get("fails") == what:
            raise BrokerError(f"{what} failed")


def run_of(name: str, kept: Mapping[str, Any], session: date = DAY) -> Run:
    return Run(f"{name}.1", name, "managed", session, NEXT, "in", {"household": kept}, 1)


@dataclass
class House:
    """A household of two accounts, and what its run told and asked."""

    file: HouseholdFile
    ledger: Ledger
    plans: list[tuple[date, dict[str, Looked], MoneyUnderWay]] = field(default_factory=list)
    moments: list[str] = field(default_factory=list)
    staged: dict[str, Staged] = field(default_factory=dict)
    orders: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    raises: Exception | None = None
    impossible: bool = False

    def plan(self, session: date, found: Mapping[str, Looked], told: MoneyUnderWay) -> Any:
        self.plans.append((session, dict(found), told))
        if self.raises is not None:
            raise self.raises
        decisions: Any = {name: SimpleNamespace(orders=self.orders.get(name, ())) for name in found}
        document = {"under_way": told.document(), "on": session.isoformat()}
        return PlannedHousehold(
            decisions=decisions, document=document, reasons=("Why.",), impossible=self.impossible
        )

    def run(
        self,
        wanted: Mapping[str, int] | None = None,
        *,
        executing: bool = True,
        **given: Mapping[str, Any],
    ) -> RunReport:
        shared = given.pop("both", {})
        self.staged = {
            name: Staged(self.ledger, name, **{**shared, **given.get(name, {})})
            for name in ("irp", "isa")
        }
        legs = [Leg(name, each) for name, each in self.staged.items()]
        made = HouseholdRun(
            self.file, self.plan, legs, self.moments.append, wanted, executing=executing
        )
        return made.result()

    def did(self, what: str) -> list[str]:
        return [name for name, each in self.staged.items() if what in each.done]
