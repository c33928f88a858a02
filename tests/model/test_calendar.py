"""A calendar as a record: positions, instants and what it refuses."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jeoul.errors import BeyondData, NotASession, UsageError
from jeoul.model.calendar import Calendar, instant, moment
from jeoul.model.session import parse_session

HOUR = 3600


def calendar(labels: list[date]) -> Calendar:
    """Return sessions from 09:00 to 15:30 in Seoul, which is 00:00 to 06:30 UTC."""
    days = np.array(labels, dtype="datetime64[D]")
    opens = days.astype("datetime64[s]").astype(np.int64)
    return Calendar("XKRX", "Asia/Seoul", days, opens, opens + 6 * HOUR + HOUR // 2, labels[-1])


WEEK = calendar([date(2024, 6, day) for day in (24, 25, 26, 28)])  # without Thursday the 27th

labels = st.lists(
    st.dates(date(1995, 1, 1), date(2027, 12, 31)), min_size=2, max_size=40, unique=True
).map(sorted)


class TestPositions:
    @given(labels)
    def test_label_index_and_membership_agree(self, chosen: Any) -> None:
        made = calendar(chosen)
        assert [made.label(made.index(day)) for day in chosen] == chosen
        assert all(made.is_session(day) for day in chosen)
        assert [made.session(place).label for place in range(len(made))] == chosen

    @given(labels, st.dates(date(1994, 1, 1), date(2028, 12, 31)))
    def test_after_is_the_first_later_label(self, chosen: Any, day: Any) -> None:
        later = [label for label in chosen if label > day]
        if later:
            assert calendar(chosen).after(day) == later[0]
        else:
            with pytest.raises(BeyondData, match="no later session"):
                calendar(chosen).after(day)

    def test_a_day_between_sessions_is_told_its_neighbours(self) -> None:
        with pytest.raises(NotASession, match=r"2024-06-27 .* 2024-06-26 and 2024-06-28"):
            WEEK.index(date(2024, 6, 27))

    @pytest.mark.parametrize("day", [date(2024, 6, 21), date(2024, 7, 1)])
    def test_a_day_outside_is_told_the_range(self, day: date) -> None:
        with pytest.raises(BeyondData, match="covers 2024-06-24 to 2024-06-28"):
            WEEK.index(day)

    def test_a_weekend_is_no_session(self) -> None:
        assert not WEEK.is_session(date(2024, 6, 23))
        assert not WEEK.is_session(date(2024, 6, 29))


class TestInstants:
    def test_a_decision_is_made_at_half_past_eight_of_the_next_session(self) -> None:
        made = moment(WEEK.decision_instant(date(2024, 6, 26)))
        assert made == datetime(2024, 6, 27, 23, 30, tzinfo=UTC)  # Friday 08:30 in Seoul

    @given(labels)
    def test_every_close_is_known_from_its_second_on(self, chosen: Any) -> None:
        made = calendar(chosen)
        for place, day in enumerate(chosen):
            close = int(made.closes[place])
            assert made.last_closed(close) == day
            if place:
                assert made.last_closed(close - 1) == chosen[place - 1]

    @given(labels)
    def test_a_decision_sees_the_close_it_decides_on(self, chosen: Any) -> None:
        made = calendar(chosen)
        for day in chosen[:-1]:
            assert made.last_closed(made.decision_instant(day)) == day

    def test_nothing_is_known_before_the_first_close(self) -> None:
        with pytest.raises(BeyondData, match="begins on 2024-06-24"):
            WEEK.last_closed(int(WEEK.closes[0]) - 1)

    def test_after_the_last_covered_midnight_nothing_is_guessed(self) -> None:
        midnight = instant(datetime(2024, 6, 28, 15, tzinfo=UTC))  # 00:00 on the 29th in Seoul
        assert WEEK.last_closed(midnight - 1) == date(2024, 6, 28)
        with pytest.raises(BeyondData, match="update data/calendars"):
            WEEK.last_closed(midnight)

    @given(st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1)))  # noqa: DTZ001
    def test_moment_undoes_instant(self, when: Any) -> None:
        whole = when.replace(microsecond=0, tzinfo=UTC)
        assert moment(instant(whole)) == whole


class TestSessionsPerYear:
    def test_a_session_every_day_is_a_year_of_365_and_a_quarter(self) -> None:
        every_day = calendar([date(2023, 1, 1) + timedelta(n) for n in range(731)])
        rate = every_day.sessions_per_year(date(2023, 1, 1), date(2024, 12, 31))
        assert rate == pytest.approx(365.2425)

    def test_days_outside_sessions_at_either_end_change_nothing(self) -> None:
        inside = WEEK.sessions_per_year(date(2024, 6, 24), date(2024, 6, 26))
        assert inside == WEEK.sessions_per_year(date(2024, 6, 22), date(2024, 6, 27))

    @pytest.mark.parametrize(
        ("start", "end"),
        [
            (date(2024, 6, 28), date(2024, 6, 24)),
            (date(2024, 6, 26), date(2024, 6, 27)),
            (date(2025, 1, 1), date(2025, 12, 31)),
        ],
    )
    def test_fewer_than_two_sessions_give_no_rate(self, start: date, end: date) -> None:
        with pytest.raises(UsageError, match="fewer than two sessions"):
            WEEK.sessions_per_year(start, end)


class TestParsing:
    @pytest.mark.parametrize(
        "text", ["28.06.2024", "2024-W26-5", "2024-06-28T00:00", "20240628", "2024-6-28", ""]
    )
    def test_other_ways_to_write_a_date_are_refused(self, text: str) -> None:
        with pytest.raises(UsageError, match="write it as 2024-06-28"):
            parse_session(text)

    def test_an_impossible_date_is_refused(self) -> None:
        with pytest.raises(UsageError, match="2023-02-29"):
            parse_session("2023-02-29")
