"""``jeoul guard``: the overlay's state for every New York session."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jeoul.cli.options import (
    account_option,
    data_option,
    json_option,
    language_option,
    profile_option,
)
from jeoul.cli.schemas import Form
from jeoul.cli.spans import read_span

if TYPE_CHECKING:
    from jeoul.pipeline import Model


@click.command("guard")
@click.argument("strategy", default="managed")
@profile_option
@data_option
@click.option("--from", "start", metavar="DATE", help="First New York session shown.")
@click.option("--to", "end", metavar="DATE", help="Last New York session shown.")
@click.option("--events", is_flag=True, help="Show every transition instead of every session.")
@account_option
@language_option
@json_option
def guard(
    strategy: str,
    profile: str,
    folder: Path | None,
    start: str | None,
    end: str | None,
    events: bool,
    account: str,
    lang: str,
    as_json: Form | None,
) -> None:
    """Show state, scale and latches session by session; latches need no allocation.

    With --events: every transition, when it was known and when it was filled.
    """
    from jeoul import api
    from jeoul.pipeline import run_model
    from jeoul.pipeline.watch import event_log, watch
    from jeoul.reporting.reasons import reason_text
    from jeoul.reporting.stance import event_document
    from jeoul.strategy.load import load_strategy
    from jeoul.workspace.kept import user_cache

    span = read_span(start, end).on(api.calendars()["XNYS"], lang)
    loaded = load_strategy(strategy)
    snapshot = api.open_market(folder, cache=user_cache()).newest(loaded.calendar)
    mandate = api.mandate(loaded, profile, account)
    model = run_model(mandate, api.history(loaded, snapshot))

    def told(session: date) -> bool:
        begun = span.start is None or session >= span.start
        return begun and (span.end is None or session <= span.end)

    head = {
        "simulated": snapshot.simulated,
        "strategy": loaded.name,
        "profile": profile,
        "kind": str(mandate.account),
    }
    if events:
        log = [
            event_document(event, reason_text(event.cause, lang))
            for event in event_log(model)
            if told(event.session)
        ]
        if as_json is None:
            _show_events(log, api.calendars()[loaded.calendar].timezone)
        else:
            as_json.write({**head, "events": log}, indent=1)
        return
    rows: list[dict[str, Any]] = [
        {
            "session": seen.session.isoformat(),
            "state": seen.state,
            "scale": seen.scale,
            "latches": dict(seen.latches),
            "reasons": [reason_text(reason, lang) for reason in seen.reasons],
        }
        for seen in watch(model)
        if told(seen.session)
    ]
    if as_json is not None:
        as_json.write({**head, "sessions": rows}, indent=1)
        return
    for row in rows:
        on = ",".join(name for name, state in row["latches"].items() if state) or "-"
        click.echo(
            f"{row['session']}  {row['state']:8} {row['scale']:.2f}  {on:10} "
            + "; ".join(row["reasons"])
        )
    _show_stance(model, lang)


def _show_events(log: list[dict[str, Any]], timezone: str) -> None:
    from jeoul.reporting.formats import Formats

    formats = Formats("en", timezone)  # instants read the same in both languages
    for event in log:
        filled, known = event["executed"] or "-", datetime.fromisoformat(event["known_at"])
        click.echo(
            f"{event['session']}  {formats.instant(known)}  {filled:10}  {event['scale']:.2f}  "
            f"{event['cause']}"
        )


def _show_stance(model: Model, lang: str) -> None:
    """Write what each latch reads now, and what it does to the decision."""
    from jeoul.messages import say
    from jeoul.reporting.formats import Formats
    from jeoul.reporting.stance import stance

    formats = Formats(lang, "UTC")
    click.echo()
    for row in stance([model]):
        latch = row.latch
        state = say(lang, "report.on" if latch.on else "report.off")
        since = "" if latch.since is None else say(lang, "report.since", {"day": latch.since})
        edge = say(
            lang,
            "report.at_least" if latch.rising else "report.at_most",
            {"level": formats.reading(latch.enter, latch.unit)},
        )
        click.echo(
            f"{say(lang, f'stance.topic_{row.topic}')}  {latch.name.into(lang)}: "
            f"{formats.reading(latch.reading, latch.unit)} ({edge})  {state} {since}  "
            f"-> {row.today.into(lang)}"
        )
