"""The rule table itself: sources, dates, switches."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from string import Formatter
from typing import Any

import pytest

from jeoul.errors import ConfigError, RuleError
from jeoul.korea import tables
from jeoul.korea.gains import Gain
from jeoul.korea.isa import settle_isa
from jeoul.korea.tables import load_rules, years
from jeoul.messages import catalogue


def test_every_number_has_its_source_and_confidence(book: Any) -> None:
    for fact in book.facts.values():
        assert fact.confidence in {"H", "M", "L"}, fact.key
        assert fact.url.startswith("http"), fact.key
        assert "," in fact.source, fact.key


@pytest.mark.parametrize("year", years())
def test_every_fact_is_read_by_some_rule(year: int) -> None:
    law = Path(tables.__file__).parent
    places = (law, law.parent / "advice")
    code = "".join(path.read_text("utf-8") for place in places for path in place.glob("*.py"))
    facts = load_rules(year).facts
    assert [key for key in facts if f'"{key}"' not in code and f"'{key}'" not in code] == []


@pytest.mark.parametrize("part", ["rule", "rules", "kind", "meter", "plan", "recommend", "compare"])
def test_both_languages_say_the_same_things(part: str) -> None:
    korean, english = (
        {key: text for key, text in catalogue(language).items() if key.startswith(f"{part}.")}
        for language in ("ko", "en")
    )
    assert korean.keys() == english.keys()
    for key, text in korean.items():
        places = {name for _, name, _, _ in Formatter().parse(text) if name}
        assert places == {name for _, name, _, _ in Formatter().parse(english[key]) if name}, key


def test_nothing_in_the_table_has_run_out_in_its_year(book: Any) -> None:
    for fact in book.facts.values():
        assert fact.until is None or fact.until.year >= book.year, fact.key
        assert fact.effective is None or fact.effective.year <= book.year, fact.key


def test_the_table_says_when_it_was_checked(book: Any) -> None:
    assert book.as_of == date(2026, 11, 22)
    assert book.reforms == ()


def test_brackets_are_those_of_the_statute(book: Any) -> None:
    """소득세법 §55① with the progressive deductions that the tax office publishes."""
    published = [
        (14_000_000, "0.06", 0),
        (50_000_000, "0.15", 1_260_000),
        (88_000_000, "0.24", 5_760_000),
        (150_000_000, "0.35", 15_440_000),
        (300_000_000, "0.38", 19_940_000),
        (500_000_000, "0.40", 25_940_000),
        (1_000_000_000, "0.42", 35_940_000),
        (5_000_000_000, "0.45", 65_940_000),
    ]
    from jeoul.korea.income import tax_on

    for base, rate, deduction in published:
        assert tax_on(book, base) == base * Decimal(rate) - deduction


def test_a_year_without_a_table_names_rule_and_source() -> None:
    assert years() == (2026, 2027)
    with pytest.raises(RuleError) as caught:
        load_rules(2019)
    assert caught.value.rule == "rules.year"
    assert caught.value.source == "data/rules"
    assert caught.value.exit_code == 2


def test_an_unknown_reform_is_refused() -> None:
    with pytest.raises(RuleError, match="known: isa-2024-proposal"):
        load_rules(2026, reforms=["isa-2030"])


def test_a_reform_says_that_it_is_not_law(book: Any) -> None:
    reformed = load_rules(2026, reforms=["isa-2024-proposal"])
    assert reformed.won("isa.annual_unit") == 40_000_000
    assert reformed.source("isa.annual_unit").endswith("not law")
    assert book.won("isa.annual_unit") == 20_000_000


def test_cutting_below_ten_won_is_a_switch_of_the_table(book: Any) -> None:
    exact = replace(
        book,
        facts=dict(book.facts)
        | {"tax.truncate_to": replace(book.facts["tax.truncate_to"], value=1)},
    )
    results = (Gain("krx_other_etf", 26_857_659),)
    assert settle_isa(book, kind="general", years_held=3, results=results).tax == 2_460_890
    # 24,857,659 x 9 % = 2,237,189.31 -> 2,237,189; a tenth of it 223,718.9 -> 223,718
    assert settle_isa(exact, kind="general", years_held=3, results=results).tax == 2_460_907


def test_keeping_the_netting_on_an_early_end_is_a_switch_of_the_table(book: Any) -> None:
    kept = replace(
        book,
        facts=dict(book.facts)
        | {"isa.early_netting": replace(book.facts["isa.early_netting"], value=True)},
    )
    results = (Gain("fund", 3_000_000), Gain("fund", -1_000_000))
    assert settle_isa(book, kind="general", years_held=2, results=results).tax == 462_000
    assert settle_isa(kept, kind="general", years_held=2, results=results).tax == 308_000


def test_a_table_with_gaps_is_refused_with_all_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "2026.toml").write_text(
        """
schema = 1
year = 2026
as_of = 2026-11-22
[sources]
ACT = { title = "법", url = "https://www.law.go.kr", version = "1" }
[isa.annual_unit]
value = 20_000_000
cite = "ACT"
at = "§1"
confidence = "H"
[isa.total_cap]
value = 100_000_000
cite = "BLOG"
at = "§1"
confidence = "H"
[isa.rate]
value = 0.09
cite = "ACT"
at = "§1"
confidence = "sure"
""",
        "utf-8",
    )
    monkeypatch.setattr(tables.assets, "data", lambda *parts: tmp_path.joinpath(*parts[1:]))  # type: ignore[attr-defined]
    with pytest.raises(ConfigError) as caught:
        load_rules(2026)
    assert [problem.key for problem in caught.value.problems] == ["isa.total_cap.cite", "isa.rate"]


def test_a_table_of_rules_is_read_once_in_a_process() -> None:
    assert load_rules(2026) is load_rules(2026)
    assert load_rules(2031, rules_of=2027) is load_rules(2031, rules_of=2027)


def test_everything_wrong_with_a_table_is_said_at_once(tmp_path: Path) -> None:
    file = tmp_path / "rules.toml"
    file.write_text(
        "schema = 1\nas_of = 2026-11-22\ncolour = 3\n[sources]\nACT = { title = 'a' }\n"
        "[tax]\nrate = 3\n[tax.share]\nvalue = 1\ncite = 'ACT'\n",
        "utf-8",
    )
    with pytest.raises(ConfigError) as caught:
        tables.read_rules(file)
    assert [(problem.key, problem.message) for problem in caught.value.problems] == [
        ("year", "year is missing"),
        (None, "unknown key 'colour' at the top level"),
        ("sources.ACT", "has no title, url or version"),
        ("tax.rate", "is not a table"),
        ("tax.share", "has no value, cite (of [sources]), at or confidence (H, M or L)"),
    ]
