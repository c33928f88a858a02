"""Tax taken at source in an account's day, by hand: sales, distributions, interest, ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from jeoul import api
from jeoul.account.day import AccountState, DayOrder, DayRules, Due, account_day
from jeoul.account.exits import draw_pension, end_isa, liquidated, results_of
from jeoul.account.price_events import PriceEvents
from jeoul.account.withholding import Basis, TaxLedger, TaxRules
from jeoul.korea.gains import Gain
from jeoul.korea.tables import load_rules
from jeoul.model.portfolio import Portfolio, Side
from jeoul.model.series import PriceTable
from jeoul.rebalance import Tariff

BOOK = load_rules(2026)
KRX = api.calendars()["XKRX"]
DAYS = [date(2026, 6, 1), date(2026, 6, 2)]
SELL, BUY = Side.SELL, Side.BUY


def rules(
    kind: str = "krx_other_etf",
    account: str = "general",
    *,
    close: Any = (12_000.0, 12_000.0),
    base: Any = (10_900.0, 10_900.0),
    dividend: float = 0.0,
    taxable: float | None = None,
    split: float = 1.0,
    foreign: Decimal = Decimal(0),
    parts: int = 1,
) -> DayRules:
    def column(*values: float) -> Any:
        return np.array(values)[:, None]

    table = PriceTable(
        "XKRX", "KRW", "raw", ("A",), np.array(DAYS, dtype="datetime64[D]"),
        np.zeros(2, dtype=np.int64), column(*close), column(dividend, 0.0), column(split, 1.0),
        column(*base), None if taxable is None else column(taxable, np.nan),
    )  # fmt: skip
    law = TaxRules(book=BOOK, account=account, kinds={"A": kind}, foreign={"A": foreign})
    return DayRules(
        events=PriceEvents((table,)), calendar=KRX, buys=Tariff(), sells=Tariff(), taxes=law,
        parts=parts,
    )  # fmt: skip


def holding(shares: int, cost: float = 10_000, base: float | None = 9_900) -> AccountState:
    known = None if base is None else Decimal(base)
    return AccountState(
        portfolio=Portfolio({"A": shares}, 0), ledger=TaxLedger({"A": Basis(Decimal(cost), known)})
    )


def after(state: AccountState, how: DayRules, *orders: DayOrder, due: Due = Due()) -> Any:  # noqa: B008
    return account_day(state, DAYS[0], due, orders, how)


def test_a_sale_pays_on_the_smaller_of_the_gain_and_the_rise_of_the_base_price() -> None:
    passed = after(holding(100), rules(), DayOrder(SELL, "A", 100))
    assert (passed.fills[0].tax, passed.state.portfolio.incoming) == (15_400, 1_200_000 - 15_400)
    gained = after(holding(100), rules(base=(20_000.0, 20_000.0)), DayOrder(SELL, "A", 100))
    assert gained.fills[0].tax == 30_800


@pytest.mark.parametrize("base", [None, 9_900.0])
def test_without_a_base_price_on_either_day_the_whole_gain_is_taxed(base: float | None) -> None:
    how = rules(base=(float("nan"),) * 2) if base else rules()
    assert after(holding(100, base=base), how, DayOrder(SELL, "A", 100)).fills[0].tax == 30_800


def test_a_tax_below_1_000_won_is_not_collected_but_counts_as_income() -> None:
    passed = after(holding(7), rules(), DayOrder(SELL, "A", 7))
    assert (passed.fills[0].tax, passed.taxed[0].income) == (0, 7_000)


def test_the_gain_of_a_fund_of_korean_shares_is_untaxed() -> None:
    passed = after(holding(100), rules("kr_equity_etf"), DayOrder(SELL, "A", 100))
    assert (passed.fills[0].tax, passed.taxed[0].income) == (0, 0)


def test_costs_are_averaged_over_purchases_and_stay_with_a_sale() -> None:
    bought = after(holding(100), rules(), DayOrder(BUY, "A", 300), due=Due(deposit=3_600_000))
    assert bought.state.ledger.basis["A"] == Basis(Decimal(11_500), Decimal(10_650))
    sold = account_day(bought.state, DAYS[1], Due(), [DayOrder(SELL, "A", 400)], rules())
    assert sold.taxed[0].gain == 400 * 250


def test_a_split_divides_the_costs() -> None:
    passed = after(holding(100), rules(split=2.0, close=(6_000.0,) * 2, base=(5_450.0,) * 2))
    assert passed.state.ledger.basis["A"] == Basis(Decimal(5_000), Decimal(4_950))
    sold = account_day(
        passed.state, DAYS[1], Due(), [DayOrder(SELL, "A", 200)],
        rules(close=(6_000.0,) * 2, base=(5_450.0,) * 2),
    )  # fmt: skip
    assert sold.taxed[0].tax == 15_400


def test_a_distribution_pays_15_4_percent_of_its_taxed_part() -> None:
    assert after(holding(1000), rules(dividend=100.0)).state.portfolio.cash == 100_000 - 15_400
    half = after(holding(1000), rules(dividend=100.0, taxable=50.0))
    assert (half.state.portfolio.cash, half.taxed[0].income) == (100_000 - 7_700, 50_000)


def test_a_fund_that_paid_15_percent_abroad_owes_nothing_more() -> None:
    passed = after(holding(1000), rules(dividend=100.0, foreign=Decimal("0.15")))
    assert (passed.state.portfolio.cash, passed.taxed[0].income) == (100_000, 100_000)
    assert passed.taxed[0].foreign == 17_647


def test_an_isa_and_pensions_withhold_nothing_and_remember_results() -> None:
    for account in ("isa", "pension_savings", "irp"):
        how = rules(account=account, dividend=100.0)
        passed = after(holding(1000), how, DayOrder(SELL, "A", 1000))
        assert passed.state.portfolio.money == 100_000 + 12_000_000
        assert [(each.what, each.gain, each.tax) for each in passed.taxed] == [
            ("distribution", 100_000, 0),
            ("sale", 1_000_000, 0),
        ]


def test_a_loss_in_an_isa_counts_as_far_as_the_base_price_fell_too() -> None:
    how = rules(account="isa", close=(8_000.0,) * 2, base=(9_400.0,) * 2)
    assert after(holding(100), how, DayOrder(SELL, "A", 100)).taxed[0].gain == -50_000
    risen = rules(account="isa", close=(8_000.0,) * 2, base=(10_900.0,) * 2)
    assert after(holding(100), risen, DayOrder(SELL, "A", 100)).taxed[0].gain == 0


def test_interest_is_cut_below_ten_won_by_the_month_and_not_by_the_day() -> None:
    cash = AccountState(portfolio=Portfolio({}, 1_000_000), overnight=1_000_000)
    first = after(cash, rules(), due=Due(interest=0.00005))
    assert (first.flows.interest, first.taxed[0].taken) == (50, 0)
    second = account_day(first.state, DAYS[1], Due(interest=0.00005), [], rules())
    assert second.taxed[0].taken == 10  # 14 % of 100 won, cut; its local tenth is below ten


def test_a_new_month_of_interest_begins_at_nothing() -> None:
    may = TaxLedger({}, interest=50, month=2026 * 12 + 5)
    cash = AccountState(portfolio=Portfolio({}, 1_000_000), overnight=1_000_000, ledger=may)
    assert after(cash, rules(), due=Due(interest=0.00005)).taxed[0].taken == 0


def test_parts_of_a_share_pay_what_whole_ones_do() -> None:
    whole = after(holding(100), rules(), DayOrder(SELL, "A", 100))
    parts = after(holding(100_000), rules(parts=1000), DayOrder(SELL, "A", 100_000))
    assert parts.fills[0].tax == 1000 * whole.fills[0].tax


def test_without_tax_rules_a_day_is_what_it_was() -> None:
    how = replace(rules(dividend=100.0), taxes=None)
    passed = after(holding(1000), how, DayOrder(SELL, "A", 400))
    assert passed.state.portfolio.money == 100_000 + 4_800_000
    assert (passed.taxed, passed.fills[0].tax) == ((), 0)


def test_an_account_sold_out_pays_on_its_last_sales() -> None:
    found = liquidated(holding(100), DAYS[1], rules())
    assert (found.money, found.tax) == (1_200_000 - 15_400, 15_400)
    dear = replace(rules(), sells=Tariff(Decimal("0.01")))
    assert liquidated(holding(100), DAYS[1], dear).money == 1_200_000 - 12_000 - 15_400


def test_an_isa_is_settled_once_over_all_that_it_recorded() -> None:
    how = rules(account="isa", dividend=10_000.0)
    passed = after(holding(1000), how)
    left = liquidated(passed.state, DAYS[1], how)
    results = results_of((*passed.taxed, *left.taxed))
    assert results == (Gain("fund", 10_000_000), Gain("krx_other_etf", 1_000_000))
    found = end_isa(BOOK, kind="general", years=3, results=results, value=left.money)
    assert found.tax == 891_000  # 11 M less 2 M, 9.9 %
    early = end_isa(BOOK, kind="general", years=2, results=results, value=left.money)
    assert early.tax == 1_694_000


def test_a_pension_is_drawn_over_ten_years() -> None:
    found = draw_pension(BOOK, credited=60_000_000, earnings=40_000_000, age=55)
    assert found.tax == 5_500_000  # 5.5 % of 10 M a year
