"""What is said of a reading: where everything was found, and what was left aside."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jeoul.account.holdings.balances import Balances
from jeoul.account.holdings.codes import is_korean, is_note
from jeoul.account.holdings.rows import Positions
from jeoul.account.holdings.table import HoldingsTable
from jeoul.model.portfolio import Reason

_SHOWN = 12  # of codes, columns and lines in a note
_SEPARATORS = {",": ",", "\t": "tab", ";": ";", "|": "|"}


def reading_notes(
    table: HoldingsTable, positions: Positions, found: Balances, loose: set[int], currency: str
) -> tuple[Reason, ...]:
    """Return what is said of a reading, the format first and what is outside last."""
    notes = [_format(table), _columns(table)]
    written = [f"{theirs} → {code}" for theirs, code in positions.written.items()]
    if written:
        notes.append(Reason.of("holdings.written", codes=_listed(written)))
    notes += found.notes
    for why, lines in sorted(positions.aside.items()):
        notes.append(Reason.of(f"holdings.aside_{why}", lines=_listed(list(map(str, lines)))))
    before = [str(row.line) for row in table.before if row.line not in loose]
    if before:
        notes.append(Reason.of("holdings.aside_before", lines=_listed(before)))
    if unread := table.unread():
        notes.append(Reason.of("holdings.unread", columns=_listed(unread)))
    notes += _outside(positions, found)
    korean = [code for code in positions.outside if is_korean(code)]
    if korean and currency != "KRW":
        notes.append(Reason.of("holdings.korean", codes=_listed(korean), currency=currency))
    return tuple(notes)


def _format(table: HoldingsTable) -> Reason:
    sheet = table.sheet
    detail = {
        "encoding": sheet.encoding or "",
        "separator": _SEPARATORS.get(sheet.separator or "", sheet.separator or ""),
        "sheet": sheet.name or "",
        "line": table.header.line,
    }
    return Reason.of(f"holdings.read_{sheet.kind}", **detail)


def _columns(table: HoldingsTable) -> Reason:
    read = [f"{role} = {name}" for role, name in table.names().items()]
    return Reason.of("holdings.columns", columns=_listed(read))


def _outside(positions: Positions, found: Balances) -> Iterator[Reason]:
    for code, count in positions.outside.items():
        kind = "holdings.outside_note" if is_note(code) else "holdings.outside"
        yield Reason.of(kind, code=code, count=f"{int(count):,}")
    for code, amount in found.foreign.items():
        yield Reason.of("holdings.foreign", currency=code, amount=amount)


def _listed(texts: Sequence[str]) -> str:
    shown = ", ".join(texts[:_SHOWN])
    return shown if len(texts) <= _SHOWN else f"{shown}, … (+{len(texts) - _SHOWN})"
