"""The statement of a paper account is the figures of its backtest over the same sessions."""

from __future__ import annotations

import os
from contextlib import closing
from datetime import date
from math import isnan
from pathlib import Path
from typing import Any

import pytest
from paper_days import DEAR, ONLINE, both_whole

from jeoul import api
from jeoul.account.figures import account_figures, units_of
from jeoul.account.records import AccountRun
from jeoul.operations.course import AccountCourse, course_of
from jeoul.operations.ledger import NAME, open_ledger
from jeoul.operations.statement.spans import figures_between
from jeoul.operations.statement.worth import worth_of
from jeoul.reporting.statement.facts import Returns


def course(folder: Path, market: str | None) -> AccountCourse:
    with closing(open_ledger(folder / "state" / NAME)) as ledger:
        return course_of(
            ledger,
            account="parity",
            market=api.open_market(market),
            calendar=api.calendars()["XKRX"],
        )


def compare(found: AccountCourse, run: AccountRun) -> Returns:
    """Hold a course against the backtest's account; return the returns of the same sessions."""
    wanted = account_figures(run, sessions_per_year=250.0)
    count = len(run.days)
    assert found.sessions[:count].astype(object).tolist() == [day.session for day in run.days]
    assert found.value[:count].tolist() == [day.worth for day in run.days]
    assert found.unit[:count].tolist() == units_of(run).tolist()
    worth = worth_of(found, found.sessions, {})
    figures = figures_between(worth, None, run.days[-1].session, lambda _start, _end: None)
    assert figures is not None
    assert (figures.start, figures.end) == (wanted.start, wanted.end)
    assert figures.value == wanted.owner.worth
    assert figures.paid_in == wanted.owner.paid_in
    assert figures.taken_out == wanted.owner.paid_out
    assert figures.gain == wanted.owner.gain
    assert figures.costs == wanted.costs.fees + wanted.costs.spread
    assert figures.distributions == wanted.costs.dividends
    assert figures.returns.total_return == wanted.returns.total_return
    for name in ("time_weighted", "money_weighted"):
        mine, theirs = getattr(figures.returns, name), getattr(wanted.returns, name)
        assert mine == theirs or (isnan(mine) and isnan(theirs)), name
    return figures.returns


@pytest.mark.parametrize("fees", [ONLINE, DEAR], ids=["a rate", "least, fixed and spread"])
def test_a_paper_account_has_the_figures_of_its_backtest(tmp_path: Path, fees: str) -> None:
    start, end = date(2011, 4, 18), date(2011, 6, 10)
    calendar = api.calendars()["XKRX"]
    deposits = {
        calendar.after(start): 1_000_000,
        calendar.label(calendar.index(end) - 5): 2_500_000,
    }
    run, _, _ = both_whole(tmp_path, None, "managed", start, end, deposits, fees)
    compare(course(tmp_path, None), run)


@pytest.mark.slow
@pytest.mark.skipif("JEOUL_MARKET" not in os.environ, reason="JEOUL_MARKET names no folder")
def test_over_more_than_a_year_of_real_prices(tmp_path: Path) -> None:
    start, end = date(2020, 1, 2), date(2021, 2, 26)
    folder = os.environ["JEOUL_MARKET"]
    deposits: dict[date, Any] = {date(2020, 4, 1): 5_000_000}
    run, _, _ = both_whole(tmp_path, folder, "managed", start, end, deposits)
    returns = compare(course(tmp_path, folder), run)
    assert not isnan(returns.time_weighted)
    assert not isnan(returns.money_weighted)
