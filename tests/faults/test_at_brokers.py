"""Full disks, copies, restored ledgers and clocks set back, at every broker's loopback.

:file:`test_storage.py` and :file:`test_life.py` do the same to the paper account.
"""

from __future__ import annotations

import os
import random
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import rest_life
from harness import in_child, sessions
from venues import ADAPTERS

from jeoul.operations.ledger import NAME as LEDGER
from jeoul.operations.ledger import backup, open_ledger, restore

DAY = sessions()[0]


@pytest.fixture(params=ADAPTERS, ids=lambda adapter: adapter.kind)
def account(request: Any, tmp_path: Path) -> Iterator[rest_life.Life]:
    """An account at a loopback that lists its orders at once, on a session that has begun."""
    adapter = request.param
    with adapter.server.running(adapter.modes[0]) as venue:
        found = rest_life.Life(adapter, venue, tmp_path, random.Random(4))
        found.truth.list_lag = found.truth.balance_lag = 0.0
        found.begin(DAY)
        yield found


def each_arrived_once(account: rest_life.Life) -> bool:
    return set(Counter(account.truth.arrived()).values()) == {1} and account.twice() == []


def test_a_life_at_every_broker(account: rest_life.Life) -> None:
    assert rest_life.live(account.adapter, 41)["wrong"] == []


def test_a_clock_set_back_stops_before_anything_is_sent(account: rest_life.Life) -> None:
    assert account.once(None) == "executed"
    before = account.truth.arrived()
    account.begin(sessions()[1])
    account.clock.ahead = -3 * 86_400.0
    assert account.once(None) == "blocked_rule"
    assert account.truth.arrived() == before


@pytest.mark.posix
@pytest.mark.parametrize("room", [60_000, pytest.param(120_000, marks=pytest.mark.slow)])
def test_a_disk_that_fills_up_loses_and_doubles_nothing(account: rest_life.Life, room: int) -> None:
    def cramped() -> None:
        import resource
        import signal

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
        os._exit(0 if account.once(None) == "needs_person" else 9)

    assert in_child(cramped) == 0
    for _ in range(3):  # room again
        account.clock.wait(120.0)
        if account.once(None) in ("executed", "nothing_to_do"):
            break
    assert each_arrived_once(account)


@pytest.mark.parametrize(
    "step",
    [pytest.param("after-sending", marks=pytest.mark.slow), "after-submit", "after-acknowledged"],
)
def test_a_copy_taken_in_the_middle_sends_nothing_twice(
    account: rest_life.Life, step: str, tmp_path: Path
) -> None:
    assert account.once(step) == "died"
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    shutil.copy(account.state / LEDGER, elsewhere / LEDGER)  # without its -wal
    for _ in range(3):
        account.clock.wait(300.0)
        if account.once(None) in ("executed", "nothing_to_do"):
            break
    before = account.truth.arrived()
    account.state, account.config = elsewhere, replace(account.config, state=elsewhere)
    for adopt in (False, True):
        account.once(None, adopt=adopt)
    assert account.truth.arrived() == before
    assert set(Counter(before).values()) == {1}


def test_a_restored_backup_asks_the_broker_before_it_sends(
    account: rest_life.Life, tmp_path: Path
) -> None:
    assert account.once(None) == "executed"
    account.fill_some(1.0)
    with closing(open_ledger(account.state / LEDGER)) as ledger:
        backup(ledger, tmp_path / "old.sqlite3")
    account.begin(sessions()[1])
    assert account.once("after-acknowledged") == "died"
    restore(tmp_path / "old.sqlite3", account.state / LEDGER, account.config.settings.name)
    before = account.truth.arrived()
    assert account.once(None) == "needs_person"
    assert account.truth.arrived() == before
