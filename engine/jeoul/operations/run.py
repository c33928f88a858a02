"""One run of one account: everything it needs, the lock around it, and its result."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from jeoul import moved
from jeoul.account.holdings import Securities
from jeoul.account.holdings.known import securities_of
from jeoul.account.price_events import PriceEvents
from jeoul.allocate import Proof
from jeoul.errors import BrokerError, DataError, ForeignMemory
from jeoul.market import Market, assemble
from jeoul.model.calendar import Calendar
from jeoul.model.decision import Proposal
from jeoul.model.money import UNITS
from jeoul.model.snapshot import Snapshot
from jeoul.operations.broker.port import Broker, BrokerContext, open_broker
from jeoul.operations.desk.buy_terms import BuyRules
from jeoul.operations.desk.order_desk import Checkpoint, OrderDesk, unwatched
from jeoul.operations.encryption import clear_copies
from jeoul.operations.errors import Sealed
from jeoul.operations.ledger import Ledger, Ledgers, ledger_of, portfolio
from jeoul.operations.ledger.taken_files import booked_statement
from jeoul.operations.run_inputs import RunInputs
from jeoul.operations.setup import memory as memories
from jeoul.operations.setup.clock import Clock
from jeoul.operations.setup.config import Config
from jeoul.operations.setup.lock import account_locked, locked
from jeoul.operations.setup.outcome import RunReport
from jeoul.operations.setup.passphrase import key_of
from jeoul.operations.setup.request import RunRequest
from jeoul.operations.setup.secrets import broker_secrets
from jeoul.operations.stages import Stages
from jeoul.operations.told.ledger_notes import LedgerNotes
from jeoul.operations.told.run_report import blocked, stopped
from jeoul.pipeline import Mandate, Model, present, propose, prove, run_model
from jeoul.pipeline.alarms import Alarm, overlay_alarms
from jeoul.pipeline.kept_names import kept_name
from jeoul.profile import Diagnosis
from jeoul.rebalance import settlement_date

__all__ = ["RunRequest", "Runner", "run_without_market"]

if not TYPE_CHECKING:  # with it in sight, every misspelt name would be an Any
    __getattr__ = moved.old_names(__name__)

CLOCK_SLACK = 300  # seconds that the clock may lie behind the ledger's newest row

Proposer = Callable[[date], Proposal]
Prover = Callable[[Proposal], Proof | None]


@dataclass(slots=True)
class Runner:
    """A config with everything it needs to run.

    ``broker``, ``proposer`` and ``prover`` stand in for the config's own; a proposal of another
    proposer has only the other prover. ``keep_inputs`` archives what a run with orders has seen.
    ``ledgers`` opens the ledger of a path; a run closes what it gave. ``diagnosis`` is that of the
    config's answers, None where it names a profile.
    """

    config: Config
    mandate: Mandate
    market: Market
    calendars: Mapping[str, Calendar]
    clock: Clock
    checkpoint: Checkpoint = unwatched
    broker: Broker | None = None
    proposer: Proposer | None = None
    prover: Prover | None = None
    keep_inputs: bool = True
    ledgers: Ledgers = ledger_of
    diagnosis: Diagnosis | None = None
    _made: tuple[str, date, Model] | None = field(default=None, init=False, repr=False)

    @property
    def calendar(self) -> Calendar:
        """Return the calendar of the strategy."""
        return self.calendars[self.mandate.strategy.calendar]

    def run(self, request: RunRequest) -> RunReport:
        """Return the result of one run; the lock of the state folder is held until then.

        Raises :class:`AlreadyRunning` where another run holds it, and :class:`InputError` for a
        config that cannot be used. Everything else is an outcome.
        """
        return _with_ledger(self.config, self.ledgers, lambda ledger: self._run(ledger, request))

    def proposal(self, session: date, mandate: Mandate | None = None) -> Proposal:
        """Return the proposal of a session, from the newest memory that is still valid.

        A mandate other than the runner's own has no memory here; its model is replayed.
        """
        if self.proposer is not None:
            return self.proposer(session)
        snapshot = self.market.as_of(session, self.mandate.strategy.calendar)
        if mandate is not None and mandate is not self.mandate:
            return propose(mandate, snapshot, self.calendars)
        found = present(self._model(snapshot), snapshot, self.calendar)
        rules, key = self._memory_name(), key_of(self.config)
        if rules is not None:
            memories.keep(self.config.state, rules, found.memory, snapshot.digest, key)
        return found

    def _memory_name(self) -> str | None:
        """Return the digest of all that this run's model depends on, except its data."""
        return kept_name("memory", self.mandate, "")

    def _model(self, snapshot: Snapshot, since: date | None = None) -> Model:
        """Return the model of a snapshot, replayed from a stored memory where one can be used.

        With ``since`` that memory is of this session or an earlier one, so that the replay passes
        through every later session. The newest model is kept: a run looks for alarms and then
        decides on the same session.
        """
        session = snapshot.as_of
        bound = session if since is None else min(session, since + timedelta(days=1))
        if self._made is not None:
            made, replayed_from, model = self._made
            if made == snapshot.digest and replayed_from <= bound:
                return model
        history = assemble(snapshot, self.mandate.universe, self.calendars)
        before, rules = None, self._memory_name()
        if rules is not None:
            key, shown = key_of(self.config), self._shown_digest
            before = memories.newest_before(self.config.state, rules, bound, shown, key)
        try:
            model = run_model(self.mandate, history, before)
        except ForeignMemory:
            model = run_model(self.mandate, history)
        self._made = (snapshot.digest, bound, model)
        return model

    def alarms(self, session: date, since: date | None) -> tuple[Alarm, ...]:
        """Return what the overlay did after ``since``, up to and including ``session``."""
        if self.proposer is not None:
            return ()
        snapshot = self.market.as_of(session, self.mandate.strategy.calendar)
        return overlay_alarms(self._model(snapshot, since), since)

    def proof(self, proposal: Proposal) -> Proof | None:
        """Return the proof of a proposal's allocation, None where no program was solved for it.

        Raises :class:`AllocationError` if it cannot be proved.
        """
        if self.prover is not None:
            return self.prover(proposal)
        if self.proposer is not None:
            return None
        snapshot = self.market.as_of(proposal.as_of, self.mandate.strategy.calendar)
        return prove(self.mandate, snapshot, self.calendars, proposal)

    def snapshot(self, session: date) -> Snapshot:
        """Return what a session's decision sees."""
        return self.market.as_of(session, self.mandate.strategy.calendar)

    def _shown_digest(self, session: date) -> str | None:
        try:
            return self.snapshot(session).digest
        except DataError:
            return None

    def _run(self, ledger: Ledger, request: RunRequest) -> RunReport:
        behind = ledger.head().at - self.clock.now()
        if behind > CLOCK_SLACK:
            return blocked(self.config, "blocked_rule", "clock", behind=int(behind))
        try:
            return self._at_desk(ledger, request)
        except DataError as error:
            stop = _Stop(self.config, self.calendar, self.clock, request)
            return stop.kept(ledger, error)

    def _at_desk(self, ledger: Ledger, request: RunRequest) -> RunReport:
        with self.desk(ledger) as desk:
            return Stages(self.inputs(), desk, request).result()

    @contextmanager
    def desk(self, ledger: Ledger) -> Iterator[OrderDesk]:
        """Open the account's broker, and give the desk where its orders are handed over."""
        with self._opened(ledger) as broker:
            currency = self.mandate.universe.currency
            yield OrderDesk(
                ledger=ledger,
                broker=broker,
                clock=self.clock,
                currency=currency,
                fees=self.config.settings.broker.tariff(UNITS[currency]),
                settles=self._settles,
                buy_rules=BuyRules(self.mandate.universe, self.config.settings.broker.price_collar),
                checkpoint=self.checkpoint,
                proceeds=self.config.settings.cash.proceeds,
            )

    def inputs(self) -> RunInputs:
        """Return what the stages of a run decide from."""
        return RunInputs(
            config=self.config,
            mandate=self.mandate,
            market=self.market,
            calendar=self.calendar,
            proposal=self.proposal,
            proof=self.proof,
            snapshot=self.snapshot,
            alarms=self.alarms,
            keep_inputs=self.keep_inputs,
            diagnosis=self.diagnosis,
        )

    def _opened(self, ledger: Ledger) -> AbstractContextManager[Broker]:
        if self.broker is not None:
            return nullcontext(self.broker)
        return closing(open_broker(self.config.settings.broker, self.broker_context(ledger)))

    def broker_context(self, ledger: Ledger) -> BrokerContext:
        """Return what the config's broker is opened with.

        Raises :class:`ConfigError` naming every variable of its secrets that cannot be used.
        """
        return BrokerContext(
            state=self.config.state,
            beside=self.config.beside,
            calendar=self.calendar,
            clock=self.clock,
            currency=self.mandate.universe.currency,
            secrets=broker_secrets(self.config.settings.broker, str(self.config.path)),
            price_events=self._price_events,
            statement=booked_statement(ledger),
            proceeds=self.config.settings.cash.proceeds,
            securities=self._securities(),
            books=lambda: portfolio(ledger, self.mandate.universe.currency),
            key=ledger.key,
        )

    def _securities(self) -> Securities:
        priced = (code for table in self.market.prices for code in table.tickers)
        return securities_of(self.mandate.universe, priced)

    def _price_events(self) -> PriceEvents:
        exchange = self.calendar.name
        tables = tuple(table for table in self.market.prices if table.exchange == exchange)
        return PriceEvents(tables, UNITS[self.mandate.universe.currency])

    def _settles(self, session: date) -> date:
        return settlement_date(self.calendar, session)


