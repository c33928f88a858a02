"""Strict TOML: every problem of a file at once, on its line, with what to do."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field

from jeoul.errors import ConfigError, StrategyError
from jeoul.files.document import parse
from jeoul.files.toml import check


class Table(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Historical(Table):
    kind: Literal["historical"]
    half_life: int = Field(gt=0)


class Equilibrium(Table):
    kind: Literal["equilibrium"]
    risk_aversion: float = Field(gt=0)


class Estimate(Table):
    lookback: int
    mean: Annotated[Historical | Equilibrium, Field(discriminator="kind")]


class Rule(Table):
    name: str
    codes: list[str] = []


class File(Table):
    estimate: Estimate
    rules: list[Rule] = []
    note: str = ""


GOOD = """\
[estimate]
lookback = 756
mean     = { kind = "equilibrium", risk_aversion = 2.5 }
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "file.toml"


def problems(file: Path, text: str) -> list[str]:
    file.write_text(text, "utf-8")
    with pytest.raises(StrategyError) as refusal:
        check(parse(file), File)
    return [str(problem).removeprefix(str(file)) for problem in refusal.value.problems]


def test_a_good_file_is_a_model(file: Path) -> None:
    file.write_text(GOOD, "utf-8")
    assert check(parse(file), File).estimate.lookback == 756


def test_the_class_of_the_error_is_the_callers(file: Path) -> None:
    with pytest.raises(ConfigError, match="there is no such file"):
        check(parse(file, ConfigError), File, ConfigError)


def test_a_key_inside_an_inline_table_is_found_without_the_tag_of_its_union(file: Path) -> None:
    found = problems(file, GOOD.replace("risk_aversion = 2.5", "risk_aversoin = 2.5"))
    assert found == [
        ":3: estimate.mean.risk_aversion: is missing; add it",
        ":3: unknown key 'risk_aversoin' in [estimate.mean]; did you mean 'risk_aversion'?",
    ]


def test_an_unknown_kind_names_the_known_ones(file: Path) -> None:
    (found,) = problems(file, GOOD.replace('"equilibrium"', '"guess"'))
    assert found.startswith(":3: estimate.mean: ")
    assert "is not a choice; use one of historical, equilibrium" in found


def test_the_second_table_of_an_array_has_its_own_lines(file: Path) -> None:
    text = GOOD + '\n[[rules]]\nname = "a"\n\n[[rules]]\nname = 7\ncolour = "red"\n'
    assert problems(file, text) == [
        ":9: rules.1.name: 7 is a number, not text; write codes in quotes",
        ":10: unknown key 'colour' in [[rules]]; use one of name, codes",
    ]


def test_dotted_and_quoted_keys_have_lines(file: Path) -> None:
    file.write_text('"estimate".lookback = 1\nestimate.mean.kind = "x"\n', "utf-8")
    document = parse(file)
    assert document.line(("estimate", "lookback")) == 1
    assert document.line(("estimate", "mean", "kind")) == 2
    assert document.line(("nothing",)) is None


@pytest.mark.parametrize("line", ["국내주식 = 1", "a = { 국내주식 = 1 }", "[국내주식]"])
def test_a_korean_name_without_quotes_is_named(file: Path, line: str) -> None:
    """TOML 1.0 takes only A to Z, digits, - and _ without quotes."""
    said = ':1: the name 국내주식 has no quotes; write it in quotes: "국내주식"'
    assert problems(file, f"{line}\n") == [said]
    (open_quote,) = problems(file, 'name = "저울\n')
    assert "is not TOML" in open_quote


def test_a_multi_line_string_hides_what_looks_like_keys(file: Path) -> None:
    file.write_text('note = """\nlookback = 1\n[estimate]\n"""\n\n' + GOOD, "utf-8")
    document = parse(file)
    assert document.line(("estimate",)) == 6
    assert document.line(("lookback",)) is None


def test_a_missing_key_points_at_its_table(file: Path) -> None:
    assert problems(file, GOOD.replace("lookback = 756\n", "")) == [
        ":1: estimate.lookback: is missing; add it"
    ]


@pytest.mark.parametrize("code", ["069500", "0043Y0"])
def test_every_bare_code_is_told_to_take_quotes(file: Path, code: str) -> None:
    text = GOOD + f'[[rules]]\nname = "a"\ncodes = [{code}, "360750"]\n# 000000 in a comment\n'
    assert problems(file, text) == [
        f':6: {code} without quotes is not the code of a fund; write codes in quotes: "{code}"'
    ]


def test_a_plain_number_is_never_taken_for_a_code(file: Path) -> None:
    (found,) = problems(file, GOOD.replace("756", "100000") + "broken =\n")
    assert found.startswith(":4: is not TOML: ")


def test_a_wrong_value_shows_itself_and_is_cut_when_long(file: Path) -> None:
    (found,) = problems(file, GOOD.replace("756", '"' + "x" * 200 + '"'))
    assert found.startswith(":2: estimate.lookback: 'xxxx")
    assert len(found) < 200
