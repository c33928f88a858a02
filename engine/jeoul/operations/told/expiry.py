"""What ends by itself and is heard of before it bites: keys, a password, a certificate."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from jeoul.model.portfolio import Reason
from jeoul.operations.setup.config import Config
from jeoul.pipeline.alarms import Alarm

KEYS_LAST, PASSWORD_LASTS = 12, 3  # months
_NOTICE = {"keys": 30, "password": 14, "certificate": 30}  # days


@dataclass(frozen=True, slots=True)
class Expiring:
    """Something that can be used up to a day."""

    name: str
    until: date

    def reason(self, today: date) -> Reason | None:
        """Return that it ends soon or has ended, None otherwise."""
        if today < self.until - timedelta(days=_NOTICE[self.name]):
            return None
        kind = "end" if today <= self.until else "ended"
        return Reason.of(f"operations.{self.name}_{kind}", until=self.until)


def endings(config: Config) -> tuple[Expiring, ...]:
    """Return what of an account ends on a day that the config gives, keys first."""
    settings = config.settings
    issued, changed = settings.expiry.keys_issued, settings.expiry.password_changed
    keys = settings.broker.keys_end_on or (None if issued is None else later(issued, KEYS_LAST))
    found = {
        "keys": keys,
        "password": None if changed is None else later(changed, PASSWORD_LASTS),
        "certificate": settings.expiry.certificate_until,
    }
    return tuple(Expiring(name, until) for name, until in found.items() if until is not None)


def expiry_reasons(config: Config, today: date) -> list[Reason]:
    """Return what ends soon or has ended."""
    found = (ending.reason(today) for ending in endings(config))
    return [reason for reason in found if reason is not None]


def expiry_alarms(config: Config, today: date) -> Iterator[Alarm]:
    """Yield an alarm for what ends soon, and another for what has ended."""
    for ending in endings(config):
        reason = ending.reason(today)
        if reason is not None:
            kind = reason.kind.removeprefix("operations.")
            yield Alarm(f"{kind}.{ending.until}", today, reason)


def later(day: date, months: int) -> date:
    """Return the day so many months later, the last of its month where there is no such day.

    >>> later(date(2026, 11, 30), 3), later(date(2026, 11, 29), 12)
    (datetime.date(2027, 2, 28), datetime.date(2027, 11, 29))
    """
    count = day.year * 12 + day.month - 1 + months
    first = date(count // 12, count % 12 + 1, 1)
    following = date((count + 1) // 12, (count + 1) % 12 + 1, 1)
    return first.replace(day=min(day.day, (following - first).days))
