"""The ledger of a config: opened with its key, and refused in its language."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from jeoul.operations.errors import LedgerError, Sealed
from jeoul.operations.ledger.store import NAME, Ledger, open_ledger
from jeoul.operations.setup.config import Config
from jeoul.operations.setup.passphrase import key_of

Ledgers = Callable[[Config], Ledger]
"""What opens the ledger of a config: :func:`ledger_of`, or what takes its place."""


def ledger_of(config: Config) -> Ledger:
    """Return the ledger in a config's state folder, made if it is not there.

    Raises what :func:`~jeoul.operations.ledger.open_ledger` raises, and :class:`Sealed` where the
    config asks for encryption and its passphrase is missing or wrong.
    """
    return open_ledger(config.state / NAME, key=key_of(config))


@contextmanager
def in_words(config: Config) -> Iterator[None]:
    """Raise :class:`Sealed` in the language of a config, for a person at a command."""
    try:
        yield
    except Sealed as error:
        raise LedgerError(error.into(config.settings.lang)) from error
