"""What a plan takes for granted where the person said nothing."""

from __future__ import annotations

from jeoul.advice.situation import TaxSituation
from jeoul.korea.rulebook import Step, step


def assumptions(here: TaxSituation) -> tuple[Step, ...]:
    """Return every assumption of a plan, the tax due and how it was reached first."""
    person, due = here.person, here.due
    income, pension = person.income, person.pension
    steps = []
    if person.status.resident and income.working:
        steps.append(step("plan_due", due=due.national, credit=due.national * 11 // 10))
        if due.by_letter != due.national:
            steps.append(step("plan_due_by_letter", due=due.by_letter))
        steps.extend(due.steps)
    holds = {
        "plan_income_of_work": not income.wages and not income.other and income.working,
        "plan_not_resident": not person.status.resident,
        "plan_no_income": not income.working,
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
