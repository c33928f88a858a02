"""Reading a text file that a person wrote: a regular file of bounded size, in UTF-8."""

from __future__ import annotations

import stat
from pathlib import Path

from jeoul.errors import ConfigError, DataError, InputError, Problem

MOST = 8_000_000  # bytes; the largest file that a person writes is a hundredth of it


def read_text(
    path: Path | str,
    error: type[InputError] | type[DataError] = ConfigError,
    *,
    name: str | None = None,
    most: int = MOST,
) -> str:
    """Return the text of a file, without a byte order mark; ``name`` is what messages call it.

    Raises ``error`` if the file cannot be read (:func:`read_content`) or is not UTF-8.
    """
    file = name or str(path)
    content = read_content(path, error, name=name, most=most)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as failure:
        line = content[: failure.start].count(b"\n") + 1
        raise error(
            [Problem(file, "is not UTF-8 text", line=line, remedy="save it as UTF-8")]
        ) from None


def read_content(
    path: Path | str,
    error: type[InputError] | type[DataError] = ConfigError,
    *,
    name: str | None = None,
    most: int = MOST,
    wanted: str = "a UTF-8 text file",
) -> bytes:
    """Return the bytes of a file; ``wanted`` is what messages ask for in its place.

    Raises ``error`` if there is no such file, if it is not a regular file (a pipe would be waited
    for, a device never ends) or if it has more than ``most`` bytes.
    """
    file = name or str(path)
    try:
        mode = Path(path).stat().st_mode
        regular = stat.S_ISREG(mode)
        content = b""
        if regular:
            with Path(path).open("rb") as source:
                content = source.read(most + 1)
    except FileNotFoundError:
        raise error([Problem(file, "there is no such file", remedy="check the name")]) from None
    except (OSError, ValueError) as failure:
        reason = getattr(failure, "strerror", None) or str(failure)
        remedy = f"save it as {wanted} that you may read"
        raise error([Problem(file, f"cannot be read: {reason}", remedy=remedy)]) from None
    if not regular:
        wrong = "is a folder" if stat.S_ISDIR(mode) else "is not a regular file"
        raise error([Problem(file, wrong, remedy=f"give {wanted}")])
    if len(content) > most:
        wrong = f"has more than {most:,} bytes"
        raise error([Problem(file, wrong, remedy="split it or give another file")])
    return content
