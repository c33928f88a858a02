"""Options that several commands share, and what they load."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, get_args

import click

from jeoul.cli.amounts import MoneyType
from jeoul.cli.schemas import asked_form
from jeoul.errors import UsageError
from jeoul.model.instrument import AccountKind
from jeoul.model.portfolio import SETTLED, Proceeds

PROFILES = ("conservative", "balanced", "growth")

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

data_option = click.option(
    "--data",
    "folder",
    type=click.Path(path_type=Path),
    help="A market folder with a manifest.toml; default: the simulated sample.",
)
goal_option = click.option(
    "--goal",
    metavar="DATE",
    help="The goal's date, for a strategy with a glide path; default: the one in its file.",
)
as_of_option = click.option(
    "--as-of", metavar="DATE", help="The last completed session; default: the newest in the data."
)
account_option = click.option(
    "--account",
    type=click.Choice([str(kind) for kind in AccountKind], case_sensitive=False),
    default=str(AccountKind.GENERAL),
    show_default=True,
    help="The kind of account decides what may be held.",
)
profile_option = click.option(
    "--profile",
    type=click.Choice(PROFILES),
    required=True,
    help="안정형, 균형형 or 성장형.",
)
language_option = click.option(
    "--lang",
    type=click.Choice(["ko", "en"]),
    envvar="JEOUL_LANG",
    default="ko",
    show_default=True,
    help="한국어 (ko) or English (en); JEOUL_LANG sets the default.",
)
reform_option = click.option(
    "--reform", "reforms", multiple=True, help="Switch on a pending reform by its id."
)
rules_of_option = click.option(
    "--rules-of",
    type=int,
    metavar="YEAR",
    help="The year whose rules are used for a year without a table; the output then says so.",
)
proceeds_option = click.option(
    "--proceeds",
    type=click.Choice(get_args(Proceeds)),
    default=SETTLED,
    show_default=True,
    help="Buys spend what sales bring once it has settled, or reuse it on the same day.",
)
prove_option = click.option(
    "--prove", is_flag=True, help="Solve each allocation again with cvxpy, and compare."
)
cash_option = click.option(
    "--cash",
    type=MoneyType(),
    metavar="AMOUNT",
    help="The cash of an account whose file has no row for it.",
)
holdings_option = click.option(
    "--holdings",
    type=click.Path(path_type=Path),
    help="Holdings as a broker exports them or in the plain form; without it nothing is held.",
)
json_option = click.option(
    "--json",
    "as_json",
    is_flag=False,
    flag_value="",
    metavar="[=VERSION]",
    callback=asked_form,
    help="Print JSON on stdout, also of an error; --json=1 prints the form of 0.1.",
)


def folder_for(out: Path | None) -> None:
    """Refuse a place for output that is a file or takes none, before any work is done."""
    if out is None:
        return
    if out.exists() and not out.is_dir():
        raise UsageError(f"--out {out} is a file; name a folder")
    place = out.absolute()
    while not place.exists() and place != place.parent:
        place = place.parent  # the folders between are made when there is something to write
    try:
        with TemporaryFile(dir=place):
            pass
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(out)) from None


def file_for(out: Path | None) -> None:
    """Let the system refuse a file for output before any work is done; nothing is left behind."""
    if out is None:
        return
    there = os.path.lexists(out)
    with out.open("ab"):
        pass
    if not there:
        out.unlink()
