"""Reading a text file that a person or a vendor wrote: a regular file of bounded size, in UTF-8."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

from jeoul.errors import ConfigError, DataError, InputError, Problem

MOST = 8_000_000  # bytes; the largest file that a person writes is a hundredth of it
CONTROL = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""What steers a terminal or turns the direction of a line, and is no part of a text."""

Refusal = type[InputError] | type[DataError]


def read_text(
    path: Path | str,
    error: Refusal = ConfigError,
    *,
    name: str | None = None,
    most: int = MOST,
) -> str:
    """Return the text of a file, without a byte order mark; ``name`` is what messages call it.

    Raises ``error`` as :func:`read_content` and :func:`decoded` do.
    """
    file = name or str(path)
    return decoded(read_content(path, error, name=file, most=most), file, error)


def read_content(
    path: Path | str,
    error: Refusal = ConfigError,
    *,
    name: str | None = None,
    most: int = MOST,
    wanted: str = "a UTF-8 text file",
) -> bytes:
    """Return the bytes of a file; ``name`` is what messages call it, ``wanted`` asks for another.

    Raises ``error`` if there is no such file, if it is not a regular file (a pipe would be waited
    for, a device never ends) or if it has more than ``most`` bytes.
    """
    file = name or str(path)
    try:
        mode, content = _content(Path(path), most)
    except FileNotFoundError:
        raise error([Problem(file, "there is no such file", remedy="check the name")]) from None
    except (OSError, ValueError) as failure:
        reason = getattr(failure, "strerror", None) or str(failure)
        remedy = f"save it as {wanted} that you may read"
        raise error([Problem(file, f"cannot be read: {reason}", remedy=remedy)]) from None
    if not stat.S_ISREG(mode):
        wrong = "is a folder" if stat.S_ISDIR(mode) else "is not a regular file"
        raise error([Problem(file, wrong, remedy=f"give {wanted}")])
    if content is None or len(content) > most:
        wrong = f"has more than {most:,} bytes"
        raise error([Problem(file, wrong, remedy="split it or give another file")])
    return content


def _content(path: Path, most: int) -> tuple[int, bytes | None]:
    """Return the mode of a file and its bytes, None of one that is too large or not regular."""
    found = path.stat()
    if not stat.S_ISREG(found.st_mode) or found.st_size > most:
        return found.st_mode, None
    # Between the two calls a pipe can take the place of the file: it would be waited for.
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(handle, "rb") as source:
        mode = os.fstat(handle).st_mode
        return mode, source.read(most + 1) if stat.S_ISREG(mode) else None


def decoded(
    content: bytes, file: str, error: Refusal = ConfigError, *, korean: bool = False
) -> str:
    """Return bytes as text, without a byte order mark; ``korean`` also takes CP949.

    Raises ``error`` for bytes that are not UTF-8 and for control characters, with their line:
    a zero byte ends a text in some programs, an escape steers the terminal that shows it.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as failure:
        line = content[: failure.start].count(b"\n") + 1
        wrong = "is neither UTF-8 nor CP949 text" if korean else "is not UTF-8 text"
        refused = error([Problem(file, wrong, line=line, remedy="save it as UTF-8")])
        if not korean:
            raise refused from None
        try:
            text = content.decode("cp949")
        except UnicodeDecodeError:
            raise refused from None
    if found := CONTROL.search(text):
        line = text[: found.start()].count("\n") + 1
        wrong = f"contains the control character U+{ord(found[0]):04X}"
        raise error([Problem(file, wrong, line=line, remedy="remove it, or save it as plain text")])
    return text
