"""The rows below a header: securities with their number of shares, money, sums and remarks."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from jeoul.account.holdings.amounts import amount_of, is_blank, money_number, number, own_money
from jeoul.account.holdings.codes import NotACode, code_and_name, code_of, normal_code
from jeoul.account.holdings.labels import (
    is_comment,
    is_prose,
    is_total,
    money_label,
    written_date,
)
from jeoul.account.holdings.money import MoneyFault, MoneyRows, row_money
from jeoul.account.holdings.record import HeldLot, Vouched
from jeoul.account.holdings.securities import Named, Securities, Unknown
from jeoul.account.holdings.summary import summary_money
from jeoul.account.holdings.table import HoldingsTable, is_header
from jeoul.account.holdings.units import currency_named
from jeoul.files.sheets import SheetRow

_MOST_WRONGS = 100  # rows after which nobody reads on
_MOST_SHARES = 10**10  # no company of Korea has issued more
_CREDIT = re.compile(r"신용|융자|대출|대주|담보|margin|loan", re.IGNORECASE)
_CREDIT_NAME = re.compile(r"[(\[<](?:[^)\]>]*)(?:신용|융자|대출|대주|담보)", re.IGNORECASE)


@dataclass(slots=True)
class Positions:
    """What the rows of a table hold, what was left aside of them, and what is wrong.

    ``written`` are the codes and names that stand for another form; ``aside`` gives the lines left
    aside by why: total, remark, heading or nothing; ``worth`` is what a row outside is worth,
    ``vouched`` by what it is taken for real where no list knows it.
    """

    shares: dict[str, int] = field(default_factory=dict)
    outside: dict[str, int | str] = field(default_factory=dict)
    worth: dict[str, Decimal] = field(default_factory=dict)
    vouched: dict[str, Vouched] = field(default_factory=dict)
    cost: dict[str, Decimal] = field(default_factory=dict)
    tax_base: dict[str, Decimal] = field(default_factory=dict)
    lots: dict[str, list[HeldLot]] = field(default_factory=dict)
    written: dict[str, str] = field(default_factory=dict)
    aside: dict[str, list[int]] = field(default_factory=dict)
    rows: list[SheetRow] = field(default_factory=list)
    wrongs: list[MoneyFault] = field(default_factory=list)
    lines: dict[str, int] = field(default_factory=dict)

    def leave(self, why: str, line: int) -> None:
        """Leave a line aside."""
        self.aside.setdefault(why, []).append(line)


def read_body(
    table: HoldingsTable, securities: Securities, money: MoneyRows, currency: str
) -> Positions:
    """Return the positions below a header; money goes to ``money``."""
    found = Positions()
    read: set[int] = set()
    for place, row in enumerate(table.body):
        below = table.body[place + 1] if place + 1 < len(table.body) else None
        if row.line in read:
            continue
        if len(found.wrongs) == _MOST_WRONGS:
            break  # the file is of another kind
        if labels := _summary_labels(table, row, currency):
            is_held = below is not None and _may_be_held(table, below)
            lines = summary_money(row, None if is_held else below, money, currency)
            if not lines:
                money.refuse(labels[0], row.line)
            read |= lines
        else:
            _read_row(table, row, securities, money, currency, found)
    return found


def _summary_labels(table: HoldingsTable, row: SheetRow, currency: str) -> list[str]:
    """Return the labels of a row that is a summary of money and not one row of the table.

    It has several labels, or one where the table has no name of a row. A currency counts beside
    another label only: it may be that of a holding.
    """
    columns = table.places.get("currency", ())
    cells = [cell for column, cell in enumerate(row.cells) if column not in columns]
    currencies = [cell for cell in cells if currency_named(cell) is not None]
    named = [cell for cell in cells if cell not in currencies and money_label(cell, currency)]
    own = _label(table, row)
    is_money = bool(own) and money_label(own, currency) is not None
    several = len(named) > 1 or (is_money and any(cell != own for cell in currencies))
    return [*named, *currencies] if several or (named and not own) else []


def _label(table: HoldingsTable, row: SheetRow) -> str:
    return next((c for role in ("ticker", "isin", "name") if (c := table.cell(row, role))), "")


def _may_be_held(table: HoldingsTable, row: SheetRow) -> bool:
    """Return whether a row has a security where the table has them, and so no amounts there."""
    codes = [cell for role in ("ticker", "isin") if (cell := table.cell(row, role))]
    name = table.cell(row, "name")
    if not is_blank(name) and (amount_of(name) is not None or not codes):
        return amount_of(name) is None
    try:
        return any(normal_code(code) or code_and_name(code) for code in codes)
    except NotACode:
        return True


def _read_row(
    table: HoldingsTable,
    row: SheetRow,
    securities: Securities,
    money: MoneyRows,
    currency: str,
    found: Positions,
) -> None:
    label = _label(table, row)
    texts = [cell for cell in row.cells if cell]
    if is_header(row) and row.cells != table.header.cells:
        remedy = "keep one table in the file"
        found.wrongs.append(MoneyFault(row.line, label or None, "begins a second table", remedy))
        return
    why = _aside(table, row, label, texts)
    if why is not None:
        found.leave(why, row.line)
        return
    if label and (kind := money_label(label, currency)) is not None:
        row_money(table, row, kind, label, money)
        return
    try:
        _position(table, row, securities, currency, found)
    except Unknown as unknown:
        found.wrongs.append(MoneyFault(row.line, label or None, unknown.wrong, unknown.remedy))


def _aside(table: HoldingsTable, row: SheetRow, label: str, texts: list[str]) -> str | None:
    """Return why a row is not read, None if it is."""
    if is_comment(texts[0]) or (len(texts) == 1 and is_prose(texts[0])):
        return "remark"
    if row.cells == table.header.cells:
        return "heading"
    if any(is_total(cell) for cell in (label, texts[0]) if cell):
        return "total"
    return "nothing" if not label and is_blank(table.cell(row, "shares")) else None


def _position(
    table: HoldingsTable, row: SheetRow, securities: Securities, currency: str, found: Positions
) -> None:
    """Take a security in; raise :class:`Unknown` for what is wrong with its row."""
    _check_paid(table, row)
    try:
        named = _named(table, row, securities, currency)
    except Unknown:
        if number(table.cell(row, "shares")) != 0:
            raise
        found.leave("nothing", row.line)  # sold out: whatever it was
        return
    bought = _bought(table, row)
    before = found.lines.setdefault(named.code, row.line)
    if before != row.line:
        _check_lot(found.lots.get(named.code), named.code, bought, (before, row.line))
    _take(table, row, named, _count(table, row), currency, found)
    if bought is not None:
        _take_lot(table, row, named.code, bought, found)


def _bought(table: HoldingsTable, row: SheetRow) -> date | None:
    """Return the day of purchase of a row; raise :class:`Unknown` where it has another text."""
    text = table.cell(row, "bought")
    if is_blank(text):
        return None
    found = written_date(text)
    if found is None:
        raise Unknown(f"{text[:40]!r} is not a day of purchase", "write it as 2024-03-15")
    return found


def _check_lot(
    lots: list[HeldLot] | None, code: str, bought: date | None, lines: tuple[int, int]
) -> None:
    """Raise :class:`Unknown` for a second row unless both are purchases of different days."""
    both = f"{code} appears twice, in lines {lines[0]} and {lines[1]}"
    if not lots or bought is None:
        raise Unknown(both, "add the rows up if both are yours and fully paid")
    if any(lot.bought == bought for lot in lots):
        raise Unknown(f"{both}, bought on the same day", "add the rows up, with their average cost")


def _take_lot(
    table: HoldingsTable, row: SheetRow, code: str, bought: date, found: Positions
) -> None:
    """Take a purchase in, and what all purchases of the fund so far come to."""
    count = _count(table, row)
    if not count:
        return
    lots = found.lots.setdefault(code, [])
    fx = _exchange_rate(table, row)
    lots.append(
        HeldLot(
            bought=bought,
            shares=count,
            cost=found.cost.get(code),
            tax_base=found.tax_base.get(code),
            fx=fx,
        )
    )
    kept = found.shares if code in found.shares else found.outside
    kept[code] = sum(lot.shares for lot in lots)
    for figures, each in (
        (found.cost, [lot.cost for lot in lots]),
        (found.tax_base, [lot.tax_base for lot in lots]),
    ):
        known = [(lot.shares, one) for lot, one in zip(lots, each, strict=True) if one is not None]
        if len(known) == len(lots):
            total = sum((shares * one for shares, one in known), Decimal(0))
            figures[code] = _average(total, sum(shares for shares, _ in known))
        else:
            figures.pop(code, None)


def _named(table: HoldingsTable, row: SheetRow, securities: Securities, currency: str) -> Named:
    """Return the security of a row; one in another currency is outside without more ado."""
    name, isin = table.cell(row, "name"), table.cell(row, "isin")
    ticker = table.cell(row, "ticker")
    if "ticker" not in table.places and not isin:
        ticker, name = name, ""
    if (both := code_and_name(ticker)) is not None:
        ticker, name = both[0], name or both[1]
    other = table.cell(row, "currency")
    if not is_blank(other) and currency_named(other) != currency:
        code = code_of(ticker or isin).upper()
        if not code or securities.inside is None or code in securities.inside:
            raise Unknown(f"is in {other[:20]}, the account in {currency}", "correct the currency")
        return Named(code, inside=False, vouched=Vouched(name, currency_named(other) or other))
    return securities.named(ticker, isin, name)


def _count(table: HoldingsTable, row: SheetRow) -> int:
    """Return the number of shares of a row; raise :class:`Unknown` where it does not say one."""
    stated = [cell for cell in table.cells(row, "shares") if not is_blank(cell)]
    if not stated:
        remedy = "write a whole number under it, or take the row out"
        raise Unknown("has no number of shares", remedy)
    numbers = {number(cell) for cell in stated}
    if len(numbers) > 1:
        both = " and ".join(table.header.cells[place] for place in table.places["shares"])
        wrong = f"has different numbers of shares under {both}"
        raise Unknown(wrong, "keep the column that is right")
    (value,) = numbers
    shown = stated[0] if len(stated[0]) <= 40 else f"{stated[0][:40]}…"
    fault = _count_fault(value, shown)
    if fault is not None:
        raise Unknown(*fault)
    assert value is not None
    return int(value)


def _count_fault(value: Decimal | None, shown: str) -> tuple[str, str] | None:
    if value is None:
        return f"{shown!r} is not a number of shares", "write a whole number in digits"
    if value < 0:
        return f"{shown} shares is below zero", "short positions are not supported"
    if value != value.to_integral_value():
        remedy = "fractional shares (소수점) are kept at the broker, not traded here; round it down"
        return f"{shown} is not a whole number of shares", remedy
    if value > _MOST_SHARES:
        return f"{shown} is a number of shares that no account holds", "correct it"
    return None


def _take(
    table: HoldingsTable, row: SheetRow, named: Named, count: int, currency: str, found: Positions
) -> None:
    found.rows.append(row)
    if not count:
        found.leave("nothing", row.line)
        return
    own = currency_named(table.cell(row, "currency")) or currency
    if named.inside:
        found.shares[named.code] = count
    else:
        found.outside[named.code] = count
        if named.vouched is not None:
            found.vouched[named.code] = named.vouched
        worth = None if table.cell(row, "currency") else _price(table, row, "value", own)
        if worth is not None:
            found.worth[named.code] = found.worth.get(named.code, Decimal(0)) + worth
    if named.written is not None:
        found.written[named.written] = named.code
    paid = _price(table, row, "cost", own)
    total = _price(table, row, "cost_total", own)
    if paid is None and total is not None:
        paid = _average(total, count)
    base = _price(table, row, "tax_base", own)
    for figures, figure in ((found.cost, paid), (found.tax_base, base)):
        figures.pop(named.code, None)  # that of a purchase before
        if figure is not None:
            figures[named.code] = figure


def _average(total: Decimal, count: int) -> Decimal:
    return (total / count).quantize(Decimal("0.0001"))


def _exchange_rate(table: HoldingsTable, row: SheetRow) -> Decimal | None:
    """Return the rate of a purchase, None where the cell is empty; only a person writes one."""
    text = table.cell(row, "fx")
    if text in ("", "-"):
        return None
    found = own_money(text, "KRW")
    if found is None or found <= 0:
        wrong = f"{text[:40]!r} is not an exchange rate"
        raise Unknown(wrong, "write won for one of the currency, such as 1340.5, or nothing")
    return found


def _price(table: HoldingsTable, row: SheetRow, role: str, own: str) -> Decimal | None:
    """Return the first price above zero under a role; raise :class:`Unknown` for any other text.

    Taxes are computed from it, so that neither a text in its place is passed over nor a price in
    another currency than ``own`` taken for one in it.
    """
    for place in table.places.get(role, ()):
        text = row.cells[place] if place < len(row.cells) else ""
        if is_blank(text):
            continue
        found, name = money_number(text), table.header.cells[place]
        if found is None or found.value < 0:
            wrong = f"has {text[:40]!r} under {name}, which is not a price"
            raise Unknown(wrong, "write an amount above zero, or leave it empty")
        if found.currency not in (None, own):
            wrong = f"has {text[:40]!r} under {name}, a price in {found.currency} and not in {own}"
            raise Unknown(wrong, f"write the price in {own}, or leave it empty")
        if found.value:
            return found.value
    return None


def _check_paid(table: HoldingsTable, row: SheetRow) -> None:
    """Raise :class:`Unknown` for a row that says that it is bought on credit or pledged."""
    named = _CREDIT_NAME.search(table.cell(row, "name"))
    named = named or _CREDIT.search(table.cell(row, "credit"))
    if named or any(amount_of(cell) for cell in table.cells(row, "loan")):
        remedy = "only fully paid shares are planned with; take the row out, or pay the loan back"
        raise Unknown("is bought on credit or pledged (신용, 대출)", remedy)
