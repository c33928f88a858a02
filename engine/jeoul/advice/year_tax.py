"""The tax of a year as it was promised, and as the settlement or the return says it was."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from jeoul.account.statements import YearSettlement
from jeoul.advice.causes import PromiseComparison, Replaced, compared
from jeoul.advice.person import Person
from jeoul.advice.tax_due import incomes_of
from jeoul.korea.income import financial_income
from jeoul.korea.levy import cut, floor, local
from jeoul.korea.pension_credit import PensionCredit, pension_credit
from jeoul.korea.rulebook import Rulebook
from jeoul.korea.wages import income_wages, tax_of_base


@dataclass(frozen=True, slots=True, kw_only=True)
class YearFacts:
    """What the tax of a year depends on, in won.

    ``due`` is the national tax before the pension credit where it is given, ``base`` the taxable
    income beside interest and dividends where it is known, ``credits`` those beside the wages' and
    the pension's (None: the standard credit), ``financial`` interest and dividends.
    """

    wages: int
    other: int = 0
    dependants: int = 0
    resident: bool = True
    due: int | None = None
    base: int | None = None
    credits: int | None = None
    financial: int = 0
    savings: int = 0
    irp: int = 0
    rounding: int = 0


def facts_of(book: Rulebook, person: Person, savings: int, irp: int) -> YearFacts:
    """Return what a promise to a person rests on, with the year's whole pension payments."""
    income = person.income
    return YearFacts(
        wages=income.wages,
        other=incomes_of(book, income).other,
        dependants=income.dependants,
        resident=person.status.resident,
        due=income.due,
        base=income.taxable,
        financial=income.financial,
        savings=savings,
        irp=irp,
    )


def compare_year(
    book: Rulebook, facts: YearFacts, settlement: YearSettlement
) -> tuple[PromiseComparison, ...]:
    """Return the pension credit and the tax of the year, promised and paid.

    Both are national and local tax together. The tax is 결정세액: where a return includes interest
    and dividends above 20 M, it contains what was withheld from them. A settlement that does not
    print the pension credit is compared by its tax alone.
    """
    replaced = tuple(_replaced(facts, settlement))
    found = []
    if settlement.pension_credit is not None:
        paid = settlement.pension_credit + local(book, settlement.pension_credit)
        found.append(compared("credit", lambda f: _credit(book, f), facts, paid, replaced))
    paid = settlement.determined + settlement.determined_local
    found.append(compared("tax", lambda f: _tax(book, f), facts, paid, replaced))
    return tuple(found)


def _replaced(facts: YearFacts, paid: YearSettlement) -> Iterator[Replaced]:
    """Yield what the settlement says instead, in the order in which the tax is computed."""
    if facts.due is not None:
        yield "given_tax", {"due": None}
    yield "wages", {"wages": paid.wages}
    if paid.other_income is not None:
        yield "other_income", {"other": paid.other_income}
    if paid.dependants is not None:
        yield "dependants", {"dependants": paid.dependants}
    if paid.base is not None:
        yield "deductions", {"base": max(0, paid.base - (paid.financial or 0))}
    if paid.other_credits is not None:
        yield "credits", {"credits": paid.other_credits}
    if paid.financial is not None:
        yield "comprehensive", {"financial": paid.financial}
    if paid.pension_savings is not None:
        yield "payments", {"savings": paid.pension_savings}
    if paid.irp is not None:
        yield "payments", {"irp": paid.irp}


def _due(book: Rulebook, facts: YearFacts) -> int:
    """Return the national tax before the pension credit, that on interest and dividends left out.

    Deductions that nobody states are those of a year of wages; so are the credits.
    """
    if facts.due is not None:
        return facts.due
    if facts.base is None and facts.credits is None:
        return income_wages(
            book, wages=facts.wages, other_income=facts.other, dependants=facts.dependants
        ).due
    return tax_of_base(
        book,
        wages=facts.wages,
        other_income=facts.other,
        base=base_of(book, facts),
        credits=facts.credits,
    )


def base_of(book: Rulebook, facts: YearFacts) -> int:
    """Return the taxable income beside interest and dividends, from wages where nobody says it."""
    if facts.base is not None:
        return facts.base
    return income_wages(
        book, wages=facts.wages, other_income=facts.other, dependants=facts.dependants
    ).base


def credit_of_year(book: Rulebook, facts: YearFacts) -> PensionCredit:
    """Return the pension credit of a year's payments, never above the tax that is due.

    Interest and dividends above 20 M are part of the comprehensive income, which decides the rate,
    and their tax beyond what is withheld can be credited too.

    >>> from jeoul.korea.tables import load_rules
    >>> facts = YearFacts(wages=55_000_000, savings=6_000_000)
    >>> credit_of_year(load_rules(2026), facts).credit
    990000
    """
    beside = facts.financial if facts.financial > book.won("income.financial_limit") else 0
    plain = facts.due is None and facts.base is None and facts.credits is None and not beside
    return pension_credit(
        book,
        wages=facts.wages,
        other_income=facts.other,
        financial_income=facts.financial,
        pension_savings=facts.savings,
        irp=facts.irp,
        resident=facts.resident,
        dependants=facts.dependants if plain else None,
        tax_due=None if plain else _due(book, facts) + _extra(book, facts),
    )


def _national_credit(book: Rulebook, facts: YearFacts) -> int:
    found = credit_of_year(book, facts)
    rate = found.rate / (1 + book.rate("tax.local_share"))
    credit = floor(found.base * rate) if facts.rounding else cut(book, found.base * rate)
    most = found.tax_due
    return credit if most is None else min(credit, most)


def _extra(book: Rulebook, facts: YearFacts) -> int:
    """Return the national tax on interest and dividends beyond what is withheld from them."""
    base = base_of(book, facts)
    return financial_income(book, financial=facts.financial, other_income=base).extra


def _credit(book: Rulebook, facts: YearFacts) -> int:
    credit = _national_credit(book, facts)
    return credit + local(book, credit)


def _tax(book: Rulebook, facts: YearFacts) -> int:
    national = _due(book, facts) + _extra(book, facts) - _national_credit(book, facts)
    if facts.financial > book.won("income.financial_limit"):
        national += floor(facts.financial * book.rate("tax.withholding"))
    if not facts.rounding:
        national = cut(book, national)
    share = book.rate("tax.local_share")
    return national + (floor(national * share) if facts.rounding > 1 else local(book, national))
