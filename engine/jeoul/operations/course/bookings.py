"""What the books of an account say by session: sums of postings, and what came without a trade."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from jeoul.model.calendar import Days
from jeoul.model.days import count_before
from jeoul.model.money import UNITS
from jeoul.operations.course.record import Amounts
from jeoul.operations.errors import LedgerError
from jeoul.operations.ledger import Ledger, StoredRow
from jeoul.operations.ledger.books import (
    CASH,
    CORPORATE,
    DIVIDENDS,
    EXTERNAL,
    FEES,
    SHARES,
    TAXES,
    UNSETTLED,
)

UNEXPLAINED = "adopted"
INTEREST = "interest"

# Money that becomes settled moves nothing in or out of an account.
_POSTINGS = """
SELECT t.seq AS seq, t.kind AS kind, t.session AS session, t.note AS note,
       p.account AS account, p.commodity AS commodity, p.amount AS amount
FROM transactions t JOIN postings p USING (txn)
WHERE t.kind <> 'settlement' AND p.account <> 'trading'
ORDER BY t.seq, p.seq
"""


@dataclass(slots=True)
class BookedMove:
    """Money and shares that came without a trade, negative where they went.

    ``place`` is that of the session. Money of a corporate action is not in it: it stays inside.
    """

    place: int
    kind: str
    corporate: bool
    money: int = 0
    shares: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Booked:
    """Sums of postings by session in the smallest unit, and the moves, oldest booking first.

    ``shares`` has the change of each ticker by session, trades among it. ``payments`` are place,
    ticker and amount of each distribution.
    """

    cash: Amounts
    fees: Amounts
    taxes: Amounts
    dividends: Amounts
    interest: Amounts
    shares: Mapping[str, Amounts]
    moves: tuple[BookedMove, ...]
    payments: tuple[tuple[int, str, int], ...] = ()


def postings_of(ledger: Ledger, currency: str) -> list[StoredRow]:
    """Return the postings of an account that its course is made of, oldest first.

    Raises :class:`LedgerError` for a ledger without bookings, and for one in another currency.
    """
    rows = ledger.rows(_POSTINGS)
    if not rows:
        raise LedgerError(f"the ledger {ledger.place} has no bookings; `jeoul run` makes them")
    found = {row["commodity"] for row in rows if _is_money(row["account"])} - {currency}
    if found:
        foreign = ", ".join(sorted(found))
        raise LedgerError(
            f"the ledger {ledger.place} counts in {foreign}, its prices in {currency}"
        )
    return rows


def booked(rows: Iterable[StoredRow], sessions: Days) -> Booked:
    """Return what postings come to by session; those after the last one are left out."""
    count = len(sessions)
    sums: dict[str, Amounts] = defaultdict(lambda: np.zeros(count, dtype=np.int64))
    shares: dict[str, Amounts] = defaultdict(lambda: np.zeros(count, dtype=np.int64))
    moves: dict[int, BookedMove] = {}
    places: dict[str, int] = {}
    payments = []
    for row in rows:
        place = places.get(row["session"])
        if place is None:
            place = count_before(sessions, row["session"])
            places[row["session"]] = place
        if place == count:
            continue
        account, amount = row["account"], row["amount"]
        if account == SHARES:
            shares[row["commodity"]][place] += amount
        elif account in (EXTERNAL, CORPORATE) and row["kind"] != INTEREST:
            known = BookedMove(place, row["kind"], account == CORPORATE)
            _move(moves.setdefault(row["seq"], known), row["commodity"], -amount)
        else:
            if account == DIVIDENDS:
                payments.append((place, row["note"], -amount))
            sums[CASH if account.startswith(UNSETTLED) else account][place] += amount
    return Booked(
        cash=sums[CASH],
        fees=sums[FEES],
        taxes=sums[TAXES],
        dividends=-sums[DIVIDENDS],
        interest=-sums[EXTERNAL],
        shares=dict(shares),
        moves=tuple(moves.values()),
        payments=tuple(payments),
    )


def _is_money(account: str) -> bool:
    return account in (CASH, FEES, TAXES, DIVIDENDS) or account.startswith(UNSETTLED)


def _move(move: BookedMove, commodity: str, amount: int) -> None:
    if commodity not in UNITS:
        move.shares[commodity] = move.shares.get(commodity, 0) + amount
    elif not move.corporate:
        move.money += amount
