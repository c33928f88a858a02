"""The paper account: a broker on this machine that fills at the closes of a market folder.

Its state lives in a file of its own, as a real broker's does elsewhere: a crash of the engine
leaves it as it was. Orders are good for one session and are filled at its close in the order of
arrival; what a session does is the account day that an account's backtest has too
(:mod:`jeoul.account.day`). No interest, no tax.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator

from jeoul.account.day import AccountFill, AccountState, DayOrder, DayRules, Due, account_day
from jeoul.account.file import CostSettings
from jeoul.account.holdings import Given
from jeoul.account.money_keys import Money, NoMoney
from jeoul.account.price_events import PriceEvents
from jeoul.database import DatabaseError, EncryptionKey, Error, Row, refused, transaction
from jeoul.database import connect as open_database
from jeoul.model.amount import refuse_foreign
from jeoul.model.calendar import Calendar
from jeoul.model.money import UNITS
from jeoul.model.portfolio import Portfolio, Side
from jeoul.operations.broker.paper_rules import PaperRules
from jeoul.operations.broker.port import (
    Broker,
    BrokerAccount,
    BrokerContext,
    BrokerOrder,
    Hours,
    Ids,
    Movement,
    OrderRequest,
    OrderState,
    Watermark,
)
from jeoul.operations.broker.statement import HoldingsStatement
from jeoul.operations.errors import LedgerError, Refused, Sealed, Unreachable
from jeoul.operations.setup.brokers import BrokerSettings
from jeoul.operations.setup.clock import Clock
from jeoul.operations.setup.private import create_private

NAME = "paper.sqlite3"

_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS positions (
    ticker TEXT PRIMARY KEY, shares INTEGER NOT NULL CHECK (shares > 0)) STRICT;
CREATE TABLE IF NOT EXISTS unsettled (day TEXT PRIMARY KEY, amount INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS orders (
    number INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT, session TEXT NOT NULL,
    side TEXT NOT NULL, ticker TEXT NOT NULL, shares INTEGER NOT NULL, price_limit INTEGER,
    state TEXT NOT NULL, filled INTEGER NOT NULL DEFAULT 0, amount INTEGER NOT NULL DEFAULT 0,
    fee INTEGER NOT NULL DEFAULT 0, visible REAL NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS movements (
    number INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, session TEXT NOT NULL,
    cash INTEGER NOT NULL, ticker TEXT, shares INTEGER NOT NULL) STRICT;
"""


class PaperSettings(BrokerSettings, CostSettings):
    """The paper account: what it begins with, and deposits by date.

    It begins with what a file of ``holdings`` says, read once, else with ``cash``. A deposit comes
    in at the open of the first session on or after its date.
    """

    kind: Literal["paper"]
    cash: NoMoney = 100_000_000
    holdings: str | None = None
    deposits: dict[str, Money] = Field(default={})

    @model_validator(mode="after")
    def _dated(self) -> Self:
        for day in self.deposits:
            try:
                date.fromisoformat(day)
            except ValueError:
                raise ValueError(f"{day!r} is not a date; write it as 2026-07-01") from None
        return self

    @property
    def files(self) -> Mapping[str, str]:
        """Return the holdings file, if there is one."""
        return {} if self.holdings is None else {"holdings": self.holdings}


SETTINGS = PaperSettings


def connect(settings: PaperSettings, context: BrokerContext) -> PaperBroker:
    """Return the paper account in the state folder."""
    refuse_foreign(context.currency, cash=settings.cash)
    refuse_foreign(context.currency, **settings.deposits)
    unit = UNITS[context.currency]
    deposits = {date.fromisoformat(day): sum_ * unit for day, sum_ in settings.deposits.items()}
    path = context.state / NAME
    start = BrokerAccount({}, settings.cash * unit, {})
    if settings.holdings is not None and not path.exists():
        cash = settings.cash if "cash" in settings.model_fields_set else None
        held = HoldingsStatement(context.beside(settings.holdings), Given(), cash, context)
        start = held.account()
    return PaperBroker(
        path,
        context.price_events(),
        context.calendar,
        context.clock,
        start=start,
        rules=PaperRules(fees=settings.tariff(unit), deposits=deposits, proceeds=context.proceeds),
        key=context.key,
    )


