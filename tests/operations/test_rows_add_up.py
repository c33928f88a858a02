"""What the rows of a ledger come to, and every fault that its proof names, row by row."""

from __future__ import annotations

import base64
import hashlib
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from stores import InFile

from jeoul.errors import UsageError
from jeoul.model.portfolio import Side
from jeoul.operations.errors import LedgerError
from jeoul.operations.ledger import (
    Fill,
    Head,
    Ledger,
    Transaction,
    backup,
    book,
    check,
    file_store,
    keep_checkpoint,
    moved_with_bank,
    open_ledger,
    paid_in,
    portfolio,
    proven,
    restore,
    settle,
    unfinished,
)
from jeoul.operations.ledger.books import fill_legs, reusable
from jeoul.operations.ledger.checkpoints import newest_checkpoint
from jeoul.operations.ledger.moving import copy_rows, move
from jeoul.operations.ledger.schema import foreign_parts, migrate
from jeoul.operations.ledger.store import GENESIS, Checkpoint, row_hash
from jeoul.pipeline.content import Content

DAY, LATER = date(2026, 3, 4), date(2026, 3, 6)


@pytest.fixture
def place(tmp_path: Path) -> InFile:
    return InFile(tmp_path)


@pytest.fixture
def ledger(place: InFile) -> Iterator[Ledger]:
    with closing(place.open()) as found:
        found.store.rows("PRAGMA synchronous=OFF")
        yield found


def add(ledger: Ledger, table: str, at: int = 1, **values: Any) -> int:
    with ledger.transaction():
        return ledger.append(table, at, **values)


def note(ledger: Ledger, kind: str = "outcome", detail: str = "{}", at: int = 1) -> int:
    return add(
        ledger, "notes", at, account="a", strategy="s", session=str(DAY), kind=kind, detail=detail
    )


def run(ledger: Ledger, name: str = "a.s", plan: str = "{}") -> int:
    return add(
        ledger, "runs", run_id=name, account="a", strategy="s", session=str(DAY),
        executed=str(DAY), inputs_id="x", plan=plan,
    )  # fmt: skip


def intent(ledger: Ledger, shares: int = 2, name: str = "a.s.01", number: int = 1) -> int:
    return add(
        ledger, "intents", intent=name, run_id="a.s", number=number, side="BUY", ticker="069500",
        shares=shares, price=10, price_limit=None, reason="[]",
    )  # fmt: skip


def fill(ledger: Ledger, filled: int, shares: int, txn: str, name: str = "a.s.01") -> int:
    return add(
        ledger, "fills", intent=name, txn=txn, filled=filled, shares=shares, amount=5, fee=0,
        session=str(DAY),
    )  # fmt: skip


def booked(
    ledger: Ledger,
    txn: str,
    legs: dict[tuple[str, str], int],
    kind: str = "deposit",
    day: date = DAY,
) -> bool:
    with ledger.transaction():
        return book(ledger, 1, Transaction(txn, kind, day, legs))


def cash(ledger: Ledger, txn: str, amount: int, kind: str = "deposit", day: date = DAY) -> bool:
    legs = {("assets:cash", "KRW"): amount, ("equity:external", "KRW"): -amount}
    return booked(ledger, txn, legs, kind, day)


def faults(ledger: Ledger, *heads: Head) -> tuple[str, ...]:
    return check(ledger, *heads).faults


# The books.


def test_a_purchase_takes_money_and_gives_shares() -> None:
    bought = Fill(Side.BUY, "069500", 2, 70_000, 10, DAY, LATER)
    assert fill_legs(bought, "KRW") == {
        ("assets:cash", "KRW"): -70_010,
        ("trading", "KRW"): 70_000,
        ("expenses:fees", "KRW"): 10,
        ("assets:shares", "069500"): 2,
        ("trading", "069500"): -2,
    }
    assert fill_legs(bought, "KRW", {LATER: 80_000})[f"assets:unsettled:{LATER}", "KRW"] == -70_010
    assert fill_legs(bought, "KRW", {LATER: 60_000, DAY: 9_000}) == {
        ("assets:cash", "KRW"): -1_010,
        ("trading", "KRW"): 70_000,
        (f"assets:unsettled:{LATER}", "KRW"): -60_000,
        (f"assets:unsettled:{DAY}", "KRW"): -9_000,
        ("expenses:fees", "KRW"): 10,
        ("assets:shares", "069500"): 2,
        ("trading", "069500"): -2,
    }


