"""A certificate of withholding as a table: a header, and a row for each payment."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from jeoul.account.holdings.amounts import is_blank, own_money
from jeoul.account.holdings.labels import is_comment, is_total, written_date
from jeoul.account.statements.labels import column_of, kind_of, rate_of, year_in
from jeoul.account.statements.record import CertificateLine, WithholdingCertificate
from jeoul.account.statements.wrong import StatementFaults
from jeoul.files.sheets import Sheet, SheetRow

_LOOKED_AT = 200  # rows in which a header is looked for
_NEEDED = frozenset({"income", "national"})
_AMOUNTS = ("income", "national", "local", "untaxed", "loss", "foreign")


def certificate_in(sheet: Sheet) -> WithholdingCertificate | None:
    """Return the certificate in a sheet, None without a header of income and income tax.

    Raises :class:`StatementFaults` with what is wrong in its rows.
    """
    for place, row in enumerate(sheet.rows[:_LOOKED_AT]):
        columns = _columns(row)
        if columns.keys() >= _NEEDED:
            return _certificate(sheet, place, columns)
    return None


def _columns(row: SheetRow) -> Mapping[str, int]:
    found: dict[str, int] = {}
    for place, cell in enumerate(row.cells):
        role = column_of(cell)
        if role is not None:
            found.setdefault(role, place)
    return found


def _certificate(sheet: Sheet, header: int, columns: Mapping[str, int]) -> WithholdingCertificate:
    payments: list[CertificateLine] = []
    faults: list[tuple[int | None, str, str]] = []
    years = {y for row in sheet.rows[:header] if (y := year_in(" ".join(row.cells)))}
    for row in sheet.rows[header:]:
        if _aside(row):
            continue
        payment, wrong = _payment(row, columns)
        if payment is not None:
            payments.append(payment)
        faults += wrong
        day = written_date(_cell(row, columns, "date"))
        years |= set() if day is None else {day.year}
    if len(years) != 1:
        said = "names no year" if not years else f"is of several years, {_listed(years)}"
        faults.append(
            (None, f"the certificate {said}", "keep the payments of one year, with 지급일")
        )
    if not payments and not faults:
        faults.append((None, "the certificate has no payments", "export the year's payments"))
    if faults:
        raise StatementFaults(faults)
    return WithholdingCertificate(year=years.pop(), payments=tuple(payments))


def _listed(years: set[int]) -> str:
    return ", ".join(map(str, sorted(years)))


def _aside(row: SheetRow) -> bool:
    """Return whether a row is a sum, a remark or the header again."""
    texts = [cell for cell in row.cells if cell]
    if is_comment(texts[0]) or any(is_total(text) for text in texts[:2]):
        return True
    return len(texts) == 1 or _columns(row).keys() >= _NEEDED


def _cell(row: SheetRow, columns: Mapping[str, int], role: str) -> str:
    place = columns.get(role)
    return "" if place is None or place >= len(row.cells) else row.cells[place]


def _payment(
    row: SheetRow, columns: Mapping[str, int]
) -> tuple[CertificateLine | None, list[tuple[int | None, str, str]]]:
    faults: list[tuple[int | None, str, str]] = []
    amounts: dict[str, int] = {}
    for role in _AMOUNTS:
        cell = _cell(row, columns, role)
        value = Decimal(0) if is_blank(cell) else own_money(cell, "KRW")
        if value is None or value != value.to_integral_value() or value < 0:
            said = f"{cell!r} is not an amount of won"
            faults.append((row.line, said, "write whole won, without a sign"))
        else:
            amounts[role] = int(value)
    written = _cell(row, columns, "kind")
    kind = next((k for cell in (written, *row.cells) if (k := kind_of(cell))), None)
    if kind is None:
        said = f"{written!r} is not a kind of payment"
        faults.append((row.line, said, "write 이자, 배당, ISA, 연금 or 기타"))
    shown = _cell(row, columns, "rate")
    rate = None if is_blank(shown) else rate_of(shown)
    if rate is None and not is_blank(shown):
        faults.append(
            (row.line, f"{shown!r} is not a tax rate", "write the percentage, such as 14")
        )
    if faults or kind is None:
        return None, faults
    return CertificateLine(kind=kind, rate=rate, **amounts), []
