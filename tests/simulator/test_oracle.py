"""The oracle notices an engine that leaves out one of its own checks."""

from __future__ import annotations

from pathlib import Path

import pytest
from simulator.life import Life
from simulator.market import SimulatedMarket
from simulator.oracle import Oracle
from simulator.world import Nature

from jeoul.operations import stages
from jeoul.operations.desk import protocol


def faults(folder: Path, *numbers: int) -> list[str]:
    """Return what is found in a few lives, up to the first fault."""
    for number in numbers or (1, 4, 13):
        found: list[str] = Life(6, number, folder).lived().faults
        if found:
            return found
    return []


def test_a_plan_is_sent_that_was_made_for_another_account(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stages, "misfits", lambda *_: ())
    # In lives that reuse proceeds each buy is held against the account by itself.
    assert any(said in faults(tmp_path, 8, 14)[0] for said in (" beside ", " sells "))


@pytest.mark.slow
def test_a_plan_is_sent_that_a_newer_one_has_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "supersede_inside", lambda *_: None)
    assert " was made" in faults(tmp_path)[0]


@pytest.mark.slow
def test_an_order_is_sent_again_although_nothing_proves_that_it_is_absent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "_candidates", lambda *_: [])
    monkeypatch.setattr(protocol, "PROOFS", 0)
    monkeypatch.setattr(protocol, "_stop_for_strangers", lambda *_: None)
    assert any("sent twice" in fault for fault in faults(tmp_path))


@pytest.mark.parametrize(
    ("fees", "paid", "may_be"),
    [
        (False, (-1_000_433, 1_000_000), {0, 433}),
        (False, (-1_000_999, 1_000_000), {0, 999}),
        (False, (-1_001_010, 1_000_000), {0, 1_010}),  # 10 won of an order beside the fees of 1,000
        (False, (-1_001_011, 1_000_000), {0}),
        (False, (-1_000_000, 1_000_000), {0}),
        (True, (-1_000_010, 1_000_000), {0, 10}),
        (True, (-1_000_011, 1_000_000), {0}),
    ],
)
def test_payments_that_are_apart_by_no_more_than_fees_may_be_taken_for_fees(
    fees: bool, paid: tuple[int, int], may_be: set[int]
) -> None:
    """A broker that names no payment shows their difference alone."""
    oracle = _oracle(movements=False, fees=fees)
    for amount in paid:
        oracle.follow([*[()] * oracle.read, ("deposit", 1, amount)])
    oracle.follow([*[()] * oracle.read, ("look", oracle.cash, oracle.shares)])
    assert oracle.mistaken == may_be
    assert not oracle.faults


def test_payments_that_a_broker_names_are_never_fees() -> None:
    oracle = _oracle(movements=True, fees=False)
    journal = [("deposit", 1, -433), ("look", oracle.cash - 433, oracle.shares)]
    oracle.follow([*[()] * oracle.read, *journal])
    assert oracle.mistaken == {0}


def _oracle(*, movements: bool, fees: bool) -> Oracle:
    """Return an oracle that has seen one purchase with fees of 1,000 won."""
    nature = Nature(
        names=True,
        unique=True,
        resets=False,
        movements=movements,
        fees=fees,
        tells=True,
        lag=0.0,
        depth=1.0,
        reuses=False,
    )
    oracle = Oracle(SimulatedMarket((), [], {}, {}, {}), nature)
    oracle.follow(
        [
            ("accepted", (1, 1), "main.1", True, "069500", 1, 7_000_000),
            ("fill", (1, 1), 1, 7_000_000, 1_000),
        ]
    )
    oracle.excused = False
    return oracle
