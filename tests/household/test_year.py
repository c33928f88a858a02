"""A year's tax is the same whoever asks: account's day, year, comparison, statement, rules.

The years are drawn: prices, distributions, purchases and sales of four funds in a Korean and an
American account, payments into pension savings, and what the person earns beside them.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

import numpy as np
import pytest

from jeoul import api
from jeoul.account.day import (
    AccountState,
    DayOrder,
    DayResult,
    DayRules,
    Due,
    account_day,
)
from jeoul.account.exchange import CurrencyExchange
from jeoul.account.price_events import PriceEvents
from jeoul.account.withholding import Taxed, TaxRules
from jeoul.advice.holding import HeldRoute
from jeoul.advice.person import Income, LegalStatus
from jeoul.advice.saver import Saver, SaverPayment
from jeoul.advice.settling import settle
from jeoul.household.history.year import PersonYear, assess, of_accounts
from jeoul.korea.gains import Gain
from jeoul.korea.levy import floor
from jeoul.korea.rules import RULES
from jeoul.korea.tables import load_rules
from jeoul.korea.wages import income_wages
from jeoul.model.portfolio import Portfolio, Reason, Side
from jeoul.model.series import PriceTable
from jeoul.operations.course import AccountCourse, CourseFill, CoursePayment
from jeoul.operations.statement.taxes import (
    AccountResults,
    Payer,
    Taxable,
    assessed_year,
    results_of,
    withheld_in,
)
from jeoul.rebalance import Tariff

BOOK = load_rules(2026)
KINDS = {"A": "kr_equity_etf", "B": "krx_other_etf", "C": "krx_other_etf", "D": "krx_other_etf"}
RATE = Decimal(1300)
YEAR = 2025


@dataclass
class Drawn:
    """What a year's account days recorded, and what a person with a pencil made of the same."""

    taxed: list[Taxed] = field(default_factory=list)
    withheld: int = 0
    rules: int = 0
    results: list[Gain] = field(default_factory=list)
    stated: list[AccountResults] = field(default_factory=list)

    def state(self, passed: list[tuple[date, DayResult]], rules: DayRules, kind: str) -> None:
        """Keep what a statement makes of the same days, as a ledger would have them."""
        assert rules.taxes is not None
        taxable = Taxable(
            owner="", kind=kind, rules=rules.taxes, events=rules.events, exchange=rules.exchange
        )
        course = course_of_days(passed, rules)
        self.stated.append(AccountResults(taxable, results_of(course, taxable), course.first))


def course_of_days(passed: list[tuple[date, DayResult]], rules: DayRules) -> AccountCourse:
    """What the books of an account would say of days that passed."""
    tickers = rules.events.tables[0].tickers
    days = np.array([day for day, _ in passed], dtype="datetime64[D]")
    none = np.zeros(len(days), dtype=np.int64)
    held = [[each.state.portfolio.shares.get(t, 0) for t in tickers] for _, each in passed]
    fills, payments = [], []
    for day, each in passed:
        for fill in filter(None, each.fills):
            amount, fee = fill.shares * fill.price, fill.fee + fill.spread
            why = Reason.of("trade.calendar")
            fills.append(
                CourseFill(day, fill.side, fill.ticker, fill.shares, amount, fee, why, "run")
            )
        payments += [CoursePayment(day, a.ticker, a.cash) for a in each.actions]
    return AccountCourse(
        account="", currency=rules.events.tables[0].currency, sessions=days, value=none, cash=none,
        paid_in=none, taken_out=none, adopted=none, fees=none, taxes=none, dividends=none,
        interest=none, tickers=tickers, shares=np.array(held, dtype=np.int64),
        prices=rules.events.tables[0].close, traded=np.ones((len(days), len(tickers)), dtype=bool),
        unpriced=np.zeros(len(days), dtype=bool), fills=tuple(fills), approximate=False,
        payments=tuple(payments),
    )  # fmt: skip


def sessions(exchange: str) -> list[date]:
    calendar = api.calendars()[exchange]
    days = [day for day in calendar.sessions.astype(object).tolist() if day.year == YEAR]
    return days[:240:10]


def market(draw: Random, exchange: str, tickers: tuple[str, ...], unit: int) -> PriceEvents:
    days = sessions(exchange)
    shape = (len(days), len(tickers))
    rough = np.array([[draw.uniform(0.8, 1.25) for _ in tickers] for _ in days])
    close = np.round(10_000 / unit * np.cumprod(rough, axis=0) ** 0.7, 2 if unit == 100 else 0)
    paid = [[draw.choice([0.0, 0.0, draw.uniform(0, 0.03)]) for _ in tickers] for _ in days]
    dividends = np.round(close * np.array(paid), 2)
    base = np.round(close * np.array([[draw.uniform(0.9, 1.02) for _ in tickers] for _ in days]), 2)
    if "D" in tickers:
        base[:, tickers.index("D")] = np.nan  # nobody knows it: the whole gain is taxed
    table = PriceTable(
        exchange, "KRW" if unit == 1 else "USD", "raw", tickers,
        np.array(days, dtype="datetime64[D]"), np.zeros(len(days), dtype=np.int64), close,
        dividends, np.ones(shape), base if unit == 1 else None,
    )  # fmt: skip
    return PriceEvents((table,), unit)


