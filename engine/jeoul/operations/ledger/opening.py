"""The ledger of a config: opened where the config says, and refused in its language."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from jeoul.errors import DataError, UsageError
from jeoul.operations.errors import LedgerError, Sealed
from jeoul.operations.ledger.file_store import NAME, open_ledger
from jeoul.operations.ledger.moving import move
from jeoul.operations.ledger.proof import LedgerProof
from jeoul.operations.ledger.server_store import open_server_ledger
from jeoul.operations.ledger.store import Ledger
from jeoul.operations.setup.config import Config
from jeoul.operations.setup.ledger_url import resolved
from jeoul.operations.setup.lock import locked
from jeoul.operations.setup.passphrase import key_of

Ledgers = Callable[[Config], Ledger]
"""What opens the ledger of a config: :func:`ledger_of`, or what takes its place."""


def ledger_of(config: Config) -> Ledger:
    """Return the ledger of a config, made if it is not there.

    It is the file in the config's state folder, or, where the config says ``ledger``, the chain of
    the config's name on that server. Raises :class:`LedgerError` where it cannot be opened, and
    where the state folder still has the file of a ledger that is to be on a server;
    :class:`Sealed` where the config asks for encryption and its passphrase is missing or wrong;
    :class:`ConfigError` where the variable of the server's URL is not set.
    """
    url = server_of(config)
    if url is None:
        return open_ledger(config.state / NAME, key=key_of(config))
    if (config.state / NAME).exists():
        raise LedgerError(
            f"the ledger of {config.settings.name} is still in {config.state / NAME}, and the "
            f"config names a server; move it with `jeoul ledger move {config.path}`"
        )
    return open_server_ledger(url, config.settings.name, key_of(config))


def server_of(config: Config) -> str | None:
    """Return the URL of the server that has a config's ledger, None where it is a file."""
    written = config.settings.ledger
    return None if written is None else resolved(written, str(config.path))


def has_ledger(config: Config) -> bool:
    """Return whether a config has run before, so that there is a ledger to read."""
    if config.settings.ledger is None:
        return (config.state / NAME).exists()
    with closing(ledger_of(config)) as ledger:
        return ledger.head().seq > 0


def existing_ledger(config: Config, ledgers: Ledgers = ledger_of) -> Ledger:
    """Return the ledger of a config that has run before.

    Raises :class:`DataError` where it has not, and what :func:`ledger_of` raises.
    """
    if config.settings.ledger is None:
        place = str(config.state / NAME)
        found = ledgers(config) if (config.state / NAME).exists() else None
    else:
        found = ledgers(config)
        place = found.place
        if not found.head().seq:
            found.close()
            found = None
    if found is None:
        raise DataError(f"there is no ledger {place} yet; `jeoul run --execute` makes it")
    return found


@contextmanager
def held_ledger(config: Config, ledgers: Ledgers = ledger_of) -> Iterator[Ledger]:
    """Give the ledger of a config while no other run works on it, on whatever machine.

    Raises :class:`AlreadyRunning` where one does, and what opens the ledger raises.
    """
    with locked(config.state), closing(ledgers(config)) as ledger:
        ledger.hold()
        yield ledger


def move_ledger(config: Config) -> tuple[LedgerProof, Path]:
    """Move the ledger of a config from its state folder to its server.

    Returns its proof there and what the file is called now. Raises :class:`UsageError` for a config
    without a server, and what :func:`move` and the locks raise.
    """
    url = server_of(config)
    if url is None:
        raise UsageError(
            f'{config.path} does not name a server; write ledger = "postgresql://USER@HOST/DATABASE"'
        )
    with locked(config.state):
        server = open_server_ledger(url, config.settings.name, key_of(config))
        with closing(server):
            server.hold()
            return move(config.state / NAME, server)


@contextmanager
def in_words(config: Config) -> Iterator[None]:
    """Raise :class:`Sealed` in the language of a config, for a person at a command."""
    try:
        yield
    except Sealed as error:
        raise LedgerError(error.into(config.settings.lang)) from error
