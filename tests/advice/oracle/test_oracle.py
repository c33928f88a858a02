"""The oracle against figures worked out by hand; no line of it comes from the engine."""

from __future__ import annotations

import ast
import tomllib
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from . import law
from .household import household
from .people import as_toml, persons
from .search import allowed, best, corners, grid
from .simulate import Result, Split, pays, value

TODAY = date(2026, 11, 28)
WORKER: dict[str, Any] = {
    "year": 2026,
    "age": 33,
    "wages": 30_000_000,
    "budget": 9_000_000,
    "horizon_years": 25,
    "growth": "0.05",
}


def added(person: dict[str, Any], **amounts: int) -> int:
    """What a split is worth over leaving everything in the ordinary account."""
    rest = person["budget"] - sum(amounts.values())
    ordinary = value(person, Split(general=person["budget"]), TODAY).terminal
    return value(person, Split(general=rest, **amounts), TODAY).terminal - ordinary


def test_nothing_of_the_engine_is_imported() -> None:
    files = [path for path in Path(__file__).parent.glob("*.py") if path != Path(__file__)]
    named = set()
    for node in (each for path in files for each in ast.walk(ast.parse(path.read_text("utf-8")))):
        if isinstance(node, ast.Import):
            named |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            named.add(str(node.module))
        elif isinstance(node, ast.Call):
            assert ast.unparse(node.func) not in ("__import__", "exec", "eval")
    assert len(files) == 7
    assert named <= {
        "__future__", "collections.abc", "dataclasses", "datetime", "fractions", "itertools",
        "random", "typing",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("wages", "due"), [(20_000_000, 94_276), (24_000_000, 175_581), (30_000_000, 371_848)]
)
def test_the_tax_on_wages_of_a_single_person(wages: int, due: int) -> None:
    """30 M: 20.25 M less 1.5 M, 1,425,000, 1,078,500, 141,715 and 270,000 is 15,834,785; 15 %
    band 1,115,218; wage credit 55 %, standard credit 130,000."""
    assert law.tax_on_incomes(wages, 0, 1) == due


@pytest.mark.parametrize(
    ("wages", "tax", "credit"),
    [
        (33_000_000, 2_000_000, 740_000),
        (34_000_000, 2_000_000, 732_000),
        (43_000_000, 2_000_000, 660_000),
        (70_000_000, 9_000_000, 660_000),
        (70_100_000, 9_000_000, 610_000),
        (120_000_000, 9_000_000, 500_000),
        (120_400_000, 9_000_000, 300_000),
        (200_000_000, 9_000_000, 200_000),
        (30_000_000, 1_300_000, 715_000),
        (30_000_000, 1_300_010, 715_003),
    ],
)
def test_the_wage_credit_has_a_limit_by_wages(wages: int, tax: int, credit: int) -> None:
    assert law.wage_credit(wages, Fraction(tax)) == credit


def test_the_base_of_public_pension_premiums_ends_at_its_bound() -> None:
    """6 x 6.37 M and 6 x 6.59 M are 77.76 M a year; above it no premium is added."""
    beyond = law.insurance(100_000_000) - law.insurance(90_000_000)
    assert beyond == 10_000_000 * (
        law.HEALTH_PREMIUM * (1 + law.CARE_PREMIUM) + law.EMPLOYMENT_PREMIUM
    )


def test_a_credit_is_not_more_than_the_tax() -> None:
    """Wages of 30 M: promised were 1,485,000 and 6,114,387 won; the tax allows 409,032."""
    assert value(WORKER, Split(6_000_000, 3_000_000), TODAY).credit == 409_032
    assert added(WORKER, pension_savings=6_000_000, irp=3_000_000) == pytest.approx(
        3_224_800, abs=500
    )
    split, found = best(WORKER, TODAY)
    ordinary = value(WORKER, Split(general=9_000_000), TODAY).terminal
    assert found.terminal - ordinary == pytest.approx(3_444_800, abs=1_500)
    assert split.irp == 0
    assert split.isa == pytest.approx(1_680_000, abs=10_000)


RETIREE: dict[str, Any] = {
    "year": 2026,
    "age": 58,
    "wages": 0,
    "comprehensive_income": 12_000_000,
    "taxable_income": 9_000_000,
    "budget": 20_000_000,
    "horizon_years": 3,
    "growth": "0.04",
}