def run_without_market(
    config: Config, calendar: Calendar, clock: Clock, request: RunRequest, error: DataError
) -> RunReport:
    """Return what a run comes to whose market cannot be opened: stopped by data, and kept so."""
    stop = _Stop(config, calendar, clock, request)
    return _with_ledger(config, ledger_of, lambda ledger: stop.kept(ledger, error))


@contextmanager
def opened_ledger(config: Config, ledgers: Ledgers = ledger_of) -> Iterator[Ledger]:
    """Give the ledger of a config, whose state folder and account nobody else works on meanwhile.

    Raises :class:`AlreadyRunning` where somebody does, :class:`Sealed` and :class:`BrokerError` for
    a ledger that cannot be opened.
    """
    with locked(config.state), account_locked(config.settings.broker):
        if config.settings.encrypt is not None:
            clear_copies(config.state)
        with closing(ledgers(config)) as ledger:
            ledger.hold()
            yield ledger


def _with_ledger(
    config: Config, ledgers: Ledgers, work: Callable[[Ledger], RunReport]
) -> RunReport:
    try:
        with opened_ledger(config, ledgers) as ledger:
            return work(ledger)
    except Sealed as error:
        return stopped(config, "needs_person", error.into(config.settings.lang))
    except BrokerError as error:
        return stopped(config, "needs_person", str(error))


@dataclass(frozen=True, slots=True)
class _Stop:
    """A run that is stopped by data before anything was looked at."""

    config: Config
    calendar: Calendar
    clock: Clock
    request: RunRequest

    def kept(self, ledger: Ledger, error: DataError) -> RunReport:
        """Return the report of the stop, kept in the history of a run that executes."""
        session = self._session()
        report = stopped(self.config, "blocked_data", str(error))
        if self.request.execute:
            settings = self.config.settings
            notes = LedgerNotes(
                ledger=ledger,
                clock=self.clock,
                account=settings.name,
                strategy=settings.strategy,
                session=session,
            )
            notes.outcome(report)
        return replace(report, document={**report.document, "as_of": session.isoformat()})

    def _session(self) -> date:
        """Return the session that is named, else the newest that has closed by the calendar."""
        if self.request.as_of is not None:
            return self.request.as_of
        closed = int(np.searchsorted(self.calendar.closes, self.clock.now(), side="right"))
        return self.calendar.label(max(closed - 1, 0))
