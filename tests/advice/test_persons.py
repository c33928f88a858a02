"""Persons to whom a plan once promised too much, and what is true for them, worked out by hand."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from jeoul.advice.person import Person
from jeoul.advice.person_file import read_person
from jeoul.advice.plan import PersonPlan, make_plan
from jeoul.advice.plan_value import YearSplit, receipts_tax, worth
from jeoul.advice.situation import situation
from jeoul.korea.tables import load_rules

BOOK = load_rules(2026)
DAY = date(2026, 11, 28)
LOW_WAGES = "age=33\nwages=30_000_000\nbudget=9_000_000\nhorizon_years=25\ngrowth=0.05"
NO_INCOME = (
    "age=40\nwages=0\ncomprehensive_income=0\nbudget=20_000_000\nhorizon_years=20\ngrowth=0.05"
)
ABROAD = (
    "age=38\nwages=60_000_000\nresident=false\nbudget=20_000_000\nhorizon_years=20\ngrowth=0.05"
)
RETIRING = (
    "age=58\nwages=0\ncomprehensive_income=12_000_000\ntaxable_income=9_000_000\n"
    "budget=20_000_000\nhorizon_years=3\ngrowth=0.04"
)
NEXT_YEAR = "age=54\nwages=80_000_000\nbudget=20_000_000\nhorizon_years=1\ngrowth=0.04"
RETIRED = (
    "age=62\nwages=0\ncomprehensive_income=9_000_000\ntaxable_income=6_000_000\ntax_due=0\n"
    "budget=10_000_000\nhorizon_years=10\ngrowth=0.03\nfinancial_income=3_000_000\n"
    "planned_gain=30_000_000"
)
ISA = (
    "age=40\nwages=60_000_000\nbudget=10_000_000\nhorizon_years=5\ngrowth=0.04\n"
    '[isa]\nopened={opened}\npaid={{"2023"=10_000_000}}\nvalue=14_000_000\ngain=4_000_000'
)
FULL_ISA = (
    "age=45\nwages=60_000_000\nbudget=30_000_000\nhorizon_years=4\ngrowth=0.05\n[isa]\n"
    'opened=2021-03-02\npaid={"2021"=20_000_000,"2022"=20_000_000,"2023"=20_000_000,'
    '"2024"=20_000_000,"2025"=20_000_000}\nvalue=130_000_000\ngain=30_000_000'
)


def person(text: str) -> Person:
    return read_person(f"year=2026\n{text}", "person.toml")


def plan(text: str, on: date = DAY) -> PersonPlan:
    return make_plan(BOOK, person(text), on)


def gained(text: str, **split: int) -> int:
    """What a split leaves more than an ordinary account alone."""
    here = situation(BOOK, person(text), DAY)
    budget = here.person.budget
    chosen = YearSplit(**split, general=budget - sum(split.values()))
    return worth(here, chosen).terminal - worth(here, YearSplit(general=budget)).terminal


def said(found: PersonPlan, section: str) -> dict[str, dict[str, Any]]:
    steps = getattr(found.reviews, section)
    return {step.message.removeprefix("rule."): dict(step.values) for step in steps}


def test_a_credit_is_not_promised_above_the_tax_of_low_wages() -> None:
    """Wages of 30 M owe 371,848 of national tax, 409,033 with local tax, and not 1,485,000."""
    found = plan(LOW_WAGES)
    assert sum(pour.credit for pour in found.pours) == pytest.approx(409_033, abs=20)
    assert found.split.irp == 0
    assert found.split.isa == pytest.approx(1_680_000, abs=10_000)
    assert found.value == pytest.approx(3_444_800, abs=500)
    assert gained(LOW_WAGES, pension_savings=6_000_000, irp=3_000_000) == pytest.approx(
        3_224_800, abs=500
    )


@pytest.mark.parametrize(
    ("wages", "dependants", "credit"),
    [
        (20_000_000, 0, 103_704),
        (24_000_000, 0, 193_139),
        (30_000_000, 0, 409_033),
        (40_000_000, 0, 1_485_000),
        (44_000_000, 2, 1_485_000),
    ],
)
def test_what_wages_let_a_credit_be(wages: int, dependants: int, credit: int) -> None:
    text = LOW_WAGES.replace("30_000_000", str(wages)) + f"\ndependants={dependants}"
    here = situation(BOOK, person(text), DAY)
    found = worth(here, YearSplit(pension_savings=6_000_000, irp=3_000_000)).credit
    assert found == pytest.approx(credit, abs=20)


BOTH = (
    "age=45\nwages=50_000_000\nbudget=9_000_000\nhorizon_years=20\ngrowth=0.05\nfinancial_income={}"
)


@pytest.mark.parametrize(
    ("financial", "credit"), [(20_000_000, 1_485_000), (20_000_001, 1_188_000)]
)
def test_interest_above_20_million_is_part_of_the_income_that_decides_the_rate(
    financial: int, credit: int
) -> None:
    """Wages of 50 M alone are credited at 16.5 %; with 20,000,001 of interest it is 57.75 M."""
    here = situation(BOOK, person(BOTH.format(financial)), DAY)
    found = worth(here, YearSplit(pension_savings=6_000_000, irp=3_000_000)).credit
    assert found == credit
    assert here.isa_kind == ("low_income" if financial == 20_000_000 else "general")


def test_a_gain_that_is_planned_may_pass_20_million_too() -> None:
    text = BOTH.format(3_000_000) + "\nplanned_gain=17_000_001"
    here = situation(BOOK, person(text), DAY)
    assert worth(here, YearSplit(pension_savings=6_000_000)).credit == 792_000
    assert "income_with_financial" in said(plan(text), "assumptions")


def test_the_whole_income_holds_interest_above_20_million() -> None:
    """67.75 M are 37.75 M of wage income and 30 M of interest, and nothing of a business."""
    whole = situation(BOOK, person(BOTH.format(30_000_000)), DAY)
    told = BOTH.format(30_000_000) + "\ncomprehensive_income=67_750_000"
    assert situation(BOOK, person(told), DAY).due.national == whole.due.national


def test_interest_alone_opens_no_irp() -> None:
    text = BOTH.format(30_000_000).replace("50_000_000", "0") + "\ncomprehensive_income=30_000_000"
    found = plan(text)
    assert found.split.irp == 0
    assert sum(pour.credit for pour in found.pours) == 0
    assert "plan_only_financial" in said(found, "assumptions")


def test_a_plan_says_with_which_kind_of_isa_it_counts() -> None:
    assert said(plan(NEXT_YEAR), "assumptions")["plan_isa_kind"] == {"tax_free": 2_000_000}
    assert "plan_isa_kind" not in said(plan(ABROAD), "assumptions")


def test_a_plan_says_what_is_taxed_beside_a_large_gain() -> None:
    large = (
        "age=40\nwages=90_000_000\nbudget={}\nhorizon_years=20\ngrowth=0.05\n"
        "taxable_income=7_000_000"
    )
    beside = said(plan(large.format(100_000_000)), "assumptions")["plan_gain_beside"]
    assert beside == {"financial": 0, "taxable": 7_000_000}
    assert "plan_gain_beside" not in said(plan(large.format(1_000_000)), "assumptions")


@pytest.mark.parametrize("text", [NO_INCOME, ABROAD])
def test_nobody_without_income_or_residence_has_a_credit(text: str) -> None:
    found = plan(text)
    assert sum(pour.credit for pour in found.pours) == 0
    assert gained(text, pension_savings=6_000_000) < gained(LOW_WAGES, pension_savings=6_000_000)


def test_nobody_without_income_has_an_irp() -> None:
    assert plan(NO_INCOME).split.irp == 0
    assert "plan_no_income" in said(plan(NO_INCOME), "assumptions")


def test_an_account_of_three_years_pays_no_pension() -> None:
    """58 and needed at 61: 16.5 % on leaving; all of it into the ISA leaves 384,600 more."""
    found = plan(RETIRING)
    assert found.split == YearSplit(isa=20_000_000)
    assert found.value == pytest.approx(384_600, abs=100)
    older = RETIRING + "\npension_opened=2019-05-02"
    assert plan(older).split.pension_savings > 0


def test_money_needed_next_year_loses_in_a_pension_account() -> None:
    """18 of 20 M in pension accounts at 54 for a year were promised 804,490."""
    lost = gained(NEXT_YEAR, pension_savings=9_000_000, irp=9_000_000)
    assert lost == pytest.approx(-264_700, abs=5_000)
    assert plan(NEXT_YEAR).split == YearSplit(general=20_000_000)


def test_an_isa_matures_three_years_after_its_day() -> None:
    """Opened on 2023-12-15: on 2026-11-28 616,000 and no transfer, from 2026-12-15 on 198,000."""
    text = ISA.format(opened="2023-12-15")
    young = said(plan(text), "isa")
    assert young["plan_isa_young"] == {
        "day": date(2026, 12, 15),
        "early": 616_000,
        "full": 198_000,
    }
    assert "plan_isa_transfer" not in young
    assert said(plan(text, date(2026, 12, 15)), "isa")["plan_isa_matured"]["tax"] == 198_000


def test_a_year_alone_is_its_last_day_and_said() -> None:
    found = said(plan(ISA.format(opened="2023")), "isa")
    assert found["plan_isa_year"] == {"year": 2023}
    assert found["plan_isa_young"]["day"] == date(2026, 12, 31)


def test_a_transfer_is_shown_with_what_leaving_costs() -> None:
    """30 M moved: 12 M x 13.2 % credited, and 12 M x 16.5 % taken back at 49."""
    found = said(plan(FULL_ISA), "isa")
    assert found["plan_isa_transfer"]["credit"] == 1_584_000
    assert found["plan_isa_transfer_back"] == {"age": 49, "taken": 1_980_000, "left": -396_000}


def test_financial_income_costs_health_insurance() -> None:
    """Above 10 M all of it counts for a self-insured household: 813,000 at 10,000,001."""
    found = plan(RETIRED).reviews.health
    costs = {step.message.removeprefix("rule."): dict(step.values) for step in found[:2]}
    assert costs["plan_health_self_employed"]["cost"] == pytest.approx(2_684_000, abs=5_000)
    assert costs["plan_health_room"]["room"] == 7_000_000
    assert costs["plan_health_room"]["beyond"] == pytest.approx(813_000, abs=1_000)
    only = plan(RETIRED + '\nhealth="dependant"').reviews.health
    assert [step.message for step in only] == [
        "rule.plan_health_dependant",
        "rule.plan_health_room",
    ]


CROSSING = (
    "age=40\nwages=60_000_000\nbudget=30_000_000\nhorizon_years=22\ngrowth=0.05\n"
    "financial_income=3_000_000\nplanned_gain={gain}"
)


@pytest.mark.parametrize(("gain", "barred"), [(17_000_000, False), (17_000_001, True)])
def test_a_year_above_20_million_bars_the_isa_in_the_three_years_after(
    gain: int, barred: bool
) -> None:
    """129-2 (1): 20,000,000 bars nothing; with one won more no ISA is extended until 2029."""
    found = plan(CROSSING.format(gain=gain))
    cycle = said(found, "isa")["plan_isa_cycle"]
    assert (cycle["extend"] < cycle["keep"]) is barred
    financial = said(found, "financial")
    assert financial.get("plan_financial_isa") == (
        {"year": 2026, "first": 2027, "last": 2029} if barred else None
    )


def test_an_isa_of_unknown_worth_is_not_said_to_pay_nothing() -> None:
    text = "age=40\nwages=60_000_000\nbudget=1_000_000\nhorizon_years=5\ngrowth=0.04\n[isa]\n"
    found = said(plan(text + "opened=2022-01-10"), "isa")
    assert found["plan_isa_matured_day"] == {"day": date(2025, 1, 10)}
    assert not {"plan_isa_matured", "plan_isa_transfer"} & found.keys()


def test_up_to_10_million_no_interest_counts_beside_another_income() -> None:
    """15 M of other income leave 5 M to the line of 20 M, but 10 M of interest do not count.

    One won more adds 10,000,001: a dependant then has 25,000,001 of income and pays on all of it.
    """
    text = (
        "age=62\nwages=0\nother_income=15_000_000\nbudget=1_000_000\nhorizon_years=10\n"
        'growth=0.03\nfinancial_income=3_000_000\nplanned_gain=30_000_000\nhealth="dependant"'
    )
    room = said(plan(text), "health")["plan_health_room"]
    assert (room["room"], room["line"]) == (7_000_000, 10_000_000)
    assert room["beyond"] == pytest.approx(2_033_640, abs=100)


def test_an_employee_pays_only_on_what_is_above_the_line() -> None:
    found = said(plan(CROSSING.format(gain=20_000_000)), "health")
    assert found["plan_health_room_gradual"] == {"room": 17_000_000, "line": 20_000_000}
    assert "plan_health_room" not in found


def test_a_pension_is_drawn_within_a_life() -> None:
    """18 M at 40 % for 60 years are drawn from 100 to 120 and not over 600 million years.

    Above 15 M a year the whole pension is taxed at 16.5 %: other incomes at 100 are not known.
    """
    text = "age=40\nwages=60_000_000\nbudget=18_000_000\nhorizon_years=60\ngrowth=0.4"
    here = situation(BOOK, person(text), DAY)
    assert receipts_tax(here, 21 * 100_000_000) == 21 * 16_500_000
    assert plan(text).value > 0
