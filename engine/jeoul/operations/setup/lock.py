"""One run at a time in a state folder: a lock that the kernel frees when its holder dies."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from jeoul.errors import AlreadyRunning, ConfigError, Problem
from jeoul.operations.setup.brokers import BrokerSettings
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
    try:
        handle = _open(folder / NAME)
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
    with _held(handle, folder / NAME):
        close_to_others(folder, "tickets", "inputs")
        yield


@contextmanager
def account_locked(broker: BrokerSettings) -> Iterator[None]:
    """Hold the lock of a broker's account, whichever state folders its configs have.

    It is a file of the user's, named after the broker and a digest of the account number. Nothing
    is held for a broker without account numbers, or where the number is not set. Raises as
    :func:`locked` does.
    """
    number = account_number(broker)
    if number is None:
        yield
        return
    digest = sha256(f"{broker.kind} {number}".encode()).hexdigest()[:24]
    place = _home() / f"{broker.kind}-{digest}.lock"
    try:
        handle = _open(place)
    except OSError as error:
        wrong = f"the folder of locks cannot be written: {error.strerror}"
        remedy = "give the account that runs jeoul write access, or name one in XDG_STATE_HOME"
        raise ConfigError([Problem(str(place.parent), wrong, remedy=remedy)]) from error
    with _held(handle, place):
        yield


def account_number(broker: BrokerSettings) -> str | None:
    """Return what tells the account of a broker's table apart, however its number is written.

    None for a broker without account numbers, or where the number is not set.
    """
    variable = broker.account_variable
    number = os.environ.get(variable) if variable is not None else None
    return broker.account_key(number) if number else None


def _home() -> Path:
    """Return the user's folder of locks; runs of every state folder share it."""
    base = os.environ.get("XDG_STATE_HOME")
    return (Path(base) if base else Path("~/.local/state").expanduser()) / "jeoul" / "locks"


def _open(place: Path) -> int:
    private_folder(place.parent)
    return os.open(place, os.O_RDWR | os.O_CREAT, FILE)


@contextmanager
def _held(handle: int, place: Path) -> Iterator[None]:
    try:
        if not _take(handle):
            raise AlreadyRunning(
                f"another run holds {place}; it ends by itself, then this one can be started again"
            )
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
