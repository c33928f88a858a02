"""The stages of a run, in order: release, recover, reconcile, gates, decide, freeze, carry out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from jeoul.errors import AllocationError, BrokerError, DataError
from jeoul.operations.archive import archive
from jeoul.operations.broker.port import Hours
from jeoul.operations.broker.ticket import TicketBroker
from jeoul.operations.decision import Circumstances, Decided, decide
from jeoul.operations.desk.approval import Approval, approval_of, approve, lapse, reject
from jeoul.operations.desk.guards import switches
from jeoul.operations.desk.intents import find_run, intents_of, named_run, open_intents
from jeoul.operations.desk.protocol import (
    Desk,
    collect,
    finish,
    freeze_plan,
    hand_over,
    recover,
)
from jeoul.operations.desk.reconcile import (
    Difference,
    fresh_money,
    locked_shares,
    reconcile,
    spendable,
)
from jeoul.operations.setup.calendar import missed, runs_on
from jeoul.operations.setup.outcome import Report
from jeoul.operations.told.run_report import Teller, blocked, stopped
from jeoul.operations.told.session_records import Records

if TYPE_CHECKING:
    from jeoul.operations.desk.intents import Run
    from jeoul.operations.run import Runner


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of a run. ``adopt`` takes unexplained holdings into the books this once."""

    as_of: date | None = None
    execute: bool = False
    approve: str | None = None
    reject: str | None = None
    fills: Path | None = None
    adopt: bool = False


