"""A strategy file with some values changed: its comments and its order stay."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from difflib import unified_diff
from typing import Any

from jeoul.errors import UsageError

Value = float | int | bool | str

_TABLE = re.compile(r"^\s*\[([^\[\]]+)\]\s*(#.*)?$")
_SCALAR = r"""("[^"]*"|'[^']*'|[^\s,}\]#]+)"""


def changed_text(text: str, values: Mapping[str, Value], whole: Mapping[str, Any]) -> str:
    r"""Return the text of a TOML file in which keys have other values.

    A key that the file does not write is added to its table; ``whole`` is everything that the file
    comes to with its defaults, of which a new table needs its kind. Raises
    :class:`~jeoul.errors.UsageError` where the result would not say what is asked for.

    >>> print(changed_text("[overlay.vix] # the VIX\nscale = 0.9 # of the risk assets\n",
    ...                    {"overlay.vix.scale": 0.8}, {}), end="")
    [overlay.vix] # the VIX
    scale = 0.8 # of the risk assets
    """
    found = text
    for path, value in values.items():
        found = _changed(found, path.split("."), value, whole)
    document = tomllib.loads(found)
    for path, value in values.items():
        if _at(document, path.split(".")) != value:
            raise UsageError(
                f"{path} = {_written(value)} cannot be written into this file; change it there"
            )
    return found


def difference(before: str, after: str, names: tuple[str, str]) -> list[str]:
    """Return the lines that changed, with those around them, as ``diff -u`` shows them."""
    pair = (before.splitlines(), after.splitlines())
    return [line.rstrip("\n") for line in unified_diff(*pair, *names, lineterm="", n=1)]


def _changed(text: str, path: list[str], value: Value, whole: Mapping[str, Any]) -> str:
    lines = text.splitlines(keepends=True)
    for depth in range(len(path) - 1, -1, -1):
        span = _span(lines, path[:depth])
        if span is None:
            continue
        inner = path[depth:]
        for number in range(*span):
            replaced = _in_line(lines[number], inner, _written(value))
            if replaced is not None:
                lines[number] = replaced
                return "".join(lines)
        if len(inner) == 1:
            lines.insert(span[0], f"{inner[0]} = {_written(value)}\n")
            return "".join(lines)
        for number in range(*span):
            added = _added(lines[number], inner, _written(value))
            if added is not None:
                lines[number] = added
                return "".join(lines)
    kind = _at(whole, [*path[:-1], "kind"])
    head = "" if kind is None or path[-1] == "kind" else f"kind = {_written(kind)}\n"
    end = "" if text.endswith("\n") else "\n"
    return f"{text}{end}\n[{'.'.join(path[:-1])}]\n{head}{path[-1]} = {_written(value)}\n"


def _span(lines: list[str], table: list[str]) -> tuple[int, int] | None:
    """Return the lines of a table without its head; those before the first table for none."""
    heads = [
        (number, [part.strip().strip("\"'") for part in match.group(1).split(".")])
        for number, line in enumerate(lines)
        if (match := _TABLE.match(line))
    ]
    starts = [-1, *(number for number, _ in heads)]
    names: list[list[str]] = [[], *(name for _, name in heads)]
    for place, name in enumerate(names):
        if name == table:
            end = starts[place + 1] if place + 1 < len(starts) else len(lines)
            return starts[place] + 1, end
    return None


def _in_line(line: str, path: list[str], value: str) -> str | None:
    """Return a line whose key has another value, inside of inline tables too; None without it."""
    key = re.match(rf"""^\s*["']?{re.escape(path[0])}["']?\s*=\s*""", line)
    if key is None:
        return None
    start = key.end()
    for name in path[1:]:
        inner = re.compile(rf"""[{{,]\s*["']?{re.escape(name)}["']?\s*=\s*""").search(line, start)
        if inner is None:
            return None
        start = inner.end()
    old = re.compile(_SCALAR).match(line, start)
    return None if old is None else line[:start] + value + line[old.end() :]


def _added(line: str, path: list[str], value: str) -> str | None:
    r"""Return a line in whose inline table the last key of a path is written too; None without it.

    >>> _added("enter = { at = 30.0 } # on\n", ["enter", "closes"], "2")
    'enter = { at = 30.0, closes = 2 } # on\n'
    """
    table = _in_line(line, path[:-1], "\0")
    if table is None or "\0" not in table:
        return None
    start = table.index("\0")
    if not line[start:].startswith("{"):
        return None
    depth = 0
    for place in range(start, len(line)):
        depth += {"{": 1, "}": -1}.get(line[place], 0)
        if depth == 0:
            before = line[start:place].rstrip()
            comma = "" if before == "{" else ","
            return f"{line[:start]}{before}{comma} {path[-1]} = {value} {line[place:]}"
    return None


def _at(document: Any, path: list[str]) -> Any:
    for name in path:
        if not isinstance(document, Mapping):
            return None
        document = document.get(name)
    return document


def _written(value: Value) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value}"'
    return repr(value)
