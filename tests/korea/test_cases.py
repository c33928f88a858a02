"""Worked cases, each computed by hand from the statute, and the checks of a case file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from jeoul.advice.explain import explain
from jeoul.cli.rules import load_cases
from jeoul.cli.rules import rules as command
from jeoul.errors import ConfigError
from jeoul.korea.cases import Case, read_cases, run_case
from jeoul.korea.rules import RULES
from jeoul.messages import LANGUAGES

FILES = sorted((Path(__file__).parent / "cases").glob("*.toml"))
CASES = [case for file in FILES for case in read_cases(file.read_text("utf-8"), file.name).cases]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_the_case_holds_to_the_won(case: Case, book: Any) -> None:
    outcome = run_case(book, case)
    assert outcome.ok, outcome.different


def test_there_are_cases_for_every_rule() -> None:
    assert len(CASES) >= 150
    assert {case.rule for case in CASES} == set(RULES)
    assert len({case.id for case in CASES}) == len(CASES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_step_can_be_said(language: str, book: Any) -> None:
    said = [explain(language, step) for case in CASES for step in run_case(book, case).steps]
    assert said
    assert all("{" not in text for text in said)


def write(folder: Path, body: str) -> Path:
    file = folder / "cases.toml"
    file.write_text("schema = 1\nyear = 2026\n" + body, "utf-8")
    return file


def test_everything_wrong_with_a_file_is_said_at_once(tmp_path: Path) -> None:
    file = write(
        tmp_path,
        """
[[case]]
id = "a"
rule = "isa.sette"
given = {}
expect = {}
[[case]]
id = "b"
rule = "isa.settle"
given = { kind = "general", years_held = "three", results = [{ asset = "fund", gian = 1 }] }
expect = { taxes = 0 }
[[case]]
id = "b"
rule = "isa.settle"
given = { kind = "general", years_held = 3, results = [], colour = "red" }
expect = { tax = 0 }
""",
    )
    with pytest.raises(ConfigError) as caught:
        load_cases(file)
    text = "\n".join(map(str, caught.value.problems)).replace(str(file), "cases.toml")
    for part in (
        "cases.toml:6: a.rule: rule 'isa.sette' is unknown; did you mean 'isa.settle'?",
        "cases.toml:12: b.given.years_held: 'three' is not a whole number; write digits",
        "cases.toml:12: b.given.results.0.gain: is missing; add it",
        "cases.toml:12: unknown key 'gian' in [[case.given.results]]; did you mean 'gain'?",
        "cases.toml:13: unknown key 'taxes' in [case.expect]; did you mean 'tax",
        "cases.toml:15: b.id: the id appears twice; give every case its own",
        "cases.toml:17: unknown key 'colour' in [case.given]; use one of kind",
    ):
        assert part in text
    assert len(caught.value.problems) == 7


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("schema = 2\nyear = 2026", "schema is not 1"),
        ("schema = 1", "year is missing"),
        ("schema = 1\nyear = 2026\ncases = 3", "unknown key 'cases'"),
        ("schema = ", "is not TOML"),
        ("schema = 1\nyear = 2026\ncase = 3", r"case: 3 is not a .*; write \[\[case\]\] tables"),
        (
            "schema = 1\nyear = 2026\ncase = [3]",
            r"case: \[3\] is not a .*; write \[\[case\]\] tables",
        ),
        ("schema = 1\nyear = 2026\n[[case]]\ngiven = 3", "given: 3 is not a table; write it as"),
    ],
)
def test_a_file_of_another_shape_is_refused(body: str, problem: str) -> None:
    with pytest.raises(ConfigError, match=problem):
        read_cases(body, "x.toml")


GOOD = """
[[case]]
id = "fund"
rule = "isa.settle"
given = { kind = "general", years_held = 3, results = [{ asset = "fund", gain = 3_000_000 }] }
expect = { tax = 99_000 }
"""


def test_passing_leaves_with_0_and_counts(tmp_path: Path) -> None:
    result = CliRunner().invoke(command, [str(write(tmp_path, GOOD)), "--lang", "en"])
    assert result.exit_code == 0
    assert "1 cases pass, 0 fail" in result.stdout
    assert "not tax advice" in result.stdout


def test_failing_leaves_with_1_and_shows_the_steps(tmp_path: Path) -> None:
    body = GOOD.replace("99_000", "98_990")
    result = CliRunner().invoke(command, [str(write(tmp_path, body)), "--lang", "en"])
    assert result.exit_code == 1
    assert "tax: expected 98990, got 99000" in result.stdout
    assert "less 2,000,000 tax-free: 1,000,000 won taxed" in result.stdout


def test_a_tolerance_is_in_won(tmp_path: Path) -> None:
    body = GOOD.replace("99_000", "98_990") + "tolerance = 10\n"
    assert CliRunner().invoke(command, [str(write(tmp_path, body))]).exit_code == 0
    body = body.replace("tolerance = 10", "tolerance = 9")
    assert CliRunner().invoke(command, [str(write(tmp_path, body))]).exit_code == 1


def test_json_goes_to_stdout_alone(tmp_path: Path) -> None:
    result = CliRunner().invoke(command, [str(write(tmp_path, GOOD)), "--json"])
    data = json.loads(result.stdout)
    assert (data["passed"], data["failed"]) == (1, 0)
    assert data["cases"][0]["id"] == "fund"
    assert data["cases"][0]["ok"] is True
    assert data["cases"][0]["got"]["tax"] == 99_000
    assert data["cases"][0]["steps"][-1]["values"] == {
        "base": 1_000_000,
        "national": 90_000,
        "local": 9_000,
    }
    assert "세무 자문이 아닙니다" in result.stderr


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "cases.toml"
    file.write_bytes(b"\xff\xfe schema")
    result = CliRunner().invoke(command, [str(file)])
    assert isinstance(result.exception, ConfigError)
    assert "UTF-8" in str(result.exception)


def test_a_year_without_a_table_is_refused(tmp_path: Path) -> None:
    file = write(tmp_path, GOOD)
    file.write_text(file.read_text("utf-8").replace("year = 2026", "year = 2031"), "utf-8")
    result = CliRunner().invoke(command, [str(file)])
    assert f"{file}:2: year: there is no rule table for 2031; use 2026, 2027 or" in str(
        result.exception
    )


def test_a_pending_reform_changes_the_answer_only_when_asked(tmp_path: Path) -> None:
    file = write(tmp_path, GOOD.replace("99_000", "0"))  # 3 M would be within 5 M tax-free
    assert CliRunner().invoke(command, [str(file)]).exit_code == 1
    asked = CliRunner().invoke(command, [str(file), "--reform", "isa-2024-proposal"])
    assert asked.exit_code == 0
    assert "국회를 통과하지 않은 개정안(isa-2024-proposal" in asked.stdout