class PaperBroker(Broker):
    """A paper account in a file, encrypted with a ``key``; ``start`` is there at first."""

    kind = "paper"

    def __init__(
        self,
        path: Path,
        events: PriceEvents,
        calendar: Calendar,
        clock: Clock,
        *,
        start: BrokerAccount,
        rules: PaperRules | None = None,
        key: EncryptionKey | None = None,
    ) -> None:
        self.events = events
        self.calendar = calendar
        self.clock = clock
        self.rules = PaperRules() if rules is None else rules
        self.ids = self.rules.ids
        self.visibility = self.rules.visibility
        self.name_lasts = self.rules.name_lasts / 2
        self._day_rules = DayRules(
            events=events,
            calendar=calendar,
            buys=self.rules.fees,
            sells=self.rules.fees,
            depth=self.rules.fills_at_most,
            proceeds=self.rules.proceeds,
        )
        try:
            create_private(path)
            self.connection = open_database(path, key, timeout=10.0, named=True)
            self.connection.execute("PRAGMA journal_mode=WAL")
            self.connection.execute("PRAGMA synchronous=FULL")
            self.connection.executescript(_SCHEMA)
            self._begin(start)
        except (OSError, Error) as error:
            if (why := refused(error, path, key)) is not None:
                raise Sealed(why.why, path) from error
            raise LedgerError(f"the paper account {path} cannot be used: {error}") from error

    def _begin(self, start: BrokerAccount) -> None:
        """Write what the account begins with into a file that has nothing yet."""
        with self._transaction():
            if self._meta("cash") is not None:
                return
            self.connection.execute("INSERT INTO meta VALUES ('cash', ?)", (str(start.cash),))
            coming = ((day.isoformat(), amount) for day, amount in start.unsettled.items())
            for table, rows in (("positions", start.shares.items()), ("unsettled", coming)):
                self.connection.executemany(f"INSERT INTO {table} VALUES (?, ?)", sorted(rows))

    def close(self) -> None:
        """Close the file."""
        self.connection.close()

    def hours(self, session: date) -> Hours:
        """Return that a session is open until its close has been processed."""
        done = self._meta("processed")
        return Hours.OVER if done is not None and session.isoformat() <= done else Hours.OPEN

    def account(self) -> BrokerAccount:
        """Return what the paper account holds."""
        rows = self.connection.execute("SELECT ticker, shares FROM positions ORDER BY ticker")
        coming = self.connection.execute("SELECT day, amount FROM unsettled ORDER BY day")
        return BrokerAccount(
            {row["ticker"]: row["shares"] for row in rows},
            self._cash(),
            {date.fromisoformat(row["day"]): row["amount"] for row in coming},
        )

    def orders(self, session: date) -> Sequence[BrokerOrder]:
        """Return the orders of a session that are visible by now."""
        rows = self.connection.execute(
            "SELECT * FROM orders WHERE session = ? AND visible <= ? ORDER BY number",
            (session.isoformat(), self.clock.now()),
        )
        return [_order(row, named=self.ids.listed) for row in rows]

    def absent(self, request: OrderRequest, before: Watermark) -> Sequence[str]:
        """Return that the file has no such order; it knows, whatever the list shows yet."""
        rows = self.connection.execute(
            "SELECT * FROM orders WHERE session = ? AND side = ? AND ticker = ? AND shares = ?",
            (request.session.isoformat(), str(request.side), request.ticker, request.shares),
        )
        there = any(not _order(row, named=False).keys & before.orders for row in rows)
        return () if there else ("the paper account's orders", "the paper account's file")

    def movements(self) -> Sequence[Movement]:
        """Return every deposit, dividend and split."""
        return [
            Movement(
                movement_id=str(row["number"]),
                kind=row["kind"],
                session=date.fromisoformat(row["session"]),
                cash=row["cash"],
                ticker=row["ticker"],
                shares=row["shares"],
            )
            for row in self.connection.execute("SELECT * FROM movements ORDER BY number")
        ]

    def submit(self, request: OrderRequest) -> str:
        """Accept an order for a session whose close has not been processed."""
        name = None if self.ids is Ids.NONE else request.name
        with self._transaction():
            if self.hours(request.session) is Hours.OVER:
                raise Refused(f"session {request.session} is over")
            if request.ticker in self.rules.refuses:
                raise Refused(f"{request.ticker} is not traded here")
            first = self._of_name(name)
            if first is not None:
                return first
            cursor = self.connection.execute(
                "INSERT INTO orders (name, session, side, ticker, shares, price_limit, state, "
                "visible) VALUES (?, ?, ?, ?, ?, ?, 'open', ?)",
                (
                    name,
                    request.session.isoformat(),
                    str(request.side),
                    request.ticker,
                    request.shares,
                    request.limit,
                    self.clock.now() + self.rules.delay,
                ),
            )
            return str(cursor.lastrowid)

    def _of_name(self, name: str | None) -> str | None:
        """Return the number of the order that has a name already, where names are taken once."""
        if self.ids not in (Ids.KEY, Ids.UNIQUE):
            return None
        since = self.clock.now() - self.rules.name_lasts if self.ids is Ids.KEY else float("-inf")
        rows = self.connection.execute(
            "SELECT number FROM orders WHERE name = ? AND visible - ? > ?",
            (name, self.rules.delay, since),
        )
        row = rows.fetchone()
        return None if row is None else str(row["number"])

    def cancel(self, number: str) -> None:
        """Close an order that is still open, as a person would on the broker's screen."""
        with self._transaction():
            self.connection.execute(
                "UPDATE orders SET state = 'closed' WHERE number = ? AND state = 'open'", (number,)
            )

    def deposit(self, amount: int, session: date) -> None:
        """Put money in, or with a negative amount take it out."""
        with self._transaction():
            self._record("deposit" if amount > 0 else "withdrawal", session, amount)
            self._set("cash", str(self._cash() + amount))

    def catch_up(self, until: date) -> None:
        """Process every session with prices after the last one processed, up to ``until``.

        The first call begins the account's life with ``until``: it has no earlier sessions.
        """
        done = self._meta("processed")
        for session in self.events.sessions:
            if session > until:
                return
            begun = session == until if done is None else session.isoformat() > done
            if begun:
                with self._transaction():
                    self._session(session)
                    self._set("processed", session.isoformat())

    def _session(self, session: date) -> None:
        """Let one session pass: what it does is :func:`~jeoul.account.day.account_day`'s."""
        orders = self.connection.execute(
            "SELECT * FROM orders WHERE session = ? AND state = 'open' ORDER BY number",
            (session.isoformat(),),
        ).fetchall()
        deposits = self._arriving(session)
        passed = account_day(
            AccountState(portfolio=self._portfolio()),
            session,
            Due(deposit=sum(deposits)),
            [
                DayOrder(Side(row["side"]), row["ticker"], row["shares"], row["price_limit"])
                for row in orders
            ],
            self._day_rules,
        )
        for amount in deposits:
            self._record("deposit", session, amount)
        for action in passed.actions:
            self._record(action.kind, session, action.cash, action.ticker, action.shares)
        for row, fill in zip(orders, passed.fills, strict=True):
            self._close(row, fill)
        self._keep(passed.state.portfolio)

    def _arriving(self, session: date) -> list[int]:
        """Return the deposits dated after the session before, up to this one.

        So money dated on a day without a session comes in on the next.
        """
        done = self._meta("processed")
        before = self.calendar.index(session) - 1
        last = self.calendar.label(before) if done is None else date.fromisoformat(done)
        days = sorted(day for day in self.rules.deposits if last < day <= session)
        return [self.rules.deposits[day] for day in days]

    def _close(self, row: Row, fill: AccountFill | None) -> None:
        """Close an order at the end of its session; its ``fee`` holds all costs."""
        state, filled, amount, costs = "closed", 0, 0, 0
        if fill is not None:
            filled, amount, costs = fill.shares, fill.shares * fill.price, fill.fee + fill.spread
            state = "filled" if filled == row["shares"] else "closed"
        self.connection.execute(
            "UPDATE orders SET state = ?, filled = ?, amount = ?, fee = ? WHERE number = ?",
            (state, filled, amount, costs, row["number"]),
        )

    def _record(
        self, kind: str, session: date, cash: int, ticker: str | None = None, shares: int = 0
    ) -> None:
        self.connection.execute(
            "INSERT INTO movements (kind, session, cash, ticker, shares) VALUES (?, ?, ?, ?, ?)",
            (kind, session.isoformat(), cash, ticker, shares),
        )

    def _portfolio(self) -> Portfolio:
        held = self.account()
        return Portfolio(held.shares, held.cash, unsettled=held.unsettled)

    def _keep(self, portfolio: Portfolio) -> None:
        """Write what the account holds in place of what it held."""
        self._set("cash", str(portfolio.cash))
        self.connection.execute("DELETE FROM positions")
        self.connection.execute("DELETE FROM unsettled")
        self.connection.executemany("INSERT INTO positions VALUES (?, ?)", portfolio.shares.items())
        self.connection.executemany(
            "INSERT INTO unsettled VALUES (?, ?)",
            [(day.isoformat(), amount) for day, amount in portfolio.unsettled.items()],
        )

    def _transaction(self) -> AbstractContextManager[None]:
        return transaction(self.connection, _unwritable)

    def _cash(self) -> int:
        cash = self._meta("cash")
        assert cash is not None  # written when the account was opened
        return int(cash)

    def _meta(self, name: str) -> str | None:
        row = self.connection.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row["value"])

    def _set(self, name: str, value: str) -> None:
        self.connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))


def _unwritable(error: DatabaseError) -> Unreachable:
    return Unreachable(f"the paper account cannot be written: {error}")


def _order(row: Row, *, named: bool) -> BrokerOrder:
    return BrokerOrder(
        order_id=str(row["number"]),
        name=row["name"] if named else None,
        session=date.fromisoformat(row["session"]),
        side=Side(row["side"]),
        ticker=row["ticker"],
        shares=row["shares"],
        limit=row["price_limit"],
        state=OrderState(row["state"]),
        filled=row["filled"],
        amount=row["amount"],
        fee=row["fee"],
    )
