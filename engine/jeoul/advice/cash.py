"""What a sum comes to in won, after tax, where its rate is known: deposits, CMA, bonds, an IMA."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from jeoul.advice.growth import Growth, IncomePayment, grow
from jeoul.advice.means import Means
from jeoul.advice.rates import KINDS, ProductRate
from jeoul.korea.deposit import Deposit, deposit_protection
from jeoul.korea.income import financial_income
from jeoul.korea.levy import levy
from jeoul.korea.products import Product
from jeoul.korea.rulebook import Rulebook, Step, step

PRODUCT: Mapping[str, str] = {"bond": "otc_bond"}
"""The product of a kind of quote, where it has another name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CashOutcome:
    """What a quote comes to. ``paid`` is what is there at the horizon after every tax.

    ``paid`` is None where no figure is honest; ``steps`` say why. ``interest`` is before tax,
    ``tax`` what is withheld of it, ``untaxed`` the gain of a bond's price, ``extra`` the
    comprehensive tax beyond the tax withheld, None where it was not asked for. ``insured`` and
    ``exposed`` divide what the firm owes at the end.
    """

    quote: ProductRate
    product: Product
    paid: int | None
    interest: int = 0
    tax: int = 0
    untaxed: int = 0
    extra: int | None = None
    insured: int = 0
    exposed: int = 0
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """The money to compare for: won, months until it is needed, and the riskiest grade allowed."""

    amount: int
    months: int
    riskiest: int


def missing_kinds(quotes: Iterable[ProductRate]) -> tuple[str, ...]:
    """Return the kinds of product for which no rate was typed in.

    >>> missing_kinds(())[:3]
    ('deposit', 'parking', 'cma')
    """
    given = {quote.kind for quote in quotes}
    return tuple(kind for kind in KINDS if kind not in given)


def cash_outcomes(
    book: Rulebook,
    products: Iterable[Product],
    quotes: Iterable[ProductRate],
    wanted: Sum,
    means: Means,
) -> tuple[CashOutcome, ...]:
    """Return what the sum comes to in each quote, the most won first.

    A product whose least risky grade is riskier than allowed, or that pays nothing within the
    months, has no figure and comes last, with its reason. Comprehensive tax is counted where
    ``means`` gives the taxable income, for years counted from today and with the same income in
    each (:func:`jeoul.korea.income.financial_income`).
    """
    table = {product.id: product for product in products}
    found = [
        _outcome(book, table[PRODUCT.get(quote.kind, quote.kind)], quote, wanted, means)
        for quote in quotes
    ]
    return tuple(sorted(found, key=lambda one: (one.paid is None, -(one.paid or 0))))


def _outcome(
    book: Rulebook, product: Product, quote: ProductRate, wanted: Sum, means: Means
) -> CashOutcome:
    if product.grades[1] < wanted.riskiest:
        why = step("out_grade", grade=product.grades[1], riskiest=wanted.riskiest)
        return CashOutcome(quote=quote, product=product, paid=None, steps=(why,))
    grown = grow(book, quote, wanted.amount, wanted.months)
    if isinstance(grown, Step):
        return CashOutcome(quote=quote, product=product, paid=None, steps=(grown,))
    extra = _extra(book, grown, means)
    interest = sum(one.gross for one in grown.incomes)
    owed = wanted.amount + interest + grown.untaxed
    covered = deposit_protection(book, deposits=(Deposit(quote.name, quote.kind, owed),))
    return CashOutcome(
        quote=quote,
        product=product,
        paid=wanted.amount + grown.net - (extra or 0),
        interest=interest,
        tax=sum(one.tax for one in grown.incomes),
        untaxed=grown.untaxed,
        extra=extra,
        insured=covered.insured,
        exposed=covered.exposed,
        steps=grown.steps,
    )


def gain_tax(book: Rulebook, means: Means, gain: int) -> int:
    """Return the tax on a gain of fund income that is realised in one year.

    What is withheld, and the comprehensive tax beyond it where the taxable income is known.

    >>> from jeoul.korea.tables import load_rules
    >>> gain_tax(load_rules(2026), Means(), 1_000_000)
    154000
    """
    taken = levy(book, gain, book.rate("tax.withholding")).total
    return taken + (_extra(book, Growth((IncomePayment(1, gain, taken),), 0, ()), means) or 0)


def _extra(book: Rulebook, grown: Growth, means: Means) -> int | None:
    """Return the comprehensive tax that the incomes add, year by year from today."""
    if means.taxable_income is None:
        return None
    by_year: dict[int, int] = {}
    for income in grown.incomes:
        year = (income.month - 1) // 12
        by_year[year] = by_year.get(year, 0) + income.gross
    known = means.financial_income
    before = _due(book, known, means.taxable_income)
    return sum(
        _due(book, known + gross, means.taxable_income) - before for gross in by_year.values()
    )


def _due(book: Rulebook, financial: int, other: int) -> int:
    found = financial_income(book, financial=financial, other_income=other)
    return found.extra + found.local_extra
