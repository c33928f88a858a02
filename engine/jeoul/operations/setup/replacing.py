"""A file of a person's written again, whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path


def replace_file(place: Path, content: bytes) -> None:
    """Write a file whole or not at all, with the mode that it has.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     place = Path(folder) / "c.toml"
    ...     _ = place.write_bytes(b"old")
    ...     replace_file(place, b"new")
    ...     place.read_bytes(), len(list(place.parent.iterdir()))
    (b'new', 1)
    """
    partial = place.with_name(place.name + ".partial")
    mode = place.stat().st_mode & 0o777
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    partial.chmod(mode)  # the mask of the process may have taken some of it
    os.replace(partial, place)