def test_a_sale_gives_shares_for_money_that_is_on_its_way() -> None:
    sold = Fill(Side.SELL, "069500", 2, 70_000, 10, DAY, LATER)
    assert fill_legs(sold, "KRW") == {
        (f"assets:unsettled:{LATER}", "KRW"): 69_990,
        ("trading", "KRW"): -70_000,
        ("expenses:fees", "KRW"): 10,
        ("assets:shares", "069500"): -2,
        ("trading", "069500"): 2,
    }


def test_a_transaction_is_booked_once_and_sums_to_nothing_in_every_commodity(
    ledger: Ledger,
) -> None:
    legs = {("assets:cash", "KRW"): 5, ("equity:external", "KRW"): -5, ("trading", "A"): 0}
    assert booked(ledger, "x", legs)
    assert not booked(ledger, "x", legs)
    assert len(ledger.rows("SELECT 1 FROM postings")) == 2  # nothing is not booked
    open_ = {"KRW": {("assets:cash", "KRW"): 5}, "A": {**legs, ("assets:shares", "A"): 5}}
    for commodity, each in open_.items():
        with pytest.raises(LedgerError, match=f"does not balance: {{'{commodity}': 5}}"):
            booked(ledger, "y", each)


@pytest.mark.parametrize(("today", "cash_", "later"), [(4, 10, 7), (5, 17, 0), (6, 17, 0)])
def test_money_becomes_cash_on_the_day_on_which_it_settles(
    ledger: Ledger, today: int, cash_: int, later: int
) -> None:
    cash(ledger, "x", 10)
    due, day = f"assets:unsettled:{date(2026, 3, 5)}", date(2026, 3, today)
    booked(ledger, "y", {(due, "KRW"): 7, ("equity:external", "KRW"): -7})
    booked(ledger, "z", {(due.replace("05", "03"), "USD"): 9, ("equity:external", "USD"): -9})
    for _ in range(2):
        with ledger.transaction():
            settle(ledger, 1, "KRW", day)
    books = portfolio(ledger, "KRW")
    assert (books.cash, books.unsettled.get(date(2026, 3, 5), 0)) == (cash_, later)
    rows = ledger.rows("SELECT session, txn FROM transactions WHERE kind = 'settlement'")
    assert [(row["session"], row["txn"]) for row in rows] == (
        [(str(day), "settlement:2026-03-05:9")] if later == 0 else []
    )


def test_only_where_it_is_reused_money_on_its_way_pays(ledger: Ledger) -> None:
    due = f"assets:unsettled:{LATER}"
    booked(ledger, "y", {(due, "KRW"): 7, ("equity:external", "KRW"): -7})
    assert reusable(ledger, "KRW", "settled") == {}
    assert reusable(ledger, "KRW", "reuse") == {LATER: 7}


def test_holdings_are_listed_by_their_names_and_without_what_is_gone(ledger: Ledger) -> None:
    legs = {("assets:shares", code): int(code) for code in ("5", "2", "4", "1", "3")}
    legs |= {("trading", code): -count for (_, code), count in legs.items()}
    days = [date(2026, 3, day) for day in (9, 6, 8, 5, 7)]
    legs |= {(f"assets:unsettled:{day}", "KRW"): 1 for day in days}
    booked(ledger, "x", {**legs, ("equity:external", "KRW"): -5})
    booked(ledger, "y", {("assets:shares", "3"): -3, ("trading", "3"): 3})
    books = portfolio(ledger, "KRW")
    assert list(books.shares.items()) == [("1", 1), ("2", 2), ("4", 4), ("5", 5)]
    assert list(books.unsettled) == sorted(days)
    assert (books.cash, books.currency) == (0, "KRW")


