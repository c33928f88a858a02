"""``jeoul data``: what a market folder covers and what is wrong in it, as table and picture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jeoul.cli.data_charges import charged_proxies, charges_document, charges_grid
from jeoul.cli.options import file_for, json_option, language_option, preferred
from jeoul.cli.schemas import OutputForm
from jeoul.messages import say
from jeoul.reporting.data_words import caption, coded_text, finding_text, group_text, ordered

if TYPE_CHECKING:
    from jeoul.cli.tables import Grid
    from jeoul.market import Market
    from jeoul.market.coverage import Coverage
    from jeoul.model.finding import Finding

SHOWN = 12  # notices written out in a terminal


@click.command("data")
@click.argument(
    "folder", type=click.Path(path_type=Path), required=False, default=preferred("data")
)
@click.option("--out", type=click.Path(path_type=Path), help="Write the picture to this HTML file.")
@language_option
@json_option
def data(folder: Path | None, out: Path | None, lang: str, as_json: OutputForm | None) -> None:
    """Show coverage, gaps and findings of the market folder FOLDER.

    Default: JEOUL_DATA, else the sample.
    """
    from jeoul import api
    from jeoul.market.coverage import coverage, findings

    file_for(out)
    market = api.open_market(folder)
    found = findings(market)
    rows = coverage(market, found)
    if out is not None:
        from jeoul.reporting.data_page import render_data

        out.write_text(render_data(market, rows, found, lang), "utf-8")
    if as_json is not None:
        as_json.write(_document(market, rows, found, lang))
    else:
        _print(market, rows, found, lang)
    if out is not None:
        click.echo(say(lang, "data.written", {"path": out}), err=as_json is not None)


def _print(market: Market, rows: Sequence[Coverage], found: Sequence[Finding], lang: str) -> None:
    from jeoul.cli.tables import show

    click.echo(say(lang, "data.title", {"source": market.source}))
    if market.simulated:
        click.echo(say(lang, "data.simulated"))
    click.echo()
    show(_table(rows, lang))
    click.echo()
    click.echo(caption(rows, lang))
    for line in _finding_lines(found, lang):
        click.echo(line)
    if charged := charged_proxies(market):
        click.echo()
        click.echo(say(lang, "data.charged"))
        show(charges_grid(charged, lang))


def _table(rows: Sequence[Coverage], lang: str) -> Grid:
    from jeoul.cli.tables import Grid

    heads = ("column", "group", "first", "last", "rows", "missing", "serious", "notices")
    cells = []
    for row in rows:
        first, last = ("-" if day is None else day.isoformat() for day in (row.first, row.last))
        numbers = (row.rows, row.missing, row.serious, row.notices)
        counts = (f"{number:,}" if number else "·" for number in numbers)
        cells.append((row.name, group_text(row, lang), first, last, *counts))
    return Grid([say(lang, f"data.{name}") for name in heads], cells, texts=frozenset({0, 1}))


def _finding_lines(found: Sequence[Finding], lang: str) -> Iterator[str]:
    from jeoul.market import as_problem
    from jeoul.model.finding import Severity

    if not found:
        yield say(lang, "data.none")
        return
    yield say(lang, "data.found")
    serious = [f for f in ordered(found) if f.severity is Severity.SERIOUS]
    notices = [f for f in ordered(found) if f.severity is Severity.NOTICE]
    for finding in serious:
        remedy = as_problem(finding, lang).remedy or ""
        detail = {"finding": finding_text(finding, lang), "remedy": remedy}
        yield "! " + say(lang, "fetch.serious", detail)
    for finding in notices[:SHOWN]:
        yield "  " + coded_text(finding, lang)
    if len(notices) > SHOWN:
        yield "  " + say(lang, "data.more", {"count": len(notices) - SHOWN})


def _document(
    market: Market, rows: Sequence[Coverage], found: Sequence[Finding], lang: str
) -> dict[str, Any]:
    return {
        "source": market.source,
        "simulated": market.simulated,
        "last": market.last.isoformat(),
        "columns": [
            {
                "name": row.name,
                "group": row.group,
                "first": None if row.first is None else row.first.isoformat(),
                "last": None if row.last is None else row.last.isoformat(),
                "rows": row.rows,
                "missing": row.missing,
                "gaps": [[gap.first.isoformat(), gap.last.isoformat()] for gap in row.gaps],
                "serious": row.serious,
                "notices": row.notices,
            }
            for row in rows
        ],
        "findings": [
            {
                "subject": finding.subject,
                "date": finding.day.isoformat(),
                "kind": finding.kind,
                "severity": finding.severity.value,
                "text": finding_text(finding, lang),
            }
            for finding in ordered(found)
        ],
        "proxies": charges_document(charged_proxies(market)),
    }
