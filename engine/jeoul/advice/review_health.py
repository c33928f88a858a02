"""What financial income costs a person in health insurance, as far as it is known."""

from __future__ import annotations

from jeoul.advice.situation import TaxSituation
from jeoul.advice.tax_due import incomes_of
from jeoul.korea.health import STATUSES, health_crossing
from jeoul.korea.rulebook import Step, step


def health_review(here: TaxSituation) -> tuple[Step, ...]:
    """Return what this year's financial income and planned gain add to health insurance.

    Where the person does not say who pays the insurance, each kind is shown that costs something;
    somebody with wages is taken to be an employee. The plan's own value does not contain it: nobody
    knows who pays the insurance when everything is sold.
    """
    person = here.person
    financial, planned = person.income.financial, person.gains.planned
    total = financial + planned
    if not total:
        return ()
    if person.status.health is not None:
        kinds: tuple[str, ...] = (person.status.health,)
    else:
        kinds = (
            ("employee",)
            if person.income.wages
            else tuple(name for name in STATUSES if name != "employee")
        )
    return tuple(found for kind in kinds for found in _of_kind(here, kind, total))


def _of_kind(here: TaxSituation, kind: str, total: int) -> list[Step]:
    """Return what the income costs, and how much of the gain stays within the line of the kind."""
    other = incomes_of(here.book, here.person.income).other
    floor = here.book.won("health.financial_floor")
    line = {
        "self_employed": floor,
        "dependant": here.book.won("health.dependant_limit") - other,
        "employee": here.book.won("health.beside_wages") - other,
    }[kind]
    line = max(line, floor)  # up to the floor no interest and no dividend counts for anybody

    def cost(amount: int) -> int:
        return health_crossing(here.book, status=kind, more=amount, other_income=other).cost

    steps = [step(f"plan_health_{kind}", total=total, cost=cost(total))]
    room = max(0, line - here.person.income.financial)
    if total > line and here.person.gains.planned and room:
        if beyond := cost(line + 1):
            steps.append(step("plan_health_room", room=room, line=line, beyond=beyond))
        else:  # an employee pays on what is above the line, so the first won above it costs nothing
            steps.append(step("plan_health_room_gradual", room=room, line=line))
    return steps
