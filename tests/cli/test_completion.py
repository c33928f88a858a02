"""A shell completes strategies, files, profiles and accounts."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from jeoul.cli.main import main
from jeoul.strategy.load import shipped


@pytest.fixture
def completed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> object:
    def complete(line: str) -> list[str]:
        monkeypatch.setattr(sys, "argv", ["jeoul"])
        monkeypatch.setenv("_JEOUL_COMPLETE", "bash_complete")
        monkeypatch.setenv("COMP_WORDS", line)
        monkeypatch.setenv("COMP_CWORD", str(len(line.split(" ")) - 1))
        with pytest.raises(SystemExit):
            main()
        return [item.partition(",")[2] for item in capsys.readouterr().out.splitlines()]

    return complete


@pytest.mark.parametrize("command", ["decide", "guard", "backtest", "compare", "evidence"])
def test_shipped_strategies_and_files_of_toml_are_offered(
    completed: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    assert callable(completed)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.toml").write_text("", "utf-8")
    (tmp_path / "notes.txt").write_text("", "utf-8")
    assert completed(f"jeoul {command} ") == [*shipped(), "mine.toml"]
    assert completed(f"jeoul {command} m")[-1] == "mine.toml"


def test_profiles_and_kinds_of_account_are_offered(completed: object) -> None:
    assert callable(completed)
    assert completed("jeoul guard --profile ") == ["conservative", "balanced", "growth"]
    assert completed("jeoul decide --account i") == ["isa", "irp"]


def test_the_accounts_of_a_household_are_offered_behind_its_colon(
    completed: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert callable(completed)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "home.toml").write_text("[accounts.isa]\n[accounts.irp]\n[accounts.general]\n")
    assert completed("jeoul run home.toml:i") == ["home.toml:irp", "home.toml:isa"]
    assert completed("jeoul run none.toml:i") == [""]


def test_a_mistake_in_the_preferences_does_not_stop_completion(
    completed: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert callable(completed)
    monkeypatch.setenv("JEOUL_LANG", "xx")
    assert completed("jeoul guard --lang ") == ["ko", "en"]
