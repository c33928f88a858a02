"""Where a new file goes: what ends in .toml, and nothing that exists."""

from __future__ import annotations

import os
import re
from pathlib import Path

from jeoul.errors import UsageError

NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")
"""What a file of TOML may call itself."""


def place_of(name: str, path: Path | None) -> Path:
    """Return where a new file goes, by default under a name here.

    Raises :class:`UsageError` for what is not a TOML file, and for one that exists.
    """
    place = Path(name) if path is None else path
    if place.is_dir():
        place = place / name
    if place.suffix != ".toml":
        raise UsageError(f"{place} does not end in .toml; name a folder or a file such as a.toml")
    if os.path.lexists(place):
        raise UsageError(f"{place} exists and is not overwritten; choose another name")
    return place
