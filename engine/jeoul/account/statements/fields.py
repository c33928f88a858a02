"""The settlement of a year's tax as rows of labels and amounts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from jeoul.account.holdings.amounts import amount_of, own_money
from jeoul.account.statements.labels import CREDITED, PAID, field_of, year_in
from jeoul.account.statements.record import YearSettlement
from jeoul.account.statements.wrong import StatementFaults
from jeoul.files.sheets import Sheet, SheetRow

_PENSIONS = ("savings", "irp")
_LOCAL = "지방소득세"
_NEEDED = ("wages", "determined")


@dataclass(slots=True)
class _Read:
    """The amounts read so far, by field, and what is wrong with them."""

    amounts: dict[str, int] = field(default_factory=dict)
    faults: list[tuple[int | None, str, str]] = field(default_factory=list)

    def take(self, name: str, amount: int, line: int, label: str) -> None:
        """Take an amount in; two that differ are a fault."""
        before = self.amounts.setdefault(name, amount)
        if before != amount:
            said = f"{label} is both {before:,} and {amount:,}"
            self.faults.append((line, said, "keep the one that is right"))


def settlement_in(sheet: Sheet) -> YearSettlement | None:
    """Return the settlement in a sheet, None without the labels 총급여 and 결정세액.

    Raises :class:`StatementFaults` with what is wrong in its rows.
    """
    read, last = _Read(), None
    for row in sheet.rows:
        name, label = _label(row)
        name = name or (last if last in _PENSIONS and row.cells[0] == "" else None)
        if name is not None:
            _take(read, row, name, label)
        last = name
    if not all(name in read.amounts for name in _NEEDED):
        return None
    years = {y for row in sheet.rows if (y := year_in(" ".join(row.cells)))}
    if len(years) != 1:
        said = "the settlement names no year" if not years else "the settlement is of several years"
        read.faults.append((None, said, "write a row 귀속연도 with it"))
    if read.faults:
        raise StatementFaults(read.faults)
    return _settlement(read.amounts, years.pop())


def _label(row: SheetRow) -> tuple[str | None, str]:
    """Return the field that a row's first texts name, and the label."""
    for cell in row.cells[:3]:
        if (
            cell
            and amount_of(cell) is None
            and (name := field_of(_without_marks(cell))) is not None
        ):
            return name, cell
    return None, ""


def _without_marks(cell: str) -> str:
    return cell.replace(PAID, "").replace(CREDITED, "").replace(f"({_LOCAL})", "").strip()


def _numbers(row: SheetRow) -> Iterator[int]:
    for cell in row.cells:
        value = own_money(cell, "KRW")
        if value is not None and value == value.to_integral_value() and value >= 0:
            yield int(value)


def _take(read: _Read, row: SheetRow, name: str, label: str) -> None:
    amounts, said = list(_numbers(row)), " ".join(row.cells)
    if not amounts:
        return
    if name in _PENSIONS:
        _take_pension(read, row, name, amounts)
    elif name == "determined" and _LOCAL in said and len(amounts) == 1:
        read.take("determined_local", amounts[0], row.line, label)
    else:
        read.take(name, amounts[0], row.line, label)
        if name == "determined" and len(amounts) > 1:
            read.take("determined_local", amounts[1], row.line, label)


def _take_pension(read: _Read, row: SheetRow, name: str, amounts: list[int]) -> None:
    """Take what was paid into a kind of pension account, and the credit for it."""
    said = "".join(row.cells).replace(" ", "")
    if len(amounts) > 1:
        paid, credited = amounts[0], amounts[1]
        read.take(name, paid, row.line, row.cells[0])
        read.take(f"{name}_credit", credited, row.line, row.cells[0])
    elif PAID in said:
        read.take(name, amounts[0], row.line, PAID)
    elif CREDITED in said:
        read.take(f"{name}_credit", amounts[0], row.line, CREDITED)
    else:
        wrong = f"{row.cells[0]} has one amount, and it is not said which"
        read.faults.append((row.line, wrong, f"write {PAID} or {CREDITED} beside it"))


def _settlement(amounts: dict[str, int], year: int) -> YearSettlement:
    credits = [amounts[f"{name}_credit"] for name in _PENSIONS if f"{name}_credit" in amounts]
    pension = amounts.get("pension_credit", sum(credits) if credits else None)
    determined = amounts["determined"]
    return YearSettlement(
        year=year,
        wages=amounts["wages"],
        determined=determined,
        determined_local=amounts.get("determined_local", determined // 100 * 10),
        other_income=amounts.get("other_income"),
        dependants=amounts.get("dependants"),
        base=amounts.get("base"),
        other_credits=_other_credits(amounts, pension),
        pension_credit=pension,
        pension_savings=amounts.get("savings"),
        irp=amounts.get("irp"),
        financial=amounts.get("financial"),
    )


def _other_credits(amounts: dict[str, int], pension: int | None) -> int | None:
    """Return the credits beside those of wages and pensions: printed, or the rest of their sum."""
    if "other_credits" in amounts or not _all(amounts, ("all_credits", "wage_credit")):
        return amounts.get("other_credits")
    return amounts["all_credits"] - amounts["wage_credit"] - (pension or 0)


def _all(amounts: dict[str, int], names: Iterable[str]) -> bool:
    return all(name in amounts for name in names)
