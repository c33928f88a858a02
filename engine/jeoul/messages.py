"""What jeoul says, in Korean and in English: one catalogue per language."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from jeoul import assets
from jeoul.errors import UsageError

LANGUAGES = ("ko", "en")
_COUNTED = re.compile(r"\{(\w+):\|([^|{}]*)\|([^|{}]*)\}")
_TABLE = re.compile(r"^\[(\w+)\]", re.MULTILINE)
_used = ["ko"]
"""The language of a notebook: one for the whole process, as a person reads only one at a time."""


def set_language(language: str) -> None:
    """Choose ``ko`` or ``en`` for tables, pictures and pages that are not given a language.

    It is ``ko`` until this is called; the command line has its own options. Raises
    :class:`~jeoul.errors.UsageError` for another language.

    >>> set_language("en")
    >>> used_language(), used_language("ko")
    ('en', 'ko')
    >>> set_language("ko")
    """
    catalogue(language)
    _used[:] = [language]


def used_language(given: str | None = None) -> str:
    """Return a language that was given, otherwise the one that :func:`set_language` chose."""
    return _used[0] if given is None else given


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """Return every message of a language by its id, such as ``finding.jump``.

    A catalogue is the folder ``data/messages/<language>/``; the file is the first part of the id
    for its own readability only: ids come from the tables inside. An id that is there twice is a
    defect and raises ``ValueError``.
    """
    return _merged(language, _paths(language))


def _paths(language: str) -> list[Path]:
    if language not in LANGUAGES:
        raise UsageError(
            f"{language!r} is not a language of jeoul; use one of {', '.join(LANGUAGES)}"
        )
    return sorted(assets.data("messages", language).glob("*.toml"))


def _merged(language: str, paths: Sequence[Path]) -> dict[str, str]:
    found: dict[str, str] = {}
    for path in paths:
        for key, text in _entries(path):
            if key in found:
                raise ValueError(f"message {key} is twice in the {language} catalogue")
            found[key] = text
    return found


@cache
def _entries(path: Path) -> tuple[tuple[str, str], ...]:
    tables = tomllib.loads(path.read_text("utf-8")).items()
    return tuple((f"{table}.{name}", text) for table, all_ in tables for name, text in all_.items())


@cache
def _files(language: str) -> Mapping[str, Sequence[Path]]:
    """Return the files that have a table, by its name: a command needs a tenth of them."""
    found: dict[str, list[Path]] = {}
    for path in _paths(language):
        for table in dict.fromkeys(_TABLE.findall(path.read_text("utf-8"))):
            found.setdefault(table, []).append(path)
    return found


@cache
def _table(language: str, table: str) -> Mapping[str, str]:
    """Return the messages of the files that have a table."""
    return _merged(language, _files(language).get(table, ()))


def say(language: str, message: str, detail: Mapping[str, object] | None = None) -> str:
    """Return a message in a language, with its ``{places}`` filled in.

    Raises ``KeyError`` for an id that the catalogue lacks and for a place left empty: both are
    defects of the program, found by the tests.
    """
    text = known_text(language, message)
    if text is None:
        raise KeyError(message)
    return counted(text, detail or {}).format_map(detail or {})


def known_text(language: str, message: str) -> str | None:
    """Return a message as its catalogue has it, None without one.

    >>> known_text("en", "universe.gold"), known_text("en", "universe.unheard_of")
    ('Gold', None)
    """
    return _table(language, message.partition(".")[0]).get(message)


def counted(text: str, detail: Mapping[str, object]) -> str:
    """Return a message with the word that fits each number: ``{shares:|share|shares}``.

    >>> text = "{shares:|share|shares} left"
    >>> [counted(text, {"shares": n}).format(shares=n) for n in (0, 1, 2)]
    ['0 shares left', '1 share left', '2 shares left']
    """
    if ":|" not in text:
        return text

    def word(found: re.Match[str]) -> str:
        name, one, many = found.groups()
        return f"{{{name}}} {one if str(detail[name]) == '1' else many}"

    return _COUNTED.sub(word, text)
