"""What is true of a ledger wherever it is kept: in a file, and on a PostgreSQL server."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from harness import in_child
from stores import RUN, TABLES, InFile, OnServer, Place

from jeoul.database import IntegrityError
from jeoul.model.portfolio import Side
from jeoul.operations.errors import LedgerError
from jeoul.operations.ledger import (
    Fill,
    Head,
    Transaction,
    backup,
    balances,
    book,
    check,
    checkpoints,
    keep_checkpoint,
    open_ledger,
    portfolio,
    proven,
    settle,
    unfinished,
)
from jeoul.operations.ledger.books import fill_legs, legs_beside_others
from jeoul.operations.ledger.schema import COLUMNS
from jeoul.operations.told.run_history import history_page
from jeoul.translation import in_language

DAY = date(2026, 3, 4)


def note(ledger: Any, at: int = 1, kind: str = "outcome", **detail: str) -> None:
    with ledger.transaction():
        ledger.append(
            "notes", at, account="a", strategy="s", session="2026-03-04", kind=kind,
            detail=json.dumps(detail),
        )  # fmt: skip


def deposit(ledger: Any, name: str, amount: int = 5) -> None:
    legs = {("assets:cash", "KRW"): amount, ("equity:external", "KRW"): -amount}
    with ledger.transaction():
        book(ledger, 1, Transaction(name, "deposit", DAY, legs))


@pytest.fixture(params=["file", pytest.param("server", marks=pytest.mark.server)])
def place(request: Any, tmp_path: Path) -> Place:
    return InFile(tmp_path) if request.param == "file" else OnServer(request.node.name)


@pytest.fixture
def ledger(place: Place) -> Iterator[Any]:
    found = place.open()
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


def test_money_and_shares_add_up(ledger: Any) -> None:
    held = portfolio(ledger, "KRW")
    assert dict(held.shares) == {"069500": 1}
    assert held.cash == 1_000_000 - 360_050
    assert dict(held.unsettled) == {date(2026, 3, 6): 359_950}
    with ledger.transaction():
        settle(ledger, 3, "KRW", date(2026, 3, 5))
    assert portfolio(ledger, "KRW").unsettled
    for _ in range(2):
        with ledger.transaction():
            settle(ledger, 4, "KRW", date(2026, 3, 6))
    assert portfolio(ledger, "KRW").cash == 1_000_000 - 100
    assert balances(ledger)["expenses:fees", "KRW"] == 100
    assert sum(n for (_, unit), n in balances(ledger).items() if unit == "KRW") == 0
    assert check(ledger).faults == ()


def test_a_sale_pays_back_what_a_buy_of_its_session_took(ledger: Any) -> None:
    bought = Fill(Side.BUY, "069500", 1, 30_000, 5, DAY, date(2026, 3, 6))
    sold = Fill(Side.SELL, "069500", 1, 40_000, 5, DAY, date(2026, 3, 6))
    with ledger.transaction():
        told = fill_legs(bought, "KRW")
        book(ledger, 3, Transaction("resolved:1", "resolution", DAY, told))
    legs = legs_beside_others(ledger, sold, "KRW", "reuse")
    assert legs["assets:cash", "KRW"] == 30_005
    assert legs["assets:unsettled:2026-03-06", "KRW"] == 9_990


def test_a_transaction_is_booked_once_and_must_balance(ledger: Any) -> None:
    with ledger.transaction():
        assert not book(ledger, 5, Transaction("opening", "opening", DAY, {("x", "KRW"): 1}))
    with pytest.raises(LedgerError, match="does not balance"), ledger.transaction():
        book(ledger, 5, Transaction("odd", "deposit", DAY, {("assets:cash", "KRW"): 1}))
    assert check(ledger).faults == ()


@pytest.mark.parametrize(
    ("statements", "found"),
    [
        (
            ["UPDATE postings SET amount = amount + 1 WHERE seq = 2"],
            "row 2 (postings): was changed",
        ),
        (["UPDATE chain SET at = at + 1 WHERE seq = 3"], "row 3 (postings): was changed"),
        (["DELETE FROM postings WHERE seq = 2"], "row 2: its postings row is missing"),
        (["DELETE FROM chain WHERE seq = 2"], "row 2: is missing from the chain"),
        (
            [
                "INSERT INTO notes (seq, account, strategy, session, kind, detail) "
                "VALUES (99, 'a', 's', '2026-03-04', 'x', '{}')"
            ],
            "row 99 (notes): was slipped in",
        ),
        (
            ["UPDATE transactions SET note = 'other' WHERE txn = 'opening'"],
            "row 1 (transactions): was changed",
        ),
    ],
)
def test_a_row_changed_past_the_triggers_is_found(
    ledger: Any, place: Place, statements: Any, found: str
) -> None:
    place.tamper(*statements)
    assert any(fault.startswith(found) for fault in check(ledger).faults), check(ledger).faults
    with pytest.raises(LedgerError, match="fails its check"):
        proven(ledger)


def test_a_clean_cut_shows_against_a_head_kept_elsewhere(ledger: Any, place: Place) -> None:
    head = ledger.head()
    assert check(ledger, head).faults == ()
    place.tamper(
        f"DELETE FROM notes WHERE seq = {head.seq}",
        f"DELETE FROM chain WHERE seq = {head.seq}",
    )
    assert check(ledger).faults == ()  # on its own it cannot know
    assert "rows were cut off" in check(ledger, head).faults[0]
    assert check(ledger, Head(1, 0, "0" * 64)).faults


def test_the_head_is_the_newest_row_inside_a_transaction_and_after_one_is_undone(
    ledger: Any,
) -> None:
    note(ledger)
    before, row = ledger.head(), {"account": "a", "strategy": "s", "session": "d", "kind": "k"}
    with contextlib.suppress(ZeroDivisionError), ledger.transaction():
        ledger.append("notes", 1, **row, detail="{}")
        assert ledger.head().seq == before.seq + 1
        raise ZeroDivisionError
    assert ledger.head() == before
    note(ledger)
    assert ledger.head().seq == before.seq + 1
    assert check(ledger, before).faults == ()


def test_text_for_a_number_is_refused(ledger: Any) -> None:
    with (
        pytest.raises(IntegrityError, match=r"cannot store TEXT|invalid input syntax"),
        ledger.transaction(),
    ):
        ledger.append("postings", 1, txn="opening", account="a", commodity="KRW", amount="many")
    assert check(ledger).faults == ()


def test_every_single_column_is_bound_to_the_chain(ledger: Any, place: Place) -> None:
    with ledger.transaction():
        ledger.append("runs", 3, run_id="r", **RUN)
        ledger.append(
            "intents", 3, intent="r.01", run_id="r", number=1, side="BUY", ticker="A", shares=1,
            price=1, price_limit=None, reason="[]",
        )  # fmt: skip
        ledger.append("order_events", 3, intent="r.01", state="sending", order_id="o", detail="{}")
        ledger.append("run_events", 3, run_id="r", event="finished", detail="{}")
    keep_checkpoint(ledger, every=1)
    assert check(ledger).faults == ()
    for table in COLUMNS.keys() - {"fills", "resolutions"}:
        (row,) = ledger.rows(f"SELECT * FROM {table} ORDER BY seq DESC LIMIT 1")
        for column in COLUMNS[table]:
            before = row[column]
            other: object = 7 if isinstance(before, int) or before is None else '{"other": 1}'
            if column in ("side", "state"):
                other = {"side": "SELL", "state": "absent"}[column]
            where = f"UPDATE {table} SET {column} = %s WHERE seq = {row['seq']}"
            place.tamper((where, (other,)))
            assert check(ledger).faults, (table, column)
            place.tamper((where, (before,)))
    assert check(ledger).faults == ()


def test_balances_and_runs_that_are_not_over_are_the_same_after_a_checkpoint(ledger: Any) -> None:
    with ledger.transaction():
        for name in ("one", "two", "three"):
            ledger.append("runs", 3, run_id=name, **RUN)
        ledger.append("run_events", 3, run_id="two", event="finished", detail="{}")
    before, open_ = balances(ledger), unfinished(ledger)
    assert open_ == ("one", "three")
    assert not keep_checkpoint(ledger, every=1_000)
    assert keep_checkpoint(ledger, every=1)
    assert not keep_checkpoint(ledger, every=1)
    assert (balances(ledger), unfinished(ledger)) == (before, open_)
    deposit(ledger, "later", 7)
    with ledger.transaction():
        ledger.append("run_events", 4, run_id="one", event="finished", detail="{}")
        settle(ledger, 4, "KRW", date(2026, 3, 6))
    cash, coming = ("assets:cash", "KRW"), ("assets:unsettled:2026-03-06", "KRW")
    assert balances(ledger)[cash] == before[cash] + before[coming] + 7
    assert coming not in balances(ledger)
    assert unfinished(ledger) == ("three",)
    assert keep_checkpoint(ledger, every=1)
    assert check(ledger).faults == ()


def test_a_checkpoint_that_says_something_else_is_found(
    ledger: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoints, "balances", lambda _ledger: {("assets:cash", "KRW"): 1})
    keep_checkpoint(ledger, every=1)
    monkeypatch.undo()
    (fault,) = check(ledger).faults[:1]
    assert "the rows before it come to something else" in fault


def test_a_check_since_a_head_reads_what_came_after_it_and_no_more(
    ledger: Any, place: Place
) -> None:
    keep_checkpoint(ledger, every=1)
    deposit(ledger, "second")
    head = ledger.head()
    deposit(ledger, "third")
    proof = check(ledger, since=head)
    assert (proof.faults, proof.since) == ((), ledger.head().seq - 7 + 1)
    place.tamper("UPDATE postings SET amount = amount + 1 WHERE seq = 2")
    assert check(ledger).faults
    assert check(ledger, since=head).faults == ()  # what was proved then is not read again
    last = ledger.head().seq
    place.tamper(f"UPDATE postings SET amount = amount + 1 WHERE seq = {last}")
    assert any(f"row {last} (postings)" in fault for fault in check(ledger, since=head).faults)


def test_a_checkpoint_is_not_believed_where_the_head_is_another(ledger: Any, place: Place) -> None:
    keep_checkpoint(ledger, every=1)
    head = ledger.head()
    deposit(ledger, "second")
    assert check(ledger, since=head).faults == ()
    other = Head(head.seq, head.at, "0" * 64)
    assert "is not the one of the head" in check(ledger, since=other).faults[0]
    place.tamper(f"UPDATE checkpoints SET balances = '[]' WHERE seq = {head.seq}")
    assert "was changed after it was written" in check(ledger, since=head).faults[0]


def test_a_head_before_the_first_checkpoint_has_everything_proved(ledger: Any) -> None:
    head = ledger.head()
    deposit(ledger, "second")
    assert check(ledger, since=head).since == 0


def test_a_head_kept_elsewhere_is_compared_beside_that_of_an_earlier_check(
    ledger: Any, place: Place
) -> None:
    elsewhere = ledger.head()
    keep_checkpoint(ledger, every=1)
    deposit(ledger, "second")
    earlier = ledger.head()
    deposit(ledger, "third")
    assert check(ledger, elsewhere, since=earlier).faults == ()
    newest = ledger.head()
    assert check(ledger, newest, since=earlier).since > 0
    for known in (Head(elsewhere.seq, 0, "f" * 64), Head(newest.seq, 0, "f" * 64)):
        (fault,) = check(ledger, known, since=earlier).faults
        assert fault == f"row {known.seq}: is not the one of the head that was kept"
    (fault,) = check(ledger, Head(newest.seq + 5, 0, "f" * 64), since=earlier).faults
    assert "is gone: rows were cut off" in fault
    (fault,) = check(ledger, newest, since=Head(earlier.seq, 0, "f" * 64)).faults
    assert fault == f"row {earlier.seq}: is not the one of the head that was kept"
    both = [Head(earlier.seq, 0, "f" * 64), earlier]
    for known, since in (both, both[::-1]):  # the same row, with two hashes
        assert len(check(ledger, known, since=since).faults) == 1


@pytest.mark.parametrize("option", ["known", "since"])
def test_a_head_that_nobody_printed_proves_nothing(ledger: Any, option: str, place: Place) -> None:
    keep_checkpoint(ledger, every=1)
    head = ledger.head()
    assert check(ledger, **{option: Head(0, 0, "0" * 64)}).faults == ()  # of an empty ledger
    for made_up in (
        Head(0, 0, "f" * 64),
        Head(head.seq, 0, "f" * 64),
        Head(1, 0, head.hash),
        Head(head.seq + 1, 0, head.hash),
    ):
        assert len(check(ledger, **{option: made_up}).faults) == 1, made_up


def test_a_damaged_ledger_asks_for_what_helps_in_its_store(ledger: Any, place: Place) -> None:
    place.tamper("UPDATE postings SET amount = amount + 1 WHERE seq = 2")
    with pytest.raises(LedgerError) as refused:
        proven(ledger)
    assert len(check(ledger).faults) > 1
    korean = in_language("\n".join(check(ledger).faults), "ko").split("\n")
    assert len(korean) == len(check(ledger).faults)
    assert all(re.search("[가-힣]", line) for line in korean), korean
    on_server = isinstance(place, OnServer)
    asked = (
        "keep the database as it is",
        "with pg_restore",
        "데이터베이스를 그대로",
        "pg_restore로",
    )
    if not on_server:
        asked = ("keep the file as it is", "ledger restore`", "파일을 그대로", "restore`로 백업을")
    said = str(refused.value)
    for text, words in ((said, asked[:2]), (in_language(said, "ko"), asked[2:])):
        assert all(word in text for word in words), text
        assert ("file" in text or "파일" in text) is not on_server


def test_a_backup_of_a_damaged_ledger_says_which_ledger_is_damaged(
    ledger: Any, place: Place, tmp_path: Path
) -> None:
    if isinstance(place, OnServer):
        place.tamper("UPDATE postings SET amount = amount + 1 WHERE seq = 2")
        with pytest.raises(LedgerError, match="keep the database as it is") as refused:
            backup(ledger, tmp_path / "copy.sqlite3")
        assert ledger.place in str(refused.value)
    assert not list(tmp_path.glob("copy*"))


def test_a_page_of_runs_alone_says_where_the_rest_is(ledger: Any) -> None:
    with ledger.transaction():
        for name in ("a.1", "a.2", "a.3"):
            run = {**RUN, "account": "quiet", "plan": '{"reasons": []}'}
            ledger.append("runs", 1, run_id=name, **run)
    newest = history_page(ledger, "quiet", "en", 2)
    assert [each["run_id"] for each in newest.entries] == ["a.2", "a.3"]
    assert newest.older is not None
    older = history_page(ledger, "quiet", "en", 2, newest.older)
    assert ([each["run_id"] for each in older.entries], older.older) == (["a.1"], None)


def test_a_page_of_history_may_be_asked_for_with_any_number(ledger: Any) -> None:
    for limit, before in ((10**30, None), (1, 10**30), (10**30, 10**30)):
        page = history_page(ledger, "a", "en", limit, before)
        assert ([each["note"] for each in page.entries], page.older) == (["outcome"], None)
    assert history_page(ledger, "a", "en", 1, 1).entries == []


def test_what_one_adds_waits_for_what_another_adds(ledger: Any, place: Place) -> None:
    """Two writers at once: one chain, nothing lost."""

    def write(who: str) -> None:
        with closing(place.open()) as other:
            for number in range(10):
                deposit(other, f"{who}:{number}")

    threads = [threading.Thread(target=write, args=(who,)) for who in ("x", "y")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert portfolio(ledger, "KRW").cash == 1_000_000 - 360_050 + 20 * 5
    assert check(ledger).faults == ()


@pytest.mark.posix
def test_a_process_that_is_killed_in_a_transaction_leaves_nothing_of_it(
    ledger: Any, place: Place
) -> None:
    before = ledger.head()

    def dies() -> None:
        other = place.open()
        with other.transaction():
            other.append("runs", 3, run_id="r", **RUN)
            os.kill(os.getpid(), signal.SIGKILL)

    assert os.WTERMSIG(in_child(dies)) == signal.SIGKILL
    deadline = time.monotonic() + 10
    while True:  # the server needs a moment to see that its client is gone
        with contextlib.suppress(LedgerError):
            deposit(ledger, "after")
            break
        assert time.monotonic() < deadline
    assert ledger.head().seq == before.seq + 3
    assert check(ledger, before).faults == ()


def test_a_backup_is_a_file_with_the_same_chain(ledger: Any, tmp_path: Path) -> None:
    keep_checkpoint(ledger, every=1)
    backup(ledger, tmp_path / "copy.sqlite3")
    with closing(open_ledger(tmp_path / "copy.sqlite3")) as copy:
        assert copy.head() == ledger.head()
        assert balances(copy) == balances(ledger)
        assert check(copy, ledger.head()).faults == ()
    with pytest.raises(LedgerError, match="not overwritten"):
        backup(ledger, tmp_path / "copy.sqlite3")


def test_the_tables_of_both_stores_are_the_same(ledger: Any) -> None:
    for table in TABLES:
        columns = ("seq", "at", "kind", "prev", "hash") if table == "chain" else COLUMNS[table]
        ledger.rows(f"SELECT {', '.join(columns)} FROM {table} LIMIT 1")
