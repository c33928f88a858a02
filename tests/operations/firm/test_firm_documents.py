"""A firm's books prove themselves row by row, and its plan is read as it was written."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from jeoul.account.restriction import UNRESTRICTED
from jeoul.database import Connection, IntegrityError, connect
from jeoul.errors import UsageError
from jeoul.firm.records import (
    ClientPlan,
    ClientPosition,
    ClientState,
    FirmClient,
    FirmGroup,
    SuitabilityEvidence,
    Unread,
)
from jeoul.model.portfolio import Order, Portfolio, Reason, Side
from jeoul.operations.errors import LedgerError
from jeoul.operations.firm import books as module
from jeoul.operations.firm.approving import answer_plan
from jeoul.operations.firm.books import NAME, FirmBooks, digest_of, open_books
from jeoul.operations.firm.plans import FirmPlan, named_plan, plan_document, portfolio_in, reason_of

ORDERS = [{"ticker": "069500"}, {"ticker": "360750"}]
PLAN = {
    "session": "2026-06-30",
    "clients": [
        {"account": "a", "state": "trades", "orders": ORDERS},
        {"account": "b", "state": "person", "orders": ORDERS},
        {"account": "c", "state": "rests", "orders": []},
    ],
}


@pytest.fixture
def books(tmp_path: Path) -> Iterator[FirmBooks]:
    with closing(open_books(tmp_path / "firm")) as found:
        yield found


def add(books: FirmBooks, kind: Any, content: dict[str, Any], **more: str) -> str:
    digest = more.pop("plan", digest_of(content))
    with books.transaction():
        books.append(kind, 1_000, digest, content, **more)
    return digest


# --- the books ------------------------------------------------------------------------------------


def test_empty_books_have_no_head(books: FirmBooks) -> None:
    assert books.head() == books.prove() == (0, "")
    assert books.newest() is None
    assert list(books.plans()) == list(books.allotments()) == []


def test_events_are_numbered_from_one_and_each_has_the_hash_of_the_one_before(
    books: FirmBooks, tmp_path: Path
) -> None:
    digest = add(books, "plan", PLAN)
    add(books, "approved", {"why": ""}, plan=digest, account="a", who="kim")
    rows = sqlite3.connect(tmp_path / "firm" / NAME).execute("SELECT * FROM events ORDER BY seq")
    (first, second) = rows.fetchall()
    assert (first[0], second[0], first[7], second[7]) == (1, 2, "", first[8])
    text = json.dumps(first[:8], ensure_ascii=False, separators=(",", ":"))
    assert first[8] == sha256(text.encode()).hexdigest()
    assert books.prove() == books.head() == (2, second[8])
    event = books.answers(digest)["a"]
    assert (event.seq, event.kind, event.who, event.content) == (2, "approved", "kim", {"why": ""})
    assert event.instant == "1970-01-01T00:16:40+00:00"


def rehashed(place: Path, number: int, **changes: object) -> None:
    """Change a row behind the books' back, with a hash that fits it."""
    with closing(sqlite3.connect(place)) as raw:
        raw.execute("DROP TRIGGER events_stay")
        names = ("seq", "at", "kind", "plan", "account", "who", "content", "prev")
        row = raw.execute(f"SELECT {', '.join(names)} FROM events WHERE seq = ?", (number,))
        values = {**dict(zip(names, row.fetchone(), strict=True)), **changes}
        text = json.dumps(list(values.values()), ensure_ascii=False, separators=(",", ":"))
        pairs = ", ".join(f"{name} = ?" for name in (*names, "hash"))
        new = (*values.values(), sha256(text.encode()).hexdigest(), number)
        raw.execute(f"UPDATE events SET {pairs} WHERE seq = ?", new)
        raw.commit()


@pytest.mark.parametrize("changes", [{"seq": 9}, {"prev": "0" * 64}])
def test_a_row_that_was_hashed_again_is_found_by_its_number_and_by_the_one_before(
    books: FirmBooks, tmp_path: Path, changes: dict[str, object]
) -> None:
    digest = add(books, "plan", PLAN)
    add(books, "approved", {"why": ""}, plan=digest, account="a", who="kim")
    books.prove()
    rehashed(tmp_path / "firm" / NAME, 2, **changes)
    with pytest.raises(LedgerError, match="event 2 is not what was written"):
        books.prove()


