"""``jeoul guard``: the overlay's state for every New York session."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jeoul.cli.completion import strategies
from jeoul.cli.newest import show_findings
from jeoul.cli.options import (
    account_option,
    data_option,
    json_option,
    language_option,
    profile_option,
)
from jeoul.cli.research import found_document
from jeoul.cli.schemas import OutputForm
from jeoul.cli.spans import read_span

if TYPE_CHECKING:
    from jeoul.pipeline import Model


@click.command("guard")
@click.argument("strategy", default="managed", shell_complete=strategies)
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
    as_json: OutputForm | None,
) -> None:
    """Show the state of the risk rules, the share of risk assets, and why, session by session.

    With --events: every transition, when it was known and when it was filled.
    """
    from jeoul import api
    from jeoul.pipeline import run_model
    from jeoul.pipeline.touching import findings_along
    from jeoul.pipeline.watch import event_log, watch
    from jeoul.reporting.reasons import reason_text
    from jeoul.reporting.stance import event_document
    from jeoul.strategy.load import load_strategy
    from jeoul.workspace.kept import user_cache

    span = read_span(start, end).on(api.calendars()["XNYS"], lang)
    loaded = load_strategy(strategy)
    snapshot = api.open_market(folder, cache=user_cache()).newest(loaded.calendar)
    mandate = api.mandate(loaded, profile, account)
    history = api.history(loaded, snapshot)
    findings = found_document(findings_along(mandate, history, snapshot, span.start), lang)
    model = run_model(mandate, history)

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
            _show_events(log, api.calendars()[loaded.calendar].timezone, lang)
            show_findings(findings["findings"], findings["other_findings"], folder, lang, {})
        else:
            as_json.write({**head, "events": log, **findings}, indent=1)
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
        as_json.write({**head, "sessions": rows, **findings}, indent=1)
        return
    show_findings(findings["findings"], findings["other_findings"], folder, lang, {})
    _show_sessions(rows, model, lang)
    _show_stance(model, lang)


def state_word(state: str, lang: str) -> str:
    """Return a state of the overlay in words."""
    from jeoul.messages import say

    return say(lang, f"facts.state_{state.lower()}")


def _show_sessions(rows: list[dict[str, Any]], model: Model, lang: str) -> None:
    """Write state, scale and active signals of each session, with why the state changed."""
    from jeoul.cli.tables import Grid, show
    from jeoul.messages import say
    from jeoul.reporting.overlay_facts import latch_facts

    keys: list[str] = next((list(row["latches"]) for row in rows), [])
    names = dict(zip(keys, (latch.name.into(lang) for latch in latch_facts(model)), strict=False))
    heads = ("session", "state", "scale", "latches", "reasons")
    cells = [
        (
            row["session"],
            state_word(row["state"], lang),
            f"{row['scale']:z.0%}",
            ", ".join(names.get(key, key) for key, on in row["latches"].items() if on) or "-",
            "; ".join(row["reasons"]),
        )
        for row in rows
    ]
    texts = frozenset({0, 1, 3, 4})
    show(Grid([say(lang, f"guard.{name}") for name in heads], cells, texts, note=True))


def _show_events(log: list[dict[str, Any]], timezone: str, lang: str) -> None:
    from jeoul.cli.tables import Grid, show
    from jeoul.messages import say
    from jeoul.reporting.formats import Formats

    formats = Formats(lang, timezone)
    heads = ("session", "known", "filled", "scale", "cause")
    cells = [
        (
            event["session"],
            formats.instant(datetime.fromisoformat(event["known_at"])),
            event["executed"] or "-",
            f"{event['scale']:z.0%}",
            event["cause"],
        )
        for event in log
    ]
    texts = frozenset({0, 1, 2, 4})
    show(Grid([say(lang, f"guard.{name}") for name in heads], cells, texts, note=True))


def _show_stance(model: Model, lang: str) -> None:
    """Write what each latch reads now, and what it does to the decision."""
    from jeoul.cli.tables import Grid, show
    from jeoul.messages import say
    from jeoul.reporting.formats import Formats
    from jeoul.reporting.stance import stance
    from jeoul.reporting.text import Text

    formats, cells, nothing = Formats(lang, "UTC"), [], Text.of("stance.nothing")
    for row in stance([model]):
        latch = row.latch
        state = say(lang, "report.on" if latch.on else "report.off")
        since = "" if latch.since is None else say(lang, "report.since", {"day": latch.since})
        edge = say(
            lang,
            "report.at_least" if latch.rising else "report.at_most",
            {"level": formats.reading(latch.enter, latch.unit)},
        )
        cells.append(
            (
                latch.name.into(lang),
                say(lang, f"stance.topic_{row.topic}"),
                formats.reading(latch.reading, latch.unit),
                edge,
                f"{state} {since}".strip(),
                "" if row.today == nothing else row.today.into(lang),
            )
        )
    heads = ("signal", "topic", "reading", "threshold", "active", "effect")
    click.echo()
    texts = frozenset({0, 1, 4, 5})
    show(Grid([say(lang, f"guard.{name}") for name in heads], cells, texts, note=True))
