"""Codes: what a refusal, a finding, a reason or an outcome is, and what to do.

A code is a word that exists already: the class of an error, the message id of a finding or of a
reason, the outcome of a run. ``data/codes`` says of each why it comes, what to do, and an example;
what it says of itself comes from the message catalogues. ``said.json`` there is what the examples
say, written by ``docs/make_explain.py``.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from jeoul import assets
from jeoul.messages import LANGUAGES, catalogue

GROUPS = ("refusals", "findings", "latches", "orders", "outcomes")
_SAID = "said.json"
_BRACKETS = re.compile(r"\[([A-Za-z_.]+)\]\s*$")
_SHORTEST = 4  # characters of a part of a message that are looked for in sentences

Texts = Mapping[str, str]
"""A text in each language."""


@dataclass(frozen=True, slots=True)
class Code:
    """A code: ``what`` it says, ``why`` it comes and its ``remedy``, in each language.

    ``example`` is Python in the words of ``docs/explain_examples.py``.
    """

    name: str
    group: str
    what: Texts
    why: Texts
    remedy: Texts
    example: str


@dataclass(frozen=True, slots=True)
class CodeGroup:
    """A kind of codes: its title and what it is about."""

    name: str
    title: Texts
    about: Texts


@cache
def groups() -> tuple[CodeGroup, ...]:
    """Return the kinds of codes in the order in which they are listed."""
    found = _table("groups")
    return tuple(CodeGroup(name, found[name]["title"], found[name]["about"]) for name in GROUPS)


@cache
def codes() -> Mapping[str, Code]:
    """Return every code by its name, in the order of the lists.

    >>> codes()["finding.jump"].group
    'findings'
    """
    said = json.loads(assets.data("codes", _SAID).read_text("utf-8"))
    usual = _table("groups")
    found = {}
    for group in GROUPS:
        for name, entry in _table(group).items():
            remedy = _own_remedy(name) or entry.get("remedy") or usual[group]["remedy"]
            what = entry.get("what") or said.get(name) or _messages(name)
            found[name] = Code(
                name=name,
                group=group,
                what=what,
                why=entry["why"],
                remedy=remedy,
                example=entry["example"],
            )
    return found


def look_up(words: str) -> tuple[Code, ...]:
    """Return the codes that words mean: a code, its last part, or a part of what is said of one.

    A whole line of an error is known by the code in its last brackets.

    >>> [code.name for code in look_up("jump")]
    ['finding.jump']
    >>> [code.name for code in look_up("jeoul: a.toml:4: unknown key [StrategyError]")]
    ['StrategyError']
    """
    named = _BRACKETS.search(words)
    wanted = (named[1] if named else words).strip().casefold()
    exact = [code for code in codes().values() if _is_named(code.name.casefold(), wanted)]
    if exact or not wanted:
        return tuple(exact)
    return tuple(code for code in codes().values() if _mentions(code, wanted))


def sentences(words: str) -> tuple[Texts, ...]:
    """Return the sentences of errors that have these words in them, in every language.

    >>> [found["en"] for found in sentences("the dates are reversed")]
    ['{first} {start} is after {last} {end}: the dates are reversed; swap them']
    """
    wanted = words.strip().casefold()
    if len(wanted) < _SHORTEST:
        return ()
    return tuple(
        {language: catalogue(language)[key] for language in LANGUAGES}
        for key in catalogue("en")
        if key.startswith("error.")
        and any(wanted in catalogue(language)[key].casefold() for language in LANGUAGES)
    )


def _is_named(code: str, wanted: str) -> bool:
    last = code.rpartition(".")[2]
    return wanted in (code, last) or last in (f"{wanted}_on", f"{wanted}_off")


def _mentions(code: Code, wanted: str) -> bool:
    texts = [code.name, *code.what.values(), *code.why.values(), *code.remedy.values()]
    if "." in code.name:
        texts += _messages(code.name).values()
    return any(wanted in text.casefold() for text in texts) or _fits(code.name, wanted)


def _fits(name: str, wanted: str) -> bool:
    """Return whether a text is the message of a code with its places filled in."""
    if "." not in name:
        return False
    for text in _messages(name).values():
        parts = [part for part in re.split(r"\{[^}]*\}", text.casefold()) if part.strip()]
        if len("".join(parts)) >= _SHORTEST and _in_order(parts, wanted):
            return True
    return False


def _in_order(parts: list[str], wanted: str) -> bool:
    at = 0
    for part in parts:
        at = wanted.find(part.strip(), at)
        if at < 0:
            return False
        at += len(part.strip())
    return True


def _own_remedy(name: str) -> Texts | None:
    """Return the remedy that the message of a finding has beside it."""
    if f"{name}_remedy" not in catalogue("en"):
        return None
    return {language: catalogue(language)[f"{name}_remedy"] for language in LANGUAGES}


def _messages(name: str) -> Texts:
    return {language: catalogue(language)[name] for language in LANGUAGES}


def _table(name: str) -> Mapping[str, Mapping[str, Any]]:
    return tomllib.loads(assets.data("codes", f"{name}.toml").read_text("utf-8"))
