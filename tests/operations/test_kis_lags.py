"""Orders without an answer, listed after seconds or minutes: sent once, or a person is asked."""

import random
from collections import Counter
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from kis_desk import Watch, connect, desk_over, plan
from kis_server import Planted, running

from jeoul.model.portfolio import Side
from jeoul.operations.desk.intents import intents_of
from jeoul.operations.desk.protocol import freeze_plan, hand_over, recover
from jeoul.operations.errors import Ambiguous, Unreachable
from jeoul.operations.ledger import open_ledger

LAGS = (10.0, 45.0, 150.0, 600.0)
ORDERS = ((Side.SELL, "114260", 4), (Side.BUY, "069500", 2), (Side.BUY, "360750", 1))
UNSURE = Planted.of("order", {"rt_cd": "0", "msg_cd": "IGW00009", "msg1": "응답전문 구성 중 오류"})
FAULTS = ("", "silent-before", "silent-after", "garbled", "unclear", "too-fast", UNSURE)


def life(seed: int) -> tuple[Counter[str], set[str]]:
    """One morning with a bad line: orders at the venue by ticker, and how its intents ended."""
    chance = random.Random(seed)
    with running(chance.choice(("real", "simulation"))) as venue, TemporaryDirectory() as place:
        truth, clock = venue[1], Watch()
        truth.holdings = {"114260": 4}
        truth.list_lag = chance.choice(LAGS)
        truth.balance_lag = chance.choice((3.0, truth.list_lag))
        truth.faults = [chance.choice(FAULTS) for _ in range(9)]
        visibility = chance.choice((0.0, 5.0, 30.0, 150.0))
        ledger = open_ledger(Path(place) / "ledger.sqlite3")
        with closing(ledger):
            made = plan(*ORDERS)
            for number in range(7):
                broker = connect(venue, Path(place), clock, visibility=visibility)
                desk = desk_over(broker, ledger, clock)
                if number == 0:
                    freeze_plan(desk, made)
                try:
                    recover(desk)
                    hand_over(desk, made.run_id)
                except (Ambiguous, Unreachable):
                    clock.wait(chance.choice((1.0, 60.0, 300.0, 600.0, 900.0, 3_600.0)))
                finally:
                    broker.close()
                _fill_some(truth, chance)
            states = {intent.state for intent in intents_of(ledger, made.run_id)}
        return Counter(row["pdno"] for row in truth.orders), states


def _fill_some(truth: Any, chance: random.Random) -> None:
    for number, row in enumerate(truth.orders, start=1):
        left = int(row["rmn_qty"])
        if left and chance.random() < 0.3:
            truth.fill(number, chance.randint(1, left), int(row["ord_unpr"]) - 100)


def lives(seeds: range) -> Counter[str]:
    found: Counter[str] = Counter()
    for seed in seeds:
        orders, states = life(seed)
        assert max(orders.values(), default=0) <= 1, (seed, orders)
        found.update(states)
    return found


def test_an_unanswered_order_is_sent_once_or_a_person_is_asked() -> None:
    found = lives(range(100))
    assert found["acknowledged"] > 50  # the line is bad, not dead
    assert found["sending"] + found["new"] > 0


@pytest.mark.slow
def test_a_thousand_mornings_with_a_bad_line() -> None:
    lives(range(1000))
