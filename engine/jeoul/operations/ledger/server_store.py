"""A ledger in PostgreSQL: the chain of one account among those of many."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress

from jeoul.database import DatabaseError, EncryptionKey, IntegrityError, OperationalError
from jeoul.errors import AlreadyRunning
from jeoul.operations.errors import LedgerError
from jeoul.operations.ledger.schema import NUMBERS
from jeoul.operations.ledger.server_schema import (
    ACCOUNT,
    FOUND,
    SCHEMA,
    TABLES,
    VERSION,
    creation,
    grants,
    rules,
)
from jeoul.operations.ledger.store import Ledger, StoredRow, Value
from jeoul.postgres import DriverMissing, Server, connect
from jeoul.postgres_url import shown_url

_PREPARE = "the owner of the database runs `jeoul ledger prepare`"
_RESTORE = "restore a backup of the database with pg_restore"


class ServerStore:
    """The rows of one account's ledger on a PostgreSQL server."""

    copyable = False
    whole = "the database"
    remedy = _RESTORE

    def __init__(
        self, server: Server, place: str, account: str, connected: Callable[[], Server]
    ) -> None:
        self.server = server
        self.account = account
        self._place = place
        self._connected = connected  # another connection, to ask after one that was lost
        self._newest: tuple[int, str] | None = None  # row and hash that the transaction added last

    @property
    def place(self) -> str:
        """Return the server and the account, without any password."""
        return f"{self._place} ({self.account})"

    @property
    def in_transaction(self) -> bool:
        """Return whether a transaction is open."""
        return self.server.in_transaction

    def rows(self, query: str, values: Sequence[Value] = ()) -> list[StoredRow]:
        """Return what a query finds."""
        try:
            return [*self.server.execute(query, values)]
        except DatabaseError as error:
            raise self._unusable(error) from error

    def stream(self, query: str, values: Sequence[Value] = ()) -> Iterator[StoredRow]:
        """Yield what a query finds, a few thousand rows at a time."""
        try:
            yield from self.server.stream(query, values)
        except DatabaseError as error:
            raise self._unusable(error) from error

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make what happens inside durable together, while nobody else adds to this chain.

        Every query inside sees what was added before it, whatever isolation the server prefers: one
        that saw the rows of before the lock would follow a row that is no longer the newest.
        """
        self._newest = None
        try:
            self._begin(self.server)
            yield
        except BaseException as error:
            if self.server.in_transaction:
                with suppress(DatabaseError):
                    self.server.execute("ROLLBACK")
            if isinstance(error, DatabaseError) and not isinstance(error, IntegrityError):
                raise self._unusable(error) from error
            raise
        try:
            self.server.commit()
        except OperationalError as error:
            raise self._unanswered(error) from error
        except DatabaseError as error:
            raise self._unusable(error) from error

    def _begin(self, server: Server) -> None:
        server.execute("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE")
        (row,) = server.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(?, 1)), "
            f"current_setting('{ACCOUNT}', true) AS account",
            self._name,
        )
        if row["account"] != self.account:
            raise LedgerError(
                f"the connection to {self.place} is shared with another account; connect to the "
                "server itself, or to a pooler in session mode"
            )

    def _unanswered(self, error: OperationalError) -> LedgerError:
        """Return what became of a transaction whose commit was not answered."""
        lost = f"the connection to {self.place} was lost while rows were written ({error})"
        match self._is_written():
            case True:
                return LedgerError(
                    f"{lost}: the rows were saved; run the command again to continue"
                )
            case False:
                return LedgerError(f"{lost}: no row was saved; run the command again")
        return LedgerError(
            f"{lost}: it is not known whether the rows were saved; start the server and run the "
            "command again to find out"
        )

    def _is_written(self) -> bool | None:
        """Return whether the rows of the last transaction are kept, None where nobody answers."""
        if self._newest is None:
            return False
        seq, digest = self._newest
        try:
            with closing(self._connected()) as server:
                self._begin(server)  # behind the transaction itself, should it still be going on
                found = server.execute(
                    "SELECT 1 FROM chain WHERE seq = ? AND hash = ?", (seq, digest)
                )
                return bool(found)
        except (DatabaseError, LedgerError):
            return None

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Show one state of the ledger to all queries inside."""
        if self.in_transaction:
            yield
            return
        self.rows("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        try:
            yield
        finally:
            with suppress(DatabaseError):
                self.server.execute("ROLLBACK")

    def add(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Value]]) -> None:
        """Add rows to one table."""
        if table == "chain":
            added = dict(zip(columns, rows[-1], strict=True))
            self._newest = (int(added["seq"] or 0), str(added["hash"]))
        names = ", ".join(columns)
        if len(rows) == 1:
            marks = ", ".join("?" * len(columns))
            self.server.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows[0])
            return
        kinds = ("bigint[]" if name in NUMBERS else "text[]" for name in columns)
        parts = ", ".join(f"?::{kind}" for kind in kinds)
        turned = [list(column) for column in zip(*rows, strict=True)]
        self.server.execute(f"INSERT INTO {table} ({names}) SELECT * FROM unnest({parts})", turned)

    def hold(self) -> None:
        """Hold the ledger for one run, on whatever machine, until it is closed.

        The lock belongs to the connection that writes the rows: a run that loses one has lost the
        other. Raises :class:`AlreadyRunning` where another run holds it.
        """
        query = "SELECT pg_try_advisory_lock(hashtextextended(?, 0)) AS held"
        if not self.rows(query, self._name)[0]["held"]:
            raise AlreadyRunning(
                f"another run holds the ledger {self.place}; it ends by itself, then this one can "
                "be started again"
            )

    def faults(self, *, quick: bool = False) -> list[str]:  # noqa: ARG002 - never reads rows
        """Return what is wrong with the rights of the role, the policies and the triggers."""
        faults = [f"the role may {verb} rows of {table}" for table, verb in changeable(self.server)]
        return [*faults, *(fault for fault, _ in _rule_faults(self.server))]

    def close(self) -> None:
        """Close the connection, which lets go of the lock of a run."""
        self.server.close()

    @property
    def _name(self) -> tuple[str]:
        return (f"jeoul {self.account}",)

    def _unusable(self, error: DatabaseError) -> LedgerError:
        if isinstance(error, OperationalError):
            return LedgerError(
                f"the ledger {self.place} cannot be used ({error}); start the server or free its "
                "disk, then run again: orders that were sent are looked up at the broker first"
            )
        return LedgerError(f"the ledger {self.place} cannot be trusted ({error}); {_RESTORE}")


