"""Taking retired keys out of a config that a person wrote, with its comments and order kept."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jeoul.errors import ConfigError
from jeoul.files.toml import Document, parse
from jeoul.operations.setup.config import EVERY

RETIRED: tuple[tuple[str, ...], ...] = (EVERY,)


def retired_in(document: Document) -> tuple[tuple[str, ...], ...]:
    """Return the retired keys that a file has."""
    return tuple(key for key in RETIRED if _has(document.data, key))


def write_without_retired(path: Path | str) -> tuple[str, ...]:
    """Take the retired keys out of a file, and return their names; none leaves it as it is.

    Nothing else of the file changes: not a comment, the order, the ends of lines or its mode.
    Raises :class:`ConfigError` where a key cannot be taken out by itself.
    """
    document = parse(path, ConfigError)
    keys = retired_in(document)
    if not keys:
        return ()
    place = Path(path).resolve()  # a link goes on pointing to the file
    text = place.read_bytes().decode("utf-8-sig" if _has_mark(place) else "utf-8")
    for key in keys:
        text = without_key(text, document, key)
        document = Document(document.file, tomllib.loads(text), document.lines)
    _replace(place, ("\ufeff" if _has_mark(place) else "") + text)
    return tuple(".".join(key) for key in keys)


def without_key(text: str, document: Document, key: Sequence[str]) -> str:
    """Return the text of a file without one key; ``document`` is what the text parses to.

    A key on a line of its own goes with its line, one of an inline table with its comma.

    >>> lines = {("schedule",): 1, ("schedule", "every"): 2}
    >>> whole = Document("c.toml", {"schedule": {"every": "week", "at": "09:00"}}, lines)
    >>> without_key('[schedule]\\nevery = "week"  # once\\nat = "09:00"\\n', whole, EVERY)
    '[schedule]\\nat = "09:00"\\n'
    """
    line = document.line(key)
    lines = text.splitlines(keepends=True)
    wanted = _without(document.data, key)
    assert line is not None
    name = re.escape(key[-1])
    pair = rf"""(?:"{name}"|'{name}'|{name})\s*=\s*(?:"[^"\n]*"|'[^'\n]*')"""
    old = lines[line - 1]
    inline = (rf"{pair}\s*,\s*", rf"\s*,\s*{pair}", rf"{pair}\s*")
    for new in ("", *(re.sub(pattern, "", old, count=1) for pattern in inline)):
        found = "".join([*lines[: line - 1], new, *lines[line:]])
        if _parsed(found) == wanted:
            return found
    problem = document.problem(key, "cannot be removed by itself", "remove it by hand")
    raise ConfigError([problem])


def _replace(place: Path, text: str) -> None:
    """Write a file whole or not at all, with the mode that it has."""
    partial = place.with_name(place.name + ".partial")
    mode = place.stat().st_mode & 0o777
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(handle, "wb") as file:
        file.write(text.encode())
        file.flush()
        os.fsync(file.fileno())
    partial.chmod(mode)  # the mask of the process may have taken some of it
    os.replace(partial, place)


def _has_mark(place: Path) -> bool:
    return place.read_bytes().startswith(b"\xef\xbb\xbf")


def _has(data: Mapping[str, Any], key: Sequence[str]) -> bool:
    table: Any = data
    for part in key:
        if not isinstance(table, Mapping) or part not in table:
            return False
        table = table[part]
    return True


def _without(data: Mapping[str, Any], key: Sequence[str]) -> dict[str, Any]:
    first, *rest = key
    if not rest:
        return {name: value for name, value in data.items() if name != first}
    return {**data, first: _without(data[first], rest)}


def _parsed(text: str) -> dict[str, Any] | None:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None
