"""Everything that is said of one goal, from its case and what is believed of the profiles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from jeoul.goals.belief import Belief
from jeoul.goals.case import SavingCase
from jeoul.goals.chance import Chance, Simulation, chance_of, share_reached, simulate
from jeoul.goals.changes import PlanChange, changes_of
from jeoul.goals.fan import INFLATION, Fan, fan_of
from jeoul.goals.law import Method
from jeoul.goals.least_risk import Reached, Rung, cautious_of, least_risk, reached_by, without_risk
from jeoul.goals.needed import Needed, needed_monthly, needed_return
from jeoul.goals.saving import growth, outcomes

PATHS = 10_000

HISTORY: Method = "history"
LOGNORMAL: Method = "lognormal"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GoalQuestion:
    """How a goal is simulated: ``belief`` is that of its money, ``profiles`` those to choose from.

    ``allowed`` are the profiles that the diagnosis and the goal's day allow, ``deposit`` the rate
    of a year that a deposit pays, ``reserve`` won in the goal's accounts that are for emergencies.
    """

    belief: Belief
    profiles: Mapping[str, Belief]
    allowed: frozenset[str]
    deposit: float
    reserve: float = 0.0
    inflation: float = INFLATION
    paths: int = PATHS
    seed: int = 1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GoalAnswer:
    """What becomes of a goal as it is planned.

    ``chance`` is that of paths drawn from history, ``lognormal`` the probability of the parametric
    ones. ``planned`` are outcomes of the plan after tax on the goal's day: cautious, middle, good.
    ``least`` names the least risk that is enough, None where nothing allowed is.
    """

    case: SavingCase
    chance: Chance
    lognormal: float
    planned: tuple[int, int, int]
    needed: Needed
    needed_return: float | None
    rungs: tuple[Reached, ...]
    least: str | None
    changes: tuple[PlanChange, ...]
    fan: Fan

    @property
    def past(self) -> bool:
        """Return whether the goal's day has come."""
        return not self.case.steps.count


def answer_goal(case: SavingCase, asked: GoalQuestion) -> GoalAnswer:
    """Return what becomes of a goal; the same seed gives the same answer.

    Every simulation begins with the seed's own generator, so that profiles, changes and the plan
    itself meet the same months.
    """
    main = _drawn(case, asked.belief, HISTORY, asked)
    grown = growth(main.returns(case.steps.span))
    found = outcomes(case.saving(), grown)
    rungs = reached_by(
        case,
        (
            *without_risk(asked.deposit),
            *(
                Rung(
                    name=name,
                    belief=belief,
                    simulation=_drawn(case, belief, HISTORY, asked),
                    allowed=name in asked.allowed,
                )
                for name, belief in asked.profiles.items()
            ),
        ),
    )
    return GoalAnswer(
        case=case,
        chance=_chance(case, main, asked),
        lognormal=_parametric(case, asked),
        planned=_planned(found),
        needed=needed_monthly(case, grown),
        needed_return=needed_return(case),
        rungs=rungs,
        least=least_risk(rungs),
        changes=changes_of(
            case,
            asked.belief,
            HISTORY,
            paths=asked.paths,
            seed=asked.seed,
            reserve=asked.reserve,
        ),
        fan=fan_of(case, main, inflation=asked.inflation),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Attempt:
    """What becomes of a goal with another amount, day or saving: its probability and its paths."""

    case: SavingCase
    chance: Chance
    fan: Fan


def attempt_goal(case: SavingCase, asked: GoalQuestion) -> Attempt:
    """Return the part of :func:`answer_goal` that moves when a plan is changed, and no more.

    The paths are those of ``asked.seed``: the goal as it is planned gives its answer's probability.
    """
    main = _drawn(case, asked.belief, HISTORY, asked)
    return Attempt(
        case=case,
        chance=_chance(case, main, asked),
        fan=fan_of(case, main, inflation=asked.inflation),
    )


def _chance(case: SavingCase, main: Simulation, asked: GoalQuestion) -> Chance:
    rng = np.random.default_rng([asked.seed, 1])
    return chance_of(case.saving(), case.amount, main, rng)


def _drawn(case: SavingCase, belief: Belief, method: Method, asked: GoalQuestion) -> Simulation:
    rng = np.random.default_rng(asked.seed)
    return simulate(belief, method, rng, paths=asked.paths, steps=case.steps.count)


def _parametric(case: SavingCase, asked: GoalQuestion) -> float:
    drawn = _drawn(case, asked.belief, LOGNORMAL, asked)
    found = outcomes(case.saving(), growth(drawn.returns(case.steps.span)))
    return share_reached(case.amount, found)


def _planned(found: np.ndarray) -> tuple[int, int, int]:
    middle, high = np.quantile(found, (0.5, 0.9)).tolist()
    return cautious_of(found), round(middle), round(high)
