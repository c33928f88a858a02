"""How the arguments of a rule are written: what ``jeoul ask RULE`` says before it is given any."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from types import NoneType
from typing import TYPE_CHECKING, Any, NamedTuple, get_args, get_origin, get_type_hints

from jeoul.messages import say

if TYPE_CHECKING:
    from jeoul.korea.rulebook import Rulebook

_WORDS = {int: "whole", Decimal: "number", bool: "truth", date: "day"}


class ArgumentForm(NamedTuple):
    """One argument: how its value is written, and whether it may be left out."""

    name: str
    form: str
    required: bool


def forms_of(language: str, rule: str, book: Rulebook) -> tuple[ArgumentForm, ...]:
    """Return how each argument of a rule is written, in the order of the rule.

    >>> from jeoul.korea.tables import load_rules
    >>> for each in forms_of("en", "isa.transfer", load_rules(2026))[:2]:
    ...     print(each.name, each.form)
    years_held whole number
    closed 2026-05-04
    >>> forms_of("en", "isa.settle", load_rules(2026))[0].form
    'general | low_income | farmer'
    """
    from jeoul.korea.rule_words import words_of
    from jeoul.korea.rules import arguments

    def texts(argument: str) -> str:
        return " | ".join(words_of(book, argument)) or say(language, "ask.form_text")

    return tuple(
        ArgumentForm(
            name, form_of(language, field.annotation, f"{rule}.{name}", texts), field.is_required()
        )
        for name, field in arguments(rule).model_fields.items()
    )


def form_of(language: str, annotation: Any, argument: str, texts: Callable[[str], str]) -> str:
    """Return how a value of a type is written: a day, a number, a table of them, a list of those.

    ``texts`` gives the words of an argument that is a text, or of a field of one.

    >>> from jeoul.korea.levy import Won
    >>> form_of("en", Mapping[str, Won], "isa.room.paid", str)
    '{year=whole number, …}'
    """
    again = partial(form_of, argument=argument, texts=texts)
    inner = get_args(annotation)
    origin = get_origin(annotation) or annotation
    if isinstance(origin, type) and is_dataclass(origin):
        return _table(language, origin, argument, texts)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        year = say(language, "ask.form_year")
        return f"{{{year}={again(language, inner[1])}, …}}"
    if isinstance(origin, type) and issubclass(origin, Sequence) and origin is not str:
        return f"[{again(language, inner[0])}, …]"
    if origin is str:
        return texts(argument)
    if origin in _WORDS:
        return say(language, f"ask.form_{_WORDS[origin]}")
    choices = [each for each in inner if each is not NoneType and not _is_note(each)]
    if date in choices:  # a year alone is read too
        choices = [date]
    return again(language, choices[0])


def _is_note(each: Any) -> bool:
    """Return whether a part of an annotation only says how its type is checked."""
    return not isinstance(each, type) and not get_args(each)


def _table(language: str, record: type, argument: str, texts: Callable[[str], str]) -> str:
    hints = get_type_hints(record, include_extras=True)
    inside = []
    for field in fields(record):
        optional = field.default is not MISSING or field.default_factory is not MISSING
        mark = "?" if optional else ""
        form = form_of(language, hints[field.name], f"{argument}.{field.name}", texts)
        inside.append(f"{field.name}{mark}={form}")
    return f"{{{', '.join(inside)}}}"
