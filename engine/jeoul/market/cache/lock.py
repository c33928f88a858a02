"""One fetch at a time into a store."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from jeoul.errors import AlreadyRunning


@contextmanager
def locked(home: Path) -> Iterator[None]:
    """Hold the lock of a store; the system lets it go when the process ends, however it ends.

    The folder is made if it is not there. Another holder raises :class:`AlreadyRunning` at once.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder, locked(Path(folder) / "store"):
    ...     (Path(folder) / "store").is_dir()
    True
    """
    home.mkdir(parents=True, exist_ok=True)
    try:
        import fcntl
    except ImportError:  # Windows: the store itself still takes one writer at a time
        yield
        return
    with (home / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            reason = f"another fetch into {home} is running; wait for it, or give another --store"
            raise AlreadyRunning(reason) from None
        yield
