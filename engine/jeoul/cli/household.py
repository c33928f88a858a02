"""``jeoul household``: what to do today in every account of a household."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from jeoul.cli.amounts import AmountType
from jeoul.cli.options import as_of_option, data_option, file_for, json_option, language_option
from jeoul.cli.schemas import Form
from jeoul.errors import UsageError

if TYPE_CHECKING:
    from jeoul.household.answer import Questions
    from jeoul.reporting.household_facts import HouseholdFacts


INFEASIBLE = 4
"""The exit code where no plan keeps all the rules, like that of an infeasible portfolio."""


@click.command("household")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--deposit",
    type=AmountType(currency="KRW"),
    default=0,
    help="New money: how it is split, and what each account alone would cost instead.",
)
@click.option(
    "--withdrawal",
    type=AmountType(currency="KRW"),
    default=0,
    help="Money to take out: from which accounts, and what each alone would cost instead.",
)
@click.option("--cure", is_flag=True, help="The smallest deposit that ends the drift, no sales.")
@click.option(
    "--drift",
    type=click.FloatRange(0.0, 1.0, max_open=True),
    default=0.03,
    show_default=True,
    metavar="FRACTION",
    help="Drift that --cure allows, as a share of the money.",
)
@click.option("--frontier", is_flag=True, help="What 0, 1, 2 … orders achieve.")
@click.option("--rules", is_flag=True, help="What each rule costs; --html shows it too.")
@click.option("--year-end", is_flag=True, help="What to do before the year ends.")
@click.option("--goal", is_flag=True, help="How the amount of each goal was computed.")
@click.option(
    "--exact/--fast",
    default=True,
    show_default=True,
    help="Search for the best plan and prove how good it is, or plan in a fraction of a second.",
)
@click.option(
    "--seconds",
    type=click.FloatRange(0.1, 3600.0),
    default=2.0,
    show_default=True,
    help="The longest search for one plan.",
)
@click.option("--html", type=click.Path(path_type=Path), help="Write the page here.")
@data_option
@as_of_option
@language_option
@json_option
def household(
    file: Path,
    deposit: int,
    withdrawal: int,
    cure: bool,
    drift: float,
    frontier: bool,
    rules: bool,
    year_end: bool,
    goal: bool,
    exact: bool,
    seconds: float,
    html: Path | None,
    folder: Path | None,
    as_of: str | None,
    lang: str,
    as_json: Form | None,
) -> int:
    """Plan every account of the household in FILE together, after tax.

    Prints what to sell, pay in and buy in each account, with tax, fee and reason, what doing
    nothing costs, and how far the plan can be from the best one. It places no orders: that is what
    `jeoul run FILE` does. `jeoul new household` writes a file to begin with. The exit code is 4
    where no plan keeps all the rules; the output then names them.
    """
    from jeoul.household.answer import Questions
    from jeoul.reporting.household_document import household_document
    from jeoul.reporting.household_page import render_household
    from jeoul.reporting.household_text import household_lines

    if deposit and withdrawal:
        raise UsageError("use --deposit or --withdrawal, not both; enter the net amount")
    file_for(html)
    asked = Questions(
        seconds=seconds if exact else 0.0,
        split=bool(deposit or withdrawal),
        cure=drift if cure else None,
        frontier=frontier,
        rules=rules or html is not None,
        year_end=year_end,
    )
    facts = _facts(file, asked, folder, as_of, deposit=deposit, withdrawal=withdrawal)
    if html is not None:
        html.write_text(render_household(facts, lang), "utf-8")
        click.echo(str(html), err=True)
    if as_json is not None:
        as_json.write(household_document(facts, lang))
    else:
        click.echo("\n".join(household_lines(facts, lang, goals=goal)))
    return 0 if facts.is_planned else INFEASIBLE


def _facts(
    path: Path,
    asked: Questions,
    folder: Path | None,
    as_of: str | None,
    *,
    deposit: int,
    withdrawal: int,
) -> HouseholdFacts:
    from jeoul import api
    from jeoul.cli.kept import user_cache
    from jeoul.household.answer import answer
    from jeoul.household.file import read_household
    from jeoul.household.gather import gather
    from jeoul.household.inputs import read_inputs
    from jeoul.korea.tables import rules_for
    from jeoul.model.session import parse_session
    from jeoul.reporting.household_gather import household_facts

    file = read_household(path)
    market = api.open_market(folder or file.runs.data, cache=user_cache())
    day = market.last_session("XKRX") if as_of is None else parse_session(as_of)
    book, inputs = rules_for(day.year), read_inputs(file, on=day)
    gathered = gather(
        file,
        market=market,
        as_of=day,
        book=book,
        inputs=inputs,
        deposit=deposit,
        withdrawal=withdrawal,
    )
    found = answer(gathered.household, asked, book=book, on=day)
    return household_facts(gathered, inputs, book, found, asked)
