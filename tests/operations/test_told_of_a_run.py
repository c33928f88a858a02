"""What a person hears of runs: alarms and ends, each once and on its day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
from scripted import DAY, Desk
from tellings import CALENDAR, MONDAY, TUESDAY, alarm, config, log, notes, records

from jeoul.errors import DataError
from jeoul.model.portfolio import Reason
from jeoul.operations.told.alarms import (
    AlarmLog,
    answers_alarm,
    answers_reason,
    config_alarms,
    hears_alarms,
    missed_alarm,
    missed_reason,
    reason_texts,
)
from jeoul.operations.told.expiry import endings, expiry_alarms, expiry_reasons, later
from jeoul.operations.told.run_watch import RunWatch
from jeoul.pipeline.alarms import Alarm


def test_an_alarm_is_found_once_and_waits_until_it_is_told(at: Desk) -> None:
    one, two, three = alarm("1", title="x"), alarm("2"), alarm("3")
    assert log(at).add([], tell=True) == []
    assert log(at).add([one, two], tell=True) == [one, two]
    assert log(at, TUESDAY).add([two, three], tell=False) == [three]
    assert [log(at).has(key) for key in ("1", "3", "4")] == [True, True, False]
    assert log(at).waiting() == [one, two]
    assert (log(at).of_session(), log(at, TUESDAY).of_session()) == ([one, two], [three])
    log(at).told([one])
    assert log(at).waiting() == [two]
    log(at).told([two])
    assert log(at).waiting() == []
    assert AlarmLog(records(at, account="other").notes).add([one], tell=True) == [one]


def test_missed_sessions_are_those_that_no_alarm_has_named(at: Desk) -> None:
    days = [date(2026, 6, day) for day in (22, 23, 24)]
    assert log(at).fresh_missed([]) == []
    assert log(at).fresh_missed(days) == days
    log(at).add([*missed_alarm(days[:2]), alarm("later", session=date(2026, 6, 30))], tell=True)
    assert log(at).fresh_missed(days) == days[2:]
    assert list(missed_alarm([])) == []
    (found,) = missed_alarm(days[:2])
    assert (found.key, found.session) == ("missed.2026-06-23", days[1])
    assert [each.session for each in missed_alarm(days)] == [days[2]]


@pytest.mark.parametrize(
    ("count", "days"),
    [
        (1, "2026-06-01"),
        (5, "2026-06-01, 2026-06-02, 2026-06-03, 2026-06-04, 2026-06-05"),
        (6, "2026-06-01 … 2026-06-06"),
    ],
)
def test_five_missed_sessions_are_named_one_by_one(count: int, days: str) -> None:
    missed = [date(2026, 6, day) for day in range(1, count + 1)]
    assert dict(missed_reason(missed).detail) == {"sessions": str(count), "days": days}


@pytest.mark.parametrize(
    ("before", "kind"), [(31, None), (30, "ends"), (0, "ends"), (-1, "expired"), (None, None)]
)
def test_answers_are_heard_of_a_month_before_they_expire(
    before: int | None, kind: str | None
) -> None:
    ends = None if before is None else DAY + timedelta(days=before)
    found = cast(
        "Any",
        SimpleNamespace(
            day=DAY, profile=SimpleNamespace(expires=ends), expired=ends is not None and ends < DAY
        ),
    )
    reason = answers_reason(found)
    assert (None if reason is None else reason.kind) == (kind and f"diagnosis.{kind}")
    keys = [each.key for each in answers_alarm(found, DAY)]
    assert keys == ([] if kind is None else [f"diagnosis.{kind}.{ends}"])
    assert answers_reason(None) is None


def test_a_config_hears_alarms_where_its_list_has_them() -> None:
    assert hears_alarms(config())
    assert not hears_alarms(config(notify=None))
    assert not hears_alarms(config(notify=SimpleNamespace(on=("executed",))))


def test_a_config_is_told_once_what_it_should_say_otherwise() -> None:
    quiet = config(notify=SimpleNamespace(on=("executed",)))
    retired = [
        SimpleNamespace(key="schedule.every", file="c.toml", line=7),
        SimpleNamespace(key="other", file="c.toml", line=8),
    ]
    quiet.retired = retired
    every, unlisted = config_alarms(quiet, DAY)
    assert (every.key, dict(every.reason.detail)["line"]) == ("config.schedule.every", "7")
    assert unlisted.key == "config.notify.on"
    assert list(config_alarms(config(), DAY)) == []
    assert list(config_alarms(config(notify=None), DAY)) == []


def test_an_alarm_that_repeats_a_reason_is_known_by_its_text() -> None:
    reason = Reason.of("alarm.unlisted")
    assert reason_texts(Alarm("x", DAY, reason), "en")[0].startswith("To hear of latches")


@pytest.mark.parametrize(
    ("day", "months", "found"),
    [
        ((2026, 11, 30), 3, (2027, 2, 28)),
        ((2026, 11, 29), 12, (2027, 11, 29)),
        ((2026, 11, 30), 1, (2026, 12, 30)),
        ((2026, 10, 31), 1, (2026, 11, 30)),
        ((2026, 12, 31), 1, (2027, 1, 31)),
        ((2026, 12, 31), 12, (2027, 12, 31)),
        ((2026, 1, 31), 1, (2026, 2, 28)),
        ((2024, 1, 31), 1, (2024, 2, 29)),
        ((2026, 9, 30), 3, (2026, 12, 30)),
        ((2026, 9, 1), 4, (2027, 1, 1)),
        ((2026, 3, 31), 0, (2026, 3, 31)),
    ],
)
def test_so_many_months_later_is_the_same_day_or_the_last_of_its_month(
    day: tuple[int, int, int], months: int, found: tuple[int, int, int]
) -> None:
    assert later(date(*day), months) == date(*found)


def ending(name: str, until: date) -> Any:
    return config(
        expiry=SimpleNamespace(
            keys_issued=None,
            password_changed=None,
            certificate_until=until if name == "certificate" else None,
        ),
        broker=SimpleNamespace(keys_end_on=until if name == "keys" else None),
    )


@pytest.mark.parametrize(("name", "notice"), [("keys", 30), ("certificate", 30), ("password", 14)])
def test_what_ends_is_heard_of_so_many_days_before_and_after(name: str, notice: int) -> None:
    changed = date(2026, 3, 22)
    until = DAY
    given = ending(name, until)
    given.settings.expiry.password_changed = changed if name == "password" else None
    said = []
    for days in (-notice - 1, -notice, 0, 1):
        reasons = expiry_reasons(given, until + timedelta(days=days))
        alarms = [each.key for each in expiry_alarms(given, until + timedelta(days=days))]
        kinds = [reason.kind.removeprefix("operations.") for reason in reasons]
        assert alarms == [f"{kind}.{until}" for kind in kinds]
        said.append(kinds)
    assert said == [[], [f"{name}_end"], [f"{name}_end"], [f"{name}_ended"]]


def test_keys_last_a_year_unless_the_broker_says_their_last_day() -> None:
    given = config(
        expiry=SimpleNamespace(
            keys_issued=date(2026, 1, 5), password_changed=date(2026, 1, 6), certificate_until=DAY
        )
    )
    assert [(each.name, each.until) for each in endings(given)] == [
        ("keys", date(2027, 1, 5)), ("password", date(2026, 4, 6)), ("certificate", DAY),
    ]  # fmt: skip
    given.settings.broker.keys_end_on = date(2026, 2, 1)
    assert next(iter(endings(given))).until == date(2026, 2, 1)
    assert endings(config()) == ()


def watched(at: Desk, session: date, **settings: Any) -> tuple[RunWatch, list[Any]]:
    asked: list[Any] = []

    def overlay(day: date, since: date | None) -> Sequence[Alarm]:
        asked.append((day, since))
        return [alarm(f"overlay.{day}")]

    return RunWatch(config(**settings), records(at, session), CALENDAR, overlay), asked


def test_a_run_looks_for_what_happened_since_the_last_decision_and_once(at: Desk) -> None:
    first, asked = watched(at, MONDAY)
    first.look()
    assert asked == [(MONDAY, None)]
    at.freeze(executed=MONDAY)
    same, asked = watched(at, MONDAY)
    same.look()
    assert asked == []
    late, asked = watched(at, date(2026, 6, 25))
    late.look()
    assert asked == [(date(2026, 6, 25), MONDAY)]
    keys = [each.key for each in log(at).waiting()]
    assert keys == ["overlay.2026-06-22", "overlay.2026-06-25", "missed.2026-06-24"]
    document = late.document()
    assert [each["key"] for each in document["alarms"]] == keys[1:]
    assert document["notices"] == []


def test_where_the_rules_cannot_be_followed_the_decision_says_so_and_no_alarm(at: Desk) -> None:
    watch, _ = watched(at, MONDAY)

    def stops(_: date, __: date | None) -> Sequence[Alarm]:
        raise DataError("x")

    watch.overlay = stops
    watch.look()
    assert log(at).waiting() == []


def test_keys_that_end_are_an_alarm_on_the_day_of_the_account_s_zone(at: Desk) -> None:
    """Thirty days before, in Seoul; at Greenwich it is a day earlier."""
    at.clock.time = datetime.fromisoformat("2026-05-23T00:30+09:00").timestamp()
    broker = SimpleNamespace(keys_end_on=DAY)
    watch, _ = watched(at, MONDAY, broker=broker, notify=None)
    watch.look()
    assert [detail["key"] for _, detail in notes(at, "alarm")][1:] == ["keys_end.2026-06-22"]
    assert log(at).waiting() == []  # nobody is told, and the history keeps it
    quiet, _ = watched(at, MONDAY, notify=SimpleNamespace(on=()))
    quiet.look()
    assert [each.key for each in log(at).waiting()] == ["config.notify.on"]
    assert quiet.notices[0].startswith("[2026-06-22] To hear of latches")