def test_books_keep_to_their_rules_on_every_connection(books: FirmBooks, tmp_path: Path) -> None:
    """What is replaced is deleted first: a rule of the table forbids that too."""
    add(books, "plan", PLAN)
    raw = books._connection
    modes = [
        raw.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")
    ]
    assert modes == ["wal", 2]
    with pytest.raises(IntegrityError, match="only grow"), books.transaction():
        raw.execute("INSERT OR REPLACE INTO events SELECT * FROM events")
    books.close()
    with pytest.raises(Exception, match="closed"):
        raw.execute("SELECT 1")


def test_books_reach_the_disk_where_sqlite_would_not_write_them_through(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def hasty(path: Path, **more: Any) -> Connection:
        found = connect(path, **more)
        found.execute("PRAGMA synchronous = OFF")
        return found

    monkeypatch.setattr(module, "connect", hasty)
    with closing(open_books(tmp_path / "firm")) as found:
        assert found._connection.execute("PRAGMA synchronous").fetchone()[0] == 2


@pytest.mark.posix
def test_books_are_for_their_owner_s_eyes_alone(books: FirmBooks, tmp_path: Path) -> None:
    add(books, "plan", PLAN)
    folder = tmp_path / "firm"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / NAME).stat().st_mode & 0o777 == 0o600


def test_a_plan_is_named_by_six_letters_that_begin_no_other(books: FirmBooks) -> None:
    add(books, "plan", PLAN, plan="abcdef1")
    add(books, "plan", {**PLAN, "session": "2026-07-01"}, plan="abcdee2")
    assert named_plan(books, "abcdef").digest == "abcdef1"
    assert named_plan(books, "abcdee2").session == date(2026, 7, 1)
    for word in ("abcde", "abcdeg"):
        with pytest.raises(UsageError, match="names no single plan"):
            named_plan(books, word)
    add(books, "plan", {**PLAN, "session": "2026-07-02"}, plan="abcdef3")
    with pytest.raises(UsageError, match="names no single plan"):
        named_plan(books, "abcdef")
    assert books.has_plan("abcdef3")
    assert not books.has_plan("abcdef")


def test_without_a_plan_none_is_named(books: FirmBooks) -> None:
    with pytest.raises(UsageError, match="no plan yet"):
        named_plan(books, None)


# --- answers --------------------------------------------------------------------------------------


def answered(books: FirmBooks, *accounts: str, given: Any = "approved", **said: str) -> Any:
    words = {"who": "kim", "why": "", **said}
    return answer_plan(books, named_plan(books, None), given, accounts, at=2, **words)


def test_a_plan_of_other_books_is_not_answered(books: FirmBooks, tmp_path: Path) -> None:
    with closing(open_books(tmp_path / "others")) as others:
        add(others, "plan", PLAN)
        plan = named_plan(others, None)
    with pytest.raises(UsageError, match="replaced by a newer one"):
        answer_plan(books, plan, "approved", (), who="kim", why="", at=2)


def test_an_answer_says_how_many_orders_it_is_for(books: FirmBooks) -> None:
    digest = add(books, "plan", PLAN)
    found = answered(books, "b", "a", "b", why="as asked")
    assert (found.recorded, found.before) == (("b", "a"), ())
    assert books.answers(digest)["b"].content == {"why": "as asked", "orders": 2}
    again = answered(books, "a")
    assert (again.recorded, again.before) == ((), ("a",))


@pytest.mark.parametrize("said", [{"who": "x" * 200}, {"why": "x" * 2_000}])
def test_the_longest_words_are_recorded(books: FirmBooks, said: dict[str, str]) -> None:
    add(books, "plan", PLAN)
    assert answered(books, "a", **said).recorded == ("a",)


@pytest.mark.parametrize("said", [{"who": "x" * 201}, {"why": "x" * 2_001}, {"who": "  "}])
def test_longer_ones_are_not(books: FirmBooks, said: dict[str, str]) -> None:
    add(books, "plan", PLAN)
    with pytest.raises(UsageError):
        answered(books, "a", **said)


def test_a_plan_whose_fills_are_shared_takes_no_new_answer(books: FirmBooks) -> None:
    digest = add(books, "plan", PLAN)
    answered(books, "a")
    add(books, "allotment", {"of": 1}, plan=digest)
    shared = books.allotment(digest)
    assert shared is not None
    assert [each.content for each in books.allotments()] == [shared.content] == [{"of": 1}]
    assert answered(books, "a").before == ("a",)
    with pytest.raises(UsageError, match="are shared already"):
        answered(books, "b")


