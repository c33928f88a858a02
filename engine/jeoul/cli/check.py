"""``jeoul check``: every problem of strategy and answers files, in one pass."""

from __future__ import annotations

from pathlib import Path

import click

from jeoul.errors import InputError, Problem, StrategyError


@click.command("check")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
def check(files: tuple[str, ...]) -> None:
    """Check FILES: strategies by path or shipped name, universes, answers."""
    problems: list[Problem] = []
    for name in files:
        try:
            kind = _check_one(name)
        except InputError as error:
            problems += error.problems
        else:
            click.echo(f"{name}: {kind}, no problems")
    if problems:
        raise StrategyError(problems)


def _check_one(name: str) -> str:
    from jeoul.profile import load_answers
    from jeoul.profile.questionnaire import questionnaire
    from jeoul.strategy.load import find_strategy, load_strategy
    from jeoul.strategy.toml import parse
    from jeoul.strategy.universe import load_universe

    path = find_strategy(name)
    keys = set(parse(path, StrategyError).data)
    if "members" in keys and "instruments" in keys:
        load_universe(Path(path))
        return "universe"
    if keys & {question.key for question in questionnaire().questions}:
        load_answers(path)
        return "answers"
    load_strategy(name)
    return "strategy"
