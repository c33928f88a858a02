"""Taking a retired key out of a config that a person wrote, with its comments and order kept."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jeoul.errors import ConfigError
from jeoul.files.document import Document, parse
from jeoul.files.text import read_content
from jeoul.operations.setup.config import EVERY
from jeoul.operations.setup.replacing import replace_file

MARK = b"\xef\xbb\xbf"  # with which some editors begin a UTF-8 file


def remove_retired(path: Path | str) -> str | None:
    """Take the key without effect out of a config, and return its name; None if it has none.

    Nothing else of the file changes: not a comment, the order, the ends of lines or its mode.
    Raises :class:`ConfigError` where the key cannot be taken out by itself.
    """
    document = parse(path, ConfigError)
    if EVERY[-1] not in document.data.get(EVERY[0], {}):
        return None
    place = Path(path).resolve()  # a link goes on pointing to the file
    content = read_content(place)
    text = without_key(content.removeprefix(MARK).decode(), document, EVERY)
    replace_file(place, (MARK if content.startswith(MARK) else b"") + text.encode())
    return ".".join(EVERY)


def without_key(text: str, document: Document, key: Sequence[str]) -> str:
    r"""Return the text of a file without one key; ``document`` is what the text parses to.

    A key on a line of its own goes with its line, one of an inline table with its comma.

    >>> lines = {("schedule",): 1, ("schedule", "every"): 2}
    >>> whole = Document("c.toml", {"schedule": {"every": "week", "at": "09:00"}}, lines)
    >>> without_key('[schedule]\nevery = "week"  # once\nat = "09:00"\n', whole, EVERY)
    '[schedule]\nat = "09:00"\n'
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


def _without(data: Mapping[str, Any], key: Sequence[str]) -> dict[str, Any]:
    first, *rest = key
    if not rest:
        return {name: value for name, value in data.items() if name != first}
    return _whole({**data, first: _without(data[first], rest)})


def _whole(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the tables that say something: an empty one may go with its only key."""
    return {name: value for name, value in data.items() if value != {}}


def _parsed(text: str) -> dict[str, Any] | None:
    try:
        return _whole(tomllib.loads(text))
    except tomllib.TOMLDecodeError:
        return None
