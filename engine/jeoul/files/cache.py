"""Files that can be made again: each read whole or not at all, the least recently used dropped."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TypeVar

from jeoul.errors import DataError
from jeoul.files.text import read_content

T = TypeVar("T")

MOST_FILES, MOST_BYTES = 64, 256_000_000

_DIGEST = 32  # bytes in front of the content
_PART = "jeoul-part-"  # in front of the name of a file that is being written


class Cache:
    """A folder of the user's own in which results lie by name, for later processes.

    A name must say everything that the content depends on. A file that is missing, damaged or
    cannot be read is as good as none, and what cannot be written is not kept: whoever asks makes
    it again, to the same end. Processes may read and write at once.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as home:
    ...     cache = Cache(Path(home) / "jeoul")
    ...     cache.keep("sum", b"42")
    ...     cache.find("sum"), cache.find("product")
    (b'42', None)
    """

    def __init__(
        self, folder: Path, *, most_files: int = MOST_FILES, most_bytes: int = MOST_BYTES
    ) -> None:
        self.folder = folder
        self.most_files, self.most_bytes = most_files, most_bytes

    def find(self, name: str) -> bytes | None:
        """Return the content that was kept under a name, None without one."""
        path = self._path(name)
        try:
            content = read_content(path, DataError, most=self.most_bytes)
        except DataError:
            return None
        if sha256(memoryview(content)[_DIGEST:]).digest() != content[:_DIGEST]:
            return None
        with suppress(OSError):
            os.utime(path)  # it was used just now
        return content[_DIGEST:]

    def keep(self, name: str, content: bytes) -> None:
        """Keep a content under a name in place of an earlier one; nothing where that fails."""
        if len(content) + _DIGEST > self.most_bytes:
            return
        with suppress(OSError):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with NamedTemporaryFile(dir=self.folder, prefix=_PART, delete=False) as part:
                try:
                    part.write(sha256(content).digest() + content)
                    # Windows does not move a file that is open.
                    part.close()
                    os.replace(part.name, self._path(name))
                except OSError:
                    part.close()
                    os.unlink(part.name)
                    raise
            self._drop()

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.kept"

    def _drop(self) -> None:
        """Remove what was used longest ago, until the rest is within the bounds.

        A part that a killed process left behind goes like any other file.
        """
        known = []
        for path in (*self.folder.glob("*.kept"), *self.folder.glob(f"{_PART}*")):
            with suppress(OSError):  # another process has just removed it
                known.append((path.stat().st_mtime_ns, path.stat().st_size, path))
        left = 0
        for number, (_, size, path) in enumerate(sorted(known, reverse=True), 1):
            left += size
            if number > self.most_files or left > self.most_bytes:
                with suppress(OSError):
                    path.unlink()


def kept_or_made(
    cache: Cache | None,
    name: str | None,
    make: Callable[[], T],
    write: Callable[[T], bytes],
    read: Callable[[bytes], T],
) -> T:
    """Return what a cache keeps under a name, else what ``make`` gives, which is kept then.

    ``read`` gives back what ``write`` was given, to the bit. Without a cache, and without a name,
    nothing is kept.
    """
    if cache is None or name is None:
        return make()
    content = cache.find(name)
    if content is not None:
        return read(content)
    made = make()
    cache.keep(name, write(made))
    return made
