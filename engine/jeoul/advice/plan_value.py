"""What a won paid into each account is worth at the end, after every tax."""

from __future__ import annotations

from dataclasses import dataclass

from jeoul.advice.person import Person
from jeoul.korea.gains import Gain
from jeoul.korea.income import financial_income
from jeoul.korea.isa import isa_kind, settle_isa
from jeoul.korea.levy import floor, levy
from jeoul.korea.pension import close_pension, receive_pension
from jeoul.korea.pension_credit import PensionCredit, pension_credit
from jeoul.korea.rulebook import Rulebook

_RECEIPT_YEARS = 10  # private pensions are taken over at least ten years to stay within the limit


@dataclass(frozen=True, slots=True)
class Split:
    """One year's money by account, in won."""

    pension_savings: int = 0
    irp: int = 0
    isa: int = 0
    general: int = 0


@dataclass(frozen=True, slots=True)
class Worth:
    """What a split grows to: after-tax won at the horizon, and the credit received this year."""

    terminal: int
    credit: int


def gain_on(person: Person, amount: int) -> int:
    """Return the assumed gain of an amount over the person's horizon."""
    return floor(amount * ((1 + person.growth) ** person.horizon_years - 1))


def kind_of(book: Rulebook, person: Person) -> str:
    """Return the kind of the person's ISA: the one they have, or the one their incomes give."""
    if person.isa is not None and person.isa.kind is not None:
        return person.isa.kind
    income = person.comprehensive_income
    return isa_kind(
        book,
        wages=person.wages,
        comprehensive_income=0 if income is None else income,
        farmer=person.farmer,
    ).kind


def worth(book: Rulebook, person: Person, split: Split) -> Worth:
    """Return what a split is worth at the horizon.

    Every account holds the same KRX-listed fund whose gain is taxed as fund income, sold at the
    end. Ordinary account: 15.4 % and, where it applies, the comprehensive tax above 20 M. ISA:
    settled at the end with what it has gained already. Pension: the credit is invested in an
    ordinary account; before the pension age everything is taken out at once, from it on over ten
    yearly receipts.
    """
    credit, credited = _credited(book, person, split)
    terminal = (
        _general(book, person, split.general)
        + _isa(book, person, split.isa)
        + _pension(book, person, split, credited)
        + (_general(book, person, split.general + credit) - _general(book, person, split.general))
    )
    return Worth(terminal, credit)


def _credited(book: Rulebook, person: Person, split: Split) -> tuple[int, int]:
    """Return what a split adds to the tax credit, and to the payments that are credited."""

    def found(savings: int, irp: int) -> PensionCredit:
        return pension_credit(
            book,
            wages=person.wages,
            comprehensive_income=person.comprehensive_income,
            pension_savings=savings,
            irp=irp,
            tax_due=person.tax_due,
        )

    before = found(person.pension_paid, person.irp_paid)
    after = found(person.pension_paid + split.pension_savings, person.irp_paid + split.irp)
    base = (after.base - after.unused) - (before.base - before.unused)
    return after.credit - before.credit, base


def _general(book: Rulebook, person: Person, amount: int) -> int:
    gain = gain_on(person, amount)
    taxed = max(0, gain)
    tax = levy(book, taxed, book.rate("tax.withholding")).total
    return amount + gain - tax - extra_tax(book, person, taxed)


def extra_tax(book: Rulebook, person: Person, gain: int) -> int:
    """Return what a gain adds to the comprehensive tax, beside what is withheld from it."""

    def due(financial: int) -> int:
        found = financial_income(book, financial=financial, other_income=person.taxable_income)
        return found.extra + found.local_extra

    return due(person.financial_income + gain) - due(person.financial_income)


def _isa(book: Rulebook, person: Person, amount: int) -> int:
    opened = person.year if person.isa is None else person.isa.opened
    earlier = 0 if person.isa is None else person.isa.gain
    held = person.year - opened + person.horizon_years

    def tax(gain: int) -> int:
        return settle_isa(
            book,
            kind=kind_of(book, person),
            years_held=held,
            results=(Gain("krx_other_etf", gain),),
        ).tax

    gain = gain_on(person, amount)
    return amount + gain - (tax(earlier + gain) - tax(earlier))


def _pension(book: Rulebook, person: Person, split: Split, base: int) -> int:
    amount = split.pension_savings + split.irp
    if not amount:
        return 0
    gain = gain_on(person, amount)
    credited = min(amount, base)
    age = person.age + person.horizon_years
    start = book.table("pension.start")["age"]
    if not isinstance(start, int):
        raise TypeError("pension.start.age is not an integer")
    if age < start:
        return close_pension(
            book, credited=credited, earnings=gain, uncredited=amount - credited
        ).net
    yearly = max(0, credited + gain) // _RECEIPT_YEARS
    tax = _RECEIPT_YEARS * receive_pension(book, age=age, amount=yearly).withheld
    return amount + gain - tax
