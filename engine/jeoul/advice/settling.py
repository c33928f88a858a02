"""What an account owes on a holding: taxes of every year and of the end, and health insurance."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, Decimal

from jeoul.advice.holding import Holding
from jeoul.advice.rooms import full_years
from jeoul.advice.saver import Payment, Saver
from jeoul.korea.foreign_tax import ForeignTax, fund_foreign_tax
from jeoul.korea.gains import Gain, settle_general
from jeoul.korea.health import health_crossing
from jeoul.korea.income import financial_income
from jeoul.korea.isa import settle_isa
from jeoul.korea.overseas import settle_overseas
from jeoul.korea.pension import close_pension, receive_pension
from jeoul.korea.pension_credit import PensionCredit, pension_credit
from jeoul.korea.rulebook import Rulebook, Step, step

RECEIPT_YEARS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What an account came to after everything: ``credits`` are pension credits on the way."""

    tax: int
    health: int = 0
    credits: int = 0
    steps: tuple[Step, ...] = ()


def settle(
    book: Rulebook,
    saver: Saver,
    account: str,
    holding: Holding,
    paid: Sequence[Payment],
    end: date,
) -> Settled:
    """Return what the holding of one account owes when everything is sold on a day."""
    years = full_years(paid[0].day, end)
    if account == "isa":
        return _isa(book, saver, holding, years)
    if account == "pension_savings":
        return _pension(book, saver, holding, paid, years)
    return _general(book, saver, holding, end)


def _general(book: Rulebook, saver: Saver, holding: Holding, end: date) -> Settled:
    home = tuple(result for result in holding.results if result.asset != "us_etf")
    abroad = tuple(result.gain for result in holding.results if result.asset == "us_etf")
    found = settle_general(book, results=home)
    tax = found.tax
    income: defaultdict[int, int] = defaultdict(int, holding.income)
    income[end.year] += found.taxable
    steps: list[Step] = []
    if abroad:
        overseas = settle_overseas(book, gains=abroad)
        tax += overseas.tax
        steps.extend(overseas.steps)
    if found.taxable:
        steps.append(step("compare_lots", lots=len(home), taxable=found.taxable, tax=found.tax))
    elif home:
        steps.append(step("etf_share_gain" if found.net > 0 else "compare_no_gain", gain=found.net))
    extra, more = _comprehensive(book, saver, income)
    health, premiums = _health(book, saver, income)
    return Settled(tax=tax + extra, health=health, steps=(*steps, *more, *premiums))


def _comprehensive(
    book: Rulebook, saver: Saver, income: Mapping[int, int]
) -> tuple[int, tuple[Step, ...]]:
    """Return the tax of May above 20 M that the income of all years adds, and the last year's."""
    before = financial_income(
        book, financial=saver.financial_income, other_income=saver.other_income
    )
    extra = 0
    steps: tuple[Step, ...] = ()
    for year in sorted(income):
        after = financial_income(
            book,
            financial=saver.financial_income + income[year],
            other_income=saver.other_income,
        )
        extra += after.extra + after.local_extra - before.extra - before.local_extra
        if after.comprehensive or year == max(income):
            steps = after.steps
    return extra, steps


def _health(
    book: Rulebook, saver: Saver, income: Mapping[int, int]
) -> tuple[int, tuple[Step, ...]]:
    """Return the premiums that the income of all years adds; unknown status, unknown premiums."""
    if saver.health is None:
        return 0, (step("compare_health_unknown"),)
    total, dearest = 0, 0
    steps: tuple[Step, ...] = ()
    for year in sorted(income):
        found = health_crossing(
            book,
            status=saver.health,
            more=income[year],
            financial=saver.financial_income,
            other_income=saver.other_income if saver.health == "self_employed" else 0,
        )
        total += found.cost
        if found.cost > dearest:
            dearest, steps = found.cost, found.steps
    return total, (*steps, step("compare_health", total=total))


