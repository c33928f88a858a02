"""The raw store loses nothing that was written and holds nothing that was not."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jeoul.errors import DataError
from jeoul.market.cache.store import RawStore, StoreState
from jeoul.market.raw.answer import SPLIT_ADJUSTED, Fetched, Payment, VendorRow
from jeoul.market.raw.series import AnswerNote, SeriesKey

KEY = SeriesKey("vendor", "A")
D = [date(2024, 6, day) for day in (3, 4, 5, 7)]


def answer(closes: Any, payments: Any = (), days: Any = D, **facts: Any) -> Any:
    rows = tuple(VendorRow(day, close) for day, close in zip(days, closes, strict=False))
    return Fetched(SPLIT_ADJUSTED, rows, tuple(payments), **facts)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Any]:
    with RawStore(tmp_path / "deep" / "raw.sqlite3") as opened:
        yield opened


def closes(raw: Any) -> Any:
    return dict(zip(raw.days.tolist(), raw.close.tolist(), strict=True))


def test_the_newest_version_of_each_day_stands_and_the_older_stay_readable(store: Any) -> None:
    first = store.record(KEY, answer([1.0, 2.0, 3.0]), 100)
    store.record(KEY, answer([1.0, 2.5, 3.0, 4.0]), 200)
    assert closes(store.read(KEY)) == dict(zip(D, [1.0, 2.5, 3.0, 4.0], strict=True))
    assert closes(store.read(KEY, first)) == dict(zip(D[:3], [1.0, 2.0, 3.0], strict=True))
    assert store.read(KEY).confirmed_at.tolist() == [200] * 4
    assert store.read(SeriesKey("vendor", "B")) is None


def test_only_what_is_new_or_different_is_written(store: Any) -> None:
    for at in range(5):
        store.record(KEY, answer([1.0, 2.0, 3.0, 4.0], [Payment(D[1], 0.5)]), at)
    with sqlite3.connect(store.path) as db:
        assert db.execute("SELECT sum(length(days)) FROM page").fetchone() == (4 * 8,)
        assert db.execute("SELECT count(*) FROM payment").fetchone() == (1,)
    assert [stamp.at for stamp in store.read(KEY).stamps] == [0, 1, 2, 3, 4]


def test_a_day_and_a_payment_that_the_vendor_no_longer_shows_are_withdrawn(store: Any) -> None:
    store.record(KEY, answer([1.0, 2.0, 3.0], [Payment(D[1], 0.5)]), 100)
    store.record(KEY, answer([1.0, 3.0], days=[D[0], D[2]]), 200)
    raw = store.read(KEY)
    assert np.isnan(closes(raw)[D[1]])
    assert raw.payments == ()
    assert [v.payment.dividend for v in raw.versions[D[1]]] == [0.5, 0.0]


def test_days_outside_an_answer_are_not_withdrawn_by_it(store: Any) -> None:
    store.record(KEY, answer([1.0, 2.0, 3.0], [Payment(D[0], 0.5)]), 100)
    store.record(KEY, answer([3.0, 4.0], days=D[2:]), 200)
    raw = store.read(KEY)
    assert raw.close.tolist() == [1.0, 2.0, 3.0, 4.0]
    assert raw.confirmed_at.tolist() == [100, 100, 200, 200]
    assert raw.payments == (Payment(D[0], 0.5),)


def test_notes_hold_until_a_later_answer_covers_their_day(store: Any) -> None:
    store.record(KEY, answer([1.0, 2.0]), 100, [AnswerNote(D[0], "duplicate", "serious", "{}")])
    store.record(KEY, answer([3.0, 4.0], days=D[2:]), 200)
    assert [note.kind for note in store.read(KEY).notes] == ["duplicate"]
    store.record(KEY, answer([1.0, 2.0]), 300)
    assert store.read(KEY).notes == ()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE page SET closes = x''",
        "DELETE FROM payment",
        "DELETE FROM fetch",
        "UPDATE snapshot SET digest = 'x'",
        "INSERT OR REPLACE INTO page SELECT series, fetch, days, days, days, days, days FROM page",
    ],
)
def test_nothing_can_be_changed_or_taken_out(store: Any, statement: str) -> None:
    store.record(KEY, answer([1.0, 2.0], [Payment(D[1], 0.5)]), 100)
    store.name_snapshot(StoreState("d", "name", 1, 1, "{}"))
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        store._db.execute(statement)


def test_an_answer_that_cannot_be_kept_leaves_no_trace(store: Any) -> None:
    rows = (VendorRow(D[0], 1.0), VendorRow(D[0], 2.0))  # a day twice: the store takes one
    with pytest.raises(ValueError, match="do not ascend"):
        store.record(KEY, Fetched(SPLIT_ADJUSTED, rows), 100)
    with pytest.raises(ValueError, match="not a basis of prices"):
        store.record(KEY, Fetched("adjusted", rows[:1]), 100)
    assert store.read(KEY) is None
    assert store.last_fetch() == 0


def test_a_file_that_is_no_store_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "raw.sqlite3"
    path.write_bytes(b"these are not the rows you are looking for" * 50)
    with pytest.raises(DataError, match="is not a raw store"):
        RawStore(path)


def test_a_database_of_another_program_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "raw.sqlite3"
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE photographs (taken TEXT)")
    with pytest.raises(DataError, match="is not a raw store: its version is 0, not 1"):
        RawStore(path)
    with sqlite3.connect(path) as db:
        assert db.execute("SELECT name FROM sqlite_master").fetchall() == [("photographs",)]


def test_a_place_that_cannot_be_opened_is_not_called_a_damaged_store(tmp_path: Path) -> None:
    (tmp_path / "raw.sqlite3").mkdir()
    with pytest.raises(DataError, match="cannot be read or written: unable to open") as caught:
        RawStore(tmp_path / "raw.sqlite3")
    assert "restore a copy" not in str(caught.value)
    assert "its folder may be written" in str(caught.value)


def test_a_full_disk_is_told_as_one_and_the_answer_leaves_no_trace(store: Any) -> None:
    store.record(KEY, answer([1.0, 2.0]), 100)
    (pages,) = store._db.execute("PRAGMA page_count").fetchone()
    store._db.execute(f"PRAGMA max_page_count = {pages}")
    store._db.execute("PRAGMA cache_size = 1")  # so that it is full in the middle of the answer
    days = [date.fromordinal(D[0].toordinal() + n) for n in range(20_000)]
    with pytest.raises(DataError, match=r"disk is full; see that .* has room") as caught:
        store.record(KEY, answer([1.0] * len(days), days=days), 200)
    assert "is not a raw store" not in str(caught.value)
    assert not store._db.in_transaction
    assert [stamp.at for stamp in store.read(KEY).stamps] == [100]


def test_a_store_that_may_only_be_read_says_so_when_it_is_written(store: Any) -> None:
    store._db.execute("PRAGMA query_only = ON")
    with pytest.raises(DataError, match="cannot be read or written: attempt to write a readonly"):
        store.record(KEY, answer([1.0, 2.0]), 100)


def test_kill_9_at_any_moment_leaves_whole_answers_only(tmp_path: Path) -> None:
    path = tmp_path / "raw.sqlite3"
    script = Path(__file__).parent / "record_for_ever.py"
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    for lag in (0.0, 0.013, 0.029):
        child = subprocess.Popen(
            [sys.executable, script, path], stdout=subprocess.PIPE, text=True, env=env
        )
        told = [child.stdout.readline() for _ in range(3)]
        time.sleep(lag)
        child.kill()
        rest, _ = child.communicate()
        finished = len([*told, *rest.splitlines()])
        with sqlite3.connect(path) as db:
            assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            counts = db.execute("SELECT fetch, length(days) / 8 FROM page").fetchall()
            fetches = db.execute("SELECT count(*) FROM fetch").fetchone()[0]
            paid = db.execute("SELECT fetch, count(*) FROM payment GROUP BY fetch").fetchall()
        assert {count for _, count in counts} == {3000}
        assert {count for _, count in paid} == {60}
        assert fetches >= finished  # the last may be written and not yet told
        path.unlink()
        for beside in tmp_path.glob("raw.sqlite3-*"):
            beside.unlink()
