"""The last date of a table of prices, found without reading the table."""

from __future__ import annotations

from datetime import date
from os import SEEK_END
from pathlib import Path

_TAIL = 65_536  # bytes at the end of a file among which its last row is


def newest_label(folder: Path, path: str) -> date | None:
    """Return the date of the last row of a file, None where there is none that can be read."""
    try:
        if not (folder / path).is_file():  # a pipe would be waited for
            return None
        with (folder / path).open("rb") as file:
            file.seek(-min(file.seek(0, SEEK_END), _TAIL), SEEK_END)
            rows = file.read().decode("utf-8", "replace").split()
        return date.fromisoformat(rows[-1].partition(",")[0])
    except (OSError, ValueError, IndexError):
        return None
