"""The calendars against maintained libraries, announcements, and the days on which prices exist."""

from __future__ import annotations

import csv
import importlib.util
import os
import subprocess
import sys
import warnings
from datetime import date, datetime, time, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import holidays
import numpy as np
import pytest
from holidays.constants import HALF_DAY
from hypothesis import given, settings
from hypothesis import strategies as st

from jeoul.errors import BeyondData, DataError, UsageError
from jeoul.market.calendars import (
    COLUMNS,
    load_calendar,
    load_facts,
    read_facts,
)
from jeoul.model.calendar import Calendar, instant, moment

ROOT = Path(__file__).resolve().parents[2]
SEOUL, NEW_YORK = ZoneInfo("Asia/Seoul"), ZoneInfo("America/New_York")
FIRST = {"XKRX": "1995-01-01", "XNYS": "1990-01-01"}
LAST = date(2027, 12, 31)


def days(texts: str) -> set[date]:
    return {date.fromisoformat(text) for text in texts.split()}


def sessions(calendar: Calendar) -> set[date]:
    return set(calendar.sessions.tolist())


def closed(calendar: Calendar, year: int) -> set[date]:
    """Return the weekdays of a year on which there is no session."""
    start = date(year, 1, 1)
    whole = {start + timedelta(n) for n in range(366) if (start + timedelta(n)).year == year}
    return {day for day in whole if day.weekday() < 5} - sessions(calendar)


def local_hours(calendar: Calendar) -> dict[date, tuple[time, time]]:
    """Return local opening and closing times, converted back from the instants one by one."""
    zone = ZoneInfo(calendar.timezone)
    found = {}
    for place in range(len(calendar)):
        session = calendar.session(place)
        opens, closes = (moment(at).astimezone(zone) for at in (session.opens, session.closes))
        assert opens.date() == closes.date() == session.label
        found[session.label] = (opens.time(), closes.time())
    return found


def local(day: str, clock: str, zone: ZoneInfo) -> datetime:
    return datetime.combine(date.fromisoformat(day), time.fromisoformat(clock), zone)


