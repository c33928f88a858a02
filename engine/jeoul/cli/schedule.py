"""``jeoul schedule``: timer entries for a config, and its next runs."""

from __future__ import annotations

import shutil
import sys
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from jeoul.cli.completion import configs
from jeoul.cli.options import json_option
from jeoul.cli.schemas import OutputForm
from jeoul.cli.terminal import verbatim

SYSTEMS = ("systemd", "cron", "launchd", "windows", "github")


@click.command("schedule")
@click.argument("config", metavar="CONFIG", shell_complete=configs)
@click.option("--system", type=click.Choice(SYSTEMS), help="Default: every system.")
@click.option("--out", type=click.Path(path_type=Path), help="Write the entries into this folder.")
@json_option
def schedule(config: str, system: str | None, out: Path | None, as_json: OutputForm | None) -> None:
    """Write timer entries for the run of CONFIG, and show its next ten runs by the calendar."""
    from jeoul import api
    from jeoul.messages import say
    from jeoul.operations.setup.schedule import entries, next_runs
    from jeoul.operations.setup.starts import timer_needs
    from jeoul.workspace.configs import config_of_timer, configs_in, household_in
    from jeoul.workspace.live import mandate_at

    loaded = config_of_timer(config)
    home = household_in(config)
    first = config if home is None else f"{config}:{min(home.accounts)}"
    calendar = api.calendars()[mandate_at(first).strategy.calendar]
    now = datetime.now(ZoneInfo(loaded.settings.schedule.timezone))  # noqa: TID251
    needs = timer_needs(configs_in(config), calendar)
    runs = next_runs(loaded, calendar, now, second=needs.second)
    command, *arguments = _program()
    chosen = SYSTEMS if system is None else (system,)
    made = {name: entries(loaded, command, name, arguments, needs) for name in chosen}
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        for entry in (entry for found in made.values() for entry in found):
            (out / entry.name).write_text(entry.text, "utf-8")
    if as_json is not None:
        document = {
            "next": [run.isoformat() for run in runs],
            "entries": {
                name: [{"name": e.name, "text": e.text, "install": e.install} for e in found]
                for name, found in made.items()
            },
        }
        as_json.write(document)
        return
    for name, found in made.items():
        for entry in found:
            verbatim(f"# --- {name}: {entry.name}\n{entry.text}")
        verbatim(f"# {found[0].install}\n")
    click.echo(say(loaded.settings.lang, "operations.schedule_next"))
    for run in runs:
        click.echo(f"  {run:%Y-%m-%d %a %H:%M %Z}")


def _program() -> list[str]:
    """Return the words that start jeoul: the program, or the interpreter where there is none."""
    beside = str(Path(sys.executable).parent)
    found = shutil.which("jeoul") or shutil.which("jeoul", path=beside)
    return [sys.executable, "-m", "jeoul"] if found is None else [found]
