"""What the accounts of a firm hold: a table in long form, one row a holding."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from jeoul.errors import HoldingsError
from jeoul.firm.records import ClientPosition, Unread
from jeoul.firm.rows import Misread, day_in, read_rows, ticker_of, unread_rows, whole_number
from jeoul.model.instrument import kind_word
from jeoul.model.portfolio import CASH, Portfolio, Reason

COLUMNS = ("account", "ticker", "shares")
OTHERS = ("kind", "profile", "deposit", "withdrawal", "currency", "answers_id")


class ClientPositions(NamedTuple):
    """The accounts of a file by name, and the rows that cannot be used."""

    accounts: Mapping[str, ClientPosition]
    unread: tuple[Unread, ...]


@dataclass(slots=True)
class _Gathered:
    """One account while its rows are read."""

    shares: dict[str, int] = field(default_factory=dict)
    outside: dict[str, int] = field(default_factory=dict)
    unsettled: dict[date, int] = field(default_factory=dict)
    cash: int | None = None
    deposit: int = 0
    withdrawal: int = 0
    words: dict[str, str] = field(default_factory=dict)


def read_positions(file: str, known: Collection[str]) -> ClientPositions:
    """Return what accounts hold; ``known`` are the tickers that may be traded.

    The ticker ``CASH`` is settled money in won, ``CASH@DATE`` money on its way. ``deposit`` and
    ``withdrawal`` are cells of the row ``CASH``. An account with a row that cannot be used, or
    without a row ``CASH``, has no position: an order on half of what it holds would be wrong. Other
    accounts are not concerned. Raises :class:`~jeoul.errors.HoldingsError` for a file that cannot
    be read.
    """
    table = read_rows(file, COLUMNS, OTHERS, HoldingsError)
    unread = unread_rows(file, table)
    gathered: dict[str, _Gathered] = defaultdict(_Gathered)
    tickers = {*known, CASH}
    for row in table.rows:
        name = row.cells["account"]
        try:
            _add(gathered[name], row.cells, tickers)
        except Misread as fault:
            unread.append(Unread(f"{file}:{row.line}", name or None, fault.what))
    broken = {each.account for each in unread}
    for name, one in gathered.items():
        if one.cash is None and name not in broken:
            broken.add(name)
            unread.append(Unread(file, name or None, Reason.of("firm.row_no_cash")))
    sound = {name: _position(one) for name, one in gathered.items() if name and name not in broken}
    return ClientPositions(sound, tuple(unread))


def _add(one: _Gathered, cells: Mapping[str, str], known: Collection[str]) -> None:
    if not cells["account"]:
        raise Misread("account", value="")
    for key in ("kind", "profile"):
        said = cells.get(key, "")
        said = kind_word(said) if key == "kind" else said.lower()
        if said and one.words.setdefault(key, said) != said:
            raise Misread("two", column=key, value=said)
    if (cells.get("currency") or "KRW").upper() != "KRW":
        raise Misread("currency", value=cells["currency"])
    count = whole_number(cells["shares"])
    ticker = ticker_of(cells["ticker"], known)
    if ticker == CASH:
        _add_cash(one, count, cells)
        return
    if cells.get("deposit") or cells.get("withdrawal"):
        raise Misread("flow_place", ticker=ticker)
    if ticker.startswith(f"{CASH}@"):
        _once(one.unsettled, day_in(ticker.partition("@")[2]), count, ticker)
        return
    if not ticker or count < 0:
        raise Misread("shares", value=f"{ticker} {count}")
    _once(one.shares if ticker in known else one.outside, ticker, count, ticker)


def _add_cash(one: _Gathered, count: int, cells: Mapping[str, str]) -> None:
    if one.cash is not None:
        raise Misread("holding_twice", ticker=CASH)
    one.cash = count
    one.deposit, one.withdrawal = (
        whole_number(cells.get(key) or "0") for key in ("deposit", "withdrawal")
    )
    if min(one.deposit, one.withdrawal) < 0 or (one.deposit and one.withdrawal):
        raise Misread("flow", deposit=one.deposit, withdrawal=one.withdrawal)


def _once(there: dict[Any, int], key: str | date, count: int, ticker: str) -> None:
    if key in there:
        raise Misread("holding_twice", ticker=ticker)
    there[key] = count


def _position(one: _Gathered) -> ClientPosition:
    assert one.cash is not None
    return ClientPosition(
        portfolio=Portfolio(one.shares, one.cash, "KRW", one.unsettled),
        outside=one.outside,
        deposit=one.deposit,
        withdrawal=one.withdrawal,
        kind=one.words.get("kind"),
        profile=one.words.get("profile"),
    )
