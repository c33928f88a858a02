"""What changes when code or shipped data do, for the names of what a cache keeps.

A stamp is a digest of the sizes and times of files, which is what Python looks at before it uses a
compiled module. Where there is nothing to look at, as in an archive, it is None: nothing says then
when a file changes.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import cache
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

from jeoul import assets

_PACKAGE = Path(__file__).parents[1]


@cache
def source_stamp(*places: str) -> str | None:
    """Return the stamp of all sources in some packages and modules of jeoul.

    >>> source_stamp("model") == source_stamp("model", "metrics.py"), source_stamp("nowhere")
    (False, None)
    """
    return _stamp(_PACKAGE, places, ".py")


@cache
def data_stamp(*places: str) -> str | None:
    """Return the stamp of all files in some folders of the shipped data.

    >>> data_stamp("calendars") == data_stamp("rules"), data_stamp("nowhere")
    (False, None)
    """
    return _stamp(assets.data(), places, "")


@cache
def library_stamp(*names: str) -> str | None:
    """Return the stamp of some installed libraries, without importing them.

    >>> library_stamp("numpy") == library_stamp("numpy", "scipy"), library_stamp("nowhere")
    (False, None)
    """
    specs = [find_spec(name) for name in names]
    if any(
        spec is None or spec.origin is None or not Path(spec.origin).is_file() for spec in specs
    ):
        return None
    return _digest(Path(spec.origin) for spec in specs if spec is not None and spec.origin)


def _stamp(root: Path, places: Iterable[str], ending: str) -> str | None:
    found = [_files(root / place, ending) for place in places]
    return _digest(path for paths in found for path in paths) if all(found) else None


def _files(place: Path, ending: str) -> list[Path]:
    """Return the files at a place that end so, by a walk, which is quicker than a glob."""
    if not place.is_dir():
        return [place] * place.is_file()
    return [
        Path(folder, name)
        for folder, _, names in os.walk(place)
        for name in names
        if name.endswith(ending)
    ]


def _digest(paths: Iterable[Path]) -> str:
    known = sorted((str(path), path.stat()) for path in paths)
    # Sizes and times, not contents: reading every source would cost what the cache saves.
    found = [(name, seen.st_size, seen.st_mtime_ns) for name, seen in known]
    return sha256(repr(found).encode()).hexdigest()
