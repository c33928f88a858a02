"""What a process keeps of a ledger's rows is what a new process reads from them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from stores import RUN, InFile, OnServer, Place

from jeoul.operations.ledger import (
    Transaction,
    balances,
    book,
    keep_checkpoint,
    portfolio,
    unfinished,
)

DAY = date(2026, 3, 4)


class Undone(Exception):
    """The process changes its mind inside a transaction."""


@pytest.fixture(params=["file", pytest.param("server", marks=pytest.mark.server)])
def place(request: Any, tmp_path: Path) -> Place:
    return InFile(tmp_path) if request.param == "file" else OnServer(request.node.name)


@pytest.fixture
def ledger(place: Place) -> Iterator[Any]:
    with closing(place.open()) as found:
        deposit(found, "opening", 1_000)
        yield found


def deposit(ledger: Any, name: str, amount: int) -> None:
    with ledger.transaction():
        pay(ledger, name, amount)


def pay(ledger: Any, name: str, amount: int) -> None:
    legs = {("assets:cash", "KRW"): amount, ("equity:external", "KRW"): -amount}
    book(ledger, 1, Transaction(name, "deposit", DAY, legs))


def read(ledger: Any) -> tuple[object, ...]:
    return dict(balances(ledger)), portfolio(ledger, "KRW"), unfinished(ledger)


def test_a_question_is_read_once_until_one_of_its_tables_gets_a_row(ledger: Any) -> None:
    read_at = []

    def find() -> int:
        read_at.append(ledger.head().seq)
        return len(read_at)

    def asked(name: str, *tables: str) -> int:
        return int(ledger.once(name, tables, find))

    assert [asked("x", "postings"), asked("x", "postings"), asked("y", "notes")] == [1, 1, 2]
    deposit(ledger, "later", 5)
    assert [asked("x", "postings"), asked("y", "notes")] == [3, 2]


def test_an_answer_is_not_kept_past_a_row_that_somebody_else_added(
    ledger: Any, place: Place
) -> None:
    assert unfinished(ledger) == ()
    with closing(place.open()) as other, other.transaction():
        other.append("runs", 1, run_id="theirs", **RUN)
    with ledger.transaction():
        ledger.append("notes", 1, account="a", strategy="s", session="x", kind="k", detail="{}")
    assert unfinished(ledger) == ("theirs",)


def test_what_another_process_adds_is_seen(ledger: Any, place: Place) -> None:
    assert portfolio(ledger, "KRW").cash == 1_000
    with closing(place.open()) as other:
        deposit(other, "other", 7)
        assert portfolio(ledger, "KRW").cash == portfolio(other, "KRW").cash == 1_007


def test_what_a_transaction_reads_is_forgotten_with_it(ledger: Any) -> None:
    with suppress(Undone), ledger.transaction():
        pay(ledger, "undone", 90)
        assert portfolio(ledger, "KRW").cash == 1_090
        raise Undone
    deposit(ledger, "instead", 4)  # in the places of the rows that were undone
    deposit(ledger, "later", 1)
    assert portfolio(ledger, "KRW").cash == 1_005


@pytest.mark.parametrize("seed", range(8))
def test_whatever_is_added_and_undone_the_sums_are_those_of_a_new_process(
    ledger: Any, place: Place, seed: int
) -> None:
    draw = random.Random(seed)
    open_runs: list[str] = []
    for number in range(60):
        keep = draw.random() < 0.7
        with suppress(Undone), ledger.transaction():
            for part in range(draw.randrange(3)):
                pay(ledger, f"{number}.{part}", draw.randint(1, 9))
                if draw.random() < 0.5:
                    read(ledger)
            if draw.random() < 0.5:
                ledger.append("runs", 1, run_id=f"run {number}", **RUN)
            if open_runs and draw.random() < 0.4:
                name = open_runs.pop()
                ledger.append("run_events", 1, run_id=name, event="finished", detail="{}")
            if draw.random() < 0.5:
                read(ledger)
            if not keep:
                raise Undone
        if draw.random() < 0.1:
            keep_checkpoint(ledger, every=1)
        if draw.random() < 0.5:
            with closing(place.open()) as new:
                assert read(ledger) == read(new)
            open_runs = list(unfinished(ledger))
