"""What pydantic refused in a table, in the words of every reader."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any, get_args, get_type_hints

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from jeoul.files.faults import UNKNOWN, Fault, Location, did_you_mean, likely, shown

_TABLE = ("is not a table", "write it as { … }")
_NUMBER = ("is not a number", "write a fraction, 0.05 for 5 %")
_WHOLE = ("is not a whole number", "write digits without quotes, such as 20_000_000")
_LIST = ("is not a list", "write it as [ … ]")
_FORM = ("has a form that is not allowed here", "correct it")
_WANTED = {
    "int_type": _WHOLE,
    "int_from_float": _WHOLE,
    "float_type": _NUMBER,
    "finite_number": _NUMBER,
    "model_type": _TABLE,
    "model_attributes_type": _TABLE,
    "list_type": _LIST,
    "too_short": ("is too short", "write at least one"),
    "string_too_short": ("is empty", "write a text"),
    "string_pattern_mismatch": _FORM,
    "string_too_long": _FORM,
    "bool_type": ("is neither true nor false", "write one of the two, without quotes"),
    "string_type": ("is not text", "write it in quotes"),
    "decimal_type": _NUMBER,
    "decimal_parsing": _NUMBER,
    "dataclass_type": _TABLE,
    "dict_type": _TABLE,
    "mapping_type": _TABLE,
    "tuple_type": _LIST,
    "date_type": ("is not a date", "write it without quotes, such as 2026-05-04"),
}


_CHOICES = {"literal_error": "expected", "enum": "expected", "union_tag_invalid": "expected_tags"}
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
    if kind in ("missing", "union_tag_not_found"):
        return _missing(detail, key)
    if kind in ("extra_forbidden", "unexpected_keyword_argument"):
        return Fault(key, UNKNOWN, did_you_mean(str(key[-1]), _keys(table, detail["loc"][:-1])))
    if kind == "value_error":
        message, _, remedy = str(detail["ctx"]["error"]).partition("; ")
        return Fault(key, message, remedy or None)
    said = _said(detail) or (
        f"{shown(value)}: {detail['msg'].removeprefix('Input ')}",
        "correct the value",
    )
    return Fault(key, *said)


def _missing(detail: ErrorDetails, key: Location) -> Fault:
    """Return that a key is missing, or how it is misspelt where it tells the kinds of a table.

    No key of a table is judged before its kind is known, so that nothing else would name it.
    """
    if detail["type"] == "missing":
        return Fault(key, "is missing", "add it")
    name = str(detail["ctx"]["discriminator"]).strip("'")
    given = detail["input"] if isinstance(detail["input"], Mapping) else {}
    slip = likely(name, (other for other in given if isinstance(other, str)))
    if slip is not None:
        return Fault((*key, slip), UNKNOWN, did_you_mean(slip, [name]))
    return Fault((*key, name), "is missing", "add it")


def _said(detail: ErrorDetails) -> tuple[str, str] | None:
    """Return what is wrong with a value and its remedy, None where only pydantic can say it."""
    kind, value = detail["type"], detail["input"]
    if kind in _CHOICES:
        return f"{shown(_chosen(detail))} is not a choice", _choices(detail)
    if kind == "string_type" and isinstance(value, int) and not isinstance(value, bool):
        return f"{shown(value)} is a number, not text", "write codes in quotes"
    if kind in _BOUNDS:
        name, wrong, remedy = _BOUNDS[kind]
        bound = f"{detail['ctx'][name]:,}"
        return f"{shown(value)} {wrong.format(bound)}", remedy.format(bound)
    wanted = _WANTED.get(kind)
    return None if wanted is None else (f"{shown(value)} {wanted[0]}", wanted[1])


def _chosen(detail: ErrorDetails) -> object:
    """Return the value that is none of a few; of a table that is none of several, its kind."""
    return detail["ctx"].get("tag", detail["input"])


def _choices(detail: ErrorDetails) -> str:
    few = str(detail["ctx"][_CHOICES[detail["type"]]]).replace(" or ", ", ")
    if ", " in few:
        names = re.findall("'([^']*)'", few)
        if names and isinstance(chosen := _chosen(detail), str):
            return did_you_mean(chosen, names)
        return f"use one of {few}".replace("'", "")
    return f"write {detail['loc'][-1]} = {few}".replace("'", '"')


def _keys(table: type, location: Location) -> list[str]:
    """Return the keys of the tables at a location inside a table.

    Of several kinds of table those count that have the keys on the way, and of a kind that pydantic
    names on the way that one.
    """
    tables = [table]
    for part in location:
        shapes = [_shape(one) for one in tables]
        of_kind = [
            one
            for one, shape in zip(tables, shapes, strict=True)
            if part in get_args(shape.get("kind"))
        ]
        if of_kind and len(tables) > 1:
            tables = of_kind
        elif isinstance(part, str):  # a place in a list leads to no other type
            tables = [inner for shape in shapes for inner in _tables(shape.get(part))] or tables
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
