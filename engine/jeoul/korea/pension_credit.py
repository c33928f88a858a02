"""The tax credit for a year's payments into pension savings and an IRP."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from jeoul.korea.levy import Flag, Won, combined, cut, floor, local
from jeoul.korea.rulebook import Rulebook, Step, decimal, step
from jeoul.korea.wages import Incomes, income_wages, incomes

TARGETS = ("pension_savings", "irp")


@dataclass(frozen=True, slots=True)
class PensionCredit:
    """The tax credit of a year. ``rate`` includes local tax; ``refused`` is above the limit.

    ``irp_refused`` was paid into an IRP without any income, ``tax_due`` the national tax that caps
    the credit (None: unknown), ``unused`` the base that earned nothing for want of tax.
    """

    base: int
    rate: Decimal
    credit: int
    refused: int
    irp_refused: int
    bonus: int
    unused: int
    tax_due: int | None
    steps: tuple[Step, ...]


def low_rate(book: Rulebook, wages: int, income: Incomes) -> bool:
    """Return whether the higher credit rate of lower incomes applies.

    Nothing but wages: those up to 55 M. Otherwise the comprehensive income up to 45 M, interest and
    dividends in it where they exceed 20 M.
    """
    if wages and not income.beside_wages:
        return wages <= book.won("pension.low_wages")
    return income.total <= book.won("pension.low_income")


def pension_credit(  # noqa: PLR0913  what the statute makes the credit depend on
    book: Rulebook,
    *,
    wages: Won = 0,
    pension_savings: Won = 0,
    irp: Won = 0,
    isa_transfer: Won = 0,
    isa_transfer_to: str = "pension_savings",
    comprehensive_income: Won | None = None,
    other_income: Won | None = None,
    financial_income: Won = 0,
    dependants: Won | None = None,
    resident: Flag = True,
    tax_due: Won | None = None,
) -> PensionCredit:
    """Return the credit for a year's payments.

    base = min(min(savings, 6 M) + IRP, 9 M) + min(10 % of an ISA transfer, 3 M), where the
    transferred money counts as paid into the account it goes to and stands outside the annual
    limit of 18 M. Credit = base x 15 % (lower incomes) or 12 %, with local tax 16.5 % or 13.2 %.
    The tax that is due caps the national part, because the credit is never refunded: ``tax_due``
    if given, else the tax of ``income.wages`` if ``dependants`` is given (0 for nobody), else it is
    taken to be enough. ``unused`` is the base that earned nothing, which may be withdrawn untaxed
    later. Without income, or for a non-resident, the credit is 0; an IRP needs income. What a
    ``comprehensive_income`` (종합소득금액) exceeds the wage income by is other income, as
    ``other_income`` is. ``financial_income``, interest and dividends, is part of the comprehensive
    income above 20 M, and then decides the rate with it; its own tax is left out of the tax due.
    Sources: 소득세법 §§14③6, 59의3, 61③; 시행령 §40의2②; 근로자퇴직급여 보장법 §24.

    >>> from jeoul.korea.tables import load_rules
    >>> book = load_rules(2026)
    >>> pension_credit(book, wages=55_000_000, pension_savings=6_000_000).credit
    990000
    >>> pension_credit(book, wages=30_000_000, pension_savings=6_000_000, dependants=0).credit
    409028
    """
    rule = "pension.credit"
    amounts = (wages, pension_savings, irp, isa_transfer, financial_income)
    if min(*amounts, *(fact or 0 for fact in (comprehensive_income, other_income, tax_due))) < 0:
        raise book.refuse(rule, "pension.annual_cap", "an amount is below zero; give 0 or more")
    if isa_transfer_to not in TARGETS:
        raise book.refuse(
            rule,
            "pension.transfer_bonus",
            f"isa_transfer_to is {isa_transfer_to!r}; use {' or '.join(TARGETS)}",
        )
    if not wages and comprehensive_income is None and other_income is None:
        what = "neither wages nor comprehensive_income decide the rate; give one of the two"
        raise book.refuse(rule, "pension.credit_rate", what)
    income = incomes(book, wages, comprehensive_income, other_income or 0, financial_income)
    refused = max(0, pension_savings + irp - book.won("pension.annual_cap"))
    earns = wages or income.other  # interest and dividends open no IRP
    irp_refused = irp if not earns and book.flag("irp.needs_income") else 0
    base, bonus, steps = _credit_base(
        book, pension_savings, irp - irp_refused, isa_transfer, isa_transfer_to
    )
    if refused:
        steps.insert(0, step("pension_over_limit", refused=refused))
    if irp_refused:
        steps.insert(0, step("pension_irp_refused", irp=irp_refused))
    if income.financial:
        steps.append(step("income_with_financial", financial=income.financial, total=income.total))
    rates = book.table("pension.credit_rate")
    rate = decimal(rates["low" if low_rate(book, wages, income) else "high"])
    due, found = _tax_due(book, wages, income, _Household(resident, dependants, tax_due))
    steps.extend(found)
    national, unused = cut(book, base * rate), 0
    if due is not None and national > due:
        national, unused = due, base - floor(due / rate)
        steps.append(step("pension_tax_due", tax_due=due, unused=unused))
    credit = national + local(book, national)
    whole = combined(book, rate)
    steps.append(step("pension_credited", base=base - unused, rate=whole, credit=credit))
    return PensionCredit(
        base=base,
        rate=whole,
        credit=credit,
        refused=refused,
        irp_refused=irp_refused,
        bonus=bonus,
        unused=unused,
        tax_due=due,
        steps=tuple(steps),
    )


class _Household(NamedTuple):
    resident: bool
    dependants: int | None
    tax_due: int | None


def _tax_due(
    book: Rulebook, wages: int, income: Incomes, household: _Household
) -> tuple[int | None, tuple[Step, ...]]:
    """Return the national tax that caps the credit, None if unknown, and how it is known."""
    if not household.resident:
        return 0, (step("pension_nonresident"),)
    if not income.total:
        return 0, (step("pension_no_income"),)
    if household.tax_due is not None:
        return household.tax_due, ()
    if household.dependants is None:
        return None, (step("pension_tax_unknown"),)
    found = income_wages(
        book, wages=wages, other_income=income.other, dependants=household.dependants
    )
    return found.due, found.steps


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
