"""Strict TOML: a file becomes a checked model, or every problem of it with its line and remedy."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from jeoul.errors import InputError, Problem, StrategyError

M = TypeVar("M", bound=BaseModel)
Location = tuple[str | int, ...]
Fault = tuple[Location, str, str]  # a key, what is wrong with it, and what to do

_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?$")
_NAME = r"""(?:[\w-]+|"[^"]*"|'[^']*')"""
_PAIR = re.compile(rf"^\s*({_NAME}(?:\s*\.\s*{_NAME})*)\s*=")
_PART = re.compile(_NAME)
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"' + r"|'[^']*'")
_BARE_CODE = re.compile(r"(?<![\w.\"'+:-])(0\d{5}|\d{4}[A-Z]\d)(?![\w.\"':-])")
_AT_LINE = re.compile(r"\(at line (\d+), column \d+\)|\(at end of document\)")
_QUOTE_CODES = "write codes in quotes"


class Faults(ValueError):
    """Several things wrong in one table, for a validator to raise at once.

    ``found`` gives the keys below that table.

    >>> raise Faults([(("grid",), "0.3 does not divide 1", "use 0.25")])
    Traceback (most recent call last):
    jeoul.files.toml.Faults: grid: 0.3 does not divide 1; use 0.25
    """

    def __init__(self, found: Sequence[Fault]) -> None:
        self.found = tuple(found)
        said = (f"{'.'.join(map(str, key))}: {wrong}; {remedy}" for key, wrong, remedy in found)
        super().__init__(" | ".join(said))


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed TOML file that still knows on which line every key stands."""

    file: str
    data: dict[str, Any]
    lines: Mapping[Location, int]

    def line(self, location: Sequence[str | int]) -> int | None:
        """Return the line of a key, or of the nearest table around it.

        >>> Document("a.toml", {"x": {"y": 1}}, {("x",): 3}).line(("x", "y"))
        3
        """
        for length in range(len(location), 0, -1):
            found = self.lines.get(tuple(location[:length]))
            if found is not None:
                return found
        return None

    def problem(
        self, location: Sequence[str | int], message: str, remedy: str | None = None
    ) -> Problem:
        """Return a problem at a key of this file."""
        key = ".".join(map(str, location)) or None
        return Problem(self.file, message, line=self.line(location), key=key, remedy=remedy)


def read_toml(path: Path | str, model: type[M], error: type[InputError] = StrategyError) -> M:
    """Return the file as a checked model.

    Parameters
    ----------
    path : the TOML file, UTF-8.
    model : a pydantic model; give it ``extra="forbid"`` so that unknown keys are refused. A
        validator that raises ``ValueError("what is wrong; what to do")`` has the text behind the
        first semicolon shown as the remedy; one that raises :class:`Faults` names several keys.
    error : the class raised, with every problem of the file in ``problems``.

    >>> class Point(BaseModel):
    ...     x: float
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder) / "point.toml"
    ...     _ = file.write_text("x = 1.5", "utf-8")
    ...     read_toml(file, Point).x
    1.5
    """
    return check(parse(path, error), model, error)


def parse(path: Path | str, error: type[InputError] = StrategyError) -> Document:
    """Return a TOML file parsed but not yet checked, with the line of every key.

    Raises ``error`` when the file cannot be read, is not UTF-8 or is not TOML; a code written
    without quotes is named as such, because ``069500`` is no number of TOML and ``360750`` would
    be taken for one.
    """
    file = str(path)
    try:
        text = Path(path).read_text("utf-8-sig")
    except FileNotFoundError:
        raise error([Problem(file, "there is no such file", remedy="check the name")]) from None
    except (OSError, UnicodeDecodeError) as failure:
        remedy = "save it as a UTF-8 text file that you may read"
        raise error([Problem(file, f"cannot be read: {failure}", remedy=remedy)]) from None
    try:
        return Document(file, tomllib.loads(text), _key_lines(text))
    except tomllib.TOMLDecodeError as failure:
        raise error(_syntax_problems(file, text, str(failure))) from None


def check(document: Document, model: type[M], error: type[InputError] = StrategyError) -> M:
    """Return the document as a checked model, or raise ``error`` with every problem of it."""
    try:
        return model.model_validate(document.data)
    except ValidationError as failure:
        found = failure.errors(include_url=False)
    problems = [
        problem
        for detail in found
        if not _echoes(detail, found)
        for problem in _explained(document, model, detail)
    ]
    raise error(sorted(problems, key=lambda problem: problem.line or 0)) from None


def _syntax_problems(file: str, text: str, failure: str) -> list[Problem]:
    bare = [
        Problem(
            file,
            f"{code} without quotes is not the code of a fund",
            line=number,
            remedy=f'{_QUOTE_CODES}: "{code}"',
        )
        for number, line in _statements(text)
        for code in _BARE_CODE.findall(_QUOTED.sub('""', line).partition("#")[0])
    ]
    if bare:
        return bare
    at = _AT_LINE.search(failure)
    line = int(at[1]) if at and at[1] else max(1, len(text.splitlines()))
    message = _AT_LINE.sub("", failure).strip()
    message = message[:1].lower() + message[1:]
    return [Problem(file, f"is not TOML: {message}", line=line, remedy="correct this line")]


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Yield the numbered lines that stand outside multi-line strings."""
    closing: str | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        if closing is not None:
            closing = None if closing in line else closing
            continue
        yield number, line
        for mark in ('"""', "'''"):
            if line.count(mark) % 2:
                closing = mark


