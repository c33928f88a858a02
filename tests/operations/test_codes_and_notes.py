"""What scripts and people take from a run: exit codes, what it asks, which secrets it needs."""

from __future__ import annotations

from pathlib import Path

import pytest
from staged import Day

from jeoul.errors import AlreadyRunning
from jeoul.operations.errors import Ambiguous, NotSent, Refused, Unanswered
from jeoul.operations.setup.config import load_config
from jeoul.operations.setup.outcome import OUTCOMES
from jeoul.operations.setup.schedule import entries

ROOT = Path(__file__).parents[2]


def documented() -> dict[int, str]:
    """What each exit code means by the conventions."""
    text = " ".join((ROOT / "docs" / "conventions.md").read_text("utf-8").split())
    listed = text.partition("Exit codes: ")[2].partition(". - ")[0]
    pairs = (each.partition(" ") for each in listed.split(" · "))
    return {int(code): meaning for code, _, meaning in pairs}


def test_exit_codes_of_runs_are_those_of_the_conventions() -> None:
    codes = documented()
    assert {outcome: codes[code] for outcome, code in OUTCOMES.items()} == {
        "nothing_to_do": "done (holding is done)",
        "planned": "done (holding is done)",
        "executed": "done (holding is done)",
        "blocked_data": "data",
        "blocked_rule": "no feasible portfolio",
        "needs_person": "broker or reconciliation",
    }
    assert codes[AlreadyRunning.exit_code] == "already running"
    for error in (NotSent, Refused, Unanswered, Ambiguous):
        assert codes[error.exit_code] == "broker or reconciliation"


@pytest.mark.parametrize(
    ("keys", "asks"),
    [
        ("", False),  # an ordinary account takes any amount
        ('account = "isa"', True),
        ('account = "isa"\nopened = 2025-03-02', False),
        ('account = "pension_savings"', True),
        ('account = "pension_savings"\npaid = { 2026 = 0 }', False),
    ],
)
def test_a_run_asks_what_an_account_took_before_where_its_room_depends_on_that(
    day: Day, keys: str, asks: bool
) -> None:
    day.tables = f"{keys}\n{day.tables}"
    notes = day.run(execute=False).document["notes"]
    assert notes[0].startswith("Research mode: the profile")
    assert [note.split(",")[0] for note in notes[1:]] == [
        "Earlier contributions are unknown",
    ] * asks


@pytest.mark.parametrize("encrypted", [False, True])
def test_a_workflow_of_an_encrypted_account_has_its_passphrase_and_its_library(
    tmp_path: Path, encrypted: bool
) -> None:
    file = tmp_path / "c.toml"
    encrypt = 'encrypt = "passphrase"\n' if encrypted else ""
    file.write_text(
        f'schema = 1\nname = "a"\nprofile = "balanced"\nstate = "s"\n{encrypt}'
        '[broker]\nkind = "paper"\n[notify]\nurls = "ADDRESSES"\n',
        "utf-8",
    )
    text = entries(load_config(file), "/j", "github")[0].text
    names = ("ADDRESSES", *["JEOUL_PASSPHRASE"] * encrypted)
    lines = [line.strip() for line in text.partition("env:\n")[2].splitlines() if line]
    assert lines == [f"{name}: ${{{{ secrets.{name} }}}}" for name in names]
    assert text.count(" sqlcipher3") == encrypted
