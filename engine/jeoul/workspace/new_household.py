"""The files of a new household: its people and accounts, their holdings, and the answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from jeoul.errors import UsageError
from jeoul.messages import say
from jeoul.workspace.new_place import NAME

if TYPE_CHECKING:
    from jeoul.account.holdings import Holdings
    from jeoul.profile import Answers

PERSON = "me"
ANSWERS = "answers.toml"
MONTHS = 6
"""Months of spending within reach, as the reader of the file assumes."""


def currency_of(kind: str) -> str:
    """Return the currency that an account of a kind is kept in.

    >>> currency_of("overseas"), currency_of("isa")
    ('USD', 'KRW')
    """
    return "USD" if kind == "overseas" else "KRW"


@dataclass(frozen=True, slots=True)
class Facts:
    """What a new file says of its person; the defaults are an example.

    ``answers`` decide the profile, else ``profile`` does. ``broker`` is where orders go: a ticket
    that a person types in, or a paper account. ``strategy`` is a shipped one.
    """

    born: date = date(1992, 5, 11)
    wages: int = 50_000_000
    spending: int = 2_500_000
    profile: str = "balanced"
    answers: Answers | None = None
    reach: int | None = None
    broker: str = "ticket"
    strategy: str = "managed"
    data: str | None = None


@dataclass(slots=True)
class WrittenFiles:
    """The files that were written, and what a person should know of them."""

    household: Path
    holdings: dict[str, Path] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def write_files(
    place: Path, facts: Facts, accounts: Mapping[str, tuple[str, Holdings]], lang: str
) -> WrittenFiles:
    """Write the holdings of each account, by name with its kind, the answers and the household.

    Raises :class:`~jeoul.errors.UsageError` for a file that is there already; nothing is then
    written.
    """
    from jeoul.account.holdings import plain_file
    from jeoul.profile import answers_text
    from jeoul.workspace.starter import household_text, with_schema

    folder = place.parent / "holdings"
    files = {name: folder / f"{name}.csv" for name in accounts}
    beside = place.parent / ANSWERS
    wanted = [*files.values(), *([beside] if facts.answers is not None else [])]
    there = [str(file) for file in wanted if file.exists()]
    if there:
        raise UsageError(f"{', '.join(there)} exists and is not overwritten; choose another folder")
    written = WrittenFiles(place, files)
    folder.mkdir(exist_ok=True)
    for name, (_, held) in accounts.items():
        if held.cash is None:
            written.notes.append(say(lang, "household_new.no_cash", {"file": held.file}))
        text = plain_file(held if held.cash is not None else replace(held, cash=0))
        files[name].write_text(text, "utf-8")
    if facts.answers is not None:
        beside.write_text(with_schema("answers", answers_text(facts.answers)), "utf-8")
    values = {
        "name": place.stem if NAME.fullmatch(place.stem) else "home",
        "person": PERSON,
        "born": facts.born.isoformat(),
        "wages": f"{facts.wages:_}",
        "spending": f"{facts.spending:_}",
        "investor": _investor(facts, lang),
        "reach": f"{MONTHS * facts.spending if facts.reach is None else facts.reach:_}",
        "broker": facts.broker,
        "strategy": facts.strategy,
        "data": _data(facts),
    }
    kinds = {name: kind for name, (kind, _) in accounts.items()}
    with place.open("x", encoding="utf-8") as file:
        file.write(household_text(values, kinds, lang))
    return written


def _investor(facts: Facts, lang: str) -> str:
    if facts.answers is not None:
        return f'answers  = "{ANSWERS}"'
    return f'profile  = "{facts.profile}"          {say(lang, "household_new.profile_note")}'


def _data(facts: Facts) -> str:
    from json import dumps

    if facts.data is None:
        return '# [data]\n# folder = "my-market"'
    return f"[data]\nfolder = {dumps(facts.data, ensure_ascii=False)}"
