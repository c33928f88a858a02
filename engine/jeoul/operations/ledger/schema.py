"""The ledger's tables and how an older ledger becomes a newer one.

Every row of every table takes the next ``seq`` of the chain, so that the tables together are one
sequence of events. Triggers refuse to change or delete; ``recursive_triggers`` is switched on by
the store because ``INSERT OR REPLACE`` walks past a delete trigger without it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from jeoul.database import Connection, complete_statement, connect
from jeoul.operations.errors import LedgerError

OLDEST_SQLITE = (3, 37, 0)  # STRICT tables

_FIRST = """
CREATE TABLE chain (
    seq   INTEGER PRIMARY KEY CHECK (seq > 0),
    at    INTEGER NOT NULL,
    kind  TEXT NOT NULL,
    prev  TEXT NOT NULL,
    hash  TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE runs (
    seq       INTEGER PRIMARY KEY REFERENCES chain (seq),
    run_id    TEXT NOT NULL UNIQUE,
    account   TEXT NOT NULL,
    strategy  TEXT NOT NULL,
    session   TEXT NOT NULL,
    executed  TEXT NOT NULL,
    inputs_id TEXT NOT NULL,
    plan      TEXT NOT NULL CHECK (json_valid(plan)),
    UNIQUE (account, strategy, session)
) STRICT;

CREATE TABLE intents (
    seq      INTEGER PRIMARY KEY REFERENCES chain (seq),
    intent   TEXT NOT NULL UNIQUE,
    run_id   TEXT NOT NULL REFERENCES runs (run_id),
    number   INTEGER NOT NULL,
    side     TEXT NOT NULL CHECK (side IN ('BUY', 'SELL')),
    ticker   TEXT NOT NULL,
    shares   INTEGER NOT NULL CHECK (shares > 0),
    price    INTEGER NOT NULL CHECK (price > 0),
    price_limit INTEGER CHECK (price_limit > 0),
    reason   TEXT NOT NULL CHECK (json_valid(reason)),
    UNIQUE (run_id, number)
) STRICT;

CREATE TABLE order_events (
    seq       INTEGER PRIMARY KEY REFERENCES chain (seq),
    intent    TEXT NOT NULL REFERENCES intents (intent),
    state     TEXT NOT NULL CHECK (state IN
              ('sending', 'acknowledged', 'absent', 'refused', 'filled', 'closed', 'expired')),
    order_id  TEXT,
    detail    TEXT NOT NULL CHECK (json_valid(detail))
) STRICT;
CREATE UNIQUE INDEX one_order_one_intent ON order_events (order_id) WHERE state = 'acknowledged';
CREATE INDEX order_events_of ON order_events (intent);

CREATE TABLE fills (
    seq     INTEGER PRIMARY KEY REFERENCES chain (seq),
    intent  TEXT NOT NULL REFERENCES intents (intent),
    txn     TEXT NOT NULL UNIQUE,
    filled  INTEGER NOT NULL CHECK (filled > 0),
    shares  INTEGER NOT NULL CHECK (shares > 0),
    amount  INTEGER NOT NULL CHECK (amount > 0),
    fee     INTEGER NOT NULL,
    session TEXT NOT NULL,
    UNIQUE (intent, filled)
) STRICT;

CREATE TABLE transactions (
    seq     INTEGER PRIMARY KEY REFERENCES chain (seq),
    txn     TEXT NOT NULL UNIQUE,
    kind    TEXT NOT NULL,
    session TEXT NOT NULL,
    note    TEXT NOT NULL
) STRICT;

CREATE TABLE postings (
    seq       INTEGER PRIMARY KEY REFERENCES chain (seq),
    txn       TEXT NOT NULL REFERENCES transactions (txn),
    account   TEXT NOT NULL,
    commodity TEXT NOT NULL,
    amount    INTEGER NOT NULL CHECK (amount <> 0)
) STRICT;
CREATE INDEX postings_of ON postings (account, commodity);

CREATE TABLE run_events (
    seq    INTEGER PRIMARY KEY REFERENCES chain (seq),
    run_id TEXT NOT NULL,
    event  TEXT NOT NULL,
    detail TEXT NOT NULL CHECK (json_valid(detail))
) STRICT;
CREATE INDEX run_events_of ON run_events (run_id);

CREATE TABLE notes (
    seq      INTEGER PRIMARY KEY REFERENCES chain (seq),
    account  TEXT NOT NULL,
    strategy TEXT NOT NULL,
    session  TEXT NOT NULL,
    kind     TEXT NOT NULL,
    detail   TEXT NOT NULL CHECK (json_valid(detail))
) STRICT;
CREATE INDEX notes_of ON notes (kind, account, strategy, session);
"""

# A plan that no longer fits lapses, and the same session is decided on again: a session may have
# several runs, of which at most one is alive. What a person says about an order that the broker no
# longer explains is a table of its own, so that no row written before means anything else now.
_SECOND = """
CREATE TABLE runs_again (
    seq       INTEGER PRIMARY KEY REFERENCES chain (seq),
    run_id    TEXT NOT NULL UNIQUE,
    account   TEXT NOT NULL,
    strategy  TEXT NOT NULL,
    session   TEXT NOT NULL,
    executed  TEXT NOT NULL,
    inputs_id TEXT NOT NULL,
    plan      TEXT NOT NULL CHECK (json_valid(plan))
) STRICT;
INSERT INTO runs_again SELECT * FROM runs;
DROP TABLE runs;
ALTER TABLE runs_again RENAME TO runs;
CREATE INDEX runs_of ON runs (account, strategy, session);

CREATE TABLE resolutions (
    seq     INTEGER PRIMARY KEY REFERENCES chain (seq),
    intent  TEXT NOT NULL REFERENCES intents (intent),
    filled  INTEGER NOT NULL CHECK (filled >= 0),
    amount  INTEGER NOT NULL CHECK (amount >= 0),
    fee     INTEGER NOT NULL,
    detail  TEXT NOT NULL CHECK (json_valid(detail))
) STRICT;
CREATE INDEX resolutions_of ON resolutions (intent);
"""

# Sums of postings and fills, and whether a run is over, are answered by an index alone. No column
# of a hashed table changes.
_THIRD = """
DROP INDEX postings_of;
CREATE INDEX postings_of ON postings (account, commodity, amount);
DROP INDEX run_events_of;
CREATE INDEX run_events_of ON run_events (run_id, event);
CREATE INDEX fills_on ON fills (session, amount);
"""

# What a run asks of a ledger of many years takes as long as of a new one: it reads from the newest
# row of a kind backwards, and balances from the last checkpoint on.
_FOURTH = """
CREATE TABLE checkpoints (
    seq        INTEGER PRIMARY KEY REFERENCES chain (seq),
    balances   TEXT NOT NULL CHECK (json_valid(balances)),
    unfinished TEXT NOT NULL CHECK (json_valid(unfinished))
) STRICT;
CREATE INDEX postings_in ON postings (txn, commodity, amount);
CREATE INDEX transactions_of ON transactions (kind, seq);
CREATE INDEX notes_newest ON notes (kind, seq);
"""

MIGRATIONS: tuple[str, ...] = (_FIRST, _SECOND, _THIRD, _FOURTH)

NUMBERS = frozenset(
    ("seq", "at", "number", "shares", "price", "price_limit", "filled", "amount", "fee")
)
"""The columns that hold whole numbers; all others hold text."""

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "runs": (
        "run_id", "account", "strategy", "session", "executed", "inputs_id", "plan",
    ),
    "intents": (
        "intent", "run_id", "number", "side", "ticker", "shares", "price", "price_limit", "reason",
    ),
    "order_events": ("intent", "state", "order_id", "detail"),
    "fills": ("intent", "txn", "filled", "shares", "amount", "fee", "session"),
    "transactions": ("txn", "kind", "session", "note"),
    "postings": ("txn", "account", "commodity", "amount"),
    "run_events": ("run_id", "event", "detail"),
    "notes": ("account", "strategy", "session", "kind", "detail"),
    "resolutions": ("intent", "filled", "amount", "fee", "detail"),
    "checkpoints": ("balances", "unfinished"),
}  # fmt: skip


def migrate(connection: Connection, migrations: Sequence[str] = MIGRATIONS) -> int:
    """Bring a ledger to the newest schema in one transaction; return its version before.

    A migration may rebuild a table; the connection must not enforce foreign keys yet, because a
    table is then gone for a moment. Raises :class:`LedgerError` for a ledger that a newer jeoul
    has written.
    """
    (before,) = connection.execute("PRAGMA user_version").fetchone()
    if before > len(migrations):
        raise LedgerError(
            f"the ledger has schema {before} and this jeoul knows {len(migrations)}; "
            "use the newer jeoul that wrote it"
        )
    if before == len(migrations):
        return int(before)
    try:
        connection.execute("BEGIN IMMEDIATE")
        for statement in _statements("\n".join(migrations[before:])):
            connection.execute(statement)
        for name in _tables_in(connection):
            for statement in _statements(_triggers(name)):
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(migrations)}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return int(before)


def foreign_parts(connection: Connection) -> list[str]:
    """Return what a ledger of the newest schema has beside or without what belongs to it.

    Tables, indexes and triggers are compared with those of an empty ledger: one trigger more could
    change what is written, one less lets rows be changed.
    """
    empty = connect(":memory:")
    try:
        migrate(empty)
        wanted, found = _parts(empty), _parts(connection)
    finally:
        empty.close()
    names = sorted({*wanted, *found})
    return [
        f"{kind} {name}: {_strange(wanted.get((kind, name)), found.get((kind, name)))}"
        for kind, name in names
        if wanted.get((kind, name)) != found.get((kind, name))
    ]


def _strange(wanted: str | None, found: str | None) -> str:
    if found is None:
        return "is missing"
    return "does not belong to a ledger" if wanted is None else "was changed"


def _parts(connection: Connection) -> dict[tuple[str, str], str]:
    """Return the definition of every table, index and trigger by its kind and name."""
    rows = connection.execute("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL")
    return {(row[0], row[1]): " ".join(row[2].split()) for row in rows}


def _tables_in(connection: Connection) -> list[str]:
    rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    return [name for (name,) in rows if not name.startswith("sqlite_")]


def _statements(script: str) -> Iterator[str]:
    """Yield the statements of a script: ``executescript`` would commit what came before it."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if complete_statement(statement):
            yield statement
            statement = ""


def _triggers(table: str) -> str:
    return "".join(
        f"CREATE TRIGGER IF NOT EXISTS {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;\n"
        for verb in ("UPDATE", "DELETE")
    )
