"""The books and the broker brought to one truth, with everything that moved named."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from jeoul.errors import BrokerError
from jeoul.model.money import UNITS
from jeoul.model.portfolio import Portfolio
from jeoul.operations.broker.port import BrokerAccount, Movement
from jeoul.operations.desk.by_hand import HandTrades, MovedMoney
from jeoul.operations.desk.estimated_fees import correct_fees, may_be_fees
from jeoul.operations.desk.intents import open_intents
from jeoul.operations.desk.on_its_way import is_on_its_way
from jeoul.operations.desk.order_desk import OrderDesk
from jeoul.operations.ledger import Ledger, Transaction, book, portfolio, settle
from jeoul.operations.ledger.books import (
    CASH,
    CORPORATE,
    DIVIDENDS,
    EXTERNAL,
    SHARES,
    TAXES,
    UNSETTLED,
    Legs,
)
from jeoul.rebalance import Fresh, settled

# What counts as a flow of money, by the part of Fresh that it is.
FRESH = {
    "deposit": "deposited",
    "withdrawal": "deposited",
    "settlement": "settled",
    "adopted": "adopted",
}


@dataclass(frozen=True, slots=True)
class Difference:
    """What the broker has beyond the books, negative where the books have more."""

    cash: int
    shares: Mapping[str, int]

    def __bool__(self) -> bool:
        return self.cash != 0 or bool(self.shares)

    def __str__(self) -> str:
        parts = [f"{code} {count:+,}" for code, count in sorted(self.shares.items())]
        if self.cash:
            parts.append(f"CASH {self.cash:+,}")  # as in a holdings file, in either language
        return ", ".join(parts)


def _unknown(ticker: str) -> int | None:  # noqa: ARG001
    return None


class ExpectedMoney(NamedTuple):
    """The most money that people were asked to move, in the smallest unit: in, and out.

    ``whole_in`` and ``whole_out`` are what they were asked for, to the won. ``close`` gives a
    fund's last close in that unit, None where it is not known: people may have traded with the
    money by hand.
    """

    paid_in: int = 0
    taken_out: int = 0
    whole_in: int = 0
    whole_out: int = 0
    close: Callable[[str], int | None] = _unknown

    def covers(self, cash: int) -> bool:
        """Return whether money that nothing else explains is what they were asked for.

        >>> ExpectedMoney(paid_in=5).covers(5), ExpectedMoney(paid_in=5).covers(-1)
        (True, False)
        """
        return 0 < cash <= self.paid_in or 0 < -cash <= self.taken_out

    def within(self, moved: MovedMoney) -> int:
        """Return the part of money that moved which is what they were asked for.

        Where that may be all of it, it is.

        >>> asked = ExpectedMoney(paid_in=101, whole_in=100)
        >>> moves = MovedMoney(107), MovedMoney(97, slack=5), MovedMoney(-7)
        >>> tuple(map(asked.within, moves))
        (101, 100, 0)
        """
        whole = self.whole_in if moved.money > 0 else -self.whole_out
        if whole and abs(moved.money - whole) <= moved.slack:
            return whole
        return max(-self.taken_out, min(moved.money, self.paid_in))


_NOTHING_EXPECTED = ExpectedMoney()


def reconcile(
    desk: OrderDesk,
    session: date,
    today: date,
    *,
    adopt: bool,
    expected: ExpectedMoney = _NOTHING_EXPECTED,
) -> Difference:
    """Bring the books to what the broker says and return what they could not explain.

    Deposits, dividends and splits that the broker names are booked as such, money whose
    settlement date has come by ``today`` becomes cash. A difference within the fees that were
    estimated lately is booked as fees, because not every broker tells them. What our
    newest sales brought may still be on its way to the broker's balance: it is waited for. Money
    alone, up to what is ``expected`` from a bank or to it, is booked as that: a person was asked to
    move it. What is left is taken into the books against ``equity:external`` if ``adopt`` says so,
    and otherwise raises :class:`BrokerError`; expected money with which a person has traded by hand
    is booked by itself. Money alone is booked on ``today``, on which it was
    seen: the session that is decided on may lie in the year before. Nothing is adopted while an
    order of ours is open: its fills would be counted twice.
    """
    account = desk.broker.account()
    movements = desk.broker.movements()
    with desk.ledger.transaction():
        if account is not None:
            _open_books(desk, session, account, movements)
        for movement in movements:
            book(desk.ledger, desk.at(), _named(movement, desk.currency))
        settle(desk.ledger, desk.at(), desk.currency, today)
    if account is None:
        return Difference(0, {})
    books = portfolio(desk.ledger, desk.currency)
    found = difference(books, account)
    if not found or any(intent.order_id for intent in open_intents(desk.ledger)):
        return found
    if not found.shares and may_be_fees(desk, session, found.cash):
        correct_fees(desk, session, found.cash)
        return Difference(0, {})
    if not found.shares and is_on_its_way(desk, found.cash):
        return Difference(0, {})
    was_asked = not found.shares and expected.covers(found.cash)
    if not (was_asked or adopt):
        raise BrokerError(
            f"the broker has what the books do not explain: {found}. If it is yours (a deposit, a "
            "dividend, a trade by hand), take it in with `jeoul run CONFIG --adopt`, or set "
            'safety.unexplained = "adopt"'
        )
    moved = found.cash if was_asked else _beside_trades(desk, account, found, expected)
    with desk.ledger.transaction():
        legs = _external(books, _settled_account(account, desk.currency, today))
        for each in _taken_in(desk, found, legs, moved, session, today):
            book(desk.ledger, desk.at(), each)
    return Difference(0, {}) if was_asked else found


def difference(books: Portfolio, account: BrokerAccount) -> Difference:
    """Return what an account holds beyond the books; settled or not, money is money.

    >>> difference(Portfolio({"069500": 3}, 10), BrokerAccount({"069500": 2}, 15, {}))
    Difference(cash=5, shares={'069500': -1})
    """
    codes = sorted({*books.shares, *account.shares})
    shares = {code: account.shares.get(code, 0) - books.shares.get(code, 0) for code in codes}
    return Difference(account.money - books.money, {code: n for code, n in shares.items() if n})


@dataclass(frozen=True, slots=True)
class AccountMeans:
    """What an account can spend and sell, by both sides together and by each.

    ``portfolio`` is the account as a decision may use it, ``books`` as the ledger knows it.
    ``binds`` says that the settled cash of ``portfolio`` lacks what open buys may take, because
    the broker says what can be ordered.
    """

    portfolio: Portfolio
    books: Portfolio
    binds: bool = False


def spendable(desk: OrderDesk, today: date) -> Portfolio:
    """Return the account as a decision may use it: see :func:`means`."""
    return means(desk, today).portfolio


def means(desk: OrderDesk, today: date) -> AccountMeans:
    """Return what an account can spend: no more settled cash than both sides know of.

    The shares are the broker's: while an order is open the books may not be brought to them, and
    what is not there any more cannot be sold.
    """
    books = settled(portfolio(desk.ledger, desk.currency), today)
    account = desk.broker.account()
    if account is None:
        return AccountMeans(books, books)
    binds = account.orderable is not None
    return AccountMeans(_of_both(desk, books, account, today), books, binds)


def _of_both(desk: OrderDesk, books: Portfolio, account: BrokerAccount, today: date) -> Portfolio:
    shares = {code: count for code, count in sorted(account.shares.items()) if count}
    books = replace(books, shares=shares)
    theirs = account.cash + sum(sum_ for day, sum_ in account.unsettled.items() if day <= today)
    if account.orderable is not None:
        theirs = min(theirs, account.orderable)
    held_back = max(books.cash - theirs, 0)
    if not held_back:
        return books
    # What the broker does not count as settled yet arrives when a sale of today would.
    later = dict(books.unsettled)
    arrival = desk.settles(today)
    later[arrival] = later.get(arrival, 0) + held_back
    return Portfolio(books.shares, books.cash - held_back, books.currency, later)


def was_invested(ledger: Ledger, plan: Collection[str]) -> bool:
    """Return whether the books have ever had shares of ``plan``, the codes of a universe."""
    if not plan:
        return False
    marks = ", ".join("?" * len(plan))
    query = f"SELECT 1 FROM postings WHERE account = ? AND commodity IN ({marks}) LIMIT 1"
    return bool(ledger.rows(query, SHARES, *plan))


def locked_shares(desk: OrderDesk) -> Mapping[str, int]:
    """Return the shares by ticker that are held and cannot be sold now."""
    account = desk.broker.account()
    return {} if account is None else account.locked


def fresh_money(ledger: Ledger, account: str, currency: str) -> Fresh:
    """Return the money that came in since it was last decided on, by where it came from.

    A plan whose orders were never sent, because it lapsed or was rejected, decided on nothing. What
    was taken out since is taken from settled sales first. The money at the start of the books is
    not fresh.
    """
    last = ledger.row(
        # No index of the account is used: it would look into every run, and sort them.
        "SELECT seq FROM runs r WHERE account || '' = ? AND ("
        "NOT EXISTS (SELECT 1 FROM intents i WHERE i.run_id = r.run_id) "
        "OR EXISTS (SELECT 1 FROM order_events e "
        "JOIN intents i USING (intent) WHERE i.run_id = r.run_id AND e.state = 'sending')) "
        "ORDER BY seq DESC LIMIT 1",
        account,
    )
    marks = ", ".join("?" * len(FRESH))
    rows = ledger.rows(
        "SELECT t.kind AS kind, SUM(p.amount) AS amount "
        "FROM transactions t CROSS JOIN postings p "  # in this order: few transactions are fresh
        f"WHERE t.seq > ? AND t.kind IN ({marks}) "
        "AND p.txn = t.txn AND p.account = ? AND p.commodity = ? GROUP BY t.kind",
        0 if last is None else last["seq"],
        *FRESH,
        CASH,
        currency,
    )
    parts = dict.fromkeys(Fresh._fields, 0)
    for row in rows:
        parts[FRESH[row["kind"]]] += row["amount"]
    found = Fresh(**parts)
    return found.within(found.total)


def _open_books(
    desk: OrderDesk, session: date, account: BrokerAccount, movements: Sequence[Movement]
) -> None:
    """Open empty books with what the account held before its first named movement."""
    if desk.ledger.rows("SELECT 1 FROM transactions LIMIT 1"):
        return
    cash, shares = account.cash, dict(account.shares)
    for movement in movements:
        # Movements are booked behind the opening: it is what was there before them.
        cash -= movement.cash
        if movement.ticker is not None:
            shares[movement.ticker] = shares.get(movement.ticker, 0) - movement.shares
    legs: dict[tuple[str, str], int] = {
        (CASH, desk.currency): cash,
        (EXTERNAL, desk.currency): -cash - sum(account.unsettled.values()),
    }
    for day, amount in account.unsettled.items():
        legs[(f"{UNSETTLED}{day.isoformat()}", desk.currency)] = amount
    for code, count in shares.items():
        legs[(SHARES, code)] = count
        legs[(EXTERNAL, code)] = -count
    book(desk.ledger, desk.at(), Transaction("opening", "opening", session, legs))


def _named(movement: Movement, currency: str) -> Transaction:
    sources = {"dividend": DIVIDENDS, "split": CORPORATE, "tax": TAXES}
    source = sources.get(movement.kind, EXTERNAL)
    legs: dict[tuple[str, str], int] = {
        (CASH, currency): movement.cash,
        (source, currency): -movement.cash,
    }
    if movement.ticker is not None:
        legs[(SHARES, movement.ticker)] = movement.shares
        legs[(source, movement.ticker)] = -movement.shares
    return Transaction(
        txn=f"movement:{movement.movement_id}",
        kind=movement.kind,
        session=movement.session,
        legs=legs,
        note=movement.ticker or "",
    )


def _beside_trades(
    desk: OrderDesk, account: BrokerAccount, found: Difference, expected: ExpectedMoney
) -> int:
    """Return the expected money that moved beside trades by hand; 0 without such trades."""
    if not found.shares:
        return 0
    trades = HandTrades(
        cash=found.cash,
        shares=found.shares,
        held=portfolio(desk.ledger, desk.currency).shares,
        close=expected.close,
        costs=account.costs,
        unit=UNITS[desk.currency],
    )
    return expected.within(trades.moved())


def _taken_in(
    desk: OrderDesk, found: Difference, legs: Legs, moved: int, session: date, today: date
) -> list[Transaction]:
    """Return how a difference is booked: what people were asked to move, and all the rest.

    Money comes before it is spent and goes after shares were sold: cash is never below zero.
    """
    number = desk.ledger.head().seq
    asked = {(CASH, desk.currency): moved, (EXTERNAL, desk.currency): -moved}
    if moved and not found.shares:
        asked = dict(legs)
    rest = {key: amount - asked.get(key, 0) for key, amount in legs.items()}
    transfer = Transaction(
        txn=f"asked:{number}",
        kind="deposit" if moved > 0 else "withdrawal",
        session=today,
        legs=asked,
        note="money that a plan of the household asked for",
    )
    adopted = Transaction(
        txn=f"adopted:{number}",
        kind="adopted",
        session=session if found.shares else today,
        legs=rest,
        note=f"not explained by the books: {found}",
    )
    if not moved:
        return [adopted]
    if not found.shares:
        return [transfer]
    return [transfer, adopted] if moved > 0 else [adopted, transfer]


def _settled_account(account: BrokerAccount, currency: str, today: date) -> Portfolio:
    held = Portfolio(account.shares, account.cash, currency, account.unsettled)
    return settled(held, today)


def _external(books: Portfolio, account: Portfolio) -> Legs:
    """Return the postings that bring the books to an account.

    Money is taken in where the broker has it: a sale that was taken back is missing from what is on
    its way, and settled cash would fall below zero without it.
    """
    money = {CASH: account.cash - books.cash}
    for day in {*books.unsettled, *account.unsettled}:
        more = account.unsettled.get(day, 0) - books.unsettled.get(day, 0)
        money[f"{UNSETTLED}{day.isoformat()}"] = more
    legs = {(name, books.currency): amount for name, amount in sorted(money.items())}
    legs[(EXTERNAL, books.currency)] = -sum(money.values())
    for code in sorted({*books.shares, *account.shares}):
        more = account.shares.get(code, 0) - books.shares.get(code, 0)
        legs |= {(SHARES, code): more, (EXTERNAL, code): -more}
    return legs
