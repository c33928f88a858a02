"""One plan for the open accounts of a household: made, frozen in all of them, carried out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

from jeoul.errors import AllocationError, DataError
from jeoul.household.problem.lately import LATELY
from jeoul.household.written.file import HouseholdFile
from jeoul.messages import say
from jeoul.model.money import UNITS
from jeoul.operations.broker.port import Hours
from jeoul.operations.decision import Decided
from jeoul.operations.desk.approval import Approval
from jeoul.operations.desk.intents import Run
from jeoul.operations.desk.order_desk import Checkpoint, unwatched
from jeoul.operations.desk.reconcile import ExpectedMoney
from jeoul.operations.household.costs import average_costs
from jeoul.operations.household.lately import traded_since
from jeoul.operations.household.leg import (
    KEPT,
    Leg,
    LegStages,
    in_order,
    last_carried_out,
)
from jeoul.operations.household.money_texts import due_notes, unkept_texts
from jeoul.operations.household.planning import Looked, PlannedHousehold, Planner
from jeoul.operations.household.report import HouseholdReporter
from jeoul.operations.household.run_money import PlanDays, RunMoney
from jeoul.operations.household.seen_market import HOME, main_exchange
from jeoul.operations.ledger import paid_in
from jeoul.operations.setup.outcome import RunReport
from jeoul.operations.told.run_report import blocked


class HouseholdRun:
    """One run over the open accounts of a household.

    ``wanted`` is what a person says of money that moves, see :class:`RunMoney`. ``executing`` says
    that the run may send orders, or releases a plan.
    """

    def __init__(
        self,
        file: HouseholdFile,
        planner: Planner,
        legs: Sequence[Leg],
        checkpoint: Checkpoint = unwatched,
        wanted: Mapping[str, int] | None = None,
        *,
        executing: bool = False,
    ) -> None:
        self.file = file
        self.planner = planner
        self.legs = legs
        self.money = RunMoney(file=file, legs=legs, wanted=wanted or {})
        self.unkept = wanted or {}
        self.executing = executing
        self.checkpoint = checkpoint
        self.reporter = HouseholdReporter(file, legs)

    @property
    def well(self) -> list[tuple[Leg, LegStages]]:
        """Return the accounts that have not failed."""
        return [(leg, leg.stages) for leg in self.legs if leg.stages and not leg.failed]

    def result(self) -> RunReport:
        """Return what the run came to; money that a person said and that no plan keeps is named."""
        report = self._result()
        if not (self.unkept and self.executing):
            return report
        said = tuple(unkept_texts(self.file.runs.lang, self.unkept))
        return replace(report, asked=(*said, *report.asked))

    def _result(self) -> RunReport:
        for leg in self.legs:
            if leg.stages is not None:
                leg.stages.expected = partial(self._expected, leg.account, leg.stages)
            leg.tried(lambda stages: stages.look())
        runs = {leg.account: run for leg, stages in self.well if (run := stages.current())}
        if self._is_whole(runs) and not self._is_planned_again(runs):
            return self._carried_out(runs)
        if len(self.well) < len(self.legs):
            return self.reporter.unlooked()
        return self._planned()

    def _is_whole(self, runs: Mapping[str, Run]) -> bool:
        """Return whether one plan of the household is frozen in every account that is well."""
        if not runs or len(runs) < len(self.well):
            return False
        plans = [run.document.get(KEPT) or {} for run in runs.values()]
        names = sorted(leg.account for leg in self.legs)
        return all(
            plan.get("run") == plans[0].get("run") and plan.get("accounts") == names
            for plan in plans
        )

    def _is_planned_again(self, runs: Mapping[str, Run]) -> bool:
        """Return whether money makes a second plan of the session: asked for, or arrived.

        Money that has arrived waits while orders are open, and once the session is over: then the
        next one plans with it.
        """
        if len(self.well) < len(self.legs):
            return False
        if self.money.is_new(next(iter(runs.values())).document[KEPT]):
            return True
        return bool(self.money.arrived(runs)) and all(
            stages.rests(runs[leg.account]) and stages.gate() is None for leg, stages in self.well
        )

    def _planned(self) -> RunReport:
        """Plan on accounts of which none has a plan that holds, and go on with that."""
        gates = {leg: report for leg, stages in self.well if (report := stages.gate())}
        if gates:
            return self.reporter.blocked(gates)
        try:
            planned = self._plan()
        except DataError as error:
            return self.reporter.stopped("blocked_data", str(error))
        except AllocationError as error:
            return self.reporter.stopped("blocked_rule", str(error))
        return self.reporter.impossible(planned) if planned.impossible else self._decide(planned)

    def _decide(self, planned: PlannedHousehold) -> RunReport:
        """Show a plan, or freeze it in every account, unless an account forbids its part."""
        decided = self._decided(planned)
        refused = {
            leg: report
            for leg, stages in self.well
            if (report := stages.refused(decided[leg.account]))
        }
        if refused:
            return self.reporter.blocked(refused, planned)
        if not self.executing:
            for leg, stages in self.well:
                leg.report = stages.reported(_showing(stages, decided[leg.account]))
            return self.reporter.whole(planned)
        if early := self._early(decided):
            return self.reporter.blocked(early, planned)
        return self._unproved(planned) or self._frozen(planned, decided)

    def _plan(self) -> PlannedHousehold:
        found = {leg.account: _looked_at(stages) for leg, stages in self.well}
        told, due = self.money.under_way(self._days)
        planned = self.planner(self._session, found, told)
        said = (*self._again(planned), *due_notes(self.file.runs.lang, due))
        return replace(planned, money=(*said, *planned.money))

    def _again(self, planned: PlannedHousehold) -> tuple[str, ...]:
        """Return that a further plan of a session needs an approval of its own."""
        number = 1 + max(stages.attempt for _, stages in self.well)
        asks = any(stages.settings.approval.required for _, stages in self.well)
        if number == 1 or not (asks and any(each.orders for each in planned.decisions.values())):
            return ()
        return (say(self.file.runs.lang, "household_run.again", {"number": number}),)

    def _decided(self, planned: PlannedHousehold) -> Mapping[str, Decided]:
        attempt = 1 + max(stages.attempt for _, stages in self.well)
        document = {
            **planned.document,
            "name": self.file.name,
            "file": str(self.file.path),
            "run": self._run_name(attempt),
            "accounts": sorted(leg.account for leg in self.legs),
            "reasons": list(planned.said),
            "seen": self._seen(),
            "wanted": dict(self.money.wanted),
        }
        return {
            leg.account: stages.decided(
                planned.decisions[leg.account], {**document, "account": leg.account}, attempt
            )
            for leg, stages in self.well
        }

    def _seen(self) -> dict[str, Any] | None:
        """Return what identifies the market that the plan was made from, for a replay."""
        for _, stages in self.well:
            if stages.inputs.calendar.name == HOME and stages.session == self._session:
                seen = stages.inputs.snapshot(self._session).seen
                return {"digest": seen.digest, "valued": seen.valued.document()}
        return None

    def _run_name(self, attempt: int) -> str:
        file = self.file
        strategy = self.well[0][1].records.strategy
        first = f"{file.name}.{strategy}.{self._session.isoformat()}"
        return first if attempt == 1 else f"{first}.{attempt}"

    def _unproved(self, planned: PlannedHousehold) -> RunReport | None:
        """Prove what the parts rest on; return that nothing is frozen where one cannot be."""
        found: dict[Leg, RunReport] = {}
        for leg, _ in self.well:

            def prove(stages: LegStages, leg: Leg = leg) -> None:
                report = stages.unproved(planned.allocations.get(leg.account, ()))
                if report is not None:
                    found[leg] = report

            leg.tried(prove)
            if leg.failed:
                return self.reporter.whole(planned, stands=False)
        return self.reporter.blocked(found, planned) if found else None

    def _frozen(self, planned: PlannedHousehold, decided: Mapping[str, Decided]) -> RunReport:
        runs: dict[str, Run] = {}
        for leg, stages in self.well:

            def freeze(stages: LegStages, name: str = leg.account) -> None:
                runs[name] = stages.freeze(decided[name])

            leg.tried(freeze)
            if leg.failed:
                return self.reporter.whole(planned, stands=False)
            self.unkept = {}  # a part that is frozen anywhere knows of it
            self.checkpoint("after-freeze")
        return self._carried_out(runs, planned)

    def _carried_out(
        self, runs: Mapping[str, Run], planned: PlannedHousehold | None = None
    ) -> RunReport:
        """Carry out what is frozen, account by account; each stop is that account's own."""
        arrived = [] if planned is not None else self.money.arrived(runs)
        kept = next(iter(runs.values())).document[KEPT]
        if self.unkept and not self.money.is_new(kept):
            self.unkept = {}  # the plan that the run continues knows the same
        self._finish_answer(runs)
        for leg in in_order([leg for leg, _ in self.well], runs):
            stages, run = leg.stages, runs[leg.account]
            assert stages is not None
            self.checkpoint("before-leg")
            leg.report = stages.reported(_going_on(stages, run))
            self.checkpoint("after-leg")
        stands = self.money.stands(kept)
        return self.reporter.whole(planned, runs, arrived=arrived, stands=stands)

    def _finish_answer(self, runs: Mapping[str, Run]) -> None:
        """Give what still waits of a plan the answer that a person gave to the whole.

        Each account's ledger keeps the answer: a crash between two of them may not leave half a
        plan that is sent, or refused, and half that waits.
        """
        found = {leg: stages.approval(runs[leg.account]) for leg, stages in self.well}
        if Approval.REJECTED in found.values():
            answer = LegStages.refuse
        elif Approval.APPROVED in found.values():
            answer = LegStages.release
        else:
            return
        for leg, approval in found.items():
            if self.executing and approval is Approval.WAITING:
                leg.tried(partial(answer, run=runs[leg.account]))

    def _early(self, decided: Mapping[str, Decided]) -> Mapping[Leg, RunReport]:
        """Return the accounts whose orders cannot be handed over yet, on the household's exchange.

        One abroad waits for its own exchange: a later run of the day hands its orders over.
        """
        main = self._main.inputs.calendar.name
        found = {}
        for leg, stages in self.well:
            waits = stages.desk.broker.hours(stages.executed) is Hours.EARLY
            if waits and decided[leg.account].plan.orders and stages.inputs.calendar.name == main:
                detail = {"executed": stages.executed}
                found[leg] = blocked(stages.config, "blocked_rule", "early", **detail)
        return found

    def _expected(self, account: str, stages: LegStages) -> ExpectedMoney:
        return self.money.expected(account, self._days)._replace(close=stages.close)

    @property
    def _main(self) -> LegStages:
        """Return an account of the exchange by whose sessions the household is planned.

        Accounts count whether they are well or not.
        """
        staged = [leg.stages for leg in self.legs if leg.stages is not None]
        main = main_exchange([stages.inputs.calendar.name for stages in staged])
        return next(stages for stages in staged if stages.inputs.calendar.name == main)

    @property
    def _session(self) -> date:
        return self._main.session

    @property
    def _days(self) -> PlanDays:
        main = self._main
        return PlanDays(session=main.session, executed=main.inputs.calendar.after(main.session))


def _looked_at(stages: LegStages) -> Looked:
    desk = stages.desk
    last = last_carried_out(desk.ledger)
    return Looked(
        portfolio=stages.portfolio,
        session=stages.session,
        executed=stages.executed,
        costs=average_costs(desk.ledger, UNITS[desk.currency]),
        kept={} if last is None else last.document.get(KEPT) or {},
        lately=traded_since(desk.ledger, stages.session - LATELY),
        safe=stages.safe,
        moved=stages.moved,
        paid_in=paid_in(desk.ledger, desk.currency),
    )


def _showing(stages: LegStages, decided: Decided) -> Callable[[], RunReport]:
    return lambda: stages.reporter.planned(decided)


def _going_on(stages: LegStages, run: Run) -> Callable[[], RunReport]:
    return lambda: stages.go_on(run)
