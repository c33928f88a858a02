"""Encrypting what a state folder holds, decrypting it, and changing its passphrase.

Files are converted one at a time: the copy is written beside the file and takes its place when it
is whole. A process that is killed leaves every file old or new, and the same command goes on.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from jeoul.database import (
    DatabaseError,
    EncryptionKey,
    KeyMismatch,
    OperationalError,
    connect,
    encrypted,
    export,
    plain,
)
from jeoul.operations.archive import FOLDER
from jeoul.operations.errors import Sealed
from jeoul.operations.setup.config import Config
from jeoul.operations.setup.kept import LETTERS, read_kept, write_kept
from jeoul.operations.setup.lock import locked
from jeoul.operations.setup.memory import NAME as MEMORY
from jeoul.operations.setup.passphrase import keep_in_keyring, key_for, new_key, passphrase
from jeoul.operations.setup.private import create_private
from jeoul.operations.setup.secrets import Secret

_COPY = ".converting"
_NOT_DATABASES = (_COPY, ".partial", "-wal", "-shm", "-journal")


def encrypt(config: Config) -> int:
    """Encrypt the files of a config's state folder; return how many were plain.

    Raises :class:`Sealed` where the config does not ask for it or there is no passphrase.
    """
    if config.settings.encrypt is None:
        raise Sealed("not_asked", config.path)
    secret = passphrase(config)
    with locked(config.state):
        done = _convert(config.state, None, key_for(config.state, secret))
    keep_in_keyring(config, secret)
    return done


def decrypt(config: Config) -> int:
    """Make the files of a config's state folder plain; return how many were encrypted."""
    secret = passphrase(config)
    with locked(config.state):
        return _convert(config.state, key_for(config.state, secret), None)


def change_passphrase(config: Config, new: Secret) -> int:
    """Give the files of a config's state folder another passphrase; return how many changed."""
    secret = passphrase(config)
    with locked(config.state):
        done = _convert(config.state, key_for(config.state, secret), new_key(new))
    keep_in_keyring(config, new)
    return done


def clear_copies(state: Path) -> None:
    """Remove the unfinished copies of a conversion that was killed; one may be plain."""
    for path in state.glob(f"*{_COPY}*"):
        path.unlink()


def _convert(state: Path, old: EncryptionKey | None, new: EncryptionKey | None) -> int:
    clear_copies(state)
    databases = [path for path in _databases(state) if not _has(path, new)]
    for path in databases:  # a wrong passphrase is found before anything is changed
        if not _has(path, old):
            raise Sealed("wrong", path)
    if new is None:
        kept = [path for path in _kept(state) if _has(path, old)]
    else:
        kept = [path for path in _kept(state) if not _has(path, new)]
    for path in databases:
        _convert_database(path, old, new)
    for path in kept:
        try:
            write_kept(path, read_kept(path, old), new)
        except (OSError, ValueError) as error:
            raise Sealed("failed", path, fault=str(error)) from error
    return len(databases) + len(kept)


def _databases(state: Path) -> Iterator[Path]:
    for path in sorted(state.glob("*.sqlite3*")):
        if not path.name.endswith(_NOT_DATABASES) and path.is_file() and path.stat().st_size:
            yield path


def _kept(state: Path) -> Iterator[Path]:
    inputs, letters = (state / FOLDER).glob("*.zip"), (state / LETTERS).glob("*.html")
    for path in (state / MEMORY, *sorted(inputs), *sorted(letters)):
        if path.is_file():
            yield path


def _has(path: Path, key: EncryptionKey | None) -> bool:
    """Return whether a key opens a file; without one, whether it is a plain database."""
    if key is None:
        return plain(path)
    if not encrypted(path):
        return False
    try:
        connect(path, key).close()
    except KeyMismatch as error:
        if error.why == "driver":
            raise Sealed("driver", path) from error
        return False
    return True


def _convert_database(path: Path, old: EncryptionKey | None, new: EncryptionKey | None) -> None:
    copy = path.with_name(path.name + _COPY)
    try:
        create_private(copy)
        export(path, old, copy, new)
        with closing(connect(copy, new)) as whole:
            faults = [fault for (fault,) in whole.execute("PRAGMA integrity_check")]
        if faults != ["ok"]:
            raise DatabaseError(faults[0])
        os.replace(copy, path)
    except KeyMismatch as error:
        raise Sealed(error.why, path) from error
    except OperationalError as error:
        if "locked" in str(error):
            raise Sealed("busy", path) from error
        raise Sealed("failed", path, fault=str(error)) from error
    except (DatabaseError, OSError) as error:
        raise Sealed("failed", path, fault=str(error)) from error
    finally:
        for left in path.parent.glob(f"{copy.name}*"):
            left.unlink()