# --- the plan -------------------------------------------------------------------------------------

GROUP = FirmGroup("managed", "balanced", "general", "neutral")
BLOCKED = FirmGroup("managed", "growth", "general", "active")
WHY = Reason.of("trade.calendar", session="2026-07-01")


@dataclass(frozen=True)
class Limit:
    """A limit of an investor type."""

    mode: str


def client(account: str, group: FirmGroup, **more: Any) -> ClientPlan:
    evidence = SuitabilityEvidence(
        answers_id=account, type=group.type, profile=group.profile, answered=None, expires=None,
        form="f", version=1,
    )  # fmt: skip
    known = FirmClient(
        account=account, client=f"of {account}", group=group, suitability=evidence,
        fee=Decimal("0.005"), restriction=UNRESTRICTED,
    )  # fmt: skip
    return ClientPlan(client=known, state=ClientState.TRADES, reasons=(WHY,), **more)


def proposal(graded: Any) -> Any:
    made = SimpleNamespace(inputs="in", due=True, scale=0.5, weights={"A": 1.0}, graded=graded)
    return SimpleNamespace(rules="rules", proposal=made)


def written(graded: Any) -> dict[str, Any]:
    held = ClientPosition(
        portfolio=Portfolio(
            {"B": 2, "A": 1}, 50, "KRW", {date(2026, 7, 2): 4, date(2026, 7, 1): 3}
        ),
        outside={"Y": 1, "X": 9},
        deposit=7,
        withdrawal=8,
    )
    order = Order(Side.SELL, "A", 1, 100, WHY, limit=99)
    plans = [client("a", GROUP, orders=(order,), position=held), client("b", BLOCKED)]
    groups = cast(Any, {BLOCKED: WHY, GROUP: proposal(graded)})
    unread = [Unread("register.csv:3", None, WHY)]
    return plan_document("home", plans, unread, groups, {"session": "2026-06-30"})


def test_a_plan_is_kept_with_its_groups_its_clients_and_what_could_not_be_read() -> None:
    found = written(SimpleNamespace(limit=Limit("product")))
    reason = ["trade.calendar", {"session": "2026-07-01"}]
    assert (found["schema"], found["firm"], found["session"]) == (
        "jeoul.firm-plan/1", "home", "2026-06-30",
    )  # fmt: skip
    assert list(found["groups"].items()) == [
        (
            str(GROUP),
            {"rules": "rules", "inputs": "in", "due": True, "scale": 0.5, "weights": {"A": 1.0}},
        ),
        (str(BLOCKED), {"reason": reason}),
    ]
    assert found["unread"] == [{"place": "register.csv:3", "account": None, "reason": reason}]
    first, second = found["clients"]
    assert first["suitability"]["limit"] == {"mode": "product"}
    assert second["suitability"]["limit"] is None
    assert (first["fee"], first["state"], first["reasons"]) == ("0.005", "trades", [reason])
    assert second["held"] is None
    held = first["held"]
    assert list(held["shares"].items()) == [("A", 1), ("B", 2)]
    assert list(held["outside"].items()) == [("X", 9), ("Y", 1)]
    assert list(held["unsettled"].items()) == [("2026-07-01", 3), ("2026-07-02", 4)]
    assert (held["cash"], held["deposit"], held["withdrawal"]) == (50, 7, 8)


def test_a_group_without_grades_has_no_limit() -> None:
    assert written(None)["clients"][0]["suitability"]["limit"] is None


def test_what_was_written_is_read_again() -> None:
    document = json.loads(json.dumps(written(None)))
    event: Any = SimpleNamespace(kind="approved")
    plan = FirmPlan("digest", document, {"a": event})
    assert plan.orders("a") == (Order(Side.SELL, "A", 1, 100, WHY, limit=99),)
    assert plan.approved() == {"a": plan.orders("a")}
    assert (plan.answer("a"), plan.answer("b")) == ("approved", None)
    assert list(plan.with_state(ClientState.TRADES, ClientState.PERSON)) == ["a", "b"]
    assert list(plan.with_state(ClientState.RESTS)) == []
    assert portfolio_in(document["clients"][0]["held"]) == Portfolio(
        {"X": 9, "Y": 1, "A": 1, "B": 2}, 50, "KRW", {date(2026, 7, 1): 3, date(2026, 7, 2): 4}
    )
    assert reason_of(["a.b", {"n": 3}]) == Reason("a.b", (("n", "3"),))
