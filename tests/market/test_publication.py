"""Instants at which rows become known, in UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jeoul.market.publication import known_instants, parse_known
from jeoul.model.calendar import instant


def known(at: Any, lag: Any, day: Any, calendars: Any) -> Any:
    days = np.array([day], dtype="datetime64[D]")
    found, session = known_instants(parse_known(at, lag), days, calendars)
    return datetime.fromtimestamp(int(found[0]), UTC).strftime("%m-%d %H:%M"), bool(session[0])


@pytest.mark.parametrize(
    ("at", "lag", "day", "expected"),
    [
        ("XKRX close", 0, "2020-02-03", ("02-03 06:30", True)),  # 15:30 in Seoul
        ("XNYS close", 0, "2020-02-03", ("02-03 21:00", True)),  # winter: 16:00 is 21:00 UTC
        ("XNYS close", 0, "2020-03-09", ("03-09 20:00", True)),  # summer time since the day before
        ("XNYS close", 0, "2020-02-13", ("02-13 18:00", True)),  # a half day ends at 13:00
        ("XNYS close", 1, "2020-02-13", ("02-14 18:00", True)),
        ("XNYS close", 1, "2020-03-07", ("03-08 20:00", False)),  # a day later on the local clock
        ("XNYS close", 0, "2020-02-17", ("02-17 21:00", False)),  # a holiday
        ("XNYS close", 0, "1990-01-02", ("01-02 21:00", True)),  # before the calendar begins
        ("12:00 America/New_York", 0, "2020-02-17", ("02-17 17:00", True)),
        ("12:00 America/New_York", 0, "2020-07-01", ("07-01 16:00", True)),
        ("08:00 Asia/Seoul", 6, "2020-01-31", ("02-05 23:00", True)),
        ("08:30 America/New_York", 16, "2020-02-29", ("03-16 12:30", True)),
        ("01:30 America/New_York", 0, "2020-11-01", ("11-01 06:30", True)),  # the later of two
    ],
)
def test_rows_become_known_at_an_instant(
    calendars: Any, at: str, lag: int, day: str, expected: Any
) -> None:
    assert known(at, lag, day, calendars) == expected


@given(
    start=st.dates(date(1990, 1, 1), date(2030, 1, 1)),
    steps=st.lists(st.integers(1, 40), max_size=60),
    zone=st.sampled_from(["America/New_York", "Asia/Seoul", "Europe/London", "UTC"]),
    clock=st.times(time(4), time(23, 59)),
)
def test_a_time_of_day_is_that_of_the_zone_on_any_days(
    start: Any, steps: Any, zone: Any, clock: Any
) -> None:
    labels = [start + timedelta(int(n)) for n in np.cumsum([0, *steps])]
    clock = clock.replace(second=0, microsecond=0)
    rule = parse_known(f"{clock:%H:%M} {zone}")
    found, _ = known_instants(rule, np.array(labels, "M8[D]"), {})
    expected = [instant(datetime.combine(day, clock, ZoneInfo(zone))) for day in labels]
    assert found.tolist() == expected


def test_the_instants_of_ascending_days_ascend(calendars: Any) -> None:
    days = np.arange("2020-01-02", "2020-05-29", dtype="datetime64[D]")
    for at in ("XNYS close", "XKRX close", "12:00 America/New_York", "02:30 America/New_York"):
        for lag in (0, 1, 7):
            found, _ = known_instants(parse_known(at, lag), days, calendars)
            assert (np.diff(found) > 0).all()


def test_a_new_york_close_is_known_in_seoul_only_the_next_morning(calendars: Any) -> None:
    days = np.array(["2020-02-03"], dtype="datetime64[D]")
    found, _ = known_instants(parse_known("XNYS close"), days, calendars)
    assert found[0] > calendars["XKRX"].closes[np.searchsorted(calendars["XKRX"].sessions, days)][0]
    assert found[0] <= calendars["XKRX"].decision_instant(days[0].astype(object))
    assert found[0] == instant(datetime(2020, 2, 3, 21, 0, tzinfo=UTC))