def orders(draw: Random, held: dict[str, int], tickers: tuple[str, ...]) -> list[DayOrder]:
    found = []
    for ticker in tickers:
        if draw.random() < 0.4:
            found.append(DayOrder(Side.BUY, ticker, draw.randint(1, draw.choice([40, 400, 8000]))))
        elif held.get(ticker) and draw.random() < 0.6:
            found.append(DayOrder(Side.SELL, ticker, draw.randint(1, held[ticker])))
    return found


def korean(draw: Random, drawn: Drawn) -> None:
    """Trade four Korean funds; write down what `jeoul rules` says of each sale and payment."""
    tickers = ("A", "B", "C", "D")
    events = market(draw, "XKRX", tickers, 1)
    rules = DayRules(
        events=events, calendar=api.calendars()["XKRX"], buys=Tariff(), sells=Tariff(),
        taxes=TaxRules(book=BOOK, account="general", kinds=KINDS),
    )  # fmt: skip
    state = AccountState(portfolio=Portfolio({}, draw.choice([3, 30, 600]) * 10_000_000))
    books: dict[str, tuple[Decimal, Decimal]] = {}
    days = []
    for day in sessions("XKRX"):
        before = dict(state.portfolio.shares)
        passed = account_day(state, day, Due(), orders(draw, before, tickers), rules)
        days.append((day, passed))
        for action in passed.actions:
            drawn.rules += RULES["etf.distribution"](
                BOOK, kind=KINDS[action.ticker], amount=action.cash
            ).tax
        for fill in sorted(filter(None, passed.fills), key=lambda fill: fill.side is Side.BUY):
            base = events.tax_base(fill.ticker, day)
            now = Decimal(fill.price if base is None else repr(base))
            had = before.get(fill.ticker, 0)
            cost, cost_base = books.get(fill.ticker, (Decimal(0), Decimal(0)))
            if fill.side is Side.SELL:
                found = RULES["etf.sale"](
                    BOOK, kind=KINDS[fill.ticker], units=fill.shares, buy=cost,
                    sell=Decimal(fill.price), base_buy=cost_base, base_sell=now,
                )  # fmt: skip
                drawn.rules += found.tax
                drawn.results.append(Gain(KINDS[fill.ticker], found.taxable))
                before[fill.ticker] = had - fill.shares
                continue
            whole = had + fill.shares
            books[fill.ticker] = tuple(  # type: ignore[assignment]
                ((old * had + new * fill.shares) / whole).quantize(Decimal("0.0001"))
                for old, new in ((cost, Decimal(fill.price)), (cost_base, now))
            )
            before[fill.ticker] = whole
        drawn.taxed.extend(passed.taxed)
        state = passed.state
    drawn.withheld += sum(each.tax for each in drawn.taxed)
    drawn.state(days, rules, "general")


def american(draw: Random, drawn: Drawn) -> None:
    """Trade a fund in New York; its gains in won at the rate of each day, fees taken off."""
    days = sessions("XNYS")
    rates = {day: RATE + 10 * number for number, day in enumerate(days)}
    rules = DayRules(
        events=market(draw, "XNYS", ("U",), 100), calendar=api.calendars()["XNYS"],
        buys=Tariff(Decimal("0.001")), sells=Tariff(Decimal("0.001")),
        exchange=CurrencyExchange(owner="KRW", account="USD", rates=rates, before=rates),
        taxes=TaxRules(book=BOOK, account="general", kinds={"U": "us_etf"}),
    )  # fmt: skip
    state = AccountState(portfolio=Portfolio({}, 5_000_000, "USD"))
    cost = Decimal(0)
    mine: list[Any] = []
    lived = []
    for day in days:
        had = state.portfolio.shares.get("U", 0)
        passed = account_day(state, day, Due(), orders(draw, {"U": had}, ("U",)), rules)
        lived.append((day, passed))
        for fill in filter(None, passed.fills):
            won = floor(fill.cash * rates[day] / 100)
            if fill.side is Side.SELL:
                drawn.results.append(Gain("us_etf", won - floor(cost * fill.shares)))
            else:
                paid = floor(-fill.cash * rates[day] / 100)
                new = (Decimal(paid) / fill.shares).quantize(Decimal("0.0001"))
                whole = had + fill.shares
                cost = ((cost * had + new * fill.shares) / whole).quantize(Decimal("0.0001"))
        for action in passed.actions:
            dividend = RULES["us.dividend"](BOOK, gross=action.cash)
            found = next(each for each in passed.taxed if each.what == "distribution")
            assert found.taken == dividend.us_tax + dividend.kr_tax
            assert (
                passed.state.portfolio.money
                == state.portfolio.money
                + action.cash
                - found.taken
                + sum(fill.cash for fill in passed.fills if fill)
            )
        mine.extend(passed.taxed)
        state = passed.state
    drawn.taxed.extend(mine)
    drawn.state(lived, rules, "overseas")


