"""One account of a household's run: looked at by itself, decided on together with the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from jeoul.errors import DataError
from jeoul.model.decision import Decision
from jeoul.model.portfolio import Portfolio, Reason, Side
from jeoul.operations.broker.port import Hours
from jeoul.operations.decision import Decided, planned_by
from jeoul.operations.desk.approval import (
    Approval,
    approval_of,
    approve,
    is_rejected,
    is_unfit,
    lapse,
    reject,
)
from jeoul.operations.desk.guards import is_safe, is_stopped
from jeoul.operations.desk.intents import Run, attempts, find_run, intents_of, named_run
from jeoul.operations.desk.lapsing import UNFIT, UNSENT
from jeoul.operations.desk.order_desk import OrderDesk
from jeoul.operations.desk.reconcile import spendable
from jeoul.operations.household.allocations import ProvableAllocation
from jeoul.operations.ledger import Ledger, moved_with_bank
from jeoul.operations.proving import unproved
from jeoul.operations.run_inputs import RunInputs
from jeoul.operations.setup.outcome import RunReport
from jeoul.operations.setup.request import RunRequest
from jeoul.operations.stages import Stages
from jeoul.operations.told.newest import last_close
from jeoul.operations.told.run_report import STOPS, message

KEPT = "household"
"""The key under which a plan keeps the household's plan that it is a part of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """Whose account it is: the household's file and state folder, whose switches hold for all."""

    file: str
    state: Path


class LegStages(Stages):
    """The stages of one account that a household plans.

    The account never decides by itself: what no longer fits lapses, and the household plans again.
    """

    def __init__(
        self, inputs: RunInputs, desk: OrderDesk, request: RunRequest, member: Membership
    ) -> None:
        super().__init__(inputs, desk, request)
        self.member = member
        self.executed = self.session

    def look(self) -> None:
        """Find out what became of earlier orders, and bring books and broker to one truth."""
        if self.executing:
            self.records.check_planner(self.member.file, adopt=True)
        self.executed = self._looked()

    def current(self) -> Run | None:
        """Return the run of the session, None without one or where it no longer fitted."""
        ledger = self.desk.ledger
        run = find_run(ledger, self.settings.name, self.records.strategy, self.session)
        return None if run is None or is_unfit(ledger, run) else run

    @property
    def attempt(self) -> int:
        """Return how many plans the account has had for the session."""
        ledger, name = self.desk.ledger, self.settings.name
        return attempts(ledger, name, self.records.strategy, self.session)

    @property
    def portfolio(self) -> Portfolio:
        """Return what the account can spend and sell."""
        return spendable(self.desk, self.executed)

    def gate(self) -> RunReport | None:
        """Return why nothing is decided now, None if something is."""
        return self._gates(self.executed)

    def decided(self, decision: Decision, plan: Mapping[str, Any], attempt: int) -> Decided:
        """Return the account's part of a household's plan, cut to what its own limits let through.

        ``plan`` is what is kept of the whole, ``attempt`` its number on the session.
        """
        portfolio = self.portfolio
        given = replace(
            self._circumstances(self.executed, portfolio, self.inputs.mandate),
            attempt=attempt,
            household={KEPT: plan},
        )
        if given.stops is not None:
            decision = unbought(decision, given.stops)
        return planned_by(self.config, self.inputs.mandate, decision, portfolio, given)

    def refused(self, decided: Decided) -> RunReport | None:
        """Return why an account's part cannot be frozen: its rules have changed, or its limits."""
        if self.rules.must_ask:
            return self.reporter.rules_question(self.rules, decided, None)
        return self.reporter.refused(decided)

    def unproved(self, allocations: Sequence[ProvableAllocation]) -> RunReport | None:
        """Keep or quote the proof of what a part rests on; return why one of it has none."""
        for proposal, proof in allocations:
            found = unproved(self.config, self.records, proposal, proof)
            if found is not None:
                return replace(found, asked=(message(self.config, "household_unproved_ask"),))
        return None

    def freeze(self, decided: Decided) -> Run:
        """Make the account's part durable; nothing is sent yet."""
        return self._freeze(decided)

    @property
    def moved(self) -> int:
        """Return what the books have seen move between the account and a bank so far."""
        return moved_with_bank(self.desk.ledger, self.desk.currency)

    def close(self, ticker: str) -> int | None:
        """Return a fund's last close in the account's smallest unit, None where none is known."""
        try:
            return last_close(self.inputs.snapshot(self.session), ticker, self.desk.currency)
        except DataError:
            return None  # a run on data without its session stops at the gates

    def rests(self, run: Run) -> bool:
        """Return whether nothing can happen to a part any more, and nobody rejected it."""
        intents = intents_of(self.desk.ledger, run.run_id)
        return all(intent.done for intent in intents) and not is_rejected(self.desk.ledger, run)

    def approval(self, run: Run) -> Approval:
        """Return where the account's part of a plan is with the person who releases it."""
        return approval_of(self.desk.ledger, run, self.settings.approval, self.desk.clock.now())

    def release(self, run: Run) -> None:
        """Record that a person released the plan of which a run is the account's part."""
        approve(self.desk, run.run_id, self.settings.approval)

    def refuse(self, run: Run) -> None:
        """Record that a person refused the plan of which a run is the account's part."""
        reject(self.desk, run.run_id)

    def go_on(self, run: Run) -> RunReport:
        """Carry a frozen part out, or show where it stands.

        What cannot be handed over yet waits for the account's own exchange.
        """
        report = self._continue(run)
        unsent = (intent.state in UNSENT for intent in intents_of(self.desk.ledger, run.run_id))
        waits = self.executing and report.outcome == "planned" and any(unsent)
        if not waits or self.desk.broker.hours(self.executed) is not Hours.EARLY:
            return report
        asked = message(self.config, "household_waits_ask", executed=self.executed)
        return replace(report, asked=(asked,))

    @property
    def safe(self) -> bool:
        """Return whether the account sells only what it must."""
        return self._safe

    @property
    def _safe(self) -> bool:
        return super()._safe or is_safe(self.settings.safety, self.member.state)

    @property
    def _stopped(self) -> bool:
        return super()._stopped or is_stopped(self.settings.safety, self.member.state)

    def _released_as(self, run: Run) -> str:
        return str(run.document[KEPT]["run"])

    def _lapse(self, run: Run, reasons: tuple[Reason, ...]) -> RunReport:
        stored = [[reason.kind, reason.detail] for reason in reasons]
        lapse(self.desk, run, {"why": UNFIT, "reasons": stored})
        self._conclude(run)
        texts = tuple(map(self.reporter.text, reasons))
        asked = (message(self.config, "household_again_ask"),)
        said = message(self.config, "household_lapsed", run=run.run_id)
        return RunReport("blocked_rule", (said, *texts), asked)


