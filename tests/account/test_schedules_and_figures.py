"""What an account file comes to by session, what an account came to, and how it ends: by hand."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from jeoul import api
from jeoul.account.day import AccountFill, AccountState, DayFlows, DayRules
from jeoul.account.exchange import CurrencyExchange
from jeoul.account.exits import (
    draw_pension,
    end_isa,
    liquidated,
    national_of,
    pension_age,
    results_of,
)
from jeoul.account.figures import account_document, account_figures, sessions_of, units_of
from jeoul.account.file import AccountFile, FlowSettings
from jeoul.account.price_events import CorporateAction, PriceEvents
from jeoul.account.records import AccountDay, AccountRun, AccountTerms
from jeoul.account.terms import MONTHS, dated, terms_of
from jeoul.account.withholding import Basis, Taxed, TaxLedger, TaxRules
from jeoul.errors import DataError, UsageError
from jeoul.korea.gains import Gain
from jeoul.korea.tables import load_rules
from jeoul.model.decision import Target
from jeoul.model.portfolio import Portfolio, Side
from jeoul.model.series import PriceTable, Series
from jeoul.pipeline.targets import ModelTarget
from jeoul.rebalance import Tariff, TradeRules

BOOK = load_rules(2026)
D = date
JAN, FEB, MAR = D(2024, 1, 31), D(2024, 2, 29), D(2024, 3, 29)


def flow(every: str, start: date, end: date | None = None, amount: int = 5) -> FlowSettings:
    keys = {"amount": amount, "every": every, "from": start, "to": end}
    return FlowSettings.model_validate(keys)


@pytest.mark.parametrize(
    ("flows", "found"),
    [
        ([flow("once", D(2024, 1, 30))], {}),  # before the first session
        ([flow("once", JAN)], {JAN: 5}),
        ([flow("once", D(2024, 2, 1))], {FEB: 5}),
        ([flow("once", MAR)], {MAR: 5}),
        ([flow("once", D(2024, 3, 30))], {}),
        ([flow("once", FEB), flow("once", FEB, amount=2)], {FEB: 7}),
        ([flow("month", JAN)], {JAN: 5, FEB: 5}),  # 31 March comes after the last session
        ([flow("month", D(2023, 12, 29))], {FEB: 5, MAR: 5}),  # the others came before the first
        ([flow("month", D(2023, 12, 1))], {FEB: 5, MAR: 5}),
        ([flow("month", JAN, FEB)], {JAN: 5, FEB: 5}),
        ([flow("month", JAN, D(2024, 2, 28))], {JAN: 5}),
        ([flow("quarter", D(2023, 12, 31))], {}),
        ([flow("quarter", D(2023, 11, 30))], {FEB: 5}),
        ([flow("year", D(2020, 2, 29))], {FEB: 5}),
        ([flow("year", D(2023, 2, 28))], {FEB: 5}),
        ([flow("once", FEB, FEB)], {FEB: 5}),
        ([flow("month", FEB, D(2030, 1, 1))], {FEB: 5, MAR: 5}),
    ],
)
def test_money_of_a_schedule_comes_with_the_first_session_at_or_after_its_date(
    flows: Any, found: Any
) -> None:
    assert dated(flows, [JAN, FEB, MAR]) == found


def test_a_schedule_keeps_its_day_over_years_and_short_months() -> None:
    days = [D(2023, 10, 31) + timedelta(days=number) for number in range(600)]
    monthly = list(dated([flow("month", D(2023, 10, 31))], days))
    assert monthly[:6] == [
        D(2023, 10, 31), D(2023, 11, 30), D(2023, 12, 31), D(2024, 1, 31), D(2024, 2, 29),
        D(2024, 3, 31),
    ]  # fmt: skip
    assert list(dated([flow("quarter", D(2023, 11, 30))], days))[:3] == [
        D(2023, 11, 30), D(2024, 2, 29), D(2024, 5, 30),
    ]  # fmt: skip
    yearly = list(dated([flow("year", D(2023, 12, 31))], days))
    assert yearly == [D(2023, 12, 31), D(2024, 12, 31)]
    assert MONTHS == {"month": 1, "quarter": 3, "year": 12}


class World:
    """A history of three sessions, as far as the terms of an account look at it."""

    def __init__(self, currency: str = "KRW") -> None:
        self.currency = currency
        self.sessions = np.array([JAN, FEB, MAR], dtype="datetime64[D]")
        self.cash_rate = np.array([np.nan, 0.001, 0.002])
        self.decided = np.array([100, 200, 300], dtype=np.int64) * 86_400


def wanted(*days: date, currency: str = "KRW") -> list[ModelTarget]:
    target = Target(
        as_of=days[-1], executed=days[-1], currency=currency, weights={"CASH": 1.0}, due=False,
        reasons=(), quotes={}, band=0.05, min_trade=70, risk=frozenset(), risk_cap=None,
    )  # fmt: skip
    return [ModelTarget(day, None if day != days[-1] else target) for day in days]


def terms(world: World, *, quoted: Any = None, days: Any = (JAN, FEB, MAR), **keys: Any) -> Any:
    given = {"schema": 1, "name": "x", "cash": 1_000, **keys}
    settings = AccountFile.model_validate(given, strict=False)
    history: Any = world
    return terms_of(settings, wanted(*days, currency=world.currency), history, quoted)


def test_the_money_of_a_file_is_paid_in_and_out_in_the_smallest_unit() -> None:
    flows = {"amount": 5, "every": "once", "from": "2024-01-31"}
    later = {"amount": 7, "every": "month", "from": "2024-02-15"}
    for currency, unit in (("KRW", 1), ("USD", 100)):
        found = terms(
            World(currency), deposits=[flows, later], withdrawals=[later], parts=10,
            proceeds="reuse", costs={"fee_fixed": 3},
        )  # fmt: skip
        assert found.deposits == {JAN: 1_005 * unit, FEB: 7 * unit, MAR: 7 * unit}
        assert found.withdrawals == {FEB: 7 * unit, MAR: 7 * unit}
        assert (found.rules.fixed_fee, found.rules.min_trade) == (3 * unit, 70)
        assert (found.parts, found.proceeds, found.exchange) == (10, "reuse", None)
        assert found.start == Portfolio({}, 0, currency)
    assert terms(World()).deposits == {JAN: 1_000}


def test_cash_earns_nothing_a_rate_of_its_own_or_that_of_the_market() -> None:
    assert terms(World()).interest == {}
    assert terms(World(), interest="market").interest == {JAN: 0.0, FEB: 0.001, MAR: 0.002}
    # 29 days from session to session, both times
    own = terms(World(), interest="0.0365").interest
    assert own == pytest.approx({FEB: 0.0029, MAR: 0.0029})


@pytest.mark.parametrize("key", ["cash", "deposits", "withdrawals", "fee_least", "fee_fixed"])
def test_money_that_is_written_in_another_currency_is_refused(key: str) -> None:
    row = [{"amount": "$5", "every": "once", "from": "2024-02-29"}]
    given = {"cash": "$5", "deposits": row, "withdrawals": row}
    keys = {"costs": {key: "$5"}} if key.startswith("fee") else {key: given[key]}
    with pytest.raises(UsageError, match="USD"):
        terms(World(), **keys)
    assert terms(World("USD"), **keys).parts == 1


def rates(*values: float) -> Series:
    days = np.array(["2024-01-31", "2024-02-29", "2024-03-29"], dtype="datetime64[D]")
    known = np.array([100, 200, 300], dtype=np.int64)[-len(values) :] * 86_400
    return Series("usdkrw", "KRW per USD", days[-len(values) :], np.array(values), known)


def test_money_is_exchanged_at_the_rates_of_a_session_and_of_the_one_before_it() -> None:
    bank = {"owner": "KRW", "spread": "0.01"}
    found = terms(
        World("USD"), quoted=rates(1300.0, 1310.5, 1320.0), days=(FEB, MAR), exchange=bank
    )
    assert found.deposits == {FEB: 1_000}  # won, though the funds are in cents
    assert found.exchange == CurrencyExchange(
        owner="KRW", account="USD", spread=Decimal("0.01"),
        rates={JAN: Decimal("1300.0"), FEB: Decimal("1310.5"), MAR: Decimal("1320.0")},
        before={FEB: Decimal("1300.0"), MAR: Decimal("1310.5")},
    )  # fmt: skip
    for days, quoted, said in (
        ((JAN, FEB), rates(1300.0, 1310.5, 1320.0), "2024-01-31"),  # none before the first
        ((FEB, MAR), rates(1310.5, 1320.0), "2024-02-29"),
        ((FEB, MAR), rates(1320.0), "2024-02-29"),
        ((MAR,), rates(1320.0), "2024-03-29"),
    ):
        with pytest.raises(DataError, match=f"no rate on {said}"):
            terms(World("USD"), quoted=quoted, days=days, exchange=bank)
    assert terms(World("USD"), quoted=rates(1310.5, 1320.0), days=(MAR,), exchange=bank).exchange
    stale = rates(1300.0, 1310.5, 1320.0).until(100 * 86_400)  # known in January, too old later
    with pytest.raises(DataError, match="no rate on 2024-02-29"):
        terms(World("USD"), quoted=stale, days=(FEB,), exchange=bank)
    with pytest.raises(DataError, match="no series usdkrw"):
        terms(World("USD"), days=(FEB, MAR), exchange=bank)
    with pytest.raises(DataError, match="own currency"):
        terms(World(), quoted=rates(1300.0), exchange=bank)


def fill(side: Side, shares: int, price: int, fee: int, spread: int, tax: int = 0) -> AccountFill:
    return AccountFill(JAN, side, "A", shares, price, fee, spread, tax)


def session(day: date, worth: int, cash: int, fills: Any = (), **keys: Any) -> AccountDay:
    flows = {"interest": 0, "paid_in": 0, "deposit": 0, "paid_out": 0, "withdrawal": 0}
    given = {name: keys.pop(name) for name in list(keys) if name in (*flows, "exchanged")}
    return AccountDay(
        session=day,
        flows=DayFlows(**{**flows, "exchanged": 0, **given}),
        actions=keys.pop("actions", ()),
        fills=fills,
        portfolio=Portfolio({}, cash),
        owed=keys.pop("owed", 0),
        value=keys.pop("value", worth),
        worth=worth,
        orders=(),
        reasons=(),
        held_back=keys.pop("held_back", False),
    )


def played(parts: int = 1, begun: int = 800) -> AccountRun:
    buy, sell = fill(Side.BUY, 4, 100, 3, 2), fill(Side.SELL, 2, 150, 5, 7, 11)
    paid = CorporateAction("dividend", "A", 0, 13), CorporateAction("split", "A", 2, 99)
    days = (
        session(D(2022, 1, 3), 1_000, 250, (buy,), paid_in=200, interest=1, exchanged=4),
        session(D(2023, 1, 3), 1_500, 300, (), paid_out=100, interest=2, held_back=True),
        session(D(2024, 1, 3), 2_000, 500, (sell,), actions=paid, owed=6, exchanged=5),
    )
    terms = AccountTerms(start=Portfolio({}, 0), rules=TradeRules(), parts=parts)
    return AccountRun(terms=terms, begun=begun, days=days, approximate=False)


@pytest.mark.parametrize("parts", [1, 10])
def test_the_figures_of_an_account_are_sums_over_its_days(parts: int) -> None:
    found = account_figures(played(parts), sessions_per_year=1.0)
    assert (found.start, found.end) == (D(2022, 1, 3), D(2024, 1, 3))
    owner, costs = found.owner, found.costs
    assert (owner.paid_in, owner.paid_out) == (1_000 / parts, 100 / parts)
    assert (owner.unpaid, owner.worth, owner.gain) == (6 / parts, 2_000 / parts, 1_100 / parts)
    assert (costs.fees, costs.spread, costs.exchanged) == (8 / parts, 9 / parts, 9 / parts)
    assert (costs.interest, costs.dividends, costs.currency) == (3 / parts, 13 / parts, "KRW")
    trades = found.trades
    assert (trades.orders, trades.held_back) == (2, 1)
    assert trades.total_turnover == pytest.approx(0.5 * 700 / 1_500)
    assert trades.turnover == pytest.approx(trades.total_turnover / (730 / 365.2425))
    assert trades.cash == pytest.approx((0.25 + 0.2 + 0.25) / 3)


def test_the_return_of_the_mix_leaves_out_what_was_paid_in_and_out() -> None:
    run = played()
    # 800 and 200 stay 1,000; 900 become 1,500; 1,500 become 2,000
    units = [1.0, 1.0 * 1_500 / 900, 1_500 / 900 * 2_000 / 1_500]
    assert units_of(run) == pytest.approx(units)
    assert sessions_of(run).tolist() == [day.session for day in run.days]
    found = account_figures(run, sessions_per_year=1.0).returns
    assert found.total_return == pytest.approx(units[-1] - 1.0)
    assert found.time_weighted == pytest.approx(units[-1] ** (365.2425 / 730) - 1.0)
    # 1,000 paid in, of which 100 came back after a year: 1000 x^2 - 100 x = 2000
    grown = (100 + (100**2 + 4 * 1_000 * 2_000) ** 0.5) / 2_000
    assert found.money_weighted == pytest.approx(grown - 1.0, abs=1e-6)
    assert found.volatility == pytest.approx(np.std([0.0, 2 / 3, 1 / 3], ddof=1))
    assert found.max_drawdown == 0.0


def test_a_return_is_measured_from_before_the_first_session() -> None:
    days = (session(D(2022, 1, 3), 1_100, 0), session(D(2024, 1, 3), 1_210, 0))
    start = AccountTerms(start=Portfolio({}, 0), rules=TradeRules())
    run = AccountRun(terms=start, begun=1_000, days=days, approximate=False)
    found = account_figures(run, sessions_per_year=1.0).returns
    assert found.total_return == pytest.approx(0.21)
    assert found.time_weighted == pytest.approx(1.21 ** (365.2425 / 730) - 1.0)


def test_an_account_of_nothing_trades_nothing_and_lies_in_cash() -> None:
    days = tuple(session(day, 0, 0) for day in (JAN, FEB))
    terms = AccountTerms(start=Portfolio({}, 0), rules=TradeRules())
    run = AccountRun(terms=terms, begun=0, days=days, approximate=True)
    trades = account_figures(run, sessions_per_year=245.0).trades
    assert (trades.total_turnover, trades.cash) == (0.0, 1.0)
    document = account_document(run, sessions_per_year=245.0)
    assert document["turnover"] is None  # of less than a year
    assert document["prices"] == "approximate"


def test_the_document_of_an_account_is_flat_and_in_main_units() -> None:
    found = account_document(played(10), sessions_per_year=1.0)
    assert (found["start"], found["end"], found["prices"]) == ("2022-01-03", "2024-01-03", "raw")
    assert (found["owner"], found["currency"], found["paid_in"]) == ("KRW", "KRW", 100.0)
    assert [row[:2] for row in found["equity"]] == [
        ["2022-01-03", 100.0], ["2023-01-03", 150.0], ["2024-01-03", 200.0],
    ]  # fmt: skip
    assert found["equity"][0][2] == 1.0


def test_a_fill_and_a_run_say_what_they_moved() -> None:
    assert fill(Side.BUY, 4, 100, 3, 2).cash == -405
    assert fill(Side.SELL, 2, 150, 5, 7, 11).cash == 300 - 23
    run = played()
    assert "2022-01-03" in repr(run)
    assert "2024-01-03" in repr(run)
    assert "2000" in repr(run).replace(",", "").replace("_", "")
    assert "2000" in repr(run.days[-1]).replace(",", "").replace("_", "")


def test_results_of_distributions_are_gains_of_a_fund() -> None:
    def taxed(what: str, asset: str, gain: int) -> Taxed:
        return Taxed(JAN, what, "A", asset, gain, 0, 0, 0)

    rows = [taxed("distribution", "kr_equity_etf", 3), taxed("sale", "krx_other_etf", -2)]
    assert results_of(rows) == (Gain("fund", 3), Gain("krx_other_etf", -2))
    counts = [taxed("sale", "kr_equity_etf", 1), taxed("sale", "krx_other_etf", 1), *rows[:1]]
    assert [each.counts_in_isa for each in counts] == [False, True, True]


def test_an_account_is_sold_out_at_its_newest_closes() -> None:
    days = np.array([JAN], dtype="datetime64[D]")
    closes = np.array([[12_000.0, np.nan]])
    table = PriceTable("XKRX", "KRW", "raw", ("A", "B"), days, np.zeros(1, dtype=np.int64), closes)
    law = TaxRules(book=BOOK, account="general", kinds={"A": "krx_other_etf", "B": "us_etf"})
    rules = DayRules(
        events=PriceEvents((table,)), calendar=api.calendars()["XKRX"], buys=Tariff(),
        sells=Tariff(Decimal("0.01"), fixed_fee=109, spread=Decimal("0.002")), taxes=law, parts=10,
    )  # fmt: skip
    basis = {"A": Basis(Decimal(10_000), None), "B": Basis(Decimal(1), None)}
    state = AccountState(
        portfolio=Portfolio({"A": 1_000, "B": 7}, 500, unsettled={FEB: 250}),
        ledger=TaxLedger(basis),
    )
    found = liquidated(state, JAN, rules)
    # a hundred shares at 12,000, of which 200,000 is gained; costs of 120,000 + 109 + 12,000 parts
    assert (found.fees, found.tax) == (13_210, 30_800)
    assert found.money == (750 + 12_000_000 - 132_109 - 308_000) // 10
    assert [each.ticker for each in found.taxed] == ["A"]


def test_what_is_sold_out_is_sold_in_the_order_of_tickers() -> None:
    days = np.array([JAN], dtype="datetime64[D]")
    none = np.zeros(1, dtype=np.int64)
    table = PriceTable("XKRX", "KRW", "raw", ("A", "B"), days, none, np.array([[10.0, 10.0]]))
    law = TaxRules(book=BOOK, account="isa", kinds=dict.fromkeys("AB", "kr_equity_etf"))
    free = DayRules(
        events=PriceEvents((table,)), calendar=api.calendars()["XKRX"], buys=Tariff(),
        sells=Tariff(), taxes=law,
    )  # fmt: skip
    held = dict.fromkeys("BA", Basis(Decimal(9), None))
    state = AccountState(portfolio=Portfolio({"B": 2, "A": 1}, 0), ledger=TaxLedger(held))
    found = liquidated(state, JAN, free)
    assert [(each.ticker, each.gain) for each in found.taxed] == [("A", 1), ("B", 2)]
    assert (found.money, found.fees, found.tax) == (30, 0, 0)


def test_an_isa_pays_once_and_what_it_paid_abroad_is_credited() -> None:
    results = (Gain("fund", 11_000_000),)
    keys: dict[str, Any] = {"kind": "general", "results": results, "value": 50_000_000}
    plain = end_isa(BOOK, years=3, **keys)
    assert plain.tax == 891_000
    credited = end_isa(BOOK, years=3, foreign_tax=100_000, **keys)
    assert credited.tax < plain.tax
    assert len(credited.steps) > len(plain.steps)
    assert plain == end_isa(BOOK, years=3, foreign_tax=0, **keys)
    keys["results"] = ()
    none = end_isa(BOOK, years=3, foreign_tax=100_000, **keys)
    assert none == end_isa(BOOK, years=3, **keys)  # without a tax there is nothing to credit
    assert none.tax == 0


def test_a_pension_is_received_in_ten_equal_years() -> None:
    found = draw_pension(BOOK, credited=60_000_000, earnings=40_000_009, age=55)
    assert found.tax == 5_500_000
    less = draw_pension(BOOK, credited=60_000_000, earnings=-30_000_000, age=55)
    assert less.tax == 1_650_000
    assert draw_pension(BOOK, credited=5, earnings=-30_000_000, age=55).tax == 0
    credited = draw_pension(
        BOOK, credited=60_000_000, earnings=40_000_000, age=55, foreign_tax=1_000_000
    )
    assert 0 < credited.tax < 5_500_000
    assert credited.tax % 10 == 0
    assert len(credited.steps) > len(found.steps)
    nothing = draw_pension(BOOK, credited=0, earnings=0, age=55, foreign_tax=0)
    for owed, foreign in ((0, 1_000_000), (-1, 0), (-30_000_000, 1_000_000)):
        none = draw_pension(BOOK, credited=0, earnings=owed, age=55, foreign_tax=foreign)
        assert none == nothing
    assert found == draw_pension(
        BOOK, credited=60_000_000, earnings=40_000_009, age=55, foreign_tax=0
    )


@pytest.mark.parametrize(
    ("total", "national"), [(0, 0), (1, 10), (11, 10), (12, 20), (39_540, 35_950), (39_550, 35_960)]
)
def test_the_national_part_of_a_tax_is_ten_elevenths_rounded_up_to_ten_won(
    total: int, national: int
) -> None:
    assert national_of(BOOK, total) == national
    assert type(national_of(BOOK, total)) is int


def test_a_pension_begins_at_55_or_at_the_age_of_today() -> None:
    assert [pension_age(BOOK, age) for age in (30, 54, 55, 56)] == [55, 55, 55, 56]
