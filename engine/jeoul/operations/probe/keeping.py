"""The measured time written into a config, and nothing else changed in it."""

from __future__ import annotations

import re
import tomllib

from jeoul.errors import UsageError

_TABLE = re.compile(r"^[ \t]*\[[ \t]*broker[ \t]*\][ \t]*(#[^\r\n]*)?(?=\r?$)", re.MULTILINE)
_NEXT = re.compile(r"^[ \t]*\[", re.MULTILINE)
_KEY = re.compile(r"^[ \t]*(\"?)visibility\1[ \t]*=[ \t]*[0-9._eE+-]*", re.MULTILINE)


def with_visibility(text: str, seconds: float) -> str:
    r"""Return the text of a config with ``broker.visibility`` set; comments and order stay.

    Raises :class:`UsageError` where the file's ``[broker]`` cannot be found as a table.

    >>> with_visibility('[broker]\nkind = "kis"\n', 12.0)
    '[broker]\nvisibility = 12.0\nkind = "kis"\n'
    >>> with_visibility('[broker]\nvisibility = 150.0  # long\n[cash]\n', 12.0)
    '[broker]\nvisibility = 12.0  # long\n[cash]\n'
    """
    before = tomllib.loads(text)
    head = _TABLE.search(text)
    if head is None or not isinstance(before.get("broker"), dict):
        raise UsageError(
            "the config has no line [broker]; write the measured visibility into it by hand"
        )
    following = _NEXT.search(text, head.end())
    end = len(text) if following is None else following.start()
    table = text[head.end() : end]
    line = f"visibility = {seconds}"
    end_of_line = "\r\n" if table.startswith("\r") else "\n"
    table = _KEY.sub(line, table, count=1) if _KEY.search(table) else f"{end_of_line}{line}{table}"
    found = text[: head.end()] + table + text[end:]
    wanted = before | {"broker": before["broker"] | {"visibility": seconds}}
    if _read(found) != wanted:
        raise UsageError(
            "the measured visibility could not be written without changing more; write it into "
            "the config by hand"
        )
    return found


def _read(text: str) -> object:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None
