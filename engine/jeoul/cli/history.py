"""``jeoul history``: the runs of an account, with reasons."""

from __future__ import annotations

import click

from jeoul.cli.options import json_option
from jeoul.cli.passphrase import passphrase_option
from jeoul.cli.schemas import Form


@click.command("history")
@click.argument("config", metavar="CONFIG")
@json_option
@passphrase_option
def history(config: str, as_json: Form | None) -> None:
    """List the runs of CONFIG's account, oldest first, with orders, reasons, what was skipped."""
    from contextlib import closing

    from jeoul.messages import say
    from jeoul.operations.told.run_history import history as past
    from jeoul.workspace.configs import config_at
    from jeoul.workspace.live import read_ledger

    loaded = config_at(config)
    lang = loaded.settings.lang
    with closing(read_ledger(loaded)) as ledger:
        entries = past(ledger, loaded.settings.name, lang)
    if as_json is not None:
        as_json.write({"account": loaded.settings.name, "entries": entries})
        return
    if not entries:
        click.echo(say(lang, "operations.history_empty"))
    for entry in entries:
        if "run_id" not in entry:
            what = entry.get("outcome") or entry.get("quarter") or ""
            click.echo(f"{entry['session']}  {entry['note']} {what}")
        else:
            click.echo(f"{entry['session']}  {entry['run_id']}  {' '.join(entry['events'])}")
        for reason in entry.get("reasons", [entry["text"]] if "text" in entry else ()):
            click.echo(f"    {reason}")
        for order in entry["orders"] if isinstance(entry.get("orders"), list) else ():
            click.echo("    {side:4} {ticker:8} {shares:>8,}  {state} {filled:,}".format(**order))