def test_what_moved_with_the_bank_by_year(ledger: Ledger) -> None:
    before, kinds = date(2025, 12, 30), ("deposit", "withdrawal", "adopted")
    for number, (amount, kind) in enumerate(
        [(100, "deposit"), (-30, "withdrawal"), (7, "adopted")]
    ):
        cash(ledger, f"now{number}", amount, kind)
    cash(ledger, "then", 1_000, "deposit", before)
    cash(ledger, "opening", 5_000, "opening")
    cash(ledger, "settled", 9_000, "settlement")
    legs = {("assets:shares", "A"): 1, ("equity:external", "A"): -1}
    booked(
        ledger,
        "hand",
        {**legs, ("assets:cash", "KRW"): 3, ("equity:external", "KRW"): -3},
        kinds[2],
    )
    assert moved_with_bank(ledger, "KRW") == 1_077
    assert paid_in(ledger, "KRW") == {2026: 107, 2025: 1_000}
    assert paid_in(ledger, "KRW", certain=True) == {2026: 100, 2025: 1_000}
    assert (moved_with_bank(ledger, "USD"), paid_in(ledger, "USD")) == (0, {})


def test_one_won_is_paid_in(ledger: Ledger) -> None:
    cash(ledger, "x", 1)
    assert paid_in(ledger, "KRW") == {2026: 1}


# Checkpoints.


def test_a_checkpoint_is_kept_once_so_many_rows_came(ledger: Ledger) -> None:
    cash(ledger, "x", 5)  # three rows
    assert not keep_checkpoint(ledger, every=4)
    assert keep_checkpoint(ledger, every=3)
    assert not keep_checkpoint(ledger, every=1)
    assert not newest_checkpoint(ledger, 3).balances
    assert newest_checkpoint(ledger, 4).balances == {
        ("assets:cash", "KRW"): 5, ("equity:external", "KRW"): -5
    }  # fmt: skip
    note(ledger)
    assert keep_checkpoint(ledger, every=1)


def test_by_default_two_hundred_and_fifty_rows_come_between_two(ledger: Ledger) -> None:
    with ledger.transaction():
        for _ in range(249):
            ledger.append("notes", 7, account="a", strategy="s", session="x", kind="k", detail="{}")
    assert not keep_checkpoint(ledger)
    note(ledger, at=9)
    assert keep_checkpoint(ledger)
    assert ledger.head().at == 9


def test_runs_are_over_when_they_are_finished_and_stay_in_their_order(ledger: Ledger) -> None:
    for name in ("c", "a", "b"):
        run(ledger, name)
    assert unfinished(ledger) == ("c", "a", "b")
    for event in ("approved", "finished"):
        add(ledger, "run_events", run_id="a", event=event, detail="{}")
        assert unfinished(ledger) == (("c", "a", "b") if event == "approved" else ("c", "b"))
    assert keep_checkpoint(ledger, every=1)
    add(ledger, "run_events", run_id="c", event="finished", detail="{}")
    with closing(open_ledger(Path(ledger.place))) as other:
        assert unfinished(other) == unfinished(ledger) == ("b",)


def test_what_was_added_up_before_is_gone_on_from_unless_it_is_ahead(ledger: Ledger) -> None:
    cash(ledger, "x", 5)
    known = {("assets:cash", "KRW"): 7}
    for seq, found in ((ledger.head().seq, 7), (ledger.head().seq + 1, 5)):
        ledger.reached = Checkpoint(seq, known, ())
        ledger._answers.clear()
        assert portfolio(ledger, "KRW").cash == found


def test_what_a_transaction_that_failed_came_to_is_not_kept(ledger: Ledger) -> None:
    cash(ledger, "x", 5)
    with pytest.raises(UsageError), ledger.transaction():
        book(
            ledger,
            1,
            Transaction("y", "deposit", DAY, {("assets:cash", "KRW"): 2, ("trading", "KRW"): -2}),
        )
        assert portfolio(ledger, "KRW").cash == 7
        raise UsageError("no")
    assert portfolio(ledger, "KRW").cash == 5
    cash(ledger, "z", 1)
    assert portfolio(ledger, "KRW").cash == 6


# What is read once.


def test_a_row_needs_its_columns_and_a_transaction(ledger: Ledger) -> None:
    with pytest.raises(ValueError, match="has the columns"), ledger.transaction():
        ledger.append("run_events", 1, run_id="a", event="x")
    with pytest.raises(ValueError, match="inside a transaction"):
        ledger.append("run_events", 1, run_id="a", event="x", detail="{}")
    assert ledger.head() == Head(0, 0, GENESIS)


