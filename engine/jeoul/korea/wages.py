"""The income tax that wages bring about, before any pension credit: what a credit can come off."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from jeoul.korea.income import tax_on
from jeoul.korea.levy import Won, floor, over_bands
from jeoul.korea.rulebook import Rulebook, Step, decimal, step

MONTHS = 12


@dataclass(frozen=True, slots=True)
class WagesTax:
    """The national income tax of a year, before the pension credit, and what it was made from.

    ``due`` is the smaller reading of the standard credit where the table says so, and
    ``due_by_letter`` the reading of the statute: insurance deducted or the standard credit.
    """

    wage_income: int
    income: int
    personal: int
    pension: int
    insurance: int
    base: int
    computed: int
    wage_credit: int
    standard_credit: int
    due: int
    due_by_letter: int
    steps: tuple[Step, ...]


def wage_income(book: Rulebook, wages: int) -> int:
    """Return the wage income (근로소득금액): wages less the wage deduction of 소득세법 §47.

    >>> from jeoul.korea.tables import load_rules
    >>> wage_income(load_rules(2026), 54_000_000)
    41550000
    """
    deduction = over_bands(wages, book.bands("wages.deduction", "bands"))
    most = book.table("wages.deduction")["cap"]
    return max(0, wages - min(deduction, floor(decimal(most))))


class Incomes(NamedTuple):
    """The comprehensive income of a year (종합소득금액), and the parts of it that are not wages.

    ``financial`` is interest and dividends, 0 up to 20 M, as they are then taxed apart; ``other``
    is neither wages nor those.
    """

    total: int
    other: int
    financial: int = 0

    @property
    def beside_wages(self) -> int:
        """Return what is not wages: with it, a limit on wages alone does not apply."""
        return self.other + self.financial


def incomes(
    book: Rulebook,
    wages: int,
    comprehensive_income: int | None = None,
    other_income: int = 0,
    financial_income: int = 0,
) -> Incomes:
    """Return the incomes that wages and the facts beside them give.

    ``other_income`` is the comprehensive income beside wages, interest and dividends.
    ``financial_income`` is interest and dividends, which belong to the comprehensive income as soon
    as they exceed 20 M (소득세법 §14③6). Where ``comprehensive_income``, the whole, is given as
    well, what exceeds the wage income and those counts as other income: the larger of the two is
    taken. A whole below the parts that are known cannot be, and counts as their sum.

    >>> from jeoul.korea.tables import load_rules
    >>> book = load_rules(2026)
    >>> incomes(book, 54_000_000, 47_550_000)
    Incomes(total=47550000, other=6000000, financial=0)
    >>> incomes(book, 50_000_000, financial_income=20_000_001).total
    57750001
    """
    earned = wage_income(book, wages)
    counted = financial_income if financial_income > book.won("income.financial_limit") else 0
    other = max(other_income, (comprehensive_income or 0) - earned - counted)
    return Incomes(earned + other + counted, other, counted)


def income_wages(
    book: Rulebook, *, wages: Won, other_income: Won = 0, dependants: Won = 0
) -> WagesTax:
    """Return the national income tax of a year of wages, before the pension credit.

    base = wage income + ``other_income`` - 1.5 M for each person - public pension - health,
    long-term care and employment insurance; tax = bands of §55 - wage credit (of the part of the
    tax that falls on wages) - standard credit. ``other_income`` is the comprehensive income beside
    wages, interest and dividends; ``dependants`` are the people with a basic deduction beside
    oneself. Insurance and the standard credit exclude each other by the letter of §59의4⑨; the
    table's switch counts both, which gives the smallest tax and promises the smallest credit.
    Sources: 소득세법 §§47, 50, 51의3, 52, 55, 59, 59의4⑨.

    >>> from jeoul.korea.tables import load_rules
    >>> found = income_wages(load_rules(2026), wages=30_000_000)
    >>> found.due, found.due_by_letter
    (371848, 482125)
    """
    rule, key = "income.wages", "wages.deduction"
    if min(wages, other_income, dependants) < 0:
        raise book.refuse(rule, key, "an amount is below zero; give 0 or more")
    earned = wage_income(book, wages)
    income = earned + other_income
    personal = book.won("pension.personal_deduction") * (1 + dependants)
    pension = public_pension(book, wages)
    insurance = min(earned, _insurance(book, wages))
    before = income - personal - pension  # the insurance is claimed, or left for the credit
    claimed, left = (
        _tax(book, wages, earned, income, max(0, base)) for base in (before - insurance, before)
    )
    standard = book.won("wages.standard_credit" if wages else "pension.standard_credit")
    both = max(0, claimed.due - standard)
    by_letter = min(claimed.due, max(0, left.due - standard))
    due = both if book.flag("wages.standard_with_insurance") else by_letter
    assumed = "wages_assumed" if wages else "wages_none_assumed"
    steps = (
        step("wages_income", wages=wages, deduction=wages - earned, income=earned),
        step("wages_other" if other_income else "wages_only", other=other_income),
        step("wages_personal", people=1 + dependants, personal=personal),
        step("wages_insured", pension=pension, insurance=insurance),
        step("wages_computed", base=claimed.base, computed=claimed.computed),
        step("wages_credits", credit=claimed.credit, standard=standard),
        step("wages_due", due=due, both=both, by_letter=by_letter),
        step(assumed),
    )
    return WagesTax(
        wage_income=earned,
        income=income,
        personal=personal,
        pension=pension,
        insurance=insurance,
        base=claimed.base,
        computed=claimed.computed,
        wage_credit=claimed.credit,
        standard_credit=standard,
        due=due,
        due_by_letter=by_letter,
        steps=steps,
    )


def tax_of_base(
    book: Rulebook, *, wages: int, other_income: int, base: int, credits: int | None = None
) -> int:
    """Return the national tax, before the pension credit, on a tax base that is known already.

    The wage credit is that of :func:`income_wages`; what was deducted to reach the base is the
    person's own affair. ``credits`` are those beside the wages' and the pension's, None for the
    standard credit.

    >>> from jeoul.korea.tables import load_rules
    >>> tax_of_base(load_rules(2026), wages=0, other_income=12_000_000, base=9_000_000)
    470000
    """
    earned = wage_income(book, wages)
    found = _tax(book, wages, earned, earned + other_income, base)
    standard = book.won("wages.standard_credit" if wages else "pension.standard_credit")
    return max(0, found.due - (standard if credits is None else credits))


@dataclass(frozen=True, slots=True)
class _Taxed:
    base: int
    computed: int
    credit: int

    @property
    def due(self) -> int:
        return self.computed - self.credit


def _tax(book: Rulebook, wages: int, earned: int, income: int, base: int) -> _Taxed:
    """Return the tax on a base and the wage credit of §59 on the part that falls on wages."""
    computed = tax_on(book, base)
    on_wages = floor(Decimal(computed) * earned / income) if income else 0
    credit = over_bands(on_wages, book.bands("wages.credit"))
    return _Taxed(base, computed, min(credit, _most_credit(book, wages)))


def _most_credit(book: Rulebook, wages: int) -> int:
    """Return the most that §59② allows: it falls with the wages, from one floor to the next."""
    terms = book.table("wages.credit_cap")
    most = decimal(terms["start"])
    rows = terms["steps"]
    if not isinstance(rows, list | tuple):
        raise TypeError(f"wages.credit_cap.steps is {rows!r}, no schedule")
    for above, share, least in rows:
        if wages > above:
            most = max(decimal(least), most - (wages - above) * decimal(share))
    return floor(most)


def public_pension(book: Rulebook, wages: int) -> int:
    """Return an employee's public pension premiums of a year of even monthly wages.

    Each month's wages count within the bounds of that half of the year.

    >>> from jeoul.korea.tables import load_rules
    >>> public_pension(load_rules(2026), 30_000_000)
    1425000
    """
    if not wages:
        return 0
    terms = book.table("insurance.pension")
    periods = terms["bounds"]
    if not isinstance(periods, list | tuple):
        raise TypeError(f"insurance.pension.bounds is {periods!r}, no schedule")
    monthly, base = Decimal(wages) / MONTHS, Decimal(0)
    for least, most, months in periods:
        base += months * min(max(monthly, Decimal(least)), Decimal(most))
    return floor(base * decimal(terms["rate"]))


def _insurance(book: Rulebook, wages: int) -> int:
    """Return an employee's part of health, long-term care and employment insurance of a year."""
    if not wages:
        return 0
    terms = book.table("insurance.health")
    rate, share = book.rate("health.rate"), decimal(terms["share"])
    monthly = Decimal(wages) / MONTHS
    premium = min(max(monthly * rate, decimal(terms["least"])), decimal(terms["most"])) * share
    care = premium * book.rate("health.care_rate") / rate
    employment = monthly * book.rate("insurance.employment")
    return floor(MONTHS * (premium + care + employment))
