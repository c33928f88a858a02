"""What a person owes for a year over all accounts, beyond what was withheld, and on which day.

The second of the two places where tax arises; the first is the account's day. The law is asked,
nothing is computed here: the levies are those of :mod:`jeoul.advice.year_levies`, the pension
credit that of :mod:`jeoul.advice.year_tax`. Every figure is what the accounts add to what the
person owes anyway.

Days: gains abroad and comprehensive income are filed and paid by 31 May (소득세법 §§70, 110); the
local tax goes with them. A wage earner has the pension credit in the settlement of February's wages
(§§134, 137), taken to be its last day; everybody else in the return of May, refunded within thirty
days (국세기본법 §51⑥). The income of a year decides health insurance from November of the next year
for twelve months, each due on the 10th of the month after it (국민건강보험법 §78). That November is
the practice of the insurer as a pension provider describes it; no statute with it was read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import NamedTuple

from jeoul.account.withholding import US, Taxed
from jeoul.advice.person import Income, LegalStatus
from jeoul.advice.tax_due import incomes_of
from jeoul.advice.year_levies import comprehensive_levy, health_levy, overseas_levy
from jeoul.advice.year_tax import YearFacts, base_of, credit_of_year
from jeoul.korea.pension_credit import PensionCredit
from jeoul.korea.rulebook import Rulebook, Step

_MONTHS = 12
_DECEMBER = 12  # the month after November, when premiums follow the new income


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonYear:
    """A person's year: what they have anyway, and what all of their accounts brought.

    ``income`` and ``status`` are those of the person; ``income.financial`` are interest and
    dividends beside the accounts, ``overseas_elsewhere`` net gains abroad beside them.
    ``financial`` are interest and dividends of the accounts, gross, those of ISA and pensions left
    out; ``overseas`` the results of sales abroad. ``savings`` and ``irp`` were paid into pension
    accounts. Amounts are won.
    """

    year: int
    income: Income = field(default_factory=Income)
    status: LegalStatus = field(default_factory=LegalStatus)
    overseas_elsewhere: int = 0
    financial: int = 0
    overseas: tuple[int, ...] = ()
    savings: int = 0
    irp: int = 0


class YearPayment(NamedTuple):
    """Won that are due on a day, below 0 for a refund; ``what`` is a field of the assessment."""

    day: date
    what: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """What a year's accounts cost beyond what was withheld, in won.

    ``overseas`` is the tax on gains abroad, ``comprehensive`` the tax above 20 M of interest and
    dividends, ``health`` the premiums, None where the status in health insurance is not known and
    there is income that could count; ``credit`` is the pension credit, which comes back.
    ``pension`` is how it came about, None without payments. ``payments`` are in the order of their
    days and sum to ``total``.
    """

    year: int
    overseas: int
    comprehensive: int
    health: int | None
    credit: int
    pension: PensionCredit | None
    payments: tuple[YearPayment, ...]
    steps: tuple[Step, ...]

    @property
    def total(self) -> int:
        """Return what is paid in all, refunds taken off."""
        return self.overseas + self.comprehensive + (self.health or 0) - self.credit


def assess(book: Rulebook, year: PersonYear) -> Assessment:
    """Return what a person owes for a year; once a year, over all accounts, by the law of ``book``.

    >>> from jeoul.korea.tables import load_rules
    >>> spent = PersonYear(year=2026, income=Income(wages=55_000_000),
    ...                    overseas=(4_000_000, -500_000), savings=6_000_000)
    >>> found = assess(load_rules(2026), spent)
    >>> found.overseas, found.credit, found.total
    (220000, 990000, -770000)
    >>> [(str(each.day), each.what, each.amount) for each in found.payments]
    [('2027-02-28', 'credit', -990000), ('2027-05-31', 'overseas', 220000)]
    """
    income = year.income
    elsewhere = (year.overseas_elsewhere,) if year.overseas_elsewhere else ()
    abroad = overseas_levy(book, year.overseas, elsewhere)
    may = comprehensive_levy(
        book,
        year.financial,
        elsewhere=income.financial,
        base=base_of(book, facts_of_year(book, year)),
    )
    health, said = _health(book, year)
    pension = None
    if year.savings or year.irp:
        pension = credit_of_year(book, facts_of_year(book, year))
    credit = 0 if pension is None else pension.credit
    steps = (*abroad.steps, *may.steps, *said, *(() if pension is None else pension.steps))
    found = Assessment(
        year=year.year,
        overseas=abroad.amount,
        comprehensive=may.amount,
        health=health,
        credit=credit,
        pension=pension,
        payments=(),
        steps=steps,
    )
    return replace(found, payments=tuple(sorted(_payments(book, found, bool(income.wages)))))


def of_accounts(taxed: Iterable[Taxed], year: int) -> tuple[int, tuple[int, ...]]:
    """Return the interest and dividends, and the results abroad, of accounts in a year."""
    mine = [each for each in taxed if each.session.year == year]
    abroad = tuple(each.gain for each in mine if each.what == "sale" and each.asset == US)
    return sum(each.income for each in mine), abroad


def facts_of_year(book: Rulebook, year: PersonYear) -> YearFacts:
    """Return what the pension credit of a person's year rests on."""
    income = year.income
    return YearFacts(
        wages=income.wages,
        other=incomes_of(book, income).other,
        dependants=income.dependants,
        resident=year.status.resident,
        due=income.due,
        base=income.taxable,
        financial=income.financial + year.financial,
        savings=year.savings,
        irp=year.irp,
    )


def _health(book: Rulebook, year: PersonYear) -> tuple[int | None, tuple[Step, ...]]:
    status = year.status.health
    if status is None:
        # Up to the floor no interest and no dividend counts for anybody.
        counted = year.financial + year.income.financial > book.won("health.financial_floor")
        return (None if year.financial and counted else 0), ()
    found = health_levy(
        book,
        year.financial,
        status=status,
        elsewhere=year.income.financial,
        other=incomes_of(book, year.income).other,
        public_pension=year.income.public_pension or 0,
    )
    return found.amount, found.steps


def _payments(book: Rulebook, found: Assessment, wages: bool) -> Iterator[YearPayment]:
    following = found.year + 1
    may = date.fromisoformat(f"{following}-{book.text('us.file_by')}")
    for name in ("overseas", "comprehensive"):
        amount = getattr(found, name)
        if amount:
            yield YearPayment(may, name, amount)
    if found.credit:
        settled = date(following, 3, 1) - timedelta(days=1)
        yield YearPayment(settled if wages else may + timedelta(days=30), "credit", -found.credit)
    if found.health:
        for number in range(_MONTHS):
            month = _DECEMBER + number  # November is due in December
            day = date(following + (month - 1) // _MONTHS, (month - 1) % _MONTHS + 1, 10)
            yield YearPayment(day, "health", found.health // _MONTHS)
