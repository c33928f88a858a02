"""Whether the runs of an account happen as they should: when the last was, what was missed."""

from __future__ import annotations

import json
from collections.abc import Container, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from jeoul.messages import say
from jeoul.model.calendar import Calendar
from jeoul.operations.desk.guards import is_stopped
from jeoul.operations.ledger import Ledger, StoredRow
from jeoul.operations.setup.calendar import Rhythm, missed, rhythm
from jeoul.operations.setup.config import Config
from jeoul.operations.setup.schedule import next_runs
from jeoul.operations.setup.starts import timer_needs
from jeoul.operations.told.alarms import answers_reason, missed_reason
from jeoul.operations.told.expiry import endings, expiry_reasons
from jeoul.operations.told.ledger_notes import standing_stop, stops_after
from jeoul.operations.told.left_alone import were_left_alone
from jeoul.profile import Diagnosis
from jeoul.reporting.reasons import reason_text
from jeoul.translation import in_language

GRACE = timedelta(hours=1)
"""How late a run may be before its session counts as missed."""

FINE, STOPPED, NEEDS_PERSON = 0, 4, 5

OldTimer = Rhythm | Literal["once"]
"""What shows that an old timer is installed: how rarely runs came, or that none came again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """The runs of one account at one instant.

    ``last`` is the newest run that decided, on ``decided`` at the latest; ``stop`` is why the
    newest run stopped. ``due`` is the newest session that a run should have decided on
    by ``now``, ``missed`` are those up to it that no run looked at, ``timer`` the rhythm of the
    runs if it is that of a timer that starts once a week or month, ``once`` if buys lapsed that no
    run tried again before the close. ``newest`` is the newest session
    in the data, None where they cannot be read. ``rows`` counts those of the ledger and ``written``
    is the instant of the newest one, 0 and None without a ledger. ``diagnosis`` is that of the
    account's answers, None without any.
    """

    config: Config
    now: datetime
    last: dict[str, Any] | None
    decided: date | None
    stop: dict[str, Any] | None
    following: datetime | None
    due: date
    missed: tuple[date, ...]
    timer: OldTimer | None
    newest: date | None
    rows: int
    written: datetime | None
    diagnosis: Diagnosis | None = None

    @property
    def problems(self) -> tuple[str, ...]:
        """Return what a person should do something about, in the config's language."""
        return tuple(self._problems())

    @property
    def exit_code(self) -> int:
        """Return 5 if a person is needed, 4 if a rule stops the account, else 0."""
        if self.problems:
            return NEEDS_PERSON
        by_rule = self.stop is not None and self.stop["outcome"] == "blocked_rule"
        return STOPPED if self.stopped or by_rule else FINE

    @property
    def stopped(self) -> bool:
        """Return whether the kill switch is on."""
        return is_stopped(self.config.settings.safety, self.config.state)

    def as_json(self) -> dict[str, Any]:
        """Return everything as JSON values."""
        settings = self.config.settings
        ends = {each.name: each.until.isoformat() for each in endings(self.config)}
        expires = None if self.diagnosis is None else self.diagnosis.profile.expires
        return {
            "account": settings.name,
            "kind": settings.account,
            "exit_code": self.exit_code,
            "problems": list(self.problems),
            "last_run": self.last,
            "last_decided": None if self.decided is None else self.decided.isoformat(),
            "last_stop": self.stop,
            "next_run": None if self.following is None else self.following.isoformat(),
            "missed": [day.isoformat() for day in self.missed],
            "old_timer": self.timer,
            "stopped": self.stopped,
            "ledger": None
            if self.written is None
            else {
                "rows": self.rows,
                "newest": self.written.isoformat(),
                "days": (self.now - self.written).days,
            },
            "keys_until": ends.get("keys"),
            "password_until": ends.get("password"),
            "certificate_until": ends.get("certificate"),
            "answers_until": None if expires is None else expires.isoformat(),
            "data": None if self.newest is None else self.newest.isoformat(),
        }

    def _problems(self) -> Iterator[str]:
        lang = self.config.settings.lang
        if self.last is None:
            yield say(lang, "health.never")
        if self.missed:
            yield reason_text(missed_reason(self.missed), lang)
        if self.timer == "once" or (self.missed and self.timer is not None):
            yield say(lang, f"health.timer_{self.timer}")
        if self.stop is not None and self.stop["outcome"] != "blocked_rule":
            yield from self.stop["reasons"]
        if self.newest is None:
            yield say(lang, "health.no_data")
        elif self.newest < self.due:
            yield say(lang, "health.old_data", {"newest": self.newest, "due": self.due})
        yield from (str(in_language(problem, lang)) for problem in self.config.retired)
        ends = (*expiry_reasons(self.config, self.now.date()), answers_reason(self.diagnosis))
        yield from (reason_text(reason, lang) for reason in ends if reason is not None)


