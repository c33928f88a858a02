"""``jeoul rules``: run worked cases of the Korean rulebook."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from jeoul.cli.options import json_option, language_option, reform_option, rules_of_option
from jeoul.cli.schemas import OutputForm
from jeoul.messages import say

if TYPE_CHECKING:
    from jeoul.korea.cases import CaseFile, CaseOutcome


@click.command()
@click.argument("cases", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@reform_option
@rules_of_option
@language_option
@json_option
@click.pass_context
def rules(
    context: click.Context,
    cases: Path,
    reforms: tuple[str, ...],
    rules_of: int | None,
    lang: str,
    as_json: OutputForm | None,
) -> None:
    """Run every case of CASES and compare what it expects.

    Exit code 1 if any case fails, 2 if the file or a rule cannot be used.
    """
    from jeoul.advice.explain import notice
    from jeoul.cli.rulebooks import open_rules
    from jeoul.korea.cases import run_case

    found = load_cases(cases, rules_of)
    names = {case.rule for case in found.cases}
    book = open_rules(found.year, names, reforms=reforms, rules_of=rules_of)
    outcomes = [run_case(book, case) for case in found.cases]
    failed = [outcome for outcome in outcomes if not outcome.ok]
    summary = say(
        lang,
        "rules.passed",
        {
            "passed": len(outcomes) - len(failed),
            "failed": len(failed),
            "year": book.year,
            "as_of": book.as_of,
        },
    )
    if as_json is not None:
        as_json.write(_data(outcomes, lang))
    for outcome in failed:
        click.echo(_failure(outcome, lang), err=as_json is not None)
    click.echo(summary, err=as_json is not None)
    click.echo(notice(lang, book), err=as_json is not None)
    context.exit(1 if failed else 0)


def load_cases(path: Path, rules_of: int | None = None) -> CaseFile:
    """Return the cases in a file, or raise ``ConfigError`` with all of its problems and lines."""
    from jeoul.files.text import read_text
    from jeoul.korea.cases import read_cases

    return read_cases(read_text(path), str(path), rules_of)


def _failure(outcome: CaseOutcome, language: str) -> str:
    from jeoul.advice.explain import explain

    lines = [say(language, "rules.failed", {"id": outcome.id})]
    lines.extend(
        say(language, "rules.different", {"name": name, "expected": expected, "got": got})
        for name, (expected, got) in outcome.different.items()
    )
    lines.extend(
        say(language, "rules.step", {"text": explain(language, step)}) for step in outcome.steps
    )
    return "\n".join(lines)


def _data(outcomes: list[CaseOutcome], language: str) -> dict[str, object]:
    from jeoul.advice.explain import plain, told

    return {
        "passed": sum(outcome.ok for outcome in outcomes),
        "failed": sum(not outcome.ok for outcome in outcomes),
        "cases": [
            {
                "id": outcome.id,
                "ok": outcome.ok,
                "got": plain(outcome.got),
                "steps": told(language, outcome.steps),
            }
            for outcome in outcomes
        ],
    }
