"""The tax credit for a year's payments into pension savings and an IRP."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from jeoul.korea.levy import Won, combined, cut, floor, local
from jeoul.korea.rulebook import Rulebook, Step, decimal, step

TARGETS = ("pension_savings", "irp")


@dataclass(frozen=True, slots=True)
class PensionCredit:
    """The tax credit of a year. ``rate`` includes local tax; ``refused`` is above the limit."""

    base: int
    rate: Decimal
    credit: int
    refused: int
    bonus: int
    unused: int
    steps: tuple[Step, ...]


def low_rate(book: Rulebook, wages: int, comprehensive_income: int | None) -> bool:
    """Return whether the higher credit rate of lower incomes applies.

    Comprehensive income up to 45 M, or only wages and those up to 55 M. Without a comprehensive
    income the wages decide; an income up to the wages counts as those wages.
    """
    only_wages = comprehensive_income is None or 0 < comprehensive_income <= wages
    if only_wages and wages <= book.won("pension.low_wages"):
        return True
    return comprehensive_income is not None and comprehensive_income <= book.won(
        "pension.low_income"
    )


def pension_credit(
    book: Rulebook,
    *,
    wages: Won = 0,
    pension_savings: Won = 0,
    irp: Won = 0,
    isa_transfer: Won = 0,
    isa_transfer_to: str = "pension_savings",
    comprehensive_income: Won | None = None,
    tax_due: Won | None = None,
) -> PensionCredit:
    """Return the credit for a year's payments.

    base = min(min(savings, 6 M) + IRP, 9 M) + min(10 % of an ISA transfer, 3 M), where the
    transferred money counts as paid into the account it goes to and stands outside the annual
    limit of 18 M. Credit = base x 15 % (lower incomes) or 12 %, with local tax 16.5 % or 13.2 %.
    ``tax_due`` caps the national part: the credit is never refunded; ``unused`` is the base that
    earned nothing, which may be withdrawn untaxed later. Sources: 소득세법 §§59의3, 61③; 시행령
    §40의2②.

    >>> from jeoul.korea.tables import load_rules
    >>> pension_credit(load_rules(2026), wages=55_000_000, pension_savings=6_000_000).credit
    990000
    """
    rule = "pension.credit"
    amounts = (wages, pension_savings, irp, isa_transfer, comprehensive_income or 0, tax_due or 0)
    if min(amounts) < 0:
        raise book.refuse(rule, "pension.annual_cap", "an amount is below zero")
    if isa_transfer_to not in TARGETS:
        raise book.refuse(
            rule,
            "pension.transfer_bonus",
            f"isa_transfer_to is {isa_transfer_to!r}; use {' or '.join(TARGETS)}",
        )
    if not wages and comprehensive_income is None:
        what = "neither wages nor comprehensive_income decide the rate; give one of the two"
        raise book.refuse(rule, "pension.credit_rate", what)
    refused = max(0, pension_savings + irp - book.won("pension.annual_cap"))
    base, bonus, steps = _credit_base(book, pension_savings, irp, isa_transfer, isa_transfer_to)
    if refused:
        steps.insert(0, step("pension_over_limit", refused=refused))
    low = low_rate(book, wages, comprehensive_income)
    rate = decimal(book.table("pension.credit_rate")["low" if low else "high"])
    national, unused = cut(book, base * rate), 0
    if tax_due is not None and national > tax_due:
        national, unused = tax_due, base - floor(tax_due / rate)
        steps.append(step("pension_tax_due", tax_due=tax_due, unused=unused))
    credit = national + local(book, national)
    steps.append(step("pension_credited", base=base, rate=combined(book, rate), credit=credit))
    return PensionCredit(base, combined(book, rate), credit, refused, bonus, unused, tuple(steps))


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