def test_an_account_younger_than_five_years_is_no_pension() -> None:
    """Taken at once it is other income at 16.5 %: 1,670,420 on 10,123,776."""
    promised = {"pension_savings": 6_000_000, "irp": 3_000_000, "isa": 11_000_000}
    assert added(RETIREE | {"tax_due": 2_000_000}, **promised) == pytest.approx(356_000, abs=500)
    assert added(RETIREE, isa=20_000_000) == pytest.approx(384_600, abs=500)
    old = RETIREE | {"pension_opened": date(2021, 11, 28), "horizon_years": 3}
    assert added(old, pension_savings=3_000_000) > added(RETIREE, pension_savings=3_000_000)


def test_the_tax_of_a_retiree_limits_the_credit_too() -> None:
    """9 M taxed: 540,000 less the standard credit of 70,000, and a tenth."""
    assert value(RETIREE, Split(6_000_000, 3_000_000, general=11_000_000), TODAY).credit == 517_000
    promised = {"pension_savings": 6_000_000, "irp": 3_000_000, "isa": 11_000_000}
    assert added(RETIREE, **promised) == 253_804


def test_money_needed_at_55_from_new_accounts_loses() -> None:
    person = WORKER | {"age": 54, "wages": 80_000_000, "budget": 20_000_000}
    person |= {"horizon_years": 1, "growth": "0.04"}
    assert added(person, pension_savings=15_000_000, irp=3_000_000) == pytest.approx(
        -264_700, abs=500
    )


def test_no_income_no_credit_and_no_irp() -> None:
    person: dict[str, Any] = {"year": 2026, "age": 40, "wages": 0, "comprehensive_income": 0}
    person |= {"budget": 20_000_000, "horizon_years": 20, "growth": "0.05"}
    split, found = best(person, TODAY)
    assert (split.irp, found.credit) == (0, 0)
    assert household(person, TODAY).irp_room == 0


def test_a_non_resident_has_no_credit_and_no_isa() -> None:
    person = WORKER | {"age": 38, "wages": 60_000_000, "resident": False, "budget": 20_000_000}
    split, found = best(person, TODAY)
    assert (split.isa, found.credit) == (0, 0)


def test_savings_above_6_m_are_not_the_credited_ones() -> None:
    """7.5 M and 1.5 M with no growth: 6 M of savings are taxed at 5.5 %, the IRP at 16.5 %."""
    person = WORKER | {"age": 52, "wages": 60_000_000, "horizon_years": 3, "growth": "0"}
    person |= {"pension_opened": date(2020, 1, 15)}
    found = value(person, Split(7_500_000, 1_500_000), TODAY)
    assert found.credit == 990_000
    assert found.terminal == 9_000_000 + 990_000 - 330_000 - 247_500


@pytest.mark.parametrize(
    ("opened", "tax"),
    [
        (date(2024, 11, 28), 0),  # three years to the day, and less than 2 M of gain
        (date(2024, 11, 29), 96_250),  # one day short: 625,000 x 15.4 %
        (2024, 96_250),  # a bare year is its last day
        (2023, 0),
    ],
)
def test_three_years_of_an_isa_count_from_the_contract(opened: date | int, tax: int) -> None:
    person = WORKER | {"wages": 60_000_000, "budget": 12_500_000, "horizon_years": 1}
    person["isa"] = {"opened": opened, "value": 0}
    assert value(person, Split(isa=12_500_000), TODAY) == Result(13_125_000 - tax, 0)


@pytest.mark.parametrize(
    ("person", "room"),
    [
        ({"age": 18}, 0),
        ({"age": 19}, 20_000_000),
        ({"age": 15, "wages": 1}, 20_000_000),
        ({"age": 14, "wages": 1}, 0),
        ({"financial_income_taxpayer_last_3y": True}, 0),
        ({"isa": {"opened": 2022, "paid": {"2022": 20_000_000}}}, 80_000_000),
        ({"isa": {"opened": 2020, "paid": {"2020": 20_000_000}}}, 80_000_000),
        ({"isa": {"opened": 2025, "paid": {"2025": 20_000_000}}}, 20_000_000),
    ],
)
def test_who_may_pay_into_an_isa(person: dict[str, Any], room: int) -> None:
    base = WORKER | {"wages": 0, "comprehensive_income": 0}
    assert household(base | person, TODAY).isa_room == room


