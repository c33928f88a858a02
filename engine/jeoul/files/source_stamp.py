"""What changes when the source of some packages does, for the names of what a cache keeps."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path

_PACKAGE = Path(__file__).parents[1]


@cache
def source_stamp(*folders: str) -> str | None:
    """Return a digest of the sizes and times of all sources in some packages of jeoul.

    Python looks at the same two before it uses a compiled module. None where there are no files to
    look at, as in an archive: nothing says then when the source changes.

    >>> source_stamp("model") == source_stamp("model", "metrics.py"), source_stamp("nowhere")
    (False, None)
    """
    paths = [path for name in folders for path in _sources(_PACKAGE / name)]
    if not paths:
        return None
    known = [(str(path.relative_to(_PACKAGE)), path.stat()) for path in paths]
    found = [(name, seen.st_size, seen.st_mtime_ns) for name, seen in known]
    return sha256(repr(found).encode()).hexdigest()


def _sources(place: Path) -> list[Path]:
    return sorted(place.rglob("*.py")) if place.is_dir() else [place] * place.is_file()
