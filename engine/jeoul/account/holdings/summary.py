"""Money beside the table: pairs of label and amount in a row, and a row of labels over amounts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from jeoul.account.holdings.amounts import amount_of
from jeoul.account.holdings.headers import role_of
from jeoul.account.holdings.labels import Money, is_total, money_label
from jeoul.account.holdings.money import MoneyRows
from jeoul.account.holdings.units import currency_named
from jeoul.files.sheets import SheetRow


class _Pair(NamedTuple):
    place: int
    money: Money
    label: str
    text: str
    stated: str = ""


class _Summary(NamedTuple):
    """The pairs of a row, and the currencies in it that are no label of an amount."""

    pairs: tuple[_Pair, ...]
    currencies: tuple[tuple[int, str], ...]


def loose_money(rows: Sequence[SheetRow], found: MoneyRows, currency: str) -> set[int]:
    """Take in the money of rows outside the table; return the lines that were read."""
    lines: set[int] = set()
    for number_, row in enumerate(rows):
        if row.line not in lines:
            below = rows[number_ + 1] if number_ + 1 < len(rows) else None
            lines |= summary_money(row, below, found, currency)
    return lines


def summary_money(
    row: SheetRow, below: SheetRow | None, found: MoneyRows, currency: str
) -> set[int]:
    """Take in the money of one such row, with the row below it; return the lines that were read.

    ``below`` is None where its cells are no amounts: where it is a holding. A currency that stands
    alone in a row is that of its amounts, before them or behind them.
    """
    read = _summary(row, currency)
    if read.pairs:
        _take(read, row.line, found)
        return {row.line}
    if below is None or not _is_heading(row, below, currency):
        return set()
    labels = [(p, money_label(cell, currency)) for p, cell in enumerate(row.cells)]
    under = tuple(
        _Pair(place, money, row.cells[place], below.cells[place])
        for place, money in labels
        if money is not None and place < len(below.cells) and _is_amount(below.cells[place])
    )
    named = tuple((p, cell) for p, cell in enumerate(below.cells) if currency_named(cell))
    _take(_Summary(under, named), below.line, found)
    return {row.line, below.line} if under else set()


def _take(read: _Summary, line: int, found: MoneyRows) -> None:
    """Take pairs in, each in the currency that is stated for it."""
    for pair, stated in zip(read.pairs, _currencies(read), strict=True):
        if stated is None:
            found.add(pair.money, pair.label, pair.text, line)
        else:
            found.add_stated(pair.money, pair.label, pair.text, stated, line)


def _currencies(read: _Summary) -> Iterator[str | None]:
    """Yield the currency that is stated for each pair, None where there is none.

    If currencies and labels alternate, each currency belongs to one amount; otherwise one currency
    belongs to all. If several differ, they come back as one text, which is not a currency, so that
    the amounts are refused.
    """
    places = [place for place, _ in read.currencies]
    labels = [pair.place for pair in read.pairs]
    turns = sorted([*((p, "currency") for p in places), *((p, "label") for p in labels)])
    alternate = len(places) == len(labels) and all(
        one != other for (_, one), (_, other) in pairwise(turns)
    )
    texts = [text for _, text in read.currencies]
    same = len({currency_named(text) for text in texts}) == 1
    for number_, pair in enumerate(read.pairs):
        if pair.stated or not texts:
            yield pair.stated or None
        elif alternate:
            yield texts[number_]
        else:
            yield texts[0] if same else ", ".join(texts)


def _summary(row: SheetRow, currency: str) -> _Summary:
    """Return the pairs of a row: an amount right behind its label, or behind its currency there."""
    cells = [(p, cell) for p, cell in enumerate(row.cells) if cell and not _is_currency_label(cell)]
    pairs: list[_Pair] = []
    currencies: list[tuple[int, str]] = []
    at = 0
    while at < len(cells):
        place, cell = cells[at]
        alone = currency_named(cell) is not None
        after = at + 1
        while not alone and after < len(cells) and currency_named(cells[after][1]):
            after += 1
        amount = cells[after][1] if after < len(cells) else ""
        behind = bool(pairs) and at > 0 and cells[at - 1][1] == pairs[-1].text  # its currency
        money = None if alone and behind else money_label(cell, currency)
        if money is not None and _is_amount(amount):
            between = [text for _, text in cells[at + 1 : after]]
            stated = ", ".join(between)
            pairs.append(_Pair(place, money, label=cell, text=amount, stated=stated))
            at = after + 1
            continue
        if alone:
            currencies.append((place, cell))
        else:
            _inside(place, cell, currency, pairs, currencies)
        at += 1
    return _Summary(tuple(pairs), tuple(currencies))


def _inside(
    place: int, cell: str, currency: str, pairs: list[_Pair], currencies: list[tuple[int, str]]
) -> None:
    """Take in a cell that has its label and what it says together: ``예수금: 1,500``."""
    label, _, text = cell.partition(":")
    if role_of(label.strip()) == "currency" and currency_named(text):
        currencies.append((place, text.strip()))
    money = money_label(label, currency) if text else None
    if money is not None and _is_amount(text):
        pairs.append(_Pair(place, money, label, text))


def _is_currency_label(cell: str) -> bool:
    return role_of(cell) == "currency"


def _is_amount(text: str) -> bool:
    return amount_of(text) is not None


def _is_heading(row: SheetRow, below: SheetRow, currency: str) -> bool:
    """Return whether a row is nothing but labels of money and sums over their amounts."""
    cells = [cell for cell in row.cells if cell and not _is_currency_label(cell)]
    if any(map(_is_amount, cells)):
        return False
    known = sum(is_total(c) or money_label(c, currency) is not None for c in cells)
    alone = [cell for cell in below.cells if cell and currency_named(cell) is None]
    return known > 1 or (len(cells) == 1 and len(alone) == 1)
