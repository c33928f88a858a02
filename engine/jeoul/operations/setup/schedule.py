"""Timer entries for the run of a config, on every system that has timers."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, timezone
from heapq import merge
from itertools import islice
from math import ceil
from subprocess import list2cmdline
from zoneinfo import ZoneInfo

from jeoul.model.calendar import Calendar
from jeoul.operations.setup.calendar import runs_on
from jeoul.operations.setup.config import Config, ScheduleSettings
from jeoul.operations.setup.secrets import PASSPHRASE
from jeoul.operations.setup.starts import MONDAY, MONDAYS, SecondStart, TimerNeeds, WeeklyStart

SHOWN = 10

LIMIT = timedelta(minutes=30)
"""How long a run may last before the system ends it, beside the time in which it watches sales."""

_NOTHING = TimerNeeds()


@dataclass(frozen=True, slots=True)
class TimerFile:
    """One file of a timer: its name, what it says, and how it is put to work."""

    name: str
    text: str
    install: str


def next_runs(
    config: Config,
    calendar: Calendar,
    now: datetime,
    count: int = SHOWN,
    second: SecondStart | None = None,
) -> list[datetime]:
    """Return the next local times at which a timer finds a session to run on.

    Today's are among them while they are still ahead of ``now``, an instant with its zone. Fewer
    where the exchange's holidays are not known further.
    """
    settings = config.settings.schedule
    at, zone = time.fromisoformat(settings.at), ZoneInfo(settings.timezone)
    # A start on the day before here can be ahead at an exchange in the west.
    before = now.astimezone(zone).date() - timedelta(days=2)
    times = (datetime.combine(day, at, zone) for day in runs_on(calendar, before))
    if second is not None:
        again = (second.on(day).astimezone(zone) for day in runs_on(calendar, before))
        times = merge(times, again)
    return list(islice((start for start in times if start > now), count))


def entries(
    config: Config,
    command: str,
    system: str,
    arguments: Sequence[str] = (),
    needs: TimerNeeds = _NOTHING,
) -> list[TimerFile]:
    """Return the timer of one system.

    ``command`` is the path of the jeoul program, or of an interpreter that ``arguments`` make into
    one (``-m jeoul``).

    Every timer starts on each weekday at the config's time, and at the second start that it
    ``needs``: the run itself knows sessions and holidays, and shows the first result when started
    twice, so that a late or repeated start does no harm.
    """
    words = (command, *arguments, "run", str(config.path), "--execute")
    return SYSTEMS[system](config, words, needs)


def systemd(config: Config, words: Sequence[str], needs: TimerNeeds) -> list[TimerFile]:
    """Return a service and a timer that catches up after sleep or power loss."""
    settings, name = config.settings.schedule, _name(config)
    service = "\n".join(
        [
            "[Unit]",
            f"Description=jeoul run of {config.settings.name}",
            "Wants=network-online.target",
            "After=network-online.target",
            "",
            "[Service]",
            "Type=oneshot",
            f"ExecStart={' '.join(map(_quoted_systemd, words))}",
            "Environment=PYTHONUTF8=1",
            f"EnvironmentFile=-%h/.config/jeoul/{config.settings.name}.env",
            f"TimeoutStartSec={_minutes(needs)}min",
            "SuccessExitStatus=75",
            "UMask=0077",
            "",
        ]
    )
    second, again = needs.second, []
    if second is not None:
        again = [f"OnCalendar=Mon..Fri *-*-* {second.at:%H:%M}:00 {second.zone}"]
    timer = "\n".join(
        [
            "[Unit]",
            f"Description=jeoul timer of {config.settings.name}",
            "",
            "[Timer]",
            f"OnCalendar=Mon..Fri *-*-* {settings.at}:00 {settings.timezone}",
            *again,
            "Persistent=true",
            "AccuracySec=1s",
            "",
            "[Install]",
            "WantedBy=timers.target",
            "",
        ]
    )
    install = (
        f"copy both to ~/.config/systemd/user/, then: systemctl --user enable --now {name}.timer; "
        "loginctl enable-linger keeps it running while nobody is logged in"
    )
    return [
        TimerFile(f"{name}.service", service, install),
        TimerFile(f"{name}.timer", timer, install),
    ]


def cron(config: Config, words: Sequence[str], needs: TimerNeeds) -> list[TimerFile]:
    """Return crontab lines; cron knows no catch-up, so it starts every hour of the session."""
    settings = config.settings.schedule
    hour, minute = settings.at.split(":")
    line = shlex.join(words).replace("%", r"\%")
    lines = [f"{int(minute)} {int(hour)}-{max(int(hour), 15)} * * 1-5 {line}"]
    if needs.second is not None:
        again = needs.second.weekly(settings.timezone)
        days = ",".join(str((day + 1) % 7) for day in again.days)
        lines.append(f"{again.at.minute} {again.at.hour} * * {days} {line}")
    text = "\n".join([f"CRON_TZ={settings.timezone}", "PYTHONUTF8=1", *lines, ""])
    install = (
        "add it with `crontab -e`; where cron ignores CRON_TZ, as Debian's does, set the machine's "
        "own zone"
    )
    return [TimerFile(f"{_name(config)}.cron", text, install)]


def launchd(config: Config, words: Sequence[str], needs: TimerNeeds) -> list[TimerFile]:
    """Return a property list for macOS, which starts missed runs after waking up."""
    from xml.sax.saxutils import escape

    settings, name = config.settings.schedule, _name(config)
    starts = [WeeklyStart(time.fromisoformat(settings.at))]
    starts += [] if needs.second is None else [needs.second.weekly(settings.timezone)]
    arguments = "".join(f"    <string>{escape(word)}</string>\n" for word in words)
    times = "".join(
        f"    <dict><key>Weekday</key><integer>{(day + 1) % 7}</integer><key>Hour</key>"
        f"<integer>{start.at.hour}</integer><key>Minute</key>"
        f"<integer>{start.at.minute}</integer></dict>\n"
        for start in starts
        for day in start.days
    )
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" '
        '"http://www.apple.com/DTDs/PropertyList-1.0.dtd">\n'
        f'<plist version="1.0"><dict>\n  <key>Label</key><string>{name}</string>\n'
        f"  <key>ProgramArguments</key><array>\n{arguments}  </array>\n"
        "  <key>EnvironmentVariables</key><dict><key>PYTHONUTF8</key><string>1</string></dict>\n"
        f"  <key>StartCalendarInterval</key><array>\n{times}  </array>\n</dict></plist>\n"
    )
    install = (
        f"copy it to ~/Library/LaunchAgents/, then: launchctl load {name}.plist; launchd uses the "
        f"machine's own time zone, so set that to {settings.timezone} or change the hour"
    )
    return [TimerFile(f"{name}.plist", text, install)]


def windows(config: Config, words: Sequence[str], needs: TimerNeeds) -> list[TimerFile]:
    """Return a task for the Windows Task Scheduler that starts when available if it was missed."""
    from xml.sax.saxutils import escape

    name = _name(config)
    starts = [_latest(config.settings.schedule)]
    starts += [] if needs.second is None else [needs.second.on(MONDAY)]
    days = "".join(f"<{day} />" for day in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday"))
    arguments = escape(list2cmdline(words[1:]))
    triggers = "".join(
        f"<CalendarTrigger><StartBoundary>{start.isoformat()}</StartBoundary>\n"
        f"    <ScheduleByWeek><DaysOfWeek>{days}</DaysOfWeek><WeeksInterval>1</WeeksInterval>"
        "</ScheduleByWeek></CalendarTrigger>"
        for start in starts
    )
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">\n'
        f"  <Triggers>{triggers}</Triggers>\n"
        "  <Settings><StartWhenAvailable>true</StartWhenAvailable>"
        "<MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>"
        f"<ExecutionTimeLimit>PT{_minutes(needs)}M</ExecutionTimeLimit></Settings>\n"
        f"  <Actions><Exec><Command>{escape(words[0])}</Command>"
        f"<Arguments>{arguments}</Arguments></Exec></Actions>\n</Task>\n"
    )
    return [TimerFile(f"{name}.xml", text, f"schtasks /Create /TN {name} /XML {name}.xml")]


def github(config: Config, _words: Sequence[str], needs: TimerNeeds) -> list[TimerFile]:
    """Return a workflow for GitHub Actions, which knows UTC alone and keeps no disk of its own.

    The config stands at the root of the repository, where a relative state folder is too.
    """
    settings = config.settings.schedule
    local = _latest(settings)
    utc = local.astimezone(UTC)
    moved = (utc.date() - local.date()).days
    name = config.settings.name
    lines = [
        f"name: jeoul {name}",
        "on:",
        "  schedule:",
        f"    # {settings.at} {settings.timezone}; an hour later in its summer time, if any",
        f'    - cron: "{utc.minute} {utc.hour} * * {1 + moved}-{5 + moved}"',
        *_workflow_again(needs.second),
        "concurrency: { group: jeoul-" + name + ", cancel-in-progress: false }",
        "jobs:",
        "  run:",
        "    runs-on: ubuntu-latest",
        "    steps:",
        "      - uses: actions/checkout@v4",
        "      - uses: actions/cache@v4",
        "        with:",
        f"          path: {json.dumps(config.settings.state, ensure_ascii=False)}",
        f"          key: jeoul-{name}-${{{{ github.run_id }}}}",
        f"          restore-keys: jeoul-{name}-",
        "      # the variable JEOUL of the repository: where pip finds jeoul, a wheel or git+https",
        '      - run: pip install "${{ vars.JEOUL }}"'
        + ("" if config.settings.encrypt is None else " sqlcipher3"),
        f"      - run: jeoul run {shlex.quote(config.path.name)} --execute",
        "        env:",
        *(
            f"          {variable}: ${{{{ secrets.{variable} }}}}"
            for variable in _variables(config)
        ),
        "",
    ]
    if not _variables(config):
        lines.remove("        env:")
    install = (
        "put it into .github/workflows/ of a private repository with the config at its root; the "
        "ledger lives in the cache, which can be evicted: fit for paper accounts and tickets, not "
        "for a live broker"
    )
    return [TimerFile(f"{_name(config)}.yml", "\n".join(lines), install)]


SYSTEMS: Mapping[str, Callable[[Config, Sequence[str], TimerNeeds], list[TimerFile]]] = {
    "systemd": systemd,
    "cron": cron,
    "launchd": launchd,
    "windows": windows,
    "github": github,
}


def _name(config: Config) -> str:
    return f"jeoul-{config.settings.name}"


def _latest(settings: ScheduleSettings) -> datetime:
    """Return the time of a schedule on a Monday, at the offset from UTC that puts it latest.

    A timer that keeps to it is never early: where the clocks are moved in summer it is late then
    by as much, which a run does not mind.
    """
    at, zone = time.fromisoformat(settings.at), ZoneInfo(settings.timezone)
    times = (datetime.combine(each, at, zone) for each in MONDAYS)
    offset = min(each.utcoffset() or timedelta() for each in times)
    return datetime.combine(MONDAY, at, timezone(offset))


def _minutes(needs: TimerNeeds) -> int:
    """Return how long one run may last, in whole minutes."""
    return ceil((LIMIT.total_seconds() + needs.watched) / 60.0)


def _workflow_again(second: SecondStart | None) -> list[str]:
    """Return the lines of a workflow for the second start."""
    if second is None:
        return []
    start = second.weekly("UTC")
    days = ",".join(str((day + 1) % 7) for day in start.days)
    return [
        f"    # {second.at:%H:%M} {second.zone}, before the close",
        f'    - cron: "{start.at.minute} {start.at.hour} * * {days}"',
    ]


def _variables(config: Config) -> list[str]:
    settings = config.settings
    return [
        *settings.broker.variables,
        *([] if settings.notify is None else [settings.notify.urls]),
        *([] if settings.encrypt is None else [PASSPHRASE]),
    ]


def _quoted_systemd(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{escaped}"'
