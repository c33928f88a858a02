"""Timers at their edges: which sessions, which minutes, both starts, and the rhythm of old ones."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from jeoul.model.calendar import Calendar
from jeoul.operations.setup.calendar import missed, rhythm, runs_on
from jeoul.operations.setup.config import Config, load_config
from jeoul.operations.setup.schedule import SYSTEMS, entries, next_runs
from jeoul.operations.setup.starts import (
    MONDAYS,
    WORKDAYS,
    SecondStart,
    TimerNeeds,
    WeeklyStart,
    timer_needs,
)

SEOUL = ZoneInfo("Asia/Seoul")
AFTERNOON = SecondStart(time(14, 50), "Asia/Seoul")


def exchange(
    days: list[date], closes: list[str] | None = None, zone: str = "Asia/Seoul"
) -> Calendar:
    """An exchange that is open from nine on some days, until half past three or as said."""

    def at(day: date, clock: str) -> int:
        local = datetime.combine(day, time.fromisoformat(clock), ZoneInfo(zone))
        return int(local.timestamp())

    ends = closes or ["15:30"] * len(days)
    return Calendar(
        name="X",
        timezone=zone,
        sessions=np.array(days, dtype="datetime64[D]"),
        opens=np.array([at(day, "09:00") for day in days]),
        closes=np.array([at(day, end) for day, end in zip(days, ends, strict=True)]),
        confirmed=days[-1],
    )


def every(start: date, step: int, count: int) -> list[date]:
    return [start + timedelta(days=step * n) for n in range(count)]


WEEK = every(date(2026, 3, 2), 1, 5)


def config_of(folder: Path, schedule: str = "", broker: str = 'kind = "paper"') -> Config:
    file = folder / "c.toml"
    file.write_text(
        'schema = 1\nname = "a"\nprofile = "balanced"\nstate = "s"\n'
        f"[broker]\n{broker}\n[schedule]\n{schedule}\n",
        "utf-8",
    )
    return load_config(file)


# -- sessions --------------------------------------------------------------------------------------


def test_a_run_looks_at_the_session_before_so_that_the_first_one_has_none() -> None:
    calendar = exchange(WEEK)
    assert list(runs_on(calendar, date(2026, 1, 1))) == WEEK[1:]
    assert list(runs_on(calendar, WEEK[0])) == WEEK[1:]
    assert list(runs_on(calendar, WEEK[1])) == WEEK[2:]
    assert list(runs_on(calendar, date(2026, 3, 1))) == WEEK[1:]
    assert list(runs_on(calendar, WEEK[-1])) == []
    confirmed = replace(calendar, confirmed=WEEK[2])
    assert list(runs_on(confirmed, date(2026, 1, 1))) == WEEK[1:3]


def test_what_lies_between_two_decisions_was_missed() -> None:
    calendar = exchange(WEEK)
    assert missed(calendar, WEEK[0], WEEK[4]) == WEEK[1:4]
    assert missed(calendar, WEEK[1], WEEK[4]) == WEEK[2:4]
    assert missed(calendar, WEEK[0], WEEK[1]) == []


MONTHS = [date(2025, 11, 3), date(2025, 12, 1), date(2026, 1, 2), date(2026, 2, 2)]


@pytest.mark.parametrize(
    ("executed", "expected"),
    [
        (MONTHS, "month"),
        (MONTHS[1:], None),
        ([date(2025, 10, 31), date(2025, 11, 3), *MONTHS[2:]], None),
        ([date(2024, 12, 2), *MONTHS[1:]], None),  # a year apart
        ([date(2025, 12, 26), *MONTHS], "month"),  # the newest four count
        (every(date(2026, 3, 2), 7, 4), "week"),
        (every(date(2026, 3, 6), 7, 4), "week"),
        ([date(2026, 3, 6), date(2026, 3, 9), date(2026, 3, 20), date(2026, 3, 23)], "week"),
        ([date(2026, 3, 2), date(2026, 3, 6), date(2026, 3, 9), date(2026, 3, 16)], None),
        ([date(2026, 3, 2), date(2026, 3, 9), date(2026, 3, 16), date(2026, 3, 30)], None),
        (every(date(2026, 3, 2), 1, 4), None),
        ([date(2026, 2, 25), *every(date(2026, 3, 2), 7, 4)], "week"),
    ],
)
def test_runs_once_a_week_or_a_month_show_a_rhythm(
    executed: list[date], expected: str | None
) -> None:
    """Each was decided on the day before."""
    decided = [day - timedelta(days=1) for day in executed]
    calendar = exchange(sorted({*decided, *executed}))
    assert rhythm(calendar, decided) == expected


# -- starts ----------------------------------------------------------------------------------------


def test_the_weeks_of_a_year_begin_on_its_mondays() -> None:
    mondays = [day for day in every(date(2026, 1, 1), 1, 365) if day.weekday() == 0]
    assert list(MONDAYS) == mondays
    assert WORKDAYS == (0, 1, 2, 3, 4)


@pytest.mark.parametrize(
    ("at", "zone", "here", "start", "days"),
    [
        ("14:50", "Asia/Seoul", "Asia/Seoul", "14:50", (0, 1, 2, 3, 4)),
        ("14:50", "Asia/Seoul", "America/New_York", "00:50", (0, 1, 2, 3, 4)),
        ("13:50", "Asia/Seoul", "America/New_York", "23:50", (6, 0, 1, 2, 3)),
        ("15:20", "America/New_York", "Asia/Seoul", "04:20", (1, 2, 3, 4, 5)),
        ("14:50", "Asia/Seoul", "Pacific/Kiritimati", "19:50", (0, 1, 2, 3, 4)),
    ],
)
def test_a_start_in_another_zone_is_at_its_earliest_hour_of_the_year(
    at: str, zone: str, here: str, start: str, days: tuple[int, ...]
) -> None:
    second = SecondStart(time.fromisoformat(at), zone)
    assert second.weekly(here) == WeeklyStart(time.fromisoformat(start), days)


TOSS = 'kind = "toss"\n[cash]\nproceeds = "reuse"'


@pytest.mark.parametrize(
    ("at", "zone", "again"),
    [
        ("14:49", "Asia/Seoul", True),
        ("14:50", "Asia/Seoul", False),
        ("14:51", "Asia/Seoul", False),
        ("02:50", "Asia/Seoul", True),  # half a day before
        ("02:49", "Asia/Seoul", False),
        ("20:00", "America/New_York", True),  # of the day before, there
    ],
)
def test_a_second_start_comes_at_most_half_a_day_after_the_first(
    tmp_path: Path, at: str, zone: str, again: bool
) -> None:
    config = config_of(tmp_path, f'at = "{at}"\ntimezone = "{zone}"', TOSS)
    needs = timer_needs([config], exchange(WEEK))
    assert needs == TimerNeeds(AFTERNOON if again else None, 300.0)


def test_the_usual_close_is_that_of_the_newest_two_hundred_and_fifty_sessions(
    tmp_path: Path,
) -> None:
    config = config_of(tmp_path, "", TOSS)
    for early, start in ((124, "15:20"), (125, "15:20"), (126, "11:20")):
        closes = ["12:00"] * 300 + ["16:00"] * (250 - early) + ["12:00"] * early
        calendar = exchange(every(date(2024, 1, 1), 1, len(closes)), closes)
        assert timer_needs([config], calendar).second == SecondStart(
            time.fromisoformat(start), "Asia/Seoul"
        )
    old = exchange(every(date(2024, 1, 1), 1, 251), ["12:00"] + ["16:00", "15:30"] * 125)
    assert timer_needs([config], old).second == SecondStart(time(15, 20), "Asia/Seoul")


def test_sales_are_watched_for_all_accounts_that_reuse_their_money(tmp_path: Path) -> None:
    paper = config_of(tmp_path)
    assert timer_needs([paper], exchange(WEEK)) == TimerNeeds(None, 0.0)
    settled = config_of(tmp_path, "", 'kind = "toss"')
    reused = config_of(tmp_path, "", TOSS.replace("\n", "\nfill_wait = 90.0\n", 1))
    assert timer_needs([settled], exchange(WEEK)) == TimerNeeds(None, 0.0)
    assert timer_needs([paper, settled, reused, reused], exchange(WEEK)) == TimerNeeds(
        AFTERNOON, 180.0
    )


# -- the next runs ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "first"),
    [
        ("2026-03-03T09:09:59", "03-03 09:10"),
        ("2026-03-03T09:10:00", "03-03 14:50"),
        ("2026-03-03T14:49:59", "03-03 14:50"),
        ("2026-03-03T14:50:00", "03-04 09:10"),
        ("2026-03-03T23:59:59", "03-04 09:10"),
        ("2026-03-03T00:00:00", "03-03 09:10"),
    ],
)
def test_a_start_is_ahead_until_its_minute(tmp_path: Path, now: str, first: str) -> None:
    config = config_of(tmp_path)
    at = datetime.fromisoformat(now).replace(tzinfo=SEOUL)
    for instant in (at, at.astimezone(UTC), at.astimezone(ZoneInfo("America/Los_Angeles"))):
        found = next_runs(config, exchange(WEEK), instant, 1, AFTERNOON)
        assert [f"{run:%m-%d %H:%M}" for run in found] == [first]


def test_ten_runs_are_shown_and_fewer_where_holidays_are_not_known(tmp_path: Path) -> None:
    config = config_of(tmp_path)
    now = datetime(2026, 3, 1, tzinfo=SEOUL)
    assert len(next_runs(config, exchange(every(date(2026, 3, 2), 1, 30)), now)) == 10
    assert len(next_runs(config, exchange(WEEK), now)) == 4
    assert len(next_runs(config, exchange(WEEK), now, 3)) == 3
    both = next_runs(config, exchange(WEEK), now, 20, AFTERNOON)
    assert both == sorted(both)
    assert len(both) == 8


def test_a_start_at_an_exchange_in_the_west_is_ahead_after_midnight_here(tmp_path: Path) -> None:
    """15:20 of Tuesday in New York is 05:20 of Wednesday in Seoul, until March the eighth."""
    config = config_of(tmp_path)
    calendar = exchange(WEEK, zone="America/New_York")
    second = SecondStart(time(15, 20), "America/New_York")
    now = datetime(2026, 3, 4, 1, tzinfo=SEOUL)
    found = next_runs(config, calendar, now, 2, second)
    assert [f"{run:%m-%d %H:%M}" for run in found] == ["03-04 05:20", "03-04 09:10"]


# -- what is written -------------------------------------------------------------------------------


def text_of(config: Config, system: str, needs: Any = None) -> str:
    made = entries(config, "/j", system, (), needs or TimerNeeds())
    return "\n".join(entry.text for entry in made)


@pytest.mark.parametrize(("watched", "minutes"), [(0.0, 30), (1.0, 31), (60.0, 31), (61.0, 32)])
def test_a_run_may_last_half_an_hour_and_what_it_watches(
    tmp_path: Path, watched: float, minutes: int
) -> None:
    config, needs = config_of(tmp_path), TimerNeeds(None, watched)
    assert f"TimeoutStartSec={minutes}min" in text_of(config, "systemd", needs)
    assert f"PT{minutes}M<" in text_of(config, "windows", needs)


@pytest.mark.parametrize(
    ("at", "zone", "start", "cron"),
    [
        ("09:10", "Asia/Seoul", "2026-01-05T09:10:00+09:00", "10 0 * * 1-5"),
        ("08:40", "Asia/Seoul", "2026-01-05T08:40:00+09:00", "40 23 * * 0-4"),
        ("20:00", "America/New_York", "2026-01-05T20:00:00-05:00", "0 1 * * 2-6"),
        ("08:00", "Australia/Sydney", "2026-01-05T08:00:00+10:00", "0 22 * * 0-4"),
        ("12:00", "UTC", "2026-01-05T12:00:00+00:00", "0 12 * * 1-5"),
    ],
)
def test_where_clocks_are_moved_a_start_is_at_its_latest(
    tmp_path: Path, at: str, zone: str, start: str, cron: str
) -> None:
    config = config_of(tmp_path, f'at = "{at}"\ntimezone = "{zone}"')
    assert f"<StartBoundary>{start}</StartBoundary>" in text_of(config, "windows")
    assert f'cron: "{cron}"' in text_of(config, "github")


def test_a_second_start_before_monday_and_after_friday_is_on_its_own_days(tmp_path: Path) -> None:
    needs = TimerNeeds(SecondStart(time(15, 20), "America/New_York"))
    config = config_of(tmp_path)
    assert "20 4 * * 2,3,4,5,6 /j" in text_of(config, "cron", needs)
    assert '"20 19 * * 1,2,3,4,5"' in text_of(config, "github", needs)
    plist = text_of(config, "launchd", needs)
    assert plist.count("<key>Weekday</key>") == 10
    assert "<integer>6</integer><key>Hour</key><integer>4</integer>" in plist
    there = config_of(tmp_path, 'timezone = "America/New_York"')
    before = TimerNeeds(SecondStart(time(13, 50), "Asia/Seoul"))
    assert "50 23 * * 0,1,2,3,4 /j" in text_of(there, "cron", before)
    sunday = TimerNeeds(SecondStart(time(8, 0), "Asia/Seoul"))
    assert '"0 23 * * 0,1,2,3,4"' in text_of(config, "github", sunday)
    assert text_of(config, "github").count("cron:") == 1
    assert text_of(config, "launchd").count("<key>Weekday</key>") == 5


@pytest.mark.parametrize(
    ("at", "line"),
    [("09:10", "10 9-15 * * 1-5"), ("15:05", "5 15-15 * * 1-5"), ("16:00", "0 16-16 * * 1-5")],
)
def test_cron_starts_every_hour_of_the_session(tmp_path: Path, at: str, line: str) -> None:
    assert f"\n{line} /j" in text_of(config_of(tmp_path, f'at = "{at}"'), "cron")


def test_a_workflow_hands_over_the_secrets_that_there_are(tmp_path: Path) -> None:
    assert "env:" not in text_of(config_of(tmp_path), "github")
    config = config_of(tmp_path, "", 'kind = "toss"\n[notify]\nurls = "ADDRESSES"')
    text = text_of(config, "github")
    assert [line.strip() for line in text.partition("env:\n")[2].splitlines() if line] == [
        f"{name}: ${{{{ secrets.{name} }}}}"
        for name in ("TOSS_CLIENT_ID", "TOSS_CLIENT_SECRET", "TOSS_ACCOUNT", "ADDRESSES")
    ]
    assert "sqlcipher3" not in text


def test_a_path_keeps_its_signs_in_every_timer(tmp_path: Path) -> None:
    folder = tmp_path / 'a "b" 100%'
    folder.mkdir()
    config = config_of(folder)
    assert '\\"b\\" 100%%' in text_of(config, "systemd")
    assert r"100\%" in text_of(config, "cron")
    assert '<Command>/j</Command><Arguments>run "' in text_of(config, "windows")
    assert f"<string>{config.path}</string>" in text_of(config, "launchd")
    assert set(SYSTEMS) == {"systemd", "cron", "launchd", "windows", "github"}
