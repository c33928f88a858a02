"""The passphrase of an encrypted account: who gives it, and the key that it becomes.

It comes from a file descriptor, the environment or the system's keyring, and is in no file, no
argument of a process, no log and no message.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path

from jeoul.database import EncryptionKey, salt_of
from jeoul.operations.errors import Sealed
from jeoul.operations.setup.config import Config
from jeoul.operations.setup.secrets import PASSPHRASE, Secret

NEW_VARIABLE = "JEOUL_NEW_PASSPHRASE"
SERVICE = "jeoul"
"""What the keyring's entries belong to; the state folder is the name of one."""
LEAST = 8  # characters
_SALT = 16  # bytes
_LONGEST = 4096  # bytes of a passphrase


@dataclass(frozen=True, slots=True)
class Descriptor:
    """A file descriptor that holds a passphrase; it is read once, when it is needed."""

    number: int
    _read: list[Secret] = field(default_factory=list, init=False, repr=False)

    def secret(self) -> Secret:
        """Return the passphrase, without a line break at its end; :class:`Sealed` without one."""
        if not self._read:
            try:
                with os.fdopen(os.dup(self.number), "rb") as file:
                    text = file.read(_LONGEST).decode()
            except (OSError, UnicodeDecodeError):
                raise Sealed("descriptor", Path(), number=self.number) from None
            self._read.append(checked(text.rstrip("\r\n"), Path()))
        return self._read[0]


GIVEN: ContextVar[Descriptor | None] = ContextVar("given", default=None)
"""The file descriptor that the command line names."""


def key_of(config: Config, environment: Mapping[str, str] | None = None) -> EncryptionKey | None:
    """Return the key of a config's files, None where it does not ask for encryption.

    A file descriptor comes before the environment, and that before the keyring. Raises
    :class:`Sealed` if there is no passphrase or it is too short.
    """
    if config.settings.encrypt is None:
        return None
    return key_for(config.state, passphrase(config, environment))


def key_for(state: Path, secret: Secret) -> EncryptionKey:
    """Return a passphrase as the key of a state folder: its files share a salt."""
    salts = (salt_of(path) for path in sorted(state.glob("*.sqlite3")))
    salt = next((found for found in salts if found is not None), None)
    return EncryptionKey(secret.reveal(), os.urandom(_SALT) if salt is None else salt)


def new_key(secret: Secret) -> EncryptionKey:
    """Return a passphrase as a key of its own salt."""
    return EncryptionKey(secret.reveal(), os.urandom(_SALT))


def passphrase(config: Config, environment: Mapping[str, str] | None = None) -> Secret:
    """Return the passphrase that was given for a config. Raises :class:`Sealed` without one."""
    environment = os.environ if environment is None else environment
    given = GIVEN.get()
    if given is not None:
        return given.secret()
    if environment.get(PASSPHRASE):
        return checked(environment[PASSPHRASE], config.state)
    if config.settings.encrypt != "keyring":
        raise Sealed("no_passphrase", config.state)
    found = _from_keyring(config.state)
    if not found:
        raise Sealed("no_entry", config.state)
    return checked(found, config.state)


def checked(text: str, about: Path) -> Secret:
    """Return a text as a passphrase, composed: the same keys give the same one on every system.

    >>> checked("correct horse", Path("state"))
    [hidden]
    """
    composed = unicodedata.normalize("NFC", text)
    if len(composed) < LEAST:
        raise Sealed("short", about, least=LEAST)
    return Secret(composed)


def new_passphrase(number: int | None, environment: Mapping[str, str] | None = None) -> Secret:
    """Return the passphrase that takes the place of the one in use; :class:`Sealed` without one."""
    environment = os.environ if environment is None else environment
    if number is not None:
        return Descriptor(number).secret()
    if not environment.get(NEW_VARIABLE):
        raise Sealed("no_new", Path())
    return checked(environment[NEW_VARIABLE], Path())


def keep_in_keyring(config: Config, secret: Secret) -> None:
    """Give a config's passphrase to the system's keyring, where the config asks for that."""
    if config.settings.encrypt != "keyring":
        return
    try:
        import keyring

        keyring.set_password(SERVICE, str(config.state), secret.reveal())
    except Exception as error:  # backends raise what their system gives them
        raise Sealed("no_keyring", config.state, fault=type(error).__name__) from None


def _from_keyring(state: Path) -> str | None:
    try:
        import keyring

        found: str | None = keyring.get_password(SERVICE, str(state))
    except Exception as error:  # backends raise what their system gives them
        raise Sealed("no_keyring", state, fault=type(error).__name__) from None
    return found
