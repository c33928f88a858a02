"""A statement of several accounts: they add up, foreign money included, and say what was done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from books import DAYS, Books

from jeoul import api
from jeoul.account.price_events import PriceEvents
from jeoul.account.withholding import TaxRules
from jeoul.advice.person import Income
from jeoul.errors import DataError, UsageError
from jeoul.korea.tables import load_rules
from jeoul.market.market import Market
from jeoul.model.portfolio import Portfolio, Reason, Side
from jeoul.model.series import PriceTable, Series
from jeoul.operations.course import AccountCourse, course_of, course_of_files
from jeoul.operations.desk.intents import PlannedOrder, RunPlan, freeze
from jeoul.operations.ledger import open_ledger
from jeoul.operations.ledger.books import CASH, EXTERNAL, SHARES
from jeoul.operations.statement import Stated, StatementSpan, Whose, statement_of
from jeoul.operations.statement.decisions import decisions_of
from jeoul.operations.statement.taxes import Payer, Taxable, results_of
from jeoul.reporting.statement.facts import StatementFacts
from jeoul.reporting.text import Text

BOOK = load_rules(2026)
KINDS = {"A": "krx_other_etf", "B": "kr_equity_etf", "U": "us_etf"}
RATES = [1_300.0, 1_310.0, 1_290.0, 1_350.0, 1_400.0]
SUMS = (
    "opening", "value", "paid_in", "taken_out", "gain", "costs", "taxes", "distributions",
    "interest", "unexplained", "currency_gain",
)  # fmt: skip


def table(exchange: str, tickers: tuple[str, ...], closes: Any, **more: Any) -> PriceTable:
    days = np.array(DAYS, dtype="datetime64[D]")
    known = days.astype("datetime64[s]").astype(np.int64) + 7 * 3600
    currency = "KRW" if exchange == "XKRX" else "USD"
    close = np.array(closes, dtype=np.float64)
    return PriceTable(exchange, currency, "raw", tickers, days, known, close, **more)


def series(name: str, values: list[float]) -> Series:
    days = np.array(DAYS, dtype="datetime64[D]")
    known = days.astype("datetime64[s]").astype(np.int64) + 16 * 3600
    return Series(name, "KRW per USD", days, np.array(values), known)


PAID = [[0, 0], [0, 0], [3, 0], [0, 0], [0, 0]]


def market(**more: Any) -> Market:
    days = np.array(DAYS, dtype="datetime64[D]")
    seoul = table("XKRX", ("A", "B"), [[100, 50], [110, 50], [120, 60], [90, 55], [100, 50]],
                  dividends=np.array(PAID, dtype=np.float64))  # fmt: skip
    abroad = table("XNYS", ("U",), [[10.0], [10.5], [11.0], [10.0], [12.0]])
    found = {"usdkrw": series("usdkrw", RATES), **more.pop("series", {})}
    given = {"prices": (seoul, abroad), "series": found, **more}
    return cast(
        Market,
        SimpleNamespace(source="made", simulated=True, sessions=lambda _name: days, **given),
    )


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Books]:
    with closing(open_ledger(tmp_path / "ledger.sqlite3")) as ledger:
        yield Books(ledger)


def stated(
    books: Books | None,
    course: AccountCourse,
    name: str,
    exchange: str = "XKRX",
    kind: str = "general",
) -> Stated:
    tables = tuple(each for each in market().prices if each.exchange == exchange)
    taxable = Taxable(
        owner="minsu", kind=kind, events=PriceEvents(tables),
        rules=TaxRules(book=BOOK, account=kind, kinds=KINDS),
    )  # fmt: skip
    return Stated(
        id=name,
        title=Text(name, name),
        kind=kind,
        source="files" if books is None else "ledger",
        exchange=exchange,
        course=course,
        decisions=None if books is None else decisions_of(books.ledger, course.last),
        taxable=taxable,
        taxed=results_of(course, taxable),
    )


def statement(
    *accounts: Stated, along: Market | None = None, inflation: float | None = None, **span: date
) -> StatementFacts:
    return statement_of(
        accounts,
        Whose(name="home", title="Home", people={"minsu": Payer(income=Income(wages=62_000_000))}),
        market=along or market(),
        book=BOOK,
        names={},
        span=StatementSpan(**span),
        inflation=inflation,
    )


def at_home(books: Books) -> Stated:
    books.pay(DAYS[0], 10_000, "opening")
    books.trade(DAYS[1], Side.BUY, "A", 20, 110, 7)
    books.pay(DAYS[3], 500)
    return stated(books, books.course(market()), "home")


def abroad(folder: Path) -> Stated:
    """An account in dollars: 200 at first, ten shares in its books from the second day on."""
    ledger = open_ledger(folder / "abroad.sqlite3")
    books = Books(ledger)
    books.move(DAYS[1], "opening", {(CASH, "USD"): 20_000, (EXTERNAL, "USD"): -20_000})
    legs = {(CASH, "USD"): -10_500, (EXTERNAL, "USD"): 10_500, (SHARES, "U"): 10}
    books.move(DAYS[1], "adopted", {**legs, (EXTERNAL, "U"): -10})
    course = course_of(ledger, account="us", market=market(), calendar=api.calendars()["XNYS"])
    found = stated(books, course, "us", "XNYS", "overseas")
    ledger.close()
    return found


def test_the_accounts_add_up_to_the_whole(books: Books, tmp_path: Path) -> None:
    found = statement(at_home(books), abroad(tmp_path))
    assert len(found.accounts) == 2
    for name in SUMS:
        parts = [getattr(each.figures, name) for each in found.accounts]
        assert sum(parts) == getattr(found.figures, name), name
    assert found.figures.value == found.path[-1].value
    assert found.figures.gain == found.figures.value - found.path[-1].paid


def test_foreign_money_is_worth_the_rate_of_its_day(tmp_path: Path) -> None:
    figures = statement(abroad(tmp_path)).figures
    assert figures.paid_in == 200 * 1_310
    assert figures.value == (95 + 10 * 12) * 1_400
    assert figures.gain == 215 * 1_400 - 200 * 1_310


def test_the_return_of_foreign_money_has_a_part_of_the_fund_and_one_of_the_rate(
    tmp_path: Path,
) -> None:
    figures = statement(abroad(tmp_path)).figures
    of_dollars = 215 / 200 - 1.0
    assert figures.returns.currency == pytest.approx(1_400 / 1_310 - 1.0, rel=1e-12)
    whole = (1 + of_dollars) * (1 + figures.returns.currency) - 1.0
    assert figures.returns.total_return == pytest.approx(whole, rel=1e-12)
    kept = (205 * -20) + (195 * 60) + (215 * 50)  # the worth of each day times the rate's change
    assert figures.currency_gain == kept


def test_in_won_the_rate_makes_nothing(books: Books) -> None:
    figures = statement(at_home(books)).figures
    assert figures.returns.currency == 0.0
    assert figures.currency_gain == 0


def test_an_account_abroad_needs_its_rates(tmp_path: Path) -> None:
    without_rates = market()
    without_rates.series.clear()
    with pytest.raises(DataError, match="has no series usdkrw"):
        statement(abroad(tmp_path), along=without_rates)


def test_a_span_opens_with_the_close_before_it(books: Books) -> None:
    found = statement(at_home(books), start=DAYS[2], end=DAYS[3]).figures
    assert found.opening == 10_000 - 7
    assert found.value == 10_000 - 7 - 20 * 110 + 20 * 90 + 500
    assert (found.paid_in, found.costs, found.gain) == (500, 0, -400)
    assert (found.start, found.end) == (DAYS[2], DAYS[3])


def test_an_account_abroad_that_is_emptied_has_the_return_of_its_funds_and_of_the_rate(
    tmp_path: Path,
) -> None:
    ledger = open_ledger(tmp_path / "abroad.sqlite3")
    books = Books(ledger)
    legs = {(SHARES, "U"): 10, (EXTERNAL, "U"): -10}
    books.move(DAYS[1], "opening", {(CASH, "USD"): 20_000, (EXTERNAL, "USD"): -20_000})
    books.move(DAYS[1], "adopted", legs)
    out = {(CASH, "USD"): -20_000, (EXTERNAL, "USD"): 20_000}
    books.move(DAYS[3], "adopted", {**out, **{key: -count for key, count in legs.items()}})
    course = course_of(ledger, account="us", market=market(), calendar=api.calendars()["XNYS"])
    returns = statement(stated(books, course, "us", "XNYS", "overseas")).figures.returns
    ledger.close()
    of_dollars, of_rate = 300 / 305, 1_350 / 1_310
    assert returns.total_return == pytest.approx(of_dollars * of_rate - 1.0, rel=1e-12)
    assert returns.currency == pytest.approx(of_rate - 1.0, rel=1e-12)


def test_a_span_outside_the_accounts_is_refused(books: Books) -> None:
    account = at_home(books)
    with pytest.raises(UsageError, match="prices end on 2026-06-08"):
        statement(account, end=date(2026, 6, 9))
    with pytest.raises(UsageError, match="begin on 2026-06-01"):
        statement(account, end=date(2026, 5, 29))
    with pytest.raises(UsageError, match="no session"):
        statement(account, start=date(2026, 6, 6), end=date(2026, 6, 7))


def test_an_account_that_begins_after_the_span_is_not_in_it(books: Books, tmp_path: Path) -> None:
    found = statement(at_home(books), abroad(tmp_path), end=DAYS[0])
    assert [each.id for each in found.accounts] == ["home"]
    assert found.figures.value == 10_000


def frozen(books: Books, document: dict[str, Any], *orders: PlannedOrder) -> None:
    plan = RunPlan("main", "managed", DAYS[2], DAYS[3], "made", document, orders)
    with books.ledger.transaction():
        freeze(books.ledger, 90, plan)


def test_orders_are_held_against_their_fills(books: Books) -> None:
    books.pay(DAYS[0], 10_000, "opening")
    books.trade(DAYS[1], Side.BUY, "A", 20, 110, 7)
    books.trade(DAYS[3], Side.BUY, "B", 10, 62, 1, ordered=(30, 60))
    (account,) = statement(stated(books, books.course(market()), "home")).accounts
    done: Any = account.done
    assert (done.runs, done.orders, done.whole) == (2, 2, 1)
    assert (done.planned, done.filled) == (20 * 110 + 30 * 60, 20 * 110 + 620)
    assert done.slippage == 20
    (missed,) = done.missed
    assert (missed.code, missed.planned, missed.filled, missed.state) == ("B", 30, 10, "new")


def test_drift_is_half_of_what_the_weights_are_away_from_the_last_decision(books: Books) -> None:
    books.pay(DAYS[0], 4_000, "opening")
    books.trade(DAYS[0], Side.BUY, "A", 20, 100, 0)
    frozen(books, {"weights": {"A": 0.25, "B": 0.35, "CASH": 0.4}})
    (account,) = statement(stated(books, books.course(market()), "home")).accounts
    drift: Any = account.drift
    assert drift.session == DAYS[2]
    assert drift.drift == pytest.approx(0.35)
    now = {each.code: each.now for each in drift.weights}
    assert now == pytest.approx({"A": 0.5, "B": 0.0, "CASH": 0.5})


def test_part_of_a_household_plan_has_its_own_orders_as_target(books: Books) -> None:
    books.pay(DAYS[0], 4_000, "opening")
    books.trade(DAYS[0], Side.BUY, "A", 20, 100, 0)
    document = {
        "weights": {"A": 1.0}, "household": {}, "value": 4_400,
        "portfolio": {"shares": {"A": 20}, "cash": 2_000},
    }  # fmt: skip
    order = PlannedOrder(Side.SELL, "A", 5, 120, None, Reason.of("trade.calendar"))
    frozen(books, document, order)
    (account,) = statement(stated(books, books.course(market()), "home")).accounts
    drift: Any = account.drift
    assert drift.with_others
    targets = {each.code: each.target for each in drift.weights}
    assert targets == pytest.approx({"A": 15 * 120 / 4_400, "CASH": 1 - 15 * 120 / 4_400})


def test_a_plan_that_is_not_filled_yet_is_what_an_account_without_shares_drifts_from(
    books: Books,
) -> None:
    books.pay(DAYS[0], 4_000, "opening")
    document = {
        "weights": {"A": 1.0}, "household": {}, "value": 4_000,
        "portfolio": {"shares": {}, "cash": 4_000},
    }  # fmt: skip
    frozen(books, document, PlannedOrder(Side.BUY, "A", 20, 120, None, Reason.of("trade.calendar")))
    (account,) = statement(stated(books, books.course(market()), "home")).accounts
    drift: Any = account.drift
    assert drift.drift == pytest.approx(20 * 120 / 4_000)
    targets = {each.code: each.target for each in drift.weights}
    assert targets == pytest.approx({"A": 0.6, "CASH": 0.4})


def test_distributions_to_come_are_those_of_the_last_year_on_the_shares_of_today(
    books: Books,
) -> None:
    (account,) = statement(at_home(books)).accounts
    (paying,) = account.income or ()
    assert (paying.code, paying.shares, paying.per_share, paying.amount) == ("A", 20, 3.0, 60)


def test_prices_that_contain_distributions_say_nothing_of_them(books: Books) -> None:
    account = at_home(books)
    adjusted = tuple(replace(each, adjusted="total-return") for each in market().prices)
    (found,) = statement(account, along=market(prices=adjusted)).accounts
    assert found.income is None


def test_korean_prices_come_first_and_others_are_named(books: Books) -> None:
    account = at_home(books)
    korean, american = series("cpi_kr", [100, 100, 101, 101, 102]), series("cpi_us", [1] * 5)
    both: Any = statement(account, along=market(series={"cpi_us": american, "cpi_kr": korean}))
    assert (both.inflation.country, both.inflation.series) == ("KR", "cpi_kr")
    assert both.figures.returns.inflation == pytest.approx(0.02)
    total = both.figures.returns.total_return
    assert both.figures.returns.real_return == pytest.approx((1 + total) / 1.02 - 1)
    alone: Any = statement(account, along=market(series={"cpi_us": american}))
    assert alone.inflation.country == "US"
    given: Any = statement(account, along=market(series={"cpi_kr": korean}), inflation=0.5)
    assert given.inflation.series is None
    assert given.figures.returns.inflation == pytest.approx(1.5 ** (7 / 365.2425) - 1)
    assert statement(account).figures.returns.real_return is None


def files(held: dict[date, Portfolio]) -> AccountCourse:
    return course_of_files(held, account="files", market=market(), calendar=api.calendars()["XKRX"])


def test_dated_files_are_an_account_that_holds_what_each_says_until_the_next() -> None:
    course = files({DAYS[0]: Portfolio({"A": 10}, 500), DAYS[3]: Portfolio({"A": 4, "B": 8}, 700)})
    assert course.value.tolist() == [1_500, 1_600, 1_730, 1_500, 1_500]
    assert course.dividends.tolist() == [0, 0, 30, 0, 0]
    assert course.paid_in.tolist() == [1_500, 0, 0, 70, 0]
    assert course.adopted.tolist() == [0, 0, 0, 70, 0]
    (account,) = statement(stated(None, course, "files")).accounts
    assert (account.source, account.done, account.drift) == ("files", None, None)
    assert account.figures.gain == 1_500 - 1_570


def test_a_file_of_a_weekend_is_what_was_held_at_the_close_before() -> None:
    course = files({date(2026, 6, 7): Portfolio({}, 500)})
    assert course.first == DAYS[3]


def test_a_file_older_than_the_market_is_refused() -> None:
    with pytest.raises(DataError, match="has prices from 2026-06-01 on"):
        files({date(2026, 5, 29): Portfolio({}, 500)})


def test_what_the_law_takes_is_said_beside_what_was_withheld(books: Books) -> None:
    books.pay(DAYS[0], 100_000_000, "opening")
    books.trade(DAYS[0], Side.BUY, "A", 900_000, 100, 0)
    books.trade(DAYS[2], Side.SELL, "A", 900_000, 120, 0)
    found = statement(stated(books, books.course(market()), "home"))
    (year,) = found.taxes
    assert (year.person, year.year, year.whole) == ("minsu", 2026, False)
    assert year.withheld == 900_000 * 20 * 154 // 1000
    assert found.figures.taxes == 0


def test_what_a_pension_account_held_at_first_earns_no_credit(books: Books) -> None:
    books.pay(DAYS[0], 6_000_000, "opening")
    account = stated(books, books.course(market()), "pension", kind="pension_savings")
    (year,) = statement(account).taxes
    assert year.assessed is not None
    assert year.assessed.credit == 0
    books.pay(DAYS[2], 1_000_000)
    again = stated(books, books.course(market()), "pension", kind="pension_savings")
    again = replace(again, taxable=replace(again.taxable, deposits=again.decisions.deposits))
    (year,) = statement(again).taxes
    assert year.assessed is not None
    assert year.assessed.credit > 0
