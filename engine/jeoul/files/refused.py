"""What pydantic refused in a table, in the words of every reader."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any, get_args, get_type_hints

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from jeoul.files.faults import UNKNOWN, Fault, Location, did_you_mean, shown

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


_BOUNDS = {
    "greater_than_equal": ("ge", "is less than {}", "write {} or more"),
    "greater_than": ("gt", "is not more than {}", "write more than {}"),
    "less_than_equal": ("le", "is more than {}", "write {} or less"),
    "less_than": ("lt", "is not less than {}", "write less than {}"),
}


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
    if (said := _said(detail)) is not None:
        return Fault(key, f"{shown(value)} {said[0]}", said[1])
    return Fault(
        key, f"{shown(value)}: {detail['msg'].removeprefix('Input ')}", "correct the value"
    )


def _said(detail: ErrorDetails) -> tuple[str, str] | None:
    """Return what is wrong with a value and its remedy, None where only pydantic can say it."""
    kind = detail["type"]
    if kind not in _BOUNDS:
        return _WANTED.get(kind)
    name, wrong, remedy = _BOUNDS[kind]
    bound = f"{detail['ctx'][name]:,}"
    return wrong.format(bound), remedy.format(bound)


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
