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


@pytest.fixture
def in_powershell(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> object:
    """Answer as the script of PowerShell asks: the words before the cursor, and the one at it."""

    def complete(words: str, typed: str = "") -> list[str]:
        monkeypatch.setattr(sys, "argv", ["jeoul"])
        monkeypatch.setenv("_JEOUL_COMPLETE", "powershell_complete")
        monkeypatch.setenv("COMP_WORDS", "\n".join(["jeoul", *words.split()]))
        monkeypatch.setenv("COMP_TYPED", typed)
        with pytest.raises(SystemExit) as left:
            main()
        assert not left.value.code
        return capsys.readouterr().out.splitlines()

    return complete


def test_powershell_completes_commands_strategies_and_options(in_powershell: object) -> None:
    assert callable(in_powershell)
    (command,) = in_powershell("", "sta")
    assert command.split("\t")[:2] == ["statement", "statement"]
    assert [line.split("\t")[0] for line in in_powershell("guard", "man")] == [
        name for name in shipped() if name.startswith("man")
    ]
    (option,) = in_powershell("guard managed", "--ev")
    assert option.split("\t") == [
        "--events", "--events", "Show every transition instead of every session.",
    ]  # fmt: skip
    assert in_powershell("guard managed --profile", "x") == ["none"]


def test_powershell_quotes_a_name_with_a_space_and_completes_other_files_itself(
    in_powershell: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert callable(in_powershell)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my isa's.toml").write_text("", "utf-8")
    for typed in ("my", "'my", '"my'):
        assert in_powershell("decide", typed) == ["'my isa''s.toml'\tmy isa's.toml\tmy isa's.toml"]
    assert in_powershell("statement --html", "pa") == [""]


def test_powershell_is_given_its_script(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["jeoul"])
    monkeypatch.setenv("_JEOUL_COMPLETE", "powershell_source")
    with pytest.raises(SystemExit):
        main()
    script = capsys.readouterr().out
    assert script.startswith("Register-ArgumentCompleter -Native -CommandName ")
    assert "%(" not in script
    assert script.count("{") == script.count("}")
    assert script.count("(") == script.count(")")
