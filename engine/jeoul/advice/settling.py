"""What an account owes on a holding: taxes of every year and of the end, and health insurance."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from jeoul.account.exits import RECEIPT_YEARS, draw_pension, end_isa, pension_age
from jeoul.advice.holding import HeldRoute
from jeoul.advice.rooms import full_years
from jeoul.advice.saver import Saver, SaverPayment
from jeoul.advice.year_levies import comprehensive_levy, health_levy, overseas_levy
from jeoul.advice.year_tax import YearFacts, credit_of_year
from jeoul.korea.gains import Gain, settle_general
from jeoul.korea.pension import close_pension, pension_start
from jeoul.korea.pension_credit import PensionCredit
from jeoul.korea.rulebook import Rulebook, Step, step
from jeoul.korea.wages import incomes


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
    holding: HeldRoute,
    paid: Sequence[SaverPayment],
    end: date,
) -> Settled:
    """Return what the holding of one account owes when everything is sold on a day."""
    years = full_years(paid[0].day, end)
    if account == "isa":
        return _isa(book, saver, holding, years)
    if account == "pension_savings":
        return _pension(book, saver, holding, paid, years)
    return _general(book, saver, holding, end)


def _general(book: Rulebook, saver: Saver, holding: HeldRoute, end: date) -> Settled:
    home = tuple(result for result in holding.results if result.asset != "us_etf")
    abroad = tuple(result.gain for result in holding.results if result.asset == "us_etf")
    found = settle_general(book, results=home)
    tax = found.tax
    income: defaultdict[int, int] = defaultdict(int, holding.income)
    income[end.year] += found.taxable
    steps: list[Step] = []
    if abroad:
        overseas = overseas_levy(book, abroad)
        tax += overseas.amount
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
    extra = 0
    steps: tuple[Step, ...] = ()
    for year in sorted(income):
        found = comprehensive_levy(
            book, income[year], elsewhere=saver.financial_income, base=saver.other_income
        )
        extra += found.amount
        if found.above or year == max(income):
            steps = found.steps
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
        found = health_levy(
            book,
            income[year],
            status=saver.health,
            elsewhere=saver.financial_income,
            other=saver.other_income if saver.health == "self_employed" else 0,
        )
        total += found.amount
        if found.amount > dearest:
            dearest, steps = found.amount, found.steps
    return total, (*steps, step("compare_health", total=total))


def _isa(book: Rulebook, saver: Saver, holding: HeldRoute, years: int) -> Settled:
    found = end_isa(
        book,
        kind=saver.isa_kind,
        years=years,
        results=(*holding.results, Gain("fund", holding.distributed)),
        value=holding.values[-1],
        foreign_tax=holding.foreign_tax,
    )
    return Settled(tax=found.tax, steps=found.steps)


def _pension(
    book: Rulebook, saver: Saver, holding: HeldRoute, paid: Sequence[SaverPayment], years: int
) -> Settled:
    credits = _credits(book, saver, paid)
    base = sum(found.base - found.unused for found in credits)
    gain = sum(result.gain for result in holding.results) + holding.distributed
    total = sum(found.credit for found in credits)
    yearly = max(0, base + gain) // RECEIPT_YEARS
    age = pension_age(book, saver.age + years)
    found = draw_pension(
        book, credited=base, earnings=gain, age=age, foreign_tax=holding.foreign_tax
    )
    steps = [step("compare_credits", years=len(credits), total=total), *credits[0].steps]
    steps.append(step("compare_drawn", years=RECEIPT_YEARS, age=age, yearly=yearly))
    steps.extend(found.steps)
    steps.extend(_locked(book, saver, base, gain, sum(part.amount for part in paid), years))
    return Settled(tax=found.tax, credits=total, steps=tuple(steps))


def _locked(
    book: Rulebook, saver: Saver, base: int, gain: int, paid: int, years: int
) -> tuple[Step, ...]:
    """Return what the age of 55 and the five years mean where the money is needed at the end."""
    age, joined = pension_start(book)
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


def _credits(book: Rulebook, saver: Saver, paid: Sequence[SaverPayment]) -> list[PensionCredit]:
    """Return the credit of every calendar year, never above the tax that is due on the incomes.

    Taxable income above the wages shows that there is another.
    """
    by_year: defaultdict[int, int] = defaultdict(int)
    for part in paid:
        by_year[part.day.year] += part.amount
    more = not saver.wages or saver.other_income > saver.wages
    other = incomes(book, saver.wages, saver.other_income if more else None, 0).other
    return [
        credit_of_year(
            book,
            YearFacts(
                wages=saver.wages, other=other, financial=saver.financial_income, savings=amount
            ),
        )
        for _, amount in sorted(by_year.items())
    ]
