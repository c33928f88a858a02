"""Options that several commands share, and what they load."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, get_args

import click
from click.core import ParameterSource

from jeoul.cli.amounts import MoneyType
from jeoul.cli.schemas import asked_form
from jeoul.errors import UsageError
from jeoul.messages import say
from jeoul.model.instrument import AccountKind, kind_word
from jeoul.model.portfolio import SETTLED, Proceeds
from jeoul.workspace import preferences
from jeoul.workspace.preferences import preference

PROFILES = preferences.PROFILES

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def preferred(key: str, otherwise: str | None = None) -> Callable[[], str | None]:
    """Return a default that is found when it is needed: what the user prefers for a key.

    ``otherwise`` counts where nobody prefers anything. Completion asks for no default.
    """

    def value() -> str | None:
        context = click.get_current_context(silent=True)
        if context is not None and context.resilient_parsing:
            return otherwise
        return preference(key, os.environ).value or otherwise

    return value


def is_preferred(key: str) -> bool:
    """Return whether the environment or the user config names a value for a key."""
    return preference(key, os.environ).source in ("environment", "user config")


def as_given(name: str) -> Any:
    """Return the value of an option that the command line has; None for any default."""
    context = click.get_current_context()
    given = context.get_parameter_source(name) is ParameterSource.COMMANDLINE
    return context.params[name] if given else None


def profile_of(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    """Return the profile of a command; the answers of a person count before a preference.

    Raises :class:`click.MissingParameter` where a command needs one and nobody says which.
    """
    given = context.get_parameter_source(str(parameter.name)) is ParameterSource.COMMANDLINE
    if not given and context.params.get("answers") is not None:
        return "all" if "all" in getattr(parameter.type, "choices", ()) else None
    if value is None and parameter.required and not context.resilient_parsing:
        raise click.MissingParameter(ctx=context, param=parameter)
    return value


def renamed_option(old: str, new: str) -> Decorator:
    """Return a hidden option under its old name, which sets the new one and says so on stderr."""

    def moved(context: click.Context, _: click.Parameter, value: str | None) -> None:
        if value is None:
            return
        language = str(context.params.get("lang") or preference("lang", os.environ).value)
        click.echo(f"jeoul: {say(language, 'usage.renamed', {'old': old, 'new': new})}", err=True)
        # The new option is read later where it is not given, and then takes its default from here.
        context.default_map = {**(context.default_map or {}), new.strip("-"): value}

    return click.option(old, hidden=True, expose_value=False, callback=moved)


data_option = click.option(
    "--data",
    "folder",
    type=click.Path(path_type=Path),
    default=preferred("data"),
    help="A market folder with a manifest.toml; default: JEOUL_DATA, else the simulated sample.",
)
own_data_option = click.option(
    "--data",
    "folder",
    type=click.Path(path_type=Path),
    help="A market folder with a manifest.toml; default: that of the file, else the sample.",
)
goal_option = click.option(
    "--goal",
    metavar="DATE",
    help="The goal's date, for a strategy with a glide path; default: the one in its file.",
)
as_of_option = click.option(
    "--as-of", metavar="DATE", help="The last completed session; default: the newest in the data."
)


class KindChoice(click.Choice[str]):
    """A kind of account on the command line, in any of the forms that files take."""

    def __init__(self) -> None:
        super().__init__([str(kind) for kind in AccountKind], case_sensitive=False)

    def normalize_choice(self, choice: object, ctx: click.Context | None) -> str:
        """Return the word that stands for a choice when it is compared."""
        return kind_word(super().normalize_choice(choice, ctx))


account_option = click.option(
    "--account",
    type=KindChoice(),
    default=preferred("account"),
    show_default=str(AccountKind.GENERAL),
    help="The kind of account decides what may be held; JEOUL_ACCOUNT sets the default.",
)
profile_option = click.option(
    "--profile",
    type=click.Choice(PROFILES),
    required=True,
    default=preferred("profile"),
    show_default=False,
    callback=profile_of,
    help="The conservative, balanced or growth portfolio; JEOUL_PROFILE sets the default.",
)
language_option = click.option(
    "--lang",
    type=click.Choice(["ko", "en"]),
    default=preferred("lang"),
    show_default="ko",
    help="한국어 (ko) or English (en); default: JEOUL_LANG, else the system's language.",
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
executor_option = click.option(
    "--executor",
    default="here",
    show_default=True,
    help="here, processes, processes:N, or tcp://HOST:PORT of a Dask scheduler.",
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


def file_for(out: Path | None, *read: Path) -> None:
    """Let the system refuse a file for output before any work is done; nothing is left behind.

    Raises :class:`~jeoul.errors.UsageError` for one of the files that the command reads.
    """
    if out is None:
        return
    refuse_read(out, *read)
    there = os.path.lexists(out)
    with out.open("ab"):
        pass
    if not there:
        out.unlink()


def refuse_read(out: Path, *read: Path) -> None:
    """Raise :class:`~jeoul.errors.UsageError` for an output that is one of the files read.

    The files of a market folder are among them, whichever folder it is.
    """
    in_market = (out.parent / "manifest.toml").is_file() and out.suffix in {".csv", ".toml"}
    for path in (*read, *([out] if in_market and out.exists() else [])):
        same = out.resolve() == path.resolve()
        if same or (out.exists() and path.exists() and out.samefile(path)):
            raise UsageError(
                f"{out} would overwrite {path}, which this command reads; choose another file"
            )
