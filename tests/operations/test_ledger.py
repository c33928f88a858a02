"""The ledger proves itself: whatever is changed, cut off or slipped in is found."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, cast

import pytest
from harness import in_child

from jeoul.model.portfolio import Side
from jeoul.operations.errors import LedgerError
from jeoul.operations.ledger import (
    Fill,
    Transaction,
    backup,
    book,
    check,
    file_store,
    keep_checkpoint,
    open_ledger,
    proven,
    restore,
    unfinished,
)
from jeoul.operations.ledger.books import fill_legs
from jeoul.operations.ledger.schema import COLUMNS, MIGRATIONS, _triggers, migrate

DAY = date(2026, 3, 4)


def note(ledger: Any, at: int = 1, kind: str = "outcome", **detail: str) -> None:
    with ledger.transaction():
        ledger.append(
            "notes", at, account="a", strategy="s", session="2026-03-04", kind=kind,
            detail=json.dumps(detail),
        )  # fmt: skip


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Any]:
    found = open_ledger(tmp_path / "ledger.sqlite3")
    with found.transaction():
        book(found, 1, Transaction("opening", "opening", DAY, {
            ("assets:cash", "KRW"): 1_000_000, ("equity:external", "KRW"): -1_000_000,
        }))  # fmt: skip
        for number, side in enumerate((Side.BUY, Side.SELL)):
            fill = Fill(side, "069500", 10 - number, 360_000, 50, DAY, date(2026, 3, 6))
            book(found, 2, Transaction(f"fill:{number}", "fill", DAY, fill_legs(fill, "KRW")))
    note(found, why="x")
    yield found
    found.close()


def tampered(ledger: Any, *statements: str) -> None:
    """Change the file as its owner could, past the triggers."""
    for table in ("chain", *COLUMNS):
        for verb in ("update", "delete"):
            ledger.store.connection.execute(f"DROP TRIGGER IF EXISTS {table}_no_{verb}")
    ledger.store.connection.execute("PRAGMA foreign_keys=OFF")
    for statement in statements:
        ledger.store.connection.execute(statement)
    for table in ("chain", *COLUMNS):
        ledger.store.connection.executescript(_triggers(table))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE postings SET amount = amount + 1",
        "DELETE FROM postings",
        "UPDATE chain SET at = 0",
        "DELETE FROM chain",
        "INSERT OR REPLACE INTO chain SELECT * FROM chain WHERE seq = 1",
        "INSERT OR REPLACE INTO transactions SELECT * FROM transactions",
    ],
)
def test_rows_can_only_be_added(ledger: Any, statement: str) -> None:
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        ledger.store.connection.execute(statement)


def test_a_backup_restores_to_the_same_books(ledger: Any, tmp_path: Path) -> None:
    copy = tmp_path / "copy.sqlite3"
    backup(ledger, copy)
    with pytest.raises(LedgerError, match="not overwritten"):
        backup(ledger, copy)
    head = ledger.head()
    note(ledger, at=9, why="later")
    ledger.close()
    proof, kept = restore(copy, ledger.store.path, "a")
    assert proof.head == head
    assert kept is not None
    again = open_ledger(ledger.store.path)
    assert again.head() == head
    again.close()
    old = open_ledger(kept)
    assert old.head().seq == head.seq + 1
    old.close()


def test_every_ledger_that_a_restore_replaces_is_kept(ledger: Any, tmp_path: Path) -> None:
    copy = tmp_path / "copy.sqlite3"
    backup(ledger, copy)
    ledger.close()
    names = [restore(copy, ledger.store.path, "a")[1].name for _ in range(3)]
    assert names == [f"{ledger.store.path.name}.before-restore-{number}" for number in (1, 2, 3)]


def test_a_tampered_backup_is_not_restored(ledger: Any, tmp_path: Path) -> None:
    copy = tmp_path / "copy.sqlite3"
    backup(ledger, copy)
    other = open_ledger(copy)
    tampered(other, "UPDATE postings SET amount = amount * 2")
    other.close()
    before = ledger.head()
    with pytest.raises(LedgerError, match="fails its check"):
        restore(copy, ledger.store.path, "a")
    assert ledger.head() == before


@pytest.mark.parametrize("in_the_middle", [False, True])
def test_a_ledger_that_somebody_reads_is_not_replaced(
    ledger: Any, tmp_path: Path, in_the_middle: bool
) -> None:
    """SQLite leaves rows in the ``-wal`` while somebody reads, and they belong to the file."""
    copy, path = tmp_path / "copy.sqlite3", ledger.store.path
    backup(ledger, copy)
    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        if in_the_middle:
            reader.execute("BEGIN")
        reader.execute("SELECT * FROM notes").fetchall()
        note(ledger, at=9, why="later")
        head = ledger.head()
        ledger.close()
        with pytest.raises(LedgerError, match="is open in another process"):
            restore(copy, path, "a")
    with closing(open_ledger(path)) as again:
        assert again.head() == head
    _, kept = restore(copy, path, "a")
    assert kept is not None
    with closing(open_ledger(kept)) as old:
        assert old.head() == head


@pytest.mark.posix
def test_a_backup_is_only_read(ledger: Any, tmp_path: Path) -> None:
    copy = tmp_path / "elsewhere" / "copy.sqlite3"
    copy.parent.mkdir()
    backup(ledger, copy)
    copy.chmod(0o440)
    copy.parent.chmod(0o500)
    before = (copy.read_bytes(), copy.stat().st_mode, copy.stat().st_mtime_ns)
    ledger.close()
    restore(copy, ledger.store.path, "a")
    assert (copy.read_bytes(), copy.stat().st_mode, copy.stat().st_mtime_ns) == before
    assert [path.name for path in copy.parent.iterdir()] == ["copy.sqlite3"]
    assert not [path for path in tmp_path.iterdir() if "partial" in path.name]
    copy.parent.chmod(0o700)


def test_what_lies_in_the_wal_of_a_copy_made_by_hand_is_restored(
    ledger: Any, tmp_path: Path
) -> None:
    copy = tmp_path / "by-hand.sqlite3"
    for suffix in ("", "-wal"):
        shutil.copyfile(f"{ledger.store.path}{suffix}", f"{copy}{suffix}")
    head = ledger.head()
    ledger.close()
    assert restore(copy, ledger.store.path, "a")[0].head == head


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        (
            "CREATE TRIGGER quiet AFTER INSERT ON notes BEGIN SELECT 1; END",
            "trigger quiet: does not belong to a ledger",
        ),
        ("DROP TRIGGER fills_no_delete", "trigger fills_no_delete: is missing"),
        ("CREATE TABLE more (x)", "table more: does not belong to a ledger"),
        ("DROP INDEX one_order_one_intent", "index one_order_one_intent: is missing"),
    ],
)
def test_a_copy_with_other_tables_or_triggers_is_refused(
    ledger: Any, tmp_path: Path, statement: Any, fault: Any
) -> None:
    copy = tmp_path / "copy.sqlite3"
    backup(ledger, copy)
    with closing(sqlite3.connect(copy)) as other:
        other.execute(statement)
        other.commit()
    with pytest.raises(LedgerError, match=fault):
        restore(copy, ledger.store.path, "a")


def test_the_ledger_of_another_account_is_refused(ledger: Any, tmp_path: Path) -> None:
    copy = tmp_path / "copy.sqlite3"
    backup(ledger, copy)
    with pytest.raises(LedgerError, match="is the ledger of a, not of b"):
        restore(copy, ledger.store.path, "b")


@pytest.mark.posix
@pytest.mark.parametrize("broken", [False, True])
def test_a_restore_that_dies_leaves_the_old_ledger_or_the_new_one(
    tmp_path: Path, broken: Any
) -> None:
    """Die at every call that changes a name or a file, from the first to the last."""
    with closing(open_ledger(tmp_path / "source.sqlite3")) as source:
        note(source, why="the backup")
        wanted = source.head()
        backup(source, tmp_path / "copy.sqlite3")
    deaths = 0
    while True:
        place = tmp_path / f"state-{deaths}" / "ledger.sqlite3"
        place.parent.mkdir()
        with closing(open_ledger(place)) as old:
            note(old, why="the old one")
            note(old, why="its newest row")
            before = old.head()
        if broken:
            place.write_bytes(b"damaged" * 1000)

        def die_at(number: int, where: Any = place) -> None:
            left = iter(range(number))

            def watched(call: Any) -> Any:
                def one(*arguments: Any, **more: Any) -> Any:
                    if next(left, None) is None:
                        os._exit(9)
                    return call(*arguments, **more)

                return one

            for owner, name in ((os, "replace"), (os, "link"), (Path, "unlink"), (Path, "replace")):
                setattr(owner, name, watched(getattr(owner, name)))
            restore(tmp_path / "copy.sqlite3", where, "a")

        status = in_child(lambda n=deaths: die_at(n))
        if broken and place.read_bytes().startswith(b"damaged"):
            found = None
        else:
            with closing(open_ledger(place)) as after:
                found = after.head()
                assert check(after).faults == ()
        assert found in ((None, wanted) if broken else (before, wanted))
        if status == 0:
            assert found == wanted
            break
        assert restore(tmp_path / "copy.sqlite3", place, "a")[0].head == wanted
        deaths += 1
    assert deaths > 5


def test_an_older_ledger_is_brought_forward_and_a_newer_one_refused(tmp_path: Path) -> None:
    path = tmp_path / "old.sqlite3"
    open_ledger(path).close()
    connection = sqlite3.connect(path, isolation_level=None)
    extra = "CREATE TABLE extra (seq INTEGER PRIMARY KEY, what TEXT NOT NULL) STRICT;"
    assert migrate(connection, (*MIGRATIONS, extra)) == len(MIGRATIONS)
    connection.execute("INSERT INTO extra VALUES (1, 'x')")
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        connection.execute("DELETE FROM extra")
    connection.close()
    with pytest.raises(LedgerError, match="newer jeoul"):
        open_ledger(path)


def test_a_ledger_of_the_first_schema_opens_and_proves_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A session may have several runs today; before, the table of runs allowed one."""
    path = tmp_path / "ledger.sqlite3"
    monkeypatch.setattr(file_store, "migrate", partial(migrate, migrations=MIGRATIONS[:1]))
    run = {
        "account": "a", "strategy": "s", "session": "2026-03-04", "executed": "2026-03-05",
        "inputs_id": "x", "plan": "{}",
    }  # fmt: skip
    order = {"number": 1, "side": "BUY", "ticker": "069500", "shares": 1, "price": 1}
    with closing(open_ledger(path)) as old:
        with old.transaction():
            old.append("runs", 1, run_id="first", **run)
            old.append(
                "intents",
                1,
                intent="i",
                run_id="first",
                price_limit=None,
                reason="[]",
                **order,  # type: ignore[arg-type]
            )
        with pytest.raises(sqlite3.IntegrityError), old.transaction():
            old.append("runs", 1, run_id="second", **run)
        head = old.head()
    monkeypatch.undo()
    with closing(open_ledger(path)) as new:
        assert check(new, head).faults == ()
        with new.transaction():
            new.append("runs", 2, run_id="second", **run)
        with pytest.raises(sqlite3.IntegrityError), new.transaction():
            new.append("runs", 2, run_id="second", **run)
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            cast("Any", new.store).connection.execute("DELETE FROM runs")
        assert unfinished(new) == ("first", "second")
        assert keep_checkpoint(new, every=1)
        assert unfinished(new) == ("first", "second")
        assert check(new, head).faults == ()


