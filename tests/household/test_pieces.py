"""What the law costs where a fund is held: curves, yearly costs, and the gain of each lot."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jeoul.household.gathering.assumed import Assumed, assumed_of
from jeoul.household.gathering.lots import Bought, LotWorth, sellable
from jeoul.household.gathering.pieces import carry, curve, receipt_margin
from jeoul.household.problem.evaluate import evaluate
from jeoul.household.problem.records import (
    NOTHING,
    Account,
    Aim,
    EndTax,
    Fund,
    Gains,
    Household,
    HouseholdMember,
    Lot,
    Policy,
    Position,
)
from jeoul.korea.pension import receive_pension
from jeoul.korea.pieces import Pieces
from jeoul.korea.pieces_gains import isa_pieces
from jeoul.korea.pieces_health import health_pieces
from jeoul.korea.pieces_income import income_pieces
from jeoul.korea.tables import load_rules
from jeoul.strategy.universe import load_universe

BOOK = load_rules(2026)
TODAY = date(2026, 11, 30)
DIVIDENDS = Assumed(kind="krx_other_etf", distribution=0.04, abroad=0.15)
COUPONS = Assumed(kind="krx_other_etf", distribution=0.03)


@given(
    amount=st.integers(0, 2_000_000_000),
    status=st.sampled_from(["employee", "self_employed", "dependant"]),
    other=st.integers(0, 30_000_000),
)
def test_a_curve_is_the_law_or_dearer(amount: int, status: str, other: int) -> None:
    pieces = income_pieces(BOOK, taxable=other) + health_pieces(
        BOOK, status=status, other_income=other
    )
    found = curve(pieces)
    assert list(found.slopes) == sorted(found.slopes)
    assert found.cost(amount) >= float(pieces.at(amount)) - 0.01


def test_a_curve_of_a_convex_law_is_the_law() -> None:
    pieces = Pieces((10, 20), (Decimal(0), Decimal(1), Decimal(2)))
    assert [curve(pieces).cost(at) for at in (5, 15, 25)] == [0.0, 5.0, 20.0]


def best_place(inside: float) -> str:
    """Return which of two funds belongs in the ISA when the other is in an ordinary account."""
    one, other = replace(DIVIDENDS, abroad=inside), COUPONS

    def drag(in_isa: Assumed, outside: Assumed) -> float:
        return evaluate(_two_accounts(in_isa, outside), NOTHING).cost.drag

    return "dividends" if drag(one, other) < drag(other, one) else "coupons"


def _two_accounts(in_isa: Assumed, outside: Assumed) -> Household:
    positions = []
    for account, fund in (("isa", in_isa), ("general", outside)):
        each = carry(BOOK, account, fund, on=TODAY)
        code = "D" if fund.distribution == 0.04 else "C"
        positions.append(
            Position(
                account=account,
                fund=code,
                shares=1_000,
                drag=each.drag,
                income=each.income,
                growth=each.growth,
            )
        )
    end = EndTax(curve=curve(isa_pieces(BOOK, "general")), accrued=2_000_000.0, years=3.0)
    return Household(
        classes=("equity", "bond"),
        funds=(
            Fund(code="D", price=10_000.0, exposure={"equity": 1.0}),
            Fund(code="C", price=10_000.0, exposure={"bond": 1.0}),
        ),
        accounts=(
            Account(id="isa", owner="m", kind="isa", gains=Gains.SHELTERED, settlement=end),
            Account(id="general", owner="m", kind="general", gains=Gains.WITHHELD),
        ),
        positions=tuple(positions),
        members=(HouseholdMember(id="m"),),
        aims=(Aim(id="all", accounts=("isa", "general"), pools=(), weights={}),),
        policy=Policy(horizon=1.0),
    )


def test_the_best_account_of_a_us_dividend_fund_flips_with_the_tax_inside_it() -> None:
    """Its larger distribution belongs in the ISA, unless 15 % was taken inside and is credited."""
    assert best_place(0.0) == "dividends"
    assert best_place(0.15) == "coupons"


def test_a_pension_is_worse_than_an_ordinary_account_for_it_until_july_2026() -> None:
    def drag(kind: str, day: date) -> float:
        return carry(BOOK, kind, DIVIDENDS, on=day, receipts=receipt_margin(BOOK, 0, 34)).drag

    before, after = date(2026, 6, 30), date(2026, 7, 1)
    assert drag("general", before) == 0.0 < drag("pension_savings", before)
    assert drag("pension_savings", after) == 0.0
    assert drag("irp", after) == drag("pension_savings", after)


def test_an_isa_counts_what_is_credited_there_as_a_smaller_gain() -> None:
    """Of 100 won paid out after 15 % abroad, 17.65 won were taken, and 55.29 % come off the tax."""
    growth = carry(BOOK, "isa", DIVIDENDS, on=TODAY).growth
    taken = 0.04 * 0.15 / 0.85
    owed = 0.09 * 0.04 - taken * (0.09 / 0.14 - 0.09)
    assert growth * 0.09 == pytest.approx(owed)


@pytest.mark.parametrize(("age", "rate"), [(34, 0.055), (72, 0.044), (85, 0.033)])
def test_a_pension_costs_its_receipts_by_age_and_later(age: int, rate: float) -> None:
    fund = Assumed(kind="kr_equity_etf", fee=0.001, distribution=0.02, growth=0.03)
    found = carry(BOOK, "irp", fund, on=TODAY, receipts=receipt_margin(BOOK, 0, age))
    assert found.drag == pytest.approx(0.001 + 0.6 * rate * 0.05)


def test_only_the_distribution_of_korean_shares_is_taxed_in_an_ordinary_account() -> None:
    fund = assumed_of(load_universe("krx-core").instruments["069500"])
    found = carry(BOOK, "general", fund, on=TODAY)
    assert found.drag == pytest.approx(fund.fee + 0.154 * fund.distribution)
    assert found.income == fund.distribution
    assert carry(BOOK, "isa", fund, on=TODAY).growth == fund.distribution


def test_a_us_listed_fund_loses_15_percent_of_its_dividends_and_the_year_has_its_gain() -> None:
    fund = assumed_of(load_universe("us-core").instruments["SCHD"])
    found = carry(BOOK, "overseas", fund, on=TODAY)
    assert found.drag == pytest.approx(fund.fee + 0.15 * 0.035)
    assert (found.income, found.growth) == (0.035, 0.04)


def test_every_fund_of_the_shipped_universes_has_assumptions() -> None:
    for name in ("krx-core", "us-core"):
        for fund in load_universe(name).instruments.values():
            found = assumed_of(fund)
            assert 0.0 < found.distribution + found.growth < 0.12
            assert (found.taxed == 0.0) == (fund.tax_kind == "kr_equity_etf")


AT_HOME = LotWorth(price=Decimal(12_000), tax_base=Decimal(10_900))


def test_the_smaller_of_price_and_base_price_is_taxable() -> None:
    bought = [Bought(shares=10, cost=Decimal(10_000), tax_base=Decimal(9_900))]
    found = sellable(bought, AT_HOME, kind="krx_other_etf", gains=Gains.WITHHELD)
    assert found.lots == (Lot(10, 1_000.0),)
    assert (found.least, found.most, found.unknown) == (10_000.0, 10_000.0, ())


@pytest.mark.parametrize(
    ("bought", "gain", "unknown"),
    [
        (Bought(shares=10, cost=Decimal(10_000)), 2_000.0, ("tax_base",)),
        (Bought(shares=10), 12_000.0, ("cost", "tax_base")),
        (Bought(shares=10, tax_base=Decimal(9_900)), 1_000.0, ("cost",)),
    ],
)
def test_what_is_not_known_counts_on_the_dear_side_and_both_sides_are_kept(
    bought: Bought, gain: float, unknown: tuple[str, ...]
) -> None:
    found = sellable([bought], AT_HOME, kind="krx_other_etf", gains=Gains.WITHHELD)
    assert found.lots == (Lot(10, gain),)
    assert (found.least, found.most, found.unknown) == (0.0, 10 * gain, unknown)


def test_a_loss_saves_nothing_at_home_and_something_abroad() -> None:
    dear = [Bought(shares=10, cost=Decimal(15_000), tax_base=Decimal(12_000), fx=Decimal(1))]
    assert sellable(dear, AT_HOME, kind="krx_other_etf", gains=Gains.WITHHELD).lots[0].gain == 0.0
    abroad = LotWorth(price=Decimal(100), fx=Decimal(1_400))
    dollars = [Bought(shares=10, cost=Decimal(110), fx=Decimal(1_300))]
    (lot,) = sellable(dollars, abroad, kind="us_etf", gains=Gains.YEARLY).lots
    assert lot.gain == 100 * 1_400 - 110 * 1_300


def test_a_dollar_cost_without_its_rate_takes_the_lowest_one() -> None:
    worth = LotWorth(price=Decimal(100), fx=Decimal(1_400), least_fx=Decimal(1_100))
    found = sellable([Bought(shares=1, cost=Decimal(90))], worth, kind="us_etf", gains=Gains.YEARLY)
    assert found.lots[0].gain == 100 * 1_400 - 90 * 1_100
    assert found.unknown == ("fx",)


def test_first_in_lots_keep_their_order_and_an_average_is_one_lot() -> None:
    bought = [
        Bought(shares=10, cost=Decimal(300), fx=Decimal(1_200)),
        Bought(shares=30, cost=Decimal(500), fx=Decimal(1_400)),
    ]
    worth = LotWorth(price=Decimal(600), fx=Decimal(1_400))
    first = sellable(bought, worth, kind="us_etf", gains=Gains.YEARLY, first_in=True)
    assert [lot.gain for lot in first.lots] == [480_000.0, 140_000.0]
    (lot,) = sellable(bought, worth, kind="us_etf", gains=Gains.YEARLY).lots
    assert lot.shares == 40
    assert lot.gain == pytest.approx((10 * 480_000 + 30 * 140_000) / 40)


def test_a_sheltered_account_has_no_lots() -> None:
    held = [Bought(shares=10, cost=Decimal(1))]
    assert sellable(held, AT_HOME, kind="krx_other_etf", gains=Gains.SHELTERED).lots == ()


def test_a_further_won_of_large_pensions_costs_the_margin_of_the_law() -> None:
    """300 M over ten years are 30 M a year, above the 15 M that are taxed apart."""
    fund = Assumed(kind="kr_equity_etf", fee=0.001, distribution=0.02, growth=0.03)
    small, large = (
        carry(BOOK, "irp", fund, on=TODAY, receipts=receipt_margin(BOOK, worth, 40))
        for worth in (100_000_000, 300_000_000)
    )
    now, then = (receive_pension(BOOK, age=55, amount=each) for each in (30_000_000, 37_500_000))
    margin = (then.withheld - now.withheld) / 7_500_000
    assert small.drag == pytest.approx(0.001 + 0.6 * 0.055 * 0.05)
    assert margin > 0.055
    assert large.drag == pytest.approx(0.001 + 0.6 * margin * 0.05)
