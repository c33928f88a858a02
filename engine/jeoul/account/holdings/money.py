"""The money of a holdings file: what a label, its amount and its currency come to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from jeoul.account.holdings.amounts import amount_of, is_blank, money_number
from jeoul.account.holdings.headers import heading
from jeoul.account.holdings.labels import FOREIGN, Money, of_currency
from jeoul.account.holdings.table import HoldingsTable
from jeoul.account.holdings.units import currency_named, stated_unit
from jeoul.files.sheets import SheetRow
from jeoul.model.amount import Amount

_MOST = Decimal(10) ** 17  # more than all the money there is
PLAIN_UNITS = "export amounts in plain won or dollars, not in thousands"


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
        if found is None or abs(found.value) >= _MOST:
            message = f"{text[:40]!r} is not an amount of money"
            remedy = "write it in digits, such as 3000000"
            self.wrongs.append(MoneyFault(line, label, message, remedy))
            return
        if money.kind in FOREIGN and money.currency is None and found.currency != self.currency:
            if found.value == 0:
                return
            money = money._replace(currency=found.currency)
        own = money.currency if money.kind in FOREIGN else self.currency
        fault = _unclear(money, text, found, own)
        if fault is None:
            self.entries.append(MoneyEntry(money, label, found.value, line))
        else:
            self.wrongs.append(MoneyFault(line, label, *fault))

    def add_stated(self, money: Money, label: str, text: str, stated: str, line: int) -> None:
        """Take an amount in whose currency another cell states, or what is wrong with it."""
        own = in_currency(money, label, stated, self.currency)
        if own is None:
            self.refuse_currency(label, stated, line)
        else:
            self.add(own, label, text, line)

    def refuse_currency(self, label: str, stated: str, line: int) -> None:
        """Say that a row of money states another currency than its label is read in."""
        message = f"is read in {self.currency}, but its currency is given as {stated[:20]!r}"
        self.wrongs.append(MoneyFault(line, label, message, "correct the currency"))

    def refuse(self, label: str, line: int) -> None:
        """Say that a row of money has several amounts, or none."""
        remedy = "leave the amount alone in the row, under the number of shares"
        self.wrongs.append(MoneyFault(line, label, "does not say one amount of money", remedy))


def _unclear(money: Money, text: str, found: Amount, own: str | None) -> tuple[str, str] | None:
    """Return what is wrong with the unit of an amount, and what to do."""
    if money.scaled:
        wrong = "gives its amount in thousands or in another large unit"
        return wrong, PLAIN_UNITS
    if own is None:
        wrong = "is foreign money without its currency"
        return wrong, "write the currency beside it, such as 외화예수금(USD), or take the row out"
    if found.currency not in (None, own):
        wrong = f"{text[:40]!r} is written in {found.currency}, but is read in {own}"
        return wrong, f"call a row of foreign money {found.currency}, or convert it"
    return None


def in_currency(money: Money, label: str, stated: str, own: str) -> Money | None:
    """Return money whose currency another cell states, None where the label contradicts it."""
    named = currency_named(stated)
    says = money.currency or stated_unit(label).currency
    if named is None or says is not None:
        return money if named is not None and named == says else None
    if named == own:
        return None if money.kind in FOREIGN else money
    return of_currency(money, named)


def row_money(
    table: HoldingsTable, row: SheetRow, money: Money, label: str, found: MoneyRows
) -> None:
    """Take in a row of the table that is money: the amount is under the shares, or alone in it.

    A currency under 통화 is that of the row, whatever it is called.
    """
    stated = table.cell(row, "currency")
    if not is_blank(stated):
        own = in_currency(money, label, stated, found.currency)
        if own is None:
            found.refuse_currency(label, stated, row.line)
            return
        money = own
    shares, value = table.cell(row, "shares"), table.cell(row, "value")
    if not is_blank(shares):
        other = amount_of(value)
        if other is not None and other != amount_of(shares):
            found.refuse(label, row.line)
        else:
            found.add(money, label, shares, row.line)
        return
    cells = [value, *(cell for cell in row.cells if cell != label)]
    amounts = {amount: cell for cell in cells if (amount := money_number(cell)) is not None}
    if len(amounts) > 1:  # a profit or a rate of nothing beside the amount
        amounts = {amount: cell for amount, cell in amounts.items() if amount.value}
    if len(amounts) != 1:
        found.refuse(label, row.line)
        return
    (text,) = amounts.values()
    fault = _other_unit(table, row, text, money.currency or found.currency)
    if fault is None:
        found.add(money, label, text, row.line)
    else:
        remedy = PLAIN_UNITS
        found.wrongs.append(MoneyFault(row.line, label, fault, remedy))


def _other_unit(table: HoldingsTable, row: SheetRow, text: str, currency: str) -> str | None:
    """Return what is wrong with an amount whose column is in another unit."""
    places = [place for place, cell in enumerate(row.cells) if cell == text]
    headings = [table.header.cells[p] for p in places if p < len(table.header.cells)]
    for name in headings:
        unit = stated_unit(name)
        if unit.scaled or unit.currency not in (None, currency):
            return f"the amount is in the column {name}, which is in another unit than {currency}"
    return None


def column_money(table: HoldingsTable, rows: Iterable[SheetRow], found: MoneyRows) -> None:
    """Take in columns of money: every row of the table that has an amount has the same."""
    for place, money in table.money.items():
        label = table.header.cells[place]
        cells = [(row.line, row.cells[place]) for row in rows if place < len(row.cells)]
        amounts = [(line, cell) for line, cell in cells if not is_blank(cell)]
        if len({amount_of(cell) for _, cell in amounts}) == 1:
            found.add(money, label, amounts[0][1], amounts[0][0])
        elif amounts:
            found.refuse(label, table.header.line)


def chosen(entries: Sequence[MoneyEntry], row: str | None) -> Iterator[MoneyEntry]:
    """Yield the entries that count where a person has named the row of cash.

    The named row is the cash; what has settled before it, and what a broker lets be ordered, is
    left aside. A name that the file does not have changes nothing.
    """
    own = [entry for entry in entries if entry.money.kind not in FOREIGN]
    named = [e for e in own if row is not None and heading(e.label) == heading(row)]
    if not named:
        yield from entries
        return
    first = named[0].money.sessions
    for entry in entries:
        later = entry.money.sessions > first
        if entry in named:
            yield entry._replace(money=Money("cash", day=first))
        elif entry.money.kind in (*FOREIGN, "later") or (entry.money.kind == "cash" and later):
            yield entry
