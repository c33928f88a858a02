"""Reading a person's answers: all seven, each one of the form's, or every problem at once."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from jeoul.errors import ConfigError, Problem
from jeoul.files.document import Document, parse
from jeoul.files.faults import UNKNOWN, Fault, did_you_mean, shown
from jeoul.model.shown import Shown
from jeoul.profile.form import Question, Questionnaire, questionnaire
from jeoul.profile.insurances import STRATEGIES, InsuranceChoice

_NOTES = ("purpose", "goal")
_FIRM = ("wealth", "income_level")
_OPTIONAL = ("answered", *_NOTES, *_FIRM, "overlay")
_CHOICE = ("choice", "chosen", "shown")


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class Answers(Shown):
    """The seven answers of one person, by the codes of the questionnaire.

    ``answered`` is the day of answering; without it the answers never expire. ``purpose`` and
    ``goal`` are the person's own words. ``wealth`` and ``income_level`` are what a firm asks beside
    them, without points. ``overlay`` is the insurance that was chosen.
    ``origin`` names the file for messages.
    """

    age: int
    horizon: str
    experience: str
    knowledge: str
    share: str
    income: str
    loss: str
    answered: date | None = None
    purpose: str | None = None
    goal: str | None = None
    wealth: str | None = None
    income_level: str | None = None
    overlay: InsuranceChoice | None = None
    origin: str = field(default="answers", compare=False)


def load_answers(path: Path | str, *, firm: bool = False) -> Answers:
    """Return the answers in a TOML file.

    With ``firm``, what a firm that manages money for others has to ask must be there too: purpose,
    wealth and level of income.

    Raises :class:`jeoul.errors.ConfigError` with every problem of the file: a missing answer, one
    that the form does not have, an absurd age, a key that means nothing; each with its line and
    what to do.

    >>> from jeoul import assets
    >>> load_answers(assets.root() / "configs" / "answers-example.toml").horizon
    '2y'
    """
    return _checked(parse(path, ConfigError, kind="answers"), firm=firm)


def check_answers(table: Mapping[str, Any], *, origin: str = "answers") -> Answers:
    """Return a table of answers as a record, or raise ``ConfigError`` with all of its problems.

    >>> check_answers({"age": 300, "horizon": "2y", "experience": "mixed", "knowledge": "low",
    ...                "share": "30", "income": "falling", "loss": "ten"})
    Traceback (most recent call last):
    ...
    jeoul.errors.ConfigError: answers: age: 300 is not an age; give full years from 1 to 120
    answers: loss: 'ten' is not an answer; use one of "none", "10", "20", "any"
    """
    return _checked(Document(origin, dict(table), {}))


def answers_text(given: Answers) -> str:
    """Return answers as the TOML file that :func:`load_answers` reads."""
    form = questionnaire()
    keys = [question.key for question in (*form.questions, *form.firm)]
    lines = [
        f"{key} = {json.dumps(getattr(given, key), ensure_ascii=False)}"
        for key in (*keys, "purpose")
        if getattr(given, key) is not None
    ]
    if given.answered is not None:
        lines.append(f"answered = {given.answered.isoformat()}")
    if given.overlay is not None:
        lines += [
            "",
            "[overlay]",
            f"choice = {json.dumps(given.overlay.choice)}",
            f"chosen = {given.overlay.chosen.isoformat()}",
            f"shown = {json.dumps(given.overlay.shown, ensure_ascii=False)}",
        ]
    return "\n".join(lines) + "\n"


def answers_schema() -> dict[str, Any]:
    """Return the JSON schema of a file of answers: the questions of the form, and what goes beside.

    >>> answers_schema()["properties"]["loss"]["enum"]
    ['none', '10', '20', 'any']
    """
    form = questionnaire()
    text, day = {"type": "string"}, {"type": "string", "format": "date"}
    choice = {
        "type": "object",
        "properties": {
            "choice": {"type": "string", "enum": list(STRATEGIES)}, "chosen": day, "shown": text,
        },
        "required": list(_CHOICE),
        "additionalProperties": False,
    }  # fmt: skip
    beside: dict[str, Any] = {**dict.fromkeys(_OPTIONAL, text), "answered": day, "overlay": choice}
    asked = {question.key: _values(question) for question in (*form.questions, *form.firm)}
    return {
        "title": "Answers",
        "type": "object",
        "properties": {**beside, **asked},
        "required": [question.key for question in form.questions],
        "additionalProperties": False,
    }


def _values(question: Question) -> dict[str, Any]:
    said = {"description": question.ask["en"]}
    if question.bands:
        return {**said, "type": "integer", "minimum": question.least, "maximum": question.most}
    return {**said, "type": "string", "enum": [choice.code for choice in question.choices]}


def _checked(document: Document, *, firm: bool = False) -> Answers:
    form = questionnaire()
    if document.data and not any(q.key in document.data for q in form.questions):
        remedy = "write one with jeoul profile --ask --out FILE"
        said = "has none of the seven answers, so it is another kind of file"
        raise ConfigError([Problem(document.file, said, remedy=remedy)])
    found = [*_faults(document.data, form), *_firm_faults(document.data, form, needed=firm)]
    if faults := [Fault(tuple(key.split(".")), *said) for key, *said in found]:
        raise ConfigError(document.problems(faults))
    chosen = document.data.get("overlay")
    overlay = None if chosen is None else InsuranceChoice(**chosen)
    return Answers(**document.data | {"overlay": overlay}, origin=document.file)


def _faults(table: Mapping[str, Any], form: Questionnaire) -> Iterator[tuple[str, str, str]]:
    """Yield key, fault and remedy."""
    known = [*(question.key for question in form.questions), *_OPTIONAL]
    for question in form.questions:
        if question.key not in table:
            yield question.key, "is missing", f"answer it with {_possible(question)}"
        elif fault := _fault(question, table[question.key]):
            yield question.key, *fault
    for key in table:
        if key not in known:
            yield key, UNKNOWN, did_you_mean(key, known)
    answered = table.get("answered")
    if answered is not None and (not isinstance(answered, date) or isinstance(answered, datetime)):
        yield (
            "answered",
            f"{shown(answered)} is not a date",
            "write it without quotes, as 2026-05-04",
        )
    if "overlay" in table:
        yield from _choice_faults(table["overlay"])
    for key in _NOTES:
        if key in table and not isinstance(table[key], str):
            yield key, f"{shown(table[key])} is not text", "write it in quotes"


def _firm_faults(
    table: Mapping[str, Any], form: Questionnaire, *, needed: bool
) -> Iterator[tuple[str, str, str]]:
    """Yield what is wrong with the answers that a firm asks for, or missing if it does."""
    for question in form.firm:
        if question.key in table:
            if fault := _fault(question, table[question.key]):
                yield question.key, *fault
        elif needed:
            remedy = f"a firm has to ask it; answer with {_possible(question)}"
            yield question.key, "is missing", remedy
    if needed and not table.get("purpose"):
        remedy = "a firm has to ask it; write in quotes what the money is for"
        yield "purpose", "is missing", remedy


def _choice_faults(table: object) -> Iterator[tuple[str, str, str]]:
    if not isinstance(table, Mapping):
        yield "overlay", f"{shown(table)} is not a table", "write [overlay] and its keys below"
        return
    for key in table:
        if key not in _CHOICE:
            yield f"overlay.{key}", UNKNOWN, did_you_mean(key, _CHOICE)
    if table.get("choice") not in STRATEGIES:
        names = ", ".join(f'"{name}"' for name in STRATEGIES)
        yield (
            "overlay.choice",
            f"{shown(table.get('choice'))} is not a choice",
            f"use one of {names}",
        )
    if type(table.get("chosen")) is not date:
        remedy = "write the day without quotes, as 2026-05-04"
        yield "overlay.chosen", f"{shown(table.get('chosen'))} is not a date", remedy
    if not isinstance(table.get("shown"), str):
        remedy = "write in quotes what was shown for the choice"
        yield "overlay.shown", f"{shown(table.get('shown'))} is not text", remedy


def _fault(question: Question, answer: object) -> tuple[str, str] | None:
    if question.bands:
        whole = isinstance(answer, int) and not isinstance(answer, bool)
        if whole and question.least <= int(str(answer)) <= question.most:
            return None
        return f"{shown(answer)} is not an age", f"give {_possible(question)}"
    codes = [choice.code for choice in question.choices]
    if isinstance(answer, str) and answer in codes:
        return None
    if not isinstance(answer, str) and str(answer) in codes:
        return f"{shown(answer)} is not text", f'write it in quotes: "{answer}"'
    return f"{shown(answer)} is not an answer", f"use {_possible(question)}"


def _possible(question: Question) -> str:
    if question.bands:
        return f"full years from {question.least} to {question.most}"
    return "one of " + ", ".join(f'"{choice.code}"' for choice in question.choices)
