"""The least risk that is enough: no return, a deposit, and the profiles in order of their risk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from jeoul.goals.belief import Belief, certain
from jeoul.goals.case import SavingCase
from jeoul.goals.chance import Simulation
from jeoul.goals.needed import CAUTIOUS
from jeoul.goals.saving import growth, outcomes

CASH, DEPOSIT = "cash", "deposit"
"""Names of the rungs without risk: money without a return, and at a rate."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rung:
    """A way to hold the money; ``allowed`` says whether the diagnosis and the goal's day allow it.

    ``simulation`` has the paths of a profile; it is None for money without risk.
    """

    name: str
    belief: Belief
    simulation: Simulation | None = None
    allowed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """What a rung comes to after tax at a cautious outcome, in won, and whether that is enough."""

    name: str
    cautious: int
    enough: bool
    allowed: bool


def without_risk(rate: float) -> tuple[Rung, Rung]:
    """Return the two rungs without risk: money without a return, and at a deposit's rate."""
    return (
        Rung(name=CASH, belief=certain(0.0)),
        Rung(name=DEPOSIT, belief=certain(rate)),
    )


def reached_by(case: SavingCase, rungs: Sequence[Rung]) -> tuple[Reached, ...]:
    """Return what each rung comes to where nine of ten paths do better."""
    return tuple(_reached(case, rung) for rung in rungs)


def least_risk(found: Sequence[Reached]) -> str | None:
    """Return the first rung that is allowed and enough, None where none is."""
    return next((each.name for each in found if each.allowed and each.enough), None)


def _reached(case: SavingCase, rung: Rung) -> Reached:
    simulation = rung.simulation
    if simulation is None:
        case = case.without_risk()
        simulation = Simulation(belief=rung.belief, drawn=np.zeros((1, case.steps.count)))
    found = outcomes(case.saving(), growth(simulation.returns(case.steps.span)))
    cautious = cautious_of(found)
    return Reached(
        name=rung.name,
        cautious=cautious,
        enough=cautious >= case.amount,
        allowed=rung.allowed,
    )


def cautious_of(found: np.ndarray) -> int:
    """Return the outcome that nine of ten paths reach, in whole won.

    >>> cautious_of(np.arange(1.0, 11.0))
    2
    """
    return round(float(np.quantile(found, 1.0 - CAUTIOUS, method="higher")))
