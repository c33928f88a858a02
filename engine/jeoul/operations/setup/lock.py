"""One run at a time in a state folder: a lock that the kernel frees when its holder dies."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from jeoul.errors import AlreadyRunning, ConfigError, Problem
from jeoul.operations.setup.private import FILE, close_to_others, private_folder

NAME = "lock"


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the lock of a state folder; another holder raises :class:`AlreadyRunning` at once.

    The file stays behind and means nothing: only the kernel's lock on it does, and that ends with
    the process, also after kill -9. The folder is closed to other users first. Raises
    :class:`ConfigError` if it cannot be written.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder, locked(Path(folder)):
    ...     (Path(folder) / NAME).exists()
    True
    """
    place = folder / NAME
    try:
        private_folder(folder)
        handle = os.open(place, os.O_RDWR | os.O_CREAT, FILE)
    except OSError as error:
        raise ConfigError(
            [
                Problem(
                    str(folder),
                    f"the state folder cannot be written: {error.strerror}",
                    key="state",
                    remedy="give the account that runs jeoul write access, or name another folder",
                )
            ]
        ) from error
    try:
        if not _take(handle):
            raise AlreadyRunning(
                f"another run holds {place}; it ends by itself, then this one can be started again"
            )
        close_to_others(folder, "tickets", "inputs")
        yield
    finally:
        os.close(handle)


if sys.platform == "win32":
    import msvcrt

    def _take(handle: int) -> bool:
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _take(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True
