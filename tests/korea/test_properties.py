"""What must hold for any amounts, not only for the worked ones."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jeoul.errors import RuleError
from jeoul.korea.accounts import IrpOrder, irp_buy
from jeoul.korea.etf import etf_distribution, sell_etf, transaction_tax
from jeoul.korea.gains import ASSETS, OVERSEAS, Gain, settle_general
from jeoul.korea.ima import ima_maturity
from jeoul.korea.income import financial_income, high_dividend, tax_on
from jeoul.korea.isa import KINDS, isa_room, isa_withdraw, settle_isa
from jeoul.korea.orders import order_shares
from jeoul.korea.overseas import settle_overseas
from jeoul.korea.overseas_return import ReturnAccount
from jeoul.korea.pension import close_pension, pension_deduction, receipt_limit, receive_pension
from jeoul.korea.pension_credit import pension_credit
from jeoul.korea.suitability import GradedHolding, portfolio_allowed
from jeoul.korea.tables import load_rules
from jeoul.korea.wages import income_wages

BOOK = load_rules(2026)
won = st.integers(0, 2_000_000_000)
gain = st.builds(
    Gain,
    st.sampled_from([asset for asset in ASSETS if asset not in OVERSEAS]),
    st.integers(-50_000_000, 50_000_000),
)
gains = st.lists(gain, max_size=8).map(tuple)
kinds = st.sampled_from(KINDS)
years = st.integers(0, 10)


@given(gains, kinds, years)
def test_an_isa_never_owes_more_than_an_ordinary_account(
    results: Any, kind: Any, held: Any
) -> None:
    general = settle_general(BOOK, results=results)
    isa = settle_isa(BOOK, kind=kind, years_held=held, results=results)
    spared = 1_120 * len(results)  # a tax below 1,000 won is not collected, and each is cut
    assert 0 <= isa.tax <= general.tax + spared


@given(gains, kinds)
def test_the_isa_gap_is_never_cutting_alone_once_a_sale_matters(results: Any, kind: Any) -> None:
    """Without the cut below 10 won the comparison is exact."""
    base = sum(max(0, r.gain) for r in results if r.asset not in BOOK.words("isa.shares_untaxed"))
    isa = settle_isa(BOOK, kind=kind, years_held=3, results=results)
    assert isa.taxable <= base
    assert Decimal(isa.tax) <= base * Decimal("0.154")


@given(st.lists(gain, max_size=6), st.randoms(use_true_random=False), kinds, years)
def test_settlement_does_not_depend_on_the_order(
    results: Any, random: Any, kind: Any, held: Any
) -> None:
    other = list(results)
    random.shuffle(other)
    first = settle_isa(BOOK, kind=kind, years_held=held, results=tuple(results))
    second = settle_isa(BOOK, kind=kind, years_held=held, results=tuple(other))
    assert (first.net, first.taxable, first.tax) == (second.net, second.taxable, second.tax)
    assert settle_general(BOOK, results=tuple(results)).tax == (
        settle_general(BOOK, results=tuple(other)).tax
    )


@given(gains, kinds, st.integers(1, 10_000_000), st.integers(0, 7))
def test_more_gain_never_means_less_isa_tax(results: Any, kind: Any, more: Any, place: Any) -> None:
    if not results:
        return
    at = place % len(results)
    richer = (
        *results[:at],
        Gain(results[at].asset, results[at].gain + more),
        *results[at + 1 :],
    )
    before = settle_isa(BOOK, kind=kind, years_held=3, results=results)
    after = settle_isa(BOOK, kind=kind, years_held=3, results=richer)
    assert after.tax >= before.tax


@given(
    st.integers(2016, 2026),
    st.dictionaries(st.integers(2016, 2026), st.integers(0, 60_000_000), max_size=6),
    won,
)
def test_room_is_never_negative_and_accepting_fills_it(opened: Any, paid: Any, amount: Any) -> None:
    inside = {str(year): value for year, value in paid.items() if year >= opened}
    room = isa_room(BOOK, opened=opened, year=2026, paid=inside, amount=amount)
    assert 0 <= room.room <= 100_000_000
    assert room.accepted + room.refused == amount
    assert room.accepted <= room.room
    more = dict(inside)
    more["2026"] = more.get("2026", 0) + room.accepted
    assert isa_room(BOOK, opened=opened, year=2026, paid=more).room == room.room - room.accepted


@given(won, won, st.integers(0, 5), won)
def test_withdrawing_is_free_up_to_the_principal_exactly(
    paid_in: Any, value: Any, held: Any, withdrawn: Any
) -> None:
    free = max(0, min(paid_in - withdrawn, value))
    at = isa_withdraw(
        BOOK, paid_in=paid_in, value=value, years_held=held, amount=free, withdrawn=withdrawn
    )
    assert at.outcome == "free"
    if free < value:
        above = isa_withdraw(
            BOOK,
            paid_in=paid_in,
            value=value,
            years_held=held,
            amount=free + 1,
            withdrawn=withdrawn,
        )
        assert above.outcome == ("early_termination" if held < 3 else "settlement")


@given(st.lists(st.integers(-50_000_000, 50_000_000), max_size=8), st.integers(1, 10_000_000))
def test_overseas_tax_is_monotone_and_order_free(results: Any, more: Any) -> None:
    tax = settle_overseas(BOOK, gains=tuple(results)).tax
    assert tax >= 0
    assert settle_overseas(BOOK, gains=tuple(reversed(results))).tax == tax
    assert settle_overseas(BOOK, gains=(*results, more)).tax >= tax


@given(won, st.decimals(0, 1, places=3), st.integers(1, 12))
def test_coming_home_never_costs(net: Any, ratio: Any, month: Any) -> None:
    account = ReturnAccount(f"2026-{month:02d}", ratio)
    with_it = settle_overseas(BOOK, gains=(net,), return_account=account)
    assert 0 <= with_it.tax <= settle_overseas(BOOK, gains=(net,)).tax


prices = st.integers(1, 1_000_000).map(Decimal)


@given(st.integers(0, 10_000), prices, prices, prices, prices)
def test_an_etf_sale_is_taxed_on_no_more_than_either_rise(
    units: Any, buy: Any, sell: Any, low: Any, high: Any
) -> None:
    sale = sell_etf(
        BOOK,
        kind="krx_other_etf",
        units=units,
        buy=buy,
        sell=sell,
        base_buy=low,
        base_sell=high,
    )
    assert 0 <= sale.taxable <= max(0, sale.gain)
    assert sale.taxable <= max(0, sale.base_rise)
    assert 0 <= sale.tax <= sale.taxable * Decimal("0.154")


@given(won, won, st.integers(0, 100_000_000))
def test_comprehensive_taxation_never_gives_money_back(
    financial: Any, other: Any, deductions: Any
) -> None:
    found = financial_income(BOOK, financial=financial, other_income=other, deductions=deductions)
    assert found.extra == max(0, found.a - found.b)
    assert found.comprehensive == (financial > 20_000_000)
    more = financial_income(
        BOOK, financial=financial + 1_000_000, other_income=other, deductions=deductions
    )
    assert more.extra >= found.extra


@given(won, won, st.integers(0, 2_000_000_000))
def test_the_gross_up_is_never_worse_than_paying_b(
    financial: Any, other: Any, companies: Any
) -> None:
    part = min(companies, financial)
    found = financial_income(BOOK, financial=financial, other_income=other, company_dividends=part)
    assert found.extra >= 0


@given(st.integers(0, 3_000_000_000))
def test_the_schedule_is_continuous_and_rises_by_at_most_45_percent(base: Any) -> None:
    step = tax_on(BOOK, base + 1) - tax_on(BOOK, base)
    assert step in (0, 1)
    assert tax_on(BOOK, base) <= base * Decimal("0.45")


@given(won, won, won, won, st.booleans())
def test_the_credit_stays_within_its_caps(
    wages: Any, savings: Any, irp: Any, transfer: Any, to_irp: Any
) -> None:
    found = pension_credit(
        BOOK,
        wages=wages,
        comprehensive_income=wages,
        pension_savings=savings,
        irp=irp,
        isa_transfer=transfer,
        isa_transfer_to="irp" if to_irp else "pension_savings",
    )
    assert 0 <= found.base <= 12_000_000
    assert found.base - found.bonus <= 9_000_000
    assert found.credit <= found.base * found.rate
    assert found.refused == max(0, savings + irp - 18_000_000)


@given(st.integers(0, 200_000_000), won, won, st.integers(0, 5), st.integers(0, 100_000_000))
def test_the_credit_never_exceeds_the_tax_that_is_due(
    wages: Any, savings: Any, irp: Any, people: Any, other: Any
) -> None:
    found = pension_credit(
        BOOK,
        wages=wages,
        pension_savings=savings,
        irp=irp,
        other_income=other,
        dependants=people,
    )
    due = income_wages(BOOK, wages=wages, other_income=other, dependants=people).due
    assert found.tax_due == due
    assert 10 * found.credit <= 11 * due
    assert (found.base - found.unused) * found.rate >= found.credit - 20
    assert 0 <= found.unused <= found.base


@given(st.integers(55, 100), won, st.booleans(), won)
def test_a_pension_never_costs_more_than_the_flat_rate(
    age: Any, amount: Any, life: Any, other: Any
) -> None:
    found = receive_pension(BOOK, age=age, amount=amount, life_annuity=life, other_income=other)
    assert 0 <= found.tax <= amount * Decimal("0.165")
    assert found.net + found.tax == amount
    ways = [found.separate, found.flat, found.comprehensive]
    assert amount == 15_000_000 or found.tax == min(way for way in ways if way is not None)
    assert (found.separate is None) == (amount > 15_000_000)


@given(st.integers(0, 200_000_000))
def test_the_pension_deduction_never_exceeds_the_pension(amount: Any) -> None:
    assert 0 <= pension_deduction(BOOK, amount) <= min(amount, 9_000_000)


@given(won, st.integers(-1_000_000_000, 1_000_000_000), won)
def test_closing_returns_everything_less_the_tax(
    credited: Any, earnings: Any, uncredited: Any
) -> None:
    if credited + uncredited + earnings < 0:
        return
    found = close_pension(BOOK, credited=credited, earnings=earnings, uncredited=uncredited)
    assert found.net == credited + earnings + uncredited - found.tax
    assert found.untaxed + found.taxable == credited + earnings + uncredited
    assert found.tax >= 0


@given(won, st.integers(1, 10))
def test_the_receipt_limit_grows_with_the_years(balance: Any, year: Any) -> None:
    now = receipt_limit(BOOK, balance=balance, year=year)
    assert now.limit <= receipt_limit(BOOK, balance=balance, year=year + 1).limit or year == 10


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.integers(0, 10**9))
def test_an_irp_purchase_never_passes_seventy_percent(account: Any, risk: Any, amount: Any) -> None:
    held = min(account, risk)
    found = irp_buy(BOOK, account=account, risk=held, order=IrpOrder(amount))
    assert found.room >= 0
    if found.allowed and amount:
        assert 10 * (held + amount) <= 7 * account


@given(won, st.booleans())
def test_dividend_and_transaction_taxes_are_never_negative(amount: Any, foreign: Any) -> None:
    paid = etf_distribution(
        BOOK, kind="krx_other_etf", amount=amount, foreign_tax=amount // 7 if foreign else 0
    )
    assert paid.tax >= 0
    assert paid.tax + paid.net == amount
    assert high_dividend(BOOK, dividends=amount).tax >= 0
    sale = transaction_tax(BOOK, market="KOSPI", kind="stock", amount=amount)
    assert 0 <= sale.tax <= amount * Decimal("0.002")


@settings(max_examples=50)
@given(
    st.integers(1_000_000, 5_000_000_000),
    st.decimals(Decimal("-0.5"), Decimal("0.5"), places=4),
    st.integers(1, 7),
)
def test_an_ima_pays_the_principal_whatever_happens(principal: Any, gross: Any, term: Any) -> None:
    found = ima_maturity(BOOK, principal=principal, years=Decimal(term), gross=gross)
    assert found.paid >= principal
    assert found.net == found.profit - found.tax
    assert 0 <= found.tax <= found.profit


@pytest.mark.parametrize("limit", [14_000_000, 50_000_000, 88_000_000, 150_000_000, 300_000_000])
def test_the_marginal_rate_changes_exactly_at_a_bound(limit: int) -> None:
    below = tax_on(BOOK, limit) - tax_on(BOOK, limit - 100)
    above = tax_on(BOOK, limit + 100) - tax_on(BOOK, limit)
    assert above > below


@pytest.mark.parametrize(
    ("cash", "price", "fee", "shares"),
    [
        (0, 1, "0", 0),
        (1, 1, "0", 1),
        (-1, 1, "0", None),
        (1, 0, "0", None),
        (1, -1, "0", None),
        (1, 1, "-0.0001", None),
        (10_000, 10_000, "0.9999", 0),
        (1, 1, "1", None),
    ],
)
def test_only_an_order_that_makes_sense_is_sized(
    cash: int, price: int, fee: str, shares: int | None
) -> None:
    if shares is not None:
        assert order_shares(BOOK, cash=cash, price=price, fee=Decimal(fee)).shares == shares
        return
    with pytest.raises(RuleError, match="makes no sense"):
        order_shares(BOOK, cash=cash, price=price, fee=Decimal(fee))


@pytest.mark.parametrize(
    "weights", [(), ("0",), ("0", "0"), ("1", "0.0001"), ("0.5", "-0.1"), ("-0.1",)]
)
def test_a_portfolio_has_weights_that_sum_to_more_than_nothing(weights: tuple[str, ...]) -> None:
    mix = tuple(GradedHolding(str(place), Decimal(each), 6) for place, each in enumerate(weights))
    with pytest.raises(RuleError, match="sum to at most 1"):
        portfolio_allowed(BOOK, type="stable", holdings=mix)


def test_a_portfolio_may_hold_a_fund_at_no_weight_and_is_graded_by_the_rest() -> None:
    mix = (GradedHolding("a", Decimal("0.4"), 6), GradedHolding("b", Decimal(0), 1))
    assert portfolio_allowed(BOOK, type="neutral", holdings=mix, mode="portfolio").grade == 6
