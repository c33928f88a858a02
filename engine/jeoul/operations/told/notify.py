"""Telling a person what a run came to, with the reasons and what is asked of them."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from jeoul.database import Error
from jeoul.messages import say
from jeoul.operations.desk.intents import run_events
from jeoul.operations.errors import LedgerError
from jeoul.operations.ledger import Ledger, ledger_of
from jeoul.operations.setup.clock import Clock
from jeoul.operations.setup.config import Config, secrets_of
from jeoul.operations.setup.outcome import RunReport
from jeoul.operations.setup.secrets import without_secrets
from jeoul.operations.told.alarms import AlarmLog, alarm_text, reason_texts
from jeoul.operations.told.ledger_notes import LedgerNotes
from jeoul.pipeline.alarms import Alarm

Send = Callable[[str, str, str], bool]  # addresses, title, body -> delivered


@dataclass(frozen=True, slots=True)
class Delivery:
    """Whether a notification was delivered, and a warning to show if it was not."""

    sent: bool
    warning: str | None = None


def message(
    config: Config, report: RunReport, alarms: Sequence[Alarm] = (), *, outcome: bool = True
) -> tuple[str, str]:
    """Return title and body: alarms, outcome, reasons, orders, and what is asked of the reader.

    Without ``outcome`` the alarms stand alone.
    """
    lang, account = config.settings.lang, config.settings.name
    lines = [alarm_text(alarm, lang) for alarm in alarms]
    if outcome:
        shown = say(lang, f"operations.outcome_{report.outcome}")
        title = say(lang, "operations.notify_title", {"account": account, "outcome": shown})
        said = {text for alarm in alarms for text in reason_texts(alarm, lang)}
        lines += [line for line in _outcome_lines(lang, report) if line not in said]
    else:
        title = say(lang, "alarm.title", {"account": account, "alarms": len(alarms)})
    if report.document.get("simulated"):
        lines.append(say(lang, "operations.notify_simulated"))
    secrets = secrets_of(config)
    return without_secrets(title, secrets), without_secrets("\n".join(lines), secrets)


def _outcome_lines(lang: str, report: RunReport) -> list[str]:
    orders = report.document.get("orders", ())
    return [
        *report.reasons,
        *(say(lang, "operations.line_order", order) for order in orders),
        *(say(lang, "operations.line_asked", {"text": text}) for text in report.asked),
    ]


def notify(
    config: Config,
    report: RunReport,
    send: Send | None = None,
    alarms: Sequence[Alarm] = (),
    *,
    outcome: bool = True,
) -> Delivery:
    """Tell whom the config names about an outcome it lists, and alarms; a failure stops no run.

    The addresses come from an environment variable, because they hold keys.
    """
    settings = config.settings.notify
    outcome = outcome and settings is not None and report.outcome in settings.on
    if settings is None or not (outcome or alarms):
        return Delivery(sent=False)
    addresses = os.environ.get(settings.urls, "")
    warning = say(config.settings.lang, "operations.notify_failed")
    if not addresses:
        return Delivery(sent=False, warning=f"{settings.urls}: {warning}")
    title, body = message(config, report, alarms, outcome=outcome)
    deliver = _apprise if send is None else send
    try:
        return Delivery(sent=True) if deliver(addresses, title, body) else Delivery(False, warning)
    except Exception as error:
        # Whatever a notification service throws, its order is already placed and recorded.
        return Delivery(False, f"{warning} ({type(error).__name__})")


def notify_once(
    config: Config, report: RunReport, clock: Clock, send: Send | None = None
) -> Delivery:
    """Tell an outcome unless it is the one told last, and each alarm that was not told yet.

    A timer that starts more than once repeats an outcome: the same is the same run, or session
    without one, the same outcome, and no new reason. The outcome of a plan that a person rejected
    is not sent either. Each message is kept as a note of the ledger; if the note cannot be read or
    written, the message is sent again. An alarm waits for the next run if the message could not be
    delivered.
    """
    settings = config.settings.notify
    if settings is None:
        return Delivery(sent=False)
    try:
        with closing(ledger_of(config)) as ledger:
            notes = _notes(ledger, config, report, clock)
            saying = _saying(report)
            log = AlarmLog(notes)
            alarms = log.waiting()
            known = _repeats(saying, notes.newest("told")) or _is_rejected(ledger, saying)
            outcome = report.outcome in settings.on and not known
            told = notify(config, report, send, alarms, outcome=outcome)
            if told.sent:
                with suppress(LedgerError, Error):
                    if alarms:
                        log.told(alarms)
                    if outcome:
                        notes.add("told", saying)
            return told
    except (LedgerError, Error):
        return notify(config, report, send)


def _notes(ledger: Ledger, config: Config, report: RunReport, clock: Clock) -> LedgerNotes:
    named = report.document.get("as_of")
    day = date.fromisoformat(named) if named else datetime.fromtimestamp(clock.now(), UTC).date()
    settings = config.settings
    return LedgerNotes(
        ledger=ledger,
        clock=clock,
        account=settings.name,
        strategy=settings.strategy,
        session=day,
    )


def _is_rejected(ledger: Ledger, saying: Mapping[str, Any]) -> bool:
    """Return whether an outcome is that of a plan which a person rejected."""
    about = saying["about"]
    return about is not None and any(
        event == "rejected" for event, _, _ in run_events(ledger, about)
    )


def _saying(report: RunReport) -> dict[str, object]:
    about = report.document.get("run_id") or report.document.get("as_of")
    return {"about": about, "outcome": report.outcome, "reasons": list(report.reasons)}


def _repeats(saying: Mapping[str, Any], told: Mapping[str, Any] | None) -> bool:
    """Return whether an outcome has no reason that the last message did not have.

    A run that has nothing left to do does not repeat what the one before it noticed on the way.
    """
    if told is None or any(saying[key] != told[key] for key in ("about", "outcome")):
        return False
    return set(saying["reasons"]) <= set(told["reasons"])


def _apprise(addresses: str, title: str, body: str) -> bool:
    import apprise

    target = apprise.Apprise()
    for address in addresses.split():
        target.add(address)
    return bool(target.notify(title=title, body=body))
