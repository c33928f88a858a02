"""Whether the runs of an account happen: what was missed, and what an old timer looks like."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner

from jeoul import api
from jeoul.cli.main import cli
from jeoul.operations.desk.intents import RunPlan, freeze
from jeoul.operations.ledger import NAME, open_ledger
from jeoul.operations.setup.clock import SystemClock
from jeoul.operations.setup.config import load_config
from jeoul.operations.setup.outcome import RunReport
from jeoul.operations.told.health import Health, due_session, health
from jeoul.operations.told.ledger_notes import LedgerNotes

SEOUL = ZoneInfo("Asia/Seoul")
CALENDAR = api.calendars()["XKRX"]
MONTHLY = [date(2026, 1, 30), date(2026, 2, 27), date(2026, 3, 31), date(2026, 4, 30)]


@pytest.fixture
def config(tmp_path: Path) -> Any:
    file = tmp_path / "c.toml"
    file.write_text(
        'schema = 1\nname = "a"\nprofile = "balanced"\nstate = "state"\nlang = "en"\n'
        '[broker]\nkind = "paper"\n[schedule]\nat = "09:10"\n',
        "utf-8",
    )
    (tmp_path / "state").mkdir()
    return load_config(file)


class Stop(NamedTuple):
    """A run that decided nothing."""

    session: date
    outcome: str


def after(
    config: Any,
    decided: Sequence[date],
    now: datetime,
    newest: date | None,
    stop: Stop | None = None,
) -> Health:
    """The health of an account that decided on these sessions."""
    ledger = open_ledger(config.state / NAME)
    for day in decided:
        executed = CALENDAR.after(day)
        at = datetime.combine(executed, time(9, 10), SEOUL)
        plan = RunPlan("a", "managed", day, executed, "x", {"reasons": []}, ())
        with ledger.transaction():
            freeze(ledger, int(at.timestamp()), plan)
    if stop is not None:
        notes = LedgerNotes(ledger, SystemClock(), "a", "managed", stop.session)
        notes.outcome(RunReport(stop.outcome, ("because",)))
    found = health(
        config, CALENDAR, now, ledger, strategy="managed", newest=newest, simulated=False
    )
    ledger.close()
    return found


@pytest.mark.parametrize(
    ("day", "at", "due"),
    [
        (6, time(9, 30), date(2026, 4, 30)),  # within the hour of Wednesday's run
        (6, time(10, 10), date(2026, 5, 4)),  # Tuesday was Children's Day
        (9, time(12), date(2026, 5, 7)),  # a Saturday: Friday's run is over
    ],
)
def test_a_session_is_due_an_hour_after_the_timer_of_the_next_one(
    config: Any, day: int, at: time, due: date
) -> None:
    now = datetime.combine(date(2026, 5, day), at, SEOUL)
    assert due_session(config, CALENDAR, now) == due


def test_an_account_that_ran_this_morning_is_fine(config: Any) -> None:
    now = datetime(2026, 5, 8, 12, tzinfo=SEOUL)
    found = after(config, [date(2026, 5, 6), date(2026, 5, 7)], now, date(2026, 5, 7))
    assert (found.exit_code, found.problems, found.missed) == (0, (), ())
    document = found.as_json()
    assert document["last_decided"] == "2026-05-07"
    assert document["next_run"] == "2026-05-11T09:10:00+09:00"
    assert document["ledger"]["rows"] == 2


def test_a_monthly_timer_is_named_where_sessions_are_missing(config: Any) -> None:
    now = datetime(2026, 5, 8, 12, tzinfo=SEOUL)
    found = after(config, MONTHLY, now, date(2026, 5, 7))
    assert found.exit_code == 5
    assert [str(day) for day in found.missed] == ["2026-05-04", "2026-05-06", "2026-05-07"]
    assert found.as_json()["old_timer"] == "month"
    said = "\n".join(found.problems)
    assert "No run decided on 3 sessions: 2026-05-04, 2026-05-06, 2026-05-07." in said
    assert "came once a month: an old timer may still be installed" in said


def test_a_missed_session_alone_is_not_an_old_timer(config: Any) -> None:
    now = datetime(2026, 5, 8, 12, tzinfo=SEOUL)
    found = after(config, [*MONTHLY, date(2026, 5, 4)], now, date(2026, 5, 7))
    assert [str(day) for day in found.missed] == ["2026-05-06", "2026-05-07"]
    assert found.timer is None
    assert len(found.problems) == 1


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", "schedule.every: has no effect since 0.2"),
        ("ko", "schedule.every: 실행할 때마다 모든 거래일을"),
    ],
)
def test_a_key_without_effect_is_said_in_the_language_of_the_config(
    config: Any, lang: str, said: str
) -> None:
    file = config.state.parent / "c.toml"
    text = file.read_text("utf-8").replace('"en"', f'"{lang}"') + 'every = "month"\n'
    file.write_text(text, "utf-8")
    day = date(2026, 5, 7)
    found = after(load_config(file), [day], datetime(2026, 5, 8, 9, 30, tzinfo=SEOUL), day)
    (problem,) = found.problems
    assert said in problem


@pytest.mark.parametrize(
    ("newest", "said"),
    [(date(2026, 5, 6), "end on 2026-05-06, but a run needs 2026-05-07"), (None, "cannot be read")],
)
def test_old_data_need_a_person(config: Any, newest: date | None, said: str) -> None:
    now = datetime(2026, 5, 8, 12, tzinfo=SEOUL)
    found = after(config, [date(2026, 5, 7)], now, newest)
    assert found.exit_code == 5
    assert said in found.problems[0]


@pytest.mark.parametrize(
    ("outcome", "code", "problems"), [("blocked_rule", 4, 0), ("blocked_data", 5, 1)]
)
def test_a_run_that_stopped_is_not_a_missed_session(
    config: Any, outcome: str, code: int, problems: int
) -> None:
    now = datetime(2026, 5, 8, 12, tzinfo=SEOUL)
    stop = Stop(date(2026, 5, 7), outcome)
    found = after(config, [date(2026, 5, 6)], now, date(2026, 5, 7), stop)
    assert (found.missed, found.exit_code, len(found.problems)) == ((), code, problems)
    document = found.as_json()
    assert document["last_stop"]["reasons"] == ["because"]
    decided_since = after(config, [date(2026, 5, 7)], now, date(2026, 5, 7))
    assert decided_since.as_json()["last_stop"] is None


def test_a_person_reads_the_zone_of_the_schedule_and_a_program_reads_iso(config: Any) -> None:
    """The ledger keeps UTC: 09:10 in Seoul must not be shown as ten past midnight."""
    after(config, [date(2026, 5, 6)], datetime(2026, 5, 7, 12, tzinfo=SEOUL), None)
    file = str(config.state.parent / "c.toml")
    shown = CliRunner().invoke(cli, ["health", file], catch_exceptions=False)
    values = dict(row.split(": ", 1) for row in shown.output.splitlines() if ": " in row)
    times = [value for value in values.values() if re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d ", value)]
    assert "2026-05-07 09:10 KST" in times, shown.output
    assert all(value.endswith(" KST") for value in times)
    document = json.loads(CliRunner().invoke(cli, ["health", file, "--json"]).stdout)
    assert document["next_run"].endswith("T09:10:00+09:00")
    assert shown.exit_code == 0, "the sample has no session after the last run"
