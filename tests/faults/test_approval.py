"""kill -9 of `jeoul serve` in the middle of an approval, and half an answer that a crash left."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from harness import sessions
from household_home import Wanted, faults_of, home, runner, shares_of

from jeoul.household.written.file import HouseholdFile
from jeoul.operations.household.configs import account_configs
from jeoul.operations.ledger import Ledger, ledger_of
from jeoul.operations.setup.request import RunRequest

SCRIPT = Path(__file__).with_name("approval_sweep.py")
DAY = sessions()[0]
BUYS = {
    "general": {"069500": 100, "133690": 50},
    "isa": {"360750": 200},
    "pension": {"148070": 20},
}

pytestmark = pytest.mark.posix


@pytest.mark.slow
def test_a_killed_approval_is_whole_or_never_was() -> None:
    """30 kills; the result of a longer sweep is in docs/serve.md."""
    done = subprocess.run(
        [sys.executable, str(SCRIPT), "--kills", "30", "--seed", "3", "--json"],
        capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["wrong"] == []
    assert {"not approved", "approved in every account"} <= set(result["left"])


class Killed(BaseException):
    """What ends a process at a step."""


@pytest.mark.parametrize("event", ["approved", "rejected"])
def test_the_next_run_completes_an_answer_that_reached_one_account(
    tmp_path: Path, event: str
) -> None:
    file = home(tmp_path)
    answers: list[str] = []

    def asked(request: RunRequest, kill_after: int = 0) -> str:
        made = runner(file, Wanted(BUYS))
        if kill_after:
            for account in made.accounts.values():
                account.ledgers = lambda config: _dying(
                    ledger_of(config), event, answers, kill_after
                )
        try:
            return str(made.run(request).outcome)
        finally:
            for account in made.accounts.values():
                assert account.broker is not None
                account.broker.close()

    assert asked(RunRequest(as_of=DAY, execute=True, hold=True)) == "planned"
    name = f"home.static.{DAY}"
    answer = RunRequest(approve=name) if event == "approved" else RunRequest(reject=name)
    with pytest.raises(Killed):
        asked(answer, kill_after=1)
    assert _answered(file, event) == {"general": 1, "isa": 0, "pension": 0}
    assert _held(file) == {name: {} for name in BUYS}
    asked(RunRequest(as_of=DAY))
    assert _answered(file, event) == {"general": 1, "isa": 0, "pension": 0}  # a dry run
    done = asked(RunRequest(as_of=DAY, execute=True))
    assert done == ("executed" if event == "approved" else "blocked_rule")
    assert _answered(file, event) == dict.fromkeys(BUYS, 1)
    assert _held(file) == (BUYS if event == "approved" else {name: {} for name in BUYS})
    assert faults_of(file) == []


def _dying(ledger: Ledger, event: str, answers: list[str], most: int) -> Ledger:
    append = ledger.append

    def counted(table: str, at: int, **values: Any) -> int:
        if values.get("event") == event:
            if len(answers) == most:
                raise Killed
            answers.append(values["run_id"])
        return append(table, at, **values)

    ledger.append = counted  # type: ignore[method-assign]
    return ledger


def _answered(file: HouseholdFile, event: str) -> dict[str, int]:
    found = {}
    for name, config in account_configs(file).items():
        with closing(ledger_of(config)) as ledger:
            rows = ledger.rows("SELECT COUNT(*) AS n FROM run_events WHERE event = ?", event)
            (row,) = rows
            found[name] = row["n"]
    return found


def _held(file: HouseholdFile) -> dict[str, dict[str, int]]:
    return {name: dict(shares_of(file, name)) for name in BUYS}