def _isa(book: Rulebook, saver: Saver, holding: Holding, years: int) -> Settled:
    results = (*holding.results, Gain("fund", holding.distributed))
    found = settle_isa(book, kind=saver.isa_kind, years_held=years, results=results)
    steps = list(found.steps)
    tax = found.tax
    if holding.foreign_tax and tax:
        credited = fund_foreign_tax(
            book,
            account="isa",
            on=book.as_of,
            amount=holding.values[-1],
            foreign=ForeignTax(holding.foreign_tax),
            national=national_of(book, tax),
        )
        tax = credited.tax
        steps.extend(credited.steps)
    return Settled(tax=tax, steps=tuple(steps))


def _pension(
    book: Rulebook, saver: Saver, holding: Holding, paid: Sequence[Payment], years: int
) -> Settled:
    credits = _credits(book, saver, paid)
    base = sum(found.base - found.unused for found in credits)
    gain = sum(result.gain for result in holding.results) + holding.distributed
    total = sum(found.credit for found in credits)
    yearly = max(0, base + gain) // RECEIPT_YEARS
    age = max(55, saver.age + years)
    found = receive_pension(book, age=age, amount=yearly)
    tax = found.withheld
    steps = [step("compare_credits", years=len(credits), total=total), *credits[0].steps]
    steps.append(step("compare_drawn", years=RECEIPT_YEARS, age=age, yearly=yearly))
    steps.extend(found.steps)
    if holding.foreign_tax and tax:
        credited = fund_foreign_tax(
            book,
            account="pension_savings",
            on=book.as_of,
            amount=yearly,
            foreign=ForeignTax(holding.foreign_tax // RECEIPT_YEARS),
            national=national_of(book, tax),
        )
        tax = credited.tax
        steps.extend(credited.steps)
    steps.extend(_locked(book, saver, base, gain, sum(part.amount for part in paid), years))
    return Settled(tax=tax * RECEIPT_YEARS, credits=total, steps=tuple(steps))


def _locked(
    book: Rulebook, saver: Saver, base: int, gain: int, paid: int, years: int
) -> tuple[Step, ...]:
    """Return what the age of 55 and the five years mean where the money is needed at the end."""
    start = book.table("pension.start")
    age, joined = start["age"], start["years"]
    if not isinstance(age, int) or not isinstance(joined, int):
        raise TypeError("pension.start holds no integers")
    wait = max(age - saver.age - years, joined - years)
    if wait <= 0:
        return ()
    if gain + paid < 0:
        return (step("compare_locked", age=age, joined=joined, wait=wait),)
    lump = close_pension(book, credited=base, earnings=gain, uncredited=paid - base)
    return (
        step("compare_locked", age=age, joined=joined, wait=wait),
        step("compare_locked_lump", tax=lump.tax, net=lump.net),
    )


def _credits(book: Rulebook, saver: Saver, paid: Sequence[Payment]) -> list[PensionCredit]:
    """Return the credit of every calendar year, never above the tax that is due on the incomes.

    Taxable income above the wages shows that there is another.
    """
    by_year: defaultdict[int, int] = defaultdict(int)
    for part in paid:
        by_year[part.day.year] += part.amount
    more = not saver.wages or saver.other_income > saver.wages
    return [
        pension_credit(
            book,
            wages=saver.wages,
            comprehensive_income=saver.other_income if more else None,
            pension_savings=amount,
            dependants=0,
        )
        for _, amount in sorted(by_year.items())
    ]


def national_of(book: Rulebook, total: int) -> int:
    """Return the national part of a tax that was levied with its local part.

    >>> from jeoul.korea.tables import load_rules
    >>> national_of(load_rules(2026), 39_540)
    35950
    """
    unit = book.won("tax.truncate_to")
    part = Decimal(total) / (1 + book.rate("tax.local_share")) / unit
    return int(part.to_integral_value(ROUND_CEILING)) * unit
