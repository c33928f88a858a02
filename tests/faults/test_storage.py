"""Full disks, locked folders, clocks set back, copies: a clear message, nothing lost."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, cast

import pytest
from harness import (
    FEES,
    QuickClock,
    faults_found,
    in_child,
    killer,
    make_config,
    make_runner,
    proposal,
    sessions,
    weights_of,
)

from jeoul.errors import ConfigError
from jeoul.operations.broker.paper import NAME
from jeoul.operations.broker.paper_rules import PaperRules
from jeoul.operations.broker.port import Ids
from jeoul.operations.ledger import NAME as LEDGER
from jeoul.operations.ledger import backup, check, open_ledger, restore
from jeoul.operations.run import RunRequest

RULES = PaperRules(fees=FEES, ids=Ids.NONE)
DAY = sessions()[0]
PLANS = {day: proposal(day, weights_of(random.Random(2))) for day in sessions()[:3]}


def run(config: Any, day: Any = DAY, **settings: Any) -> Any:
    runner = make_runner(config, RULES, PLANS, **settings)
    report = runner.run(RunRequest(as_of=day, execute=True))
    runner.broker.close()
    return report


@pytest.mark.posix
@pytest.mark.parametrize("room", [20_000, 70_000, 100_000, 125_000])
def test_a_disk_that_fills_up_stops_with_a_message_and_loses_nothing(
    tmp_path: Path, room: int
) -> None:
    config = make_config(tmp_path)
    said = tmp_path / "said"

    def cramped() -> None:
        runner = make_runner(config, RULES, PLANS)  # the venue is elsewhere: it has room
        import resource
        import signal

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        handle = os.open(said, os.O_WRONLY | os.O_CREAT)
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
        report = runner.run(RunRequest(as_of=DAY, execute=True))
        os.write(handle, f"{report.outcome}\n{report.reasons}".encode())

    assert in_child(cramped) == 0
    text = said.read_text()
    assert text.startswith("needs_person")
    assert "cannot be written" in text or "cannot be used" in text or "disk" in text
    report = run(config)  # room again
    assert report.outcome == "executed", report
    assert faults_found(config, RULES) == []


@pytest.mark.posix
def test_a_read_only_folder_is_named(tmp_path: Path) -> None:
    config = make_config(tmp_path)
    runner = make_runner(config, RULES, PLANS)
    config.state.chmod(0o500)

    def as_somebody_else() -> None:
        if os.geteuid() == 0:  # root writes everywhere
            os.seteuid(65_534)
        with pytest.raises(ConfigError, match="state folder cannot be written: Permission denied"):
            runner.run(RunRequest(as_of=DAY, execute=True))

    try:
        assert in_child(as_somebody_else) == 0
    finally:
        config.state.chmod(0o700)
        runner.broker.close()
    assert run(config).outcome == "executed"


def test_a_state_folder_that_is_a_file_is_named(tmp_path: Path) -> None:
    config = make_config(tmp_path)
    runner = make_runner(make_config(tmp_path), RULES, PLANS)
    shutil.rmtree(config.state)
    config.state.write_text("")
    with pytest.raises(ConfigError, match="state folder cannot be written"):
        runner.run(RunRequest(as_of=DAY, execute=True))
    runner.broker.close()


def test_a_clock_set_back_stops_before_anything_is_sent(tmp_path: Path) -> None:
    config = make_config(tmp_path)
    assert run(config).outcome == "executed"
    runner = make_runner(config, RULES, PLANS)
    runner.clock = QuickClock(ahead=-86_400.0)
    report = runner.run(RunRequest(as_of=sessions()[1], execute=True))
    runner.broker.close()
    assert report.outcome == "blocked_rule"
    assert "behind the newest row" in report.reasons[0]
    assert faults_found(config, RULES) == []


@pytest.mark.posix
def test_a_clock_set_back_during_recovery_does_not_shorten_the_wait(tmp_path: Path) -> None:
    """An order that shows late must not be taken for lost because the clock says it is old."""
    config = make_config(tmp_path)
    late = PaperRules(fees=FEES, ids=Ids.NONE, visibility=0.09, delay=0.05)
    dying = make_runner(config, late, PLANS, checkpoint=killer("after-submit", 1))
    assert in_child(lambda: dying.run(RunRequest(as_of=DAY, execute=True)))
    dying.broker.close()
    again = make_runner(config, late, PLANS)
    again.clock = QuickClock(ahead=200.0)
    assert again.run(RunRequest(as_of=DAY, execute=True)).outcome == "executed"
    again.broker.close()
    assert faults_found(config, late) == []


@pytest.mark.posix
@pytest.mark.parametrize(
    "step", ["after-plan", "after-sending", "after-submit", "after-acknowledged"]
)
def test_a_copy_taken_in_the_middle_cannot_send_anything_twice(tmp_path: Path, step: str) -> None:
    """The file alone, without its -wal, is an older state: as bad as a copy can be."""
    config = make_config(tmp_path)
    assert in_child(lambda: run(config, checkpoint=killer(step, 1)))
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    copied = make_config(elsewhere)
    copied.state.mkdir()
    shutil.copy(config.state / LEDGER, copied.state / LEDGER)
    assert run(config).outcome == "executed"
    os.symlink(tmp_path / NAME, elsewhere / NAME)
    for suffix in ("-wal", "-shm"):
        if (tmp_path / (NAME + suffix)).exists():
            os.symlink(tmp_path / (NAME + suffix), elsewhere / (NAME + suffix))
    for adopt in (False, True):
        runner = make_runner(copied, RULES, PLANS)
        runner.run(RunRequest(as_of=DAY, execute=True, adopt=adopt))
        runner.broker.close()
    assert faults_found(config, RULES) == []


def test_a_copy_in_another_folder_says_so(tmp_path: Path) -> None:
    config = make_config(tmp_path)
    assert run(config).outcome == "executed"
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    copied = make_config(elsewhere)
    copied.state.mkdir()
    ledger = open_ledger(config.state / LEDGER)
    backup(ledger, copied.state / LEDGER)
    ledger.close()
    report = run(copied, sessions()[1])
    assert report.outcome == "needs_person"
    assert "belongs to another folder" in report.reasons[0]


@pytest.mark.posix
def test_a_restored_backup_asks_the_broker_before_it_sends(tmp_path: Path) -> None:
    config = make_config(tmp_path)
    assert run(config).outcome == "executed"
    ledger = open_ledger(config.state / LEDGER)
    backup(ledger, tmp_path / "old.sqlite3")
    ledger.close()
    dying = make_runner(config, RULES, PLANS, checkpoint=killer("after-acknowledged", 1))
    assert in_child(lambda: dying.run(RunRequest(as_of=sessions()[1], execute=True)))
    dying.broker.close()
    restore(tmp_path / "old.sqlite3", config.state / LEDGER, config.settings.name)
    report = run(config, sessions()[1])
    assert report.outcome == "needs_person"
    assert "which this ledger did not send" in report.reasons[0]
    assert all(len(orders) == 1 for orders in _venue_orders(config, sessions()[1]).values())


def _venue_orders(config: Any, day: Any) -> Any:
    from jeoul import api

    runner = make_runner(config, RULES, PLANS)
    executed = api.calendars()["XKRX"].after(day)
    found: dict[tuple[str, str], list[str]] = {}
    for order in runner.broker.orders(executed):
        found.setdefault((str(order.side), order.ticker), []).append(order.order_id)
    runner.broker.close()
    return found


def test_a_tampered_ledger_is_found_by_its_check(tmp_path: Path) -> None:
    config = make_config(tmp_path)
    run(config)
    ledger = open_ledger(config.state / LEDGER)
    cast("Any", ledger.store).connection.execute("DROP TRIGGER fills_no_update")
    cast("Any", ledger.store).connection.execute(
        "UPDATE fills SET amount = amount - 1 WHERE seq = (SELECT MIN(seq) FROM fills)"
    )
    assert any("was changed" in fault for fault in check(ledger).faults)
    ledger.close()


@pytest.mark.posix
def test_a_fresh_process_dies_and_the_kernel_frees_its_lock(tmp_path: Path) -> None:
    code = (
        "import os, signal, sys\nfrom pathlib import Path\n"
        "from jeoul.operations.setup.lock import locked\n"
        f"with locked(Path({str(tmp_path)!r})): os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    engine = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2] / "engine")}
    assert subprocess.run([sys.executable, "-c", code], env=engine, check=False).returncode == -9
    from jeoul.operations.setup.lock import locked

    with locked(tmp_path):
        pass
