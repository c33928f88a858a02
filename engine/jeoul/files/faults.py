"""What is wrong with a table that a person wrote, in words that can be acted on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from decimal import Decimal
from difflib import get_close_matches
from typing import Any, NamedTuple, get_args, get_type_hints

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

Location = tuple[str | int, ...]
UNKNOWN = "unknown key"
"""What is wrong with a key that a table does not have."""

_TABLE = ("is not a table", "write it as { … }")
_NUMBER = ("is not a number", "write a fraction, 0.05 for 5 %")
_WANTED = {
    "int_type": ("is not a whole number", "write digits without quotes, such as 20_000_000"),
    "bool_type": ("is neither true nor false", "write one of the two, without quotes"),
    "string_type": ("is not text", "write it in quotes"),
    "decimal_type": _NUMBER,
    "decimal_parsing": _NUMBER,
    "dataclass_type": _TABLE,
    "dict_type": _TABLE,
    "mapping_type": _TABLE,
    "tuple_type": ("is not a list", "write it as [ … ]"),
    "date_type": ("is not a date", "write it without quotes, such as 2026-05-04"),
}


class Fault(NamedTuple):
    """A key below the table, what is wrong with it, and what to do."""

    key: Location
    wrong: str
    remedy: str | None = None

    def __str__(self) -> str:
        """Return key, fault and remedy in one line."""
        key, wrong = sentence(self.key, self.wrong)
        said = wrong if key is None else f"{key}: {wrong}"
        return said if self.remedy is None else f"{said}; {self.remedy}"


def sentence(key: Location, wrong: str) -> tuple[str | None, str]:
    """Return the key that a message begins with, and the message.

    The message about an unknown key names the key and its table by itself.

    >>> sentence(("rebalance", "bnad"), UNKNOWN)
    (None, "unknown key 'bnad' in [rebalance]")
    >>> sentence(("rules", 1, "x"), UNKNOWN)[1], sentence(("x",), UNKNOWN)[1]
    ("unknown key 'x' in [[rules]]", "unknown key 'x' at the top level")
    """
    if wrong != UNKNOWN or not key:
        return _cut(".".join(map(str, key))) or None, wrong
    names = _cut(".".join(part for part in key[:-1] if isinstance(part, str)))
    listed = len(key) > 1 and isinstance(key[-2], int)
    table = f"[[{names}]]" if listed else f"[{names}]"
    place = f"in {table}" if names else "at the top level"
    return None, f"{UNKNOWN} {shown(key[-1])} {place}"


def shown(value: object) -> str:
    """Return a value as a message shows it, in at most 60 characters.

    >>> shown("x" * 100)[-5:], shown(1 << 20_000)
    ('xx...', 'a number of 20001 bits')
    """
    if isinstance(value, str):
        value = value[:61]
    if isinstance(value, int) and value.bit_length() > 256:
        return f"a number of {value.bit_length()} bits"
    return _cut(str(value) if isinstance(value, Decimal) else repr(value))


def _cut(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."


def faults_of(error: ValidationError, table: type) -> list[Fault]:
    """Return what pydantic refused in a table of a type, keys with their likely spelling.

    >>> class Point(BaseModel, extra="forbid"):
    ...     height: int
    >>> try:
    ...     Point.model_validate({"hieght": 3})
    ... except ValidationError as error:
    ...     print(*faults_of(error, Point), sep=" | ")
    height: is missing; add it | unknown key 'hieght' at the top level; did you mean 'height'?
    """
    return [fault_of(one, table, one["loc"]) for one in error.errors(include_url=False)]


def did_you_mean(name: str, known: Sequence[str]) -> str:
    """Return the remedy for a name that is none of the known ones.

    >>> did_you_mean("genaral", ("general", "farmer")), did_you_mean("x", ("general", "farmer"))
    ("did you mean 'general'?", 'use one of general, farmer')
    """
    close = get_close_matches(name, known, n=1) if len(name) <= 60 else []
    if close:
        return f"did you mean {close[0]!r}?"
    return f"use one of {', '.join(known)}" if known else "remove it"


def fault_of(detail: ErrorDetails, table: type, key: Location) -> Fault:
    """Return what pydantic refused at a key of a table, in the words of every reader."""
    kind, value = detail["type"], detail["input"]
    if kind == "missing":
        return Fault(key, "is missing", "add it")
    if kind in ("extra_forbidden", "unexpected_keyword_argument"):
        return Fault(key, UNKNOWN, did_you_mean(str(key[-1]), _keys(table, key[:-1])))
    if kind == "value_error":
        message, _, remedy = str(detail["ctx"]["error"]).partition("; ")
        return Fault(key, message, remedy or None)
    if kind == "string_type" and isinstance(value, int) and not isinstance(value, bool):
        return Fault(key, f"{shown(value)} is a number, not text", "write codes in quotes")
    if kind in _WANTED:
        wrong, remedy = _WANTED[kind]
        return Fault(key, f"{shown(value)} {wrong}", remedy)
    return Fault(
        key, f"{shown(value)}: {detail['msg'].removeprefix('Input ')}", "correct the value"
    )


def _keys(table: type, location: Location) -> list[str]:
    """Return the keys of the tables at a location inside a table."""
    tables = [table]
    for part in location:
        if isinstance(part, str):  # a place in a list leads to no other type
            tables = [inner for one in tables for inner in _tables(_shape(one).get(part)) or [one]]
    return list(dict.fromkeys(name for one in tables for name in _shape(one)))


def _shape(table: Any) -> Mapping[str, Any]:
    if issubclass(table, BaseModel):
        return {f.alias or name: f.annotation for name, f in table.model_fields.items()}
    hints = get_type_hints(table)
    return {field.name: hints[field.name] for field in fields(table)}


def _tables(annotation: object) -> list[type]:
    return list(_inside(annotation))


def _inside(annotation: object) -> Iterator[type]:
    if isinstance(annotation, type) and (
        is_dataclass(annotation) or issubclass(annotation, BaseModel)
    ):
        yield annotation
    for argument in get_args(annotation):
        yield from _inside(argument)