def test_a_file_that_is_no_ledger_is_named_as_such(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite3"
    path.write_text("not a database, but long enough to look at" * 50)
    with pytest.raises(LedgerError, match="is not a ledger or is damaged"):
        open_ledger(path)


def test_damage_in_the_middle_of_the_file_is_an_error_of_ours(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite3"
    with closing(open_ledger(path)) as ledger:
        for number in range(200):
            note(ledger, why="x" * 100, number=number)  # type: ignore[arg-type]
    whole = bytearray(path.read_bytes())
    size = int.from_bytes(whole[16:18], "big")
    for page in range(1, len(whole) // size):
        damaged = bytearray(whole)
        damaged[page * size : page * size + 64] = b"\xff" * 64
        path.write_bytes(damaged)
        with contextlib.suppress(LedgerError), closing(open_ledger(path)) as ledger:
            try:
                note(ledger, at=2, why="more")
                proven(ledger)
            except LedgerError:
                continue


@pytest.mark.posix
def test_the_file_is_for_its_owner_and_survives_power_cuts_by_its_settings(ledger: Any) -> None:
    assert ledger.store.path.stat().st_mode & 0o777 == 0o600
    assert ledger.rows("PRAGMA journal_mode")[0][0] == "wal"
    assert ledger.rows("PRAGMA synchronous")[0][0] == 2  # FULL
    assert ledger.rows("PRAGMA recursive_triggers")[0][0] == 1
