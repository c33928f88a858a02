"""Rules of a year without a table, on the command line: refused, or named and said."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from jeoul import assets

CASE = """schema = 1
year = {year}
[[case]]
id = "wages"
rule = "income.wages"
given = {{ wages = 30_000_000 }}
expect = {{ pension = {pension} }}
"""


def test_cases_of_a_year_without_a_table_run_with_the_rules_that_are_named(
    jeoul: Any, tmp_path: Path
) -> None:
    file = tmp_path / "cases.toml"
    file.write_text(CASE.format(year=2029, pension=1_500_000), "utf-8")
    refused = jeoul("rules", file, "--lang", "ko")
    assert refused.code == 2
    assert "2029년 규칙표가 없습니다; 2026, 2027년을 쓰거나 --rules-of 2027을(를)" in refused.err
    done = jeoul("rules", file, "--rules-of", "2027", "--lang", "en")
    assert done.code == 0
    assert "There is no rule table for 2029: these are the rules of 2027" in done.out


def test_a_recommendation_in_2029_takes_the_rules_that_are_named(
    jeoul: Any, tmp_path: Path
) -> None:
    example = (assets.root() / "configs" / "answers-example.toml").read_text("utf-8")
    answers = tmp_path / "answers.toml"
    answers.write_text(re.sub(r"(?m)^(answered\s*=\s*)\S+", r"\g<1>2029-01-02", example), "utf-8")
    words = ("recommend", answers, "--as-of", "2029-03-02", "--lang", "en")
    assert "no rule table for 2029" in jeoul(*words).err
    assert "these are the rules of 2027" in jeoul(*words, "--rules-of", "2027").out
