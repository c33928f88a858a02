"""Reading a holdings file: whole shares by ticker, and cash."""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterator
from decimal import Decimal, InvalidOperation
from pathlib import Path

from jeoul.errors import HoldingsError, Problem
from jeoul.files.text import read_text
from jeoul.model.money import UNITS
from jeoul.model.portfolio import CASH, Portfolio

_HEADER = ["ticker", "shares"]
_DIGITS = re.compile(r"[0-9]{1,18}")
_MOST = 17  # the power of ten of the first digit: more than all the money there is


def read_portfolio(
    path: Path | str, *, known: Collection[str] | None = None, currency: str = "KRW"
) -> Portfolio:
    r"""Return the portfolio in a CSV file with the header ``ticker,shares`` and a row ``CASH``.

    Shares are whole and not negative; the CASH row is money: whole won, or dollars with cents.
    Without it there is no cash. ``known`` are the tickers that may occur; None admits any.

    Raises :class:`~jeoul.errors.HoldingsError` with every problem of the file.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder) / "mine.csv"
    ...     _ = file.write_text("ticker,shares\n069500,30\nCASH,3000000\n", "utf-8")
    ...     read_portfolio(file).shares
    {'069500': 30}
    """
    path = Path(path)
    rows = _rows(path, read_text(path, HoldingsError))
    if not rows:
        raise _refused(path, "is empty", "write the header ticker,shares and a row per holding")
    if rows[0][1] != _HEADER:
        found = ",".join(rows[0][1])
        raise _refused(path, f"its header is {found!r}", "write ticker,shares", line=rows[0][0])
    problems = list(_problems(path, rows[1:], known, currency))
    if problems:
        raise HoldingsError(problems)
    money = [cells[1] for _, cells in rows[1:] if cells[0] == CASH]
    shares = {cells[0]: int(cells[1]) for _, cells in rows[1:] if cells[0] != CASH}
    return Portfolio(
        shares={code: count for code, count in shares.items() if count},
        cash=int(Decimal(money[0]) * UNITS[currency]) if money else 0,
        currency=currency,
    )


def _rows(path: Path, text: str) -> list[tuple[int, list[str]]]:
    """Return the rows that are not empty, each with the number of its line."""
    reader = csv.reader(text.splitlines(), strict=True)
    try:
        return [
            (number, [cell.strip() for cell in cells])
            for number, cells in enumerate(reader, start=1)
            if any(cell.strip() for cell in cells)
        ]
    except csv.Error as error:
        wrong = f"is not a CSV file: {error}"
        raise _refused(path, wrong, "correct the quotes in it", reader.line_num) from None


def _refused(path: Path, message: str, remedy: str, line: int | None = None) -> HoldingsError:
    return HoldingsError([Problem(str(path), message, line=line, remedy=remedy)])


def _problems(
    path: Path, rows: list[tuple[int, list[str]]], known: Collection[str] | None, currency: str
) -> Iterator[Problem]:
    seen: set[str] = set()
    for number, cells in rows:
        fault = _fault(cells, seen, known, currency)
        if fault is not None:
            message, remedy = fault
            yield Problem(str(path), message, line=number, key=cells[0] or None, remedy=remedy)
        seen.add(cells[0])


def _fault(
    cells: list[str], seen: set[str], known: Collection[str] | None, currency: str
) -> tuple[str, str] | None:
    if len(cells) != 2:
        return f"has {len(cells)} fields, not 2", "write ticker,shares"
    code, count = cells
    if not code or code in seen:
        return (
            ("stands twice", "add the rows up") if code else ("has no ticker", "name the holding")
        )
    if code == CASH:
        return _cash_fault(count, currency)
    return _code_fault(code, known) or _count_fault(count)


def _code_fault(code: str, known: Collection[str] | None) -> tuple[str, str] | None:
    if known is None or code in known:
        return None
    remedy = "correct the code, or take the row out"
    if code.zfill(6) in known:
        remedy = f"keep the zeros in front: {code.zfill(6)}"
    return "is not a code of this universe", remedy


def _count_fault(count: str) -> tuple[str, str] | None:
    value = _number(count)
    if value is None:
        return f"{count!r} is not a number of shares", "write a whole number"
    if value != value.to_integral_value():
        return (
            f"{count} is not a whole number of shares",
            "orders are in whole shares; round it down",
        )
    if value < 0:
        return f"{count} shares is below zero", "short positions are not supported"
    if not _DIGITS.fullmatch(count):
        return f"{count!r} is not a plain whole number", "write it in digits alone, such as 12"
    return None


def _cash_fault(count: str, currency: str) -> tuple[str, str] | None:
    value = _number(count)
    if value is None or value.adjusted() > _MOST:
        return f"{count!r} is not an amount of money", f"write {currency} in digits alone"
    units = value * UNITS[currency]
    if units != units.to_integral_value():
        return f"{count} is finer than the smallest unit of {currency}", "round it down"
    if value < 0:
        return f"{count} is below zero", "an overdraft cannot be invested; bring it to 0 first"
    return None


def _number(text: str) -> Decimal | None:
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return value if value.is_finite() else None
