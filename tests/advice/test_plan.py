"""The yearly plan: never below a fixed order, within every limit, and what each step is worth."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from jeoul import assets
from jeoul.advice import plan_value as worth_module
from jeoul.advice.best_split import SAME
from jeoul.advice.person_file import IsaKeys, PersonKeys, grouped, read_person
from jeoul.advice.plan import PersonPlan, make_plan
from jeoul.advice.plan_value import SplitWorth, YearSplit
from jeoul.advice.plan_value import worth as worth_of
from jeoul.advice.situation import kind_of, situation
from jeoul.cli.plan import load_person
from jeoul.cli.plan import plan as command
from jeoul.errors import ConfigError, RuleError
from jeoul.korea.pension_credit import PensionCredit, pension_credit
from jeoul.korea.rulebook import Rulebook
from jeoul.korea.tables import load_rules

BOOK = load_rules(2026)
DAY = date(2026, 11, 28)
WORKER = PersonKeys(
    year=2026,
    age=40,
    wages=60_000_000,
    budget=9_000_000,
    horizon_years=20,
    growth=Decimal("0.05"),
)


def planned(keys: PersonKeys) -> PersonPlan:
    return make_plan(BOOK, grouped(keys), DAY)


def worth(keys: PersonKeys, split: YearSplit) -> SplitWorth:
    return worth_of(situation(BOOK, grouped(keys), DAY), split)


def isa_of(year: int, **keys: Any) -> IsaKeys:
    """An ISA of which the file gives the year: it counts from 31 December."""
    return IsaKeys(opened=year, **keys)


def accounts(person: PersonKeys) -> dict[str, int]:
    return {pour.account: pour.amount for pour in planned(person).pours}


def test_a_worker_of_40_fills_the_credit_first() -> None:
    """9 M for 20 years: 6 M pension savings, 3 M IRP, credit 9 M x 13.2 %."""
    found = planned(WORKER)
    assert found.split == YearSplit(pension_savings=6_000_000, irp=3_000_000)
    assert [pour.account for pour in found.pours] == ["pension_savings", "irp"]
    assert sum(pour.credit for pour in found.pours) == 1_188_000
    assert {pour.deadline for pour in found.pours} == {"2026-12-31"}


def test_money_needed_in_five_years_goes_to_the_isa() -> None:
    """At 45 a pension can only be closed at 16.5 %, more than the 13.2 % it was credited."""
    found = planned(replace(WORKER, horizon_years=5))
    assert found.split == YearSplit(isa=9_000_000)
    assert found.value > found.textbook_value


def test_money_needed_next_year_stays_where_it_can_be_reached() -> None:
    """An ISA that ends before three years is taxed like an ordinary account: nothing to gain."""
    found = planned(replace(WORKER, horizon_years=1))
    assert found.split == YearSplit(general=9_000_000)
    assert found.value == 0


def test_without_tax_to_save_the_isa_comes_before_the_pension() -> None:
    """No income tax is due, so there is no credit; 5 M of gain-free room is better first."""
    found = planned(replace(WORKER, tax_due=0, horizon_years=10, budget=3_000_000))
    assert found.split.isa == 3_000_000


def test_someone_barred_from_the_isa_gets_none() -> None:
    person = replace(WORKER, financial_income_taxpayer_last_3y=True, horizon_years=5)
    assert planned(person).split == YearSplit(general=9_000_000)


def test_an_existing_isa_is_filled_to_its_room_and_no_further() -> None:
    isa = isa_of(2025, paid={"2025": 20_000_000, "2026": 15_000_000})
    person = replace(WORKER, isa=isa, horizon_years=5)
    assert accounts(person) == {"isa_free": 5_000_000, "general": 4_000_000}


def test_the_value_of_the_steps_adds_up_to_the_whole() -> None:
    found = planned(replace(WORKER, budget=40_000_000))
    assert sum(pour.value for pour in found.pours) == found.value
    assert sum(pour.amount for pour in found.pours) == 40_000_000


def test_the_value_by_hand_for_the_isa() -> None:
    """1 M for 3 years at 10 %: gain 331,000. ISA 0; ordinary 14 % = 46,340 + 4,630."""
    person = replace(
        WORKER, budget=1_000_000, horizon_years=3, growth=Decimal("0.10"), keep_liquid=1_000_000
    )
    found = planned(person)
    assert found.split == YearSplit(isa=1_000_000)
    assert found.value == 50_970


def test_a_pension_by_hand() -> None:
    """6 M for 20 years without growth, drawn at 60: 600,000 a year at 5.5 % = 33,000, ten times;
    the credit of 792,000 comes on top."""
    person = replace(WORKER, budget=6_000_000, growth=Decimal(0))
    found = worth(person, YearSplit(pension_savings=6_000_000))
    assert found.credit == 792_000
    assert found.terminal == 6_000_000 - 330_000 + 792_000


def test_the_credit_of_a_split_is_computed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two questions: the credit with the split, and the credit without it."""
    asked = []

    def counted(book: Rulebook, **words: Any) -> PensionCredit:
        asked.append((words["pension_savings"], words["irp"]))
        return pension_credit(book, **words)

    monkeypatch.setattr(worth_module, "pension_credit", counted)
    worth(WORKER, YearSplit(pension_savings=6_000_000))
    assert asked == [(0, 0), (6_000_000, 0)]


