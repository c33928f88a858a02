"""The money of a holdings file: balances of today and of the next days, and foreign money."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from jeoul.account.holdings.amounts import is_blank, money_number
from jeoul.account.holdings.headers import heading
from jeoul.account.holdings.labels import Money, is_total, money_label
from jeoul.account.holdings.table import HoldingsTable
from jeoul.account.holdings.units import currency_named, stated_unit
from jeoul.files.sheets import SheetRow

_MOST = Decimal(10) ** 17  # more than all the money there is


class MoneyEntry(NamedTuple):
    """An amount of money with its label and the line on which it is."""

    money: Money
    label: str
    amount: Decimal
    line: int


class MoneyFault(NamedTuple):
    """What is wrong in a line, and what to do."""

    line: int
    key: str | None
    message: str
    remedy: str


@dataclass(slots=True)
class MoneyRows:
    """What money of an account in a currency was found, and what is wrong with it."""

    currency: str
    entries: list[MoneyEntry] = field(default_factory=list)
    wrongs: list[MoneyFault] = field(default_factory=list)

    def add(self, money: Money, label: str, text: str, line: int) -> None:
        """Take an amount in, or what is wrong with it."""
        found = money_number(text)
        own = money.currency or self.currency
        if found is None or abs(found.value) >= _MOST:
            message = f"{text[:40]!r} is not an amount of money"
            self.wrongs.append(
                MoneyFault(line, label, message, "write it in digits, such as 3000000")
            )
        elif found.currency not in (None, own):
            message = f"{text[:40]!r} is written in {found.currency}, but is read in {own}"
            remedy = f"call a row of foreign money {found.currency}, or convert it"
            self.wrongs.append(MoneyFault(line, label, message, remedy))
        else:
            self.entries.append(MoneyEntry(money, label, found.value, line))

    def refuse_currency(self, label: str, stated: str, line: int) -> None:
        """Say that a row of money states another currency than its label is read in."""
        message = f"is read in {self.currency}, and its currency says {stated[:20]!r}"
        self.wrongs.append(MoneyFault(line, label, message, "correct the currency"))

    def refuse(self, label: str, line: int) -> None:
        """Say that a row of money has several amounts, or none."""
        remedy = "leave the amount alone in the row, under the number of shares"
        self.wrongs.append(MoneyFault(line, label, "does not say one amount of money", remedy))


def labels_of(row: SheetRow, currency: str) -> list[tuple[int, Money]]:
    """Return the cells of a row that are labels of money."""
    found = ((place, money_label(cell, currency)) for place, cell in enumerate(row.cells))
    return [(place, money) for place, money in found if money is not None]


def loose_money(rows: Sequence[SheetRow], found: MoneyRows, currency: str) -> set[int]:
    """Take in money outside the table: pairs of label and amount, and a row of labels over amounts.

    Returns the lines that were read.
    """
    lines: set[int] = set()
    for number_, row in enumerate(rows):
        below = rows[number_ + 1] if number_ + 1 < len(rows) else None
        lines |= summary_money(row, below, found, currency)
    return lines


def summary_money(
    row: SheetRow, below: SheetRow | None, found: MoneyRows, currency: str
) -> set[int]:
    """Take in the money of one such row, with the row below it; return the lines that were read."""
    lines: set[int] = set()
    labels = labels_of(row, currency)
    alone = [place for place, _ in labels if currency_named(row.cells[place]) is not None]
    for place, money in labels:
        beside = next((cell for cell in row.cells[place + 1 :] if cell), "")
        under = below.cells[place] if below is not None and place < len(below.cells) else ""
        if _value(beside) is not None:
            of = next((row.cells[p] for p in alone if row.cells[p - 1] == beside and p > place), "")
            if of and currency_named(of) != (money.currency or currency):
                found.refuse_currency(row.cells[place], of, row.line)
            else:
                found.add(money, row.cells[place], beside, row.line)
            lines.add(row.line)
        elif below is not None and _value(under) is not None and _is_heading(row, currency):
            found.add(money, row.cells[place], under, below.line)
            lines |= {row.line, below.line}
    for cell in row.cells:
        label, _, text = cell.partition(":")
        inside = money_label(label, currency) if text else None
        if inside is not None and _value(text) is not None:
            found.add(inside, label, text, row.line)
            lines.add(row.line)
    return lines


def _value(text: str) -> Decimal | None:
    found = money_number(text)
    return None if found is None else found.value


def _is_heading(row: SheetRow, currency: str) -> bool:
    """Return whether a row is nothing but labels of money and sums."""
    cells = [cell for cell in row.cells if cell]
    known = sum(is_total(c) or money_label(c, currency) is not None for c in cells)
    return all(_value(cell) is None for cell in cells) and (known > 1 or len(cells) == 1)


def row_money(
    table: HoldingsTable, row: SheetRow, money: Money, label: str, found: MoneyRows
) -> None:
    """Take in a row of the table that is money: the amount is under the shares, or alone in it.

    A currency under 통화 is that of the row, whatever it is called.
    """
    own = money.currency or found.currency
    stated = table.cell(row, "currency")
    if not is_blank(stated) and (named := currency_named(stated)) != own:
        if named is None or money.kind != "cash":
            found.refuse_currency(label, stated, row.line)
            return
        money = Money("foreign", money.day, currency=named)
    shares, value = table.cell(row, "shares"), table.cell(row, "value")
    if not is_blank(shares):
        other = _value(value)
        if other is not None and other != _value(shares):
            found.refuse(label, row.line)
        else:
            found.add(money, label, shares, row.line)
        return
    cells = [value, *(cell for cell in row.cells if cell != label)]
    amounts = {amount: cell for cell in cells if (amount := _value(cell)) is not None}
    if len(amounts) > 1:
        amounts.pop(Decimal(0), None)  # a profit or a rate of nothing beside the amount
    if len(amounts) != 1:
        found.refuse(label, row.line)
        return
    (text,) = amounts.values()
    fault = _other_unit(table, row, text, money.currency or found.currency)
    if fault is None:
        found.add(money, label, text, row.line)
    else:
        remedy = "export it in single units of its own currency"
        found.wrongs.append(MoneyFault(row.line, label, fault, remedy))


def _other_unit(table: HoldingsTable, row: SheetRow, text: str, currency: str) -> str | None:
    """Return what is wrong with an amount whose column is in another unit."""
    places = [place for place, cell in enumerate(row.cells) if cell == text]
    headings = [table.header.cells[p] for p in places if p < len(table.header.cells)]
    for name in headings:
        unit = stated_unit(name)
        if unit.scaled or unit.currency not in (None, currency):
            return f"has its amount under {name}, which is not in single {currency}"
    return None


def column_money(table: HoldingsTable, rows: Iterable[SheetRow], found: MoneyRows) -> None:
    """Take in columns of money: every row of the table that has an amount has the same."""
    for place, money in table.money.items():
        label = table.header.cells[place]
        cells = [(row.line, row.cells[place]) for row in rows if place < len(row.cells)]
        amounts = [(line, cell) for line, cell in cells if not is_blank(cell)]
        if len({_value(cell) for _, cell in amounts}) == 1:
            found.add(money, label, amounts[0][1], amounts[0][0])
        elif amounts:
            found.refuse(label, table.header.line)


def chosen(entries: Sequence[MoneyEntry], row: str | None) -> Iterator[MoneyEntry]:
    """Yield the entries that count where a person has named the row of cash.

    The named row is the cash; what has settled before it, and what a broker lets be ordered, is
    left aside. A name that the file does not have changes nothing.
    """
    own = [entry for entry in entries if entry.money.kind != "foreign"]
    named = [e for e in own if row is not None and heading(e.label) == heading(row)]
    if not named:
        yield from entries
        return
    first = named[0].money.day or 0
    for entry in entries:
        later = (entry.money.day or 0) > first
        if entry in named:
            yield entry._replace(money=Money("cash", day=first))
        elif entry.money.kind in ("foreign", "later") or (entry.money.kind == "cash" and later):
            yield entry
