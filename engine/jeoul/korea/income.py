"""Comprehensive income tax: the bands of §55 and the two calculations of §62."""

from __future__ import annotations

from dataclasses import dataclass

from jeoul.korea.levy import Flag, Won, floor, local, over_bands, withheld
from jeoul.korea.rulebook import Rulebook, Step, step


@dataclass(frozen=True, slots=True)
class FinancialIncome:
    """The tax on interest and dividends of a year.

    ``a`` and ``b`` are the two national taxes compared; ``extra`` what is due in May beyond the tax
    withheld and the tax on the other income, ``local_extra`` its local part.
    """

    comprehensive: bool
    a: int
    b: int
    extra: int
    local_extra: int
    withheld: int
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class HighDividend:
    """The separate tax on dividends of high-dividend companies, if they qualify."""

    eligible: bool
    tax: int
    steps: tuple[Step, ...]


def tax_on(book: Rulebook, base: int) -> int:
    """Return the national income tax on a tax base, by the bands of 소득세법 §55.

    >>> from jeoul.korea.tables import load_rules
    >>> tax_on(load_rules(2026), 78_500_000)
    13080000
    """
    return over_bands(max(0, base), book.bands("income.brackets"))


def financial_income(
    book: Rulebook,
    *,
    financial: Won,
    other_income: Won = 0,
    deductions: Won = 0,
    company_dividends: Won = 0,
) -> FinancialIncome:
    """Return whether a year's interest and dividends are taxed comprehensively, and what that adds.

    Up to 20 M the tax withheld is final. Above it the tax is the larger of A = tax(excess + other
    income - deductions) + 20 M x 14 % and B = financial x 14 % + tax(other income - deductions).
    ``company_dividends`` is the part of ``financial`` that Korean companies paid out themselves: it
    is grossed up by 10 % as far as it lies above 20 M, and the gross-up credited down to B.
    ISA, pension accounts and the separate dividend taxes never enter ``financial``. Sources:
    소득세법 §§14③6, 17③, 56, 62.

    >>> from jeoul.korea.tables import load_rules
    >>> result = financial_income(load_rules(2026), financial=21_000_000, other_income=40_000_000)
    >>> result.a, result.b, result.extra
    (7690000, 7680000, 10000)
    """
    rule, key = "income.financial", "income.financial_limit"
    if min(financial, other_income, deductions, company_dividends) < 0:
        raise book.refuse(rule, key, "an amount is below zero; give 0 or more")
    if company_dividends > financial:
        raise book.refuse(
            rule,
            key,
            "company_dividends is more than financial, which contains it; correct one of the two",
        )
    limit, rate = book.won(key), book.rate("tax.withholding")
    withheld = floor(financial * rate)
    b = withheld + tax_on(book, other_income - deductions)
    if financial <= limit:
        steps = (step("financial_within", financial=financial, limit=limit),)
        return FinancialIncome(
            comprehensive=False, a=b, b=b, extra=0, local_extra=0, withheld=withheld, steps=steps
        )
    excess = financial - limit
    gross_up = floor(min(company_dividends, excess) * book.rate("income.gross_up"))
    a = tax_on(book, excess + gross_up + other_income - deductions) + floor(limit * rate)
    credit = min(gross_up, max(0, a - b))
    extra = max(0, a - credit - b)
    steps_above = [
        step("financial_above", financial=financial, limit=limit, excess=excess),
        step("financial_a", a=a),
        step("financial_b", b=b),
        step("financial_extra", extra=extra),
    ]
    if gross_up:
        steps_above.insert(1, step("financial_gross_up", gross_up=gross_up, credit=credit))
    return FinancialIncome(
        comprehensive=True,
        a=a,
        b=b,
        extra=extra,
        local_extra=local(book, extra),
        withheld=withheld,
        steps=tuple(steps_above),
    )


def high_dividend(book: Rulebook, *, dividends: Won, from_etf: Flag = False) -> HighDividend:
    """Return the separate tax on dividends of high-dividend companies.

    14 % up to 20 M, 20 % to 300 M, 25 % to 5 bn, 30 % above, with local tax; by application.
    Distributions of ETFs, funds and REITs do not qualify: the ordinary withholding is given.
    Source: 조세특례제한법 §104의27.

    >>> from jeoul.korea.tables import load_rules
    >>> high_dividend(load_rules(2026), dividends=20_000_000).tax
    3080000
    """
    if dividends < 0:
        raise book.refuse(
            "dividend.high_separate", "dividend.high_bands", "dividends below zero; give 0 or more"
        )
    if from_etf:
        tax = withheld(book, dividends, book.rate("tax.withholding")).total
        return HighDividend(False, tax, (step("dividend_etf", tax=tax),))
    national = over_bands(dividends, book.bands("dividend.high_bands"))
    national -= national % book.won("tax.truncate_to")
    tax = national + local(book, national)
    return HighDividend(
        True, tax, (step("dividend_separate", dividends=dividends, national=national, tax=tax),)
    )
