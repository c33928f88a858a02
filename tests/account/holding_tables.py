"""Tables of holdings in memory: what their rows come to, and what is said of them."""

from __future__ import annotations

from typing import NamedTuple

from jeoul.account.holdings import ColumnNames, Securities
from jeoul.account.holdings.money import MoneyFault, MoneyRows
from jeoul.account.holdings.rows import Positions, read_body
from jeoul.account.holdings.table import HoldingsTable, find_table
from jeoul.files.sheets import Sheet, SheetRow

KNOWN = Securities(
    inside=frozenset({"069500", "360750", "SPY"}),
    real=frozenset({"005930", "AAPL", "US0378331005"}),
    names={"kodex 200": frozenset({"069500"}), "tiger 미국s&p500": frozenset({"360750"})},
)


class Body(NamedTuple):
    """What the rows below a header come to."""

    held: Positions
    money: MoneyRows

    @property
    def amounts(self) -> list[tuple[str, int | None, str | None, float]]:
        """Return the kind, day, currency and amount of each entry of money."""
        return [
            (e.money.kind, e.money.day, e.money.currency, float(e.amount))
            for e in self.money.entries
        ]

    @property
    def wrongs(self) -> list[tuple[int, str | None, str]]:
        """Return line, key and message of everything wrong, in the order of the lines."""
        return told([*self.held.wrongs, *self.money.wrongs])


def told(faults: list[MoneyFault]) -> list[tuple[int, str | None, str]]:
    """Return line, key and message of faults, in the order of the lines."""
    return sorted(((f.line, f.key, f.message) for f in faults), key=lambda each: each[0])


def rows(text: str) -> tuple[SheetRow, ...]:
    """Return the rows of a text with commas and no quotes; an empty line is none."""
    lines = enumerate(text.splitlines(), start=1)
    return tuple(SheetRow(place, tuple(line.split(","))) for place, line in lines if line)


def sheet(text: str, kind: str = "csv", name: str | None = None) -> Sheet:
    """Return the sheet of a text."""
    return Sheet(kind, rows(text), encoding="utf-8", separator=",", name=name)


def table(text: str, currency: str = "KRW", names: ColumnNames | None = None) -> HoldingsTable:
    """Return the table of a text."""
    return find_table([sheet(text)], names or ColumnNames(), currency)


def body(text: str, known: Securities = KNOWN, currency: str = "KRW") -> Body:
    """Return what the rows of a table in a text come to."""
    money = MoneyRows(currency)
    return Body(read_body(table(text, currency), known, money, currency), money)
