"""``jeoul sweep``: every combination of values, and what choosing among them is worth."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jeoul.cli.completion import strategies
from jeoul.cli.newest import show_findings
from jeoul.cli.options import (
    account_option,
    data_option,
    executor_option,
    file_for,
    json_option,
    language_option,
    profile_option,
)
from jeoul.cli.progress import progress
from jeoul.cli.research import (
    Study,
    end_option,
    open_study,
    start_option,
    trials_option,
)
from jeoul.cli.schemas import OutputForm
from jeoul.errors import JeoulError

if TYPE_CHECKING:
    from jeoul.model.calendar import Reals
    from jeoul.research.grid import Grid, Values
    from jeoul.research.ledger import TrialLedger
    from jeoul.research.neighbourhood import Neighbour
    from jeoul.research.store import Results
    from jeoul.research.sweep import Chunk


_MOST = 50  # variants in a task: few enough to be stored often, enough for a worker far away
_TASKS = 40  # at least, where there are so many variants: progress moves, workers share evenly


class AllRefused(JeoulError):
    """The rules refused every variant of a sweep; the message counts the reasons."""

    exit_code = 4

    def __init__(self, reasons: Mapping[str, int]) -> None:
        counts = "; ".join(f"{count} x {reason}" for reason, count in reasons.items())
        super().__init__(f"every variant was refused: {counts}")


@click.command("sweep")
@click.argument("strategy", default="managed", shell_complete=strategies)
@click.option(
    "--grid",
    "texts",
    multiple=True,
    required=True,
    metavar="KEY=A,B,C",
    help="Values to try for a key; repeatable.",
)
@profile_option
@data_option
@start_option
@end_option
@account_option
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("sweep.sqlite"),
    show_default=True,
    help="The results file; a sweep that was stopped goes on in it.",
)
@executor_option
@click.option(
    "--chunk",
    type=click.IntRange(1),
    help="Variants in one task of the executor; default: 1 to 50, by their number.",
)
@click.option(
    "--walk-forward",
    "years",
    type=float,
    help="Walk-forward test: choose on past data, evaluate on the next N years.",
)
@click.option("--map", "page", type=click.Path(path_type=Path), help="Write the map as HTML.")
@trials_option
@language_option
@json_option
def sweep(
    strategy: str,
    texts: tuple[str, ...],
    profile: str,
    folder: Path | None,
    start: str | None,
    end: str | None,
    account: str,
    out: Path,
    executor: str,
    chunk: int | None,
    years: float | None,
    page: Path | None,
    trials: Path | None,
    lang: str,
    as_json: OutputForm | None,
) -> None:
    """Sweep STRATEGY over a grid; every variant counts as a trial.

    Every key and value is checked before the first run. The exit code is 4 if the rules refuse all
    variants.
    """
    from jeoul.cli.executors import executor_of
    from jeoul.messages import say
    from jeoul.reporting.fund_names import fund_names
    from jeoul.research.grid import check_grid, parse_grid
    from jeoul.research.ledger import TrialLedger
    from jeoul.research.neighbourhood import neighbourhood
    from jeoul.research.neighbourhood import page as drawn
    from jeoul.research.store import Results
    from jeoul.research.walk_choice import sharpe_ratios
    from jeoul.workspace.configs import files_of
    from jeoul.workspace.places import trials_file

    file_for(page, *files_of(strategy), out, trials_file(trials))
    grid = parse_grid(texts)
    make = executor_of(executor)
    study = open_study(strategy, profile, folder, account, start, end, lang)
    check_grid(study.strategy, grid, study.mandate.universe)
    about = _about(study, folder)
    results = Results(out, list(grid), _named(about, study))
    ledger = TrialLedger(trials_file(trials))
    _run(grid, about, 1 if chunk is None and executor == "here" else chunk, make, results, ledger)
    variants, excess = results.excess()
    base = _own(about, ledger) if variants else None
    document = _document(study, results, ledger, (variants, excess), years, base)
    document |= study.found(lang)
    near = neighbourhood(variants, sharpe_ratios(excess, study.history.sessions_per_year))
    if page is not None:
        title = f"{study.strategy.name} · {say(lang, f'profile.{profile}')}"
        text = drawn(near, title, lang, simulated=study.simulated)
        page.write_text(text, encoding="utf-8")
    refused = bool(document["variants"]) and document["refused"] == document["variants"]
    if as_json is not None:
        # The document says all that the refusal would; stdout carries one object.
        as_json.write(document, indent=None)
        click.get_current_context().exit(AllRefused.exit_code if refused else 0)
    names = fund_names(study.mandate.universe, lang)
    show_findings(document["findings"], document["other_findings"], folder, lang, names)
    _print(document, near, lang)
    if refused:
        raise AllRefused(document["reasons"])


def _about(study: Study, folder: Path | None) -> Chunk:
    from jeoul.research.sweep import Chunk

    history = study.history
    return Chunk(
        strategy=study.strategy.model_dump_json(by_alias=True, round_trip=True),
        profile=study.mandate.profile,
        account=str(study.mandate.account),
        folder=None if folder is None else str(folder.resolve()),
        as_of=history.day(len(history) - 1).isoformat(),
        start=None if study.start is None else study.start.isoformat(),
        end=None if study.end is None else study.end.isoformat(),
        digest=study.digest,
        variants=(),
    )


def _named(about: Chunk, study: Study) -> dict[str, Any]:
    """Return what makes a sweep this one; where its data and its universe lie does not."""
    from jeoul.pipeline.content import universe_digest

    strategy = json.loads(about.strategy)
    if study.strategy.own_universe:
        strategy["universe"] = universe_digest(study.mandate.universe)
    return {
        "strategy": strategy,
        "profile": about.profile,
        "account": about.account,
        "data": about.digest,
        "from": about.start,
        "to": about.end,
    }


def _run(
    grid: Grid, about: Chunk, size: int | None, make: Any, results: Results, ledger: TrialLedger
) -> None:
    from jeoul.cli.worker import run_chunk
    from jeoul.research.sweep import chunks, left
    from jeoul.research.sweep import sweep as run

    pending = left(grid, results)
    size = max(1, min(_MOST, len(pending) // _TASKS)) if size is None else size
    with progress(len(pending)) as step:
        run(
            chunks(about, pending, size),
            run_chunk,
            make,
            results,
            ledger,
            step=lambda done: _settled(step, done),
        )


def _own(about: Chunk, ledger: TrialLedger) -> Reals | None:
    """Return the returns above cash of the strategy as its file has it, counted as a trial.

    None if the rules refuse it: then there is nothing to compare the variants with.
    """
    from dataclasses import replace

    from jeoul.cli.worker import run_chunk

    (found,) = run_chunk(replace(about, variants=({},)))
    if found.trial is None or found.excess is None:
        return None
    ledger.record([found.trial])
    return found.excess.astype("float64")


def _named_values(values: Values) -> str:
    return ", ".join(f"{key} = {value}" for key, value in values.items())


def _settled(step: Callable[[str], None], done: Chunk) -> None:
    from jeoul.research.grid import label

    for variant in done.variants:
        step(label(variant))


def _document(
    study: Study,
    results: Results,
    ledger: TrialLedger,
    measured: tuple[Sequence[Values], Reals],
    years: float | None,
    base: Reals | None,
) -> dict[str, Any]:
    from jeoul.research.grid import counted
    from jeoul.research.luck import cross_validation, sweep_luck
    from jeoul.research.walk_choice import judge_choice

    rows, history = results.rows(), study.history
    names, excess = [_named_values(values) for values in measured[0]], measured[1]
    found = judge_choice(*measured, ledger.tried(), history.sessions_per_year, years)
    last, returns = len(history) - 1, len(measured[1])
    return {
        "simulated": study.simulated,
        "results": str(results.path),
        "variants": len(rows),
        "refused": sum(1 for row in rows if row.refused),
        "reasons": counted([(row.values, row.refused) for row in rows]),
        "trials": ledger.tried().trials,
        "from": history.day(last - returns).isoformat() if returns else None,
        "to": history.day(last).isoformat() if returns else None,
        "luck": None if base is None else sweep_luck(excess, base, names, ledger.tried().trials),
        "cross_validation": None
        if base is None
        else cross_validation(excess, base, history.sessions_per_year),
        **{
            name: None if isinstance(value, float) and not math.isfinite(value) else value
            for name, value in found.items()
        },
    }


def _print(document: dict[str, Any], near: Sequence[Neighbour], lang: str) -> None:
    from jeoul.cli.tables import Grid, show
    from jeoul.messages import say
    from jeoul.research.neighbourhood import HEADS, cells
    from jeoul.research.wording import choice_text

    if document["simulated"]:
        click.echo(say(lang, "research.simulated"))
    for line in (*choice_text(document, lang), *_luck(document, lang)):
        click.echo(line)
    heads = [say(lang, f"research.{head}") for head in HEADS]
    for key in dict.fromkeys(one.key for one in near):
        click.echo(f"\n{key}")
        show(Grid(heads, [tuple(cells(one)) for one in near if one.key == key]))


def _luck(document: Mapping[str, Any], lang: str) -> list[str]:
    from jeoul.research.luck import luck_text, paths_text

    if document["luck"] is None:
        return []
    own = luck_text(document["luck"], "own_file", lang)
    return [*paths_text(document["cross_validation"], lang), *own]
