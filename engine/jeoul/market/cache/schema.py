"""The tables of the raw store, and what keeps them append-only."""

from __future__ import annotations

from jeoul.database import Connection, DatabaseError

_VERSION = 1

_SCHEMA = """
CREATE TABLE series (id INTEGER PRIMARY KEY, source TEXT NOT NULL, symbol TEXT NOT NULL,
  UNIQUE (source, symbol)) STRICT;
CREATE TABLE fetch (id INTEGER PRIMARY KEY, series INTEGER NOT NULL REFERENCES series, at INTEGER
  NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, basis TEXT NOT NULL, currency TEXT NOT
  NULL, title TEXT NOT NULL, simulated INTEGER NOT NULL) STRICT;
CREATE TABLE page (series INTEGER NOT NULL, fetch INTEGER NOT NULL REFERENCES fetch, days BLOB NOT
  NULL, closes BLOB NOT NULL, volumes BLOB NOT NULL, navs BLOB NOT NULL, benchmarks BLOB NOT NULL,
  PRIMARY KEY (series, fetch)) STRICT;
CREATE TABLE payment (series INTEGER NOT NULL, day INTEGER NOT NULL, fetch INTEGER NOT NULL
  REFERENCES fetch, dividend REAL NOT NULL, split REAL NOT NULL,
  PRIMARY KEY (series, day, fetch)) STRICT, WITHOUT ROWID;
CREATE TABLE note (fetch INTEGER NOT NULL REFERENCES fetch, day INTEGER NOT NULL, kind TEXT NOT
  NULL, severity TEXT NOT NULL, detail TEXT NOT NULL) STRICT;
CREATE TABLE snapshot (digest TEXT PRIMARY KEY, name TEXT NOT NULL, at INTEGER NOT NULL, fetch
  INTEGER NOT NULL, plan TEXT NOT NULL) STRICT;
CREATE INDEX fetch_of_series ON fetch (series, id);
"""
_TABLES = ("series", "fetch", "page", "payment", "note", "snapshot")


def lay_tables(db: Connection) -> None:
    """Make the tables in an empty file; raise ``DatabaseError`` for a store of another version."""
    (version,) = db.execute("PRAGMA user_version").fetchone()
    (tables,) = db.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if version == 0 and not tables:
        for statement in _SCHEMA.split(";"):
            db.execute(statement)
        for table in _TABLES:
            for change in ("UPDATE", "DELETE"):
                db.execute(
                    f"CREATE TRIGGER no_{change}_{table} BEFORE {change} ON {table} "
                    "BEGIN SELECT RAISE(ABORT, 'the raw store is append-only'); END"
                )
        db.execute(f"PRAGMA user_version = {_VERSION}")
    elif version != _VERSION:
        raise DatabaseError(f"its version is {version}, not {_VERSION}")
