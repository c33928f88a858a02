"""The oracle notices an engine that leaves out one of its own checks."""

from __future__ import annotations

from pathlib import Path

import pytest
from simulator.life import Life

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
