"""One run: gates, propose, place, freeze, orders, fills, reconcile, report."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from jeoul.errors import AllocationError, BrokerError, DataError, JeoulError
from jeoul.market import Market
from jeoul.messages import say
from jeoul.model.calendar import Calendar
from jeoul.model.decision import Proposal
from jeoul.model.portfolio import Reason
from jeoul.operations import memory as memories
from jeoul.operations.approval import Approval, approval_of, approve, lapse, reject
from jeoul.operations.archive import archive
from jeoul.operations.broker.factory import make_broker
from jeoul.operations.broker.port import Broker, Hours
from jeoul.operations.broker.ticket import TicketBroker
from jeoul.operations.calendar import SETTLEMENT_DAYS, missed, runs_on
from jeoul.operations.clock import Clock
from jeoul.operations.config import Config, rate, secrets_of
from jeoul.operations.decision import Decided, decide
from jeoul.operations.guards import switches
from jeoul.operations.intents import (
    Run,
    compact,
    find_run,
    intents_of,
    named_run,
    open_intents,
    run_events,
)
from jeoul.operations.ledger import NAME, Ledger, open_ledger
from jeoul.operations.lock import locked
from jeoul.operations.outcome import Report
from jeoul.operations.protocol import (
    Checkpoint,
    Desk,
    collect,
    finish,
    freeze_plan,
    hand_over,
    recover,
    unwatched,
)
from jeoul.operations.reconcile import Difference, fresh_money, reconcile, spendable
from jeoul.operations.secrets import without_secrets
from jeoul.operations.shown import run_document
from jeoul.pipeline import Mandate, propose
from jeoul.pipeline.inputs import fingerprint
from jeoul.rebalance import settlement_date

CLOCK_SLACK = 300  # seconds that the clock may lie behind the ledger's newest row

Proposer = Callable[[date], Proposal]


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of a run. ``adopt`` takes unexplained holdings into the books this once."""

    as_of: date | None = None
    execute: bool = False
    approve: str | None = None
    reject: str | None = None
    fills: Path | None = None
    adopt: bool = False


@dataclass(slots=True)
class Runner:
    """A config with everything it needs to run.

    ``broker`` and ``proposer`` stand in for the config's own; ``keep_inputs`` archives what a run
    with orders has seen.
    """

    config: Config
    mandate: Mandate
    market: Market
    calendars: Mapping[str, Calendar]
    clock: Clock
    checkpoint: Checkpoint = unwatched
    broker: Broker | None = None
    proposer: Proposer | None = None
    keep_inputs: bool = True

    @property
    def calendar(self) -> Calendar:
        """Return the calendar of the strategy."""
        return self.calendars[self.mandate.strategy.calendar]

    def run(self, request: Request) -> Report:
        """Return the result of one run; the lock of the state folder is held until then.

        Raises :class:`AlreadyRunning` where another run holds it, and :class:`InputError` for a
        config that cannot be used. Everything else is an outcome.
        """
        with locked(self.config.state):
            try:
                with closing(open_ledger(self.config.state / NAME)) as ledger:
                    return self._with_ledger(ledger, request)
            except BrokerError as error:
                return self._stopped("needs_person", str(error))

    def _with_ledger(self, ledger: Ledger, request: Request) -> Report:
        head = ledger.head()
        now = self.clock.now()
        if now < head.at - CLOCK_SLACK:
            return self._blocked("blocked_rule", "clock", behind=int(head.at - now))
        broker = self.broker or make_broker(
            self.config, self.market, self.calendar, self.clock, ledger
        )
        with _closing(broker, keep=self.broker is not None):
            desk = Desk(
                ledger,
                broker,
                self.clock,
                self.mandate.universe.currency,
                rate(self.config.settings.broker.fee_rate),
                self._settles,
                self.checkpoint,
            )
            return _Pass(self, desk, request).result()

    def _settles(self, session: date) -> date:
        return settlement_date(self.calendar, session, SETTLEMENT_DAYS[self.calendar.name])

    def proposal(self, session: date) -> Proposal:
        """Return the proposal of a session, from the newest memory before it."""
        if self.proposer is not None:
            return self.proposer(session)
        snapshot = self.market.as_of(session, self.mandate.strategy.calendar)
        key = fingerprint(self.mandate, "")
        before = memories.newest_before(self.config.state, key, session)
        found = propose(self.mandate, snapshot, self.calendars, before)
        memories.keep(self.config.state, key, found.memory)
        return found

    def snapshot_digest(self, session: date) -> str:
        """Return the digest of what a session's decision sees."""
        return self.market.as_of(session, self.mandate.strategy.calendar).digest

    def say(self, kind: str, **detail: object) -> str:
        """Return a message of this part in the config's language."""
        return say(self.config.settings.lang, f"operations.{kind}", detail)

    def _blocked(self, outcome: str, kind: str, **detail: object) -> Report:
        return Report(outcome, (self.say(kind, **detail),), (self.say(f"{kind}_ask", **detail),))

    def _stopped(self, outcome: str, text: str) -> Report:
        hidden = without_secrets(text, secrets_of(self.config))
        settings = self.config.settings
        return Report(
            outcome,
            (hidden,),
            (self.say(f"{outcome}_ask"),),
            {"account": settings.name, "strategy": settings.strategy},
        )


