"""The health of an account to the hour: what is due, what was missed, who is needed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from scripted import BUY, StillClock

from jeoul import api
from jeoul.operations.desk.intents import RunPlan, freeze, intents_of
from jeoul.operations.desk.lapsing import STOPPED
from jeoul.operations.ledger import NAME, Ledger, open_ledger
from jeoul.operations.setup.config import Config, load_config
from jeoul.operations.setup.outcome import RunReport
from jeoul.operations.told.health import Health, due_session, health
from jeoul.operations.told.ledger_notes import LedgerNotes

SEOUL = ZoneInfo("Asia/Seoul")
CALENDAR = api.calendars()["XKRX"]
NOON = datetime(2026, 5, 8, 12, tzinfo=SEOUL)  # a Friday; the session of Thursday is due
DUE = date(2026, 5, 7)


def config_in(folder: Path, tables: str = "", broker: str = 'kind = "paper"') -> Config:
    file = folder / "c.toml"
    file.write_text(
        'schema = 1\nname = "a"\nprofile = "balanced"\nstate = "state"\nlang = "en"\n'
        f'{tables}\n[broker]\n{broker}\n[schedule]\nat = "09:10"\n',
        "utf-8",
    )
    (folder / "state").mkdir(exist_ok=True)
    return load_config(file)


def decide(config: Config, days: Sequence[date], hour: int = 9) -> Ledger:
    ledger = open_ledger(config.state / NAME)
    ledger.store.rows("PRAGMA synchronous=OFF")
    for number, day in enumerate(days):
        executed = CALENDAR.after(day)
        at = int(datetime.combine(executed, time(hour, 10), SEOUL).timestamp())
        plan = RunPlan("a", "managed", day, executed, "x", {"reasons": []}, (BUY,), 1 + number)
        with ledger.transaction():
            freeze(ledger, at, plan)
    return ledger


def looked(
    config: Config, days: Sequence[date] | None, now: datetime = NOON, newest: date | None = DUE,
    simulated: bool = False, diagnosis: Any = None,
) -> Health:  # fmt: skip
    ledger = None if days is None else decide(config, days)
    found = health(
        config, CALENDAR, now, ledger, strategy="managed", newest=newest, simulated=simulated,
        diagnosis=diagnosis,
    )  # fmt: skip
    if ledger is not None:
        ledger.close()
    return found


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ((2026, 5, 8, 10, 10), date(2026, 5, 7)),
        ((2026, 5, 8, 10, 9, 59), date(2026, 5, 6)),
        ((2026, 5, 7, 10, 9), date(2026, 5, 4)),  # the fifth was a holiday
        ((2026, 5, 10, 0, 30), date(2026, 5, 7)),  # on a Sunday it is still Friday's run
        ((2026, 5, 11, 10, 9), date(2026, 5, 7)),
        ((2026, 5, 11, 10, 10), date(2026, 5, 8)),
    ],
)
def test_a_session_is_due_from_an_hour_after_its_run(
    tmp_path: Path, now: tuple[int, ...], due: date
) -> None:
    config, instant = config_in(tmp_path), datetime(*now, tzinfo=SEOUL)  # type: ignore[misc, arg-type]
    assert due_session(config, CALENDAR, instant) == due
    assert due_session(config, CALENDAR, instant.astimezone(UTC)) == due


def test_an_account_that_never_ran_says_so_and_has_missed_nothing(tmp_path: Path) -> None:
    none: list[date] = []
    for days in (None, none):
        found = looked(config_in(tmp_path), days)
        assert (found.last, found.decided, found.missed, found.rows) == (None, None, (), 0)
        assert (found.exit_code, len(found.problems)) == (5, 1)
        assert "has not run yet" in found.problems[0]
        document = found.as_json()
        assert (document["ledger"], document["last_decided"], document["last_stop"]) == (None,) * 3
        assert document["next_run"] == "2026-05-11T09:10:00+09:00"


def test_the_newest_run_is_the_one_that_was_frozen_last(tmp_path: Path) -> None:
    """An older session was decided on after a newer one."""
    found = looked(config_in(tmp_path), [DUE, date(2026, 5, 6), date(2026, 5, 4)])
    assert found.last is not None
    assert found.last["run_id"] == "a.managed.2026-05-04.3"
    assert found.last["at"] == "2026-05-06T00:10:00+00:00"
    assert (found.decided, found.missed, found.exit_code) == (DUE, (), 0)


def test_the_ledger_is_shown_with_its_rows_and_the_age_of_the_newest(tmp_path: Path) -> None:
    document = looked(config_in(tmp_path), [date(2026, 5, 4)], newest=None).as_json()
    assert document["ledger"] == {"rows": 2, "newest": "2026-05-06T00:10:00+00:00", "days": 2}
    assert (document["data"], document["missed"]) == (None, ["2026-05-06", "2026-05-07"])


@pytest.mark.parametrize(
    ("newest", "simulated", "due", "problems"),
    [
        (DUE, False, DUE, 0),
        (date(2026, 5, 6), False, DUE, 1),
        (date(2026, 5, 6), True, date(2026, 5, 6), 0),
        (date(2026, 5, 8), True, DUE, 0),
        (None, True, DUE, 1),
    ],
)
def test_on_simulated_data_no_session_is_due_that_they_do_not_have(
    tmp_path: Path, newest: date | None, simulated: bool, due: date, problems: int
) -> None:
    found = looked(config_in(tmp_path), [date(2026, 5, 6), DUE], newest=newest, simulated=simulated)
    assert (found.due, len(found.problems)) == (due, problems)


@pytest.mark.parametrize(
    ("last", "missed"),
    [(8, []), (7, []), (6, ["2026-05-07"]), (4, ["2026-05-06", "2026-05-07"])],
)
def test_sessions_up_to_the_one_that_is_due_are_missed(
    tmp_path: Path, last: int, missed: list[str]
) -> None:
    found = looked(config_in(tmp_path), [date(2026, 5, last)])
    assert list(map(str, found.missed)) == missed


def stop(config: Config, outcome: str, session: date = date(2026, 5, 6)) -> None:
    with closing(open_ledger(config.state / NAME)) as ledger:
        notes = LedgerNotes(ledger, StillClock(), "a", "managed", session)
        notes.outcome(RunReport(outcome, ("because",)))


@pytest.mark.parametrize(
    ("outcome", "switch", "code", "problems"),
    [
        (None, False, 0, 0),
        (None, True, 4, 0),
        ("blocked_rule", False, 4, 0),
        ("blocked_rule", True, 4, 0),
        ("blocked_data", False, 5, 1),
        ("needs_person", True, 5, 1),
    ],
)
def test_what_stopped_the_newest_run_needs_a_person_or_a_rule_does_it(
    tmp_path: Path, outcome: str | None, switch: bool, code: int, problems: int
) -> None:
    config = config_in(tmp_path, f"[safety]\nstop = {str(switch).lower()}")
    decide(config, [date(2026, 5, 6), DUE]).close()
    if outcome:
        stop(config, outcome)
    found = looked(config, [])
    assert (found.exit_code, found.stopped, len(found.problems)) == (code, switch, problems)
    said = found.as_json()["last_stop"]
    assert (None if said is None else said["outcome"]) == outcome


def test_a_session_on_which_a_run_stopped_was_not_missed(tmp_path: Path) -> None:
    config = config_in(tmp_path)
    decide(config, [date(2026, 5, 4)]).close()
    stop(config, "blocked_rule")
    assert looked(config, []).missed == (DUE,)


@pytest.mark.parametrize(
    ("expires", "said"), [(date(2026, 6, 7), 1), (date(2026, 6, 8), 0), (None, 0)]
)
def test_answers_and_keys_that_end_are_problems(
    tmp_path: Path, expires: date | None, said: int
) -> None:
    diagnosis = SimpleNamespace(
        day=date(2026, 5, 8), expired=False, profile=SimpleNamespace(expires=expires)
    )
    found = looked(config_in(tmp_path), [DUE], diagnosis=diagnosis)
    assert len(found.problems) == said
    assert found.as_json()["answers_until"] == (expires and str(expires))
    keys = config_in(tmp_path, "[expiry]\ncertificate_until = 2026-05-09")
    assert looked(keys, []).as_json()["certificate_until"] == "2026-05-09"
    assert len(looked(keys, []).problems) == 1


REAL = 'kind = "kis"\nmode = "real"'


@pytest.mark.parametrize(
    ("lapsed", "broker", "timer"),
    [
        (1, REAL, "once"),
        (2, REAL, "once"),
        (0, REAL, None),  # before the newest two sessions: another timer may have come since
        (1, 'kind = "paper"', None),
    ],
)
def test_a_buy_that_no_run_tried_again_shows_a_timer_that_starts_once(
    tmp_path: Path, lapsed: int, broker: str, timer: str | None
) -> None:
    config = config_in(tmp_path, broker=broker)
    days = [date(2026, 5, 4), date(2026, 5, 6), DUE]
    ledger = decide(config, days)
    (intent,) = intents_of(
        ledger, f"a.managed.{days[lapsed]}" + (f".{lapsed + 1}" if lapsed else "")
    )
    why = json.dumps({"why": next(iter(STOPPED.values()))})
    with ledger.transaction():
        ledger.append(
            "order_events", 9, intent=intent.name, state="expired", order_id=None, detail=why
        )
    ledger.close()
    found = looked(config, [])
    assert found.timer == timer
    assert [text for text in found.problems if "lapsed at the close" in text] == (
        [] if timer is None else [found.problems[0]]
    )


def test_after_one_decision_alone_a_lapse_of_it_counts(tmp_path: Path) -> None:
    config = config_in(tmp_path, broker=REAL)
    ledger = decide(config, [DUE])
    (intent,) = intents_of(ledger, f"a.managed.{DUE}")
    why = json.dumps({"why": next(iter(STOPPED.values()))})
    with ledger.transaction():
        ledger.append(
            "order_events", 9, intent=intent.name, state="expired", order_id=None, detail=why
        )
    ledger.close()
    assert looked(config, []).timer == "once"
    empty = config_in(tmp_path / "state", broker=REAL)
    assert looked(empty, []).timer is None
    assert looked(empty, None).timer is None


def test_the_rhythm_of_an_old_timer_is_a_problem_where_sessions_are_missed(tmp_path: Path) -> None:
    config = config_in(tmp_path, broker=REAL)
    months = [date(2026, 1, 30), date(2026, 2, 27), date(2026, 3, 31), date(2026, 4, 30)]
    found = looked(config, months)
    assert found.timer == "month"
    said = [text for text in found.problems if "once a month" in text]
    assert len(said) == 1
    assert [t for t in replace(found, missed=()).problems if "once a month" in t] == []
    assert [t for t in replace(found, timer=None).problems if "an old timer" in t] == []
