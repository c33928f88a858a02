"""The settlement of a year's tax as rows of labels and amounts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from jeoul.account.holdings.amounts import own_money
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
        name, label, cells = _label(row)
        name = name or (last if last in _PENSIONS and row.cells[0] == "" else None)
        if name is not None and (amounts := list(_numbers(cells))):
            _take(read, row, name, label, amounts)
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


def _label(row: SheetRow) -> tuple[str | None, str, tuple[str, ...]]:
    """Return the field that one of a row's first texts names, that label, and the row from it on.

    A number before the label is that of the item, and not an amount.
    """
    for place, cell in enumerate(row.cells[:3]):
        if (name := field_of(_without_marks(cell))) is not None:
            return name, cell, row.cells[place:]
    return None, "", row.cells


def _without_marks(cell: str) -> str:
    return cell.replace(PAID, "").replace(CREDITED, "").replace(f"({_LOCAL})", "").strip()


def _numbers(cells: Iterable[str]) -> Iterator[int]:
    for cell in cells:
        value = own_money(cell, "KRW")
        if value is not None and value == value.to_integral_value() and value >= 0:
            yield int(value)


def _take(read: _Read, row: SheetRow, name: str, label: str, amounts: list[int]) -> None:
    first, *more = amounts
    if name in _PENSIONS:
        _take_pension(read, row, name, label, amounts)
    elif name == "determined" and not more and _LOCAL in " ".join(row.cells):
        read.take("determined_local", first, row.line, label)
    else:
        read.take(name, first, row.line, label)
        if name == "determined" and more:
            read.take("determined_local", more[0], row.line, label)


def _take_pension(read: _Read, row: SheetRow, name: str, label: str, amounts: list[int]) -> None:
    """Take what was paid into a kind of pension account, and the credit for it."""
    said = "".join(row.cells).replace(" ", "")
    first, *more = amounts
    if more:
        read.take(name, first, row.line, label)
        read.take(f"{name}_credit", more[0], row.line, label)
    elif PAID in said:
        read.take(name, first, row.line, PAID)
    elif CREDITED in said:
        read.take(f"{name}_credit", first, row.line, CREDITED)
    else:
        wrong = f"{label} has one amount, and it is not said which"
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
