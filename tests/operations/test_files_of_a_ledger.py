"""The file of a ledger: how it is opened, moved, copied and restored."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from shutil import copyfile
from typing import Any, cast

import pytest
from stores import InFile
from written_rows import cash, faults, intent, note, run

from jeoul.database import DatabaseError
from jeoul.operations.errors import LedgerError, Sealed
from jeoul.operations.ledger import (
    Ledger,
    backup,
    copies,
    file_store,
    keep_checkpoint,
    open_ledger,
    restore,
)
from jeoul.operations.ledger.moving import copy_rows, move
from jeoul.operations.ledger.schema import foreign_parts, migrate
from jeoul.operations.setup.memory import NAME as MEMORY


def test_a_file_is_kept_as_a_ledger_has_to_be(ledger: Ledger) -> None:
    pragmas = {
        "journal_mode": "wal", "recursive_triggers": 1, "busy_timeout": 10_000, "foreign_keys": 1,
    }  # fmt: skip
    assert {name: ledger.rows(f"PRAGMA {name}")[0][0] for name in pragmas} == pragmas
    with closing(open_ledger(Path(ledger.place))) as fresh:
        assert fresh.rows("PRAGMA synchronous")[0][0] == 2


def test_what_is_read_together_is_of_one_state(ledger: Ledger) -> None:
    note(ledger)
    with closing(open_ledger(Path(ledger.place))) as reader:
        with reader.store.reading(), reader.store.reading():
            assert reader.head().seq == 1
            note(ledger)
            assert reader.head().seq == 1
            assert reader.store.in_transaction
        assert not reader.store.in_transaction
        assert reader.head().seq == 2


@pytest.mark.parametrize(
    ("content", "beside", "refused"),
    [
        (b"", "memory.json", True),
        (b"", "inputs", True),
        (b"", "other", False),
        (b"", None, False),
        (None, "inputs", False),
        (b"", "ledger.sqlite3-wal", False),
    ],
)
def test_an_empty_file_beside_those_of_earlier_runs_is_no_new_ledger(
    tmp_path: Path, content: bytes | None, beside: str | None, refused: bool
) -> None:
    path = tmp_path / "ledger.sqlite3"
    if content is not None:
        path.write_bytes(content)
    for name in ("inputs", beside) if beside and beside.endswith("-wal") else (beside,):
        if name:
            (tmp_path / (MEMORY if name == "memory.json" else name)).touch()
    if refused:
        with pytest.raises(LedgerError, match="the file is empty, but"):
            open_ledger(path)
        return
    open_ledger(path).close()


@pytest.mark.parametrize(("version", "refused"), [((3, 36, 9), True), ((3, 37, 0), False)])
def test_sqlite_is_new_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: tuple[int, ...], refused: bool
) -> None:
    monkeypatch.setattr(file_store, "sqlite_version_info", version)
    if refused:
        with pytest.raises(LedgerError, match=r"is older than 3\.37; install"):
            open_ledger(tmp_path / "x")
    else:
        open_ledger(tmp_path / "x").close()


def test_a_file_that_cannot_be_used_is_not_left_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[str] = []

    class Broken:
        def __init__(self, error: BaseException) -> None:
            self.error = error

        def execute(self, _: str) -> None:
            raise self.error

        def close(self) -> None:
            closed.append(type(self.error).__name__)

    for error, seen in (
        (sqlite3.DatabaseError("x"), LedgerError),
        (KeyboardInterrupt(), KeyboardInterrupt),
    ):
        monkeypatch.setattr(file_store, "connect", lambda *_, error=error, **__: Broken(error))
        with pytest.raises(seen):
            open_ledger(tmp_path / "x")
    assert closed == ["DatabaseError", "KeyboardInterrupt"]


def test_a_migration_that_fails_leaves_the_ledger_as_it_was(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "x", isolation_level=None)) as file:
        assert migrate(file, ("CREATE TABLE a (b);",)) == 0
        assert migrate(file, ("", "CREATE TABLE c (d);")) == 1
        assert migrate(file, ("", "")) == 2
        with pytest.raises(LedgerError, match="has schema 2 and this jeoul knows 1"):
            migrate(file, ("",))
        with pytest.raises(sqlite3.OperationalError):
            migrate(file, ("", "", "CREATE TABLE e (f);\nCREATE nonsense;"))
        assert not file.in_transaction
        tables = file.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        assert [name for (name,) in tables] == ["a", "c"]
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            file.executescript("INSERT INTO c VALUES (1); DELETE FROM c;")


def test_what_does_not_belong_to_a_ledger_is_named_in_order(ledger: Ledger, place: InFile) -> None:
    assert foreign_parts(ledger.store.connection) == []  # type: ignore[attr-defined]
    place.tamper(
        "CREATE TABLE b (x)", "CREATE TABLE a (x)", "CREATE TABLE c (x)", "DROP INDEX runs_of",
        "DROP INDEX notes_of", "CREATE INDEX notes_of ON notes (kind)",
    )  # fmt: skip
    assert ledger.store.faults(quick=True) == [
        "index notes_of: was changed",
        "index runs_of: is missing",
        "table a: does not belong to a ledger",
        "table b: does not belong to a ledger",
        "table c: does not belong to a ledger",
    ]


def test_rows_are_copied_with_their_hashes(ledger: Ledger, tmp_path: Path) -> None:
    run(ledger), intent(ledger), note(ledger), cash(ledger, "x", 5)
    keep_checkpoint(ledger, every=1)
    with closing(open_ledger(tmp_path / "copy")) as copy:
        with copy.transaction():
            copy_rows(ledger, copy)
        assert copy.head() == ledger.head()
        assert faults(copy) == ()


def test_a_ledger_is_moved_once_and_its_file_bears_another_name(
    place: InFile, tmp_path: Path
) -> None:
    with closing(place.open()) as ledger:
        note(ledger)
        head = ledger.head()
    for kept in ("ledger.sqlite3.moved-1", "ledger.sqlite3.moved-2"):
        (tmp_path / "there").mkdir(exist_ok=True)
        with closing(open_ledger(tmp_path / "there" / "l")) as target:
            for suffix in ("-wal", "-shm"):
                if kept.endswith("2"):
                    (tmp_path / f"ledger.sqlite3{suffix}").unlink(missing_ok=True)
            proof, name = move(place.path, target)
            assert (proof.head, name) == (head, tmp_path / kept)
            assert not list(tmp_path.glob("ledger.sqlite3-*"))
            with pytest.raises(LedgerError, match="is on the server already"):
                move(place.path, target)
        name.with_name("ledger.sqlite3").write_bytes(name.read_bytes())  # it comes back, the same
    with closing(place.open()) as ledger:
        note(ledger)
    with (
        closing(open_ledger(tmp_path / "there" / "l")) as target,
        pytest.raises(LedgerError, match="another ledger"),
    ):
        move(place.path, target)


def test_a_backup_is_a_new_file_without_what_was_left_of_another(
    ledger: Ledger, tmp_path: Path
) -> None:
    note(ledger)
    (tmp_path / "b.partial").write_text("left over", "utf-8")
    backup(ledger, tmp_path / "b")
    assert not (tmp_path / "b.partial").exists()
    with pytest.raises(LedgerError, match="is not overwritten"):
        backup(ledger, tmp_path / "b")
    with closing(open_ledger(tmp_path / "b")) as copy:
        assert copy.head() == ledger.head()


class Elsewhere:
    """The rows of a ledger behind a store that is no file, as those of a server are."""

    def __init__(self, ledger: Ledger) -> None:
        self.rows_of = ledger.store

    def __getattr__(self, name: str) -> Any:
        return getattr(self.rows_of, name)


def test_a_backup_of_a_server_is_a_file_that_was_proved(place: InFile, tmp_path: Path) -> None:
    target, partial = tmp_path / "b", tmp_path / "b.partial"
    with closing(place.open()) as ledger:
        note(ledger), cash(ledger, "x", 5)
        with closing(open_ledger(partial)) as left:
            note(left)
        backup(Ledger(cast("Any", Elsewhere(ledger))), target)
        with closing(open_ledger(target)) as copy:
            assert (copy.head(), faults(copy)) == (ledger.head(), ())
    assert not list(tmp_path.glob("b.partial*"))
    target.unlink()
    place.tamper("UPDATE postings SET amount = 7 WHERE amount > 0")
    with (
        closing(place.open()) as ledger,
        pytest.raises(LedgerError, match=r"(?s)fails its check:.*keep the file as it is"),
    ):
        backup(Ledger(cast("Any", Elsewhere(ledger))), target)
    assert not target.exists()
    assert not partial.exists()


def test_a_restore_puts_a_proven_copy_in_place_and_keeps_the_old_one(
    place: InFile, tmp_path: Path
) -> None:
    with closing(place.open()) as ledger:
        note(ledger)
        backup(ledger, tmp_path / "b")
        note(ledger)
        newer = ledger.head()
    (tmp_path / "ledger.sqlite3.restored").write_text("left over", "utf-8")
    proof, kept = restore(tmp_path / "b", place.path, "a")
    assert kept == tmp_path / "ledger.sqlite3.before-restore-1"
    names = {file.name for file in tmp_path.iterdir() if file.is_file()}
    assert names == {"b", "ledger.sqlite3", kept.name}
    with closing(place.open()) as ledger, closing(open_ledger(kept)) as old:
        assert (ledger.head(), old.head()) == (proof.head, newer)
    (tmp_path / "new").mkdir()
    assert restore(tmp_path / "b", tmp_path / "new" / "l", "a") == (proof, None)


@pytest.mark.parametrize(
    ("sealed", "key", "why"),
    [(False, "key", "backup_plain"), (True, None, "missing"), (True, "key", None)],
)
def test_a_backup_is_sealed_as_its_account_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sealed: bool, key: str | None, why: str | None
) -> None:
    monkeypatch.setattr(copies, "plain", lambda _: not sealed)
    monkeypatch.setattr(copies, "encrypted", lambda _: sealed)

    def opened(*_: object) -> Any:
        raise DatabaseError("opened")

    monkeypatch.setattr(copies, "open_ledger", opened)
    (tmp_path / "b").write_text("b", "utf-8")
    with pytest.raises(Sealed if why else DatabaseError) as refused:
        restore(tmp_path / "b", tmp_path / "l", "a", cast("Any", key))
    assert getattr(refused.value, "why", None) == why


def test_what_a_restore_that_died_left_is_not_read_into_the_next(
    place: InFile, tmp_path: Path
) -> None:
    """It had copied a newer ledger, whose ``-wal`` fits the older copy too."""
    with closing(place.open()) as ledger:
        note(ledger)
        backup(ledger, tmp_path / "b")
        wanted = ledger.head()
        note(ledger)
        for suffix in ("", "-wal", "-shm"):
            copyfile(f"{place.path}{suffix}", tmp_path / f"restore.partial{suffix}")
    proof, _ = restore(tmp_path / "b", place.path, "a")
    assert proof.head == wanted
    assert not list(tmp_path.glob("restore.partial*"))
    with closing(place.open()) as ledger:
        assert ledger.head() == wanted


@pytest.mark.parametrize("beside", [("-shm",), ("-wal", "-shm"), ()])
def test_nothing_that_lay_beside_a_damaged_ledger_is_read_into_its_copy(
    place: InFile, tmp_path: Path, beside: tuple[str, ...]
) -> None:
    with closing(place.open()) as ledger:
        note(ledger)
        backup(ledger, tmp_path / "b")
    damaged = {suffix: f"damaged{suffix}".encode() * 1_000 for suffix in ("", *beside)}
    for suffix, content in damaged.items():
        place.path.with_name(place.path.name + suffix).write_bytes(content)
    proof, kept = restore(tmp_path / "b", place.path, "a")
    assert kept == tmp_path / "ledger.sqlite3.before-restore-1"
    found = {file.name.removeprefix(kept.name): file for file in tmp_path.glob(f"{kept.name}*")}
    if "-wal" in beside:  # SQLite takes a log that has nothing for one that is done with
        damaged = {"": damaged[""]}
    assert {suffix: file.read_bytes() for suffix, file in found.items()} == damaged
    assert not list(tmp_path.glob("ledger.sqlite3-*"))
    with closing(place.open()) as ledger:
        assert ledger.head() == proof.head


@pytest.mark.parametrize(
    ("account", "rows", "match"), [("b", 1, "the ledger of a, not of b"), ("a", 0, "is an empty")]
)
def test_a_copy_of_another_account_or_of_nothing_is_not_restored(
    place: InFile, tmp_path: Path, account: str, rows: int, match: str
) -> None:
    with closing(place.open()) as ledger:
        for _ in range(rows):
            note(ledger)
        backup(ledger, tmp_path / "b")
    with pytest.raises(LedgerError, match=match):
        restore(tmp_path / "b", place.path, account)
    with pytest.raises(LedgerError, match="there is no backup"):
        restore(tmp_path / "none", place.path, account)
    assert not list(tmp_path.glob("restore.partial*"))
