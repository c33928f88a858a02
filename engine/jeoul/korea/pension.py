"""Pension savings and IRP: receipts, and closing early."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from jeoul.korea.income import tax_on
from jeoul.korea.levy import Flag, Won, combined, cut, floor, levy, local, over_bands, withheld
from jeoul.korea.rulebook import Rulebook, Step, decimal, step


@dataclass(frozen=True, slots=True)
class PensionReceipt:
    """The tax on a year's private pension, and how it is reached.

    ``how`` is the cheapest way that is open: ``separate`` or ``comprehensive`` up to the limit,
    ``flat`` or ``comprehensive`` above it. A way that is not open is None. ``comprehensive`` is
    what the private pension adds to the year's tax.
    """

    tax: int
    how: str
    separate: int | None
    flat: int | None
    comprehensive: int
    net: int
    steps: tuple[Step, ...]

    @property
    def withheld(self) -> int:
        """Return the tax of a person who elects nothing below the limit."""
        return self.tax if self.separate is None else self.separate


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


def receive_pension(
    book: Rulebook,
    *,
    age: Won,
    amount: Won,
    life_annuity: Flag = False,
    other_income: Won = 0,
    public_pension: Won = 0,
    years_joined: Won | None = None,
) -> PensionReceipt:
    """Return the tax on a year's private pension (credited payments and earnings).

    Up to 15 M a year: 5 % below 70, 4 % below 80, 3 % from 80, at most 3 % for a life annuity,
    each with local tax; below 15 M the person may add it to the comprehensive income, and the lower
    tax counts. Above it the whole amount is taxed comprehensively or, by election, at 15 % flat
    (16.5 %): the lower of both. Comprehensive: what the pension adds to the tax on ``other_income``
    (before the personal deduction) and ``public_pension``, which is always taxed comprehensively:
    one pension deduction on both pensions, personal deduction 1.5 M, §55, standard credit 70,000.
    ``years_joined`` must be 5, or left out where the account holds deferred severance pay.
    Sources: 소득세법 §§14③9, 47의2, 55, 59의4⑨, 64의4, 129①5의2.

    >>> from jeoul.korea.tables import load_rules
    >>> found = receive_pension(load_rules(2026), age=70, amount=10_000_000)
    >>> found.separate, found.comprehensive, found.how
    (440000, 121000, 'comprehensive')
    """
    rule = "pension.receive"
    refuse_before_start(book, rule, age, years_joined)
    if min(amount, other_income, public_pension) < 0:
        raise book.refuse(rule, "pension.separate_limit", "an amount is below zero; give 0 or more")
    together, steps = _comprehensive(book, amount, other_income, public_pension)
    limit = book.won("pension.separate_limit")
    separate = flat = None
    if amount <= limit:
        rate = receipt_rate(book, age, life_annuity)
        separate = withheld(book, amount, rate).total
        steps.append(step("pension_separate", limit=limit, rate=combined(book, rate), tax=separate))
        # At the limit itself a published worked case keeps the tax withheld, and so does this rule;
        # by the letter of §14③9 (이하) the choice would be open there too.
        alone, how, elects = separate, "separate", amount < limit and together < separate
    else:
        flat = levy(book, amount, book.rate("pension.flat_rate")).total
        steps.append(step("pension_flat", limit=limit, amount=amount, tax=flat))
        alone, how, elects = flat, "flat", together <= flat
    tax = together if elects else alone
    if elects and separate is not None:
        steps.append(step("pension_elected", tax=tax, saved=separate - tax))
    chosen = "comprehensive" if elects else how
    return PensionReceipt(
        tax=tax,
        how=chosen,
        separate=separate,
        flat=flat,
        comprehensive=together,
        net=amount - tax,
        steps=tuple(steps),
    )


def refuse_before_start(book: Rulebook, rule: str, age: int, years_joined: int | None) -> None:
    """Refuse what is no pension yet: too young, or joined too short a time ago."""
    start, joined = pension_start(book)
    if years_joined is not None and years_joined < joined:
        raise book.refuse(
            rule, "pension.start", f"joined {years_joined} years ago; a pension needs {joined}"
        )
    if age < start:
        raise book.refuse(
            rule, "pension.start", f"age is {age}; a pension can start at {start}, not before"
        )


def pension_start(book: Rulebook) -> tuple[int, int]:
    """Return the age and the years since joining from which a pension may be drawn.

    >>> from jeoul.korea.tables import load_rules
    >>> pension_start(load_rules(2026))
    (55, 5)
    """
    start, joined = book.table("pension.start")["age"], book.table("pension.start")["years"]
    if not isinstance(start, int) or not isinstance(joined, int):
        raise TypeError("pension.start holds no integers")
    return start, joined


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


def _comprehensive(book: Rulebook, amount: int, other: int, public: int) -> tuple[int, list[Step]]:
    without = pension_deduction(book, public)
    deducted = pension_deduction(book, amount + public)
    personal = book.won("pension.personal_deduction")
    credit = book.won("pension.standard_credit")

    def national(income: int) -> int:
        return max(0, tax_on(book, max(0, income - personal)) - credit)

    total = amount + public - deducted
    added = cut(book, national(total + other) - national(public - without + other))
    tax = added + local(book, added)
    return tax, [
        step("pension_deduction", amount=amount + public, deducted=deducted),
        step("pension_comprehensive", base=total, personal=personal, tax=tax),
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
        raise book.refuse(
            "pension.close", "pension.lump_rate", "an amount is below zero; give 0 or more"
        )
    if credited + uncredited + earnings < 0:
        raise book.refuse(
            "pension.close",
            "pension.lump_rate",
            "the loss is larger than what was paid in; correct one of the two",
        )
    taxable = max(0, credited + earnings)
    untaxed = uncredited + min(0, credited + earnings)
    tax = withheld(book, taxable, book.rate("pension.lump_rate")).total
    steps = (
        step("pension_untaxed", untaxed=untaxed),
        step("pension_lump", taxable=taxable, tax=tax),
    )
    return PensionClosing(
        untaxed=untaxed, taxable=taxable, tax=tax, net=untaxed + taxable - tax, steps=steps
    )


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