class Stages:
    """One run over one open ledger and broker."""

    def __init__(self, runner: Runner, desk: Desk, request: Request) -> None:
        self.runner = runner
        self.desk = desk
        self.request = request
        self.config = runner.config
        self.settings = runner.config.settings
        self.session = self._session()
        self.records = Records(desk, self.settings.name, runner.mandate.strategy.name, self.session)
        dry = not (request.execute or request.approve)
        self.teller = Teller(runner.config, self.records, dry)
        self.unexplained = Difference(0, {})

    def result(self) -> Report:
        """Return what the run came to; a stop is kept in the history of a run that executes."""
        try:
            report = self._stages()
        except BrokerError as error:
            report = stopped(self.config, "needs_person", str(error))
        except DataError as error:
            report = stopped(self.config, "blocked_data", str(error))
        except AllocationError as error:
            report = stopped(self.config, "blocked_rule", str(error))
        if self.request.execute and report.exit_code and not report.document.get("run_id"):
            try:
                self.records.notes.outcome(report)
            except BrokerError as error:
                report = replace(report, reasons=(*report.reasons, str(error)))
        base = self.teller.base(self.unexplained)
        reasons = (*report.reasons, *self.teller.keys_end(self.desk.at()))
        return replace(report, reasons=reasons, document={**base, **report.document})

    def _session(self) -> date:
        """Return the session that is decided on: named, that of a released run, or the newest."""
        if self.request.as_of is not None:
            return self.request.as_of
        released = self.request.approve or self.request.reject
        run = None if released is None else named_run(self.desk.ledger, released)
        newest = self.runner.market.last_session(self.runner.calendar.name)
        return newest if run is None else run.session

    def _stages(self) -> Report:
        self.records.check_home(str(self.config.state.resolve()), adopt=self.request.adopt)
        self.runner.calendar.index(self.session)
        executed = self.runner.calendar.after(self.session)
        self._listen()
        self.desk.broker.catch_up(self.session)
        recover(self.desk)
        for unfinished in self.records.unfinished():
            self._conclude(unfinished)
        self._reconcile(self.session, executed)
        ledger = self.desk.ledger
        run = find_run(ledger, self.settings.name, self.records.strategy, self.session)
        return self._anew(executed) if run is None else self._again(run)

    def _listen(self) -> None:
        """Take in what a person says: fills of a ticket, a plan released or refused."""
        broker = self.desk.broker
        if self.request.fills is not None:
            if not isinstance(broker, TicketBroker):
                raise DataError(
                    "--fills belongs to a config whose broker is a ticket; leave it out"
                )
            broker.tell(self.request.fills)
        if self.request.approve is not None:
            approve(self.desk, self.request.approve, self.settings.approval)
        if self.request.reject is not None:
            reject(self.desk, self.request.reject)

    def _reconcile(self, session: date, executed: date) -> None:
        broker = self.desk.broker
        adopt = self.request.adopt or self.settings.safety.unexplained == "adopt"
        ticket = isinstance(broker, TicketBroker)  # a person gave that file
        found = reconcile(self.desk, session, executed, adopt=adopt or ticket)
        self.unexplained = found or self.unexplained
        if not isinstance(broker, TicketBroker) or broker.digest() == broker.imported:
            return
        if not any(intent.order_id for intent in open_intents(self.desk.ledger)):
            self.records.notes.add("import", {"digest": broker.digest()})
            broker.imported = broker.digest()

    def _anew(self, executed: date) -> Report:
        """Decide on a session that has no frozen run yet."""
        report = self._gates(executed)
        if report is not None:
            return report
        decided = self._decided(executed)
        if decided.forbidden:
            return self.teller.forbidden(decided)
        if not self.request.execute:
            return self.teller.planned(decided)
        if decided.plan.orders and self.desk.broker.hours(executed) is Hours.EARLY:
            return blocked(self.config, "blocked_rule", "early", executed=executed)
        return self._frozen(decided)

    def _gates(self, executed: date) -> Report | None:
        """Return why nothing is decided now, None if something is."""
        stop, _ = switches(self.settings.safety, self.config.state)
        if stop:
            return blocked(self.config, "blocked_rule", "stopped")
        if not self._is_scheduled():
            following = runs_on(self.runner.calendar, self.settings.schedule.every, executed)
            text = self.teller.say("not_scheduled", next=next(following, "?"))
            return Report("nothing_to_do", (text,))
        if self.desk.broker.hours(executed) is Hours.OVER:
            detail = {"session": self.session, "executed": executed}
            return blocked(self.config, "blocked_data", "stale", **detail)
        waiting = sum(intent.order_id is not None for intent in open_intents(self.desk.ledger))
        if waiting:
            return blocked(self.config, "needs_person", "open_orders", orders=waiting)
        return None

    def _is_scheduled(self) -> bool:
        """Return whether the schedule has this session, or one before it that was missed.

        A session that is named, and a dry run, are always looked at.
        """
        if self.request.as_of is not None or not self.request.execute:
            return True
        last = self.records.last_session()
        if last is None or self.settings.schedule.every == "session":
            return True
        following = self.runner.calendar.after(self.session)
        return bool(missed(self.runner.calendar, self.settings.schedule.every, last, following))

    def _decided(self, executed: date) -> Decided:
        proposal = self.runner.proposal(self.session)
        _, safe = switches(self.settings.safety, self.config.state)
        return decide(
            self.config,
            self.runner.mandate,
            proposal,
            spendable(self.desk, executed),
            Circumstances(
                fresh=fresh_money(self.desk.ledger, self.settings.name, proposal.currency),
                traded=self.records.traded(executed),
                safe=safe,
                locked=locked_shares(self.desk),
            ),
            snapshot=self.runner.snapshot_digest(self.session),
        )

    def _frozen(self, decided: Decided) -> Report:
        self.records.skipped(self.runner.calendar, self.settings.schedule.every)
        if decided.plan.orders and self.runner.keep_inputs:
            archive(self.config.state, self.runner.market, self.runner.calendar.name, self.session)
        freeze_plan(self.desk, decided.plan)
        run = named_run(self.desk.ledger, decided.plan.run_id)
        assert run is not None
        self.records.cut(run.run_id, decided.cut)
        self.records.review(run)
        return self._again(run)

    def _again(self, run: Run) -> Report:
        """Show a frozen run, after going on with it if that is asked for."""
        now = self.desk.clock.now()
        approval = approval_of(self.desk.ledger, run, self.settings.approval, now)
        finished = self.records.is_finished(run)
        if approval is Approval.LAPSED and not finished:
            lapse(self.desk, run)
            self._conclude(run)
        elif approval is Approval.WAITING and not finished:
            return self.teller.told(run, "planned", self.teller.say("approve_ask", run=run.run_id))
        elif not finished and (self.request.execute or self.request.approve == run.run_id):
            return self._carry_out(run)
        return self._shown(run)

    def _carry_out(self, run: Run) -> Report:
        stop, _ = switches(self.settings.safety, self.config.state)
        intents = intents_of(self.desk.ledger, run.run_id)
        if stop and any(intent.state in ("new", "absent") for intent in intents):
            return blocked(self.config, "blocked_rule", "stopped")
        hand_over(self.desk, run.run_id)
        self.desk.broker.catch_up(run.executed)
        collect(self.desk, run.executed)
        self._conclude(run)
        self._reconcile(run.session, run.executed)
        return self._shown(run)

    def _conclude(self, run: Run) -> None:
        intents = intents_of(self.desk.ledger, run.run_id)
        if not self.records.is_finished(run) and all(intent.done for intent in intents):
            finish(self.desk, run.run_id, {"orders": len(intents)})

    def _shown(self, run: Run) -> Report:
        broker = self.desk.broker
        ticket = broker.paths(run.executed)[0] if isinstance(broker, TicketBroker) else None
        return self.teller.shown(run, ticket)
