"""How the arguments of a rule are written: what ``jeoul ask RULE`` says before it is given any."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from datetime import date
from decimal import Decimal
from types import NoneType
from typing import Any, NamedTuple, get_args, get_origin, get_type_hints

from jeoul.messages import say

_WORDS = {int: "whole", Decimal: "number", str: "text", bool: "truth", date: "day"}


class ArgumentForm(NamedTuple):
    """One argument: how its value is written, and whether it may be left out."""

    name: str
    form: str
    required: bool


def forms_of(language: str, rule: str) -> tuple[ArgumentForm, ...]:
    """Return how each argument of a rule is written, in the order of the rule.

    >>> for each in forms_of("en", "isa.settle")[:3]:
    ...     print(each.name, each.form)
    kind text
    years_held whole number
    results [{asset=text, gain=whole number}, …]
    """
    from jeoul.korea.rules import arguments

    return tuple(
        ArgumentForm(name, form_of(language, field.annotation), field.is_required())
        for name, field in arguments(rule).model_fields.items()
    )


def form_of(language: str, annotation: Any) -> str:
    """Return how a value of a type is written: a day, a number, a table of them, a list of those.

    >>> from jeoul.korea.levy import Won
    >>> form_of("en", Mapping[str, Won])
    '{year=whole number, …}'
    """
    inner = get_args(annotation)
    origin = get_origin(annotation) or annotation
    if isinstance(origin, type) and is_dataclass(origin):
        return _table(language, origin)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        year = say(language, "ask.form_year")
        return f"{{{year}={form_of(language, inner[1])}, …}}"
    if isinstance(origin, type) and issubclass(origin, Sequence) and origin is not str:
        return f"[{form_of(language, inner[0])}, …]"
    if origin in _WORDS:
        return say(language, f"ask.form_{_WORDS[origin]}")
    choices = [each for each in inner if each is not NoneType and not _is_note(each)]
    if date in choices:  # a year alone is read too
        choices = [date]
    return form_of(language, choices[0])


def _is_note(each: Any) -> bool:
    """Return whether a part of an annotation only says how its type is checked."""
    return not isinstance(each, type) and not get_args(each)


def _table(language: str, record: type) -> str:
    hints = get_type_hints(record, include_extras=True)
    inside = []
    for field in fields(record):
        optional = field.default is not MISSING or field.default_factory is not MISSING
        mark = "?" if optional else ""
        inside.append(f"{field.name}{mark}={form_of(language, hints[field.name])}")
    return f"{{{', '.join(inside)}}}"
