"""What a ledger on a server asks of it, in which order, and what it makes of the answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, cast

import pytest

from jeoul.database import DatabaseError, IntegrityError, OperationalError
from jeoul.errors import AlreadyRunning
from jeoul.operations.errors import LedgerError
from jeoul.operations.ledger import Ledger, server_store
from jeoul.operations.ledger.server_schema import TABLES, VERSION, creation, grants, rules
from jeoul.operations.ledger.server_store import (
    ServerStore,
    changeable,
    open_server_ledger,
    prepare,
)

URL = "postgresql://run@here/books"
Answer = Callable[[Sequence[Any]], list[dict[str, Any]]]


class Fake:
    """A server that answers by a word of the query; ``said`` lists the queries."""

    def __init__(self, **more: Any) -> None:
        self.said: list[str] = []
        self.values: list[Sequence[Any]] = []
        self.in_transaction = self.closed = False
        self.lost: Exception | None = None
        self.answers: dict[str, Any] = {
            "pg_is_in_recovery": [{"follows": False}],
            "to_regclass": [{"found": "jeoul.version"}],
            "MAX(number)": [{"number": VERSION}],
            "pg_trigger": [
                {"place": r.place, "name": r.name, "text": r.text} for r in rules()
            ],
            "has_table_privilege": [],
            "pg_advisory_xact_lock": [{"account": "a"}],
            "pg_roles WHERE": [{"x": 1}],
        } | more  # fmt: skip

    def execute(self, query: str, values: Sequence[Any] = ()) -> list[Any]:
        self.said.append(query)
        self.values.append(values)
        if query.startswith("BEGIN"):
            self.in_transaction = True
        if query == "ROLLBACK":
            self.in_transaction = False
        for word, found in self.answers.items():
            if word in query:
                if isinstance(found, Exception):
                    raise found
                return [tuple(row.values()) if word == "pg_trigger" else row for row in found]
        return []

    def stream(self, query: str, values: Sequence[Any] = ()) -> Iterator[Any]:
        yield from self.execute(query, values)

    def commit(self) -> None:
        self.said.append("COMMIT")
        self.in_transaction = False
        if self.lost is not None:
            raise self.lost

    def script(self, text: str) -> None:
        self.said.append(text)

    def close(self) -> None:
        self.closed = True


def store(server: Fake, again: Fake | None = None) -> ServerStore:
    return ServerStore(cast("Any", server), "here", "a", lambda: cast("Any", again or server))


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Callable[[Fake], Any]:
    def open_(server: Fake) -> Any:
        monkeypatch.setattr(server_store, "connect", lambda *_, **__: server)
        return open_server_ledger(URL, "a")

    return open_


def test_a_sound_server_is_opened(opened: Callable[[Fake], Any]) -> None:
    server = Fake()
    ledger = opened(server)
    assert (server.closed, ledger.store.faults()) == (False, [])
    assert ledger.place.endswith(" (a)")
    ledger.close()
    assert server.closed


RIGHT = {
    "name": "runs",
    "update": False,
    "delete": False,
    "truncate": False,
    "owns": False,
    "past": False,
}


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"pg_is_in_recovery": [{"follows": True}]}, "is a standby server"),
        ({"to_regclass": [{"found": None}]}, "has no ledgers yet"),
        ({"MAX(number)": [{"number": VERSION + 1}]}, "have schema 2 and this jeoul knows 1"),
        ({"pg_trigger": []}, "does not protect its ledgers"),
        (
            {"has_table_privilege": [RIGHT | {"name": n, "past": True} for n in ("b", "a")]},
            r"may change rows \(DELETE a, DELETE b, TRUNCATE a\)",
        ),
        ({"pg_is_in_recovery": OperationalError("gone")}, "cannot be used"),
        ({"pg_is_in_recovery": DatabaseError("odd")}, "cannot be trusted"),
    ],
)
def test_a_server_that_will_not_do_is_closed(
    opened: Callable[[Fake], Any], answers: dict[str, Any], said: str
) -> None:
    server = Fake(**answers)
    with pytest.raises(LedgerError, match=said):
        opened(server)
    assert server.closed


def test_an_interruption_closes_the_server_too(opened: Callable[[Fake], Any]) -> None:
    server = Fake()
    server.answers["pg_is_in_recovery"] = cast("Any", KeyboardInterrupt())

    def execute(*_: Any) -> list[Any]:
        raise KeyboardInterrupt

    cast("Any", server).execute = execute
    with pytest.raises(KeyboardInterrupt):
        opened(server)
    assert server.closed


@pytest.mark.parametrize(
    ("row", "found"),
    [
        (RIGHT, []),
        (RIGHT | {"delete": True}, ["DELETE"]),
        (RIGHT | {"update": True, "truncate": True}, ["UPDATE", "TRUNCATE"]),
        (RIGHT | {"owns": True}, ["UPDATE", "DELETE", "TRUNCATE"]),
        (RIGHT | {"past": True}, ["UPDATE", "DELETE", "TRUNCATE"]),
    ],
)
def test_a_role_may_change_what_it_has_a_right_to_owns_or_passes(
    row: dict[str, Any], found: list[str]
) -> None:
    server = Fake(has_table_privilege=[row])
    assert changeable(cast("Any", server)) == [("runs", verb) for verb in found]
    assert [server.said[0].count(f"AS {verb}") for verb in ("UPDATE", "DELETE", "TRUNCATE")] == [
        1
    ] * 3


def test_rules_are_named_where_they_are_missing_changed_or_more() -> None:
    found = [{"place": r.place, "name": r.name, "text": r.text} for r in rules()]
    assert store(Fake(pg_trigger=found)).faults() == []
    changed = [
        {**row, "text": "x"} if row["name"] == "notes_own" else row
        for row in found
        if row["name"] != "chain_kept"
    ]
    more = [
        {"place": "runs", "name": name, "text": "trigger 1 mine on"} for name in ("z", "y", "x")
    ]
    twice = next(row for row in found if row["name"] == "fills_own")
    assert store(Fake(pg_trigger=[*changed, *more, twice])).faults() == [
        "rule chain_kept of chain: is missing",
        "rule fills_own of fills: was changed",
        "rule notes_own of notes: was changed",
        *(f"rule {name} of runs: does not belong to a ledger" for name in ("x", "y", "z")),
    ]


def test_a_trigger_of_somebody_s_own_stops_no_run_and_a_policy_does(
    opened: Callable[[Fake], Any],
) -> None:
    found = [{"place": r.place, "name": r.name, "text": r.text} for r in rules()]
    opened(Fake(pg_trigger=[*found, {"place": "runs", "name": "z", "text": "trigger 1 z on"}]))
    with pytest.raises(LedgerError, match="rule z of runs: does not belong"):
        opened(Fake(pg_trigger=[*found, {"place": "runs", "name": "z", "text": "policy r"}]))


def test_a_transaction_waits_for_its_turn_and_is_made_durable() -> None:
    server = Fake()
    with store(server).transaction():
        assert server.said[0] == "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
        assert "pg_advisory_xact_lock" in server.said[1]
        assert server.values[1] == ("jeoul a",)
    assert server.said[2:] == ["COMMIT"]


@pytest.mark.parametrize(
    ("error", "seen"),
    [
        (ValueError("x"), ValueError),
        (IntegrityError("x"), IntegrityError),
        (OperationalError("x"), LedgerError),
        (DatabaseError("x"), LedgerError),
    ],
)
def test_a_transaction_that_fails_is_rolled_back(error: Exception, seen: type[Exception]) -> None:
    server = Fake()
    with pytest.raises(seen), store(server).transaction():
        raise error
    assert server.said[-1] == "ROLLBACK"
    assert "COMMIT" not in server.said


def test_a_connection_that_belongs_to_another_account_writes_nothing() -> None:
    server = Fake(pg_advisory_xact_lock=[{"account": "b"}])
    with (
        pytest.raises(LedgerError, match="is shared with another account"),
        store(server).transaction(),
    ):
        pass
    assert "COMMIT" not in server.said


@pytest.mark.parametrize(
    ("rows", "kept", "said"),
    [
        ([(7, "h")], [{"x": 1}], "the rows were saved"),
        ([(7, "h")], [], "no row was saved"),
        ([(7, "h")], OperationalError("gone"), "it is not known"),
        ([], [{"x": 1}], "no row was saved"),
    ],
)
def test_a_commit_without_an_answer_is_asked_about_on_another_connection(
    rows: list[tuple[int, str]], kept: Any, said: str
) -> None:
    server, again = Fake(), Fake(**{"SELECT 1 FROM chain": kept})
    server.lost = OperationalError("lost")
    found = store(server, again)

    def written() -> None:
        with found.transaction():
            if rows:
                found.add("chain", ("seq", "hash"), [(6, "g"), *rows])
                found.add("notes", ("seq", "hash"), [(9, "not the chain's")])

    with pytest.raises(LedgerError, match=said):
        written()
    if rows:
        assert "pg_advisory_xact_lock" in again.said[1]  # behind the transaction itself
        assert again.values[-1] == (7, "h")
        assert again.closed


def test_a_commit_that_is_turned_down_cannot_be_trusted() -> None:
    server = Fake()
    server.lost = DatabaseError("rolled back")
    with pytest.raises(LedgerError, match="cannot be trusted"), store(server).transaction():
        pass


def test_queries_are_shown_one_state() -> None:
    server = Fake()
    found = store(server)
    with found.reading(), found.reading():
        assert server.in_transaction
    assert server.said == ["BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", "ROLLBACK"]


def test_one_row_is_added_by_itself_and_many_by_their_columns() -> None:
    server = Fake()
    found = store(server)
    found.add("notes", ("seq", "kind"), [(1, "a")])
    found.add("notes", ("seq", "kind"), [(1, "a"), (2, "b")])
    assert server.said == [
        "INSERT INTO notes (seq, kind) VALUES (?, ?)",
        "INSERT INTO notes (seq, kind) SELECT * FROM unnest(?::bigint[], ?::text[])",
    ]
    assert server.values == [(1, "a"), [[1, 2], ["a", "b"]]]


@pytest.mark.parametrize("held", [True, False])
def test_one_run_holds_an_account_at_a_time(held: bool) -> None:
    server = Fake(pg_try_advisory_lock=[{"held": held}])
    if held:
        Ledger(store(server)).hold()
    else:
        with pytest.raises(AlreadyRunning):
            Ledger(store(server)).hold()


@pytest.mark.parametrize(("found", "new"), [(None, True), ("jeoul.version", False)])
def test_a_database_is_prepared_once_and_its_role_each_time(
    monkeypatch: pytest.MonkeyPatch, found: str | None, new: bool
) -> None:
    server = Fake()
    versions = iter([[{"found": found}]])
    execute = server.execute

    def answer(query: str, values: Sequence[Any] = ()) -> list[Any]:
        return (
            next(versions, [{"found": "x"}]) if "to_regclass" in query else execute(query, values)
        )

    server.execute = answer  # type: ignore[method-assign]
    monkeypatch.setattr(server_store, "connect", lambda *_, **__: server)
    assert prepare(URL, "run") is new
    (script,) = [text for text in server.said if "GRANT" in text]
    assert script == (creation() if new else "") + grants("run")
    assert server.closed


def test_a_preparation_that_did_not_work_or_has_no_role_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for answers, said in (
        ({"pg_roles WHERE": []}, "has no role run"),
        ({"MAX(number)": [{"number": VERSION + 1}]}, "have schema 2"),
        ({"to_regclass": DatabaseError("denied")}, "was not prepared"),
    ):
        server = Fake(**answers)
        monkeypatch.setattr(server_store, "connect", lambda *_, server=server, **__: server)
        with pytest.raises(LedgerError, match=said):
            prepare(URL, "run")
        assert server.closed


def test_the_tables_are_made_with_functions_policies_and_triggers() -> None:
    made = creation()
    assert f"INSERT INTO version VALUES ({VERSION});" in made
    for name in ("json_extract", "json_type", "append_only"):
        assert f"CREATE FUNCTION {name}(" in made
    assert made.index("CREATE TABLE chain") < made.index("CREATE POLICY chain_own")
    for table in TABLES:
        assert f"CREATE TABLE {table} (" in made
        assert f"CREATE TRIGGER {table}_kept" in made
    names = {rule.name for rule in rules() if rule.place == "functions"}
    assert names == {"json_extract", "json_type", "append_only"}
