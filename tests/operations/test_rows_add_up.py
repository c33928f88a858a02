"""What the rows of a ledger come to, and every fault that its proof names, row by row."""

from __future__ import annotations

from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from written_rows import DAY, LATER, add, booked, cash, note, run

from jeoul.errors import UsageError
from jeoul.model.portfolio import Side
from jeoul.operations.errors import LedgerError
from jeoul.operations.ledger import (
    Fill,
    Head,
    Ledger,
    Transaction,
    book,
    keep_checkpoint,
    moved_with_bank,
    open_ledger,
    paid_in,
    portfolio,
    settle,
    unfinished,
)
from jeoul.operations.ledger.books import fill_legs, legs_beside_others
from jeoul.operations.ledger.checkpoints import newest_checkpoint
from jeoul.operations.ledger.store import Checkpoint


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


SOONER = date(2026, 3, 5)


@pytest.mark.parametrize(
    ("amount", "fee", "cash_", "soon", "own"),
    [
        (0, 5, 0, 0, -5),  # a fee is no loan that is paid back
        (8, 0, 8, 0, 0),
        (15, 1, 10, 4, 0),
        (40, 0, 10, 20, 10),
    ],
)
def test_a_sale_pays_back_settled_cash_and_then_what_arrives_soonest(
    amount: int, fee: int, cash_: int, soon: int, own: int
) -> None:
    sold = Fill(Side.SELL, "069500", 1, amount, fee, DAY, LATER)
    lent = {f"assets:unsettled:{SOONER}": 20, "assets:cash": 10}
    found = fill_legs(sold, "KRW", lent=lent)
    names = ("assets:cash", f"assets:unsettled:{SOONER}", f"assets:unsettled:{LATER}")
    assert [found[name, "KRW"] for name in names] == [cash_, soon, own]


def test_a_sale_pays_back_what_buys_of_its_session_took_from_other_money(ledger: Ledger) -> None:
    soon, own = (f"assets:unsettled:{day}" for day in (SOONER, LATER))
    other = f"assets:unsettled:{date(2026, 3, 9)}"
    legs = {"assets:cash": -30, soon: -20, own: -7, "trading": 57}
    booked(ledger, "buy", {(name, "KRW"): n for name, n in legs.items()}, "resolution")
    sale = {(other, "KRW"): 60, ("trading", "KRW"): -60}
    booked(ledger, "sale", sale, "resolution")
    fill = Fill(Side.SELL, "069500", 1, 100, 0, DAY, LATER)
    assert legs_beside_others(ledger, fill, "KRW", "reuse") == {
        ("assets:cash", "KRW"): 30,
        (soon, "KRW"): 20,
        (own, "KRW"): 50,
        ("trading", "KRW"): -100,
        ("expenses:fees", "KRW"): 0,
        ("assets:shares", "069500"): -1,
        ("trading", "069500"): 1,
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
    bought = Fill(Side.BUY, "069500", 1, 5, 0, DAY, LATER)
    assert legs_beside_others(ledger, bought, "KRW", "settled")["assets:cash", "KRW"] == -5
    assert legs_beside_others(ledger, bought, "KRW", "reuse")[due, "KRW"] == -5


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

    def fails() -> None:
        legs = {("assets:cash", "KRW"): 2, ("trading", "KRW"): -2}
        with ledger.transaction():
            book(ledger, 1, Transaction("y", "deposit", DAY, legs))
            assert portfolio(ledger, "KRW").cash == 7
            raise UsageError("no")

    with pytest.raises(UsageError):
        fails()
    assert portfolio(ledger, "KRW").cash == 5
    cash(ledger, "z", 1)
    assert portfolio(ledger, "KRW").cash == 6


def test_a_row_needs_its_columns_and_a_transaction(ledger: Ledger) -> None:
    with pytest.raises(ValueError, match="has the columns"), ledger.transaction():
        ledger.append("run_events", 1, run_id="a", event="x")
    with pytest.raises(ValueError, match="inside a transaction"):
        ledger.append("run_events", 1, run_id="a", event="x", detail="{}")
    assert ledger.head() == Head(0, 0, "0" * 64)  # as in every ledger that there is


def test_an_answer_is_read_once_as_long_as_its_tables_get_no_row(ledger: Ledger) -> None:
    reads: list[str] = []

    def ask(name: str, of: tuple[str, ...] = ("runs",)) -> str:
        def find() -> str:
            reads.append(name)
            return name

        return ledger.once(name, of, find)

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
        ledger.once(number, ("runs",), lambda: reads.extend([number]))

    for number in (*range(63), 0):
        ask(number)
    assert len(reads) == 63
    for number in (63, 0):
        ask(number)
    assert reads[63:] == [63, 0]
