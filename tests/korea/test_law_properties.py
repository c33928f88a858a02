"""What must hold of withdrawals, terms, routes and gains abroad, for any amounts."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jeoul.errors import RuleError
from jeoul.korea.gains import Gain
from jeoul.korea.isa import settle_isa
from jeoul.korea.isa_entry import isa_eligible, isa_matures
from jeoul.korea.isa_reopen import PensionMove, isa_reopen
from jeoul.korea.overseas import settle_overseas
from jeoul.korea.overseas_realise import OverseasLot, realise_gains
from jeoul.korea.overseas_return import ReturnAccount, TradedMonth, return_ratio
from jeoul.korea.pension import receive_pension
from jeoul.korea.pension_withdraw import PensionAccount, withdraw_pension
from jeoul.korea.rules import check
from jeoul.korea.tables import load_rules

BOOK = load_rules(2026)
won = st.integers(0, 300_000_000)
days = st.dates(date(2016, 1, 1), date(2040, 12, 31))
months = st.integers(1, 12).map(lambda month: f"2026-{month:02d}")
gains = st.lists(st.integers(-20_000_000, 20_000_000), min_size=1, max_size=6).map(tuple)
accounts = st.builds(
    PensionAccount,
    uncredited=won,
    severance=won,
    severance_tax=st.integers(0, 20_000_000),
    credited=won,
    earnings=st.integers(-100_000_000, 100_000_000),
).filter(lambda account: account.value >= 0)


@given(accounts, st.integers(0, 1000), st.integers(40, 90), st.integers(1, 25), won)
def test_a_withdrawal_keeps_its_money_and_its_order(
    account: PensionAccount, part: int, age: int, year: int, other: int
) -> None:
    amount = account.value * part // 1000
    found = withdraw_pension(
        BOOK,
        account=account,
        amount=amount,
        age=age,
        year=year,
        years_joined=7,
        other_income=other,
    )
    assert found.uncredited + found.severance + found.credited == amount
    assert 0 <= found.within <= amount
    assert found.net + found.tax == amount
    assert found.tax == found.severance_tax + found.pension_tax + found.lump_tax
    assert found.limit is None or found.within <= found.limit
    if found.severance:
        assert found.uncredited == min(account.uncredited, account.value)
    if found.credited and account.earnings >= 0:
        assert found.severance == account.severance
    assert found.severance_tax <= account.severance_tax
    assert found.pension_tax + found.lump_tax <= found.credited * Decimal("0.165")


@given(accounts, st.integers(0, 1000), st.integers(55, 90))
def test_waiting_for_55_never_costs(account: PensionAccount, part: int, age: int) -> None:
    amount = account.value * part // 1000
    young, old = (
        withdraw_pension(BOOK, account=account, amount=amount, age=years, years_joined=5)
        for years in (54, age)
    )
    assert old.tax <= young.tax + 20  # two amounts are cut below 10 won instead of one


@given(st.integers(55, 90), won, won, won)
def test_no_way_of_receiving_costs_more_than_what_is_withheld(
    age: int, amount: int, other: int, public: int
) -> None:
    found = receive_pension(BOOK, age=age, amount=amount, other_income=other, public_pension=public)
    assert found.comprehensive >= 0
    assert found.tax <= min(way for way in (found.separate, found.flat) if way is not None)


@given(gains, gains, st.integers(0, 5), won)
def test_the_other_readings_never_cost_more(funds: Any, shares: Any, held: int, fees: int) -> None:
    results = (
        *(Gain("krx_other_etf", gain) for gain in funds),
        *(Gain("kr_equity_etf", gain) for gain in shares),
    )
    found = settle_isa(BOOK, kind="general", years_held=held, results=results, fees=fees)
    assert 0 <= found.tax_other_losses <= found.tax
    assert found.early or found.tax_other_early == found.tax
    spared = 1_100 * len(results)  # a sale taxed alone is cut, or too small to be collected
    assert found.tax_other_early <= found.tax + spared
    free = settle_isa(BOOK, kind="general", years_held=held, results=results)
    assert found.tax <= free.tax


@given(days, st.integers(0, 4000))
def test_a_term_is_full_from_its_first_day_on(opened: date, later: int) -> None:
    on = opened + timedelta(days=later)
    found = isa_matures(BOOK, opened=opened, on=on)
    assert found.full == (on >= found.first_day) == (found.years >= 3)
    assert 0 <= found.months < 12
    assert not isa_matures(BOOK, opened=opened, on=found.first_day - timedelta(days=1)).full


@given(st.integers(2016, 2040), st.integers(2010, 2045))
def test_a_barred_year_opens_again_in_the_year_it_names(crossed: int, year: int) -> None:
    found = isa_eligible(BOOK, age=40, crossed=crossed, year=year)
    if found.opens is not None:
        assert found.opens > year
        assert isa_eligible(BOOK, age=40, crossed=crossed, year=found.opens).eligible
        assert not isa_eligible(BOOK, age=40, crossed=crossed, year=found.opens - 1).eligible


@settings(max_examples=50)
@given(st.integers(1, 25), st.integers(0, 40_000_000), st.integers(-20, 30), st.integers(0, 3))
def test_no_route_leaves_more_than_untaxed_growth(
    years: int, yearly: int, percent: int, crossings: int
) -> None:
    growth = Decimal(percent) / 100
    crossed = tuple(2027 + 5 * place for place in range(crossings))
    found = isa_reopen(
        BOOK, opened=2026, years=years, yearly=yearly, growth=growth, crossed=crossed
    )
    untaxed = sum(yearly * (1 + growth) ** (years - place) for place in range(years))
    assert max(found.keep, found.extend, found.reopen) <= untaxed
    assert crossings or found.keep == found.extend
    if percent == 0:
        assert found.keep == found.extend == found.reopen == years * yearly


@given(st.integers(3, 20), st.integers(0, 20_000_000), st.integers(0, 60_000_000))
def test_moving_into_a_pension_without_a_credit_or_growth_changes_nothing(
    years: int, yearly: int, amount: int
) -> None:
    terms: dict[str, Any] = {"opened": 2026, "years": years, "yearly": yearly}
    found = isa_reopen(BOOK, **terms, growth=Decimal(0), move=PensionMove(amount))
    assert found.reopen == years * yearly


@given(gains, months, st.decimals(0, 1, places=3))
def test_coming_home_leaves_the_basic_deduction_its_place(
    results: Any, month: str, ratio: Decimal
) -> None:
    found = settle_overseas(BOOK, gains=results, return_account=ReturnAccount(month, ratio))
    assert 0 <= found.deducted <= max(0, found.net - 2_500_000)
    assert found.tax <= settle_overseas(BOOK, gains=results).tax


@given(months, months, st.integers(1, 50_000_000), won, st.integers(1, 10_000_000))
def test_buying_more_elsewhere_never_raises_the_ratio(
    sold: str, bought: str, amount: int, first: int, more: int
) -> None:
    home = (TradedMonth(sold, amount),)
    before = return_ratio(BOOK, sold=home, bought=(TradedMonth(bought, first),)).ratio
    after = return_ratio(BOOK, sold=home, bought=(TradedMonth(bought, first + more),)).ratio
    assert 0 <= after <= before <= 1


prices = st.integers(1, 2000).map(Decimal)
lots = st.lists(
    st.builds(OverseasLot, st.integers(1, 30), prices, st.integers(900, 1600).map(Decimal)),
    min_size=1,
    max_size=4,
).map(tuple)


@given(lots, prices, st.integers(-5_000_000, 5_000_000))
def test_no_other_number_of_shares_uses_more_of_the_deduction(
    held: tuple[OverseasLot, ...], price: Decimal, realised: int
) -> None:
    found = realise_gains(BOOK, lots=held, price=price, fx=Decimal(1400), realised=realised)
    costs = [lot.cost * lot.fx for lot in held for _ in range(lot.shares)]
    mean = sum(costs, Decimal(0)) / len(costs)
    gained = {"first": [Decimal(0)], "average": [Decimal(0)]}
    for place, cost in enumerate(costs, 1):
        gained["first"].append(gained["first"][-1] + price * 1400 - cost)
        gained["average"].append(place * (price * 1400 - mean))
    for way, shares, gain in (
        ("first", found.first_shares, found.first_gain),
        ("average", found.average_shares, found.average_gain),
    ):
        fitting = [int(one) for one in gained[way] if 0 <= one <= found.room]
        assert gain == max(fitting)
        assert int(gained[way][shares]) == gain


@pytest.mark.parametrize("opened", ["2026-13-01", "soon", True, 2024.5, None])
def test_an_opening_is_a_date_or_a_year(opened: object) -> None:
    _, faults = check("isa.matures", {"opened": opened, "on": "2026-05-01"})
    assert [fault.key for fault in faults] == [("opened",)]
    assert "write 2024-03-15, or the year alone" in str(faults[0])


def test_a_ratio_needs_a_sale_with_a_weight() -> None:
    with pytest.raises(RuleError, match="there is no ratio"):
        return_ratio(BOOK, sold=(TradedMonth("2026-05", 0),))
