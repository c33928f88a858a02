"""Strict TOML: every problem of a file at once, on its line, with what to do."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field

from jeoul.errors import ConfigError, StrategyError
from jeoul.files.document import parse, parse_text
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


def many_funds(count: int, comment: str) -> str:
    """Return a universe as the shipped ones are written: 47 marks a fund, and comments."""
    sources = ", ".join(f'{fact} = ["prospectus", "page"]' for fact in "abcdefgh")
    funds = "\n".join(
        f'[members.f{n}]\nclass = "equity_kr"\ncodes = ["{n:06}"]\nreference = 0.1\n'
        f'[instruments."{n:06}"]\nname = {{ ko = "이름", en = "name" }}\ntax = "kr_equity_etf"\n'
        f'accounts = ["general", "isa", "irp"]\nsources = {{ {sources} }}{comment}'
        for n in range(count)
    )
    return f"# a, b = [c]\n{funds}\n"


def test_a_universe_of_as_many_funds_as_are_promised_is_parsed() -> None:
    found = parse_text(many_funds(5_000, '  # ["a", "b"] = c, d'), "universe.toml").data
    assert len(found["instruments"]) == len(found["members"]) == 5_000


@pytest.mark.parametrize(
    "text",
    [
        "# a = [1, 2, 3]\n" * 200_000,
        'x = """\n' + "a = [1, 2],\n" * 200_000 + '"""\n',
        "'''" + "a,",
    ],
)
def test_comments_and_texts_are_neither_keys_nor_values(text: str) -> None:
    begun = time.process_time()
    with suppress(StrategyError):
        parse_text(text, "a.toml")
    assert time.process_time() - begun < 5


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(f"k{n} = 1" for n in range(260_000)),
        "x = [" + '"""a"""", ' * 260_000 + "]",
        "x = [" + "'a', " * 260_000 + "]",
        "# a\n" + "[[x]] # [a]\n" * 130_000,
    ],
)
def test_more_keys_values_and_tables_than_can_be_borne_are_refused_before_parsing(
    text: str,
) -> None:
    begun = time.process_time()
    with pytest.raises(StrategyError, match="keys, values and tables; keep at most 250,000"):
        parse_text(text, "a.toml")
    assert time.process_time() - begun < 2


@pytest.mark.parametrize("text", ['"' * 10**6, '"""\\' * 10**5, "x='''" * 10**5, '"a\\' * 10**5])
def test_counting_takes_no_longer_for_a_text_that_is_never_closed(text: str) -> None:
    begun = time.process_time()
    with pytest.raises(StrategyError):
        parse_text("," * 300_000 + text, "a.toml")
    assert time.process_time() - begun < 5
