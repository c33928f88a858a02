"""The books of a firm: an answer is recorded once, whatever happens in between."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from jeoul.errors import UsageError
from jeoul.operations.errors import LedgerError
from jeoul.operations.firm.approving import ApprovalsRecorded, answer_plan
from jeoul.operations.firm.books import NAME, FirmBooks, digest_of, open_books
from jeoul.operations.firm.plans import named_plan

ORDER = {"side": "BUY", "ticker": "069500", "shares": 3, "price": 9, "limit": None,
         "reason": ["place.first", {}]}  # fmt: skip
STATES = {"a": "trades", "b": "trades", "c": "person", "d": "rests", "e": "trades"}


def document(session: str = "2026-06-30") -> dict[str, Any]:
    clients = [
        {"account": name, "state": state, "orders": [] if state == "rests" else [ORDER]}
        for name, state in STATES.items()
    ]
    return {"session": session, "executed": "2026-07-01", "clients": clients, "unread": []}


@pytest.fixture
def books(tmp_path: Path) -> Iterator[FirmBooks]:
    with closing(open_books(tmp_path)) as found:
        add(found, document())
        yield found


def add(books: FirmBooks, plan: dict[str, Any]) -> None:
    with books.transaction():
        books.append("plan", 1, digest_of(plan), plan)


def answer(
    books: FirmBooks, *accounts: str, given: Any = "approved", who: str = "kim"
) -> ApprovalsRecorded:
    return answer_plan(books, named_plan(books, None), given, accounts, who=who, why="", at=2)


def test_all_means_those_that_are_ready_and_a_second_time_changes_nothing(books: Any) -> None:
    assert answer(books).recorded == ("a", "b", "e")
    head = books.head()
    again = answer(books, who="lee")
    assert (again.recorded, again.before) == ((), ("a", "b", "e"))
    assert books.head() == head
    assert named_plan(books, None).answers["a"].who == "kim"


def test_who_needs_a_look_is_approved_by_name_alone(books: Any) -> None:
    answer(books)
    assert named_plan(books, None).answer("c") is None
    assert answer(books, "c").recorded == ("c",)
    assert set(named_plan(books, None).approved()) == {"a", "b", "c", "e"}


def test_a_rejected_client_is_left_out_of_all_and_cannot_be_approved(books: Any) -> None:
    answer(books, "b", given="rejected")
    assert answer(books).recorded == ("a", "e")
    with pytest.raises(UsageError, match="b: already rejected"):
        answer(books, "b")
    with pytest.raises(UsageError, match="a: already approved"):
        answer(books, "c", "a", given="rejected")
    assert named_plan(books, None).answer("c") is None


@pytest.mark.parametrize(
    ("accounts", "why"), [(("nobody",), "no account nobody"), (("d",), "no orders to answer")]
)
def test_an_account_without_orders_has_no_answer(books: Any, accounts: Any, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        answer(books, *accounts)


@pytest.mark.parametrize("who", ["", " ", "a\x1b[31mb", "x" * 201])
def test_somebody_answers(books: Any, who: str) -> None:
    with pytest.raises(UsageError, match="--by names nobody"):
        answer(books, who=who)


def test_a_plan_that_was_replaced_is_not_answered(books: Any) -> None:
    old = named_plan(books, None)
    add(books, document("2026-07-01"))
    with pytest.raises(UsageError, match="replaced by a newer one"):
        answer_plan(books, old, "approved", (), who="kim", why="", at=2)


def test_a_plan_is_named_by_enough_letters_of_its_digest(books: Any) -> None:
    whole = named_plan(books, None).digest
    assert named_plan(books, whole[:6].upper()).digest == whole
    for word in (whole[:5], "0" * 12):
        with pytest.raises(UsageError, match="names no single plan"):
            named_plan(books, word)


def test_a_plan_is_found_without_reading_the_others(
    books: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The books have all clients of every morning: 250 plans a year."""
    for day in range(1, 29):
        add(books, document(f"2026-07-{day:02}"))
    read: list[str] = []

    def loads(text: str) -> Any:
        read.append(text)
        return json.loads(text)

    monkeypatch.setattr(
        "jeoul.operations.firm.books.json", SimpleNamespace(loads=loads, dumps=json.dumps)
    )
    digest = digest_of(document("2026-07-05"))
    assert named_plan(books, digest).document["session"] == "2026-07-05"
    assert books.has_plan(digest)
    assert named_plan(books, None).document["session"] == "2026-07-28"
    assert len(read) == 2
    assert next(books.plans()).content["session"] == "2026-06-30"
    assert len(read) == 3


@pytest.mark.posix
@pytest.mark.parametrize("event", range(4))
def test_a_kill_leaves_each_client_answered_once_or_not_at_all(tmp_path: Path, event: int) -> None:
    """Killed before the event-th client's row: none is recorded, and the next try records all."""
    with closing(open_books(tmp_path)) as books:
        add(books, document())
    child = os.fork()
    if child == 0:
        _die_at(tmp_path, event)
    _, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL
    with closing(open_books(tmp_path)) as books:
        assert named_plan(books, None).answers == {}
        assert answer(books).recorded == ("a", "b", "e")
        assert books.prove()[0] == 4


def _die_at(state: Path, event: int) -> None:
    books = open_books(state)
    append, count = books.append, iter(range(9))

    def dying(*args: Any, **keys: Any) -> None:
        if next(count) == event:
            os.kill(os.getpid(), signal.SIGKILL)
        append(*args, **keys)
        if event == 3 and next(count) == 5:  # after the last row, before it is made durable
            os.kill(os.getpid(), signal.SIGKILL)

    books.append = dying  # type: ignore[method-assign]
    answer(books)
    os._exit(0)


def test_the_books_only_grow_and_a_changed_event_is_found(books: Any, tmp_path: Path) -> None:
    answer(books)
    assert books.prove() == books.head()
    with closing(sqlite3.connect(tmp_path / NAME)) as raw:
        for change in ("UPDATE events SET who = 'lee'", "DELETE FROM events"):
            with pytest.raises(sqlite3.IntegrityError, match="only grow"):
                raw.execute(change)
        raw.execute("DROP TRIGGER events_stay")
        raw.execute("UPDATE events SET who = 'lee' WHERE seq = 2")
        raw.commit()
    with pytest.raises(LedgerError, match="event 2 is not what was written"):
        books.prove()


def test_two_answers_at_once_are_one(tmp_path: Path, books: Any) -> None:
    with closing(open_books(tmp_path)) as other:
        plan = named_plan(other, None)
        assert answer(books).recorded == ("a", "b", "e")
        late = answer_plan(other, plan, "approved", (), who="lee", why="", at=3)
        assert late.recorded == ()


def test_a_file_that_is_not_a_database_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(b"nothing of the kind" * 100)
    with pytest.raises(LedgerError, match="cannot be used"):
        open_books(tmp_path)
