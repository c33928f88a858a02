"""What a plan says beside the money: limits, the 20 M threshold, health insurance, gains abroad."""

from __future__ import annotations

from dataclasses import dataclass

from jeoul.advice.plan_value import YearSplit, extra_tax
from jeoul.advice.situation import TaxSituation
from jeoul.korea.income import financial_income
from jeoul.korea.overseas import settle_overseas
from jeoul.korea.rulebook import Step, step


@dataclass(frozen=True, slots=True)
class Meter:
    """A limit: how much of it is used, and what is left."""

    name: str
    used: int
    limit: int

    @property
    def left(self) -> int:
        """Return what is left, never below zero."""
        return max(0, self.limit - self.used)


def meters(here: TaxSituation, split: YearSplit) -> tuple[Meter, ...]:
    """Return every limit with what is used of it after a split."""
    book, person = here.book, here.person
    paid = person.pension
    savings, irp = paid.savings_paid + split.pension_savings, paid.irp_paid + split.irp
    isa_paid = sum(person.isa.paid.values()) if person.isa else 0
    savings_cap, both_cap = book.won("pension.savings_cap"), book.won("pension.combined_cap")
    return (
        Meter("isa", isa_paid + split.isa, isa_paid + here.isa_room),
        Meter("isa_total", isa_paid + split.isa, book.won("isa.total_cap")),
        Meter("pension_annual", savings + irp, book.won("pension.annual_cap")),
        Meter("pension_savings_credit", min(savings, savings_cap), savings_cap),
        Meter("pension_both_credit", min(min(savings, savings_cap) + irp, both_cap), both_cap),
        Meter(
            "financial_income",
            person.income.financial + person.gains.planned,
            book.won("income.financial_limit"),
        ),
        Meter(
            "overseas_deduction",
            max(0, person.gains.overseas_realised),
            book.won("us.deduction"),
        ),
    )


def financial_review(here: TaxSituation) -> tuple[Step, ...]:
    """Return whether financial income crosses 20 M, what that costs, and what avoids it."""
    book, person = here.book, here.person
    planned, beside = person.gains.planned, here.due.taxable or 0
    limit = book.won("income.financial_limit")
    total = person.income.financial + planned
    if total <= limit:
        return (step("plan_financial_within", total=total, left=limit - total),)
    before = financial_income(book, financial=person.income.financial, other_income=beside)
    now = before.extra + before.local_extra + extra_tax(book, person, planned, beside)
    steps = [step("plan_financial_crosses", total=total, over=total - limit, extra=now)]
    if planned:
        half = planned // 2
        # next year is assumed to bring the same interest and dividends as this one
        two = 2 * (before.extra + before.local_extra)
        two += extra_tax(book, person, half, beside)
        two += extra_tax(book, person, planned - half, beside)
        one = now + before.extra + before.local_extra
        steps.append(step("plan_financial_split", saved=max(0, one - two)))
        room = max(0, limit - person.income.financial)
        steps.append(step("plan_financial_room", room=min(room, planned)))
    year, last = person.year, person.year + book.won("isa.taxpayer_years")
    steps.append(step("plan_financial_isa", year=year, first=year + 1, last=last))
    steps.append(step("plan_financial_accounts"))
    return tuple(steps)


def overseas_review(here: TaxSituation) -> tuple[Step, ...]:
    """Return what realising gains abroad within the yearly deduction saves later."""
    book, gains = here.book, here.person.gains
    basic = book.won("us.deduction")
    amount = min(max(0, basic - max(0, gains.overseas_realised)), gains.overseas)
    if not amount:
        return ()
    later = settle_overseas(book, gains=(basic + gains.overseas,)).tax
    kept = settle_overseas(book, gains=(basic + gains.overseas - amount,)).tax
    by = f"{here.person.year}-12"
    return (step("plan_overseas", amount=amount, saved=later - kept, by=by),)