people = st.builds(
    PersonKeys,
    year=st.just(2026),
    age=st.integers(19, 75),
    wages=st.integers(0, 200_000_000),
    budget=st.integers(1, 120_000_000),
    horizon_years=st.integers(1, 30),
    growth=st.decimals(Decimal("-0.02"), Decimal("0.12"), places=3),
    keep_liquid=st.just(0),
    tax_due=st.one_of(st.none(), st.integers(0, 5_000_000)),
    comprehensive_income=st.integers(0, 200_000_000),
    taxable_income=st.integers(0, 200_000_000),
    pension_paid=st.integers(0, 10_000_000),
    irp_paid=st.integers(0, 8_000_000),
    financial_income=st.integers(0, 40_000_000),
    farmer=st.booleans(),
)


@settings(max_examples=40, deadline=None)
@given(people)
def test_the_plan_keeps_every_limit_and_never_loses_to_the_textbook(person: PersonKeys) -> None:
    found = planned(person)
    split = found.split
    assert found.value >= max(0, found.textbook_value) - SAME
    assert min(split.pension_savings, split.irp, split.isa, split.general) >= 0
    assert split.pension_savings + split.irp + split.isa + split.general == person.budget
    assert split.isa <= 20_000_000
    own = split.pension_savings + split.irp
    assert own <= max(0, 18_000_000 - person.pension_paid - person.irp_paid)
    assert all(meter.left >= 0 for meter in found.meters)
    assert sum(pour.amount for pour in found.pours) == person.budget


@settings(max_examples=25, deadline=None)
@given(people, st.integers(0, 120_000_000))
def test_what_must_stay_liquid_stays_out_of_pensions(person: PersonKeys, liquid: int) -> None:
    person = replace(person, keep_liquid=min(liquid, person.budget))
    split = planned(person).split
    assert split.pension_savings + split.irp <= person.budget - person.keep_liquid


def test_no_split_of_a_grid_is_worth_more() -> None:
    """Every split of 12 M in steps of 3 M, for short and long money. Taxes are cut below 10 won in
    each account by itself, so spreading money can spare a few won that are no reason to do it."""
    for years in (2, 4, 20):
        person = replace(WORKER, budget=12_000_000, horizon_years=years)
        best = worth(person, planned(person).split).terminal
        for savings in range(5):
            for irp in range(5 - savings):
                for isa in range(5 - savings - irp):
                    rest = 12_000_000 - 3_000_000 * (savings + irp + isa)
                    split = YearSplit(3_000_000 * savings, 3_000_000 * irp, 3_000_000 * isa, rest)
                    assert worth(person, split).terminal <= best + 40


# --- maturity, financial income, overseas ---


def messages(person: PersonKeys, section: str) -> dict[str, dict[str, object]]:
    steps = getattr(planned(person).reviews, section)
    return {step.message.removeprefix("rule."): dict(step.values) for step in steps}


def test_a_matured_isa_is_settled_and_moved_for_the_bonus() -> None:
    """Gain 5 M: (5 - 2) x 9.9 % = 297,000. The credit is full, so 30 M moved add 3 M x 13.2 %."""
    isa = IsaKeys(
        opened=date(2022, 3, 2),
        paid={"2022": 10_000_000, "2023": 20_000_000},
        value=41_000_000,
        gain=5_000_000,
    )
    person = replace(WORKER, isa=isa)
    steps = messages(person, "isa")
    assert steps["plan_isa_matured"] == {
        "day": date(2025, 3, 2),
        "tax": 297_000,
        "net": 40_703_000,
    }
    assert steps["plan_isa_transfer"] == {"moved": 30_000_000, "credit": 396_000, "days": 60}


def test_a_young_isa_is_told_when_it_matures() -> None:
    isa = isa_of(2025)
    assert messages(replace(WORKER, isa=isa), "isa") == {
        "plan_isa_year": {"year": 2025},
        "plan_isa_young": {"day": date(2028, 12, 31), "early": 0, "full": 0},
    }