def unbought(decision: Decision, why: Reason) -> Decision:
    """Return a decision without its purchases, and why nothing is bought."""
    sales = tuple(order for order in decision.orders if order.side is Side.SELL)
    if sales == decision.orders:
        return decision
    return replace(decision, orders=sales, reasons=(*decision.reasons, why))


@dataclass(slots=True, eq=False)
class Leg:
    """An account in a household's run; ``report`` is what it came to, None while that is open.

    ``stages`` is None where its ledger or its broker could not be opened.
    """

    account: str
    stages: LegStages | None
    report: RunReport | None = None
    failed: bool = False

    def tried(self, work: Callable[[LegStages], None]) -> None:
        """Do something with an account that is well; a stop of it is its report."""
        if self.stages is None or self.failed:
            return
        stages = self.stages
        try:
            work(stages)
        except STOPS as stop:
            self.failed = True
            self.report = stages.reported(_raising(stop))


def _raising(stop: Exception) -> Callable[[], RunReport]:
    def work() -> RunReport:
        raise stop

    return work


def part_named(ledger: Ledger, household_run: str) -> Run | None:
    """Return the account's newest run that is a part of a household's, None without one."""
    row = ledger.row(
        "SELECT run_id FROM runs WHERE json_extract(plan, '$.household.run') = ? "
        "ORDER BY seq DESC LIMIT 1",
        household_run,
    )
    return None if row is None else named_run(ledger, row["run_id"])


def last_planned(ledger: Ledger) -> Run | None:
    """Return the newest part of a household's plan that was frozen, whatever became of it."""
    row = ledger.row(
        "SELECT run_id FROM runs WHERE json_extract(plan, '$.household.run') IS NOT NULL "
        "ORDER BY seq DESC LIMIT 1"
    )
    return None if row is None else named_run(ledger, row["run_id"])


def last_carried_out(ledger: Ledger) -> Run | None:
    """Return the newest run that was carried out: it asked for no order, or the broker has one.

    A plan that lapsed or was rejected before that has changed nothing.
    """
    row = ledger.row(
        "SELECT run_id FROM runs r WHERE NOT EXISTS "
        "(SELECT 1 FROM intents n WHERE n.run_id = r.run_id) OR EXISTS ("
        "SELECT 1 FROM order_events e JOIN intents i USING (intent) "
        "WHERE i.run_id = r.run_id AND e.state = 'acknowledged') ORDER BY seq DESC LIMIT 1"
    )
    return None if row is None else named_run(ledger, row["run_id"])


def in_order(legs: Sequence[Leg], runs: Mapping[str, Run]) -> list[Leg]:
    """Return legs as they are carried out: those that sell first, and then by their name."""

    def sells(leg: Leg) -> bool:
        assert leg.stages is not None
        intents = intents_of(leg.stages.desk.ledger, runs[leg.account].run_id)
        return any(intent.order.side is Side.SELL for intent in intents)

    return sorted(legs, key=lambda leg: (not sells(leg), leg.account))
