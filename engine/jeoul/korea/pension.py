"""Pension savings and IRP: the yearly credit, receipts, and closing early."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from jeoul.korea.income import tax_on
from jeoul.korea.levy import Flag, Won, combined, cut, floor, levy, local, over_bands
from jeoul.korea.rulebook import Rulebook, Step, decimal, step

TARGETS = ("pension_savings", "irp")


@dataclass(frozen=True, slots=True)
class PensionCredit:
    """The tax credit of a year. ``rate`` includes local tax; ``refused`` is above the limit."""

    base: int
    rate: Decimal
    credit: int
    refused: int
    bonus: int
    unused: int
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class PensionReceipt:
    """The tax on a year's private pension, and how it is reached.

    ``how`` is ``separate`` (up to the limit), else the lower of ``flat`` and ``comprehensive``.
    """

    tax: int
    how: str
    separate: int | None
    flat: int | None
    comprehensive: int
    net: int
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class PensionClosing:
    """Money taken out other than as a pension: other income, taxed by itself."""

    untaxed: int
    taxable: int
    tax: int
    net: int
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Severance:
    """The tax on severance pay drawn as a pension, and the share of the lump-sum tax it is."""

    tax: int
    share: Decimal
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class ReceiptLimit:
    """How much counts as a pension this year; ``limited`` is false from the eleventh year."""

    limit: int
    limited: bool
    steps: tuple[Step, ...]


def low_rate(book: Rulebook, wages: int, comprehensive_income: int | None) -> bool:
    """Return whether the higher credit rate of lower incomes applies.

    Comprehensive income up to 45 M, or only wages and those up to 55 M. Without a comprehensive
    income the wages decide; an income up to the wages counts as those wages.
    """
    only_wages = comprehensive_income is None or 0 < comprehensive_income <= wages
    if only_wages and wages <= book.won("pension.low_wages"):
        return True
    return comprehensive_income is not None and comprehensive_income <= book.won(
        "pension.low_income"
    )


def pension_credit(
    book: Rulebook,
    *,
    wages: Won = 0,
    pension_savings: Won = 0,
    irp: Won = 0,
    isa_transfer: Won = 0,
    isa_transfer_to: str = "pension_savings",
    comprehensive_income: Won | None = None,
    tax_due: Won | None = None,
) -> PensionCredit:
    """Return the credit for a year's payments.

    base = min(min(savings, 6 M) + IRP, 9 M) + min(10 % of an ISA transfer, 3 M), where the
    transferred money counts as paid into the account it goes to and stands outside the annual
    limit of 18 M. Credit = base x 15 % (lower incomes) or 12 %, with local tax 16.5 % or 13.2 %.
    ``tax_due`` caps the national part: the credit is never refunded; ``unused`` is the base that
    earned nothing, which may be withdrawn untaxed later. Sources: 소득세법 §§59의3, 61③; 시행령
    §40의2②.

    >>> from jeoul.korea.tables import load_rules
    >>> pension_credit(load_rules(2026), wages=55_000_000, pension_savings=6_000_000).credit
    990000
    """
    rule = "pension.credit"
    amounts = (wages, pension_savings, irp, isa_transfer, comprehensive_income or 0, tax_due or 0)
    if min(amounts) < 0:
        raise book.refuse(rule, "pension.annual_cap", "an amount is below zero")
    if isa_transfer_to not in TARGETS:
        raise book.refuse(
            rule,
            "pension.transfer_bonus",
            f"isa_transfer_to is {isa_transfer_to!r}; use {' or '.join(TARGETS)}",
        )
    if not wages and comprehensive_income is None:
        what = "neither wages nor comprehensive_income decide the rate; give one of the two"
        raise book.refuse(rule, "pension.credit_rate", what)
    refused = max(0, pension_savings + irp - book.won("pension.annual_cap"))
    base, bonus, steps = _credit_base(book, pension_savings, irp, isa_transfer, isa_transfer_to)
    if refused:
        steps.insert(0, step("pension_over_limit", refused=refused))
    low = low_rate(book, wages, comprehensive_income)
    rate = decimal(book.table("pension.credit_rate")["low" if low else "high"])
    national, unused = cut(book, base * rate), 0
    if tax_due is not None and national > tax_due:
        national, unused = tax_due, base - floor(tax_due / rate)
        steps.append(step("pension_tax_due", tax_due=tax_due, unused=unused))
    credit = national + local(book, national)
    steps.append(step("pension_credited", base=base, rate=combined(book, rate), credit=credit))
    return PensionCredit(base, combined(book, rate), credit, refused, bonus, unused, tuple(steps))


def _credit_base(
    book: Rulebook, savings: int, irp: int, transfer: int, target: str
) -> tuple[int, int, list[Step]]:
    into_savings = savings + (transfer if target == "pension_savings" else 0)
    into_irp = irp + (transfer if target == "irp" else 0)
    first = min(into_savings, book.won("pension.savings_cap"))
    own = min(first + into_irp, book.won("pension.combined_cap"))
    extra = book.table("pension.transfer_bonus")
    most = extra["cap"]
    if not isinstance(most, int):
        raise TypeError(f"pension.transfer_bonus.cap is {most!r}")
    bonus = min(floor(transfer * decimal(extra["share"])), most)
    steps = [step("pension_savings_part", paid=into_savings, counted=first)]
    steps.append(step("pension_both", paid=first + into_irp, counted=own))
    if transfer:
        steps.append(step("pension_bonus", transfer=transfer, bonus=bonus))
    return own + bonus, bonus, steps


def receive_pension(
    book: Rulebook,
    *,
    age: Won,
    amount: Won,
    life_annuity: Flag = False,
    other_income: Won = 0,
    years_joined: Won | None = None,
) -> PensionReceipt:
    """Return the tax on a year's private pension (credited payments and earnings).

    Up to 15 M a year: 5 % below 70, 4 % below 80, 3 % from 80, at most 3 % for a life annuity,
    each with local tax. Above it the whole amount is taxed comprehensively or, by election, at
    15 % flat (16.5 %): the lower of both. Comprehensive: what the pension adds to the tax on
    ``other_income`` (before the personal deduction): pension deduction, personal deduction 1.5 M,
    §55, standard credit 70,000. ``years_joined`` must be 5, or left out where the account holds
    deferred severance pay. Sources: 소득세법 §§14③9, 47의2, 55, 59의4⑨, 64의4, 129①5의2.

    >>> from jeoul.korea.tables import load_rules
    >>> receive_pension(load_rules(2026), age=70, amount=10_000_000).tax
    440000
    """
    rule = "pension.receive"
    start, joined = book.table("pension.start")["age"], book.table("pension.start")["years"]
    if not isinstance(start, int) or not isinstance(joined, int):
        raise TypeError("pension.start holds no integers")
    if years_joined is not None and years_joined < joined:
        raise book.refuse(
            rule, "pension.start", f"joined {years_joined} years ago; a pension needs {joined}"
        )
    if min(amount, other_income) < 0:
        raise book.refuse(rule, "pension.separate_limit", "an amount is below zero")
    if age < start:
        raise book.refuse(
            rule, "pension.start", f"age is {age}; a pension can start at {start}, not before"
        )
    together, steps = _comprehensive(book, amount, other_income)
    limit = book.won("pension.separate_limit")
    if amount <= limit:
        rate = receipt_rate(book, age, life_annuity)
        tax = levy(book, amount, rate).total
        steps.append(step("pension_separate", limit=limit, rate=combined(book, rate), tax=tax))
        return PensionReceipt(tax, "separate", tax, None, together, amount - tax, tuple(steps))
    flat = levy(book, amount, book.rate("pension.flat_rate")).total
    steps.append(step("pension_flat", limit=limit, amount=amount, tax=flat))
    how = "comprehensive" if together <= flat else "flat"
    tax = min(together, flat)
    return PensionReceipt(tax, how, None, flat, together, amount - tax, tuple(steps))


def receipt_rate(book: Rulebook, age: int, life_annuity: bool) -> Decimal:
    """Return the national rate on pension receipts at an age."""
    for bound, rate in book.bands("pension.receipt_rates"):
        if bound is None or age < bound:
            return min(rate, book.rate("pension.life_rate")) if life_annuity else rate
    raise TypeError("pension.receipt_rates has no open band")


def pension_deduction(book: Rulebook, amount: int) -> int:
    """Return the deduction from a year's total pension receipts (연금소득공제).

    >>> from jeoul.korea.tables import load_rules
    >>> pension_deduction(load_rules(2026), 20_000_000)
    6900000
    """
    cap = book.table("pension.deduction")["cap"]
    if not isinstance(cap, int):
        raise TypeError("pension.deduction.cap is not an integer")
    return min(cap, over_bands(amount, book.bands("pension.deduction", "bands")))


def _comprehensive(book: Rulebook, amount: int, other: int) -> tuple[int, list[Step]]:
    deducted = pension_deduction(book, amount)
    personal = book.won("pension.personal_deduction")
    credit = book.won("pension.standard_credit")

    def national(income: int) -> int:
        return max(0, tax_on(book, max(0, income - personal)) - credit)

    added = cut(book, national(amount - deducted + other) - national(other))
    tax = added + local(book, added)
    return tax, [
        step("pension_deduction", amount=amount, deducted=deducted),
        step("pension_comprehensive", base=amount - deducted, personal=personal, tax=tax),
    ]


def close_pension(
    book: Rulebook, *, credited: Won, earnings: Won, uncredited: Won = 0
) -> PensionClosing:
    """Return the tax on taking money out other than as a pension.

    What earned no credit comes back untaxed; credited payments and earnings are other income at
    15 % (16.5 %), taxed by itself. ``earnings`` may be a loss. Source: 소득세법 §129①6나.

    >>> from jeoul.korea.tables import load_rules
    >>> close_pension(load_rules(2026), credited=6_000_000, earnings=1_000_000).tax
    1155000
    """
    if min(credited, uncredited) < 0:
        raise book.refuse("pension.close", "pension.lump_rate", "an amount is below zero")
    if credited + uncredited + earnings < 0:
        raise book.refuse(
            "pension.close", "pension.lump_rate", "the loss is larger than what was paid in"
        )
    taxable = max(0, credited + earnings)
    untaxed = uncredited + min(0, credited + earnings)
    tax = levy(book, taxable, book.rate("pension.lump_rate")).total
    steps = (
        step("pension_untaxed", untaxed=untaxed),
        step("pension_lump", taxable=taxable, tax=tax),
    )
    return PensionClosing(untaxed, taxable, tax, untaxed + taxable - tax, steps)


def severance_tax(book: Rulebook, *, tax: Won, year: Won) -> Severance:
    """Return the tax on severance pay that was moved into a pension account and is drawn from it.

    ``tax`` is what the part drawn would have cost as a lump sum; 70 % of it is due in the years of
    receipt 1 to 10, 60 % to year 20, 50 % after. Source: 소득세법 §129①5의3.

    >>> from jeoul.korea.tables import load_rules
    >>> severance_tax(load_rules(2026), tax=1_000_000, year=21).tax
    500000
    """
    rule, key = "pension.severance", "pension.severance_share"
    if tax < 0 or year < 1:
        raise book.refuse(rule, key, "tax is below zero or year below 1; years count from 1")
    share = next(s for bound, s in book.bands(key) if bound is None or year <= bound)
    due = cut(book, tax * share)
    return Severance(due, share, (step("severance_due", year=year, share=share, tax=due),))


def receipt_limit(book: Rulebook, *, balance: Won, year: Won) -> ReceiptLimit:
    """Return how much counts as a pension in a year of receipt.

    limit = balance / (11 - year) x 120 %; from the eleventh year there is none, and the whole
    balance may be received. Source: 소득세법 시행령 §40의2③3.

    >>> from jeoul.korea.tables import load_rules
    >>> receipt_limit(load_rules(2026), balance=100_000_000, year=1).limit
    12000000
    """
    rule, key = "pension.receipt_limit", "pension.receipt_limit"
    if balance < 0 or year < 1:
        raise book.refuse(rule, key, "balance is below zero or year below 1; years count from 1")
    years = book.table(key)["years"]
    if not isinstance(years, int):
        raise TypeError("pension.receipt_limit.years is not an integer")
    if year >= years:
        return ReceiptLimit(balance, False, (step("receipt_unlimited", year=year),))
    limit = floor(balance * decimal(book.table(key)["factor"]) / (years - year))
    return ReceiptLimit(limit, True, (step("receipt_limited", year=year, limit=limit),))
