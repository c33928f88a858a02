"""One run of one account: everything it needs, the lock around it, and its result."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from jeoul.allocate import Proof
from jeoul.errors import BrokerError, DataError, ForeignMemory
from jeoul.market import Market
from jeoul.model.calendar import Calendar
from jeoul.model.decision import Proposal
from jeoul.model.money import rate
from jeoul.operations.broker.factory import make_broker
from jeoul.operations.broker.port import Broker
from jeoul.operations.desk.protocol import Checkpoint, Desk, unwatched
from jeoul.operations.ledger import NAME, Ledger, open_ledger
from jeoul.operations.setup import memory as memories
from jeoul.operations.setup.clock import Clock
from jeoul.operations.setup.config import Config
from jeoul.operations.setup.lock import locked
from jeoul.operations.setup.outcome import Report
from jeoul.operations.stages import Request, Stages
from jeoul.operations.told.ledger_notes import Notes
from jeoul.operations.told.run_report import blocked, stopped
from jeoul.pipeline import Mandate, propose, prove
from jeoul.pipeline.inputs import fingerprint
from jeoul.rebalance import settlement_date

__all__ = ["Request", "Runner", "run_without_market"]

CLOCK_SLACK = 300  # seconds that the clock may lie behind the ledger's newest row

Proposer = Callable[[date], Proposal]
Prover = Callable[[Proposal], Proof | None]


@dataclass(slots=True)
class Runner:
    """A config with everything it needs to run.

    ``broker``, ``proposer`` and ``prover`` stand in for the config's own; a proposal of another
    proposer has only the other prover. ``keep_inputs`` archives what a run with orders has seen.
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

    @property
    def calendar(self) -> Calendar:
        """Return the calendar of the strategy."""
        return self.calendars[self.mandate.strategy.calendar]

    def run(self, request: Request) -> Report:
        """Return the result of one run; the lock of the state folder is held until then.

        Raises :class:`AlreadyRunning` where another run holds it, and :class:`InputError` for a
        config that cannot be used. Everything else is an outcome.
        """
        return _with_ledger(self.config, lambda ledger: self._run(ledger, request))

    def proposal(self, session: date) -> Proposal:
        """Return the proposal of a session, from the newest memory that still holds."""
        if self.proposer is not None:
            return self.proposer(session)
        snapshot = self.market.as_of(session, self.mandate.strategy.calendar)
        key = fingerprint(self.mandate, "")
        before = memories.newest_before(self.config.state, key, session, self._shown_digest)
        try:
            found = propose(self.mandate, snapshot, self.calendars, before)
        except ForeignMemory:
            found = propose(self.mandate, snapshot, self.calendars)
        memories.keep(self.config.state, key, found.memory, snapshot.digest)
        return found

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

    def snapshot_digest(self, session: date) -> str:
        """Return the digest of what a session's decision sees."""
        return self.market.as_of(session, self.mandate.strategy.calendar).digest

    def _shown_digest(self, session: date) -> str | None:
        try:
            return self.snapshot_digest(session)
        except DataError:
            return None

    def _run(self, ledger: Ledger, request: Request) -> Report:
        behind = ledger.head().at - self.clock.now()
        if behind > CLOCK_SLACK:
            return blocked(self.config, "blocked_rule", "clock", behind=int(behind))
        try:
            return self._at_desk(ledger, request)
        except DataError as error:
            return _kept_stop(self.config, self.calendar, self.clock, ledger, request, error)

    def _at_desk(self, ledger: Ledger, request: Request) -> Report:
        with self._opened(ledger) as broker:
            desk = Desk(
                ledger,
                broker,
                self.clock,
                self.mandate.universe.currency,
                rate(self.config.settings.broker.fee_rate),
                self._settles,
                self.checkpoint,
            )
            return Stages(self, desk, request).result()

    def _opened(self, ledger: Ledger) -> AbstractContextManager[Broker]:
        if self.broker is not None:
            return nullcontext(self.broker)
        return closing(make_broker(self.config, self.market, self.calendar, self.clock, ledger))

    def _settles(self, session: date) -> date:
        return settlement_date(self.calendar, session)


def run_without_market(
    config: Config, calendar: Calendar, clock: Clock, request: Request, error: DataError
) -> Report:
    """Return what a run comes to whose market cannot be opened: stopped by data, and kept so."""
    return _with_ledger(
        config, lambda ledger: _kept_stop(config, calendar, clock, ledger, request, error)
    )


def _with_ledger(config: Config, work: Callable[[Ledger], Report]) -> Report:
    with locked(config.state):
        try:
            with closing(open_ledger(config.state / NAME)) as ledger:
                return work(ledger)
        except BrokerError as error:
            return stopped(config, "needs_person", str(error))


def _kept_stop(
    config: Config,
    calendar: Calendar,
    clock: Clock,
    ledger: Ledger,
    request: Request,
    error: DataError,
) -> Report:
    """Return a stop by data before anything was looked at, kept in history by a run that executes.

    Its session is the one named, else the newest that has closed by the calendar.
    """
    closed = int(np.searchsorted(calendar.closes, clock.now(), side="right"))
    session = request.as_of or calendar.label(max(closed - 1, 0))
    report = stopped(config, "blocked_data", str(error))
    if request.execute:
        settings = config.settings
        Notes(ledger, clock, settings.name, settings.strategy, session).outcome(report)
    return replace(report, document={**report.document, "as_of": session.isoformat()})
