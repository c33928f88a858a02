"""The command ``jeoul profile``, as a person or a program uses it."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from jeoul import assets
from jeoul.cli.profile import profile
from jeoul.errors import ConfigError, UsageError
from jeoul.profile import choice_texts, load_answers, waiting_note

EXAMPLE = str(assets.root() / "configs" / "answers-example.toml")
# age, horizon 2y, experience mixed, knowledge low, share 30, income falling, loss 10
TYPED = ["45", "3", "3", "2", "3", "2", "2"]
LIGHT = "2"


@pytest.fixture
def runner() -> CliRunner:
    return CliRunner()


def test_json_is_the_contract(runner: CliRunner) -> None:
    done = runner.invoke(profile, [EXAMPLE, "--json"])
    assert done.exit_code == 0
    found = json.loads(done.stdout)
    assert list(found) == [
        "schema",
        "form",
        "version",
        "raw",
        "score",
        "type",
        "profile",
        "reasons",
        "warnings",
        "expires",
        "stability",
        "protection",
        "overlay",
        "waits",
    ]
    assert (found["raw"], found["score"]) == (18, 56.25)
    assert (found["type"], found["profile"]) == ("neutral", "balanced")
    assert len(found["reasons"]) == 1
    assert found["overlay"] is None
    assert found["warnings"] == []


def test_the_lowest_type_has_no_portfolio_and_says_why(runner: CliRunner, tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    file.write_text(
        'age = 70\nhorizon = "6m"\nexperience = "deposit"\nknowledge = "very_low"\n'
        'share = "40+"\nincome = "none"\nloss = "none"\n',
        "utf-8",
    )
    found = json.loads(runner.invoke(profile, [str(file), "--json", "--lang", "en"]).stdout)
    assert (found["raw"], found["score"], found["type"]) == (4, 12.5, "stable")
    assert found["profile"] == "none"
    assert found["reasons"][-1].startswith("reason_no_portfolio: Only products of the lowest risk")


@pytest.mark.parametrize(
    ("lang", "expected"),
    [("ko", "제안 포트폴리오: 균형 포트폴리오"), ("en", "Proposed profile: balanced")],
)
def test_people_read_it_in_their_language(runner: CliRunner, lang: str, expected: str) -> None:
    done = runner.invoke(profile, [EXAMPLE, "--lang", lang])
    assert expected in done.stdout.splitlines()


def test_warnings_are_shown_under_their_own_heading(runner: CliRunner, tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    file.write_text(Path(EXAMPLE).read_text("utf-8").replace('"10" ', '"any"'), "utf-8")
    text = file.read_text("utf-8").replace('"2y" ', '"6m" ')
    file.write_text(text, "utf-8")
    done = runner.invoke(profile, [str(file), "--lang", "en"])
    assert "Answers that contradict each other (please check them)" in done.stdout
    assert "You would accept any loss on money that you need within a year" in done.stdout


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_asking_gives_what_the_file_gives(runner: CliRunner, lang: str) -> None:
    asked = runner.invoke(
        profile, ["--ask", "--json", "--lang", lang], input="\n".join([*TYPED, LIGHT]) + "\n"
    )
    read = runner.invoke(profile, [EXAMPLE, "--json", "--lang", lang])
    assert asked.exit_code == 0
    one, other = json.loads(asked.stdout), json.loads(read.stdout)
    assert (one.pop("overlay")["choice"], other.pop("overlay")) == ("light", None)
    assert (one.pop("expires") is None, other.pop("expires")) == (False, None)
    assert one == other


def test_a_wrong_entry_is_asked_again(runner: CliRunner) -> None:
    typed = ["old", "300", *TYPED[:1], "9", *TYPED[1:], "4", LIGHT]
    done = runner.invoke(
        profile, ["--ask", "--json", "--lang", "en"], input="\n".join(typed) + "\n"
    )
    assert json.loads(done.stdout)["raw"] == 18
    assert "300: enter a number from 1 to 120." in done.stderr
    assert "9: enter a number from 1 to 5." in done.stderr
    assert "4: enter a number from 1 to 3." in done.stderr


def test_saved_answers_can_be_read_again_until_they_expire(
    runner: CliRunner, tmp_path: Path
) -> None:
    out = tmp_path / "mine.toml"
    args = ["--ask", "--json", "--out", str(out), "--as-of", "2026-05-04"]
    asked = runner.invoke(profile, args, input="\n".join([*TYPED, LIGHT]) + "\n")
    assert asked.exit_code == 0
    assert "answered = 2026-05-04" in out.read_text("utf-8")
    again = runner.invoke(profile, [str(out), "--json", "--as-of", "2027-05-04"])
    assert again.stdout == asked.stdout
    late = runner.invoke(profile, [str(out), "--json", "--as-of", "2027-05-05"])
    assert isinstance(late.exception, ConfigError)
    assert "expired on 2027-05-04" in str(late.exception)
    assert late.stdout == ""


def test_nothing_is_overwritten(runner: CliRunner, tmp_path: Path) -> None:
    out = tmp_path / "mine.toml"
    out.write_text("precious", "utf-8")
    done = runner.invoke(profile, ["--ask", "--out", str(out)], input="\n".join(TYPED) + "\n")
    assert isinstance(done.exception, UsageError)
    assert out.read_text("utf-8") == "precious"


@pytest.mark.parametrize(
    "args",
    [
        [],
        [EXAMPLE, "--ask"],
        [EXAMPLE, "--out", "x.toml"],
        [EXAMPLE, "--as-of", "yesterday"],
    ],
)
def test_wrong_use_is_refused(runner: CliRunner, args: list[str]) -> None:
    done = runner.invoke(profile, args)
    assert isinstance(done.exception, UsageError)
    assert done.stdout == ""


def test_bad_answers_give_no_profile(runner: CliRunner, tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    file.write_text('age = 300\nhorizon = "2y"\n', "utf-8")
    done = runner.invoke(profile, [str(file), "--json"])
    assert isinstance(done.exception, ConfigError)
    assert len(done.exception.problems) == 6
    assert done.stdout == ""


def test_the_command_loads_no_heavy_library() -> None:
    program = (
        "import sys; from jeoul.cli.profile import profile; "
        f"profile([{EXAMPLE!r}, '--json'], standalone_mode=False);"
        "print(sorted({'pandas', 'cvxpy', 'numpy', 'numba', 'pydantic'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
        env={
            "PYTHONPATH": str(assets.root() / "engine"),
            "PYTHONUTF8": "1",
            "SYSTEMROOT": "C:\\Windows",
        },
    )
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_what_each_insurance_cost_is_shown_and_kept_with_the_choice(
    runner: CliRunner, tmp_path: Path, lang: str
) -> None:
    out = tmp_path / "mine.toml"
    args = ["--ask", "--out", str(out), "--as-of", "2026-05-04", "--lang", lang]
    done = runner.invoke(profile, args, input="\n".join([*TYPED, LIGHT]) + "\n")
    choice = load_answers(out).overlay
    assert choice is not None
    assert (choice.choice, choice.chosen) == ("light", date(2026, 5, 4))
    assert choice.shown in done.stderr
    for text in choice_texts(lang, "KRW", "balanced").values():
        assert text in choice.shown
    assert "VIX" in choice.shown
    assert "managed-light, managed-light-us" in done.stdout


def test_whoever_gets_no_portfolio_is_not_asked(runner: CliRunner) -> None:
    typed = ["70", "1", "1", "1", "1", "1", "1"]
    done = runner.invoke(profile, ["--ask", "--json"], input="\n".join(typed) + "\n")
    found = json.loads(done.stdout)
    assert (found["profile"], found["overlay"]) == ("none", None)


DERIVATIVES, NEVER_DECIDED = "5", "1"


def test_two_answers_that_cannot_both_be_true_are_asked_once_more(runner: CliRunner) -> None:
    typed = [*TYPED[:2], DERIVATIVES, NEVER_DECIDED, *TYPED[4:], *TYPED[2:4], LIGHT]
    done = runner.invoke(
        profile, ["--ask", "--json", "--lang", "en"], input="\n".join(typed) + "\n"
    )
    assert json.loads(done.stdout)["raw"] == 18
    assert done.stderr.count("What is the riskiest kind of product") == 2
    assert done.stderr.count("For how long can this money stay invested") == 1
    assert "These two answers contradict each other" in done.stderr


def test_a_file_with_such_answers_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "odd.toml"
    text = Path(EXAMPLE).read_text("utf-8").replace('"mixed" ', '"derivative" ')
    file.write_text(text.replace('"low" ', '"very_low" '), "utf-8")
    with pytest.raises(ConfigError, match="answer both questions again"):
        profile([str(file)], standalone_mode=False)


def test_a_firm_has_to_ask_for_purpose_wealth_and_income(runner: CliRunner, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as refused:
        profile([EXAMPLE, "--firm"], standalone_mode=False)
    assert [problem.key for problem in refused.value.problems] == [
        "wealth",
        "income_level",
        "purpose",
    ]
    out = tmp_path / "firm.toml"
    args = ["--ask", "--firm", "--json", "--out", str(out)]
    typed = [*TYPED, "2", "3", "retirement", LIGHT]
    assert runner.invoke(profile, args, input="\n".join(typed) + "\n").exit_code == 0
    kept = load_answers(out, firm=True)
    assert (kept.wealth, kept.income_level, kept.purpose) == ("500m", "100m", "retirement")


@pytest.mark.parametrize(("age", "said"), [(64, 0), (65, 2), (80, 3)])
def test_older_people_are_told_what_protects_them(
    runner: CliRunner, tmp_path: Path, age: int, said: int
) -> None:
    file = tmp_path / "older.toml"
    text = Path(EXAMPLE).read_text("utf-8").replace("= 45 ", f"= {age} ")
    file.write_text(text, "utf-8")
    found = json.loads(runner.invoke(profile, [str(file), "--json", "--lang", "en"]).stdout)
    assert len(found["protection"]) == said
    assert found["stability"]["changes"] == 24


@pytest.mark.parametrize(
    ("before", "after", "fall", "said"),
    [
        ("balanced", "growth", 0.10, "rose"),
        ("growth", "conservative", 0.25, "would lock in the loss"),
        ("balanced", "growth", 0.0999, None),
        ("balanced", "balanced", 0.5, None),
    ],
)
def test_a_profile_that_changes_after_a_fall_waits_thirty_days(
    before: str, after: str, fall: float, said: str | None
) -> None:
    found = waiting_note("en", before, after, fall)
    assert (found is None) == (said is None)
    if found is not None and said is not None:
        assert said in found
        assert "30 days" in found


def test_the_fall_is_that_of_the_former_profile_on_the_newest_session(
    runner: CliRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import numpy as np

    from jeoul import api

    asked = []

    class Fallen:
        nav = np.array([1.0, 1.2, 1.02])

    def backtest(strategy: object, profile: str, market: object) -> Fallen:
        asked.append(profile)
        return Fallen()

    monkeypatch.setattr(api, "backtest", backtest)
    bold = tmp_path / "bold.toml"
    text = Path(EXAMPLE).read_text("utf-8").replace('"2y" ', '"3y+" ').replace('"10" ', '"20" ')
    bold.write_text(text.replace('"falling" ', '"stable" ').replace('"low" ', '"high" '), "utf-8")
    words = [str(bold), "--before", EXAMPLE, "--json", "--lang", "en"]
    found = json.loads(runner.invoke(profile, words).stdout)
    assert found["profile"] == "growth"
    assert asked == ["balanced"]
    assert "after a 15.0% fall" in found["waits"]


def test_decide_refuses_another_insurance_than_the_answers_chose(tmp_path: Path) -> None:
    from jeoul.cli.decide import decide

    answers = tmp_path / "light.toml"
    text = Path(EXAMPLE).read_text("utf-8")
    chosen = '\n[overlay]\nchoice = "light"\nchosen = 2026-05-04\nshown = "what was shown"\n'
    answers.write_text(text + chosen, "utf-8")
    words = ["--answers", str(answers), "--deposit", "1000000"]
    with pytest.raises(
        UsageError, match=r'"managed" is not what was chosen .*name "managed-light"'
    ):
        decide(["managed", *words], standalone_mode=False)
