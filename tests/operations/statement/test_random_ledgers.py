"""The figures of random ledgers equal pyxirr and a second count, in every span."""

from __future__ import annotations

from datetime import date, timedelta
from math import isnan
from pathlib import Path
from random import Random
from typing import Any, cast

import pytest
from books import Books
from random_books import SUMS, Told, write_random

from jeoul.model.calendar import Days
from jeoul.operations.course import AccountCourse
from jeoul.operations.ledger import open_ledger
from jeoul.operations.statement.spans import figures_between, windows_to
from jeoul.operations.statement.worth import AccountsWorth, worth_of
from jeoul.reporting.statement.facts import Returns, SpanFigures

NEAR = 1e-9
FEW, MANY, FULL = range(60), range(60, 300), range(300, 1_000)


def unknown(_start: date, _end: date) -> float | None:
    return None


def course_of_life(seed: int, folder: Path) -> tuple[AccountCourse, Told]:
    ledger = open_ledger(folder / "ledger.sqlite3")
    cast("Any", ledger.store).connection.execute(
        "PRAGMA synchronous=OFF"
    )  # a power cut may take a test's ledger
    books = Books(ledger)
    market, told = write_random(books, seed)
    course = books.course(market)
    ledger.close()
    return course, told


def worth(course: AccountCourse) -> AccountsWorth:
    sessions: Days = course.sessions
    return worth_of(course, sessions, {})


def same(found: float, wanted: float | None) -> bool:
    if wanted is None or isnan(wanted):
        return isnan(found)
    return abs(found - wanted) <= NEAR * max(1.0, abs(wanted))


def check_span(figures: SpanFigures, told: Told, base: date, first: int, last: int) -> None:
    assert figures.opening == (told.value[first - 1] if first else 0)
    assert figures.value == told.value[last]
    for name in SUMS:
        assert getattr(figures, name) == told.total(name, first, last), name
    gain = told.value[last] - figures.opening - sum(told.flow[first : last + 1])
    assert figures.gain == gain
    check_returns(figures.returns, told, base, first, last)


def check_returns(found: Returns, told: Told, base: date, first: int, last: int) -> None:
    unit, days = told.grown(first, last), (told.days[last] - base).days
    assert same(found.total_return, unit - 1.0)
    money = told.yearly_of_money(base, first, last)
    if days >= 365:
        assert same(found.time_weighted, unit ** (365.2425 / days) - 1.0)
        assert same(found.money_weighted, money)
    else:
        assert isnan(found.time_weighted)
        assert isnan(found.money_weighted)
    if money is not None and days and abs(money) < 1e6:
        assert abs(found.money_return - ((1.0 + money) ** (days / 365.0) - 1.0)) < 1e-7


def check_life(seed: int, folder: Path) -> None:
    course, told = course_of_life(seed, folder)
    assert course.value.tolist() == told.value
    assert course.flows.tolist() == told.flow
    along = worth(course)
    last = len(told.days) - 1
    end = told.days[last]
    whole: Any = figures_between(along, None, end, unknown)
    check_span(whole, told, told.days[0], 0, last)
    for window in windows_to(along, end, unknown):
        if window.returns is not None and window.name != "all":
            check_returns(window.returns, told, window.start, told.first_after(window.start), last)
    draw = Random(seed)
    for _ in range(3):
        first = draw.randrange(1, last)
        until = draw.randrange(first, last + 1)
        start = told.days[first]
        found: Any = figures_between(along, start, told.days[until], unknown)
        check_span(found, told, start - timedelta(days=1), first, until)


@pytest.mark.parametrize("seed", FEW)
def test_a_random_ledger_has_the_figures_of_a_second_count(seed: int, tmp_path: Path) -> None:
    check_life(seed, tmp_path)


@pytest.mark.parametrize(
    "seed",
    [
        *(pytest.param(seed, marks=pytest.mark.slow) for seed in MANY),
        *(pytest.param(seed, marks=pytest.mark.full) for seed in FULL),
    ],
)
def test_many_random_ledgers_have_the_figures_of_a_second_count(seed: int, tmp_path: Path) -> None:
    check_life(seed, tmp_path)
