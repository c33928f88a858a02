"""What the tests of told things share: a config, an alarm, and the notes of a session."""

from __future__ import annotations

import json
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

from scripted import DAY, Desk

from jeoul import api
from jeoul.model.portfolio import Reason
from jeoul.operations.told.alarms import (
    AlarmLog,
)
from jeoul.operations.told.session_records import SessionRecords
from jeoul.pipeline.alarms import Alarm

CALENDAR = api.calendars()["XKRX"]
MONDAY, TUESDAY = DAY, DAY + timedelta(days=1)


def records(at: Desk, session: date = DAY, account: str = "mine") -> SessionRecords:
    return SessionRecords(at.desk, account, "s", session)


def log(at: Desk, session: date = DAY) -> AlarmLog:
    return AlarmLog(records(at, session).notes)


def alarm(key: str, kind: str = "alarm.unlisted", session: date = DAY, **detail: str) -> Alarm:
    return Alarm(key, session, Reason.of(kind, **detail))


def config(**settings: Any) -> Any:
    given: dict[str, Any] = {
        "lang": "en", "notify": SimpleNamespace(on=("alarm",)),
        "broker": SimpleNamespace(keys_end_on=None),
        "expiry": SimpleNamespace(keys_issued=None, password_changed=None, certificate_until=None),
        "schedule": SimpleNamespace(timezone="Asia/Seoul"),
    }  # fmt: skip
    return SimpleNamespace(settings=SimpleNamespace(**(given | settings)), retired=())


def notes(at: Desk, kind: str) -> list[tuple[str, dict[str, Any]]]:
    rows = at.ledger.rows("SELECT session, detail FROM notes WHERE kind = ? ORDER BY seq", kind)
    return [(row["session"], json.loads(row["detail"])) for row in rows]
