"""kill -9 at every named step, a bad line to the broker, and twenty starts at once."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import sweep
from harness import (
    faults_found,
    make_config,
    make_runner,
    paper_rules,
    proposal,
    sessions,
    weights_of,
)

from jeoul.operations.broker.port import Ids
from jeoul.operations.desk import protocol
from jeoul.operations.desk.protocol import STEPS
from jeoul.operations.errors import Unanswered
from jeoul.operations.run import RunRequest

SCRIPT = Path(__file__).with_name("sweep.py")
ENGINE = os.environ | {"PYTHONPATH": str(SCRIPT.parents[2] / "engine")}


def swept(*options: str, timeout: int) -> Any:
    done = subprocess.run(
        [sys.executable, str(SCRIPT), *options, "--json"],
        capture_output=True,
        text=True,
        timeout=timeout,
        env=ENGINE,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [11, 12])
def test_no_order_is_lost_or_doubled_however_often_the_process_is_killed(seed: int) -> None:
    """57 short sequences each; the sweep over a thousand stands in docs/operations.md."""
    result = swept("--sequences", "57", "--short", "--seed", str(seed), timeout=280)
    assert result["wrong"] == []
    assert result["killed"] >= 30


@pytest.mark.slow
def test_no_order_is_lost_or_doubled_at_any_brokers_loopback() -> None:
    """One short sequence at each; more are in docs/operations.md."""
    result = swept("--rest", "--sequences", "3", "--short", "--seed", "5", timeout=280)
    assert result["wrong"] == []


@pytest.mark.slow
def test_an_encrypted_account_survives_the_same_kills_and_shows_no_holdings() -> None:
    """20 sequences; a hundred are in docs/operations.md."""
    result = swept("--sequences", "20", "--encrypted", "--seed", "13", timeout=900)
    assert result["wrong"] == []
    assert result["killed"] >= 12


@pytest.mark.server
def test_no_order_is_lost_or_doubled_with_the_ledger_on_a_server(tmp_path: Path) -> None:
    """12 sequences: a process is killed, or the server goes away; 500 are in docs/operations.md."""
    done = subprocess.run(
        [
            sys.executable, str(SCRIPT.with_name("server_sweep.py")), "--sequences", "12",
            "--short", "--seed", "3", "--file", str(tmp_path / "done.jsonl"), "--json",
        ],
        capture_output=True,
        text=True,
        timeout=280,
        env=ENGINE,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["wrong"] == []
    assert result["killed"] >= 3
    assert result["cut"] == 6


def test_every_named_step_is_reached_by_a_run(tmp_path: Path) -> None:
    seen = []  # type: ignore[var-annotated]
    draw = random.Random(3)
    day = sessions()[0]
    runner = make_runner(
        make_config(tmp_path),
        paper_rules(Ids.NONE, draw),
        {day: proposal(day, weights_of(draw))},
        checkpoint=seen.append,
    )
    runner.run(RunRequest(as_of=day, execute=True))
    runner.broker.close()
    assert set(seen) == set(STEPS)


@pytest.mark.parametrize("blunder", ["resends without asking", "takes any order for its own"])
def test_the_sweep_finds_a_protocol_that_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, blunder: str
) -> None:
    """What the harness looks for, it can find."""
    draw = random.Random(5)
    rules = paper_rules(Ids.NONE, draw)
    day = sessions()[0]
    weights = {"069500": 0.3, "114260": 0.3, "360750": 0.3}
    config = make_config(tmp_path)
    runner = make_runner(config, rules, {day: proposal(day, weights)})
    submit, sent = runner.broker.submit, []

    def silent_once(request: Any) -> Any:
        number = submit(request)
        sent.append(request)
        if len(sent) == 1:
            raise Unanswered("timed out")
        return number

    runner.broker.submit = silent_once
    if blunder == "resends without asking":
        monkeypatch.setattr(protocol, "_candidates", lambda desk, intent: [])
        monkeypatch.setattr(protocol, "_stop_for_strangers", lambda *parts: None)
    else:
        monkeypatch.setattr(
            protocol,
            "_resolve",
            lambda desk, intent: protocol.record(desk, intent, "refused", {"why": "assumed"}),  # type: ignore[attr-defined]
        )
    runner.run(RunRequest(as_of=day, execute=True))
    runner.broker.close()
    assert faults_found(config, rules)


def test_of_twenty_started_at_once_one_runs_and_the_others_leave_with_75(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text(
        'schema = 1\nname = "race"\nstrategy = "static"\nprofile = "balanced"\n'
        f'state = "{tmp_path / "state"}"\n[broker]\nkind = "paper"\n',
        "utf-8",
    )
    code = f"""
import sys, time
from pathlib import Path
sys.path.insert(0, {str(SCRIPT.parent)!r})
from harness import *
from jeoul.operations.run import RunRequest
from jeoul.errors import AlreadyRunning
market(), mandate()
plans = {{sessions()[0]: proposal(sessions()[0], {{"069500": 0.5, "114260": 0.4}})}}
config = load_config({str(config)!r})
start = time.time() + 1.0
children = []
for _ in range(20):
    child = os.fork()
    if child == 0:
        while time.time() < start: pass
        try:
            from jeoul.operations.setup.lock import locked
            runner = Runner(config, mandate(), market(), api.calendars(), QuickClock(),
                            proposer=plans.__getitem__, checkpoint=lambda step: time.sleep(0.05))
            report = runner.run(RunRequest(as_of=sessions()[0], execute=True))
            os._exit(report.exit_code)
        except AlreadyRunning as error:
            os._exit(error.exit_code)
    children.append(child)
codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
print(codes)
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=120,
        env=ENGINE,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    codes = json.loads(done.stdout)
    assert sorted(codes) == [0] + [75] * 19
    from jeoul.operations.ledger import NAME, open_ledger
    from jeoul.operations.setup.config import load_config

    ledger = open_ledger(load_config(config).state / NAME)
    placed = ledger.rows("SELECT intent FROM order_events WHERE state = 'acknowledged'")
    ledger.close()
    assert len(placed) == len({row["intent"] for row in placed}) == 2


def test_steps_have_one_name_each() -> None:
    assert len(set(STEPS)) == len(STEPS) >= 15
    assert set(STEPS) >= sweep.ONCE
