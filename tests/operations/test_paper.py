"""The paper account: money that is put in by date arrives with a session."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from harness import QuickClock, tape

from jeoul import api
from jeoul.operations.broker.paper import PaperBroker, PaperRules

TUESDAY, FRIDAY, MONDAY = date(2025, 3, 4), date(2025, 3, 7), date(2025, 3, 10)


def arrived(folder: Any, deposits: Any, *until: Any) -> Any:
    broker = PaperBroker(
        folder / "paper.sqlite3", tape(), api.calendars()["XKRX"], QuickClock(), start=1_000,
        rules=PaperRules(deposits=deposits),
    )  # fmt: skip
    for day in until:
        broker.catch_up(day)
    found = [(movement.session, movement.cash) for movement in broker.movements()]
    assert broker.account().cash == 1_000 + sum(amount for _, amount in found)
    broker.close()
    return found


@pytest.mark.parametrize("day", [date(2025, 3, 8), date(2025, 3, 9), MONDAY])
def test_a_deposit_comes_in_on_the_first_session_from_its_date(tmp_path: Path, day: date) -> None:
    assert arrived(tmp_path, {day: 500}, TUESDAY, FRIDAY, MONDAY) == [(MONDAY, 500)]


def test_each_deposit_comes_in_once_however_many_sessions_are_caught_up(tmp_path: Path) -> None:
    deposits = {date(2025, 3, 8): 500, date(2025, 3, 9): 30, TUESDAY: 7}
    expected = [(TUESDAY, 7), (MONDAY, 500), (MONDAY, 30)]
    assert arrived(tmp_path, deposits, TUESDAY, date(2025, 3, 14)) == expected
    assert arrived(tmp_path, deposits, date(2025, 3, 20)) == expected


def test_what_was_put_in_before_the_account_began_is_in_its_start(tmp_path: Path) -> None:
    holiday, before = date(2025, 3, 3), date(2025, 2, 28)
    assert arrived(tmp_path, {before: 500, holiday: 30}, TUESDAY, FRIDAY) == [(TUESDAY, 30)]