@pytest.mark.parametrize("seed", range(200))
def test_a_random_year_has_one_tax(seed: int) -> None:
    draw = Random(seed)
    drawn = Drawn()
    korean(draw, drawn)
    american(draw, drawn)
    financial, abroad = of_accounts(drawn.taxed, YEAR)
    health = draw.choice(["employee", "self_employed", "dependant"])
    wages, other = draw.choice([30_000_000, 62_000_000, 180_000_000]), 0
    if health == "self_employed":  # the comparison knows one figure of such a person
        wages, other = 0, draw.choice([40_000_000, 90_000_000])
    elsewhere = draw.choice([0, 0, 8_000_000, 30_000_000])
    savings = draw.choice([1_000_000, 6_000_000, 18_000_000])

    income = Income(wages=wages, other=other, taxable=other or None, financial=elsewhere)
    year = PersonYear(
        year=YEAR, income=income, status=LegalStatus(health=health),
        financial=financial, overseas=abroad, savings=savings,
    )  # fmt: skip
    found = assess(BOOK, year)
    household = drawn.withheld + found.overseas + found.comprehensive

    base = other or income_wages(BOOK, wages=wages).base
    before, after = (
        RULES["income.financial"](BOOK, financial=amount, other_income=base)
        for amount in (elsewhere, elsewhere + financial)
    )
    rules = drawn.rules + RULES["us.settle"](BOOK, gains=abroad).tax
    rules += after.extra + after.local_extra - before.extra - before.local_extra
    assert household == rules

    saver = Saver(
        monthly=1, wages=wages, other_income=base, financial_income=elsewhere, health=health
    )
    paid = [SaverPayment(0, date(YEAR, 1, 2), savings)]
    at_sale = sum(each.income for each in drawn.taxed if each.what == "sale")
    assert [one for each in drawn.stated for one in each.taxed] == drawn.taxed
    korean_account, american_account = drawn.stated
    end = date(YEAR, 12, 31)
    assert withheld_in([korean_account], YEAR, end) == drawn.withheld
    on_dividends = sum(each.tax for each in american_account.taxed)
    assert withheld_in(drawn.stated, YEAR, end) == drawn.withheld + on_dividends
    pension_account = AccountResults(
        replace(korean_account.taxable, kind="pension_savings", paid={YEAR: savings}), (), end
    )
    payer = Payer(income=income, status=LegalStatus(health=health))
    assert assessed_year([*drawn.stated, pension_account], payer, BOOK, YEAR, end) == found

    held = HeldRoute(values=(0,), results=tuple(drawn.results), income={YEAR: financial - at_sale})
    compared = settle(BOOK, saver, "general", held, paid, date(YEAR, 12, 30))
    distributed = sum(each.tax for each in drawn.taxed if each.what == "distribution")
    on_korean = distributed - sum(each.tax for each in drawn.taxed if each.asset == "us_etf")
    assert compared.tax == household - on_korean  # it takes those out of the shares held
    assert compared.health == found.health
    pension = settle(
        BOOK, saver, "pension_savings", HeldRoute(values=(savings,), results=()), paid,
        date(YEAR, 12, 30),
    )  # fmt: skip
    if elsewhere + financial <= 20_000_000:
        assert pension.credits == found.credit
    assert sum(each.amount for each in found.payments) == found.total


def test_what_is_there_anyway_is_not_asked_of_the_accounts() -> None:
    """4 M of gains elsewhere owe 330,000 won alone; with 3 M more it is 990,000."""
    year = PersonYear(year=YEAR, overseas_elsewhere=4_000_000, overseas=(3_000_000,))
    assert assess(BOOK, year).overseas == 660_000
    lost = PersonYear(year=YEAR, overseas_elsewhere=4_000_000, overseas=(-1_000_000,))
    assert assess(BOOK, lost).overseas == -220_000


def test_somebody_without_wages_has_the_credit_back_by_30_june() -> None:
    income = Income(other=60_000_000)
    found = assess(BOOK, PersonYear(year=YEAR, income=income, savings=6_000_000))
    assert [(each.day, each.what) for each in found.payments] == [(date(2026, 6, 30), "credit")]


def test_premiums_are_unknown_only_where_income_could_count() -> None:
    small, large = (
        assess(BOOK, PersonYear(year=YEAR, financial=amount)).health
        for amount in (10_000_000, 10_000_001)
    )
    assert (small, large) == (0, None)
