"""Timer entries for the run of a config, on every system that has timers."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from itertools import islice
from subprocess import list2cmdline
from zoneinfo import ZoneInfo

from jeoul.model.calendar import Calendar
from jeoul.operations.setup.calendar import runs_on
from jeoul.operations.setup.config import Config, ScheduleSettings
from jeoul.operations.setup.secrets import PASSPHRASE

SHOWN = 10

_MONDAY = date(2026, 1, 5)


@dataclass(frozen=True, slots=True)
class TimerFile:
    """One file of a timer: its name, what it says, and how it is put to work."""

    name: str
    text: str
    install: str


def next_runs(
    config: Config, calendar: Calendar, now: datetime, count: int = SHOWN
) -> list[datetime]:
    """Return the next local times at which a timer finds a session to run on.

    Today's is among them while it is still ahead of ``now``, an instant with its zone. Fewer where
    the exchange's holidays are not known further.
    """
    settings = config.settings.schedule
    at, zone = time.fromisoformat(settings.at), ZoneInfo(settings.timezone)
    yesterday = now.astimezone(zone).date() - timedelta(days=1)
    days = runs_on(calendar, yesterday)
    times = (datetime.combine(day, at, zone) for day in days)
    return list(islice((start for start in times if start > now), count))


def entries(
    config: Config, command: str, system: str, arguments: Sequence[str] = ()
) -> list[TimerFile]:
    """Return the timer of one system.

    ``command`` is the path of the jeoul program, or of an interpreter that ``arguments`` make into
    one (``-m jeoul``).

    Every timer starts on each weekday at the config's time: the run itself knows sessions and
    holidays, and shows the first result when started twice, so that a late or repeated start does
    no harm.
    """
    words = (command, *arguments, "run", str(config.path), "--execute")
    return SYSTEMS[system](config, words)


def systemd(config: Config, words: Sequence[str]) -> list[TimerFile]:
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
            "TimeoutStartSec=30min",
            "SuccessExitStatus=75",
            "UMask=0077",
            "",
        ]
    )
    timer = "\n".join(
        [
            "[Unit]",
            f"Description=jeoul timer of {config.settings.name}",
            "",
            "[Timer]",
            f"OnCalendar=Mon..Fri *-*-* {settings.at}:00 {settings.timezone}",
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


def cron(config: Config, words: Sequence[str]) -> list[TimerFile]:
    """Return a crontab line; cron knows no catch-up, so it starts every hour of the session."""
    settings = config.settings.schedule
    hour, minute = settings.at.split(":")
    line = shlex.join(words).replace("%", r"\%")
    text = "\n".join(
        [
            f"CRON_TZ={settings.timezone}",
            "PYTHONUTF8=1",
            f"{int(minute)} {int(hour)}-{max(int(hour), 15)} * * 1-5 {line}",
            "",
        ]
    )
    install = (
        "add it with `crontab -e`; where cron ignores CRON_TZ, as Debian's does, set the machine's "
        "own zone"
    )
    return [TimerFile(f"{_name(config)}.cron", text, install)]


def launchd(config: Config, words: Sequence[str]) -> list[TimerFile]:
    """Return a property list for macOS, which starts missed runs after waking up."""
    from xml.sax.saxutils import escape

    settings, name = config.settings.schedule, _name(config)
    hour, minute = map(int, settings.at.split(":"))
    arguments = "".join(f"    <string>{escape(word)}</string>\n" for word in words)
    times = "".join(
        f"    <dict><key>Weekday</key><integer>{day}</integer><key>Hour</key>"
        f"<integer>{hour}</integer><key>Minute</key><integer>{minute}</integer></dict>\n"
        for day in range(1, 6)
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


def windows(config: Config, words: Sequence[str]) -> list[TimerFile]:
    """Return a task for the Windows Task Scheduler that starts when available if it was missed."""
    from xml.sax.saxutils import escape

    name, start = _name(config), _latest(config.settings.schedule)
    days = "".join(f"<{day} />" for day in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday"))
    arguments = escape(list2cmdline(words[1:]))
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">\n'
        f"  <Triggers><CalendarTrigger><StartBoundary>{start.isoformat()}</StartBoundary>\n"
        f"    <ScheduleByWeek><DaysOfWeek>{days}</DaysOfWeek><WeeksInterval>1</WeeksInterval>"
        "</ScheduleByWeek></CalendarTrigger></Triggers>\n"
        "  <Settings><StartWhenAvailable>true</StartWhenAvailable>"
        "<MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>"
        "<ExecutionTimeLimit>PT30M</ExecutionTimeLimit></Settings>\n"
        f"  <Actions><Exec><Command>{escape(words[0])}</Command>"
        f"<Arguments>{arguments}</Arguments></Exec></Actions>\n</Task>\n"
    )
    return [TimerFile(f"{name}.xml", text, f"schtasks /Create /TN {name} /XML {name}.xml")]


def github(config: Config, words: Sequence[str]) -> list[TimerFile]:  # noqa: ARG001
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


SYSTEMS: Mapping[str, Callable[[Config, Sequence[str]], list[TimerFile]]] = {
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
    weeks = (datetime.combine(_MONDAY + timedelta(weeks=n), at, zone) for n in range(52))
    offset = min(week.utcoffset() or timedelta() for week in weeks)
    return datetime.combine(_MONDAY, at, timezone(offset))


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