def health(
    config: Config,
    calendar: Calendar,
    now: datetime,
    ledger: Ledger | None,
    *,
    strategy: str,
    newest: date | None,
    simulated: bool,
    diagnosis: Diagnosis | None = None,
) -> Health:
    """Return how the runs of a config are at an instant with its zone.

    ``newest`` is the newest session in the data, ``diagnosis`` that of the account's answers. On
    ``simulated`` data no session is ever due that they do not have.
    """
    due = due_session(config, calendar, now)
    second = timer_needs([config], calendar).second
    if simulated and newest is not None:
        due = min(due, newest)
    name = config.settings.name
    runs = [] if ledger is None else _runs(ledger, name, strategy)
    decided = sorted({date.fromisoformat(run["session"]) for run in runs})
    last, newest_decided = (runs[-1], decided[-1]) if runs else (None, None)
    stops = [] if ledger is None else stops_after(ledger, name, newest_decided)
    stop = None if ledger is None else standing_stop(ledger, name)
    timer: OldTimer | None = rhythm(calendar, decided)
    if timer is None and ledger is not None and second is not None and decided:
        since = decided[-2:][0]  # a lapse is in the books since the run of the session after it
        timer = "once" if were_left_alone(ledger, name, since, second) else None
    head = None if ledger is None else ledger.head()
    return Health(
        config=config,
        now=now,
        last=None if last is None else {"run_id": last["run_id"], "at": _instant(last["at"])},
        decided=newest_decided,
        stop=None if stop is None else _stop(stop),
        following=next(iter(next_runs(config, calendar, now, 1, second)), None),
        due=due,
        missed=_missed(calendar, decided, due, {row["session"] for row in stops}),
        timer=timer,
        newest=newest,
        rows=0 if head is None else head.seq,
        written=datetime.fromtimestamp(head.at, UTC) if head is not None and head.seq else None,
        diagnosis=diagnosis,
    )


def due_session(config: Config, calendar: Calendar, now: datetime) -> date:
    """Return the newest session that a run should have decided on by now.

    A run decides on a session at the scheduled time of the next one, and may be an hour late.
    """
    settings = config.settings.schedule
    zone = ZoneInfo(settings.timezone)
    local = (now - GRACE).astimezone(zone)
    today = local.date()
    if local < datetime.combine(today, time.fromisoformat(settings.at), zone):
        today -= timedelta(days=1)
    return _before(calendar, _on_or_before(calendar, today))


def _on_or_before(calendar: Calendar, day: date) -> date:
    while not calendar.is_session(day):
        day -= timedelta(days=1)
    return day


def _before(calendar: Calendar, session: date) -> date:
    return calendar.label(calendar.index(session) - 1)


def _missed(
    calendar: Calendar, decided: list[date], due: date, stopped: Container[str]
) -> tuple[date, ...]:
    if not decided or decided[-1] >= due:
        return ()
    found = (*missed(calendar, decided[-1], due), due)
    return tuple(day for day in found if day.isoformat() not in stopped)


def _runs(ledger: Ledger, account: str, strategy: str) -> list[StoredRow]:
    return ledger.rows(
        "SELECT run_id, session, at FROM runs JOIN chain USING (seq) "
        "WHERE account = ? AND strategy = ? ORDER BY seq",
        account,
        strategy,
    )


def _stop(row: StoredRow) -> dict[str, Any]:
    at = _instant(row["at"])
    return {"session": row["session"], "at": at, **json.loads(row["detail"])}


def _instant(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat()
