"""``jeoul new``: a commented starter file that works at once."""

from __future__ import annotations

import os
from pathlib import Path

import click

from jeoul.cli.household_new import from_option, write_household
from jeoul.cli.options import json_option, language_option
from jeoul.cli.schemas import OutputForm
from jeoul.errors import StrategyError, UsageError
from jeoul.workspace.new_place import NAME, place_of

KINDS = ("universe", "strategy", "config", "rates", "household")
_SHIPPED = {"strategy": "krx-core", "config": "static"}
_NEEDS = {"strategy": ("universe", "members"), "config": ("strategy", "profiles")}


@click.command("new")
@click.argument("kind", type=click.Choice(KINDS))
@click.argument("path", required=False, type=click.Path(path_type=Path))
@click.option(
    "--uses",
    metavar="NAME",
    help="The universe of a strategy, the strategy of a config: a path or a shipped name. "
    "Default: the one in the same folder, or a shipped one.",
)
@from_option
@language_option
@json_option
def new(
    kind: str,
    path: Path | None,
    uses: str | None,
    exports: tuple[str, ...],
    lang: str,
    as_json: OutputForm | None,
) -> None:
    """Write a starter file: KIND is universe, strategy, config, rates or household.

    PATH is a file ending in .toml or a folder; default: my-KIND.toml here, household.toml for a
    household. A strategy names the universe beside it and a config the strategy beside it. A
    household is asked for on a terminal, or imported from brokers' exports (`jeoul init` is short
    for it). Nothing is overwritten.
    """
    from jeoul.messages import say

    if kind == "household":
        if uses is not None:
            raise UsageError("a file of kind household uses no other file; leave --uses out")
        write_household(path, exports, lang, as_json)
        return
    if exports:
        raise UsageError(f"a file of kind {kind} has no holdings; leave --from out")
    place = place_of(f"my-{kind}.toml", path)
    name = place.stem if NAME.fullmatch(place.stem) else f"my-{kind}"
    text = _text(kind, place, name, uses, lang)
    with place.open("x", encoding="utf-8") as file:
        file.write(text)
    if as_json is not None:
        as_json.write({"starter": kind, "file": str(place)})
    else:
        click.echo(say(lang, f"new.{kind}", {"file": place}))


def _text(kind: str, place: Path, name: str, uses: str | None, lang: str) -> str:
    from jeoul import api
    from jeoul.strategy.load import load_strategy
    from jeoul.strategy.universe import load_universe
    from jeoul.workspace.starter import config_text, rates_text, strategy_text, universe_text

    if kind not in _SHIPPED:
        if uses is not None:
            raise UsageError(f"a file of kind {kind} uses no other file; leave --uses out")
        return universe_text(name, lang) if kind == "universe" else rates_text(lang)
    wanted, written = _used(kind, place.parent, uses)
    if kind == "strategy":
        return strategy_text(name, written, load_universe(wanted), lang)
    strategy = load_strategy(wanted)
    goal = None if strategy.glide is None else strategy.glide.by
    return config_text(name, written, api.universe_of(strategy.universe), lang, goal=goal)


def _used(kind: str, folder: Path, uses: str | None) -> tuple[str, str]:
    """Return what a new file uses: how to load it, and how the file writes it."""
    if uses is None:
        found = _beside(kind, folder)
        if found is None:
            return _SHIPPED[kind], _SHIPPED[kind]
    elif not uses.endswith(".toml"):
        return uses, uses
    else:
        found = Path(uses)
    return str(found), Path(os.path.relpath(found, folder)).as_posix()


def _beside(kind: str, folder: Path) -> Path | None:
    """Return the only file in a folder of the kind that a new one uses, None without any."""
    wanted, sign = _NEEDS[kind]
    found = [path for path in sorted(folder.glob("*.toml")) if _has(path, sign)]
    if len(found) > 1:
        names = ", ".join(path.name for path in found)
        raise UsageError(f"there is more than one {wanted} in {folder}: {names}; choose by --uses")
    return found[0] if found else None


def _has(path: Path, key: str) -> bool:
    from jeoul.files.document import parse

    try:
        return key in parse(path, StrategyError).data
    except StrategyError:
        return False  # a file that cannot be read is not one to build on