def test_up_to_20_million_nothing_crosses() -> None:
    person = replace(WORKER, financial_income=15_000_000, planned_gain=5_000_000)
    assert messages(person, "financial") == {
        "plan_financial_within": {"total": 20_000_000, "left": 0}
    }


def test_above_20_million_the_extra_and_the_way_around_are_said() -> None:
    """30 M beside 40 M of income: A 9,040,000, B 8,940,000, so 100,000 + 10,000 more. Half each
    year keeps both years at 15 M + 7.5 M = 22.5 M: A = 4,740,000 + 375,000 + 2,800,000 = 7,915,000,
    B = 3,150,000 + 4,740,000 = 7,890,000: 25,000 + 2,500 a year."""
    person = replace(
        WORKER, taxable_income=40_000_000, financial_income=15_000_000, planned_gain=15_000_000
    )
    steps = messages(person, "financial")
    assert steps["plan_financial_crosses"] == {
        "total": 30_000_000,
        "over": 10_000_000,
        "extra": 110_000,
    }
    assert steps["plan_financial_split"] == {"saved": 110_000 - 2 * 27_500}
    assert steps["plan_financial_room"] == {"room": 5_000_000}


def test_an_overseas_gain_uses_what_is_left_of_the_deduction() -> None:
    """2.5 M - 1 M realised: 1.5 M more are free, 22 % of which is 330,000."""
    person = replace(WORKER, overseas_gain=4_000_000, overseas_realised=1_000_000)
    assert messages(person, "overseas")["plan_overseas"]["saved"] == 330_000
    assert messages(replace(WORKER, overseas_gain=0), "overseas") == {}


# --- the file and the command ---


def test_another_year_is_refused() -> None:
    with pytest.raises(RuleError, match="the table is of 2026"):
        planned(replace(WORKER, year=2027))


def test_everything_wrong_with_a_person_is_said_at_once() -> None:
    text = """
year = 2026
age = 300
wages = -1
budget = 1_000_000
keep_liquid = 2_000_000
horizon_years = 0
growth = 0.9
"""
    with pytest.raises(ConfigError) as caught:
        read_person(text, "me.toml")
    assert [problem.key for problem in caught.value.problems] == [
        "age",
        "wages",
        "keep_liquid",
        "horizon_years",
        "growth",
    ]
    assert all(problem.remedy for problem in caught.value.problems)


def test_a_negative_contribution_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"isa\.paid\.2025: -1 is below zero"):
        read_person(
            "year=2026\nage=40\nwages=1\nbudget=1\nhorizon_years=1\ngrowth=0.01\n"
            "[isa]\nopened=2025\npaid={2025=-1}",
            "me.toml",
        )


def test_an_unknown_key_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"unknown key 'colour' in \[isa\]"):
        read_person(
            "year=2026\nage=40\nwages=1\nbudget=1\nhorizon_years=1\ngrowth=0.01\n"
            "[isa]\nopened=2025\ncolour=1",
            "me.toml",
        )


PERSON = """year = 2026
age = 40
wages = 60_000_000
budget = 9_000_000
horizon_years = 20
growth = 0.05
"""


@pytest.fixture
def faults(tmp_path: Path) -> Callable[[str], str]:
    """What ``jeoul plan`` says of the person of this module with more, or other, lines."""

    def said(more: str) -> str:
        kept = [line for line in PERSON.splitlines() if line.split()[0] not in more.split()]
        file = tmp_path / "me.toml"
        file.write_text("\n".join([*kept, more]) + "\n", "utf-8")
        with pytest.raises(ConfigError) as caught:
            load_person(file)
        return str(caught.value).replace(str(file), "me.toml")

    return said


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ("wage = 3", "me.toml:7: unknown key 'wage' at the top level; did you mean 'wages'?"),
        ('farmer = "no"', "me.toml:7: farmer: 'no' is neither true nor false; write one"),
        ("irp_paid = 1.5", "me.toml:7: irp_paid: 1.5 is not a whole number; write digits"),
        ("isa = 3", "me.toml:7: isa: 3 is not a table; write it as"),
        ("[isa]\nopned = 3", "me.toml:8: unknown key 'opned' in [isa]; did you mean 'opened'?"),
        ("[isa]\nvalue = 3", "me.toml:7: isa.opened: is missing; add it"),
        ("wages = -1", "me.toml:6: wages: -1 is below zero; give 0 or more"),
        ("year = 2031", "me.toml:6: year: there is no rule table for 2031; use 2026"),
    ],
)
def test_a_slip_is_told_with_its_line_and_remedy(
    faults: Callable[[str], str], more: str, says: str
) -> None:
    assert says in faults(more)


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (
            "pension_paid = 12_000_000\nirp_paid = 8_000_000",
            "8: irp_paid: .* 18000000 a year; leave",
        ),
        ("pension_paid = 19_000_000", "7: pension_paid: .* come to 19000000; .* take 18000000 a"),
        (
            "[isa]\nopened = 1990",
            "8: isa.opened: 1990 is not a day .*; give a day from 2016 to 2026",
        ),
        (
            "[isa]\nopened = 2027",
            "8: isa.opened: 2027 is not a day .*; give a day from 2016 to 2026",
        ),
        (
            "[isa]\nopened = 2024\nvalue = 5\ngain = 6",
            "10: isa.gain: 6 is more than the account is worth, 5; give",
        ),
        ('[isa]\nopened = 2024\nkind = "genaral"', "9: isa.kind: .*; did you mean 'general'?"),
        (
            '[isa]\nopened = 2024\npaid = { "2024" = 15_000_000, "2025" = 25_000_001 }',
            "9: isa.paid.2025: 25000001 is more than could be paid in 2025; give 25000000 at most",
        ),
        (
            '[isa]\nopened = 2024\npaid = { "2023" = 1 }',
            "9: isa.paid.2023: '2023' is not a year of this account; use a year from 2024 to 2026",
        ),
    ],
)
def test_what_no_account_takes_is_refused_with_the_true_limit(
    faults: Callable[[str], str], more: str, says: str
) -> None:
    assert re.search(says.replace("?", r"\?"), faults(more))


