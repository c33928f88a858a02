"""What is wrong with a table that a person wrote, in words that can be acted on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from decimal import Decimal
from difflib import get_close_matches
from typing import Any, NamedTuple, get_args, get_type_hints

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

Location = tuple[str | int, ...]
Lines = Callable[[Sequence[str | int]], int | None]
"""Where a key stands in a file: its line, or None if that is not known."""

_TABLE = ("is no table", "write it as { … }")
_NUMBER = ("is no number", "write a fraction, 0.05 for 5 %")
_WANTED = {
    "int_type": ("is no whole number", "write digits without quotes, such as 20_000_000"),
    "bool_type": ("is neither true nor false", "write one of the two, without quotes"),
    "string_type": ("is no text", "write it in quotes"),
    "decimal_type": _NUMBER,
    "decimal_parsing": _NUMBER,
    "dataclass_type": _TABLE,
    "dict_type": _TABLE,
    "mapping_type": _TABLE,
    "tuple_type": ("is no list", "write it as [ … ]"),
    "date_type": ("is no date", "write it without quotes, such as 2026-05-04"),
}


class Fault(NamedTuple):
    """A key below the table, what is wrong with it, and what to do."""

    key: Location
    wrong: str
    remedy: str | None = None

    def __str__(self) -> str:
        """Return key, fault and remedy in one line."""
        said = f"{'.'.join(map(str, self.key))}: {self.wrong}"
        return said if self.remedy is None else f"{said}; {self.remedy}"


def nowhere(location: Sequence[str | int]) -> None:
    """Return no line: the table does not come from a file whose lines are known."""


def faults_of(error: ValidationError, table: type) -> list[Fault]:
    """Return what pydantic refused in a table of a type, keys with their likely spelling.

    >>> class Point(BaseModel, extra="forbid"):
    ...     height: int
    >>> try:
    ...     Point.model_validate({"hieght": 3})
    ... except ValidationError as error:
    ...     print(*faults_of(error, Point), sep=" | ")
    height: is missing; add it | hieght: is no key of this table; did you mean height?
    """
    return [_fault(detail, table) for detail in error.errors(include_url=False)]


def did_you_mean(name: str, known: Sequence[str]) -> str:
    """Return the remedy for a name that is none of the known ones.

    >>> did_you_mean("genaral", ("general", "farmer")), did_you_mean("x", ("general", "farmer"))
    ('did you mean general?', 'use one of general, farmer')
    """
    close = get_close_matches(name, known, n=1)
    return f"did you mean {close[0]}?" if close else f"use one of {', '.join(known)}"


def _fault(detail: ErrorDetails, table: type) -> Fault:
    key, kind = detail["loc"], detail["type"]
    if kind == "missing":
        return Fault(key, "is missing", "add it")
    if kind in ("extra_forbidden", "unexpected_keyword_argument"):
        known = _keys(table, key[:-1])
        return Fault(key, "is no key of this table", did_you_mean(str(key[-1]), known))
    value = detail["input"]
    shown = value if isinstance(value, int | float | Decimal) else repr(value)
    if kind in _WANTED:
        wrong, remedy = _WANTED[kind]
        return Fault(key, f"{shown} {wrong}", remedy)
    return Fault(key, f"{shown}: {detail['msg'].removeprefix('Input ')}", "correct the value")


def _keys(table: type, location: Location) -> list[str]:
    """Return the keys of the tables at a location inside a table."""
    tables = [table]
    for part in location:
        if isinstance(part, str):  # a place in a list leads to no other type
            tables = [inner for one in tables for inner in _tables(_shape(one).get(part)) or [one]]
    return list(dict.fromkeys(name for one in tables for name in _shape(one)))


def _shape(table: Any) -> Mapping[str, Any]:
    if issubclass(table, BaseModel):
        return {name: field.annotation for name, field in table.model_fields.items()}
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
