"""``jeoul compare``: what a changed key, or another strategy, does."""

from __future__ import annotations

import json
from dataclasses import asdict
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
from jeoul.cli.progress import progress
from jeoul.cli.research import (
    Study,
    beside_text,
    end_option,
    found_document,
    open_study,
    seed_option,
    start_option,
    trials_option,
)
from jeoul.cli.schemas import OutputForm

if TYPE_CHECKING:
    from jeoul.research.compare import Comparison
    from jeoul.strategy.schema import Strategy


_STEPS = 3  # both strategies, and the bootstrap of their difference


@click.command("compare")
@click.argument("strategy", shell_complete=strategies)
@click.argument("other", required=False, shell_complete=strategies)
@click.option(
    "--set", "settings", multiple=True, metavar="KEY=VALUE", help="A key of STRATEGY to change."
)
@profile_option
@data_option
@start_option
@end_option
@account_option
@trials_option
@seed_option
@language_option
@json_option
def compare(
    strategy: str,
    other: str | None,
    settings: tuple[str, ...],
    profile: str,
    folder: Path | None,
    start: str | None,
    end: str | None,
    account: str,
    trials: Path | None,
    seed: int,
    lang: str,
    as_json: OutputForm | None,
) -> None:
    """Compare STRATEGY with OTHER, or with itself after --set: weights, risk, crises, luck."""
    from jeoul.backtesting import simulated
    from jeoul.backtesting.beside import beside_document
    from jeoul.messages import say
    from jeoul.pipeline.touching import together
    from jeoul.reporting.fund_names import fund_names
    from jeoul.research.compare import compare as contrast
    from jeoul.research.judgement import judge
    from jeoul.research.ledger import TrialLedger
    from jeoul.workspace.places import trials_file

    study = open_study(strategy, profile, folder, account, start, end, lang)
    second = _second(study, other, settings)
    other_study = study.beside(second)
    with progress(_STEPS) as step:
        first = study.prepare()
        runs = [study.run(first)]
        step(study.strategy.name)
        after = other_study.prepare(like=first)
        runs.append(study.run(after))
        step(second.name)
        found = contrast((first, runs[0]), (after, runs[1]), seed=seed)
        step(say(lang, "progress.bootstrap"))
    ledger = TrialLedger(trials_file(trials))
    verdicts = [
        judge(run, one.digest, ledger) for run, one in zip(runs, (study, other_study), strict=True)
    ]
    accounts = [
        one.account(made, simulated(made, start=found.start, end=found.end))
        for one, made in ((study, first), (other_study, after))
    ]
    document: dict[str, Any] = {
        "simulated": study.simulated,
        "attainable": [beside_document(had) for had in accounts],
        **json.loads(json.dumps(asdict(found), default=str), parse_constant=lambda _: None),
        "chance_all_trials": _charged(found, verdicts[-1].trials),
        "trials": [verdict.trial for verdict in verdicts],
        **found_document(together([study.findings, other_study.findings]), lang),
    }
    if as_json is not None:
        as_json.write(document, indent=None)
        return
    names = fund_names(study.mandate.universe, lang)
    show_findings(document["findings"], document["other_findings"], folder, lang, names)
    _print(found, lang, simulated=study.simulated)
    for one, had in zip((study, other_study), accounts, strict=True):
        click.echo(f"{one.strategy.name}:")
        for line in beside_text(had, one, lang):
            click.echo(f"  {line}")
    _print_trials([verdict.trial for verdict in verdicts], verdicts[-1].trials, lang)
    _print_chance(found, verdicts[-1].trials, lang)


def _charged(found: Comparison, trials: int) -> float | None:
    """Return the chance of a comparison, charged for every trial of the ledger."""
    from jeoul.research.superior import charged

    # The trials include the first of the two, which is the benchmark.
    return None if found.chance is None else charged(found.chance, 1, trials - 1)


def _second(study: Study, other: str | None, settings: tuple[str, ...]) -> Strategy:
    from jeoul.errors import UsageError
    from jeoul.research.grid import changed, parse_values
    from jeoul.strategy.load import load_strategy

    strategy = study.strategy
    if (other is None) == (not settings):
        raise UsageError("give either a second strategy or --set KEY=VALUE")
    if other is not None:
        return load_strategy(other)
    values = {}
    for text in settings:
        key, sign, value = text.partition("=")
        parsed = parse_values(value, text) if sign else []
        if len(parsed) != 1 or key.strip() in values:
            raise UsageError(
                f"{text!r} is not KEY=VALUE with each key once; write overlay.vix.scale=0.5"
            )
        values[key.strip()] = parsed[0]
    return changed(strategy, values, study.mandate.universe)


def _print(found: Comparison, lang: str, *, simulated: bool) -> None:
    from jeoul.backtesting.periods import crises
    from jeoul.messages import say
    from jeoul.research.wording import comparison_text, percent

    if simulated:
        click.echo(say(lang, "research.simulated"))
    click.echo(say(lang, "research.span", {"start": found.start, "end": found.end}))
    if len(set(found.currencies)) > 1:
        one, other = found.currencies
        click.echo(say(lang, "research.currencies", {"one": one, "other": other}))
    for line in comparison_text(found, lang):
        click.echo(line)
    if simulated:  # a simulated market had none of them
        return
    titles = {crisis.name: crisis.title[lang] for crisis in crises()}
    for before, after in found.crises:
        click.echo(
            f"{titles[before.name]} ({before.start} – {before.end}): "
            f"{percent(before.growth)} → {percent(after.growth)}"
        )


def _print_trials(numbers: list[int], trials: int, lang: str) -> None:
    from jeoul.messages import say

    for number in numbers:
        click.echo(say(lang, "research.trial", {"trial": number, "trials": trials}))


def _print_chance(found: Comparison, trials: int, lang: str) -> None:
    from jeoul.messages import say

    if found.chance is not None:
        places = {"p": f"{found.chance:.3f}", "trials": trials}
        places["charged"] = f"{_charged(found, trials):.3f}"
        click.echo(say(lang, "luck.compared", places))
