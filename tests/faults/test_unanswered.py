"""Orders without an answer at brokers that keep our names, and at one that does not."""

import random
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from harness import (
    FEES,
    Faults,
    FaultyBroker,
    make_config,
    make_runner,
    proposal,
    sessions,
    weights_of,
)

from jeoul.operations.broker.paper_rules import PaperRules
from jeoul.operations.broker.port import Ids
from jeoul.operations.run import RunRequest

LAGS = (10.0, 45.0, 150.0, 600.0)
PROVEN = 900.0  # seconds after which this venue's silence says something


class Watch:
    """A clock that moves only when someone waits."""

    def __init__(self) -> None:
        self.time = 1_741_000_000.0

    def now(self) -> float:
        return self.time

    def wait(self, seconds: float) -> None:
        self.time += seconds


class Forgetful(FaultyBroker):  # type: ignore[misc]
    """A venue whose list lags, and which says no more about an order than its list and balance."""

    def absent(self, request: Any, before: Any) -> Any:
        if self.broker.clock.now() - before.at < PROVEN:
            return ()
        listed = [order for order in self.orders(request.session) if order.ticker == request.ticker]
        return () if listed else ("the list", "the balance")


def life(seed: int, ids: Ids) -> Counter[str]:
    """One session with a bad line; how many orders of each fund the venue has."""
    chance = random.Random(seed)
    with TemporaryDirectory() as folder:
        config = make_config(Path(folder))
        lag = chance.choice(LAGS)
        visibility = chance.choice((0.0, 30.0, 150.0))
        rules = PaperRules(fees=FEES, ids=ids, delay=lag, visibility=visibility)
        day, clock = sessions()[0], Watch()
        plans = {day: proposal(day, weights_of(chance))}
        faults = Faults(lost=15, silent=30, turned_away=10, unreachable=3)
        for _ in range(6):
            runner = make_runner(config, rules, plans, faults=faults, seed=chance.randrange(10**6))
            paper = runner.broker.broker
            paper.clock = runner.clock = clock
            runner.broker = Forgetful(paper, faults, runner.broker.random)
            paper.catch_up = lambda until: None  # the session goes on
            report = runner.run(RunRequest(as_of=day, execute=True))
            assert report.outcome in ("executed", "planned", "needs_person"), report
            clock.wait(chance.choice((1.0, 60.0, 300.0, 900.0, 3_600.0)))
            rows = paper.connection.execute("SELECT ticker, COUNT(*) FROM orders GROUP BY ticker")
            found = Counter(dict(tuple(row) for row in rows))
            paper.close()
        return found


@pytest.mark.parametrize("ids", list(Ids))
def test_an_order_that_lists_late_is_never_sent_twice(ids: Any) -> None:
    for seed in range(12):
        assert max(life(seed, ids).values(), default=0) <= 1, seed


@pytest.mark.slow
@pytest.mark.parametrize("ids", list(Ids))
def test_eighty_sessions_with_a_lagging_list(ids: Any) -> None:
    for seed in range(12, 92):
        assert max(life(seed, ids).values(), default=0) <= 1, seed


@pytest.mark.full
@pytest.mark.parametrize("ids", list(Ids))
def test_a_thousand_sessions_with_a_lagging_list(ids: Any) -> None:
    for seed in range(334):
        assert max(life(seed, ids).values(), default=0) <= 1, seed
