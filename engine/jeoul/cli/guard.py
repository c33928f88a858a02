"""``jeoul guard``: the overlay's state for every New York session."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from jeoul.cli.options import (
    account_option,
    data_option,
    json_option,
    language_option,
    open_inputs,
    profile_option,
)


@click.command("guard")
@click.argument("strategy", default="managed")
@profile_option
@data_option
@click.option("--from", "start", metavar="DATE", help="First New York session shown.")
@click.option("--to", "end", metavar="DATE", help="Last New York session shown.")
@account_option
@language_option
@json_option
def guard(
    strategy: str,
    profile: str,
    folder: Path | None,
    start: str | None,
    end: str | None,
    account: str,
    lang: str,
    as_json: bool,
) -> None:
    """Show state, scale and latches session by session; latches need no allocation."""
    from jeoul import api
    from jeoul.model.calendar import parse_session
    from jeoul.pipeline import run_model
    from jeoul.pipeline.watch import watch
    from jeoul.report.reasons import reason_text

    first = None if start is None else parse_session(start)
    last = None if end is None else parse_session(end)
    opened = open_inputs(strategy, folder, None)
    history = api.history(opened.strategy, opened.snapshot)
    model = run_model(api.mandate(opened.strategy, profile, account), history)
    rows: list[dict[str, Any]] = [
        {
            "session": seen.session.isoformat(),
            "state": seen.state,
            "scale": seen.scale,
            "latches": dict(seen.latches),
            "reasons": [reason_text(reason, lang) for reason in seen.reasons],
        }
        for seen in watch(model)
        if (first is None or seen.session >= first) and (last is None or seen.session <= last)
    ]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    for row in rows:
        on = ",".join(name for name, state in row["latches"].items() if state) or "-"
        click.echo(
            f"{row['session']}  {row['state']:8} {row['scale']:.2f}  {on:10} "
            + "; ".join(row["reasons"])
        )
