"""``jeoul goals``: how likely each goal of a household is, and what it needs."""

from __future__ import annotations

from pathlib import Path

import click

from jeoul.cli.options import as_of_option, file_for, json_option, language_option, own_data_option
from jeoul.cli.schemas import OutputForm


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
@own_data_option
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
    as_json: OutputForm | None,
) -> None:
    """Show how likely each goal of the household in FILE is and what it needs.

    For each [goals.NAME], it prints the probability with an 80% interval, the monthly saving and
    the return that the goal needs, the least risk that is enough, and the changes that would help
    most. It plans and trades nothing. Prices and history come from --data, else from the folder
    under [data] in the file, else from the simulated sample.
    """
    from jeoul.household.goals.answering import SimulationRequest
    from jeoul.reporting.goals.document import goals_document
    from jeoul.reporting.goals.page import render_goals
    from jeoul.reporting.goals.text import goal_lines
    from jeoul.workspace.configs import files_of
    from jeoul.workspace.goals import goals_at

    file_for(html, *files_of(file))
    found = goals_at(file, folder, as_of).answer(SimulationRequest(paths=paths, seed=seed))
    if html is not None:
        html.write_text(render_goals(found, lang), "utf-8")
        click.echo(str(html), err=True)
    if as_json is not None:
        as_json.write(goals_document(found, lang))
    else:
        click.echo("\n".join(goal_lines(found, lang)))
