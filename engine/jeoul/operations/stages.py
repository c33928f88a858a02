"""The stages of a run, in order: release, recover, reconcile, gates, decide, freeze, carry out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import partial

from jeoul.errors import AllocationError, BrokerError, DataError
from jeoul.model.decision import Proposal
from jeoul.model.portfolio import Portfolio, Reason
from jeoul.operations.archive import archive
from jeoul.operations.broker.port import Hours
from jeoul.operations.decision import Circumstances, Decided, decide
from jeoul.operations.desk.accepted_rules import (
    changed_reason,
    changes_since,
    check_rules,
    mandate_then,
)
from jeoul.operations.desk.approval import (
    HELD,
    UNRELEASED,
    Approval,
    approval_of,
    approve,
    is_unfit,
    lapse,
    reject,
)
from jeoul.operations.desk.guards import is_safe, is_stopped
from jeoul.operations.desk.intents import (
    Run,
    attempts,
    find_run,
    intents_of,
    named_run,
    open_intents,
)
from jeoul.operations.desk.lapsing import UNFIT, UNSENT
from jeoul.operations.desk.order_desk import OrderDesk
from jeoul.operations.desk.protocol import finish, freeze_plan, recover
from jeoul.operations.desk.reconcile import (
    Difference,
    ExpectedMoney,
    fresh_money,
    locked_shares,
    means,
    reconcile,
    spendable,
    was_invested,
)
from jeoul.operations.desk.room import room_stop
from jeoul.operations.desk.sales_first import place_orders
from jeoul.operations.desk.second_look import Today, misfits
from jeoul.operations.ledger import keep_checkpoint
from jeoul.operations.ledger.taken_files import STATEMENT, booked_statement
from jeoul.operations.proving import unproved
from jeoul.operations.run_inputs import RunInputs
from jeoul.operations.setup.outcome import RunReport
from jeoul.operations.setup.request import RunRequest
from jeoul.operations.told.newest import newest_price
from jeoul.operations.told.run_report import STOPS, RunReporter, blocked, stopped_by
from jeoul.operations.told.run_watch import RunWatch
from jeoul.operations.told.session_records import SessionRecords
from jeoul.pipeline import Mandate
from jeoul.pipeline.content import content_of
from jeoul.pipeline.situation import never_invested
from jeoul.profile import expired_reason, kept
from jeoul.translation import in_language


class Stages:
    """One run over one open ledger and broker."""

    def __init__(self, inputs: RunInputs, desk: OrderDesk, request: RunRequest) -> None:
        self.inputs = inputs
        self.desk = desk
        self.request = request
        self.config = inputs.config
        self.settings = inputs.config.settings
        self.session = self._session()
        strategy, diagnosis = inputs.mandate.strategy.name, inputs.diagnosis
        self.records = SessionRecords(desk, self.settings.name, strategy, self.session)
        self.reporter = RunReporter(self.config, self.records, not self.executing, diagnosis)
        self.watch = RunWatch(
            config=self.config,
            records=self.records,
            calendar=inputs.calendar,
            overlay=inputs.alarms,
            diagnosis=diagnosis,
        )
        self.unexplained = Difference(0, {})
        self.expected: Callable[[], ExpectedMoney] = ExpectedMoney  # nobody was asked to move any
        self.rules = check_rules(desk.ledger, content_of(inputs.mandate))

    @property
    def executing(self) -> bool:
        """Return whether this run may send orders: told to execute, or to release a plan."""
        return self.request.execute or self.request.approve is not None

    def result(self) -> RunReport:
        """Return what the run came to; the history keeps a stop of a run that executes."""
        return self.reported(self._stages)

    def reported(self, work: Callable[[], RunReport]) -> RunReport:
        """Return the report of a part of the run, with what every report says beside it.

        A stop is a report too.
        """
        try:
            report = work()
        except STOPS as error:
            report = stopped_by(self.config, error)
        if self.executing:
            try:
                self.records.notes.outcome(report)
            except BrokerError as error:
                said = in_language(str(error), self.settings.lang)
                report = replace(report, reasons=(*report.reasons, said))
        inputs = self.inputs
        newest = newest_price(inputs.market, inputs.calendar, self.desk.at())
        base = self.reporter.base(self.unexplained) | self.watch.document()
        ends = self.reporter.ends(self.desk.at(), report.reasons)
        age = () if self.request.as_of is not None else self.reporter.age(newest)
        reasons = (*self.reporter.gap(), *report.reasons, *self.reporter.reading(), *age, *ends)
        document = {**base, "newest_price": newest, **report.document}
        return replace(report, reasons=reasons, document=document)

    def _session(self) -> date:
        """Return the session that is decided on: named, that of a released run, or the newest."""
        if self.request.as_of is not None:
            return self.request.as_of
        released = self.request.approve or self.request.reject
        run = None if released is None else named_run(self.desk.ledger, released)
        newest = self.inputs.market.last_session(self.inputs.calendar.name)
        return newest if run is None else run.session

    def _stages(self) -> RunReport:
        self.records.check_planner(None, adopt=self.request.adopt)
        executed = self._looked()
        run = find_run(self.desk.ledger, self.settings.name, self.records.strategy, self.session)
        if run is None or is_unfit(self.desk.ledger, run):
            return self._decide(executed)
        return self._continue(run)

    def _looked(self) -> date:
        """Bring books and broker to one truth; return the session on which orders are filled."""
        self.records.check_home(str(self.config.state.resolve()), adopt=self.request.adopt)
        self.inputs.calendar.index(self.session)
        if self.request.execute:
            keep_checkpoint(self.desk.ledger)
            self.watch.look()
        executed = self.inputs.calendar.after(self.session)
        self._take_instructions()
        self.desk.broker.catch_up(self.session)
        recover(self.desk)
        for each in self.records.unfinished():
            self._conclude(each)
        self._reconcile(self.session, executed)
        self.rules = check_rules(self.desk.ledger, self.rules.now)
        return executed

    def _take_instructions(self) -> None:
        """Take in what a person says: fills of a ticket, a plan released or refused."""
        if self.request.fills is not None:
            self.desk.broker.take_fills(self.request.fills)
        if self.request.approve is not None:
            approve(self.desk, self.request.approve, self.settings.approval)
        if self.request.reject is not None:
            reject(self.desk, self.request.reject)
        if self.request.accept is not None:
            self.records.accept_rules(self.rules.now, self.request.accept, self.request.by)

    def _reconcile(self, session: date, executed: date) -> None:
        broker, safety = self.desk.broker, self.settings.safety
        statement = broker.statement()  # a person gave that file, so its holdings are adopted
        adopt = self.request.adopt or safety.unexplained == "adopt" or statement is not None
        found = reconcile(self.desk, session, executed, adopt=adopt, expected=self.expected())
        self.unexplained = found or self.unexplained
        if statement is None or statement == booked_statement(self.desk.ledger):
            return
        if not any(intent.order_id for intent in open_intents(self.desk.ledger)):
            self.records.notes.add(STATEMENT, {"digest": statement})
            broker.statement_booked(statement)

    def _decide(self, executed: date) -> RunReport:
        """Decide on a session that has no frozen run yet."""
        if (report := self._gates(executed)) is not None:
            return report
        decided = self._decided(executed)
        self._check_series(decided.decision.proposal)
        if self.rules.must_ask:
            return self._ask_about_rules(decided, executed)
        if refused := self.reporter.refused(decided):
            return refused
        if not self.executing:
            return self.reporter.planned(decided)
        if decided.plan.orders and self.desk.broker.hours(executed) is Hours.EARLY:
            return blocked(self.config, "blocked_rule", "early", executed=executed)
        return self._unproved(decided.decision.proposal) or self._frozen(decided)

    def _check_series(self, proposal: Proposal) -> None:
        """Raise :class:`DataError` if a run that trades lacks a series that a rule needs."""
        missing = self.reporter.overdue(proposal)
        if self.executing and missing:
            raise DataError(missing)

    def _gates(self, executed: date) -> RunReport | None:
        """Return why nothing is decided now, None if something is."""
        if self._stopped:
            return blocked(self.config, "blocked_rule", "stopped")
        if self.desk.broker.hours(executed) is Hours.OVER:
            old = self.inputs.calendar.closed_since(self.session, self.desk.at())
            detail = {"session": self.session, "executed": executed, "old": old}
            return blocked(self.config, "blocked_data", "stale", **detail)
        waiting = sum(intent.order_id is not None for intent in open_intents(self.desk.ledger))
        if waiting:
            return blocked(self.config, "needs_person", "open_orders", orders=waiting)
        return None

    def _decided(self, executed: date, mandate: Mandate | None = None) -> Decided:
        """Return what the account does, under the run's own mandate or under another one."""
        under = self.inputs.mandate if mandate is None else mandate
        proposal = self.inputs.proposal(self.session, under)
        portfolio = spendable(self.desk, executed)
        changed = self.rules.changes and mandate is None
        given = replace(
            self._circumstances(executed, portfolio, under),
            cause=changed_reason(self.rules.changes) if changed else None,
        )
        return decide(self.config, under, proposal, portfolio, given)

    def _circumstances(self, executed: date, portfolio: Portfolio, under: Mandate) -> Circumstances:
        ledger, account, plan = self.desk.ledger, self.settings.name, under.universe.instruments
        return Circumstances(
            fresh=fresh_money(ledger, account, self.desk.currency),
            traded=self.records.traded(executed),
            first=never_invested(portfolio, plan) and not was_invested(ledger, plan),
            safe=self._safe,
            seen=self.inputs.snapshot(self.session).seen,
            attempt=1 + attempts(ledger, account, self.records.strategy, self.session),
            locked=locked_shares(self.desk),
            diagnosis=kept(self.inputs.diagnosis),
            stops=self._stops(executed),
        )

    def _ask_about_rules(self, decided: Decided, executed: date) -> RunReport:
        """Return the question whether the changed rules may trade, with what they would move."""
        before = None
        then = mandate_then(self.rules, self.inputs.mandate)
        if then is not None:
            try:
                before = self._decided(executed, then)
            except (AllocationError, DataError):
                before = None  # the old rules cannot be followed today: their last plan stands in
        return self.reporter.rules_question(self.rules, decided, before)

    def _stops(self, executed: date) -> Reason | None:
        """Return why nothing is bought: answers that have expired, or more than the kind takes."""
        room = room_stop(self.desk.ledger, self.settings, self.desk.currency, executed)
        return expired_reason(self.inputs.diagnosis) or room

    @property
    def _safe(self) -> bool:
        return is_safe(self.settings.safety, self.config.state)

    @property
    def _stopped(self) -> bool:
        """Return whether the kill switch is on; it may be thrown while a run goes on."""
        return is_stopped(self.settings.safety, self.config.state)

    def _unproved(self, proposal: Proposal) -> RunReport | None:
        proof = partial(self.inputs.proof, proposal)
        return unproved(self.config, self.records, proposal, proof)

    def _frozen(self, decided: Decided) -> RunReport:
        return self._continue(self._freeze(decided))

    def _freeze(self, decided: Decided) -> Run:
        """Make a plan durable with what it was decided from; nothing is sent yet."""
        self.records.skipped(self.inputs.calendar)
        if decided.plan.orders and self.inputs.keep_inputs:
            archive(
                self.config.state,
                self.inputs.market,
                self.inputs.calendar.name,
                self.session,
                self.desk.ledger.key,
            )
        if self.rules.unkept:
            self.records.adopt_rules(self.rules.now)
        plan = decided.plan
        self.records.keep_expected(plan.run_id, decided.decision.proposal, self.rules.now.digest)
        if self.request.hold and plan.orders:
            plan = replace(plan, document={**plan.document, HELD: True})
        freeze_plan(self.desk, plan)
        run = named_run(self.desk.ledger, decided.plan.run_id)
        assert run is not None
        return run

    def _continue(self, run: Run) -> RunReport:
        """Show a frozen run, after going on with it if that is asked for."""
        if self.executing:
            self.records.review(run)
        now = self.desk.clock.now()
        approval = approval_of(self.desk.ledger, run, self.settings.approval, now)
        finished = self.records.is_finished(run)
        if self.executing and self._is_outdated(run):
            return self._lapse(run, (Reason.of("operations.misfit_rules"),))
        if approval is Approval.LAPSED and not finished:
            lapse(self.desk, run, UNRELEASED)
            self._conclude(run)
        elif approval is Approval.WAITING and not finished:
            asked = self.reporter.say("approve_ask", run=self._released_as(run))
            return self.reporter.outcome(run, "planned", asked)
        elif not finished and (self.request.execute or self.request.approve == run.run_id):
            return self._carry_out(run)
        return self._shown(run)

    def _released_as(self, run: Run) -> str:
        """Return the name by which a person releases a run."""
        return run.run_id

    def _is_outdated(self, run: Run) -> bool:
        """Return whether a plan with unsent orders was made under other rules than today's."""
        unsent = any(each.state in UNSENT for each in intents_of(self.desk.ledger, run.run_id))
        return unsent and bool(changes_since(run, self.rules.now))

    def _carry_out(self, run: Run) -> RunReport:
        if halted := self._halted(run):
            return halted
        intents = intents_of(self.desk.ledger, run.run_id)
        today = Today(
            means=means(self.desk, run.executed),
            safety=self.settings.safety,
            safe=self._safe,
            traded=self.records.traded(run.executed),
            fees=self.desk.fees,
            stops=self._stops(run.executed),
            sales_first=self.desk.broker.sales_first,
        )
        reasons = misfits(self.desk.ledger, run, intents, today)
        if reasons:
            return self._lapse(run, reasons)
        place_orders(self.desk, run, lambda: self._stopped)
        self._conclude(run)
        self._reconcile(run.session, run.executed)
        shown, over = self._shown(run), self._halted(run)
        if over is None:
            return shown
        return replace(shown, outcome=over.outcome, asked=over.asked, reasons=over.reasons)

    def _halted(self, run: Run) -> RunReport | None:
        """Return the report of a plan whose unsent orders the kill switch stops, None without."""
        unsent = any(each.state in UNSENT for each in intents_of(self.desk.ledger, run.run_id))
        stopped = unsent and self._stopped
        return blocked(self.config, "blocked_rule", "stopped") if stopped else None

    def _lapse(self, run: Run, reasons: tuple[Reason, ...]) -> RunReport:
        """Let a plan lapse that no longer fits, and decide on its session again."""
        lapse(self.desk, run, {"why": UNFIT, "reasons": [[r.kind, r.detail] for r in reasons]})
        self._conclude(run)
        report = self._decide(run.executed)
        said = self.reporter.say("lapsed_again", run=run.run_id)
        return replace(report, reasons=(said, *map(self.reporter.text, reasons), *report.reasons))

    def _conclude(self, run: Run) -> None:
        if self.records.is_finished(run):
            return
        intents = intents_of(self.desk.ledger, run.run_id)
        if all(intent.done for intent in intents):
            finish(self.desk, run.run_id, {"orders": len(intents)})

    def _shown(self, run: Run) -> RunReport:
        return self.reporter.frozen(run, self.desk.broker.order_file(run.executed))
