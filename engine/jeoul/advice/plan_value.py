"""What a won paid into each account is worth at the end, after every tax."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from jeoul.advice.person import Person
from jeoul.advice.situation import TaxSituation
from jeoul.korea.gains import Gain
from jeoul.korea.income import financial_income
from jeoul.korea.isa import settle_isa
from jeoul.korea.levy import floor, levy, withheld
from jeoul.korea.pension import close_pension, receipt_rate, receive_pension
from jeoul.korea.pension_credit import PensionCredit, pension_credit
from jeoul.korea.rulebook import Rulebook

RECEIPT_YEARS = 10
"""A pension is drawn over at least so many years: the yearly limit of receipts is a tenth at first
(시행령 §40의2③3), and a shorter time would be taxed as money taken out at once."""


@dataclass(frozen=True, slots=True)
class YearSplit:
    """One year's money by account, in won."""

    pension_savings: int = 0
    irp: int = 0
    isa: int = 0
    general: int = 0


@dataclass(frozen=True, slots=True)
class SplitWorth:
    """What a split grows to: after-tax won at the horizon, and the credit received this year."""

    terminal: int
    credit: int


class _Part(NamedTuple):
    """One pension account at the horizon: credited and uncredited payments, and the gain."""

    credited: int
    uncredited: int
    gain: int


def gain_on(person: Person, amount: int) -> int:
    """Return the assumed gain of an amount over the person's horizon."""
    return floor(amount * ((1 + person.growth) ** person.horizon_years - 1))


def worth(here: TaxSituation, split: YearSplit) -> SplitWorth:
    """Return what a split is worth at the horizon.

    Every account holds the same KRX-listed fund whose gain is taxed as fund income, sold at the
    end. Ordinary account: 15.4 % and, where it applies, the comprehensive tax above 20 M. ISA:
    settled at the end with what it has gained already, with the benefit only if three years from
    the day of the contract are over. Pension: the credit, never above the tax due, is invested in
    an ordinary account; an account that may pay a pension at the horizon is drawn over ten years
    or more, another is taken at once and taxed as other income.
    """
    credit, base = _credited(here, split)
    terminal = (
        _general(here, split.general + credit) + _isa(here, split.isa) + _pension(here, split, base)
    )
    return SplitWorth(terminal, credit)


def credit_of(
    here: TaxSituation, savings: int, irp: int, moved: int = 0, to: str = "irp"
) -> PensionCredit:
    """Return the credit of a year's whole payments, and of an ISA moved into a pension account."""
    return pension_credit(
        here.book,
        wages=here.person.income.wages,
        other_income=here.incomes.other,
        financial_income=here.incomes.financial,
        resident=here.person.status.resident,
        pension_savings=savings,
        irp=irp,
        isa_transfer=moved,
        isa_transfer_to=to,
        tax_due=here.due.national,
    )


def _credited(here: TaxSituation, split: YearSplit) -> tuple[int, int]:
    """Return what a split adds to the tax credit, and to the payments that are credited."""
    paid = here.person.pension
    before = credit_of(here, paid.savings_paid, paid.irp_paid)
    after = credit_of(here, paid.savings_paid + split.pension_savings, paid.irp_paid + split.irp)
    base = (after.base - after.unused) - (before.base - before.unused)
    return after.credit - before.credit, max(0, base)


def _general(here: TaxSituation, amount: int) -> int:
    gain = gain_on(here.person, amount)
    taxed = max(0, gain)
    # a tax too small to be collected counts: the account holds other money, and it is no reason
    # to spread a payment
    tax = levy(here.book, taxed, here.book.rate("tax.withholding")).total
    beside = here.person.income.taxable or 0
    return amount + gain - tax - extra_tax(here.book, here.person, taxed, beside)


def extra_tax(book: Rulebook, person: Person, gain: int, beside: int) -> int:
    """Return what a gain adds to the comprehensive tax, beside what is withheld from it.

    ``beside`` is the other taxable income of that year, after its deductions.
    """

    def due(financial: int) -> int:
        found = financial_income(book, financial=financial, other_income=beside)
        return found.extra + found.local_extra

    return due(person.income.financial + gain) - due(person.income.financial)


def _isa(here: TaxSituation, amount: int) -> int:
    state = here.person.isa
    earlier = 0 if state is None else state.gain

    def tax(gain: int) -> int:
        return settle_isa(
            here.book,
            kind=here.isa_kind,
            years_held=here.book.won("isa.min_years") if here.isa_full else 0,
            results=(Gain("krx_other_etf", gain),),
        ).tax

    gain = gain_on(here.person, amount)
    return amount + gain - (tax(earlier + gain) - tax(earlier))


def _pension(here: TaxSituation, split: YearSplit, base: int) -> int:
    savings, irp = split.pension_savings, split.irp
    if not savings + irp:
        return 0
    # Savings are credited first, up to their own limit; the rest of the base was paid into the IRP.
    counted = max(0, here.book.won("pension.savings_cap") - here.person.pension.savings_paid)
    credited = min(savings, counted, base)
    parts = (
        (here.savings_drawn, _part(here.person, savings, credited)),
        (here.irp_drawn, _part(here.person, irp, min(irp, base - credited))),
    )
    drawn = [part for is_drawn, part in parts if is_drawn]
    total = savings + irp + sum(part.gain for _, part in parts)
    taxes = sum(
        close_pension(
            here.book,
            credited=part.credited,
            earnings=part.gain,
            uncredited=part.uncredited,
        ).tax
        for is_drawn, part in parts
        if not is_drawn
    )
    taxed = sum(max(0, part.credited + part.gain) for part in drawn)
    return total - taxes - receipts_tax(here, taxed)


def _part(person: Person, amount: int, credited: int) -> _Part:
    return _Part(credited, amount - credited, gain_on(person, amount))


LAST_AGE = 120
"""The age at which a plan has a pension drawn to its end: nobody is promised receipts beyond it."""


def receipts_tax(here: TaxSituation, taxed: int) -> int:
    """Return the tax on drawing an amount as a pension in equal parts, ten years or more.

    So many years that no part is above the limit of separate taxation, each taxed by the age of its
    year; what a life is too short for is above the limit and taxed flat. Comprehensive taxation
    counts only where the public pension is known that would be taxed with it: nobody is promised a
    tax that rests on an income not told.
    """
    if not taxed:
        return 0
    book = here.book
    limit = book.won("pension.separate_limit")
    first = here.person.age + here.person.horizon_years
    years = max(RECEIPT_YEARS, min(-(-taxed // limit), LAST_AGE + 1 - first))
    tax, each = 0, taxed // years
    known: dict[tuple[int, Decimal], int] = {}  # ten years meet one or two rates
    for number in range(years):
        amount = taxed - each * number if number == years - 1 else each
        age = first + number
        rate = receipt_rate(book, age, life_annuity=False)
        if (amount, rate) not in known:
            known[amount, rate] = _receipt_tax(here, age, amount)
        tax += known[amount, rate]
    return tax


def _receipt_tax(here: TaxSituation, age: int, amount: int) -> int:
    """Return the tax on one year's receipt: separate, flat above the limit, or the best of all."""
    book, public = here.book, here.person.income.public_pension
    if public is None and amount <= book.won("pension.separate_limit"):
        return withheld(book, amount, receipt_rate(book, age, life_annuity=False)).total
    found = receive_pension(book, age=age, amount=amount, public_pension=public or 0)
    return found.flat if public is None and found.flat is not None else found.tax
