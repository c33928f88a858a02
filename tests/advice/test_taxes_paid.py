"""A promise against the tax paid: the difference is explained to the won, or said not to be."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from jeoul.cli.refusals import refusal_of
from jeoul.cli.taxes import taxes
from jeoul.errors import JeoulError, UsageError

from .oracle.statements import Case, certificates, settlements

CASES = [*settlements(5, 30), *certificates(8, 20)]


def run(folder: Path, case: Case, statement: str | None = None) -> Result:
    promise = folder / "promise.toml"
    file = folder / ("statement.csv" if case.as_csv else "statement.toml")
    promise.write_text(case.promise, "utf-8")
    file.write_text(case.statement if statement is None else statement, "utf-8")
    words = [str(promise), str(file), "--as-of", "2026-11-28", "--lang", "en", "--json"]
    return CliRunner().invoke(taxes, words)


def comparisons(result: Result) -> list[dict[str, Any]]:
    assert result.exit_code in (0, 1), result.exception
    found: list[dict[str, Any]] = json.loads(result.stdout)["comparisons"]
    for each in found:
        explained = sum(cause["amount"] for cause in each["causes"])
        assert each["promised"] + explained + each["unexplained"] == each["paid"]
    return found


@pytest.mark.parametrize("case", CASES, ids=[str(number) for number in range(len(CASES))])
def test_fifty_statements_leave_nothing_unexplained(case: Case, tmp_path: Path) -> None:
    result = run(tmp_path, case)
    assert [each["unexplained"] for each in comparisons(result)] == [0] * len(comparisons(result))
    assert result.exit_code == 0


def test_the_fifty_differ_for_every_reason(tmp_path: Path) -> None:
    named = {c["name"] for case in CASES for each in comparisons(run(tmp_path, case))
             for c in each["causes"]}  # fmt: skip
    assert named == {
        "apart", "comprehensive", "credits", "deductions", "dependants", "foreign", "given_tax",
        "income", "loss", "method", "other_income", "payments", "rate", "rounding", "uncollected",
        "untaxed", "wages",
    }  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[str(number) for number in range(len(CASES))])
def test_a_wrong_tax_stays_unexplained(case: Case, tmp_path: Path) -> None:
    name = "결정세액," if "결정세액" in case.statement else r"(?:determined|national) = "
    if case.as_csv and "지급일" in case.statement:
        head, _, rest = case.statement.partition("\n")
        row, _, more = rest.partition("\n")
        cells = row.split(",")
        cells[7] = str(int(cells[7]) + 54_321)
        text = "\n".join((head, ",".join(cells), more))
    else:
        text = re.sub(
            f"({name})(\\d+)", lambda m: f"{m[1]}{int(m[2]) + 54_321}", case.statement, count=1
        )
    assert text != case.statement
    result = run(tmp_path, case, text)
    left = [each["unexplained"] for each in comparisons(result)]
    assert any(abs(each) > 54_000 for each in left)
    assert result.exit_code == 1


ISA = """rule = "isa.settle"
given = { kind = "general", years_held = 3, results = [{ asset = "fund", gain = 5_000_000 }] }
"""
PERSON = """year = 2026
age = 33
wages = 30_000_000
budget = 9_000_000
horizon_years = 25
growth = 0.05
"""


def only(folder: Path, promise: str, statement: str, name: str = "statement.csv") -> Any:
    (folder / "promise.toml").write_text(promise, "utf-8")
    (folder / name).write_text(statement, "utf-8")
    words = [str(folder / "promise.toml"), str(folder / name), "--as-of", "2026-11-28", "--json"]
    return comparisons(CliRunner().invoke(taxes, words))[0]


def causes(found: Any) -> dict[str, int]:
    return {cause["name"]: cause["amount"] for cause in found["causes"]}


def test_an_isa_of_the_low_income_kind_is_taxed_less_than_promised(tmp_path: Path) -> None:
    """5 M less 2 M at 9.9 % is 297,000; less 4 M it is 99,000."""
    statement = "지급일,소득구분,지급액,비과세,세율,소득세,지방소득세\n"
    statement += "2026-11-30,ISA 해지,5000000,4000000,9,90000,9000\n"
    found = only(tmp_path, ISA, statement)
    assert (found["promised"], found["paid"], found["unexplained"]) == (297_000, 99_000, 0)
    assert causes(found) == {"untaxed": -198_000}


def test_an_isa_closed_too_early_is_taxed_at_another_rate(tmp_path: Path) -> None:
    """5 M at 15.4 % is 770,000: 198,000 more for the tax-free amount, 275,000 for the rate."""
    statement = "지급일,소득구분,지급액,세율,소득세,지방소득세\n"
    statement += "2026-11-30,ISA 중도해지,5000000,15.4%,700000,70000\n"
    found = only(tmp_path, ISA, statement)
    assert causes(found) == {"untaxed": 198_000, "rate": 275_000}


def test_a_deduction_that_nobody_promised_lowers_the_credit(tmp_path: Path) -> None:
    """15,834,786 less 1 M of card spending: the tax of 371,848 becomes 304,348, and so the credit;
    with local tax 409,028 becomes 334,778."""
    statement = """귀속연도,2026