@pytest.fixture(scope="module")
def generator() -> Any:
    """Return data/generators/calendars.py as a module."""
    spec = importlib.util.spec_from_file_location(
        "calendar_tables", ROOT / "data/generators/calendars.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # exchange_calendars warns while it is imported
        spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def xcals(generator: Any) -> Any:
    """Return the local hours of both exchanges according to exchange_calendars."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return {
            name: {
                day: hours
                for day, hours in generator.asked_hours(name, start).items()
                if day <= LAST
            }
            for name, start in FIRST.items()
        }


@pytest.fixture(scope="module")
def market_days(market_folder: Path) -> Any:
    """Return the rows of signals.csv in the real folder."""
    with (market_folder / "signals.csv").open(encoding="utf-8", newline="") as file:
        return [{**row, "date": date.fromisoformat(row["date"])} for row in csv.DictReader(file)]


class TestAgainstExchangeCalendars:
    def test_new_york_has_the_same_sessions(self, xcals: Any) -> None:
        assert sessions(load_calendar("XNYS")) == set(xcals["XNYS"])

    def test_seoul_differs_on_the_days_listed_here_and_no_other(self, xcals: Any) -> None:
        ours, theirs = sessions(load_calendar("XKRX")), set(xcals["XKRX"])
        elections_unknown_to_it = days("1995-06-27 1996-04-11 1998-06-04 2026-06-03")
        last_of_three_days_at_year_end = days(
            "1995-12-28"
        )  # the market closed the year on the 27th
        public_holidays_act_of_2026 = days("2026-07-17 2027-05-03 2027-07-19")
        assert theirs - ours == (
            elections_unknown_to_it | last_of_three_days_at_year_end | public_holidays_act_of_2026
        )
        # Its weekmask of six days for the years before 1998-12-07 yields no Saturday.
        assert {day.weekday() for day in ours - theirs} == {5}
        assert max(ours - theirs) == date(1998, 12, 5)

    def test_hours_of_new_york_differ_on_six_days_without_a_rule(self, xcals: Any) -> None:
        ours = local_hours(load_calendar("XNYS"))
        differing = {day for day, hours in xcals["XNYS"].items() if ours[day] != hours}
        assert differing == days(
            "1994-02-11 1995-12-18 1996-01-08 1997-10-27 2002-09-11 2005-06-01"
        )

    def test_hours_of_seoul_differ_where_its_rules_end_or_begin_too_early(self, xcals: Any) -> None:
        ours = local_hours(load_calendar("XKRX"))
        shared = ours.keys() & xcals["XKRX"].keys()
        short_first_sessions = days("1995-01-03 1996-01-03 1997-01-03 1999-01-04")
        first_session_missed_after_a_special_closure = days("2000-01-04")
        shifted_by_half_an_hour_not_an_hour = days("1998-11-18")
        tests_after_its_list_ends = days(
            "2021-11-18 2022-11-17 2023-11-16 2024-11-14 2025-11-13 2026-11-19 2027-11-18"
        )
        assert {day for day in shared if ours[day] != xcals["XKRX"][day]} == (
            short_first_sessions
            | first_session_missed_after_a_special_closure
            | shifted_by_half_an_hour_not_an_hour
            | tests_after_its_list_ends
        )


class TestAgainstHolidays:
    def test_new_york_is_closed_on_the_same_days(self) -> None:
        known = holidays.financial_holidays("XNYS", years=range(1990, 2028))
        calendar = load_calendar("XNYS")
        ours = set().union(*(closed(calendar, year) for year in range(1990, 2028)))
        assert ours == {day for day in known if day.weekday() < 5}

    def test_seoul_is_closed_on_the_same_days_but_for_the_year_2000(self) -> None:
        known = holidays.financial_holidays("XKRX", years=range(2000, 2028))
        calendar = load_calendar("XKRX")
        ours = set().union(*(closed(calendar, year) for year in range(2000, 2028)))
        year_2000_problem, three_days_at_year_end = (
            days("2000-01-03"),
            days("2000-12-27 2000-12-28"),
        )
        assert ours - set(known) == year_2000_problem | three_days_at_year_end
        assert set(known) - ours == set()

    def test_before_2000_seoul_adds_labor_day_and_year_end_to_the_public_holidays(self) -> None:
        public = set(holidays.country_holidays("KR", years=range(1995, 2000)))
        ours = sessions(load_calendar("XKRX"))
        assert public & ours == set()
        weekdays = set().union(*(closed(load_calendar("XKRX"), year) for year in range(1995, 2000)))
        labor_days = days("1995-05-01 1996-05-01 1997-05-01 1998-05-01")
        assert {day for day in weekdays - public if day.month != 12} == labor_days
        year_ends = {day for day in weekdays - public if day.month == 12}
        assert year_ends == days(
            "1995-12-28 1995-12-29 1996-12-30 1996-12-31 1997-12-29 1997-12-30 1997-12-31 "
            "1998-12-29 1998-12-30 1998-12-31 1999-12-29 1999-12-30 1999-12-31"
        )

    def test_new_york_has_the_same_half_days_besides_five_disruptions(self) -> None:
        known = holidays.financial_holidays("XNYS", years=range(1990, 2028), categories=(HALF_DAY,))
        usual = (time(9, 30), time(16))
        special = {
            day for day, hours in local_hours(load_calendar("XNYS")).items() if hours != usual
        }
        assert set(known) - special == set()
        assert special - set(known) == days(
            "1995-12-18 1996-01-08 1997-10-27 2002-09-11 2005-06-01"
        )


class TestAgainstPrices:
    @pytest.mark.parametrize(("name", "flag"), [("XNYS", "is_nyse_day"), ("XKRX", "is_krx_day")])
    def test_the_flags_agree_from_their_first_day_on(
        self, name: str, flag: str, market_days: Any
    ) -> None:
        flagged = {row["date"] for row in market_days if row[flag] == "1"}
        first, last = min(flagged), max(flagged)
        ours = {day for day in sessions(load_calendar(name)) if first <= day <= last}
        assert len(flagged) > 5000
        assert ours == flagged

    def test_before_the_flags_the_kospi_200_has_a_value_on_every_session_but_two(
        self, market_days: Any
    ) -> None:
        valued = {row["date"] for row in market_days if row["kospi200"]}
        start, end = date(1995, 1, 1), date(2002, 10, 13)
        ours = {day for day in sessions(load_calendar("XKRX")) if start <= day <= end}
        assert {day for day in valued if start <= day <= end} - ours == set()
        missing = {day for day in ours - valued if day.weekday() < 5}  # the file has no Saturdays
        # Two days after the lunar new year: a gap of the file, both libraries have sessions.
        assert missing == days("1995-02-02 1995-02-03")

    def test_vix_has_a_value_on_every_session_before_1993_but_one(self, market_days: Any) -> None:
        valued = {row["date"] for row in market_days if row["vix"]}
        ours = {day for day in sessions(load_calendar("XNYS")) if day < date(1993, 1, 1)}
        assert ours - valued == days("1991-03-01")  # a gap of the file
        assert {day for day in valued if day < date(1993, 1, 1)} - ours == set()


class TestAnnouncedFacts:
    @pytest.mark.parametrize(
        ("year", "expected"),
        [
            (
                2025,  # with the temporary holidays of 01-27 and 06-03
                "01-01 01-27 01-28 01-29 01-30 03-03 05-01 05-05 05-06 06-03 06-06 08-15 10-03 "
                "10-06 10-07 10-08 10-09 12-25 12-31",
            ),
            (
                2026,  # seventeen days, with the two that common libraries have open: 06-03, 07-17
                "01-01 02-16 02-17 02-18 03-02 05-01 05-05 05-25 06-03 07-17 08-17 09-24 09-25 "
                "10-05 10-09 12-25 12-31",
            ),
            (
                2027,  # substitutes on 05-03 and 07-19 by the Act on Public Holidays of 2026
                "01-01 02-08 02-09 03-01 05-03 05-05 05-13 07-19 08-16 09-14 09-15 09-16 10-04 "
                "10-11 12-27 12-31",
            ),
        ],
    )
    def test_closures_of_seoul(self, year: int, expected: str) -> None:
        listed = " ".join(f"{year}-{day}" for day in expected.split())
        assert closed(load_calendar("XKRX"), year) == days(listed)

    @pytest.mark.parametrize(
        ("year", "expected", "one_o_clock"),
        [  # press releases of NYSE Group of 2024-11-08 and 2025-12-23; 2025-01-09 was mourning
            (
                2025,
                "01-01 01-09 01-20 02-17 04-18 05-26 06-19 07-04 09-01 11-27 12-25",
                "07-03 11-28 12-24",
            ),
            (
                2026,
                "01-01 01-19 02-16 04-03 05-25 06-19 07-03 09-07 11-26 12-25",
                "11-27 12-24",
            ),
            (2027, "01-01 01-18 02-15 03-26 05-31 06-18 07-05 09-06 11-25 12-24", "11-26"),
        ],
    )
    def test_closures_and_half_days_of_new_york(
        self, year: int, expected: str, one_o_clock: str
    ) -> None:
        calendar = load_calendar("XNYS")
        assert closed(calendar, year) == days(" ".join(f"{year}-{day}" for day in expected.split()))
        hours = local_hours(calendar)
        early = {day for day in hours if day.year == year and hours[day][1] == time(13)}
        assert early == days(" ".join(f"{year}-{day}" for day in one_o_clock.split()))

    @pytest.mark.parametrize(
        ("day", "opens", "closes"),
        [
            ("2024-11-14", "10:00", "16:30"),  # college tests
            ("2025-11-13", "10:00", "16:30"),
            ("2026-11-19", "10:00", "16:30"),
            ("2017-11-16", "10:00", "16:30"),  # test put off by an earthquake, hours kept
            ("2017-11-23", "10:00", "16:30"),
            ("2014-11-13", "10:00", "16:00"),
            ("2025-01-02", "10:00", "15:30"),  # first sessions
            ("2016-01-04", "10:00", "15:00"),
            ("2000-01-04", "10:00", "13:00"),
            ("1997-01-03", "11:00", "13:00"),
            ("1997-12-27", "09:30", "11:30"),  # a Saturday, the last session of that year
            ("1998-12-04", "09:30", "15:00"),  # the eras on both sides of their borders
            ("1998-12-07", "09:00", "15:00"),
            ("2016-07-29", "09:00", "15:00"),
            ("2016-08-01", "09:00", "15:30"),
        ],
    )
    def test_hours_of_seoul(self, day: str, opens: str, closes: str) -> None:
        session = load_calendar("XKRX").session(
            load_calendar("XKRX").index(date.fromisoformat(day))
        )
        assert moment(session.opens) == local(day, opens, SEOUL)
        assert moment(session.closes) == local(day, closes, SEOUL)

    def test_seoul_traded_on_saturdays_until_december_1998(self) -> None:
        saturdays = [day for day in sessions(load_calendar("XKRX")) if day.weekday() == 5]
        assert max(saturdays) == date(1998, 12, 5)
        # 205 Saturdays from 1995-01-07 on, less eight public holidays and two at year ends.
        assert len(saturdays) == 205 - 8 - 2

    def test_new_york_keeps_its_hours_when_its_clocks_move(self) -> None:
        before, after = date(2024, 3, 8), date(2024, 3, 11)
        calendar = load_calendar("XNYS")
        opens = [moment(calendar.session(calendar.index(day)).opens) for day in (before, after)]
        assert [f"{at:%H:%M}" for at in opens] == ["14:30", "13:30"]

    def test_seoul_has_about_245_and_a_half_sessions_a_year(self) -> None:
        span = date(2015, 1, 1), date(2025, 12, 31)
        assert load_calendar("XKRX").sessions_per_year(*span) == pytest.approx(245.5, abs=0.05)
        assert load_calendar("XNYS").sessions_per_year(*span) == pytest.approx(251.5, abs=0.05)


class TestTables:
    @pytest.mark.parametrize("name", FIRST)
    def test_every_instant_is_the_local_time_of_its_table(self, name: str) -> None:
        calendar, facts = load_calendar(name), load_facts(name)
        eras = {
            "XNYS": [(date.min, time(9, 30), time(16))],
            "XKRX": [
                (date.min, time(9, 30), time(15)),
                (date(1998, 12, 7), time(9), time(15)),
                (date(2016, 8, 1), time(9), time(15, 30)),
            ],
        }[name]
        for day, hours in local_hours(calendar).items():
            _, *usual = max(era for era in eras if era[0] <= day)
            if day.weekday() == 5:
                usual = [time(9, 30), time(11, 30)]
            expected = [facts[day].opens, facts[day].closes] if day in facts else usual
            assert list(hours) == expected

    @pytest.mark.parametrize("name", FIRST)
    def test_sessions_ascend_and_never_overlap(self, name: str) -> None:
        calendar = load_calendar(name)
        assert (np.diff(calendar.sessions.astype(int)) > 0).all()
        assert (calendar.opens < calendar.closes).all()
        assert (calendar.closes[:-1] < calendar.opens[1:]).all()

    @pytest.mark.parametrize("name", FIRST)
    def test_tables_cover_their_years_to_the_last_confirmed_day(self, name: str) -> None:
        calendar = load_calendar(name)
        assert calendar.label(0) - date.fromisoformat(FIRST[name]) <= timedelta(3)
        assert calendar.confirmed == LAST
        assert LAST - calendar.label(len(calendar) - 1) <= timedelta(1)

    def test_what_the_exchange_has_not_announced_is_marked(self) -> None:
        marked = {fact.day for fact in load_facts("XKRX").values() if fact.confidence == "derived"}
        assert {day for day in marked if day.year >= 2026} == (
            {day for day in load_facts("XKRX") if day.year == 2027} | days("2026-11-19")
        )

    @pytest.mark.parametrize("name", FIRST)
    def test_the_generator_writes_the_committed_bytes(
        self, name: str, generator: Any, xcals: Any, tmp_path: Path
    ) -> None:
        if any(version(library) != made for library, made in generator.MADE_WITH.items()):
            pytest.skip(f"the tables were made with {generator.MADE_WITH}")
        written = generator.write(name, tmp_path)
        assert written.read_bytes() == (ROOT / f"data/calendars/{name}.csv").read_bytes()

    def test_a_disagreement_without_a_source_ends_the_generator(
        self, generator: Any, xcals: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delitem(generator.CLOSED["XKRX"], "2026-07-17")
        with pytest.raises(SystemExit, match="2026-07-17: closed only in holidays"):
            generator.table("XKRX")

    def test_a_correction_that_corrects_nothing_ends_the_generator(
        self, generator: Any, xcals: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(generator.CLOSED["XNYS"], "2026-12-25", ("Christmas", "x", "single"))
        with pytest.raises(SystemExit, match="remove them: 2026-12-25"):
            generator.table("XNYS")

    def test_loading_needs_no_data_library(self) -> None:
        code = (
            "import sys; from jeoul.market.calendars import load_calendar; load_calendar('XKRX');"
            "print(sorted({'pandas', 'holidays', 'exchange_calendars'} & set(sys.modules)))"
        )
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "engine")}
        run = subprocess.run(
            [sys.executable, "-c", code],
            env=environment,
            capture_output=True,
            check=True,
            text=True,
        )
        assert run.stdout.strip() == "[]"

    def test_a_shared_calendar_cannot_be_changed(self) -> None:
        with pytest.raises(ValueError, match="read-only"):
            load_calendar("XKRX").closes[0] = 0

    def test_an_unknown_exchange_is_named(self) -> None:
        with pytest.raises(UsageError, match="'XTKS'; the calendars are XKRX and XNYS"):
            load_calendar("XTKS")

    def test_all_that_is_wrong_with_a_table_is_said_at_once(self, tmp_path: Path) -> None:
        rows = [
            "2025-01-01,closure,,,New Year,somewhere,agreed",
            "2025-01-01,closure,,,New Year,somewhere,agreed",
            "2025-13-01,closure,,,No such month,somewhere,agreed",
            "2025-02-03,closure,09:00,,Hours,somewhere,agreed",
            "2025-02-04,early_close,15:00,09:00,Backwards,somewhere,agreed",
            "2025-02-05,holiday,,,Kind,somewhere,agreed",
            "2025-02-06,closure,,,No source,,agreed",
            "2025-02-07,closure,,,Confidence,somewhere,sure",
            "2025-02-10,closure,,",
            "2025-02-11,late_open,,,No hours,somewhere,agreed",
        ]
        path = tmp_path / "XKRX.csv"
        path.write_text("\n".join([",".join(COLUMNS), *rows]), encoding="utf-8")
        with pytest.raises(DataError) as caught:
            read_facts(path)
        assert [problem.line for problem in caught.value.problems] == [3, 4, 5, 6, 7, 8, 9, 10, 11]

    def test_a_table_with_other_columns_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "XKRX.csv"
        path.write_text("date,reason\n2025-01-01,New Year\n", encoding="utf-8")
        with pytest.raises(DataError, match=r"XKRX.csv:1: wrong columns; the columns are date,"):
            read_facts(path)


class TestAcrossExchanges:
    @pytest.mark.parametrize(
        ("seoul_day", "new_york_session"),
        [
            ("2025-11-27", "2025-11-26"),
            ("2025-11-28", "2025-11-26"),  # Thanksgiving
            ("2025-12-01", "2025-11-28"),  # the half day after it
            ("2025-12-02", "2025-12-01"),
            ("2024-07-08", "2024-07-05"),
            ("2025-10-10", "2025-10-09"),  # a week of Chuseok: five New York sessions at once
        ],
    )
    def test_seen_at_half_past_eight_in_seoul(self, seoul_day: str, new_york_session: str) -> None:
        seen = load_calendar("XNYS").last_closed(instant(local(seoul_day, "08:30", SEOUL)))
        assert seen == date.fromisoformat(new_york_session)

    def test_the_half_day_after_thanksgiving_is_known_from_one_o_clock_on(self) -> None:
        new_york = load_calendar("XNYS")
        close = instant(local("2025-11-28", "13:00", NEW_YORK))
        assert new_york.last_closed(close - 1) == date(2025, 11, 26)
        assert new_york.last_closed(close) == date(2025, 11, 28)

    def test_no_new_york_session_closes_before_the_seoul_close_of_the_same_date(self) -> None:
        seoul, new_york = load_calendar("XKRX"), load_calendar("XNYS")
        seen = np.searchsorted(new_york.closes, seoul.closes, side="right") - 1
        assert (new_york.sessions[seen] < seoul.sessions).all()

    def test_half_past_eight_in_new_york_sees_the_seoul_close_of_the_same_date(self) -> None:
        seen = load_calendar("XKRX").last_closed(instant(local("2025-11-25", "08:30", NEW_YORK)))
        assert seen == date(2025, 11, 25)

    def test_nothing_has_closed_before_the_first_session(self) -> None:
        with pytest.raises(BeyondData, match="begins on 1990-01-02"):
            load_calendar("XNYS").last_closed(0)

    @pytest.mark.parametrize("name", FIRST)
    def test_after_the_last_covered_day_the_newest_close_is_not_guessed(self, name: str) -> None:
        calendar = load_calendar(name)
        zone = ZoneInfo(calendar.timezone)
        evening, midnight = local("2027-12-31", "23:59", zone), local("2028-01-01", "00:00", zone)
        assert calendar.last_closed(instant(evening)).year == 2027
        with pytest.raises(BeyondData, match="does not know later sessions"):
            calendar.last_closed(instant(midnight))

    @settings(max_examples=200, deadline=None)
    @given(name=st.sampled_from(sorted(FIRST)), when=st.integers(789_696_000, 1_830_000_000))
    def test_any_instant_lies_between_the_newest_close_and_the_next_one(
        self, name: Any, when: Any
    ) -> None:
        calendar = load_calendar(name)  # 1995-01-10 to 2027-12-28
        newest = calendar.index(calendar.last_closed(when))
        assert calendar.closes[newest] <= when < calendar.closes[newest + 1]
