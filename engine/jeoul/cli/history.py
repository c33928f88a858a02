"""``jeoul history``: the runs of an account, with reasons, and the outcomes of its decisions."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jeoul.cli.completion import configs
from jeoul.cli.options import file_for, json_option, own_data_option
from jeoul.cli.passphrase import passphrase_option
from jeoul.cli.schemas import OutputForm
from jeoul.errors import JeoulError

if TYPE_CHECKING:
    from jeoul.account.hindsight.found import Hindsight
    from jeoul.cli.tables import Grid
    from jeoul.operations.told.run_history import HistoryPage


@click.command("history")
@click.argument("config", metavar="CONFIG", shell_complete=configs)
@click.option(
    "--outcomes",
    is_flag=True,
    help="Compare each decision with not trading, 30, 90 and 365 days later.",
)
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=100,
    show_default=True,
    help="How many entries to show, the newest.",
)
@click.option(
    "--before", type=click.IntRange(min=1), metavar="ROW", help="Show the entries before this row."
)
@click.option("--html", type=click.Path(path_type=Path), help="Write the page of outcomes here.")
@own_data_option
@json_option
@passphrase_option
def history(
    config: str,
    outcomes: bool,
    limit: int,
    before: int | None,
    html: Path | None,
    folder: Path | None,
    as_json: OutputForm | None,
) -> None:
    """List the runs of CONFIG's account, oldest first, with orders, reasons, and what was skipped.

    It shows the newest --limit entries, and names the row to give to --before for older ones.

    --outcomes compares each decision with the account without it, after costs and tax at source,
    and summarises the decisions of each cause with their uncertainty. Prices for this come from
    --data, else from the folder that CONFIG names, else from the simulated sample.
    """
    from contextlib import closing

    from jeoul.messages import say
    from jeoul.operations.told.run_history import history_page
    from jeoul.workspace.configs import config_at, files_of
    from jeoul.workspace.live import read_ledger
    from jeoul.workspace.retrospective import hindsight_at

    file_for(html, *files_of(config))
    loaded = config_at(config)
    lang = loaded.settings.lang
    with closing(read_ledger(loaded)) as ledger:
        page = history_page(ledger, loaded.settings.name, lang, limit, before)
    found = hindsight_at(config, folder) if outcomes or html is not None else None
    if html is not None and found is not None:
        from jeoul.reporting.hindsight.page import render_hindsight

        html.write_text(render_hindsight(found, lang), "utf-8")
        click.echo(str(html), err=as_json is not None)
    if as_json is not None:
        as_json.write(_document(loaded.settings.name, page, found, lang))
    else:
        _print(page, found, _names(config, lang), lang)
        if page.older is not None:
            detail = {"config": config, "row": page.older}
            click.echo(say(lang, "operations.history_older", detail))


def _names(config: str, lang: str) -> dict[str, str]:
    """Return the names of the funds that an account may hold, by code.

    None are known of an account whose rules cannot be read any more; its history still can.
    """
    from jeoul.workspace.live import mandate_at

    try:
        instruments = mandate_at(config).universe.instruments
    except JeoulError:
        return {}
    return {code: getattr(fund, f"name_{lang}") for code, fund in instruments.items()}


def _document(
    account: str, page: HistoryPage, found: Hindsight | None, lang: str
) -> dict[str, Any]:
    from jeoul.reporting.hindsight.document import hindsight_document

    document: dict[str, Any] = {"account": account, "older": page.older, "entries": page.entries}
    if found is not None:
        document["outcomes"] = hindsight_document(found, lang)
    return document


def _print(page: HistoryPage, found: Hindsight | None, names: Mapping[str, str], lang: str) -> None:
    from jeoul.messages import say
    from jeoul.reporting.hindsight.text import hindsight_lines

    if not page.entries:
        click.echo(say(lang, "operations.history_empty"))
    for entry in page.entries:
        _print_entry(entry, names, lang)
    if found is not None:
        click.echo("\n".join(["", *hindsight_lines(found, lang)]))


def _print_entry(entry: dict[str, Any], names: Mapping[str, str], lang: str) -> None:
    from jeoul.cli.tables import show
    from jeoul.messages import say
    from jeoul.reporting.measurements import measured_from, measurement_texts

    if "run_id" not in entry:
        what = entry.get("outcome") or entry.get("quarter") or ""
        noted = say(lang, f"run_history.{entry['note']}")
        click.echo(f"{entry['session']}  {noted} {what}".rstrip())
    else:
        events = ", ".join(say(lang, f"run_history.{event}") for event in entry["events"])
        click.echo(f"{entry['session']}  {entry['run_id']}  {events}".rstrip())
    if entry.get("measured"):
        texts = measurement_texts(measured_from(entry["measured"]), lang)
        click.echo(f"    {' · '.join(texts)}")
    for reason in entry.get("reasons", [entry["text"]] if "text" in entry else ()):
        click.echo(f"    {reason}")
    if isinstance(entry.get("orders"), list) and entry["orders"]:
        show(_orders(entry["orders"], names, lang))


def _orders(orders: list[dict[str, Any]], names: Mapping[str, str], lang: str) -> Grid:
    """Return the orders of a run as a table: what was asked for, what was filled, and its state."""
    from jeoul.cli.tables import Grid
    from jeoul.messages import say

    heads = ("side", "code", "name", "shares", "filled", "outcome")
    rows = [
        (
            say(lang, f"statement.side_{order['side'].lower()}"),
            order["ticker"],
            names.get(order["ticker"], ""),
            f"{order['shares']:,}",
            f"{order['filled']:,}",
            say(lang, f"statement.state_{order['state']}"),
        )
        for order in orders
    ]
    return Grid([say(lang, f"orders.{name}") for name in heads], rows, frozenset({0, 1, 2, 5}))
