"""Alarms of an account: kept in its ledger when they are found, and again when they were told."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from jeoul.messages import say
from jeoul.model.portfolio import Reason
from jeoul.operations.desk.intents import reason_from
from jeoul.operations.ledger import StoredRow
from jeoul.operations.setup.config import ALARM, EVERY, Config
from jeoul.operations.told.ledger_notes import LedgerNotes
from jeoul.pipeline.alarms import Alarm
from jeoul.profile import Diagnosis
from jeoul.reporting.reasons import reason_text

NOTICE = timedelta(days=30)
"""How long before the answers of the questionnaire expire their owner hears of it."""

NAMED = 5
"""Missed sessions that a sentence names one by one."""

FOUND, TOLD = "alarm", "alarm_told"  # kinds of notes


@dataclass(frozen=True, slots=True)
class AlarmLog:
    """The alarms of one account in its ledger.

    An alarm is found once, whatever run finds it again, and waits until it was told. A crash
    between the delivery and its note tells it twice: that is better than never.
    """

    notes: LedgerNotes

    def add(self, alarms: Sequence[Alarm], *, tell: bool) -> list[Alarm]:
        """Keep the alarms that were not found before, and return them.

        Without ``tell`` they are kept for the history alone.
        """
        if not alarms:
            return []
        known = self._known({alarm.key for alarm in alarms})
        fresh = [alarm for alarm in alarms if alarm.key not in known]
        for alarm in fresh:
            detail = {
                "key": alarm.key,
                "of": alarm.session.isoformat(),
                "kind": alarm.reason.kind,
                "detail": alarm.reason.detail,
                "tell": tell,
            }
            self.notes.add(FOUND, detail)
        return fresh

    def has(self, key: str) -> bool:
        """Return whether an alarm was found before."""
        return bool(self._known({key}))

    def waiting(self) -> list[Alarm]:
        """Return the alarms that are still to be told, oldest first."""
        told: set[str] = set()
        for row in self._rows("detail", TOLD):
            told.update(json.loads(row["detail"])["keys"])
        found = [json.loads(row["detail"]) for row in self._rows("detail", FOUND)]
        return [_alarm(each) for each in found if each["tell"] and each["key"] not in told]

    def of_session(self) -> list[Alarm]:
        """Return the alarms that the runs of this session found."""
        found = self._rows("detail", FOUND, " AND session = ?", self.notes.session.isoformat())
        return [_alarm(json.loads(row["detail"])) for row in found]

    def told(self, alarms: Sequence[Alarm]) -> None:
        """Keep that alarms were told."""
        self.notes.add(TOLD, {"keys": [alarm.key for alarm in alarms]})

    def fresh_missed(self, missed: Sequence[date]) -> list[date]:
        """Return the missed sessions that no alarm has named yet."""
        if not missed:
            return []
        rows = self._rows(
            "json_extract(detail, '$.of') AS day",
            FOUND,
            " AND json_extract(detail, '$.kind') = 'alarm.missed'",
        )
        newest = max((row["day"] for row in rows), default=None)
        return [day for day in missed if newest is None or day.isoformat() > newest]

    def _known(self, keys: set[str]) -> set[str]:
        """Return those keys under which an alarm was found before."""
        marks = ", ".join("?" * len(keys))
        where = f" AND json_extract(detail, '$.key') IN ({marks})"
        rows = self._rows("json_extract(detail, '$.key') AS key", FOUND, where, *keys)
        return {row["key"] for row in rows}

    def _rows(self, columns: str, kind: str, where: str = "", *values: str) -> list[StoredRow]:
        query = f"SELECT {columns} FROM notes WHERE kind = ? AND account = ?{where} ORDER BY seq"
        return self.notes.ledger.rows(query, kind, self.notes.account, *values)


def hears_alarms(config: Config) -> bool:
    """Return whether the config sends alarms to anybody."""
    settings = config.settings.notify
    return settings is not None and ALARM in settings.on


def missed_alarm(missed: Sequence[date]) -> Iterator[Alarm]:
    """Yield the alarm for sessions that no run decided on, if there are any."""
    if missed:
        yield Alarm(f"missed.{missed[-1]}", missed[-1], missed_reason(missed))


def missed_reason(missed: Sequence[date]) -> Reason:
    """Return what a run says of the sessions before it that no run decided on.

    >>> missed_reason([date(2026, 1, 5), date(2026, 1, 6)]).detail
    (('sessions', '2'), ('days', '2026-01-05, 2026-01-06'))
    """
    days = ", ".join(map(str, missed))
    if len(missed) > NAMED:
        days = f"{missed[0]} … {missed[-1]}"
    return Reason.of("alarm.missed", sessions=len(missed), days=days)


def answers_reason(diagnosis: Diagnosis | None) -> Reason | None:
    """Return that the answers of the questionnaire expire soon or have expired, None otherwise."""
    if diagnosis is None or diagnosis.profile.expires is None:
        return None
    expires = diagnosis.profile.expires
    if diagnosis.day < expires - NOTICE:
        return None
    return Reason.of(f"diagnosis.{'expired' if diagnosis.expired else 'ends'}", expires=expires)


def answers_alarm(diagnosis: Diagnosis | None, today: date) -> Iterator[Alarm]:
    """Yield an alarm when answers expire soon, and another when they have expired."""
    reason = answers_reason(diagnosis)
    if reason is not None:
        yield Alarm(f"{reason.kind}.{dict(reason.detail)['expires']}", today, reason)


def config_alarms(config: Config, session: date) -> Iterator[Alarm]:
    """Yield what the config should say otherwise: a retired key, a list without ``alarm``."""
    for problem in config.retired:
        if problem.key == ".".join(EVERY):
            reason = Reason.of("alarm.every", file=problem.file, line=problem.line)
            yield Alarm("config.schedule.every", session, reason)
    settings = config.settings.notify
    if settings is not None and ALARM not in settings.on:
        yield Alarm("config.notify.on", session, Reason.of("alarm.unlisted"))


def alarm_text(alarm: Alarm, language: str) -> str:
    """Return an alarm as one line in a language."""
    text = reason_text(alarm.reason, language)
    return say(language, "alarm.line", {"session": alarm.session, "text": text})


def reason_texts(alarm: Alarm, language: str) -> tuple[str, str]:
    """Return the two ways in which the reasons of a run may say the same as an alarm."""
    kind, detail = alarm.reason.kind, alarm.reason.detail
    plain = kind.replace("alarm.watch_", "overlay.watch_")
    return reason_text(alarm.reason, language), reason_text(Reason(plain, detail), language)


def _alarm(stored: dict[str, Any]) -> Alarm:
    reason = reason_from([stored["kind"], stored["detail"]])
    return Alarm(stored["key"], date.fromisoformat(stored["of"]), reason)
