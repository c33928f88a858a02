"""A transaction is kept as a whole or not at all, and says why in its store's own words."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest

from jeoul.database import transaction


class Full(Exception):
    """The store's own error."""


@pytest.fixture
def connection() -> Iterator[Any]:
    found = sqlite3.connect(":memory:", isolation_level=None)
    found.execute("CREATE TABLE kept (value INTEGER)")
    yield found
    found.close()


def broken(connection: Any, statement: str, error: Any) -> None:
    with transaction(connection, Full):
        connection.execute(statement)
        raise error


def kept(connection: Any) -> Any:
    return [value for (value,) in connection.execute("SELECT value FROM kept")]


def test_what_happens_inside_is_kept_together(connection: Any) -> None:
    with transaction(connection, Full):
        connection.execute("INSERT INTO kept VALUES (1)")
        connection.execute("INSERT INTO kept VALUES (2)")
    assert kept(connection) == [1, 2]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_after_an_error_nothing_is_kept_and_the_error_stays(connection: Any, error: Any) -> None:
    with pytest.raises(error):
        broken(connection, "INSERT INTO kept VALUES (1)", error)
    assert kept(connection) == []
    assert not connection.in_transaction


def test_a_file_that_cannot_be_written_is_the_stores_own_error(connection: Any) -> None:
    connection.execute("PRAGMA query_only=ON")
    with pytest.raises(Full) as caught, transaction(connection, Full):
        connection.execute("INSERT INTO kept VALUES (1)")
    assert isinstance(caught.value.__cause__, sqlite3.OperationalError)
    assert not connection.in_transaction


def test_a_rollback_that_sqlite_made_by_itself_is_not_repeated(connection: Any) -> None:
    with pytest.raises(Full, match="disk"):
        broken(connection, "ROLLBACK", sqlite3.OperationalError("the disk is full"))
