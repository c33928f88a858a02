"""The years ahead: payments, rooms, maturities, transfers, and gains within the deduction."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from tests.household.homes import HOLDINGS, MINSU, account, home

from jeoul.household.gathering.gather import gather
from jeoul.household.gathering.gathered import Gathered
from jeoul.household.gathering.people import standing_of
from jeoul.household.years.isa import Isa, best_transfer, closing_saves
from jeoul.household.years.years import YearPlan, plan_years
from jeoul.korea.gains import Gain
from jeoul.korea.isa import isa_limit, settle_isa
from jeoul.korea.tables import load_rules
from jeoul.market import Market

BOOK = load_rules(2026)
FLOWS = '[[flows]]\namount = 1_200_000\nevery = "month"\nfrom = 2026-07-25\n'
OLD_ISA = account("isa", 'kind = "isa"\nopened = 2025-03-02\npaid = { 2025 = 15_000_000 }')
RICH = {
    "general": "ticker,shares,cost,tax_base\nCASH,90000000,,\n",
    "isa": "ticker,shares,cost\n360750,2000,7000\nCASH,1000000,\n",
}


def _gather(sample: Market, folder: Path, *names: str, more: str = FLOWS, **rows: str) -> Gathered:
    file = home(folder, *names, more=more, **rows)
    return gather(file, market=sample, as_of=sample.last_session(), book=BOOK)


@pytest.fixture(scope="module")
def rich(sample: Market, tmp_path_factory: pytest.TempPathFactory) -> Gathered:
    """90 M of open money, an ISA that matures in 2028, 1.2 M a month."""
    folder = tmp_path_factory.mktemp("rich")
    return _gather(sample, folder, "general", "us", "pension", "irp", more=FLOWS + OLD_ISA, **RICH)


def by_year(gathered: Gathered, **asked: float) -> dict[int, YearPlan]:
    return {each.year: each for each in plan_years(gathered, BOOK, growth=0.04, **asked)}  # type: ignore[arg-type]


def test_each_year_spends_its_money_once(rich: Gathered) -> None:
    for plan in by_year(rich).values():
        assert sum(plan.deposits.values()) + plan.stays == plan.money
    assert by_year(rich)[2026].money == 6 * 1_200_000
    assert by_year(rich)[2027].money == 12 * 1_200_000


def test_the_credit_is_used_before_the_isa_and_the_room_of_the_year_is_kept(
    rich: Gathered,
) -> None:
    plans = by_year(rich)
    assert plans[2026].deposits["pension"] == 3_000_000  # 3 M were paid before
    assert plans[2027].deposits["pension"] == 6_000_000
    assert plans[2027].deposits["irp"] == 3_000_000
    assert plans[2027].credit == pytest.approx(0.132 * 9_000_000, abs=1)
    assert plans[2027].deposits["isa"] == 14_400_000 - 9_000_000


def test_an_isa_never_takes_more_than_its_contract_may(rich: Gathered) -> None:
    paid, opened = 15_000_000, 2025
    for year, plan in by_year(rich, years=6).items():
        for event in plan.events:
            if event.what == "reopened":
                paid, opened = event.moved - plan.deposits.get("isa", 0), year
                assert event.moved <= 20_000_000
        paid += plan.deposits.get("isa", 0)
        assert paid <= isa_limit(BOOK, year - opened)


def test_an_isa_is_closed_when_its_tax_free_amount_would_be_lost(rich: Gathered) -> None:
    (event,) = by_year(rich)[2028].events
    assert event.day == date(2028, 3, 2)
    assert event.what == "reopened"
    assert event.saves > 0


def test_a_plan_looks_as_far_as_it_is_asked(rich: Gathered) -> None:
    assert list(by_year(rich, years=2)) == [2026, 2027]


def test_gains_abroad_are_realised_within_the_deduction_of_each_year(rich: Gathered) -> None:
    plans = by_year(rich)
    assert all(0 <= plan.realise <= 2_500_000 for plan in plans.values())
    held = [p for p in rich.household.positions if p.key == ("us", "QQQ")]
    gain = sum(lot.shares * lot.gain for lot in held[0].lots)
    assert plans[2026].realise == min(2_500_000, round(gain))
    assert plans[2026].saves == int(plans[2026].realise * 0.22)


def test_a_goal_keeps_money_out_of_pensions_and_the_credit_forgone_is_named(
    sample: Market, tmp_path: Path
) -> None:
    goal = '[goals.home]\namount = 100_000_000\nby = 2033-11-30\nfrom = ["general", "isa"]\n'
    names = ("general", "isa", "pension", "irp")
    free = by_year(_gather(sample, tmp_path, *names))[2027]
    bound = by_year(_gather(sample, tmp_path, *names, more=FLOWS + goal))[2027]
    assert bound.deposits.get("pension", 0) < free.deposits["pension"]
    assert bound.forgone > free.forgone
    for plan in (free, bound):  # 14.4 M are saved, of which 9 M can be credited
        assert plan.credit + plan.forgone == pytest.approx(0.132 * 9_000_000, abs=2)


def test_a_loss_of_nothing_is_not_worth_closing_an_isa() -> None:
    isa = Isa(account="isa", kind="general", opened=date(2023, 3, 2), paid=9, value=9, gain=0)
    assert closing_saves(BOOK, isa, growth=0.0, yearly=0) == 0


def test_what_does_not_fit_into_a_new_contract_counts_against_closing() -> None:
    """100 M in one contract: 80 M would wait outside, where growth is taxed at 15.4 %."""
    isa = Isa(
        account="isa",
        kind="general",
        opened=date(2020, 1, 2),
        paid=80_000_000,
        value=100_000_000,
        gain=20_000_000,
    )
    assert closing_saves(BOOK, isa, growth=0.05, yearly=0) < 0
    small = replace(isa, paid=12_000_000, value=15_000_000, gain=3_000_000)
    assert closing_saves(BOOK, small, growth=0.05, yearly=0) > 0


def test_the_tax_at_a_closing_is_the_law_s(rich: Gathered) -> None:
    (event,) = by_year(rich)[2028].events
    results = (Gain("krx_other_etf", round(event.tax / 0.099) + 2_000_000),)
    assert abs(settle_isa(BOOK, kind="general", years_held=3, results=results).tax - event.tax) < 30


def test_a_transfer_is_worth_its_credit_while_the_lock_is_cheap(
    sample: Market, tmp_path: Path
) -> None:
    file = home(tmp_path, "general", people=MINSU, **HOLDINGS)
    standing = standing_of(BOOK, file, "minsu", sample.last_session())
    near = best_transfer(
        BOOK, standing, savings=6_000_000, irp=3_000_000, most=50_000_000, lock_cost=0.004
    )
    assert near.amount == 30_000_000  # 10 % of it is the most that counts
    assert near.credit == 3_000_000 * 132 // 1_000
    far = best_transfer(
        BOOK, standing, savings=6_000_000, irp=3_000_000, most=50_000_000, lock_cost=0.09
    )
    assert far.amount == 0
    unused = best_transfer(BOOK, standing, savings=0, irp=0, most=50_000_000, lock_cost=0.09)
    assert unused.amount == 6_000_000  # it counts as a payment, and a tenth of it besides
    assert unused.credit == 6_600_000 * 132 // 1_000


@pytest.mark.parametrize(
    ("financial", "rate", "kind"),
    [(20_000_000, 165, "low_income"), (20_000_001, 132, "general")],
)
def test_interest_above_20_million_decides_a_household_s_credit_too(
    sample: Market, tmp_path: Path, financial: int, rate: int, kind: str
) -> None:
    """Wages of 50 M: the credit of a payment, that of a transfer and the kind of ISA."""
    people = MINSU.replace("62_000_000", f"50_000_000\nfinancial_income = {financial}")
    file = home(tmp_path, "general", people=people, **HOLDINGS)
    standing = standing_of(BOOK, file, "minsu", sample.last_session())
    assert standing.credit is not None
    assert int(standing.credit.rate * 1_000) == rate
    assert standing.isa_kind == kind
    moved = best_transfer(BOOK, standing, savings=0, irp=0, most=6_000_000, lock_cost=0)
    assert moved.credit == 6_600_000 * rate // 1_000


def test_one_spouse_does_not_lock_what_the_goal_of_both_needs(
    sample: Market, tmp_path: Path
) -> None:
    """Her savings are needed for the house too, although his accounts have all the money yet."""
    people = MINSU + '[people.jiwoo]\nborn = 1993-02-01\nwages = 50_000_000\nprofile = "balanced"\n'
    goal = '[goals.home]\namount = 400_000_000\nby = 2029-11-30\nfrom = ["general", "hers"]\n'
    hers = account("hers", 'kind = "general"', "jiwoo")
    hers += account("irp2", 'kind = "irp"\nopened = 2022-01-02', "jiwoo")
    flows = "".join(
        f'[[flows]]\namount = 1_200_000\nevery = "month"\nfrom = 2026-07-25\nperson = "{name}"\n'
        for name in ("minsu", "jiwoo")
    )
    rows = {"hers": "ticker,shares\nCASH,0\n", "irp2": "ticker,shares\nCASH,0\n"}
    for wanted, locks in ((goal, False), ("", True)):
        file = home(tmp_path, "general", people=people, more=hers + flows + wanted, **rows)
        found = gather(file, market=sample, as_of=sample.last_session(), book=BOOK)
        plans = [each for each in plan_years(found, BOOK, growth=0.03) if each.person == "jiwoo"]
        assert any(each.deposits.get("irp2", 0) for each in plans[:3]) is locks
