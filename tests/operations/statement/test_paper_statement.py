"""The statement of a paper account is the figures of its backtest over the same sessions."""

from __future__ import annotations

from contextlib import closing
from datetime import date
from math import isnan
from pathlib import Path

import pytest
from paper_days import DEAR, ONLINE, both_whole

from jeoul import api
from jeoul.account.figures import account_figures, units_of
from jeoul.operations.course import Course, course_of
from jeoul.operations.ledger import NAME, open_ledger
from jeoul.operations.statement.spans import figures_between
from jeoul.operations.statement.worth import worth_of


def course(folder: Path) -> Course:
    with closing(open_ledger(folder / "state" / NAME)) as ledger:
        return course_of(
            ledger, account="parity", market=api.open_market(), calendar=api.calendars()["XKRX"]
        )


@pytest.mark.parametrize("fees", [ONLINE, DEAR], ids=["a rate", "least, fixed and spread"])
def test_a_paper_account_has_the_figures_of_its_backtest(tmp_path: Path, fees: str) -> None:
    start, end = date(2011, 4, 18), date(2011, 6, 10)
    calendar = api.calendars()["XKRX"]
    deposits = {
        calendar.after(start): 1_000_000,
        calendar.label(calendar.index(end) - 5): 2_500_000,
    }
    run, _, _ = both_whole(tmp_path, None, "managed", start, end, deposits, fees)
    wanted = account_figures(run, sessions_per_year=250.0)
    found = course(tmp_path)
    count = len(run.days)
    assert found.sessions[:count].astype(object).tolist() == [day.session for day in run.days]
    assert found.value[:count].tolist() == [day.worth for day in run.days]
    assert found.unit[:count].tolist() == units_of(run).tolist()
    worth = worth_of(found, found.sessions, {})
    figures = figures_between(worth, None, end, lambda _start, _end: None)
    assert figures is not None
    assert (figures.start, figures.end) == (wanted.start, wanted.end)
    assert figures.value == wanted.owner.worth
    assert figures.paid_in == wanted.owner.paid_in
    assert figures.taken_out == wanted.owner.paid_out
    assert figures.gain == wanted.owner.gain
    assert figures.costs == wanted.costs.fees + wanted.costs.spread
    assert figures.distributions == wanted.costs.dividends
    assert figures.returns.total_return == wanted.returns.total_return
    assert isnan(figures.returns.time_weighted) == isnan(wanted.returns.time_weighted)
    assert isnan(figures.returns.money_weighted) == isnan(wanted.returns.money_weighted)
