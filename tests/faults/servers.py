"""Databases for tests on a PostgreSQL server; a missing server fails them and skips none.

``.ci/postgresql start FOLDER`` starts one; ``JEOUL_TEST_POSTGRES`` names its socket's folder. In it
the superuser ``postgres`` needs no password.
"""

from __future__ import annotations

import atexit
import itertools
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import psycopg

from jeoul.operations.ledger import Ledger, open_server_ledger, prepare

VARIABLE = "JEOUL_TEST_POSTGRES"
RUN, OWNER, TAMPER = "jeoul_test_run", "jeoul_test_owner", "jeoul_test_tamper"
_numbers = itertools.count(1)


def folder() -> str:
    """Return the folder of the server's socket."""
    found = os.environ.get(VARIABLE)
    assert found, f"no PostgreSQL: run `.ci/postgresql start FOLDER`, set {VARIABLE}=FOLDER/socket"
    return found


def ask(query: str, database: str = "postgres", role: str = "postgres") -> list[Any]:
    """Run a statement as a superuser; return its rows."""
    where = {"host": folder(), "dbname": database, "user": role}
    with psycopg.connect(**where, autocommit=True) as found:  # type: ignore[arg-type]
        cursor = found.execute(query.encode())
        return cursor.fetchall() if cursor.description else []


@dataclass(frozen=True)
class Database:
    """A database that was prepared for ledgers."""

    name: str

    def url(self, role: str = RUN) -> str:
        """Return the URL with which a role connects."""
        return f"postgresql://{role}@/{self.name}?host={folder()}"

    def open(self, account: str = "a") -> Ledger:
        """Return the ledger of an account as a run opens it."""
        return open_server_ledger(self.url(), account)

    def tamper(self, account: str, *statements: str | tuple[str, Sequence[object]]) -> None:
        """Change the rows of one account past rights and triggers, as the server's owner could."""
        with psycopg.connect(self.url("postgres"), options="-c search_path=jeoul") as found:
            found.execute("SELECT set_config('jeoul.ledger', %s, false)", (account,))
            found.execute("SET session_replication_role = replica")  # a superuser's right
            found.execute(f"SET ROLE {TAMPER}".encode())  # whom the policies hold
            for statement in statements:
                text, values = (statement, ()) if isinstance(statement, str) else statement
                found.execute(text.encode(), values)

    def cut(self) -> None:
        """End every connection to the database, like a server that stops."""
        ask(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            f"WHERE datname = '{self.name}' AND pid <> pg_backend_pid()"
        )


def fresh() -> Database:
    """Return a database without any ledger."""
    name = f"{_template()}_{next(_numbers)}"
    ask(f"CREATE DATABASE {name} TEMPLATE {_template()}")
    atexit.register(_drop, name, os.getpid())
    return Database(name)


@cache
def shared() -> Database:
    """Return one database of this process, for accounts of different names."""
    return fresh()


@cache
def _template() -> str:
    name = f"jeoul_test_{os.getpid()}"
    for role in (RUN, OWNER, TAMPER):
        ask(
            f"DO $$ BEGIN CREATE ROLE {role} LOGIN; "
            "EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
        )
    ask(f"CREATE DATABASE {name} OWNER {OWNER}")
    atexit.register(_drop, name, os.getpid())
    database = Database(name)
    assert prepare(database.url(OWNER), RUN)
    ask(f"GRANT USAGE ON SCHEMA jeoul TO {TAMPER}", name)
    ask(f"GRANT ALL ON ALL TABLES IN SCHEMA jeoul TO {TAMPER}", name)
    return name


def _drop(name: str, owner: int) -> None:
    if os.getpid() == owner:
        ask(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
