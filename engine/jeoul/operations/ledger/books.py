"""Double-entry books in integers: cash by settlement, shares by ticker, and where both came from.

A transaction is a set of postings that sum to zero in every commodity. A purchase takes cash and
gives shares; the account ``trading`` stands between the two commodities. What is sold reaches
``assets:unsettled:<date>`` and becomes ``assets:cash`` on that date.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from jeoul.model.portfolio import Portfolio, Proceeds, Side
from jeoul.operations.errors import LedgerError
from jeoul.operations.ledger.checkpoints import balances
from jeoul.operations.ledger.store import Ledger
from jeoul.rebalance import set_off

CASH = "assets:cash"
UNSETTLED = "assets:unsettled:"
SHARES = "assets:shares"
FEES = "expenses:fees"
TAXES = "expenses:taxes"
EXTERNAL = "equity:external"
DIVIDENDS = "income:dividends"
CORPORATE = "equity:corporate-actions"
TRADING = "trading"

Legs = Mapping[tuple[str, str], int]  # (account, commodity) -> amount

_PAID_FROM = (
    "SELECT account, SUM(amount) AS amount FROM ("
    "SELECT p.account AS account, p.amount AS amount "
    "FROM fills f JOIN postings p ON p.txn = f.txn WHERE f.session = ? AND p.commodity = ? "
    "UNION ALL "
    "SELECT p.account AS account, p.amount AS amount "
    "FROM transactions t JOIN postings p ON p.txn = t.txn "
    "WHERE t.kind = 'resolution' AND t.session = ? AND p.commodity = ?) AS traded "
    "GROUP BY account HAVING SUM(amount) < 0"
)


@dataclass(frozen=True, slots=True)
class Transaction:
    """Something that moved cash or shares, named once and for all by ``txn``."""

    txn: str
    kind: str
    session: date
    legs: Legs
    note: str = ""


@dataclass(frozen=True, slots=True)
class Fill:
    """Part of an order that was filled: ``amount`` is shares times price, ``fee`` all costs."""

    side: Side
    ticker: str
    shares: int
    amount: int
    fee: int
    session: date
    settles: date
    detail: Mapping[str, str] = field(default_factory=dict)


def fill_legs(
    fill: Fill,
    currency: str,
    coming: Mapping[date, int] = MappingProxyType({}),
    lent: Mapping[str, int] = MappingProxyType({}),
) -> Legs:
    """Return the postings of a fill; what is bought leaves settled cash at once.

    ``coming`` is money on its way that buys may spend: it is used up first, the latest before.
    ``lent`` is what buys of the same session took from other accounts: a sale pays it back, the
    last that was taken first, so that it does not matter which of the two is seen first.

    >>> bought = Fill(Side.BUY, "069500", 2, 70_000, 10, date(2024, 7, 1), date(2024, 7, 3))
    >>> fill_legs(bought, "KRW")[("assets:cash", "KRW")]
    -70010
    """
    money: dict[tuple[str, str], int]
    if fill.side is Side.BUY:
        taken = set_off(fill.amount + fill.fee, coming)
        paid = fill.amount + fill.fee - sum(taken.values())
        money = {(CASH, currency): -paid, (TRADING, currency): fill.amount}
        money |= {(f"{UNSETTLED}{day.isoformat()}", currency): -part for day, part in taken.items()}
        sign = 1
    else:
        left = fill.amount - fill.fee
        money = {(TRADING, currency): -fill.amount}
        for account in sorted(lent):  # settled cash first, then the money that arrives soonest
            part = min(max(left, 0), lent[account])
            money[(account, currency)] = part
            left -= part
        money[(f"{UNSETTLED}{fill.settles.isoformat()}", currency)] = left
        sign = -1
    return {
        **money,
        (FEES, currency): fill.fee,
        (SHARES, fill.ticker): sign * fill.shares,
        (TRADING, fill.ticker): -sign * fill.shares,
    }


def legs_beside_others(ledger: Ledger, fill: Fill, currency: str, proceeds: Proceeds) -> Legs:
    """Return the postings of a fill beside what is booked: with ``"reuse"`` sales pay for buys."""
    if proceeds != "reuse":
        return fill_legs(fill, currency)
    if fill.side is Side.BUY:
        return fill_legs(fill, currency, portfolio(ledger, currency).unsettled)
    return fill_legs(fill, currency, lent=_lent(ledger, fill, currency))


def _lent(ledger: Ledger, fill: Fill, currency: str) -> Mapping[str, int]:
    """Return what buys of the session of a sale took from other money than sales of that session.

    A broker's list may show a buy before the sale that paid for it.
    """
    session, own = fill.session.isoformat(), f"{UNSETTLED}{fill.settles.isoformat()}"
    rows = ledger.rows(_PAID_FROM, session, currency, session, currency)
    taken = {row["account"]: -row["amount"] for row in rows}
    return {
        account: amount
        for account, amount in taken.items()
        if account != own and account.startswith((CASH, UNSETTLED))
    }


def book(ledger: Ledger, at: int, transaction: Transaction) -> bool:
    """Add a transaction inside an open ledger transaction; return False if it is already there.

    Raises :class:`LedgerError` if its postings do not sum to zero in every commodity.
    """
    if ledger.rows("SELECT 1 FROM transactions WHERE txn = ?", transaction.txn):
        return False
    sums: dict[str, int] = defaultdict(int)
    for (_, commodity), amount in transaction.legs.items():
        sums[commodity] += amount
    open_ = {commodity: amount for commodity, amount in sums.items() if amount}
    if open_:
        raise LedgerError(f"transaction {transaction.txn} does not balance: {open_}")
    ledger.append(
        "transactions",
        at,
        txn=transaction.txn,
        kind=transaction.kind,
        session=transaction.session.isoformat(),
        note=transaction.note,
    )
    for (account, commodity), amount in transaction.legs.items():
        if amount:
            ledger.append(
                "postings",
                at,
                txn=transaction.txn,
                account=account,
                commodity=commodity,
                amount=amount,
            )
    return True


def settle(ledger: Ledger, at: int, currency: str, today: date) -> None:
    """Move money whose settlement date has come into settled cash, once."""
    for (account, unit), amount in balances(ledger).items():
        due = account.removeprefix(UNSETTLED)
        if unit == currency and due != account and due <= today.isoformat():
            legs = {(account, currency): -amount, (CASH, currency): amount}
            number = ledger.head().seq
            book(
                ledger,
                at,
                Transaction(f"settlement:{due}:{number}", "settlement", today, legs),
            )


def portfolio(ledger: Ledger, currency: str) -> Portfolio:
    """Return what the books say the account holds."""
    return ledger.once(("portfolio", currency), ("postings",), lambda: _portfolio(ledger, currency))


def _portfolio(ledger: Ledger, currency: str) -> Portfolio:
    found = balances(ledger)  # by account and commodity, in this order
    return Portfolio(
        shares={code: n for (account, code), n in found.items() if account == SHARES},
        cash=found.get((CASH, currency), 0),
        currency=currency,
        unsettled={
            date.fromisoformat(account.removeprefix(UNSETTLED)): amount
            for (account, commodity), amount in found.items()
            if account.startswith(UNSETTLED) and commodity == currency
        },
    )
