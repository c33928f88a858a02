"""Dividends and splits of a raw price file: ``date,ticker,dividend,split[,taxable]``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from pathlib import Path

from jeoul.files.faults import shown
from jeoul.market.sheet import SheetFaults, read_text, rows_of
from jeoul.model.calendar import Calendar
from jeoul.model.ratio import WHOLE, parse_ratio

HEADER = ("date", "ticker", "dividend", "split")
TAXABLE = "taxable"
"""The column that may follow: the part of a dividend that is taxed (과세표준), empty for all."""


@dataclass(frozen=True, slots=True)
class PriceEvent:
    """A dividend per share, a split (new shares per old share) or both, at the open of a day.

    ``taxable`` is the part of the dividend that is taxed, None where the file does not say it.
    """

    day: date
    ticker: str
    dividend: float
    split: Fraction
    line: int
    taxable: float | None = None


def read_events(
    folder: Path, path: str, tickers: Sequence[str], calendar: Calendar
) -> tuple[PriceEvent, ...]:
    """Return the events of a file in its order.

    An empty ``dividend`` means 0, an empty ``split`` means 1. A split is a whole number, a ratio
    such as ``1/3`` or ``1:3``, or a decimal (:func:`jeoul.model.ratio.parse_ratio`).

    Raises :class:`DataError` with every fault of the file: a header other than
    ``date,ticker,dividend,split`` with or without ``taxable``, a date that is not a session of the
    calendar, a ticker that the price file lacks, a dividend below 0, a taxable part that is not
    one, a split of 0 or less, an event that appears twice.
    """
    text = read_text(folder, path)
    faults = SheetFaults(path)
    rows = rows_of(text, 1, faults)
    _, cells = next(rows, (1, []))
    header = tuple(cells)
    if header not in (HEADER, (*HEADER, TAXABLE)):
        faults.add(f"the header is {','.join(header)}", f"write the header {','.join(HEADER)}", 1)
        faults.refuse()
    known = frozenset(tickers)
    found: dict[tuple[date, str], PriceEvent] = {}
    for line, cells in rows:
        event = _event(cells, line, known, faults, len(header))
        if event is None:
            continue
        if (event.day, event.ticker) in found:
            reason = f"{event.day} appears twice for {event.ticker}"
            faults.add(reason, "join them in one row", line, event.ticker)
        if not calendar.is_session(event.day):
            reason = f"{event.day} is not a session of {calendar.name}"
            faults.add(reason, "give the ex-date, which is a session", line, event.ticker)
        found[event.day, event.ticker] = event
    faults.refuse()
    return tuple(found.values())


def _event(
    cells: Sequence[str], line: int, known: frozenset[str], faults: SheetFaults, width: int
) -> PriceEvent | None:
    if len(cells) != width:
        faults.add(f"has {len(cells)} cells, not {width}", "complete the row", line)
        return None
    try:
        day = date.fromisoformat(cells[0])
    except ValueError:
        faults.add(f"{shown(cells[0])} is not a date", "write it as 2024-06-28", line, "date")
        return None
    if cells[1] not in known:
        remedy = "write the code as the price file's header has it, such as 069500, not 69500"
        faults.add(f"{shown(cells[1])} is not a column of the price file", remedy, line, "ticker")
        return None
    dividend = _amount(cells[2], 0.0)
    if dividend is None or dividend < 0:
        faults.add(f"{shown(cells[2])} is not a dividend", "write 0 or more", line, "dividend")
    split = WHOLE
    try:
        split = parse_ratio(cells[3]) if cells[3].strip() else WHOLE
    except ValueError as error:
        reason, _, remedy = str(error).partition(", ")
        faults.add(reason, remedy or "write new shares per old share", line, "split")
    taxable = _taxable(cells[len(HEADER) :], dividend or 0.0, line, faults)
    return PriceEvent(
        day=day, ticker=cells[1], dividend=dividend or 0.0, split=split, line=line, taxable=taxable
    )


def _taxable(cells: Sequence[str], dividend: float, line: int, faults: SheetFaults) -> float | None:
    """Return the taxed part of a dividend, None where the row does not say it."""
    if not cells or not cells[0].strip():
        return None
    found = _amount(cells[0], 0.0)
    if found is None or not 0 <= found <= dividend:
        remedy = f"write 0 to {dividend:g}, the dividend, or leave it empty"
        faults.add(f"{shown(cells[0])} is not a part of the dividend", remedy, line, TAXABLE)
        return None
    return found


def _amount(cell: str, empty: float) -> float | None:
    if not cell.strip():
        return empty
    try:
        found = float(cell)
    except ValueError:
        return None
    return found if abs(found) < float("inf") else None