def test_an_answer_is_read_once_as_long_as_its_tables_get_no_row(ledger: Ledger) -> None:
    reads: list[str] = []

    def ask(name: str, of: tuple[str, ...] = ("runs",)) -> str:
        return ledger.once(name, of, lambda: (reads.append(name), name)[1])

    assert [ask("x"), ask("x"), ask("y", ("notes",))] == ["x", "x", "y"]
    note(ledger)
    ask("x"), ask("y", ("notes",))
    assert reads == ["x", "y", "y"]
    with closing(open_ledger(Path(ledger.place))) as other:
        note(other)
    ask("x")
    assert reads == ["x", "y", "y", "x"]


def test_sixty_four_answers_are_kept_at_most(ledger: Ledger) -> None:
    reads: list[int] = []

    def ask(number: int) -> None:
        ledger.once(number, ("runs",), lambda: reads.append(number) or number)

    for number in (*range(63), 0):
        ask(number)
    assert len(reads) == 63
    for number in (63, 0):
        ask(number)
    assert reads[63:] == [63, 0]


# The proof.


def test_a_head_that_was_kept_is_that_of_the_ledger(ledger: Ledger) -> None:
    empty = Head(0, 0, GENESIS)
    assert faults(ledger, empty) == ()
    assert faults(ledger, Head(0, 0, "x")) == ("row 0: is not the one of the head that was kept",)
    note(ledger), note(ledger)
    head = ledger.head()
    assert (faults(ledger, head), faults(ledger, empty)) == ((), ())
    assert faults(ledger, Head(2, 1, "x")) == ("row 2: is not the one of the head that was kept",)
    gone = "row {} of the head that was kept is gone: rows were cut off"
    assert faults(ledger, Head(3, 1, "x")) == (gone.format(3),)
    both = check(ledger, Head(9, 1, "x"), since=Head(5, 1, "y"))
    assert both.faults == (gone.format(5), gone.format(9))
    assert (both.rows, both.head, both.since) == (2, head, 0)


@pytest.mark.parametrize(
    ("done", "found"),
    [
        ("DELETE FROM chain WHERE seq = 2", [
            "row 2: is missing from the chain",
            "row 3 (notes): was changed after it was written",
            "row 2 (notes): was slipped in past the chain",
        ]),
        ("DELETE FROM notes WHERE seq = 2", ["row 2: its notes row is missing"]),
        ("DELETE FROM notes WHERE seq = 3", ["row 3: its notes row is missing"]),
        ("UPDATE notes SET kind = 'x' WHERE seq = 2", [
            "row 2 (notes): was changed after it was written"
        ]),
        ("UPDATE chain SET at = 9 WHERE seq = 3", ["row 3 (notes): was changed after it was written"]),
        ("UPDATE chain SET kind = 'x' WHERE seq = 3", [
            "row 3: its x row is missing", "row 3 (notes): was slipped in past the chain",
        ]),
        ("UPDATE chain SET prev = 'x' WHERE seq = 1", ["row 1 (notes): was changed after it was written"]),
        ("INSERT INTO notes VALUES (4, 'a', 's', 'x', 'k', '{}')", [
            "row 4 (notes): was slipped in past the chain",
            "notes row 4: refers to nothing",
        ]),
    ],
)  # fmt: skip
def test_every_fault_names_its_row(
    ledger: Ledger, place: InFile, done: str, found: list[str]
) -> None:
    for _ in range(3):
        note(ledger)
    place.tamper(done)
    missing = [each for each in faults(ledger) if "refers" not in each or "4" in each]
    assert sorted(missing) == sorted(found)


def test_a_chain_begins_at_the_genesis(ledger: Ledger, place: InFile) -> None:
    note(ledger)
    assert check(ledger).since == 0
    row = list(ledger.rows("SELECT account, strategy, session, kind, detail FROM notes")[0])
    other = row_hash("x", 1, 1, "notes", row)
    place.tamper(("UPDATE chain SET prev = 'x', hash = %s", (other,)))
    assert faults(ledger) == ("row 1 (notes): was changed after it was written",)


def test_every_holding_below_zero_is_named_in_order_whatever_the_broker_said_of_cash(
    ledger: Ledger,
) -> None:
    cash(ledger, "x", -1, "withdrawal")
    names = [f"assets:unsettled:2026-03-0{day}" for day in (5, 3, 4, 1, 2)]
    booked(ledger, "y", {(name, "KRW"): -1 for name in names} | {("trading", "KRW"): 5}, "fill")
    assert faults(ledger) == tuple(f"{name} KRW: is -1, below zero" for name in sorted(names))


