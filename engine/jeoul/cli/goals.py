"""``jeoul goals``: how likely each goal of a household is, and what it needs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from jeoul.cli.options import as_of_option, data_option, file_for, json_option, language_option
from jeoul.cli.schemas import Form
from jeoul.errors import UsageError

if TYPE_CHECKING:
    from jeoul.household.goals.answering import GoalsAnswered, Request


@click.command("goals")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--paths",
    type=click.IntRange(100, 100_000),
    default=10_000,
    show_default=True,
    metavar="N",
    help="Number of simulated paths.",
)
@click.option(
    "--seed",
    type=click.IntRange(0, 2**32 - 1),
    default=1,
    show_default=True,
    metavar="N",
    help="Random seed; the same seed gives the same answer.",
)
@click.option("--html", type=click.Path(path_type=Path), help="Write the page here.")
@data_option
@as_of_option
@language_option
@json_option
def goals(
    file: Path,
    paths: int,
    seed: int,
    html: Path | None,
    folder: Path | None,
    as_of: str | None,
    lang: str,
    as_json: Form | None,
) -> None:
    """Show how likely each goal of the household in FILE is and what it needs.

    For each [goals.NAME], it prints the probability with an 80% interval, the monthly saving and
    the return that the goal needs, the least risk that is enough, and the changes that would help
    most. It plans and trades nothing. Prices and history come from --data, else from the folder
    under [data] in the file, else from the simulated sample.
    """
    from jeoul.household.goals.answering import Request
    from jeoul.reporting.goals.document import goals_document
    from jeoul.reporting.goals.page import render_goals
    from jeoul.reporting.goals.text import goal_lines

    if html is not None and html.exists() and html.samefile(file):
        raise UsageError("--html names the file of the household itself; choose another path")
    file_for(html)
    found = _answered(file, folder, as_of, Request(paths=paths, seed=seed))
    if html is not None:
        html.write_text(render_goals(found, lang), "utf-8")
        click.echo(str(html), err=True)
    if as_json is not None:
        as_json.write(goals_document(found, lang))
    else:
        click.echo("\n".join(goal_lines(found, lang)))


def _answered(
    path: Path, folder: Path | None, as_of: str | None, request: Request
) -> GoalsAnswered:
    from jeoul import api
    from jeoul.household.gathering.inputs import read_inputs
    from jeoul.household.goals.answering import answer_goals
    from jeoul.household.written.file import read_household
    from jeoul.korea.tables import rules_for
    from jeoul.model.session import parse_session
    from jeoul.operations.household.books import known_now
    from jeoul.workspace.kept import user_cache
    from jeoul.workspace.today import today

    file = read_household(path)
    market = api.open_market(folder or file.runs.data, cache=user_cache())
    priced = frozenset(code for table in market.prices for code in table.tickers)
    file, held = known_now(file, priced)
    day = market.last_session("XKRX") if as_of is None else parse_session(as_of)
    inputs = read_inputs(file, on=today(), holdings=held, priced=priced)
    return answer_goals(
        file, market=market, as_of=day, book=rules_for(day.year), request=request, inputs=inputs
    )