총급여,30000000
종합소득과세표준,14834786
그 밖의 세액공제,130000
연금저축,공제대상금액,7320000
,세액공제액,304348
퇴직연금,공제대상금액,0
결정세액,0,0
"""
    found = only(tmp_path, PERSON, statement)
    assert (found["figure"], found["promised"], found["paid"]) == ("credit", 409_028, 334_778)
    assert causes(found) == {"deductions": -74_250}


def test_the_json_of_a_plan_promises_with_its_person(tmp_path: Path) -> None:
    (tmp_path / "me.toml").write_text(PERSON, "utf-8")
    plan = {
        "schema": "jeoul.plan/2",
        "pours": [
            {"kind": "pension_savings", "amount": 1_000_000},
            {"kind": "irp", "amount": 500_000},
            {"kind": "isa", "amount": 7_500_000},
        ],
    }
    (tmp_path / "plan.json").write_text(json.dumps(plan), "utf-8")
    (tmp_path / "paid.toml").write_text(
        "year = 2026\nwages = 30_000_000\ndetermined = 146_848\ndetermined_local = 14_680\n"
        "pension_credit = 225_000\n",
        "utf-8",
    )
    words = [str(tmp_path / "plan.json"), str(tmp_path / "paid.toml")]
    refused = CliRunner().invoke(taxes, words)
    assert isinstance(refused.exception, UsageError)
    assert "--person" in str(refused.exception)
    result = CliRunner().invoke(taxes, [*words, "--person", str(tmp_path / "me.toml"), "--json"])
    assert [each["promised"] for each in comparisons(result)] == [247_500, 161_520]
    assert [causes(each) for each in comparisons(result)] == [{}, {"rounding": 8}]


SETTLED = "귀속연도,2026\n총급여,1\n결정세액,0\n"
CERTIFIED = "지급일,구분,지급액,소득세\n2026-01-02,배당,1,0\n"


@pytest.mark.parametrize(
    ("promise", "statement", "said"),
    [
        (PERSON, CERTIFIED, "give the year-end settlement"),
        (ISA, CERTIFIED, "certifies no payment of the kind"),
        (PERSON, SETTLED.replace("2026", "2025"), "is of 2026, the statement of 2025"),
        ('rule = "order.tick"\ngiven = {}\n', SETTLED, "no certificate shows the tax of"),
        ('rule = "isa.settle"\n', SETTLED, "given: is missing"),
        (ISA.replace("kind", "kinf"), SETTLED, "did you mean 'kind'?"),
        (ISA, "a,b\n1,2\n", "neither payments with their income tax"),
    ],
)
def test_what_cannot_be_compared_is_refused_in_either_language(
    tmp_path: Path, promise: str, statement: str, said: str
) -> None:
    (tmp_path / "promise.toml").write_text(promise, "utf-8")
    (tmp_path / "paid.csv").write_text(statement, "utf-8")
    words = [str(tmp_path / "promise.toml"), str(tmp_path / "paid.csv")]
    refused = CliRunner().invoke(taxes, words).exception
    assert isinstance(refused, JeoulError)
    assert said in str(refused)
    korean = refusal_of(refused, "ko")
    assert korean is not None
    assert re.search("니다|십시오|습니까", korean.reason)


@pytest.mark.parametrize(
    ("language", "said"), [("en", "remain unexplained"), ("ko", "설명되지 않습니다")]
)
def test_both_languages_say_what_is_left(tmp_path: Path, language: str, said: str) -> None:
    (tmp_path / "promise.toml").write_text(ISA, "utf-8")
    statement = (
        "지급일,소득구분,지급액,비과세,세율,소득세\n2026-11-30,ISA,5000000,2000000,9,280000\n"
    )
    (tmp_path / "paid.csv").write_text(statement, "utf-8")
    words = [str(tmp_path / "promise.toml"), str(tmp_path / "paid.csv"), "--lang", language]
    result = CliRunner().invoke(taxes, words)
    assert result.exit_code == 1
    assert said in result.stdout