def test_a_checkpoint_says_what_the_rows_before_it_say(ledger: Ledger) -> None:
    cash(ledger, "x", 5)
    cash(ledger, "y", -5)  # what is nothing again is not listed
    run(ledger, "one"), run(ledger, "two")
    add(ledger, "run_events", run_id="one", event="finished", detail="{}")
    add(ledger, "run_events", run_id="two", event="approved", detail="{}")
    add(ledger, "checkpoints", balances="[]", unfinished='["two"]')
    assert faults(ledger) == ()
    for balances, left in (
        ('[["assets:cash","KRW",1]]', '["two"]'),
        ("[]", '["one","two"]'),
        ("[]", "[]"),
    ):
        add(ledger, "checkpoints", balances=balances, unfinished=left)
    other = "row {} (checkpoints): the rows before it come to something else"
    assert faults(ledger) == tuple(other.format(seq) for seq in (12, 13, 14))


def test_since_a_checkpoint_what_comes_after_it_is_proved(ledger: Ledger, place: InFile) -> None:
    note(ledger), note(ledger)
    keep_checkpoint(ledger, every=1)
    first = ledger.head()
    note(ledger)
    since = ledger.head()
    note(ledger)
    place.tamper("UPDATE notes SET detail = '[]' WHERE seq IN (2, 5)")
    proof = check(ledger, since=since)
    assert (proof.since, proof.rows) == (3, 5)
    assert proof.faults == ("row 5 (notes): was changed after it was written",)
    assert check(ledger, since=Head(2, 1, "x")).since == 0
    known = ledger.rows("SELECT hash FROM chain WHERE seq = 1")[0]["hash"]
    both = check(ledger, Head(1, 1, known), since=first)
    assert both.since == 0
    assert both.faults[0] == "row 2 (notes): was changed after it was written"


@pytest.mark.parametrize(("before", "quick"), [(1, True), (0, False)])
def test_a_quick_look_reads_no_rows_and_a_full_one_all(
    ledger: Ledger, place: InFile, before: int, quick: bool
) -> None:
    if before:
        keep_checkpoint(ledger, every=0)
    since = ledger.head()
    run(ledger)
    intent(ledger)
    place.tamper("UPDATE intents SET run_id = 'none'")
    found = check(ledger, since=since).faults
    changed = f"row {2 + before} (intents): was changed after it was written"
    refers = f"intents row {2 + before}: refers to nothing"
    assert set(found) == ({changed} if quick else {changed, refers})


def test_the_books_balance_and_no_holding_is_below_zero(ledger: Ledger) -> None:
    cash(ledger, "x", 5)
    add(ledger, "transactions", txn="y", kind="fill", session="x", note="")
    add(ledger, "postings", txn="y", account="trading", commodity="KRW", amount=3)
    add(ledger, "postings", txn="y", account="assets:shares", commodity="A", amount=-1)
    assert faults(ledger) == (
        "transaction y: -1 A too many",
        "transaction y: 3 KRW too many",
        "assets:shares A: is -1, below zero",
    )
    assert keep_checkpoint(ledger, every=1)
    later = check(ledger, since=ledger.head())
    assert later.faults == ("assets:shares A: is -1, below zero",)


@pytest.mark.parametrize(
    ("moves", "sound"),
    [
        ([(5, "deposit"), (-5, "fill")], True),
        ([(5, "deposit"), (-6, "fill")], False),
        ([(-1, "opening")], True),
        ([(5, "deposit"), (-6, "withdrawal")], True),
        ([(5, "deposit"), (-6, "adopted")], True),
        ([(5, "deposit"), (-6, "settlement")], False),
        ([(5, "deposit"), (-5, "fill"), (-1, "withdrawal")], True),
        ([(5, "deposit"), (-5, "withdrawal"), (-1, "fill")], False),
        ([(-1, "withdrawal"), (-5, "fill")], True),  # it was below before
        ([(-1, "withdrawal"), (1, "deposit"), (-5, "fill")], False),
        ([(-1, "fill"), (-5, "withdrawal")], False),
    ],
)
def test_cash_falls_below_zero_only_where_the_broker_says_so(
    ledger: Ledger, moves: list[tuple[int, str]], sound: bool
) -> None:
    for number, (amount, kind) in enumerate(moves):
        cash(ledger, f"x{number}", amount, kind)
    total = sum(amount for amount, _ in moves)
    assert faults(ledger) == (() if sound else (f"assets:cash KRW: is {total}, below zero",))


