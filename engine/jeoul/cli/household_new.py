"""``jeoul init`` and ``jeoul new household``: the file of a household, asked for or imported."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from jeoul.cli.options import json_option, language_option
from jeoul.cli.prompts import asked
from jeoul.errors import UsageError
from jeoul.messages import say
from jeoul.model.amount import parse_amount, smallest_units
from jeoul.model.instrument import kind_word
from jeoul.workspace.new_household import MONTHS, Facts, currency_of, write_files
from jeoul.workspace.new_place import place_of

if TYPE_CHECKING:
    from jeoul.account.holdings import Holdings
    from jeoul.cli.schemas import OutputForm

T = TypeVar("T")

from_option = click.option(
    "--from",
    "exports",
    multiple=True,
    metavar="[KIND=]FILE",
    help="A broker's export of holdings and the kind of its account; once for each account.",
)


@click.command("init")
@click.argument("path", required=False, type=click.Path(path_type=Path))
@from_option
@language_option
@json_option
def init(
    path: Path | None, exports: tuple[str, ...], lang: str, as_json: OutputForm | None
) -> None:
    """Write the file of a household, and the page of what to do with its accounts today.

    On a terminal it asks the questionnaire and takes the cash of each account; --from takes
    brokers' exports of holdings. PATH is a file ending in .toml or a folder; default:
    household.toml here. The holdings of each account go into a folder holdings beside it, and the
    page beside it too. Nothing is overwritten.
    """
    write_household(path, exports, lang, as_json, has_page=True)


def write_household(
    path: Path | None,
    exports: tuple[str, ...],
    lang: str,
    as_json: OutputForm | None,
    *,
    has_page: bool = False,
) -> None:
    """Write a household with the holdings of its accounts, and say what was written.

    With ``has_page`` it also writes the page of its plan. A plan that cannot be made is a notice:
    the household is written, and what it needs is for the person to correct.
    """
    place = place_of("household.toml", path)
    page = place.with_suffix(".html")
    if has_page and os.path.lexists(page):
        raise UsageError(f"{page} exists and is not overwritten; choose another name")
    asks = sys.stdin is not None and sys.stdin.isatty() and as_json is None
    if asks:
        click.echo(say(lang, "household_new.intro"), err=True)
    facts = replace(_asked_facts(lang) if asks else Facts(), data=_data())
    accounts = _imported(exports, lang, asks=asks) if exports else _opened(lang, asks=asks)
    written = write_files(place, facts, accounts, lang)
    if not asks:
        written.notes.append(say(lang, "household_new.example", {"file": place}))
    shown = _page(written.household, page, lang) if has_page else None
    if as_json is not None:
        found = {name: str(file) for name, file in written.holdings.items()}
        document = {"starter": "household", "file": str(place), "holdings": found}
        as_json.write(document | ({"page": shown and str(shown)} if has_page else {}))
        return
    for name, file in written.holdings.items():
        title = _called(name, accounts[name][0], lang)
        click.echo(say(lang, "household_new.holdings", {"account": title, "file": file}))
    click.echo(say(lang, "household_new.made", {"file": place}))
    if shown is not None:
        click.echo(say(lang, "household_new.page", {"page": shown}))
    click.echo(say(lang, "household_new.next", {"file": place}))
    for note in written.notes:
        click.echo(note, err=True)


def _page(file: Path, page: Path, lang: str) -> Path | None:
    """Write the first page of a household, and return where it is; None where no plan is made."""
    from jeoul.errors import JeoulError
    from jeoul.household.explaining.answer import Questions
    from jeoul.reporting.household.page import render_household
    from jeoul.translation import in_language
    from jeoul.workspace.household import household_answer

    try:
        facts = household_answer(file, Questions(rules=True), None, None, ({}, {}))
        text = render_household(facts, lang)
    except JeoulError as error:
        reason = in_language(str(error), lang)
        click.echo(say(lang, "household_new.no_page", {"reason": reason}), err=True)
        return None
    with page.open("x", encoding="utf-8") as opened:
        opened.write(text)
    return page


def _data() -> str | None:
    """Return the market folder that this user prefers, as a household's file writes it."""
    from jeoul.workspace.preferences import preference

    folder = preference("data", os.environ).value
    return None if folder is None else os.path.abspath(folder)


