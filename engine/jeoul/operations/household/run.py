"""One run of a household: one plan, frozen in every account, carried out account by account.

1. The lock of the household's folder is taken, then each account's, in the order of their ids.
2. Every account is looked at as a run of it alone would: what became of earlier orders, their
   fills, books and broker brought to one truth.
3. Where the session has a plan that is frozen in every account, the run goes on with it.
4. Else one plan is made from all accounts as they are and the money that people said will move,
   and frozen in each of them before anything is sent. A crash between two of them leaves a plan
   that is not whole: it is never sent, and the next run plans again.
5. People are asked for the transfers of a plan. Buys that need them are no part of it yet: once
   money has arrived, another plan is made.
6. The accounts are carried out one after the other, those that sell first. One that fails leaves
   the others as they are; what it did not do is planned again from what really happened.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date

from jeoul.errors import BrokerError, ConfigError, Problem
from jeoul.household.written.file import HouseholdFile
from jeoul.operations.desk.order_desk import Checkpoint, unwatched
from jeoul.operations.errors import Sealed
from jeoul.operations.household.asking import asked_of_each
from jeoul.operations.household.leg import Leg, LegStages, Membership
from jeoul.operations.household.planning import Planner
from jeoul.operations.household.whole import HouseholdRun
from jeoul.operations.ledger import Ledger
from jeoul.operations.run import Runner, opened_ledger
from jeoul.operations.setup.lock import account_number, locked
from jeoul.operations.setup.outcome import RunReport
from jeoul.operations.setup.request import RunRequest
from jeoul.operations.told.run_report import STOPS, stopped, stopped_by
from jeoul.pipeline.alarms import Alarm


@dataclass(slots=True)
class HouseholdRunner:
    """A household with what it needs to run: its accounts by id, and what plans them.

    ``checkpoint`` is told of the moments between accounts.
    """

    file: HouseholdFile
    accounts: Mapping[str, Runner]
    planner: Planner
    checkpoint: Checkpoint = unwatched

    def run(self, request: RunRequest) -> RunReport:
        """Return the result of one run; every lock is held until then.

        Raises :class:`AlreadyRunning` where another run is at work on one of the accounts, and
        :class:`InputError` for a request or a file that cannot be used.
        """
        self._refuse_shared_numbers()
        self._refuse_strangers(request.money or {})
        with ExitStack() as stack:
            stack.enter_context(locked(self.file.state))
            ledgers = {name: self._ledger(stack, name) for name in sorted(self.accounts)}
            opened = {name: each for name, each in ledgers.items() if isinstance(each, Ledger)}
            asked = asked_of_each(request, self.accounts, opened)
            legs = [self._leg(stack, name, ledgers[name], asked[name]) for name in ledgers]
            made = HouseholdRun(
                self.file,
                self.planner,
                legs,
                self.checkpoint,
                request.money,
                executing=request.execute or request.approve is not None,
            )
            return made.result()

    def _ledger(self, stack: ExitStack, name: str) -> Ledger | RunReport:
        runner = self.accounts[name]
        try:
            return stack.enter_context(opened_ledger(runner.config, runner.ledgers))
        except Sealed as error:
            said = error.into(runner.config.settings.lang)
            return stopped(runner.config, "needs_person", said)
        except BrokerError as error:
            return stopped(runner.config, "needs_person", str(error))

    def _leg(
        self, stack: ExitStack, name: str, ledger: Ledger | RunReport, request: RunRequest
    ) -> Leg:
        if isinstance(ledger, RunReport):
            return Leg(name, None, ledger, failed=True)
        runner = self.accounts[name]
        member = Membership(file=str(self.file.path), state=self.file.state)
        try:
            desk = stack.enter_context(runner.desk(ledger))
            desk.broker.accept_empty()
            inputs = runner.inputs()
            if name != min(self.accounts):  # what the overlay does is kept and sent once
                inputs = replace(inputs, alarms=_no_alarms)
            return Leg(name, LegStages(inputs, desk, request, member))
        except STOPS as error:
            return Leg(name, None, stopped_by(runner.config, error), failed=True)

    def _refuse_strangers(self, money: Mapping[str, int]) -> None:
        for person in money:
            if person not in self.file.people:
                wrong = f"money moves for {person!r}, who is not a person of this household"
                remedy = f"name one of {', '.join(self.file.people)}"
                raise ConfigError([Problem(str(self.file.path), wrong, remedy=remedy)])

    def _refuse_shared_numbers(self) -> None:
        seen: dict[tuple[str, str], str] = {}
        for name, runner in sorted(self.accounts.items()):
            broker = runner.config.settings.broker
            number = account_number(broker)
            if number is None:
                continue
            before = seen.setdefault((broker.kind, number), name)
            if before != name:
                wrong = f"has the account number of {before!r} at the same broker"
                remedy = "name the variable of its own number in its broker table"
                key = f"accounts.{name}.broker"
                raise ConfigError([Problem(str(self.file.path), wrong, key=key, remedy=remedy)])


def _no_alarms(session: date, since: date | None) -> tuple[Alarm, ...]:  # noqa: ARG001
    return ()
