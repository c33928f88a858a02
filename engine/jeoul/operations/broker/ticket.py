"""The order ticket: orders that a person types in at any broker, and tells back.

A session's ticket is a CSV file and a readable table. The person enters the orders, fills in the
last columns of the CSV (``filled``, ``price`` and, if known, ``fee``) and gives it back with
``jeoul run CONFIG --fills FILE``. Holdings come from a file that the broker exports, read as every
command reads it (:mod:`jeoul.account.holdings`).
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from jeoul.account.holdings import ColumnNames, Given
from jeoul.errors import DataError, HoldingsError, Problem
from jeoul.files.text import read_text
from jeoul.model.portfolio import Reason, Side
from jeoul.operations.broker.hours import OrderWindow
from jeoul.operations.broker.port import (
    Broker,
    BrokerAccount,
    BrokerContext,
    BrokerOrder,
    Hours,
    Ids,
    OrderRequest,
    OrderState,
)
from jeoul.operations.broker.statement import HoldingsStatement
from jeoul.operations.errors import LedgerError
from jeoul.operations.setup.brokers import LimitBrokerSettings
from jeoul.operations.setup.private import private_folder, write_private

_TOO_MUCH = 10**15  # more than any account holds, and well within what the ledger can keep
_SHOWN = 40  # characters of a field in a message

BEFORE_OPEN = 1800  # seconds before the open from which a ticket can be typed in

HEADER = ("order", "side", "ticker", "shares", "limit", "filled", "price", "fee")


class TicketSettings(LimitBrokerSettings):
    """Orders that a person types in: files for them, and where the broker's holdings come from.

    Encoding and columns of the broker's file are found; ``encoding``, ``ticker_column``,
    ``shares_column`` and ``cash_row``, the label of the row that is the cash, win over that.
    ``cash`` stands in for a file without such a row: an amount in the currency's main unit, or
    ``"books"`` for the cash that the ledger knows.
    """

    kind: Literal["ticket"]
    holdings: str
    encoding: Literal["utf-8", "cp949", "utf-16"] | None = None
    ticker_column: str | None = None
    shares_column: str | None = None
    cash_row: str | None = None
    cash: Annotated[int, Field(strict=True, ge=0, lt=_TOO_MUCH)] | Literal["books"] | None = None

    @property
    def given(self) -> Given:
        """Return what the config says of the holdings file."""
        columns = ColumnNames(self.ticker_column, self.shares_column)
        return Given(self.encoding, columns, self.cash_row)

    @property
    def files(self) -> Mapping[str, str]:
        """Return the holdings file."""
        return {"holdings": self.holdings}


SETTINGS = TicketSettings


def connect(settings: TicketSettings, context: BrokerContext) -> TicketBroker:
    """Return the tickets in the state folder."""
    return TicketBroker(settings, context)


class TicketBroker(Broker):
    """Tickets in a folder, and the holdings file that the broker exports."""

    kind = "ticket"
    ids = Ids.UNIQUE

    def __init__(self, settings: TicketSettings, context: BrokerContext) -> None:
        self.settings = settings
        self.folder = context.state / "tickets"
        self.holdings = HoldingsStatement(
            context.beside(settings.holdings), settings.given, settings.cash, context
        )
        self.window = OrderWindow(
            context.calendar, context.clock, after_open=-BEFORE_OPEN, before_close=0
        )
        self.booked = context.statement

    def hours(self, session: date) -> Hours:
        """Return whether a ticket for a session can still be typed in."""
        return self.window.hours(session)

    def statement(self) -> str:
        """Return the SHA-256 of the holdings file."""
        return self.holdings.digest()

    def statement_booked(self, digest: str) -> None:
        """Read the holdings file no more until it changes."""
        self.booked = digest

    def account(self) -> BrokerAccount | None:
        """Return the holdings of the broker's file, None if it was taken in before."""
        if self.statement() == self.booked:
            return None
        return self.holdings.account()

    def accept_empty(self) -> None:
        """Accept a holdings file of an empty account: no cash and no holdings."""
        self.holdings.may_be_empty = True

    def outside(self) -> Mapping[str, int | str]:
        """Return what the holdings file has beyond the strategy."""
        return self.holdings.outside()

    def reading(self) -> Sequence[Reason]:
        """Return what is said of the holdings file."""
        return self.holdings.notes()

    def orders(self, session: date) -> Sequence[BrokerOrder]:
        """Return the orders of a session's ticket with the fills that were given back."""
        return [_order(session, row) for row in self._rows(session)]

    def submit(self, request: OrderRequest) -> str:
        """Put an order on its session's ticket; one that is there already stays as it is."""
        rows = self._rows(request.session)
        if all(row["order"] != request.name for row in rows):
            rows.append(
                {
                    "order": request.name,
                    "side": str(request.side),
                    "ticker": request.ticker,
                    "shares": request.shares,
                    "limit": request.limit,
                    "filled": None,
                    "price": None,
                    "fee": None,
                }
            )
            self._write(request.session, rows)
        return request.name

    def take_fills(self, file: Path) -> date:
        """Take in the fills of a ticket that was filled in; return its session.

        Raises :class:`HoldingsError` with every problem of the file: an order that is on no
        ticket, more filled than ordered, a price beyond the limit, text for a number.
        """
        entries = _read_ticket(file)
        tickets = {
            row["order"]: (session, row)
            for session in self.sessions()
            for row in self._rows(session)
        }
        problems = [
            p for line, entry in entries for p in _entry_problems(file, line, entry, tickets)
        ]
        named = {tickets[e["order"]][0] for _, e in entries if e.get("order") in tickets}
        if not problems and len(named) != 1:
            problems = [Problem(str(file), "is not the ticket of one session", remedy="give one")]
        if problems:
            raise HoldingsError(problems)
        session = named.pop()
        filled = {entry["order"]: entry for _, entry in entries if entry["filled"]}
        rows = self._rows(session)
        for row in rows:
            if row["order"] in filled:
                _fill_in(row, filled[row["order"]])
        self._write(session, rows)
        return session

    def sessions(self) -> list[date]:
        """Return the sessions that have a ticket.

        Raises :class:`HoldingsError` that names every file which is not one of ours.
        """
        found, strange = [], []
        for path in sorted(self.folder.glob("*.json")):
            session = _session(path.stem)
            if session is None:
                strange.append(path)
            else:
                found.append(session)
        if strange:
            remedy = "move it out of the folder of tickets, then run again"
            raise HoldingsError(
                [Problem(str(path), "is not a ticket of jeoul", remedy=remedy) for path in strange]
            )
        return found

    def order_file(self, session: date) -> Path:
        """Return where a session's CSV is."""
        return self.folder / f"{session}.csv"

    def _rows(self, session: date) -> list[dict[str, Any]]:
        place = self.folder / f"{session}.json"
        if not place.exists():
            return []
        try:
            rows = json.loads(read_text(place, DataError))
            sound = isinstance(rows, list) and all(map(_is_row, rows))
        except (DataError, ValueError, RecursionError):
            sound = False
        if not sound:
            remedy = "restore the file from a backup of the state folder, then run again"
            raise HoldingsError([Problem(str(place), "is damaged", remedy=remedy)])
        return list(rows)

    def _write(self, session: date, rows: list[dict[str, Any]]) -> None:
        sheet = io.StringIO()
        writer = csv.DictWriter(sheet, HEADER, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        table = self.order_file(session)
        try:
            private_folder(self.folder)
            write_private(table, "\ufeff" + sheet.getvalue())
            write_private(table.with_suffix(".txt"), _table(session, rows))
            write_private(self.folder / f"{session}.json", json.dumps(rows))
        except OSError as error:
            raise LedgerError(f"the ticket {table} cannot be written: {error.strerror}") from error


def _session(name: str) -> date | None:
    """Return the session that a ticket is named after, None for a day in any other spelling."""
    try:
        found = date.fromisoformat(name)
    except ValueError:
        return None
    return found if found.isoformat() == name else None


def _whole(text: str | None) -> int | None:
    """Return the whole number, zero or more, that a field holds; None for anything else."""
    try:
        value = Decimal((text or "").replace(",", "").strip())
    except InvalidOperation:
        return None
    if not (value.is_finite() and 0 <= value < _TOO_MUCH):
        return None
    return int(value) if value == value.to_integral_value() else None


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


def _csv_rows(text: str, file: str) -> tuple[tuple[str, ...], list[dict[str, str | None]]]:
    """Return the header and the rows of a CSV file; refuse one that is none."""
    reader = csv.DictReader(io.StringIO(text))
    try:
        return tuple(reader.fieldnames or ()), list(reader)
    except csv.Error as error:
        problem = Problem(
            file, f"is not a CSV file: {error}", line=reader.line_num, remedy="export it again"
        )
        raise HoldingsError([problem]) from error


def _read_ticket(file: Path) -> list[tuple[int, dict[str, str]]]:
    header, rows = _csv_rows(read_text(file, HoldingsError), str(file))
    if header != HEADER:
        remedy = f"keep the ticket's header {','.join(HEADER)}"
        raise HoldingsError([Problem(str(file), "is not a ticket", line=1, remedy=remedy)])
    return [
        (line, {key: (value or "").strip() for key, value in row.items() if key})
        for line, row in enumerate(rows, start=2)
    ]


def _entry_problems(
    file: Path, line: int, entry: dict[str, str], tickets: dict[str, tuple[date, dict[str, Any]]]
) -> list[Problem]:
    if entry["order"] not in tickets:
        fault: tuple[str, str] | None = ("is on no ticket", "keep the order column as it was")
    elif not entry["filled"]:
        fault = None
    else:
        fault = _entry_fault(entry, tickets[entry["order"]][1])
    if fault is None:
        return []
    return [Problem(str(file), fault[0], line=line, key=entry["order"] or None, remedy=fault[1])]


def _entry_fault(entry: dict[str, str], row: dict[str, Any]) -> tuple[str, str] | None:
    """Return what is wrong with one fill and what to do about it, None if nothing is."""
    filled = _whole(entry["filled"])
    if filled is None or filled > row["shares"]:
        return f"{_short(entry['filled'])!r} filled of {row['shares']}", "write whole shares"
    price = _whole(entry["price"]) or 0
    if filled and not 0 < filled * price < _TOO_MUCH:
        return f"{_short(entry['price'])!r} is not a price", "write the average price in whole won"
    if filled and _beyond(price, row):
        remedy = "look at the broker's screen: an order within its limit cannot be filled there"
        return f"{price} is beyond the limit {row['limit']} of this {row['side']}", remedy
    fee = _whole(entry["fee"] or "0")
    if fee is None or fee > filled * price:
        return f"{_short(entry['fee'])!r} is not a fee", "write whole won, or leave it empty"
    return _contradiction(entry, row)


def _beyond(price: int, row: dict[str, Any]) -> bool:
    limit: int | None = row["limit"]
    if limit is None:
        return False
    return price > limit if row["side"] == Side.BUY else price < limit


def _contradiction(entry: dict[str, str], row: dict[str, Any]) -> tuple[str, str] | None:
    """Return what a fill was given as before, if it was another: the books only grow."""
    if row["filled"] is None:
        return None
    again: dict[str, Any] = {}
    _fill_in(again, entry)
    for name, value in again.items():
        if value != row[name]:
            before, now = ("nothing" if known is None else known for known in (row[name], value))
            remedy = "a fill cannot be changed; give the first one and export the holdings again"
            return f"{name} was given as {before} before, not {now}", remedy
    return None


def _fill_in(row: dict[str, Any], entry: dict[str, str]) -> None:
    row["filled"] = _whole(entry["filled"])
    row["price"] = _whole(entry["price"]) if row["filled"] else None
    row["fee"] = _whole(entry["fee"]) if entry["fee"] else None


def _order(session: date, row: dict[str, Any]) -> BrokerOrder:
    filled = row["filled"]
    state = OrderState.OPEN
    if filled is not None:
        state = OrderState.FILLED if filled == row["shares"] else OrderState.CLOSED
    return BrokerOrder(
        order_id=row["order"],
        name=row["order"],
        session=session,
        side=Side(row["side"]),
        ticker=row["ticker"],
        shares=row["shares"],
        limit=row["limit"],
        state=state,
        filled=filled or 0,
        amount=(filled or 0) * (row["price"] or 0),
        fee=row["fee"],
    )


def _is_row(row: object) -> bool:
    """Return whether a stored row is one that :meth:`TicketBroker.submit` could have written."""
    if not isinstance(row, dict) or set(row) != set(HEADER):
        return False
    texts = all(isinstance(row[name], str) for name in ("order", "side", "ticker"))
    counts = (row[name] for name in ("limit", "filled", "price", "fee"))
    return (
        texts
        and row["side"] in list(Side)
        and type(row["shares"]) is int
        and all(count is None or type(count) is int for count in counts)
    )


def _table(session: date, rows: list[dict[str, Any]]) -> str:
    lines = [f"{session}", ""]
    lines += [
        f"{row['side']:4}  {row['ticker']:8}  {row['shares']:>8,}  @ {row['limit'] or 0:>10,}"
        for row in rows
    ]
    return "\n".join([*lines, ""])