def test_no_order_is_filled_beyond_itself_and_every_fill_is_booked(ledger: Ledger) -> None:
    run(ledger)
    intent(ledger)
    cash(ledger, "f1", 5), cash(ledger, "f2", 5)
    fill(ledger, 1, 1, "f1")
    fill(ledger, 2, 1, "f2")
    assert faults(ledger) == ()
    assert keep_checkpoint(ledger, every=1)
    head = ledger.head()
    fill(ledger, 3, 1, "f3")
    intent(ledger, 1, "a.s.02", 2)
    over = ("order a.s.01: 3 filled of 2", "fill f3: is not in the books")
    assert faults(ledger) == over
    assert check(ledger, since=head).faults == over
    assert keep_checkpoint(ledger, every=1)
    assert check(ledger, since=ledger.head()).faults == ()


def test_a_ledger_that_is_not_sound_names_every_fault_and_the_remedy(ledger: Ledger) -> None:
    cash(ledger, "x", -1, "fill")
    with pytest.raises(LedgerError, match=r"(?s)below zero\nkeep the file as it is and do this"):
        proven(ledger, remedy="do this")
    with pytest.raises(LedgerError, match="jeoul ledger restore"):
        proven(ledger)


def promotion(ledger: Ledger, **change: Any) -> None:
    content = {
        "strategy": {},
        "profile": "balanced",
        "account": "general",
        "universe": "u",
        "model": 3,
    }
    kept = {
        "after": {"digest": Content(**content).digest, "content": content},  # type: ignore[arg-type]
        "before": {"run": "a.s", "digest": "before"},
        "evidence": [{"name": "trial.csv", "sha256": hashlib.sha256(b"x").hexdigest()}],
    }
    note(ledger, "promotion", json.dumps(kept | change))


def evidence(ledger: Ledger, content: bytes = b"x", **change: Any) -> None:
    text = base64.b64encode(content).decode()
    kept = {"name": "trial.csv", "sha256": hashlib.sha256(b"x").hexdigest(), "base64": text}
    note(ledger, "evidence", json.dumps(kept | change))


def test_a_promotion_is_what_it_says(ledger: Ledger) -> None:
    run(ledger, plan=json.dumps({"rules": {"digest": "before"}}))
    evidence(ledger)
    promotion(ledger)
    promotion(ledger, before={"run": None, "digest": None})
    assert faults(ledger) == ()


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"before": {"run": "a.s", "digest": "x"}}, "the rules of run a.s do not match the record"),
        ({"before": {"run": "b", "digest": "x"}}, "no run b comes before it"),
        ({"evidence": [{"name": "n", "sha256": "x"}]}, "evidence n is missing from the ledger"),
        ({"evidence": None}, "the row is not in a form that jeoul writes"),
    ],
)
def test_what_is_wrong_with_a_promotion_is_said(
    ledger: Ledger, change: dict[str, Any], fault: str
) -> None:
    run(ledger, plan=json.dumps({"rules": {"digest": "before"}}))
    evidence(ledger)
    promotion(ledger, **change)
    assert faults(ledger) == (f"row 3 (promotion): {fault}",)


def test_a_file_is_the_one_that_it_is_kept_for(ledger: Ledger) -> None:
    evidence(ledger, b"y")
    wrong = "row 1 (evidence): the content of trial.csv does not match its recorded digest"
    assert faults(ledger) == (wrong,)
    promotion(ledger)  # a run that is frozen later is none that was before
    run(ledger)
    assert faults(ledger) == (wrong, "row 2 (promotion): no run a.s comes before it")
    content = {"strategy": {}, "profile": "p", "account": "general", "universe": "u", "model": 3}
    after = {"digest": "x", "content": content}
    promotion(ledger, after=after, before={"run": None, "digest": None})
    assert faults(ledger)[2:] == (
        "row 4 (promotion): the rules do not match their recorded digest",
    )


# The file.


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
            (tmp_path / (file_store.MEMORY if name == "memory.json" else name)).touch()
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


# Copies.


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
