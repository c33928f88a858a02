"""An error in another language than English, in which errors are raised."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from string import Formatter
from typing import NamedTuple, TypeVar

from jeoul.errors import Problem
from jeoul.messages import catalogue

TABLES = ("error.", "finding.")
REMEDY = "; "  # what is wrong stands before it, and what to do behind
_PLACE = re.compile(r"\S+(?:, \S+)*: ")
_MOST_PARTS = 3  # of one sentence of the catalogue, between the marks
_MOST_PLACES = 3  # file with line, key and day, before a sentence
_LONGEST = 800  # characters; no sentence of the engine is longer, what it quotes may be
T = TypeVar("T", str, Problem)


class _Pattern(NamedTuple):
    own: str  # the longest words of its own: a text without them needs no look at the rest
    sentence: re.Pattern[str]
    key: str
    size: int  # of all its own words


class _Said(NamedTuple):
    text: str
    own: int  # the size of the sentence that was found


def in_language(said: T, language: str) -> T:
    """Return a sentence or a problem in a language.

    The engine raises its errors in English. The catalogues have the same sentences in every
    language, so one that is raised is found by its English form, and what fills it in is carried
    over. A sentence that no catalogue has stays as it is.

    >>> in_language("'x' is not a date; write it as 2024-06-28", "ko")
    "'x'은(는) 날짜가 아닙니다. 2024-06-28 형식으로 입력하십시오"
    """
    if isinstance(said, Problem):
        message, remedy = _of_problem(said.message, said.remedy, language)
        return replace(said, message=message, remedy=remedy)
    return said if language == "en" else _of_length(said, language)


def _of_problem(message: str, remedy: str | None, language: str) -> tuple[str, str | None]:
    """Return what is wrong and the remedy, where the catalogue has both as one sentence from it."""
    if remedy is None or language == "en":
        return in_language(message, language), remedy
    whole = _placed(f"{message}{REMEDY}{remedy}", language, across=False)
    if whole is None:
        return in_language(message, language), in_language(remedy, language)
    begins, _, ends = whole.text.partition(". ")
    return begins, ends or None


def _of_length(text: str, language: str) -> str:
    if len(text) <= _LONGEST:
        return _translated(text, language)
    lines = text.split("\n")
    return text if len(lines) == 1 else "\n".join(_of_length(line, language) for line in lines)


def _translated(text: str, language: str) -> str:
    if "\n" in text:  # faults one a line: no sentence begins in one and ends in another
        lines = text.split("\n")
        each = [_translated(line, language) for line in lines]
        if all(said != line for said, line in zip(each, lines, strict=True)):
            return "\n".join(each)
    said = _placed(text, language, across=REMEDY not in text or "\n" in text)
    if said is not None:
        return said.text
    if "\n" in text:
        return "\n".join(_translated(line, language) for line in text.split("\n"))
    parts = _in_turn(text.split(REMEDY), language)
    if any(found is None for _, found in parts):  # what it quotes may have the mark too
        said = _as_one(text, language, across=True)
    own = max((found.own for _, found in parts if found is not None), default=-1)
    if said is not None and said.own >= own:
        return said.text
    if own < 0:
        return text
    return ". ".join(part if found is None else found.text for part, found in parts)


def _in_turn(parts: Sequence[str], language: str) -> list[tuple[str, _Said | None]]:
    """Return parts of a text with what each is in the language, None where it has no such form.

    Of several parts in a row as many as possible are one sentence, three at most.
    """
    each: list[tuple[str, _Said | None]] = []
    while parts:
        for count in range(min(len(parts), _MOST_PARTS), 0, -1):
            part = REMEDY.join(parts[:count])
            said = _placed(part, language, across=count == 1)
            if said is not None:
                break
        each.append((part, said))
        parts = parts[count:]
    return each


def _placed(text: str, language: str, *, across: bool) -> _Said | None:
    """Return a sentence, or a sentence behind the place that it is about: ``a.toml: key: …``.

    Of several the one with most words of its own: what begins with a place may also fit a
    general sentence, which would quote the rest in English.
    """
    begin, best = 0, None
    for _ in range(_MOST_PLACES + 1):
        said = _as_one(text[begin:], language, across=across)
        if said is not None and (best is None or said.own >= best.own):
            best = _Said(text[:begin] + said.text, said.own)
        place = _PLACE.match(text, begin)
        if place is None:
            break
        begin = place.end()
    return best


def _as_one(text: str, language: str, *, across: bool) -> _Said | None:
    """Return a text that is one sentence of the catalogue, None if it is not.

    ``across`` lets a place of the sentence hold the mark between fault and remedy.
    """
    for pattern in _patterns():
        found = pattern.sentence.fullmatch(text) if pattern.own in text else None
        if found is not None and (across or not any(REMEDY in part for part in found.groups())):
            inner = {name: _translated(part, language) for name, part in found.groupdict().items()}
            said = catalogue(language)[pattern.key].format_map(inner)
            return _Said(said, pattern.size)
    return None


@cache
def _patterns() -> tuple[_Pattern, ...]:
    """Return what recognises each English sentence, those with most words of their own first."""
    found = []
    for key, text in catalogue("en").items():
        if key.startswith(TABLES):
            parts = list(Formatter().parse(text))
            seen: set[str] = set()
            expression = "".join(re.escape(own) + _hole(name, seen) for own, name, _, _ in parts)
            size = sum(len(own) for own, _, _, _ in parts)
            longest = max((own for own, _, _, _ in parts), key=len, default="")
            pattern = _Pattern(longest, re.compile(expression, re.DOTALL), key, size)
            found.append((-size, key, pattern))
    return tuple(pattern for _, _, pattern in sorted(found))


def _hole(name: str | None, seen: set[str]) -> str:
    if name is None:
        return ""
    if name in seen:
        return f"(?P={name})"
    seen.add(name)
    return f"(?P<{name}>.+?)"