def open_server_ledger(url: str, account: str, key: EncryptionKey | None = None) -> Ledger:
    """Return the ledger of an account on a server.

    The role of the URL may read and add rows and nothing else. Raises :class:`LedgerError` for a
    server that cannot be reached or only follows another, a database that was not prepared for this
    version, and a role that may change rows or does not see the rows of one account alone.
    """
    place = shown_url(url)

    def connected() -> Server:
        return _connected(url, {ACCOUNT: account})

    server = connected()
    store = ServerStore(server, place, account, connected)
    try:
        _refuse_standby(server, place)
        _refuse_unprepared(server, place)
        _refuse_open(server, place)
        allowed = sorted({f"{verb} {table}" for table, verb in changeable(server)})
        if allowed:
            raise LedgerError(
                f"the role of {place} may change rows ({', '.join(allowed[:3])}); a run needs a "
                f"role that may only read and add them: create one, then {_PREPARE} --role NAME"
            )
    except DatabaseError as error:
        server.close()
        raise store._unusable(error) from error
    except BaseException:
        server.close()
        raise
    return Ledger(store, key)


def prepare(url: str, role: str) -> bool:
    """Make the tables of ledgers in a database, and give a role the rights of a run.

    ``url`` names the database as its owner sees it. Returns whether the tables are new. Raises
    :class:`LedgerError` for a server that cannot be reached, a role that does not exist, and
    tables of a newer jeoul.
    """
    place = shown_url(url)
    server = _connected(url, {})
    try:
        if not server.execute("SELECT 1 FROM pg_roles WHERE rolname = ?", (role,)):
            raise LedgerError(
                f"{place} has no role {role}; create it with CREATE ROLE {role} LOGIN, and give it "
                "a password if the server asks for one"
            )
        new = _version(server) is None
        server.script((creation() if new else "") + grants(role))
        _refuse_unprepared(server, place)
    except DatabaseError as error:
        raise LedgerError(f"{place} was not prepared ({error}); connect as its owner") from error
    finally:
        server.close()
    return new


