"""What a plan takes for granted where the person said nothing."""

from __future__ import annotations

from jeoul.advice.plan_value import gain_on
from jeoul.advice.situation import TaxSituation
from jeoul.korea.isa import tax_free_of
from jeoul.korea.rulebook import Step, step


def assumptions(here: TaxSituation) -> tuple[Step, ...]:
    """Return every assumption of a plan, the tax due and how it was reached first."""
    person, due = here.person, here.due
    income, pension = person.income, person.pension
    steps = []
    if person.status.resident and here.incomes.total:
        steps.append(step("plan_due", due=due.national, credit=due.national * 11 // 10))
        if due.by_letter != due.national:
            steps.append(step("plan_due_by_letter", due=due.by_letter))
        steps.extend(due.steps)
    if here.incomes.financial:
        found = here.incomes
        steps.append(step("income_with_financial", financial=found.financial, total=found.total))
    if here.isa_room and (person.isa is None or person.isa.kind is None):
        free = tax_free_of(here.book, "isa.settle", here.isa_kind)
        steps.append(step("plan_isa_kind", tax_free=free))
    limit = here.book.won("income.financial_limit")
    if income.financial + max(0, gain_on(person, person.budget)) > limit:
        taxable = income.taxable or 0
        steps.append(step("plan_gain_beside", financial=income.financial, taxable=taxable))
    holds = {
        "plan_income_of_work": not income.wages and not income.other and here.working,
        "plan_not_resident": not person.status.resident,
        "plan_no_income": not here.incomes.total,
        "plan_only_financial": here.incomes.total > 0 and not here.working,
        "plan_pension_new": pension.savings_opened is None,
        "plan_no_public_pension": income.public_pension is None,
        "plan_health_unknown": person.status.health is None,
    }
    steps.extend(step(name) for name, says in holds.items() if says)
    for name, opened in (
        ("pension_opened", pension.savings_opened),
        ("irp_opened", pension.irp_opened),
    ):
        if isinstance(opened, int):
            steps.append(step("plan_opened_year", key=name, year=opened))
    return tuple(steps)
