"""``jeoul check``: every problem of any file that a person writes, in one pass."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from jeoul.cli.options import json_option, language_option
from jeoul.cli.schemas import OutputForm
from jeoul.errors import HoldingsError, InputError, Problem, StrategyError
from jeoul.messages import say
from jeoul.translation import in_language

_HOLDINGS = frozenset({".csv", ".tsv", ".xlsx", ".xls"})


@click.command("check")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option(
    "--write", is_flag=True, help="Remove keys without effect from configs; comments are kept."
)
@language_option
@json_option
def check(files: tuple[str, ...], write: bool, lang: str, as_json: OutputForm | None) -> None:
    """Check FILES of any kind: every problem of all of them, with line and remedy.

    A strategy by path or shipped name; a universe, answers, the config of a run with the strategy
    and the answers that it names, an account of a backtest, a fetch plan, a person of a plan,
    worked cases, a table of rules, a household with all that it names, a firm with its register
    and answers; holdings in a file of any
    form that `jeoul import` reads, whose securities only a strategy knows.
    """
    problems: list[Problem] = []
    sound: list[dict[str, Any]] = []
    for name in files:
        try:
            kind = _check_one(name, lang)
            removed = _retired(name, lang, write=write) if kind == "config" else None
        except (InputError, HoldingsError) as error:
            problems += error.problems
            continue
        sound.append({"file": name, "holds": kind, "removed": removed})
        if as_json is None:
            if removed is not None:
                click.echo(say(lang, "check.removed", {"file": name, "keys": removed}))
            called = say(lang, f"check.kind_{kind.replace(' ', '_')}")
            click.echo(say(lang, "check.sound", {"file": name, "kind": called}))
    if problems:
        raise StrategyError(problems)
    if as_json is not None:
        as_json.write({"files": sound})


def _check_one(name: str, lang: str) -> str:
    from jeoul.account.holdings import read_holdings
    from jeoul.files.document import parse
    from jeoul.files.kinds import kind_of
    from jeoul.strategy.load import find_strategy

    if Path(name).is_dir():
        remedy = "name the files in it; `jeoul data FOLDER` looks at a market folder"
        raise StrategyError([Problem(name, "is a folder", remedy=remedy)])
    if Path(name).suffix.lower() in _HOLDINGS:
        read_holdings(name)
        return "holdings"
    path = find_strategy(name)
    kind = kind_of(parse(path, StrategyError).data)
    if kind is None or kind not in (*_LOADERS, "universe"):
        remedy = f"check one of these: {', '.join((*_LOADERS, 'universe'))}"
        wrong = "its keys do not match any kind of file that jeoul checks"
        raise StrategyError([Problem(name, wrong, remedy=remedy)])
    if kind == "universe":
        _universe(path, lang)
    else:
        _LOADERS[kind](path)
    return kind


def _retired(name: str, lang: str, *, write: bool) -> str | None:
    """Say which keys of a config have no effect, or take them out and return what went."""
    from jeoul.operations.setup.config import load_config
    from jeoul.operations.setup.retired import remove_retired
    from jeoul.strategy.load import find_strategy

    path = find_strategy(name)
    if write:
        return remove_retired(path)
    for problem in load_config(path).retired:
        click.echo(str(in_language(problem, lang)), err=True)
    return None


def _universe(path: Path, lang: str) -> None:
    """Check a universe, and say which facts of its funds nobody has confirmed."""
    from jeoul.strategy.universe import load_universe

    for code, item in load_universe(path).instruments.items():
        if item.unverified:
            detail = {"file": path, "code": code, "facts": ", ".join(item.unverified)}
            click.echo(say(lang, "check.unverified", detail), err=True)


def _cases(path: Path) -> None:
    from jeoul.cli.rules import load_cases

    load_cases(path)


def _config(path: Path) -> None:
    """Check a config, and the strategy and the answers that it names: a run needs them too."""
    from jeoul.operations.setup.config import load_config
    from jeoul.workspace.live import mandate_of

    mandate_of(load_config(path))


def _fetch_plan(path: Path) -> None:
    from jeoul.market.fetching.plan import read_plan

    read_plan(path)


def _rules(path: Path) -> None:
    from jeoul.korea.tables import read_rules

    read_rules(path)


def _account(path: Path) -> None:
    from jeoul.account.file import load_account_file

    load_account_file(path)


def _person(path: Path) -> None:
    from jeoul.cli.plan import load_person

    load_person(path)


def _answers(path: Path) -> None:
    from jeoul.profile import load_answers

    load_answers(path)


def _strategy(path: Path) -> None:
    from jeoul.strategy.load import load_strategy

    load_strategy(str(path))


def _firm(path: Path) -> None:
    """Check a firm with every row of its register and of its holdings, and prove its books."""
    from jeoul.workspace.firm import firm_at, firm_faults

    problems = firm_faults(firm_at(str(path)))
    if problems:
        raise StrategyError(problems)


def _household(path: Path) -> None:
    """Check a household with all that it names: holdings, answers, strategies, brokers, configs."""
    from jeoul.account.holdings import read_holdings
    from jeoul.household.written.file import read_household
    from jeoul.operations.household.configs import account_configs, with_configs
    from jeoul.workspace.live import household_mandate

    household = read_household(path)
    configs, problems = account_configs(household), list[Problem]()
    known = with_configs(household, configs)
    for name, config in configs.items():
        try:
            household_mandate(known, name, config, None)
        except InputError as error:
            problems += [each for each in error.problems if each not in problems]
    for account in household.accounts.values():
        if account.holdings is None:
            continue
        try:
            read_holdings(account.holdings, currency=account.currency)
        except HoldingsError as error:
            problems += error.problems
    if problems:
        raise StrategyError(problems)


_LOADERS: Mapping[str, Callable[[Path], None]] = {
    "firm": _firm,
    "household": _household,
    "cases": _cases,
    "config": _config,
    "fetch plan": _fetch_plan,
    "rules": _rules,
    "account": _account,
    "person": _person,
    "answers": _answers,
    "strategy": _strategy,
}
"""What checks a kind of file; each loads its libraries only when such a file is there."""
