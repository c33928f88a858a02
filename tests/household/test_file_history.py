"""A household's file along the sample: moved back, planned on its dates, taxed as any other."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from tests.household.homes import home

from jeoul.household.gathering.gathered import Gathered
from jeoul.household.history.figures import history_figures
from jeoul.household.history.file_history import file_history, quarterly
from jeoul.household.history.moved import moved_file, years_back
from jeoul.household.history.planned import do_nothing
from jeoul.household.planning.fast import plan_fast
from jeoul.household.problem.records import Household, Moves
from jeoul.korea.tables import load_rules
from jeoul.market import Market

BOOK = load_rules(2026)
FLOW = '\n[[flows]]\namount = 1_000_000\nevery = "month"\nfrom = 2026-07-25\n'


def fast(household: Household) -> Moves:
    return plan_fast(household).moves


def test_everything_dated_moves_by_whole_years(tmp_path: Path) -> None:
    file = home(tmp_path, more=FLOW)
    years = years_back(file, date(2026, 6, 30), date(2020, 1, 2))
    then = moved_file(file, years)
    assert years == -6
    assert then.people["minsu"].born == date(1986, 5, 11)
    assert then.people["minsu"].age_on(date(2020, 1, 2)) == 33
    assert then.accounts["isa"].paid.opened == date(2018, 3, 2)
    assert then.accounts["isa"].paid.paid == {2018: 5_000_000, 2020: 1_000_000}
    assert then.flows[0].start == date(2020, 7, 25)


def test_no_account_is_opened_after_it_begins(tmp_path: Path) -> None:
    """A file of 2026 beside data that end in 2024: its ISA of March 2024 is as old all the same."""
    file = home(tmp_path)
    first = date(2022, 1, 3)
    then = moved_file(file, years_back(file, date(2024, 6, 28), first))
    opened = [each.paid.opened for each in then.accounts.values() if each.paid.opened]
    assert max(opened) <= first


@pytest.fixture(scope="module")
def planned(sample: Market, tmp_path_factory: pytest.TempPathFactory):  # type: ignore[no-untyped-def]
    file = home(tmp_path_factory.mktemp("home"), more=FLOW)
    span = quarterly(sample, date(2023, 1, 2), date(2023, 10, 31), overseas=True)
    seen: list[Gathered] = []
    run = file_history(file, span, fast, market=sample, book=BOOK, watch=seen.append)
    nothing = file_history(file, span, do_nothing, market=sample, book=BOOK)
    return run, nothing, seen, span


def test_it_is_planned_on_the_first_session_of_each_quarter(planned) -> None:  # type: ignore[no-untyped-def]
    _, _, seen, span = planned
    days = [each.as_of for each in seen]
    assert days == sorted(span.planned)
    assert [(day.year, day.month) for day in days] == [(2023, 1), (2023, 4), (2023, 7), (2023, 10)]


def test_orders_are_filled_the_session_after_and_only_then(planned) -> None:  # type: ignore[no-untyped-def]
    run, nothing, _, span = planned
    traded = {day.session for day in run.days for each in day.accounts.values() if each.fills}
    after = {next(s for s in span.sessions if s > day and s.weekday() < 5) for day in span.planned}
    assert traded
    # an exchange that is closed on that session fills on its next one
    assert all(min((each - day).days for day in span.planned if day < each) <= 5 for each in traded)
    assert traded & after
    assert not any(each.fills for day in nothing.days for each in day.accounts.values())


def test_accounts_begin_with_what_they_are_worth_today(planned, sample: Market) -> None:  # type: ignore[no-untyped-def]
    run, nothing, seen, _ = planned
    assert run.begun == nothing.begun
    worth = sum(
        each.shares * next(f.price for f in seen[0].household.funds if f.code == each.fund)
        for each in seen[0].household.positions
    ) + sum(each.cash + each.due for each in seen[0].household.accounts)
    assert run.begun == pytest.approx(worth, rel=0.01)


def test_new_money_is_paid_in_and_earns_credits(planned) -> None:  # type: ignore[no-untyped-def]
    run, nothing, *_ = planned
    assert run.end.money < nothing.end.money == 10_000_000
    figures = history_figures(run)
    assert figures.credit > history_figures(nothing).credit
    assert figures.paid_in == run.begun + 10_000_000


def test_the_law_of_each_kind_holds_along_the_way(planned) -> None:  # type: ignore[no-untyped-def]
    run, *_ = planned
    paid = {"isa": 20_000_000 * 6, "pension": 18_000_000, "irp": 18_000_000}
    for each in run.end.accounts:
        assert each.in_hand <= each.worth
        assert each.paid_in <= paid.get(each.id, each.paid_in)