class _Pass:
    """The stages of one run over one open ledger and broker."""

    def __init__(self, runner: Runner, desk: Desk, request: Request) -> None:
        self.runner = runner
        self.desk = desk
        self.request = request
        self.config = runner.config
        self.settings = runner.config.settings
        self.session = request.as_of or runner.market.last_session(runner.calendar.name)
        self.found = Difference(0, {})

    def result(self) -> Report:
        try:
            report = self._stages()
        except BrokerError as error:
            report = self._noted(self.runner._stopped("needs_person", str(error)))
        except DataError as error:
            report = self._noted(self.runner._stopped("blocked_data", str(error)))
        except AllocationError as error:
            report = self._noted(self.runner._stopped("blocked_rule", str(error)))
        return report

    # -- the stages, in order ------------------------------------------------------------------

    def _stages(self) -> Report:
        self._check_home()
        calendar = self.runner.calendar
        calendar.index(self.session)
        executed = calendar.after(self.session)
        if self.request.fills is not None:
            self._take_fills(self.request.fills)
        self.desk.broker.catch_up(self.session)
        self._release()
        recover(self.desk)
        for run in self._unfinished():
            self._conclude(run)
        self.found = reconcile(self.desk, self.session, executed, adopt=self._adopts)
        self._note_import()
        run = find_run(self.desk.ledger, self.settings.name, self._strategy, self.session)
        if run is not None:
            return self._again(run)
        return self._anew(executed)

    def _anew(self, executed: date) -> Report:
        """Decide on a session that has no frozen run yet."""
        stop, safe = switches(self.settings.safety, self.config.state)
        if stop:
            return self._noted(self.runner._blocked("blocked_rule", "stopped"))
        if not self._is_scheduled():
            return self._not_today(executed)
        hours = self.desk.broker.hours(executed)
        if hours is Hours.OVER:
            detail = {"session": self.session, "executed": executed}
            return self._noted(self.runner._blocked("blocked_data", "stale", **detail))
        waiting = [i for i in open_intents(self.desk.ledger) if i.order_id is not None]
        if waiting:
            return self._noted(
                self.runner._blocked("needs_person", "open_orders", orders=len(waiting))
            )
        proposal = self.runner.proposal(self.session)
        portfolio = spendable(self.desk, executed)
        decided = decide(
            self.config,
            self.runner.mandate,
            proposal,
            portfolio,
            fresh=fresh_money(self.desk.ledger, self.settings.name, proposal.currency),
            traded=self._traded(executed),
            safe=safe,
            snapshot=self.runner.snapshot_digest(self.session),
        )
        if decided.forbidden:
            texts = tuple(self._text(reason) for reason in decided.forbidden)
            document = self._preview(decided)
            asked = (self.runner.say("blocked_rule_ask"),)
            return self._noted(Report("blocked_rule", texts, asked, document))
        if not self.request.execute:
            outcome = "planned" if decided.plan.orders else "nothing_to_do"
            return Report(outcome, self._reasons(decided), self._dry(outcome), self._preview(decided))
        if decided.plan.orders and hours is Hours.EARLY:
            return self._noted(self.runner._blocked("blocked_rule", "early", executed=executed))
        return self._frozen(decided)

    def _is_scheduled(self) -> bool:
        """Return whether the schedule has this session, or one before it that was missed.

        A session that is named, and a dry run, are always looked at.
        """
        if self.request.as_of is not None or not self.request.execute:
            return True
        last = self._last_session()
        if last is None or self.settings.schedule.every == "session":
            return True
        following = self.runner.calendar.after(self.session)
        return bool(missed(self.runner.calendar, self.settings.schedule.every, last, following))

    def _not_today(self, executed: date) -> Report:
        every = self.settings.schedule.every
        next_run = next(iter(runs_on(self.runner.calendar, every, executed)), None)
        text = self.runner.say("not_scheduled", next=next_run or "?")
        return Report("nothing_to_do", (text,), (), self._base())

    def _last_session(self) -> date | None:
        """Return the newest session that this account and strategy decided on."""
        rows = self.desk.ledger.rows(
            "SELECT MAX(session) AS session FROM runs WHERE account = ? AND strategy = ?",
            self.settings.name,
            self._strategy,
        )
        last = rows[0]["session"]
        return None if last is None else date.fromisoformat(last)

    def _frozen(self, decided: Decided) -> Report:
        self._note_missed()
        if decided.plan.orders and self.runner.keep_inputs:
            archive(self.config.state, self.runner.market, self.runner.calendar.name, self.session)
        freeze_plan(self.desk, decided.plan)
        self._note_cut(decided)
        run = named_run(self.desk.ledger, decided.plan.run_id)
        assert run is not None
        self._review(run)
        if self.settings.approval.required and decided.plan.orders:
            return self._told(run, "planned", (self.runner.say("approve_ask", run=run.run_id),))
        return self._carry_out(run)

    def _again(self, run: Run) -> Report:
        """Show a run that was frozen before, after going on with it if that is asked for."""
        approval = approval_of(self.desk.ledger, run, self.settings.approval, self.desk.clock.now())
        if approval is Approval.LAPSED and not self._is_finished(run):
            lapse(self.desk, run)
            self._conclude(run)
            return self._shown(run)
        if approval is Approval.WAITING and any(i.state == "new" for i in self._intents(run)):
            ask = self.runner.say("approve_ask", run=run.run_id)
            return self._told(run, "planned", (ask,))
        asked_for = self.request.execute or self.request.approve == run.run_id
        if self._is_finished(run) or not asked_for:
            return self._shown(run)
        return self._carry_out(run)

    def _carry_out(self, run: Run) -> Report:
        stop, _ = switches(self.settings.safety, self.config.state)
        if stop and any(i.state in ("new", "absent") for i in self._intents(run)):
            return self._noted(self.runner._blocked("blocked_rule", "stopped"))
        hand_over(self.desk, run.run_id)
        self.desk.broker.catch_up(run.executed)
        collect(self.desk, run.executed)
        self._conclude(run)
        self.found = reconcile(self.desk, run.session, run.executed, adopt=self._adopts) or self.found
        return self._shown(run)

    def _conclude(self, run: Run) -> None:
        if not self._is_finished(run) and all(i.done for i in self._intents(run)):
            finish(self.desk, run.run_id, {"orders": len(self._intents(run))})

    # -- what is asked beside deciding ---------------------------------------------------------

    def _take_fills(self, file: Path) -> None:
        broker = self.desk.broker
        if not isinstance(broker, TicketBroker):
            raise DataError("--fills belongs to a config whose broker is a ticket; leave it out")
        broker.tell(file)

    def _release(self) -> None:
        """Record what a person says about a waiting plan."""
        for run_id, verb in ((self.request.approve, approve), (self.request.reject, reject)):
            if run_id is not None:
                verb(self.desk, run_id)
                run = named_run(self.desk.ledger, run_id)
                if run is not None and self.request.as_of is None:
                    self.session = run.session

    def _check_home(self) -> None:
        """Refuse a copy of the ledger: its original may be sending the same orders."""
        here = str(self.config.state.resolve())
        rows = self.desk.ledger.rows(
            "SELECT detail FROM notes WHERE kind = 'home' ORDER BY seq DESC LIMIT 1"
        )
        known = rows[0]["detail"] if rows else None
        detail = compact({"folder": here})
        if known is None or (known != detail and self.request.adopt):
            self._note("home", {"folder": here})
        elif known != detail:
            raise BrokerError(
                f"this ledger belongs to another folder than {here}; a copy could send the same "
                "orders again. If it was moved and the old one is gone, run once with --adopt"
            )

    # -- notes -----------------------------------------------------------------------------------

    def _note(self, kind: str, detail: Mapping[str, object]) -> None:
        with self.desk.ledger.transaction():
            self.desk.ledger.append(
                "notes",
                self.desk.at(),
                account=self.settings.name,
                strategy=self._strategy,
                session=self.session.isoformat(),
                kind=kind,
                detail=compact(detail),
            )

    def _noted(self, report: Report) -> Report:
        """Keep a blocked outcome in the history, once for each session and reason."""
        detail = compact({"outcome": report.outcome, "reasons": report.reasons})
        known = self.desk.ledger.rows(
            "SELECT 1 FROM notes WHERE kind = 'outcome' AND account = ? AND session = ? "
            "AND detail = ?",
            self.settings.name,
            self.session.isoformat(),
            detail,
        )
        if not known and self.request.execute:
            try:
                self._note("outcome", {"outcome": report.outcome, "reasons": report.reasons})
            except JeoulError as error:
                return Report(report.outcome, (*report.reasons, str(error)), report.asked)
        return Report(report.outcome, report.reasons, report.asked, {**self._base(), **report.document})

    def _note_missed(self) -> None:
        last = self._last_session()
        if last is None:
            return
        every = self.settings.schedule.every
        for day in missed(self.runner.calendar, every, last, self.session):
            self._note("skipped", {"session": day.isoformat(), "caught_up_by": str(self.session)})

    def _note_cut(self, decided: Decided) -> None:
        if decided.cut:
            texts = [[reason.kind, reason.detail] for reason in decided.cut]
            self._note("cut", {"run": decided.plan.run_id, "reasons": texts})

    def _note_import(self) -> None:
        broker = self.desk.broker
        if isinstance(broker, TicketBroker) and broker.digest() != broker.imported:
            if any(i.order_id for i in open_intents(self.desk.ledger)):
                return
            self._note("import", {"digest": broker.digest()})
            broker.imported = broker.digest()

    def _review(self, run: Run) -> None:
        """Record the first look of a quarter, also where nothing changes."""
        quarter = f"{run.session.year}Q{(run.session.month + 2) // 3}"
        known = self.desk.ledger.rows(
            "SELECT 1 FROM notes WHERE kind = 'review' AND account = ? AND strategy = ? "
            "AND json_extract(detail, '$.quarter') = ?",
            self.settings.name,
            self._strategy,
            quarter,
        )
        if not known:
            held = self._holdings()
            detail = {"quarter": quarter, "run": run.run_id, "weights": run.document["weights"]}
            orders = len(self._intents(run))
            self._note("review", {**detail, "holdings": held, "orders": orders})

    # -- what is shown ---------------------------------------------------------------------------

    def _shown(self, run: Run) -> Report:
        intents = self._intents(run)
        events = {event for event, _, _ in run_events(self.desk.ledger, run.run_id)}
        if "rejected" in events or "lapsed" in events:
            kind = "rejected" if "rejected" in events else "lapsed"
            return self._told(run, "blocked_rule", (), (self.runner.say(kind),))
        if not intents:
            return self._told(run, "nothing_to_do")
        bad = [i for i in intents if i.state in ("refused", "expired")]
        if bad:
            names = ", ".join(f"{i.ticker} {i.state}" for i in bad)
            reasons = (self.runner.say("not_placed", orders=names),)
            return self._told(run, "needs_person", (self.runner.say("not_placed_ask"),), reasons)
        if any(i.state in ("new", "absent", "sending") for i in intents):
            return self._told(run, "planned", (self.runner.say("execute_ask"),))
        if isinstance(self.desk.broker, TicketBroker) and any(not i.done for i in intents):
            table, _ = self.desk.broker.paths(run.executed)
            return self._told(run, "planned", (self.runner.say("ticket_ask", file=table),))
        return self._told(run, "executed")

    def _told(
        self,
        run: Run,
        outcome: str,
        asked: tuple[str, ...] = (),
        reasons: tuple[str, ...] = (),
    ) -> Report:
        texts = tuple(
            self._text(Reason(kind, tuple((k, v) for k, v in detail)))
            for kind, detail in run.document["reasons"]
        )
        document = run_document(run, self._intents(run), self.settings.lang)
        return Report(outcome, (*reasons, *texts), asked, {**self._base(), **document})

    def _preview(self, decided: Decided) -> Mapping[str, Any]:
        plan = decided.plan
        run = Run(
            plan.run_id,
            plan.account,
            plan.strategy,
            plan.session,
            plan.executed,
            plan.inputs_id,
            plan.document,
            self.desk.at(),
        )
        return {**self._base(), **run_document(run, plan.orders, self.settings.lang)}

    def _base(self) -> dict[str, Any]:
        head = self.desk.ledger.head()
        return {
            "run_id": None,
            "account": self.settings.name,
            "strategy": self._strategy,
            "as_of": self.session.isoformat(),
            "dry_run": not (self.request.execute or self.request.approve),
            "broker": self.desk.broker.kind,
            "holdings": self._holdings(),
            "unexplained": str(self.found) if self.found else None,
            "skipped": self._skipped(),
            "ledger": {"rows": head.seq, "head": head.hash},
        }

    def _holdings(self) -> dict[str, Any]:
        from jeoul.operations.ledger import portfolio

        found = portfolio(self.desk.ledger, self.desk.currency)
        coming = {day.isoformat(): amount for day, amount in found.unsettled.items()}
        return {"cash": found.cash, "unsettled": coming, "shares": dict(found.shares)}

    def _skipped(self) -> list[str]:
        rows = self.desk.ledger.rows(
            "SELECT json_extract(detail, '$.session') AS day FROM notes "
            "WHERE kind = 'skipped' AND account = ? AND session = ? ORDER BY seq",
            self.settings.name,
            self.session.isoformat(),
        )
        return [row["day"] for row in rows]

    def _reasons(self, decided: Decided) -> tuple[str, ...]:
        return tuple(self._text(r) for r in (*decided.decision.reasons, *decided.cut))

    def _dry(self, outcome: str) -> tuple[str, ...]:
        return (self.runner.say("execute_ask"),) if outcome == "planned" else ()

    def _text(self, reason: Reason) -> str:
        return say(self.settings.lang, reason.kind, dict(reason.detail))

    # -- small questions -------------------------------------------------------------------------

    @property
    def _adopts(self) -> bool:
        """Return whether what the books cannot explain is taken into them."""
        ticket = isinstance(self.desk.broker, TicketBroker)  # a person gave that file
        return self.request.adopt or ticket or self.settings.safety.unexplained == "adopt"

    @property
    def _strategy(self) -> str:
        return self.runner.mandate.strategy.name

    def _intents(self, run: Run) -> list[Any]:
        return intents_of(self.desk.ledger, run.run_id)

    def _is_finished(self, run: Run) -> bool:
        return any(event == "finished" for event, _, _ in run_events(self.desk.ledger, run.run_id))

    def _unfinished(self) -> list[Run]:
        rows = self.desk.ledger.rows(
            "SELECT run_id FROM runs WHERE account = ? AND run_id NOT IN "
            "(SELECT run_id FROM run_events WHERE event = 'finished') ORDER BY seq",
            self.settings.name,
        )
        found = (named_run(self.desk.ledger, row["run_id"]) for row in rows)
        return [run for run in found if run is not None]

    def _traded(self, executed: date) -> int:
        rows = self.desk.ledger.rows(
            "SELECT COALESCE(SUM(amount), 0) AS amount FROM fills WHERE session = ?",
            executed.isoformat(),
        )
        return int(rows[0]["amount"])


def _closing(broker: Broker, *, keep: bool) -> AbstractContextManager[object]:
    from contextlib import nullcontext

    return nullcontext() if keep else closing(broker)


