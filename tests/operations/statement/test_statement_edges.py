"""A statement of accounts that begin, end or lack a price within its days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise
from math import nan
from types import SimpleNamespace
from typing import Any

import pytest
from made_course import BOOK, DAYS, FRI, MON, NEXT, THU, TUE, course, rates, table, taxable

from jeoul.errors import UsageError
from jeoul.korea.rulebook import Rulebook
from jeoul.operations.course import AccountCourse
from jeoul.operations.statement import Stated, StatementSpan, Whose, statement_of
from jeoul.operations.statement.decisions import DecidedOrder, Decisions, Newest
from jeoul.reporting.statement.facts import StatementFacts
from jeoul.reporting.text import Text

STILL = table({"A": (100.0,) * 5}, dividends={"A": (0, 3, 0, 0, 0)})
ABROAD = table({"U": (10.0,) * 5}, "XNYS", dividends={"U": (0, 2, 0, 0, 0)})


def stated(
    name: str,
    own: AccountCourse,
    decisions: Decisions | None = None,
    exchange: str = "XKRX",
) -> Stated:
    return Stated(
        id=name, title=Text(name, name), kind="general", source="ledger", exchange=exchange,
        course=own, decisions=decisions, taxable=taxable(STILL), taxed=(),
    )  # fmt: skip


def statement(
    *accounts: Stated, series: Any = None, book: Rulebook = BOOK, **span: date
) -> StatementFacts:
    market: Any = SimpleNamespace(
        series=series or {}, prices=(STILL, ABROAD), simulated=False, source="made"
    )
    return statement_of(
        accounts,
        Whose(name="home", title="Home", left_out=("gone",), undated=("old",)),
        market=market,
        book=book,
        names={},
        span=StatementSpan(**span),
    )


def money(name: str, days: Sequence[date], cash: Sequence[int]) -> Stated:
    paid = [cash[0], *(now - then for then, now in pairwise(cash))]
    return stated(name, course({}, cash=cash, days=days, paid_in=paid))


LONG = money("long", DAYS, (100, 120, 120, 150, 190))


@pytest.mark.parametrize(
    ("first", "end", "there"),
    [(TUE, TUE, True), (THU, TUE, False), (MON, TUE, True), (THU, date(2026, 6, 3), False)],
)
def test_an_account_is_stated_once_it_has_begun(first: date, end: date, *, there: bool) -> None:
    days = DAYS[DAYS.index(first) :]
    found = statement(LONG, money("late", days, (7,) * len(days)), end=end)
    assert [each.id for each in found.accounts] == ["long", "late"][: 1 + there]


def test_an_account_s_own_figures_begin_with_its_first_session() -> None:
    found = statement(LONG, money("late", (THU, FRI, NEXT), (7, 7, 9)))
    late = found.accounts[1]
    assert (late.figures.start, late.figures.opening, late.figures.value) == (THU, 0, 9)
    assert [each.start for each in late.windows if each.name == "all"] == [THU]
    assert (late.session, found.figures.start) == (NEXT, MON)
    assert (found.left_out, found.undated, found.rates) == (("gone",), ("old",), None)


@pytest.mark.parametrize("end", [MON, date(2026, 6, 3), NEXT])
def test_a_statement_may_end_on_any_day_of_the_accounts(end: date) -> None:
    assert statement(LONG, end=end).figures.end == end
    assert statement(LONG).figures.end == NEXT


@pytest.mark.parametrize(
    ("end", "why"),
    [(date(2026, 6, 9), "prices end on 2026-06-08"), (date(2026, 5, 31), "begin on 2026-06-01")],
)
def test_a_statement_ends_within_them(end: date, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        statement(LONG, end=end)


@pytest.mark.parametrize(("rules_of", "law"), [(None, 2026), (2025, 2025)])
def test_a_statement_names_the_year_whose_law_it_counts_by(rules_of: int | None, law: int) -> None:
    assert statement(LONG, book=replace(BOOK, rules_of=rules_of)).law == law


def test_the_path_has_the_value_the_money_and_the_unit_of_each_session() -> None:
    found = statement(LONG, start=TUE, end=date(2026, 6, 7)).path
    assert [(each.day, each.value, each.paid) for each in found] == [
        (TUE, 120, 120),
        (THU, 120, 120),
        (FRI, 150, 150),
    ]
    assert [each.unit for each in found] == pytest.approx([1.0, 1.0, 1.0])
    whole = statement(LONG, start=MON).path
    assert [each.paid for each in whole] == [100, 120, 120, 150, 190]


@pytest.mark.parametrize(
    ("end", "unpriced"),
    [(MON, ("B",)), (TUE, ("B", "C")), (FRI, ("B", "C")), (NEXT, ("B", "C", "D"))],
)
def test_a_fund_that_was_held_without_a_price_is_named(
    end: date, unpriced: tuple[str, ...]
) -> None:
    prices = {code: [nan if day == place else 1.0 for day in range(5)]
              for code, place in (("B", 0), ("C", 1), ("D", 4), ("E", 2))}  # fmt: skip
    shares = {
        "B": (1, 0, 0, 0, 0),
        "C": (0, 2, 0, 0, 0),
        "D": (0, 0, 0, 0, -1),
        "E": (1, 1, 0, 1, 1),
    }
    own = stated("own", course(shares, prices, cash=(9,) * 5))
    (found,) = statement(own, end=end).accounts
    assert found.unpriced == unpriced


def decided(*days: date) -> Decisions:
    orders = tuple(DecidedOrder("run", day, "BUY", "A", 1, 100, 1, 110, "filled") for day in days)
    newest = Newest(MON, "run", {"weights": {"CASH": 1.0}})
    return Decisions(orders, days, newest, {})


def test_what_was_decided_is_that_of_the_span_in_won() -> None:
    own = course({"U": (4,) * 5}, {"U": (10,) * 5}, cash=(100,) * 5, currency="USD")
    series = {"usdkrw": rates([1_300.0, 1_310.0, 1_290.0, 1_350.0, 1_400.0])}
    us = stated("us", own, decided(MON, TUE, FRI, NEXT), "XNYS")
    found = statement(us, LONG, series=series, start=TUE, end=FRI)
    (account, other) = found.accounts
    assert account.done is not None
    assert (account.done.orders, account.done.planned, account.done.slippage) == (2, 2_700, 270)
    assert account.drift is not None
    assert account.drift.drift == pytest.approx(40 / 140)
    assert [(each.code, each.amount) for each in account.income or ()] == [("U", 4 * 2 * 1_350)]
    assert (other.done, other.drift) == (None, None)
    assert (found.rates, account.session) == ("usdkrw", FRI)


def test_what_a_fund_pays_is_looked_up_on_the_account_s_own_exchange() -> None:
    home = stated("home", course({"A": (2,) * 5, "U": (5,) * 5}))
    (found,) = statement(home).accounts
    assert [(each.code, each.amount) for each in found.income or ()] == [("A", 6)]
