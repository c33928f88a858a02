"""``jeoul import``: what a holdings file says, and the plain file of it."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from jeoul.cli.options import cash_option, data_option, file_for, json_option, language_option

if TYPE_CHECKING:
    from jeoul.account.holdings import Holdings
    from jeoul.cli.schemas import OutputForm
    from jeoul.model.amount import Amount


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--strategy",
    default="managed",
    show_default=True,
    help="Path or shipped name; securities that it does not know are kept outside.",
)
@data_option
@click.option(
    "--as-of",
    metavar="DATE",
    help="The day of the file, from which D+1 and D+2 are counted; default: the file's, or today.",
)
@cash_option
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Write the plain file: ticker,shares,cost,tax_base.",
)
@language_option
@json_option
def import_holdings(
    file: Path,
    strategy: str,
    folder: Path | None,
    as_of: str | None,
    cash: Amount | None,
    out: Path | None,
    lang: str,
    as_json: OutputForm | None,
) -> None:
    """Read the holdings in FILE and show what was read, from which columns.

    FILE is what a broker or a spreadsheet exports (CSV, .xlsx, HTML) or the plain form. Anything
    that can be read in two ways is refused with exit code 2; every problem has its line and remedy.
    """
    from jeoul.account.holdings import plain_file, refuse_empty
    from jeoul.reporting.holdings import holdings_document

    file_for(out, file)
    held = refuse_empty(_read(file, strategy, folder, as_of, cash))
    if as_json is not None:
        as_json.write(holdings_document(held, lang))
    else:
        _show(held, lang)
    if out is not None:
        out.write_text(plain_file(held), "utf-8")
        click.echo(str(out), err=as_json is not None)


def _read(
    file: Path, strategy: str, folder: Path | None, as_of: str | None, cash: Amount | None
) -> Holdings:
    from jeoul import api
    from jeoul.cli.holdings import read_for
    from jeoul.model.amount import smallest_units
    from jeoul.model.session import parse_session
    from jeoul.strategy.load import load_strategy

    universe = api.universe_of(load_strategy(strategy).universe)
    given = None if as_of is None else parse_session(as_of)
    market = None if folder is None else api.open_market(folder)
    today = _today(api.calendars()[universe.calendar].timezone)
    held = read_for(file, universe, market, today, given)
    return held.with_cash(None if cash is None else smallest_units(cash, universe.currency))


def _today(zone: str) -> date:
    return datetime.now(ZoneInfo(zone)).date()  # noqa: TID251


def _show(held: Holdings, lang: str) -> None:
    """Write a reading for people: the securities, the money, then how it was read."""
    from jeoul.account.holdings.amounts import shown_number
    from jeoul.cli.holdings import notes_of
    from jeoul.messages import say
    from jeoul.model.money import money_text

    for code, count in held.shares.items():
        cost = held.cost.get(code)
        paid = "" if cost is None else say(lang, "holdings.cost", {"cost": shown_number(cost)})
        click.echo(f"{code:8} {count:>12,}{paid}")
    for code, held_outside in held.outside.items():
        shown = held_outside if isinstance(held_outside, str) else f"{held_outside:,}"
        click.echo(f"{code:8} {shown:>12}  {say(lang, 'holdings.is_outside')}")
    cash = "-" if held.cash is None else money_text(held.cash, held.currency)
    click.echo(f"{say(lang, 'holdings.cash'):8} {cash:>12}")
    for day, amount in sorted(held.incoming.items()):
        click.echo(f"{day} {money_text(amount, held.currency):>10}")
    for note in notes_of(held, lang):
        click.echo(f"* {note}")
