"""Rows of a ledger as a test writes them, one transaction each."""

from __future__ import annotations

from datetime import date
from typing import Any

from jeoul.operations.ledger import (
    Head,
    Ledger,
    Transaction,
    book,
    check,
)

DAY, LATER = date(2026, 3, 4), date(2026, 3, 6)


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