def _key_lines(text: str) -> dict[Location, int]:
    lines: dict[Location, int] = {}
    table: Location = ()
    counts: dict[Location, int] = {}
    for number, line in _statements(text):
        if header := _HEADER.match(line):
            name = _inside_arrays(_parts(header[2]), counts)
            if header[1] == "[[":
                counts[name] = counts.get(name, -1) + 1
                name = (*name, counts[name])
            table = name
            lines[table] = number
        elif pair := _PAIR.match(line):
            lines.setdefault((*table, *_parts(pair[1])), number)
    return lines


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in _PART.findall(dotted))


def _inside_arrays(parts: tuple[str, ...], counts: Mapping[Location, int]) -> Location:
    """Return a header's path with the index of the array element it stands in."""
    name: Location = ()
    for part in parts[:-1]:
        name = (*name, part)
        if name in counts:
            name = (*name, counts[name])
    return (*name, parts[-1])


def _echoes(detail: ErrorDetails, found: Sequence[ErrorDetails]) -> bool:
    """Return whether a list is called too short only because its entries are refused."""
    place = detail["loc"]
    return detail["type"] == "too_short" and any(
        len(other["loc"]) > len(place) and other["loc"][: len(place)] == place for other in found
    )


def _explained(document: Document, model: type[BaseModel], detail: ErrorDetails) -> list[Problem]:
    error = detail.get("ctx", {}).get("error")
    if not isinstance(error, Faults):
        return [_explain(document, model, detail)]
    table = _in_file(document.data, detail["loc"])
    return [document.problem((*table, *key), wrong, remedy) for key, wrong, remedy in error.found]


def _explain(document: Document, model: type[BaseModel], detail: ErrorDetails) -> Problem:
    location = _in_file(document.data, detail["loc"])
    kind, value = detail["type"], detail["input"]
    if kind == "extra_forbidden":
        return document.problem(location, "is no key of this table", _nearest(model, location))
    if kind == "missing":
        return document.problem(location, "is missing", "add it")
    if kind == "string_type" and isinstance(value, int) and not isinstance(value, bool):
        return document.problem(location, f"{value} is a number, not text", _QUOTE_CODES)
    if kind == "value_error":
        message, _, remedy = str(detail["ctx"]["error"]).partition("; ")
        return document.problem(location, message, remedy or None)
    message = detail["msg"].removeprefix("Input ")
    return document.problem(location, f"{_shown(value)}: {message}", "correct the value")


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _in_file(data: object, location: Location) -> Location:
    """Return a location without the parts that pydantic adds, as the tag of a union is one."""
    found: Location = ()
    parts = [part for part in location if part != "[key]"]
    for place, part in enumerate(parts, start=1):
        known = (isinstance(data, dict) and part in data) or (
            isinstance(data, list) and isinstance(part, int) and part < len(data)
        )
        if known:
            data = data[part]  # type: ignore[index]
        if known or place == len(parts):
            found = (*found, part)
    return found


def _nearest(model: type[BaseModel], location: Location) -> str:
    known = _keys(model, location[:-1])
    close = get_close_matches(str(location[-1]), known, n=1)
    if close:
        return f"did you mean {close[0]}?"
    return f"use one of {', '.join(known)}" if known else "remove it"


def _keys(model: type[BaseModel], location: Location) -> list[str]:
    """Return the keys that the tables at a location inside ``model`` may have."""
    models = [model]
    for part in location:
        inner = [
            deeper
            for one in models
            for name, field in one.model_fields.items()
            if (field.alias or name) == part
            for deeper in _models(field.annotation)
        ]
        models = inner or models
    return list(
        dict.fromkeys(
            field.alias or name for one in models for name, field in one.model_fields.items()
        )
    )


def _models(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models(argument)