def _imported(
    exports: tuple[str, ...], lang: str, *, asks: bool
) -> dict[str, tuple[str, Holdings]]:
    """Return what exports hold, by the name of an account with its kind."""
    from jeoul.account.holdings import read_holdings, refuse_empty

    found: dict[str, tuple[str, Holdings]] = {}
    for word in exports:
        kind, file = _kind_and_file(word, lang, asks=asks)
        held = refuse_empty(read_holdings(file, currency=currency_of(kind)), new=True)
        name, number = kind, 1
        while name in found:
            number += 1
            name = f"{kind}-{number}"
        found[name] = (kind, held)
    return found


def _kind_and_file(word: str, lang: str, *, asks: bool) -> tuple[str, Path]:
    kinds = _kinds()
    before, mark, after = word.partition("=")
    if mark and kind_word(before) in kinds:
        return kind_word(before), Path(after)
    file = Path(word)
    if kind_word(file.stem) in kinds:
        return kind_word(file.stem), file
    if not asks:
        raise UsageError(
            f"{word} does not say the kind of its account; write KIND=FILE with one of "
            f"{', '.join(kinds)}"
        )
    listed = {"file": file.name, "kinds": ", ".join(kinds)}
    return _prompt(lang, "kind", _kind_in, listed), file


def _opened(lang: str, *, asks: bool) -> dict[str, tuple[str, Holdings]]:
    """Return accounts that hold cash alone: those that a person names, or an example."""
    from jeoul.account.holdings import Holdings

    kinds = ("general", "isa", "pension_savings")
    cash = dict(zip(kinds, (10_000_000, 5_000_000, 3_000_000), strict=True))
    if asks:
        listed = {"kinds": ", ".join(_kinds())}
        chosen: tuple[str, ...] = _prompt(lang, "kinds", _kinds_in, listed, ",".join(kinds))
        cash = {kind: _cash(kind, lang) for kind in chosen}
    return {
        kind: (kind, Holdings("", {}, amount, currency_of(kind))) for kind, amount in cash.items()
    }


def _cash(kind: str, lang: str) -> int:
    """Return the cash of an account, asked for in its currency."""
    currency = currency_of(kind)

    def read(text: str) -> int | None:
        try:
            found = smallest_units(parse_amount(text), currency)
        except UsageError:
            return None
        return found if found >= 0 else None

    detail = {"account": _called(kind, kind, lang)}
    return _prompt(lang, f"cash_{currency}", read, detail, "0")


def _called(name: str, kind: str, lang: str) -> str:
    """Return how questions name an account: its kind, followed by its own name if it has one."""
    title = say(lang, f"household_page.kind_{kind}")
    return title if name == kind else f"{title} [{name}]"


def _kinds() -> tuple[str, ...]:
    from jeoul.household.written.keys import KINDS

    return KINDS


def _asked_facts(lang: str) -> Facts:
    from jeoul.cli.asking import ask as ask_person
    from jeoul.workspace.today import today

    born = _prompt(lang, "born", _day)
    wages = _prompt(lang, "wages", _won)
    spending = _prompt(lang, "spending", _won)
    reach = _prompt(lang, "reach", _won, default=str(MONTHS * spending))
    day = today()
    age = day.year - born.year - ((day.month, day.day) < (born.month, born.day))
    answers = replace(ask_person(lang, firm=False, known={"age": age}), answered=day)
    return Facts(born=born, wages=wages, spending=spending, answers=answers, reach=reach)


def _prompt(
    lang: str,
    message: str,
    read: Callable[[str], T | None],
    detail: Mapping[str, object] | None = None,
    default: str | None = None,
) -> T:
    """Return an answer, asked for until it can be read."""
    while True:
        said = say(lang, f"household_new.{message}", detail or {})
        text = asked(said, default)
        found = read(text)
        if found is not None:
            return found
        click.echo(say(lang, "household_new.again", {"value": text}), err=True)


def _won(text: str) -> int | None:
    from jeoul.model.amount import refuse_foreign, whole_amount

    try:
        found = whole_amount(text)
        refuse_foreign("KRW", amount=found)
    except UsageError:
        return None
    return int(found) if found >= 0 else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _kind_in(text: str) -> str | None:
    return kind_word(text) if kind_word(text) in _kinds() else None


def _kinds_in(text: str) -> tuple[str, ...] | None:
    """Return the kinds of a list with commas, None if one of them does not exist."""
    named = tuple(dict.fromkeys(kind_word(part) for part in text.split(",") if part.strip()))
    return named if named and set(named) <= set(_kinds()) else None
