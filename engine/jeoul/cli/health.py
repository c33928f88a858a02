"""``jeoul health``: whether the runs of an account happen."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from jeoul.cli.completion import configs
from jeoul.cli.options import json_option
from jeoul.cli.passphrase import passphrase_option
from jeoul.cli.schemas import OutputForm

if TYPE_CHECKING:
    from jeoul.operations.told.health import Health


@click.command("health")
@click.argument("config", metavar="CONFIG", shell_complete=configs)
@json_option
@passphrase_option
def health(config: str, as_json: OutputForm | None) -> int:
    """Show the last run of CONFIG, its next one, and the sessions that no run decided on.

    Exit codes: 0 fine, 4 a rule such as the kill switch stops the account, 5 a person is needed: a
    session was missed, the data are old, or keys, a password or a certificate end soon.
    """
    from jeoul.operations.setup.config import secrets_of
    from jeoul.operations.setup.secrets import shown
    from jeoul.workspace.configs import config_at
    from jeoul.workspace.health import health_at

    loaded = config_at(config)
    found = health_at(config, loaded, lambda text: click.echo(f"jeoul: {text}", err=True))
    if as_json is not None:
        document = shown(found.as_json(), secrets_of(loaded))
        as_json.write(document)
    else:
        _write(found)
    return found.exit_code


def _write(found: Health) -> None:
    from jeoul.messages import say

    document, lang = found.as_json(), found.config.settings.lang
    zone = ZoneInfo(found.config.settings.schedule.timezone)

    def local(text: str | None) -> str | None:
        """Return an instant as a person reads it: in the zone of the schedule, with its name."""
        if text is None:
            return None
        return datetime.fromisoformat(text).astimezone(zone).strftime("%Y-%m-%d %H:%M %Z")

    rows = [
        ("last", local((document["last_run"] or {}).get("at"))),
        ("decided", document["last_decided"]),
        ("stop", None if found.stop is None else " ".join(found.stop["reasons"])),
        ("next", local(document["next_run"])),
        ("missed", len(found.missed)),
        ("ledger", local((document["ledger"] or {}).get("newest"))),
        ("keys", document["keys_until"]),
        ("password", document["password_until"]),
        ("certificate", document["certificate_until"]),
        ("answers", document["answers_until"]),
        ("data", document["data"]),
    ]
    dull = ("password", "certificate")  # not said where the config does not name them
    for name, value in rows:
        if name in dull and value is None:
            continue
        click.echo(f"{say(lang, f'health.{name}')}: {'-' if value is None else value}")
    for text in found.problems:
        click.echo(f"* {text}")
    if found.stopped:
        click.echo(f"* {say(lang, 'operations.stopped')}")
