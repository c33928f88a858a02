"""Data, language, account and profile: the option first, then what the user prefers."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from jeoul.cli.refusals import asked_language
from jeoul.errors import ConfigError
from jeoul.workspace.preferences import preferences, system_language, user_config


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Write a user config, and return the environment in which it is one."""

    def write(text: str) -> dict[str, str]:
        file = tmp_path / "jeoul" / "config.toml"
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, "utf-8")
        monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
        return {"XDG_CONFIG_HOME": str(tmp_path)}

    return write


def test_the_environment_counts_before_the_user_config_and_that_before_the_system(
    written: Any, tmp_path: Path
) -> None:
    where = written('data = "market"\nlang = "en"\naccount = "ISA"\n')
    found = preferences({**where, "JEOUL_LANG": "KO", "LANG": "de_DE.UTF-8"})
    assert {key: (one.value, one.source) for key, one in found.items()} == {
        "data": (str(tmp_path / "jeoul" / "market"), "user config"),
        "lang": ("ko", "environment"),
        "account": ("isa", "user config"),
        "profile": (None, "default"),
    }
    assert found["account"].place == f"{tmp_path / 'jeoul' / 'config.toml'}:3"
    assert preferences({**where, "LANG": "ko_KR.UTF-8"})["lang"].value == "en"


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({"LANG": "ko_KR.UTF-8"}, "ko"),
        ({"LC_ALL": "en_US.UTF-8", "LANG": "ko_KR.UTF-8"}, "en"),
        ({"LC_MESSAGES": "ko_KR", "LANG": "en_US"}, "ko"),
        ({"LC_ALL": "", "LANG": "fr_FR@euro"}, "en"),
        ({"LANG": "C.UTF-8"}, None),
        ({"LC_ALL": "POSIX", "LANG": "en_US.UTF-8"}, None),
    ],
)
def test_the_language_of_the_system_is_read_as_posix_reads_it(
    environment: dict[str, str], language: str | None
) -> None:
    found = system_language(environment)
    assert (None if found is None else found.value) == language


def test_a_misspelt_key_gets_the_sentence_of_every_other_file(written: Any, jeoul: Any) -> None:
    written('lang = "ko"\nprofil = "growth"\n')
    refused = jeoul("guard")
    assert refused.code == 2
    assert "config.toml:2: 알 수 없는 최상위 키 'profil'입니다; 'profile'을(를)" in refused.err


def test_values_that_a_key_cannot_have_are_named_together() -> None:
    with pytest.raises(ConfigError) as refused:
        preferences({"JEOUL_PROFILE": "growht", "JEOUL_ACCOUNT": "x", "XDG_CONFIG_HOME": "/none"})
    assert [str(problem) for problem in refused.value.problems] == [
        "JEOUL_ACCOUNT: 'x' is not a choice; use one of general, isa, pension_savings, irp, dc",
        "JEOUL_PROFILE: 'growht' is not a choice; did you mean 'growth'?",
    ]


def test_an_option_counts_before_every_preference(
    jeoul: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JEOUL_LANG", "en")
    monkeypatch.setenv("JEOUL_PROFILE", "growth")
    monkeypatch.setenv("JEOUL_ACCOUNT", "isa")
    words = ("decide", "static", "--cash", "10000000", "--json")
    assert json.loads(jeoul(*words).out)["profile"] == "growth"
    assert json.loads(jeoul(*words).out)["kind"] == "isa"
    asked = json.loads(jeoul(*words, "--profile", "balanced", "--account", "general").out)
    assert (asked["profile"], asked["kind"]) == ("balanced", "general")
    assert "값이" not in jeoul("config").out
    assert "항목" in jeoul("config", "--lang", "ko").out


def test_answers_count_before_a_preferred_profile(
    jeoul: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from jeoul import assets

    monkeypatch.setenv("JEOUL_PROFILE", "growth")
    answers = assets.root() / "configs" / "answers-example.toml"
    words = ("decide", "static", "--answers", answers, "--cash", "10000000", "--json")
    assert json.loads(jeoul(*words).out)["profile"] == "balanced"


def test_a_household_keeps_its_own_data(jeoul: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from jeoul import assets

    monkeypatch.setenv("JEOUL_DATA", "/none")
    home = assets.root() / "configs" / "household-example.toml"
    assert jeoul("household", home, "--fast").code == 0
    refused = jeoul("data", "--lang", "en")
    assert (refused.code, "/none" in refused.err) == (3, True)


def test_a_refusal_is_in_the_language_of_the_user(written: Any) -> None:
    where = written('lang = "ko"\nbroken\n')
    assert asked_language(["guard"], where) == "ko"
    assert asked_language(["guard", "--lang", "en"], where) == "en"
    assert asked_language(["guard"], {"XDG_CONFIG_HOME": "/none", "LANG": "ko_KR.UTF-8"}) == "ko"


@pytest.mark.skipif(sys.platform == "win32", reason="%APPDATA% names the folder there")
def test_the_user_config_is_below_the_home_of_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/kim")
    assert user_config({}) == Path("/home/kim/.config/jeoul/config.toml")


def test_config_says_where_each_value_comes_from(written: Any, jeoul: Any) -> None:
    written('profile = "growth"\n')
    out = jeoul("config", "--lang", "en").out
    (row,) = (line.split() for line in out.splitlines() if line.startswith("profile"))
    assert row[:2] == ["profile", "growth"]
    assert row[-2].endswith("config.toml:1")
    assert row[-1] == "JEOUL_PROFILE"
