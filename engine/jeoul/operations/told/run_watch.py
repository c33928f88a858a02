"""What an executing run looks for beside the decision, and what its document says of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from jeoul.errors import AllocationError, DataError
from jeoul.model.calendar import Calendar
from jeoul.operations.setup.config import Config
from jeoul.operations.told.alarms import (
    AlarmLog,
    alarm_text,
    answers_alarm,
    config_alarms,
    hears_alarms,
    missed_alarm,
)
from jeoul.operations.told.expiry import expiry_alarms
from jeoul.operations.told.session_records import SessionRecords
from jeoul.pipeline.alarms import Alarm
from jeoul.profile import Diagnosis


@dataclass(slots=True)
class RunWatch:
    """The alarms of one run. ``overlay`` gives those of the overlay up to a session, since one.

    ``diagnosis`` is that of the account's answers, None without any.
    """

    config: Config
    records: SessionRecords
    calendar: Calendar
    overlay: Callable[[date, date | None], Sequence[Alarm]]
    diagnosis: Diagnosis | None = None
    notices: list[str] = field(default_factory=list)

    @property
    def log(self) -> AlarmLog:
        """Return the account's alarms, as this session writes them."""
        return AlarmLog(self.records.notes)

    def look(self) -> None:
        """Keep what a person should hear of, also where the run stops before it decides.

        This comes before a plan is frozen. Whatever happened since the last decided session is
        looked for again after a crash, and found once.
        """
        config, session = self.config, self.records.session
        log, hears = self.log, hears_alarms(config)
        last = self.records.last_session()
        if last is None or last < session:
            log.add(self._of_overlay(last), tell=hears)
            missed = log.fresh_missed(self.records.unseen(self.calendar))
            log.add(list(missed_alarm(missed)), tell=hears)
        log.add(list(expiry_alarms(config, self._today())), tell=hears)
        log.add(list(answers_alarm(self.diagnosis, self._today())), tell=hears)
        told = config.settings.notify is not None
        fresh = log.add(list(config_alarms(config, session)), tell=told)
        self.notices = [alarm_text(alarm, config.settings.lang) for alarm in fresh]

    def document(self) -> dict[str, Any]:
        """Return what the document of the run says of alarms."""
        language = self.config.settings.lang
        alarms = [
            {"key": a.key, "session": a.session.isoformat(), "text": alarm_text(a, language)}
            for a in self.log.of_session()
        ]
        return {"alarms": alarms, "notices": self.notices}

    def _of_overlay(self, last: date | None) -> Sequence[Alarm]:
        try:
            return self.overlay(self.records.session, last)
        except (AllocationError, DataError):
            return ()  # the decision on the same session stops for it and says why

    def _today(self) -> date:
        zone = ZoneInfo(self.config.settings.schedule.timezone)
        return datetime.fromtimestamp(self.records.desk.clock.now(), zone).date()
