"""A life of an account: runs, crashes, bad lines, deposits and trades by hand, in any order."""

from __future__ import annotations

import gc
import itertools
import random
import tempfile
from pathlib import Path
from typing import Any

import pytest
from harness import (
    FEES,
    FUNDS,
    Faults,
    make_config,
    make_runner,
    proposal,
    sessions,
    tape,
    weights_of,
)
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from jeoul import api
from jeoul.model.portfolio import Side
from jeoul.operations.broker.paper_rules import PaperRules
from jeoul.operations.broker.port import Ids, OrderRequest, OrderState
from jeoul.operations.desk.protocol import STEPS
from jeoul.operations.ledger import check, has_ledger, ledger_of, portfolio
from jeoul.operations.run import RunRequest
from jeoul.operations.setup.config import Config


class Crash(BaseException):
    """The process ends here: nothing after it happens, not even clean-up of our own."""


class Life(RuleBasedStateMachine):
    """Books and venue agree whenever a run has come to rest; no intent has two orders."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.day = 0
        self.settled = False
        self.by_hand: set[str] = set()

    @initialize(
        ids=st.sampled_from(list(Ids)),
        thin=st.dictionaries(st.sampled_from(FUNDS), st.integers(1, 80), max_size=2),
    )
    def begin(self, ids: Any, thin: Any) -> None:
        self.config = self._config()
        self.rules = PaperRules(fees=FEES, ids=ids, fills_at_most=thin)  # type: ignore[assignment]
        self.plans = {}  # type: ignore[var-annotated]

    def _config(self) -> Config:
        found: Config = make_config(Path(self.folder.name))
        return found

    def _runner(self, **wanted: Any) -> Any:
        return make_runner(self.config, self.rules, self.plans, **wanted)

    def _session(self) -> Any:
        return sessions()[self.day]

    def _plan(self, seed: int, *, due: bool) -> None:
        if self._session() not in self.plans:
            weights = weights_of(random.Random(seed))
            self.plans[self._session()] = proposal(self._session(), weights, due=due)

    @rule(seed=st.integers(0, 999), due=st.booleans())
    def run(self, seed: Any, due: Any) -> None:
        self._plan(seed, due=due)
        runner = self._runner()
        report = runner.run(RunRequest(as_of=self._session(), execute=True))
        runner.broker.close()
        self.settled = report.outcome in ("executed", "nothing_to_do")
        assert report.outcome != "blocked_rule", report

    @rule(seed=st.integers(0, 999), step=st.sampled_from(STEPS), count=st.integers(1, 3))
    def crash(self, seed: Any, step: Any, count: Any) -> None:
        self._plan(seed, due=True)
        left = [count]

        def checkpoint(reached: str) -> None:
            left[0] -= reached == step
            if left[0] == 0:
                raise Crash

        runner = self._runner(checkpoint=checkpoint)
        try:
            runner.run(RunRequest(as_of=self._session(), execute=True))
        except Crash:
            self.settled = False
        runner.broker.close()

    @rule(
        seed=st.integers(0, 999),
        lost=st.integers(0, 40),
        silent=st.integers(0, 40),
        away=st.integers(0, 40),
        dead=st.integers(0, 20),
    )
    def bad_line(self, seed: Any, lost: Any, silent: Any, away: Any, dead: Any) -> None:
        self._plan(seed, due=True)
        faults = Faults(lost=lost, silent=silent, turned_away=away, unreachable=dead, nonsense=5)
        runner = self._runner(faults=faults, seed=seed)
        runner.run(RunRequest(as_of=self._session(), execute=True))
        runner.broker.close()
        self.settled = False

    @rule(amount=st.integers(-300_000, 3_000_000).filter(bool))
    def deposit_or_withdraw(self, amount: Any) -> None:
        runner = self._runner()
        if runner.broker.account().cash + amount >= 0:
            runner.broker.deposit(amount, self._session())
            self.settled = False
        runner.broker.close()

    @rule(fund=st.sampled_from(FUNDS), shares=st.integers(1, 9), side=st.sampled_from(list(Side)))
    def trade_by_hand(self, fund: Any, shares: Any, side: Any) -> None:
        runner = self._runner()
        executed = api.calendars()["XKRX"].after(self._session())
        if runner.broker.hours(executed) == "open" and tape().close(fund, executed):
            request = OrderRequest(f"hand-{len(self.by_hand)}", executed, side, fund, shares, None)
            number = runner.broker.submit(request)
            self.by_hand.add(f"{executed.isoformat()}/{number}")
            self.settled = False
        runner.broker.close()

    @precondition(lambda self: self.day < 25)
    @rule(days=st.integers(1, 4))
    def time_passes(self, days: Any) -> None:
        self.day += days
        self.settled = False

    @invariant()
    def the_ledger_proves_itself(self) -> None:
        if not hasattr(self, "config") or not has_ledger(self.config):
            return
        ledger = ledger_of(self.config)
        try:
            # Cash below zero is what taking money out of an account before a run looks like.
            faults = [fault for fault in check(ledger).faults if "below zero" not in fault]
            assert faults == []
            self._no_intent_has_two_orders(ledger)
            if self.settled:
                self._books_are_the_account(ledger)
        finally:
            ledger.close()

    def _no_intent_has_two_orders(self, ledger: Any) -> None:
        runner = self._runner()
        rows = ledger.rows(
            "SELECT i.side, i.ticker, i.shares, r.executed, COUNT(*) AS n FROM intents i "
            "JOIN runs r USING (run_id) GROUP BY 1, 2, 3, 4"
        )
        for row in rows:
            listed = [
                order
                for order in runner.broker.orders(_date(row["executed"]))
                if (str(order.side), order.ticker, order.shares)
                == (row["side"], row["ticker"], row["shares"])
                and f"{row['executed']}/{order.order_id}" not in self.by_hand
                and order.state is not OrderState.REJECTED
            ]
            assert len(listed) <= row["n"], ([*row], listed)
        runner.broker.close()

    def _books_are_the_account(self, ledger: Any) -> None:
        runner = self._runner()
        account, books = runner.broker.account(), portfolio(ledger, "KRW")
        runner.broker.close()
        assert dict(books.shares) == dict(account.shares)
        assert books.cash + sum(books.unsettled.values()) == account.money

    def teardown(self) -> None:
        """However it went: a few more runs bring everything to rest."""
        if hasattr(self, "config") and self.plans:
            self.day = min(self.day + 3, 35)
            for _ in range(2):
                self._plan(1, due=False)
                runner = self._runner()
                report = runner.run(RunRequest(as_of=self._session(), execute=True))
                runner.broker.close()
            assert report.outcome in ("executed", "nothing_to_do", "needs_person"), report
            if report.outcome != "needs_person":
                self.settled = True
                self.the_ledger_proves_itself()
        self.folder.cleanup()


def _date(text: Any) -> Any:
    from datetime import date

    return date.fromisoformat(text)


class LifeOnServer(Life):
    """The same on a PostgreSQL server, where every life has an account of its own."""

    count = itertools.count()

    def _config(self) -> Config:
        from servers import shared

        url, name = shared().url(), f"life-{next(self.count)}"
        found: Config = make_config(Path(self.folder.name), f'ledger = "{url}"', name)
        return found


def live(examples: int, steps: int, machine: type[Life] = Life) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_a_life_of_an_account() -> None:
    live(25, 10)


# A process that crashes here closes no connection: its objects are collected while they are open.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.server
def test_a_life_of_an_account_with_its_ledger_on_a_server() -> None:
    live(8, 10, LifeOnServer)
    gc.collect()


@pytest.mark.slow
def test_two_hundred_lives_of_an_account() -> None:
    live(200, 12)


@pytest.mark.full
def test_a_thousand_lives_of_an_account() -> None:
    live(1000, 12)
