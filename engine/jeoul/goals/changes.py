"""What changes a goal's probability most: a month more, a year later, a tenth more saved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from jeoul.goals.belief import Belief
from jeoul.goals.case import SavingCase
from jeoul.goals.chance import share_reached, simulate
from jeoul.goals.law import Method
from jeoul.goals.saving import PlannedSaving, growth, outcomes

TENTH = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanChange:
    """A change of the plan, in won that it costs, and the probability with it."""

    name: str
    won: int
    probability: float


def changes_of(
    case: SavingCase,
    belief: Belief,
    method: Method,
    *,
    paths: int,
    seed: int,
    reserve: float = 0.0,
) -> tuple[PlanChange, ...]:
    """Return what each change of a plan makes of its probability, the largest first.

    The paths are those of ``seed``, so that a difference is the change's and not luck. ``reserve``
    is what lies in the goal's accounts for emergencies: without it is the last of the changes.
    """
    found = [
        PlanChange(
            name=name,
            won=won,
            probability=_probability(changed, belief, method, paths=paths, seed=seed),
        )
        for name, won, changed in _changed(case)
    ]
    found.sort(key=lambda change: -change.probability)
    if reserve > 0.0:
        kept = _probability(_reserved(case, reserve), belief, method, paths=paths, seed=seed)
        found.append(PlanChange(name="reserve", won=round(reserve), probability=kept))
    return tuple(found)


def _changed(case: SavingCase) -> Iterator[tuple[str, int, SavingCase]]:
    """Yield names, the won that a change costs, and the changed goal."""
    if not case.steps.count:
        return
    saved = [payment for payment in case.payments if payment.amount > 0.0]
    monthly = sum(payment.amount for payment in saved) / case.steps.count
    if saved:
        once = tuple(PlannedSaving(case.on, monthly * part, person) for person, part in case.payers)
        yield "month", round(monthly), replace(case, payments=(*once, *case.payments))
        more = tuple(
            payment._replace(amount=payment.amount * (1.0 + TENTH))
            if payment.amount > 0.0
            else payment
            for payment in case.payments
        )
        won = round(TENTH * sum(payment.amount for payment in saved))
        yield "tenth", won, replace(case, payments=more)
    else:
        tenth = TENTH * case.saved
        more = tuple(PlannedSaving(case.on, tenth * part, person) for person, part in case.payers)
        yield "tenth", round(tenth), replace(case, payments=more)
    later = replace(case, by=a_year_after(case.by), payments=(*case.payments, *case.later))
    yield "year", round(sum(payment.amount for payment in case.later)), later


def a_year_after(day: date) -> date:
    """Return the same day of the next year, 28 February for a leap day.

    >>> a_year_after(date(2028, 2, 29))
    datetime.date(2029, 2, 28)
    """
    try:
        return day.replace(year=day.year + 1)
    except ValueError:
        return day.replace(year=day.year + 1, day=28)


def _reserved(case: SavingCase, reserve: float) -> SavingCase:
    """Return a goal without the money of the reserve, taken from every pot alike."""
    kept = max(0.0, 1.0 - reserve / case.saved) if case.saved > 0.0 else 1.0
    pots = tuple(
        replace(pot, value=pot.value * kept, untaxed=pot.untaxed * kept) for pot in case.pots
    )
    return replace(case, pots=pots)


def _probability(
    case: SavingCase, belief: Belief, method: Method, *, paths: int, seed: int
) -> float:
    rng = np.random.default_rng(seed)
    drawn = simulate(belief, method, rng, paths=paths, steps=case.steps.count)
    grown = growth(drawn.returns(case.steps.span))
    return share_reached(case.amount, outcomes(case.saving(), grown))
