"""``jeoul statement``: the statement of an account or a household."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import click

from jeoul.cli.completion import configs
from jeoul.cli.options import file_for, json_option, language_option, own_data_option
from jeoul.cli.passphrase import passphrase_option
from jeoul.errors import UsageError

if TYPE_CHECKING:
    from jeoul.cli.schemas import OutputForm


@click.command("statement")
@click.argument("config", metavar="CONFIG", shell_complete=configs)
@click.option(
    "--from", "start", metavar="DATE", help="First day; default: the first day of the accounts."
)
@click.option("--to", "end", metavar="DATE", help="Last day; default: the newest in the data.")
@click.option(
    "--holdings",
    multiple=True,
    metavar="ACCOUNT=FILE",
    help="Another holdings file of a household's account; its name or content has the date.",
)
@click.option(
    "--inflation",
    metavar="FRACTION",
    help="Yearly inflation, used instead of the consumer prices in the data.",
)
@click.option("--html", type=click.Path(path_type=Path), help="Write the page here.")
@own_data_option
@language_option
@json_option
@passphrase_option
def statement(
    config: str,
    start: str | None,
    end: str | None,
    holdings: tuple[str, ...],
    inflation: str | None,
    html: Path | None,
    folder: Path | None,
    lang: str,
    as_json: OutputForm | None,
) -> None:
    """Print the statement of CONFIG's account, or of every account of a household.

    CONFIG is a config, a household's file, or FILE:ACCOUNT. The statement has the value, money paid
    in and taken out, gain, returns, costs, taxes, distributions, and orders beside their fills. An
    account without a ledger is read from its holdings files: isa-2026-03-31.csv beside isa.csv
    lists the holdings of that day. The command writes nothing to a ledger. Prices come from --data,
    else from the folder that the file names, else from the simulated sample.
    """
    from jeoul.model.session import parse_session
    from jeoul.reporting.statement.document import statement_document
    from jeoul.reporting.statement.page import render_statement
    from jeoul.reporting.statement.text import statement_lines
    from jeoul.workspace.configs import files_of
    from jeoul.workspace.statement import StatementRequest, statement_at

    first, last = (None if day is None else parse_session(day) for day in (start, end))
    _refuse_empty(first, last)
    others = _by_account(holdings)
    file_for(html, *files_of(config), *chain.from_iterable(others.values()))
    asked = StatementRequest(
        start=first,
        end=last,
        folder=folder,
        inflation=None if inflation is None else _rate(inflation),
        holdings=others,
    )
    facts = statement_at(config, asked)
    if html is not None:
        html.write_text(render_statement(facts, lang), "utf-8")
        click.echo(str(html), err=True)
    if as_json is not None:
        as_json.write(statement_document(facts, lang))
    else:
        click.echo("\n".join(statement_lines(facts, lang)))


def _refuse_empty(start: date | None, end: date | None) -> None:
    if start is not None and end is not None and start > end:
        raise UsageError(f"--from {start} lies after --to {end}; exchange them")


def _rate(text: str) -> float:
    """Return a yearly inflation; prices may fall."""
    try:
        found = float(text)
    except ValueError:
        found = float("nan")
    if not -0.5 < found < 1.0:
        raise UsageError(f"--inflation {text!r} is not a rate; write a fraction such as 0.02")
    return found


def _by_account(texts: Sequence[str]) -> Mapping[str, Sequence[Path]]:
    found: dict[str, list[Path]] = {}
    for text in texts:
        account, mark, file = text.partition("=")
        if not (mark and account and file):
            raise UsageError(f"--holdings {text!r}: write ACCOUNT=FILE")
        found.setdefault(account, []).append(Path(file))
    return found
