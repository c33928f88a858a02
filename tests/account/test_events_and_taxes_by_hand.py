"""Prices, splits and distributions as an account meets them, and what is withheld: by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from jeoul import api
from jeoul.account.day import AccountState, DayOrder, DayRules, Due, account_day
from jeoul.account.day_taxes import DayTaxes, Untaxed
from jeoul.account.exchange import CurrencyExchange
from jeoul.account.price_events import CorporateAction, PriceEvents
from jeoul.account.withholding import (
    Basis,
    TaxLedger,
    TaxRules,
    base_price,
    bought,
    distributed,
    interest_taxed,
    sold,
    sold_abroad,
    split,
)
from jeoul.korea.tables import load_rules
from jeoul.model.portfolio import Portfolio, Side
from jeoul.model.series import PriceTable
from jeoul.rebalance import Tariff

BOOK = load_rules(2026)
D1, D2, D3, D4 = (date(2026, 6, day) for day in (1, 2, 3, 5))
NAN = float("nan")


def column(*rows: Any) -> Any:
    return np.array(rows, dtype=float)


def table(days: Any, tickers: str, close: Any, **columns: Any) -> PriceTable:
    when = np.array(days, dtype="datetime64[D]")
    return PriceTable(
        exchange="XKRX", currency="KRW", adjusted=columns.pop("adjusted", "raw"),
        tickers=tuple(tickers), sessions=when, known_at=np.zeros(len(days), dtype=np.int64),
        close=close, **columns,
    )  # fmt: skip


# A and B share a table, C has one of its own without the third session and without events
BOTH = table(
    (D1, D2, D3, D4), "AB",
    column((100, 50), (110, NAN), (NAN, 60), (30, 70)),
    dividends=column((0, 0), (5, NAN), (0, 0), (0, 2.5)),
    splits=column((1, 1), (1, 1), (1, 1), (4, NAN)),
    tax_base=column((90, NAN), (91, 45), (92, 46), (93, 47)),
    taxable=column((NAN, NAN), (2, NAN), (NAN, NAN), (NAN, 9)),
)  # fmt: skip
ALONE = table((D1, D2, D4), "C", column((7,), (8,), (NAN,)))
EVENTS = PriceEvents((BOTH, ALONE))


def test_a_close_is_that_of_a_session_and_its_own_table() -> None:
    assert [EVENTS.close("A", day) for day in (D1, D2, D3, D4)] == [100, 110, None, 30]
    assert [EVENTS.close("B", day) for day in (D1, D2, D3, D4)] == [50, None, 60, 70]
    assert [EVENTS.close("C", day) for day in (D1, D2, D3, D4)] == [7, 8, None, None]
    assert EVENTS.close("X", D1) is None
    assert EVENTS.sessions == (D1, D2, D3, D4)
    assert PriceEvents((BOTH,), 100).close("A", D1) == 10_000


def test_the_newest_close_reaches_over_gaps_and_splits() -> None:
    early, between, late = date(2026, 5, 29), date(2026, 6, 4), date(2026, 6, 30)
    days = (early, D1, D2, D3, between, D4, late)
    assert [EVENTS.last_close("A", day) for day in days] == [None, 100, 110, 110, 110, 30, 30]
    assert [EVENTS.last_close("B", day) for day in days] == [None, 50, 50, 60, 60, 70, 70]
    assert [EVENTS.last_close("C", day) for day in days] == [None, 7, 8, 8, 8, 8, 8]
    assert EVENTS.last_close("X", D1) is None
    # four for one on a day without a trade: a share of today is a quarter of one of then
    quiet = table((D1, D2), "A", column((100,), (NAN,)), splits=column((1,), (4,)))
    assert [PriceEvents((quiet,)).last_close("A", day) for day in (D1, D2)] == [100, 25]
    assert PriceEvents((quiet,), 100).last_close("A", D2) == 2_500
    never = table((D1, D2), "A", column((NAN,), (NAN,)))
    assert PriceEvents((never,)).last_close("A", D2) is None


def test_prices_are_the_newest_closes_and_0_before_the_first() -> None:
    assert EVENTS.prices("ABCX", D3) == {"A": 110, "B": 60, "C": 8, "X": 0}
    assert EVENTS.prices("BCA", D4) == {"B": 70, "C": 8, "A": 30}
    assert EVENTS.prices("CA", date(2026, 5, 29)) == {"C": 0, "A": 0}


def test_prices_are_adjusted_where_a_table_of_some_ticker_is() -> None:
    mixed = PriceEvents((BOTH, table((D1,), "E", column((1,)), adjusted="total-return")))
    assert [mixed.is_adjusted(codes) for codes in ("", "A", "E", "AE", "X")] == [
        False, False, True, True, False,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("day", "held", "actions"),
    [
        (D1, {"A": 3, "B": 3, "C": 3}, []),
        (D2, {"A": 3, "B": 3}, [CorporateAction("dividend", "A", 0, 15)]),
        (D2, {"A": 0, "X": 9}, []),
        (D3, {"A": 3}, []),
        (D4, {"B": 3, "A": 3}, [
            CorporateAction("split", "A", 9, 0), CorporateAction("dividend", "B", 0, 7),
        ]),
        (date(2026, 6, 4), {"A": 3}, []),
    ],
)  # fmt: skip
def test_an_open_brings_splits_and_distributions_in_the_order_of_tickers(
    day: date, held: Any, actions: Any
) -> None:
    assert EVENTS.openings(day, held) == actions


def test_a_distribution_is_of_the_shares_after_the_split_and_in_the_smallest_unit() -> None:
    both = table(
        (D1, D2), "A", column((NAN,), (20.01,)), dividends=column((0,), (0.07,)),
        splits=column((1,), (0.4,)),
    )  # fmt: skip
    found = PriceEvents((both,), 100).openings(D2, {"A": 9})
    # 9 become 3.6: three shares, 0.6 of one at 2,001 cents, and 7 cents on each of the three
    assert found == [
        CorporateAction("split", "A", -6, 1_200),
        CorporateAction("dividend", "A", 0, 21),
    ]
    unpriced = table((D1,), "A", column((NAN,)), splits=column((0.5,)))
    assert PriceEvents((unpriced,)).openings(D1, {"A": 3}) == [CorporateAction("split", "A", -2, 0)]


def test_what_is_taxed_of_a_distribution_is_told_or_all_of_it() -> None:
    assert EVENTS.taxable_share("A", D2) == Fraction(2, 5)
    assert EVENTS.taxable_share("B", D4) == 1  # 9 of 2.5 would be more than all
    assert [EVENTS.taxable_share(code, D1) for code in "ABCX"] == [1, 1, 1, 1]
    untold = table((D1,), "A", column((9,)), dividends=column((3,)), taxable=column((NAN,)))
    assert PriceEvents((untold,)).taxable_share("A", D1) == 1
    unpaid = table((D1,), "A", column((9,)), dividends=column((0,)), taxable=column((3,)))
    assert PriceEvents((unpaid,)).taxable_share("A", D1) == 1


def test_a_base_price_is_known_where_the_table_knows_it() -> None:
    assert [EVENTS.tax_base("B", day) for day in (D1, D2, D4)] == [None, 45.0, 47.0]
    assert EVENTS.tax_base("C", D1) is EVENTS.tax_base("X", D1) is None
    assert EVENTS.tax_base("A", date(2026, 6, 4)) is None
    assert base_price(EVENTS, "A", D2) == Decimal(91)
    assert base_price(PriceEvents((BOTH,), 100), "A", D2) == Decimal(9_100)
    assert base_price(EVENTS, "B", D1) is None


def basis(cost: Any, base: Any = None) -> Basis:
    return Basis(Decimal(cost), None if base is None else Decimal(base))


@pytest.mark.parametrize(
    ("before", "held", "count", "price", "base", "after"),
    [
        (None, 0, 3, 100, 90, basis(100, 90)),
        (None, 5, 3, 100, None, basis(100)),
        (basis(50, 40), 0, 3, 100, 90, basis(100, 90)),  # what was sold out leaves no cost
        (basis(50), 0, 3, 100, 90, basis(100, 90)),  # nor a base price that nobody knew
        (basis(50, 40), 1, 3, 100, 80, basis("87.5", 70)),
        (basis(50), 1, 3, 100, 90, basis("87.5")),
        (basis(50, 40), 1, 3, 100, None, basis("87.5")),
        (basis(1, 1), 2, 1, 2, 2, basis("1.3333", "1.3333")),
    ],
)
def test_costs_and_base_prices_are_averaged_over_the_shares(
    before: Any, held: int, count: int, price: int, base: Any, after: Basis
) -> None:
    known = None if base is None else Decimal(base)
    assert bought(before, held, count, Decimal(price), known) == after


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        (10, 10, basis(90, 60)),
        (10, 0, basis(90, 60)),
        (10, 20, basis(45, 30)),
        (3, 1, basis(270, 180)),
        (7, 10, basis(63, 42)),
    ],
)
def test_a_split_keeps_what_a_holding_cost(before: int, after: int, found: Basis) -> None:
    assert split(basis(90, 60), before, after) == found
    assert split(basis(90), before, after) == basis(found.cost)
    exact = basis("90.123456", "60.123456")
    assert (split(exact, before, after) is exact) == (after in (0, before))


def law(kind: str = "krx_other_etf", account: str = "general", foreign: str = "0") -> TaxRules:
    return TaxRules(book=BOOK, account=account, kinds={"A": kind}, foreign={"A": Decimal(foreign)})


@pytest.mark.parametrize(
    ("kind", "account", "cost", "base", "gain", "income", "tax"),
    [
        ("krx_other_etf", "general", 10_000, 10_500, 150_000, 150_000, 23_100),
        ("krx_other_etf", "general", 10_000, 9_000, 200_000, 200_000, 30_800),
        ("krx_other_etf", "general", 10_000, None, 200_000, 200_000, 30_800),
        ("krx_other_etf", "general", 10_000, 13_000, 0, 0, 0),
        ("krx_other_etf", "general", 12_000, 9_000, 0, 0, 0),
        ("krx_other_etf", "general", 13_000, 13_000, -100_000, 0, 0),
        ("krx_other_etf", "general", 13_000, 12_400, -40_000, 0, 0),
        ("krx_other_etf", "general", 13_000, 14_000, -100_000, 0, 0),
        ("krx_other_etf", "general", "12_000.01", "12_000.01", -1, 0, 0),
        ("krx_other_etf", "general", 12_000, 14_000, 0, 0, 0),
        ("krx_other_etf", "general", "11_999.99", 9_000, 1, 1, 0),
        ("krx_other_etf", "general", 13_000, 11_000, 0, 0, 0),
        ("krx_other_etf", "isa", 10_000, 10_500, 150_000, 0, 0),
        ("kr_equity_etf", "general", 10_000, 10_500, 200_000, 0, 0),
        ("kr_equity_etf", "isa", 13_000, 10_500, -100_000, 0, 0),
    ],
)
def test_a_sale_is_taxed_on_the_smaller_of_gain_and_rise(
    kind: str, account: str, cost: Any, base: Any, gain: int, income: int, tax: int
) -> None:
    found = sold(
        law(kind, account), D1, "A", basis(cost, base), Decimal(100), 12_000, Decimal(12_000)
    )
    assert (found.gain, found.income, found.tax, found.taken) == (gain, income, tax, tax)
    assert (found.what, found.asset, found.foreign, found.session) == ("sale", kind, 0, D1)


def test_a_sale_without_the_base_price_of_its_day_is_taxed_on_its_gain() -> None:
    found = sold(law(), D1, "A", basis(10_000, 11_900), Decimal(100), 12_000, None)
    assert found.gain == 200_000


def test_a_sale_abroad_is_a_result_of_the_year() -> None:
    found = sold_abroad(law("us_etf"), D1, "A", basis("100.75"), Decimal(3), 350)
    assert (found.gain, found.income, found.tax, found.taken) == (350 - 302, 0, 0, 0)


def won(cents: int) -> int:
    return cents * 14


@pytest.mark.parametrize(
    ("rules", "found"),
    [
        (law(), (100_000, 60_000, 9_240, 9_240, 0)),
        (law(account="isa"), (100_000, 0, 0, 0, 0)),
        (law(account="isa", foreign="0.15"), (100_000, 0, 0, 0, 10_588)),
        (law(foreign="0.15"), (100_000, 60_000, 0, 0, 10_588)),
    ],
)
def test_a_distribution_is_taxed_on_its_taxable_part(rules: TaxRules, found: Any) -> None:
    made = distributed(rules, D1, "A", 100_000, 60_000, lambda amount: amount)
    assert (made.gain, made.income, made.tax, made.taken, made.foreign) == found
    assert made.what == "distribution"


def test_a_dividend_of_america_pays_15_percent_there_and_counts_in_won() -> None:
    found = distributed(law("us_etf"), D1, "A", 10_000, 10_000, won)
    assert (found.gain, found.income) == (140_000, 140_000)
    assert (found.tax, found.taken) == (21_000, 1_500)
    isa = distributed(law("us_etf", "isa"), D1, "A", 10_000, 10_000, won)
    assert (isa.gain, isa.income, isa.tax) == (140_000, 0, 0)


def test_what_korea_takes_of_a_dividend_abroad_is_taken_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    levied = SimpleNamespace(us_tax=100, kr_tax=40)  # at a rate below that of Korea
    monkeypatch.setattr("jeoul.account.withholding.us_dividend", lambda *_, **__: levied)
    assert distributed(law("us_etf"), D1, "A", 1_000, 1_000, won).taken == 140


def test_a_fund_of_which_nothing_is_known_abroad_paid_nothing_there() -> None:
    rules = TaxRules(book=BOOK, account="general", kinds={"A": "krx_other_etf"})
    found = distributed(rules, D1, "A", 100_000, 60_000, lambda amount: amount)
    assert (found.tax, found.foreign) == (9_240, 0)


def test_interest_is_taxed_by_what_the_month_owes_so_far() -> None:
    found = interest_taxed(law(), D1, 10_000, 5_000, won)
    # 14 % and a tenth of it, both cut below ten won: 1,540 of 10,000 and 2,310 of 15,000
    assert (found.taken, found.tax, found.gain, found.income) == (770, 10_780, 70_000, 70_000)
    free = interest_taxed(law(account="isa"), D1, 10_000, 5_000, won)
    assert (free.taken, free.tax, free.gain, free.income) == (0, 0, 70_000, 0)


def taxes(parts: int = 1, ledger: Any = None, account: str = "general", day: date = D1) -> DayTaxes:
    return DayTaxes(law(account=account), ledger or TaxLedger(), day, EVENTS, None, parts)


@pytest.mark.parametrize(
    ("month", "parts", "before", "amount", "taken", "kept"),
    [
        (2026 * 12 + 6, 1, 10_000, 5_000, 770, 15_000),
        (2026 * 12 + 5, 1, 10_000, 5_000, 770, 5_000),  # a new month begins at nothing
        (2026 * 12 + 6, 1, 60, 5, 0, 65),
        (2026 * 12 + 6, 1, 69, 5, 10, 74),  # 14 % of 74 won, cut below ten
        (2026 * 12 + 6, 10, 699, 41, 100, 740),  # parts of a won count as whole ones once full
    ],
)
def test_interest_adds_up_by_the_month(
    month: int, parts: int, before: int, amount: int, taken: int, kept: int
) -> None:
    found = taxes(parts, TaxLedger(interest=before, month=month))
    assert found.interest(amount) == taken
    assert (found.ledger.interest, found.ledger.month) == (kept, 2026 * 12 + 6)
    assert len(found.found) == 1
    assert (found.interest(0), len(found.found)) == (0, 1)


def test_a_session_without_taxes_takes_and_remembers_nothing() -> None:
    free = Untaxed()
    free.purchase("A", 0, 1, 1, 1)
    opening = free.opening({"A": 1}, [CorporateAction("dividend", "A", 0, 99_999)])
    assert (free.interest(10**9), opening, free.sale("A", 1, 10**9, 10**9)) == (0, 0, 0)
    assert (free.ledger, free.found) == (TaxLedger(), ())


def test_the_costs_of_a_session_are_kept_for_the_next() -> None:
    found = taxes()
    found.purchase("A", 0, 10, 100, 1_005)
    assert found.ledger.basis == {"A": basis(100, 90)}  # at its price, without its fees
    found.purchase("A", 10, 10, 110, 1_105)
    assert found.ledger.basis == {"A": basis(105, 90)}
    found.opening({"A": 20}, [CorporateAction("split", "A", 20, 0)])
    assert found.ledger.basis == {"A": basis("52.5", 45)}
    given = TaxLedger({"A": basis(7)})
    taxes(ledger=given).purchase("A", 1, 1, 9, 9)
    assert given.basis == {"A": basis(7)}


def test_a_share_abroad_costs_its_price_and_its_fees_in_won() -> None:
    bank = CurrencyExchange(owner="KRW", account="USD", rates={D1: Decimal(1_400)}, before={})
    found = DayTaxes(law("us_etf"), TaxLedger(), D1, EVENTS, bank, 10)
    found.purchase("A", 0, 30, 100, 3_330)  # three shares of ten parts, in tenths of a cent
    assert found.ledger.basis == {"A": basis(1_554)}  # 333 cents at 14 won, by three
    assert found.sale("A", 20, 100, 1_999) == 0
    assert [each.gain for each in found.found] == [199 * 14 - 2 * 1_554]


def test_what_a_purchase_paid_is_what_a_share_cost() -> None:
    rules = DayRules(
        events=PriceEvents((table((D1,), "A", column((100,))),)),
        calendar=api.calendars()["XKRX"], buys=Tariff(fixed_fee=10), sells=Tariff(),
        taxes=law("us_etf"),
    )  # fmt: skip
    state = AccountState(portfolio=Portfolio({}, 210))
    bought_ = account_day(state, D1, Due(), [DayOrder(Side.BUY, "A", 2)], rules)
    assert bought_.state.ledger.basis == {"A": basis(105)}


def test_a_distribution_of_parts_is_taxed_in_whole_won() -> None:
    paid = [CorporateAction("dividend", "A", 0, 1_000_009), CorporateAction("dividend", "A", 0, 9)]
    found = taxes(10, TaxLedger({"A": basis(1)}), day=D2)
    # two fifths of 100,000 are taxed: 5,600 and 560; the second is no whole won
    assert found.opening({"A": 1}, paid) == 61_600
    assert [each.income for each in found.found] == [40_000, 0]
    assert Untaxed.ledger == TaxLedger({}, 0, 0)