def changeable(server: Server) -> list[tuple[str, str]]:
    """Return the tables in which the session's role may change rows, and how.

    A right to one column counts. A superuser and a role that bypasses policies may change all of
    them.
    """
    verbs = ("UPDATE", "DELETE", "TRUNCATE")
    tests = ", ".join(f"has_table_privilege(c.oid, '{verb}') AS {verb}" for verb in verbs[1:])
    tests += ", has_any_column_privilege(c.oid, 'UPDATE') AS UPDATE"
    rows = server.execute(
        f"SELECT relname AS name, {tests}, pg_has_role(relowner, 'MEMBER') AS owns, "
        "(SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user) AS past "
        "FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace "
        "WHERE nspname = ? AND relkind = 'r' AND relname = ANY (string_to_array(?, ' ')) "
        "ORDER BY relname",
        (SCHEMA, " ".join(TABLES)),
    )
    return [
        (row["name"], verb)
        for row in rows
        for verb in verbs
        if row[verb.lower()] or row["owns"] or row["past"]
    ]


def _connected(url: str, settings: dict[str, str]) -> Server:
    place = shown_url(url)
    try:
        return connect(url, settings=settings)
    except DriverMissing as error:
        raise LedgerError(str(error)) from error
    except OperationalError as error:
        raise LedgerError(
            f"the ledger's server {place} does not let us in ({error}); start it, or correct the "
            "URL, PGPASSWORD or the password file, then run again: nothing was sent"
        ) from error


def _rule_faults(server: Server) -> Iterator[tuple[str, bool]]:
    """Yield what is wrong with each policy, trigger and function, and whether it may mislead a run.

    A trigger more is somebody's own; everything else may show a run the rows of another account, or
    let rows be changed.
    """
    found: dict[tuple[str, str], str] = {}
    for place, name, text in server.execute(FOUND):
        found[place, name] = text if (place, name) not in found else "twice"
    wanted = {(rule.place, rule.name): rule.text for rule in rules()}
    for place, name in sorted({*wanted, *found}):
        before, now = wanted.get((place, name)), found.get((place, name))
        if now is None:
            yield f"rule {name} of {place}: is missing", True
        elif before is None:
            yield f"rule {name} of {place}: does not belong to a ledger", now.startswith("policy")
        elif before != now:
            yield f"rule {name} of {place}: was changed", True


def _refuse_open(server: Server, place: str) -> None:
    for fault, misleads in _rule_faults(server):
        if misleads:
            said = f"the database {place} does not protect its ledgers as it should: {fault}"
            raise LedgerError(f"{said}; {_RESTORE}")


def _refuse_standby(server: Server, place: str) -> None:
    if server.execute("SELECT pg_is_in_recovery() AS follows")[0]["follows"]:
        raise LedgerError(
            f"{place} is a standby server and may lack the newest rows; give the URL of the "
            "primary server"
        )


def _version(server: Server) -> int | None:
    if server.execute("SELECT to_regclass('jeoul.version') AS found")[0]["found"] is None:
        return None
    return int(server.execute("SELECT MAX(number) AS number FROM jeoul.version")[0]["number"])


def _refuse_unprepared(server: Server, place: str) -> None:
    found = _version(server)
    if found is None:
        raise LedgerError(f"{place} has no ledgers yet; {_PREPARE}")
    if found > VERSION:
        raise LedgerError(
            f"the ledgers of {place} have schema {found} and this jeoul knows {VERSION}; use the "
            "newer jeoul that prepared them"
        )
