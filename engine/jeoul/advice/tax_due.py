"""The income tax that a pension credit can come off, and what it rests on."""

from __future__ import annotations

from dataclasses import dataclass

from jeoul.advice.person import Income, Person
from jeoul.korea.rulebook import Rulebook, Step, step
from jeoul.korea.wages import Incomes, income_wages, incomes, tax_of_base


@dataclass(frozen=True, slots=True)
class TaxDue:
    """The national tax before the pension credit.

    ``by_letter`` is the tax by the other reading of the standard credit, equal where there is only
    one; ``taxable`` the taxable income beside interest and dividends that it comes from, None where
    only the tax itself was given; ``steps`` how it was reached.
    """

    national: int
    by_letter: int
    taxable: int | None
    steps: tuple[Step, ...]


def tax_due(book: Rulebook, person: Person) -> TaxDue:
    """Return the tax of the year before the pension credit.

    What the person gives comes first: the tax itself, then the taxable income after deductions.
    Without either it is computed from wages, other income and dependants. Somebody who gives only
    a comprehensive income has it taken as other income as far as it exceeds the wage income.
    """
    income = person.income
    if income.due is not None:
        return TaxDue(income.due, income.due, income.taxable, (step("due_given", due=income.due),))
    other = incomes_of(book, income).other
    if income.taxable is not None:
        due = tax_of_base(book, wages=income.wages, other_income=other, base=income.taxable)
        said = step("due_of_taxable", taxable=income.taxable, due=due)
        return TaxDue(due, due, income.taxable, (said,))
    found = income_wages(book, wages=income.wages, other_income=other, dependants=income.dependants)
    return TaxDue(found.due, found.due_by_letter, found.base, found.steps)


def incomes_of(book: Rulebook, income: Income, planned: int = 0) -> Incomes:
    """Return 종합소득금액 and its parts beside wages, from whichever of them the person gives.

    ``planned`` is a taxed gain that may be realised this year: with it interest and dividends may
    exceed 20 M. The whole that a person gives does not contain it.
    """
    known = incomes(book, income.wages, income.comprehensive, income.other, income.financial)
    if not planned:
        return known
    financial = income.financial + planned
    return incomes(book, income.wages, None, known.other, financial)
