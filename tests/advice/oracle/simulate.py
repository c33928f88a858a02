"""One year's money through the years: grown, sold at the horizon, drawn, taxed each time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from . import law
from .household import Household, Person, household


@dataclass(frozen=True)
class Split:
    """Where one year's money goes, in won."""

    pension_savings: int = 0
    irp: int = 0
    isa: int = 0
    general: int = 0


@dataclass(frozen=True)
class Result:
    """What is in the person's hands at the end, after every tax, and this year's credit."""

    terminal: int
    credit: int


def value(person: Person, split: Split, today: date) -> Result:
    """Return what a split pays out.

    Every account holds the same KRX-listed fund whose gain is fund income and is sold in the year
    of the horizon; the credit is invested in the ordinary account.
    """
    return pays(household(person, today), split)


def pays(home: Household, split: Split) -> Result:
    credit, savings, irp = _credit(home, split)
    terminal = (
        _ordinary(home, split.general + credit)
        + _isa(home, split.isa)
        + _pensions(home, split, savings, irp)
    )
    return Result(terminal, credit)


def gain(home: Household, amount: int) -> int:
    return int(amount * home.growth // 1)


def _credit(home: Household, split: Split) -> tuple[int, int, int]:
    """The credit that a split adds, and the payments of each account that it credits.

    Pension savings count first, up to 6 M; the rest of what is credited was paid into the IRP.
    """
    before = _credited(home, 0, 0)
    after = _credited(home, split.pension_savings, split.irp)
    added, base = after[0] - before[0], after[1] - before[1]
    counted = max(0, law.SAVINGS_CREDITED - home.savings_paid)
    savings = min(split.pension_savings, counted, base)
    return added, savings, min(split.irp, base - savings)


def _credited(home: Household, savings: int, irp: int) -> tuple[int, int]:
    """§59의3①, §61③: what the tax cannot bear counts as not credited."""
    first = min(home.savings_paid + savings, law.SAVINGS_CREDITED)
    base = min(first + home.irp_paid + irp, law.CREDITED)
    national = int(base * home.rate)
    if national > home.due:
        national, base = home.due, int(home.due / home.rate)
    return national + national // 10, base


def _ordinary(home: Household, amount: int) -> int:
    earned = gain(home, amount)
    taxed = max(0, earned)
    may = law.comprehensive_extra(home.financial + taxed, home.other_taxable)
    already = law.comprehensive_extra(home.financial, home.other_taxable)
    return amount + earned - law.collected(taxed, law.WITHHOLDING) - (may - already)


def _isa(home: Household, amount: int) -> int:
    """The account is closed at the horizon; what the payment adds to its tax is the payment's.

    Interest counts in it too, so a small tax is collected.
    """
    earned = gain(home, amount)

    def tax(inside: int) -> int:
        if not home.isa_full:
            return law.collected(max(0, inside), law.WITHHOLDING, least=0)
        return law.collected(max(0, inside - home.isa_free), law.ISA_RATE, least=0)

    return amount + earned - (tax(home.isa_gain + earned) - tax(home.isa_gain))


def _pensions(home: Household, split: Split, savings: int, irp: int) -> int:
    """Uncredited payments come out first and untaxed (시행령 §40의3), then the rest."""
    paid, drawn = 0, 0
    for amount, credited, pension in (
        (split.pension_savings, savings, home.savings_pension),
        (split.irp, irp, home.irp_pension),
    ):
        balance = amount + gain(home, amount)
        taxable = max(0, balance - (amount - credited))
        paid += balance - taxable
        if pension:
            drawn += taxable
        else:
            paid += taxable - law.collected(taxable, law.LUMP)
    return paid + _receipts(home, drawn)


def _receipts(home: Household, balance: int) -> int:
    """Ten equal yearly receipts, or as many more as keep each within 15 M."""
    years = max(law.RECEIPT_YEARS, -(-balance // law.SEPARATE_RECEIPTS))
    each, last = balance // years, balance - balance // years * (years - 1)
    received = 0
    for year in range(years):
        receipt = last if year == years - 1 else each
        tax = law.collected(receipt, law.receipt_rate(home.age + year))
        if home.public_pension is not None:
            together = law.tax_on_pensions(home.public_pension + receipt)
            added = max(0, together - law.tax_on_pensions(home.public_pension))
            tax = min(tax, added + law.with_local(added))
        received += receipt - tax
    return received
