"""PostgreSQL: a connection whose errors are those of :mod:`jeoul.database`.

psycopg is an extra. Passwords come from the environment (``PGPASSWORD``) or a password file, as
libpq reads them, and are in no message.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from jeoul.database import DatabaseError, IntegrityError, OperationalError
from jeoul.postgres_url import read_url

if TYPE_CHECKING:
    import psycopg

__all__ = ["DriverMissing", "Server", "connect"]

_SECONDS = 10  # for a connection, and for a lock that another transaction holds
_SESSION = (  # a commit is durable, and the locks of a machine that went away are freed
    "-c search_path=jeoul -c synchronous_commit=on -c lock_timeout=10s "
    "-c tcp_keepalives_idle=30 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3"
)
_NETWORK = {"keepalives_idle": 30, "keepalives_interval": 10, "tcp_user_timeout": 30_000}
_NOT_A_URL = (
    "it is not a URL that PostgreSQL reads: write %40 for @ and %2F for / in a name or password"
)
_UNSAID = "the server's answer is not shown: it repeats part of the URL that may be a password"
_BATCH = 2_000  # rows of a streamed query that are held at once


class DriverMissing(OperationalError):
    """The driver for PostgreSQL is not installed."""


class ServerRow(Sequence[Any]):
    """A row whose values are found by place and by name, like a row of SQLite."""

    __slots__ = ("_names", "_values")

    def __init__(self, names: dict[str, int], values: Sequence[Any]) -> None:
        self._names, self._values = names, values

    def __getitem__(self, key: Any) -> Any:
        return self._values[self._names[key] if isinstance(key, str) else key]

    def __len__(self) -> int:
        return len(self._values)

    def keys(self) -> list[str]:
        """Return the names of the columns."""
        return list(self._names)


class Server:
    """A connection in autocommit mode; queries have ``?`` where a value goes."""

    def __init__(self, connection: psycopg.Connection[ServerRow]) -> None:
        self.connection = connection
        self._streams = 0

    @property
    def in_transaction(self) -> bool:
        """Return whether a transaction is open."""
        return self.connection.info.transaction_status in (1, 2, 3)  # active, open, failed

    def execute(self, query: str, values: Sequence[Any] = ()) -> list[ServerRow]:
        """Return the rows of a statement, none of one that has no rows."""
        with _as_database():
            cursor = self.connection.execute(_marked(query), list(values))
            return cursor.fetchall() if cursor.description else []

    def stream(self, query: str, values: Sequence[Any] = ()) -> Iterator[ServerRow]:
        """Yield the rows of a query without holding all of them; needs an open transaction."""
        self._streams += 1
        with _as_database(), self.connection.cursor(f"stream_{self._streams}") as cursor:
            cursor.itersize = _BATCH
            cursor.execute(_marked(query), list(values))
            yield from cursor

    def commit(self) -> None:
        """Make an open transaction durable.

        Raises ``OperationalError`` where no answer came, so that nobody knows whether it is, and
        ``DatabaseError`` where the server rolled back: it answers the commit of a transaction in
        which a statement failed like any other.
        """
        with _as_database():
            said = self.connection.execute("COMMIT").statusmessage
        if said != "COMMIT":
            raise DatabaseError(f"the server answered {said} to COMMIT")

    def script(self, text: str) -> None:
        """Run statements without values in one transaction."""
        with _as_database(), self.connection.transaction():
            self.connection.execute(text.encode())

    def close(self) -> None:
        """Close the connection; one that is lost already is closed too."""
        with suppress(Exception):
            self.connection.close()


def connect(url: str, *, settings: dict[str, str] | None = None) -> Server:
    """Return a connection to the database that a URL names.

    ``settings`` are the session's own, such as ``jeoul.ledger``. Raises :class:`DriverMissing`
    without the extra, and ``OperationalError`` for a server that does not answer or lets nobody in.
    """
    try:
        import psycopg
        from psycopg.types.numeric import IntLoader
    except ImportError as error:
        raise DriverMissing(
            "a ledger in PostgreSQL needs an extra: python -m pip install 'jeoul[postgres]'"
        ) from error
    read = read_url(url)
    if read is None:
        raise OperationalError(_NOT_A_URL)
    try:
        connection = psycopg.connect(
            url,
            autocommit=True,
            row_factory=_rows,
            connect_timeout=_SECONDS,
            application_name="jeoul",
            options=_SESSION,
            **_NETWORK,  # type: ignore[arg-type]
        )
    except psycopg.ProgrammingError:
        # The words of the driver repeat parts of the URL, which may hold a password.
        raise OperationalError(_NOT_A_URL) from None
    except psycopg.Error as error:
        raise OperationalError(_first_line(error) if read.is_plain else _UNSAID) from None
    connection.adapters.register_loader("numeric", IntLoader)  # sums of whole numbers
    server = Server(connection)
    for name, value in (settings or {}).items():
        server.execute("SELECT set_config(?, ?, false)", (name, value))
    return server


def _rows(cursor: Any) -> Any:
    names = {column.name: place for place, column in enumerate(cursor.description or ())}
    return lambda values: ServerRow(names, values)


def _marked(query: str) -> bytes:
    return query.replace("%", "%%").replace("?", "%s").encode()


@contextmanager
def _as_database() -> Iterator[None]:
    import psycopg

    try:
        yield
    except (psycopg.IntegrityError, psycopg.DataError) as error:
        raise IntegrityError(_first_line(error)) from error
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        raise OperationalError(_first_line(error)) from error
    except psycopg.Error as error:
        raise DatabaseError(_first_line(error)) from error


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or ["the connection was lost"])[0]