def test_what_an_account_just_takes_is_taken(tmp_path: Path) -> None:
    file = tmp_path / "me.toml"
    file.write_text(
        f"{PERSON}pension_paid = 12_000_000\nirp_paid = 6_000_000\n[isa]\nopened = 2016\n"
        'paid = { "2016" = 20_000_000, "2020" = 80_000_000 }\nvalue = 9\ngain = 9\n',
        "utf-8",
    )
    assert load_person(file).isa is not None


def test_incomes_that_do_not_fit_are_refused(faults: Callable[[str], str]) -> None:
    """200 M taxable without wages is no low income: the whole income has to be told."""
    rich = "wages = 0\ntaxable_income = 200_000_000"
    assert "taxable_income: 200000000 is more than the wages" in faults(rich)
    assert "give other_income" in faults(rich)
    assert "is more than comprehensive_income, 3; correct" in faults(
        "taxable_income = 4\ncomprehensive_income = 3"
    )
    assert "give other_income; comprehensive_income = 0 if" in faults("wages = 0")


def test_a_high_income_without_wages_gets_the_lower_credit_and_the_general_isa() -> None:
    rich = replace(WORKER, wages=0, taxable_income=200_000_000, comprehensive_income=210_000_000)
    assert worth(rich, YearSplit(pension_savings=1_000_000)).credit == 132_000
    assert kind_of(BOOK, grouped(rich)) == "general"


def test_a_credit_without_any_income_is_refused() -> None:
    with pytest.raises(RuleError, match="neither wages nor comprehensive_income"):
        pension_credit(BOOK, pension_savings=1_000_000)
    assert pension_credit(BOOK, comprehensive_income=0, pension_savings=100).rate > 0


def run(*arguments: str) -> Any:
    example = assets.root() / "configs" / "person-example.toml"
    return CliRunner().invoke(command, [str(example), *arguments])


def test_the_example_has_a_better_order_than_the_textbook() -> None:
    result = run("--lang", "en")
    assert result.exit_code == 0, result.exception
    assert "won better" in result.stdout
    assert "20 M" in result.stdout
    assert "within 60 days" in result.stdout
    assert "not tax advice" in result.stdout


def test_the_example_as_json() -> None:
    result = run("--json")
    data = json.loads(result.stdout)
    assert sum(pour["amount"] for pour in data["pours"]) == 30_000_000
    assert sum(pour["value"] for pour in data["pours"]) == data["value"]
    assert {meter["name"] for meter in data["meters"]} >= {"isa", "financial_income"}


def test_a_reform_widens_the_room(tmp_path: Path) -> None:
    file = tmp_path / "me.toml"
    file.write_text(
        "year=2026\nage=40\nwages=60_000_000\nbudget=60_000_000\nhorizon_years=5\ngrowth=0.05",
        "utf-8",
    )

    def isa(*more: str) -> int:
        data = json.loads(CliRunner().invoke(command, [str(file), "--json", *more]).stdout)
        return sum(p["amount"] for p in data["pours"] if p["kind"] == "isa")

    assert isa() == 20_000_000
    assert isa("--reform", "isa-2024-proposal") == 40_000_000
