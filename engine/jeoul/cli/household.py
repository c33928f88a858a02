"""``jeoul household``: what to do today in every account of a household."""

from __future__ import annotations

from math import isnan
from pathlib import Path

import click

from jeoul.cli.household_money import flows_by_person
from jeoul.cli.newest import newest_price, warn_of_age
from jeoul.cli.options import as_of_option, file_for, json_option, language_option, own_data_option
from jeoul.cli.schemas import OutputForm
from jeoul.errors import UsageError


def _finite(_: click.Context, option: click.Parameter, value: float) -> float:
    """Refuse nan, which no bound of a range refuses."""
    if isnan(value):
        raise click.BadParameter("nan is not a number.", param=option)
    return value


INFEASIBLE = 4
"""The exit code where no plan keeps all the rules, like that of an infeasible portfolio."""


@click.command("household")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--deposit",
    multiple=True,
    metavar="[PERSON=]AMOUNT",
    help="New money, of the first person unless one is named: how it is split, and what each "
    "account alone would cost instead.",
)
@click.option(
    "--withdrawal",
    multiple=True,
    metavar="[PERSON=]AMOUNT",
    help="Money to take out: from which accounts, and what each alone would cost instead.",
)
@click.option("--cure", is_flag=True, help="The smallest deposit that ends the drift, no sales.")
@click.option(
    "--drift",
    type=click.FloatRange(0.0, 1.0, max_open=True),
    default=0.03,
    show_default=True,
    metavar="FRACTION",
    callback=_finite,
    help="Drift that --cure allows, as a share of the money.",
)
@click.option("--frontier", is_flag=True, help="Results with 0, 1, 2 … orders.")
@click.option("--rules", is_flag=True, help="Cost of each rule; --html shows it too.")
@click.option("--year-end", is_flag=True, help="Tasks before the year ends.")
@click.option(
    "--years",
    type=click.IntRange(0, 30),
    default=0,
    metavar="N",
    help="Plan N years ahead: payments, credits, ISA maturities, gains abroad.",
)
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
    callback=_finite,
    default=2.0,
    show_default=True,
    help="Seconds that the search for one plan may take.",
)
@click.option("--html", type=click.Path(path_type=Path), help="Write the page here.")
@own_data_option
@as_of_option
@language_option
@json_option
def household(
    file: Path,
    deposit: tuple[str, ...],
    withdrawal: tuple[str, ...],
    cure: bool,
    drift: float,
    frontier: bool,
    rules: bool,
    year_end: bool,
    years: int,
    goal: bool,
    exact: bool,
    seconds: float,
    html: Path | None,
    folder: Path | None,
    as_of: str | None,
    lang: str,
    as_json: OutputForm | None,
) -> int:
    """Plan every account of the household in FILE together, after tax.

    Prints what to sell, pay in and buy in each account, with tax, fee and reason, what doing
    nothing costs, and how far the plan can be from the best one. It places no orders: that is what
    `jeoul run FILE` does. `jeoul new household` writes a file to begin with. Prices come from
    --data, else from the folder under [data] of the file, else from the simulated sample. The exit
    code is 4 where no plan keeps all the rules; the output then names them.
    """
    from jeoul import api
    from jeoul.household.explaining.answer import Questions
    from jeoul.operations.household.seen_market import HOME
    from jeoul.reporting.household.document import household_document
    from jeoul.reporting.household.page import render_household
    from jeoul.reporting.household.text import household_lines
    from jeoul.workspace.configs import files_of
    from jeoul.workspace.household import answered_household

    if deposit and withdrawal:
        raise UsageError("use --deposit or --withdrawal, not both; enter the net amount")
    flows = flows_by_person("deposit", deposit), flows_by_person("withdrawal", withdrawal)
    file_for(html, *files_of(file))
    asked = Questions(
        seconds=seconds if exact else 0.0,
        split=any(amount for each in flows for amount in each.values()),
        cure=drift if cure else None,
        frontier=frontier,
        rules=rules or html is not None,
        year_end=year_end,
        years=years,
    )
    found = answered_household(file, asked, folder, as_of, flows)
    facts, newest = found.facts, newest_price(found.market, api.calendars()[HOME])
    if html is not None:
        html.write_text(render_household(facts, lang), "utf-8")
        click.echo(str(html), err=True)
    if as_json is not None:
        as_json.write({**household_document(facts, lang), "newest_price": newest})
    else:
        warn_of_age(newest, folder or found.file.runs.data, lang)
        click.echo("\n".join(household_lines(facts, lang, goals=goal)))
    return 0 if facts.is_planned else INFEASIBLE
