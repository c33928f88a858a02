"""Every fault that the proof of a ledger names, row by row."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import pytest
from stores import InFile
from written_rows import add, booked, cash, faults, fill, intent, note, run

from jeoul.operations.errors import LedgerError
from jeoul.operations.ledger import (
    Head,
    Ledger,
    check,
    keep_checkpoint,
    proven,
)
from jeoul.operations.ledger.store import GENESIS, row_hash
from jeoul.pipeline.content import Content


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
        ("UPDATE chain SET at = 9 WHERE seq = 3", [
            "row 3 (notes): was changed after it was written"
        ]),
        ("UPDATE chain SET kind = 'x' WHERE seq = 3", [
            "row 3: its x row is missing", "row 3 (notes): was slipped in past the chain",
        ]),
        ("UPDATE chain SET prev = 'x' WHERE seq = 1", [
            "row 1 (notes): was changed after it was written"
        ]),
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
