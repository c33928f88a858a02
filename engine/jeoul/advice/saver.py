"""The person of an account comparison: what is paid, when, and what decides the taxes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal, NamedTuple

from jeoul.errors import UsageError
from jeoul.korea.isa import isa_kind
from jeoul.korea.isa_entry import isa_eligible
from jeoul.korea.rulebook import Rulebook
from jeoul.korea.wages import income_wages

Lots = Literal["average", "fifo"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Saver:
    """The person of the comparison: what is paid monthly or once, and what decides the taxes.

    ``lump`` is paid on the first day besides what is paid monthly. ``other_income`` is taxed at the
    schedule beside interest and dividends, of which ``financial_income`` is there already, a year.
    ``health`` is the status in health insurance, None where it is not known. ``lots`` says how the
    broker counts the cost of foreign shares.
    """

    monthly: int = 0
    lump: int = 0
    age: int = 45
    wages: int = 60_000_000
    other_income: int = 0
    financial_income: int = 0
    isa_kind: str = "general"
    health: str | None = None
    lots: Lots = "average"


def with_incomes(book: Rulebook, saver: Saver, taxable: int | None) -> Saver:
    """Return the saver with the taxable income of a year and the kind of ISA that goes with it.

    Without ``taxable`` both follow from the wages alone, as a plan has them: no income is supposed
    that nobody gave. With it the kind stays as it is, because it need not come from wages.

    >>> from jeoul.korea.tables import load_rules
    >>> found = with_incomes(load_rules(2026), Saver(wages=20_000_000), None)
    >>> found.other_income, found.isa_kind
    (8306520, 'low_income')
    """
    if taxable is not None:
        return replace(saver, other_income=taxable)
    kind = isa_kind(book, wages=saver.wages, financial_income=saver.financial_income).kind
    return replace(saver, other_income=income_wages(book, wages=saver.wages).base, isa_kind=kind)


def isa_bars(book: Rulebook, saver: Saver) -> tuple[str, ...]:
    """Return what bars the saver from opening an ISA at the first payment: empty for nothing.

    Interest and dividends above 20 M come every year, so in the three years before as well.

    >>> from jeoul.korea.tables import load_rules
    >>> isa_bars(load_rules(2026), Saver(financial_income=20_000_001))
    ('isa_taxpayer',)
    """
    return isa_eligible(
        book,
        age=saver.age,
        earned_income_last_year=saver.wages > 0,
        financial_income_taxpayer_last_3y=saver.financial_income
        > book.won("income.financial_limit"),
    ).reasons


class SaverPayment(NamedTuple):
    """Won paid on the day of one quote, by its number."""

    number: int
    day: date
    amount: int


def payments(saver: Saver, days: Sequence[date]) -> tuple[SaverPayment, ...]:
    """Return what the saver pays: on every day but the last, which is that of the sale.

    Raises :class:`UsageError` if nothing would be paid.

    >>> days = [date(2024, 1, 2), date(2024, 2, 1), date(2024, 3, 4)]
    >>> [paid.amount for paid in payments(Saver(monthly=100, lump=1_000), days)]
    [1100, 100]
    """
    if min(saver.monthly, saver.lump) < 0 or not saver.monthly + saver.lump:
        raise UsageError(
            f"monthly is {saver.monthly} and lump is {saver.lump}; give won above zero for one"
        )
    return tuple(_payments(saver, days))


def _payments(saver: Saver, days: Sequence[date]) -> Iterator[SaverPayment]:
    for number, day in enumerate(days[:-1]):
        amount = saver.monthly + (0 if number else saver.lump)
        if amount:
            yield SaverPayment(number, day, amount)
