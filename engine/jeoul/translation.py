"""An error in another language than English, in which errors are raised."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from string import Formatter
from typing import NamedTuple, TypeVar

from jeoul.errors import Problem
from jeoul.messages import catalogue

TABLE = "error."
REMEDY = "; "  # what is wrong stands before it, and what to do behind
_LONGEST = 800  # characters; no sentence of the engine is longer, what it quotes may be
T = TypeVar("T", str, Problem)


class _Pattern(NamedTuple):
    sentence: re.Pattern[str]
    key: str


def in_language(said: T, language: str) -> T:
    """Return a sentence or a problem in a language.

    The engine raises its errors in English. The catalogues have the same sentences in every
    language, so one that is raised is found by its English form, and what fills it in is carried
    over. A sentence that no catalogue has stays as it is.

    >>> in_language("'x' is not a date; write it as 2024-06-28", "ko")
    "'x'은(는) 날짜가 아닙니다. 2024-06-28 형식으로 입력하십시오"
    """
    if isinstance(said, Problem):
        remedy = None if said.remedy is None else in_language(said.remedy, language)
        return replace(said, message=in_language(said.message, language), remedy=remedy)
    return said if language == "en" or len(said) > _LONGEST else _translated(said, language)


def _translated(text: str, language: str) -> str:
    parts = text.split(REMEDY)
    said = _as_one(text, language, across=len(parts) == 1)
    if said is None and len(parts) > 1:
        each = [_as_one(part, language, across=True) for part in parts]
        said = None if None in each else ". ".join(map(str, each))
    said = said or _as_one(text, language, across=True)  # what it quotes has the mark too
    return said or ". ".join(_as_one(part, language, across=True) or part for part in parts)


def _as_one(text: str, language: str, *, across: bool) -> str | None:
    """Return a text that is one sentence of the catalogue, None if it is not.

    ``across`` lets a place of the sentence hold the mark between fault and remedy.
    """
    for pattern in _patterns():
        found = pattern.sentence.fullmatch(text)
        if found is not None and (across or not any(REMEDY in part for part in found.groups())):
            inner = {name: _translated(part, language) for name, part in found.groupdict().items()}
            return catalogue(language)[pattern.key].format_map(inner)
    return None


@cache
def _patterns() -> tuple[_Pattern, ...]:
    """Return what recognises each English sentence, those with most words of their own first."""
    found = []
    for key, text in catalogue("en").items():
        if key.startswith(TABLE):
            parts = list(Formatter().parse(text))
            seen: set[str] = set()
            expression = "".join(re.escape(own) + _hole(name, seen) for own, name, _, _ in parts)
            size = sum(len(own) for own, _, _, _ in parts)
            found.append((-size, key, _Pattern(re.compile(expression, re.DOTALL), key)))
    return tuple(pattern for _, _, pattern in sorted(found))


def _hole(name: str | None, seen: set[str]) -> str:
    if name is None:
        return ""
    if name in seen:
        return f"(?P={name})"
    seen.add(name)
    return f"(?P<{name}>.+?)"