@pytest.mark.parametrize(
    ("person", "rate"),
    [
        ({"wages": 55_000_000}, law.CREDIT_HIGH),
        ({"wages": 55_000_001}, law.CREDIT_LOW),
        ({"wages": 0, "other_income": 45_000_000}, law.CREDIT_HIGH),
        ({"wages": 0, "other_income": 45_000_001}, law.CREDIT_LOW),
        ({"wages": 50_000_000, "other_income": 7_250_000}, law.CREDIT_HIGH),  # 37.75 M and it
        ({"wages": 50_000_000, "other_income": 7_250_001}, law.CREDIT_LOW),
    ],
)
def test_the_rate_of_the_credit(person: dict[str, Any], rate: Fraction) -> None:
    assert household(WORKER | person, TODAY).rate == rate


def test_receipts_become_more_than_ten_before_one_is_above_15_m() -> None:
    """18 M at 10 % for 24 years is 177 M: twelve receipts, and none of them at 16.5 %."""
    person = WORKER | {"resident": False, "age": 31, "horizon_years": 24, "growth": "0.1"}
    person["budget"] = 18_000_000
    balance = 18_000_000 + 159_295_000
    terminal = value(person, Split(pension_savings=18_000_000), TODAY).terminal
    taxed = balance - 18_000_000
    assert terminal == pytest.approx(balance - taxed * 0.055, abs=2_500)


def test_ages_70_and_80_lower_the_tax_on_receipts() -> None:
    """Drawn from 75: five receipts at 4.4 %, five at 3.3 %, ten of 1 M."""
    person = WORKER | {"age": 70, "horizon_years": 5, "growth": "0", "budget": 10_000_000}
    person |= {"tax_due": 10_000_000, "wages": 60_000_000}
    found = value(person, Split(6_000_000, 3_000_000, general=1_000_000), TODAY)
    assert found.credit == 1_188_000
    assert (
        found.terminal
        == 10_000_000 + 1_188_000 - 5 * 900_000 * 44 // 1000 - 5 * 900_000 * 33 // 1000
    )


def test_with_a_public_pension_the_lower_of_both_taxes_counts() -> None:
    """A private pension of 0.9 M beside none at all is deducted whole; beside 24 M it is not."""
    person = WORKER | {"age": 60, "horizon_years": 5, "growth": "0", "budget": 9_000_000}
    person |= {"tax_due": 10_000_000, "wages": 60_000_000}
    split = Split(6_000_000, 3_000_000)
    separate = value(person, split, TODAY).terminal
    assert separate == 9_000_000 + 1_188_000 - (5 * 49_500 + 5 * 39_600)
    assert value(person | {"public_pension": 0}, split, TODAY).terminal == 9_000_000 + 1_188_000
    assert value(person | {"public_pension": 24_000_000}, split, TODAY).terminal == separate


def test_small_taxes_are_not_collected() -> None:
    """§86: 7,142 x 14 % is 999.88, and nothing is withheld; 7,150 x 14 % is 1,001."""
    assert law.collected(7_142, law.WITHHOLDING) == 0
    assert law.collected(7_150, law.WITHHOLDING) == 1_100


def test_above_20_m_the_larger_tax_counts() -> None:
    """30 M beside 46 M: 10 M more at 15 % up to 50 M and 24 % above, less 14 %: 640,000."""
    assert law.comprehensive_extra(20_000_000, 46_000_000) == 0
    assert law.comprehensive_extra(30_000_000, 46_000_000) == 704_000


def test_generated_persons_are_of_every_kind_and_repeatable() -> None:
    found = persons(1, 200)
    assert found == persons(1, 200)
    assert {"dependants", "tax_due", "public_pension", "isa", "irp_opened", "farmer"} < {
        key for person in found for key in person
    }
    assert any(person["wages"] == 0 and person["comprehensive_income"] == 0 for person in found)
    read = tomllib.loads(as_toml(next(person for person in found if "isa" in person)))
    assert set(read["isa"]) >= {"opened", "paid", "value", "gain"}


@pytest.mark.parametrize("person", persons(7, 30), ids=str)
def test_nothing_allowed_pays_more_than_the_best(person: dict[str, Any]) -> None:
    home = household(person, TODAY)
    split, found = best(person, TODAY)
    amounts = (split.pension_savings, split.irp, split.isa, split.general)
    assert allowed(home, amounts)
    every = {*grid(home), *corners(home)}
    assert max(pays(home, Split(*each)).terminal for each in every) <= found.terminal + 100
    assert max(pays(home, Split(*each)).credit for each in every) <= home.due + home.due // 10
