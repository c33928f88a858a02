"""A household as a problem, with everything that a page or a run needs to say about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from jeoul.household.gathering.inputs import HouseholdInputs
from jeoul.household.gathering.lots import Sellable
from jeoul.household.gathering.needs import GoalPlan, MoneyOutlook
from jeoul.household.gathering.priced import Priced
from jeoul.household.gathering.targets import WantedTarget
from jeoul.household.problem.records import Household
from jeoul.household.written.file import HouseholdFile
from jeoul.model.decision import Proposal
from jeoul.model.finding import Finding
from jeoul.model.portfolio import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class AimFacts:
    """What stands behind an aim: the target of each profile, and the money that it counts for.

    ``profiles`` are by person. ``scale`` is the overlay's now, the lowest of the profiles',
    ``cut`` whether it was lowered since the last plan; ``band`` is the strategy's.
    """

    profiles: Mapping[str, str]
    wanted: Mapping[str, WantedTarget]
    shares: Mapping[str, float]
    scale: float
    cut: bool
    band: float

    @property
    def proposals(self) -> Mapping[str, Proposal]:
        """Return the proposal of each profile."""
        return {name: each.proposal for name, each in self.wanted.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """A household on a day, ready to plan.

    ``inputs`` are those that it rests on: universes have the funds beside them that accounts hold.
    ``prices`` are by fund in the smallest unit of its currency, with won for one of it; ``basis``
    says how sure the gain of each position is. ``goals`` are in the order in which planned flows
    serve them, along the cautious ``path``. ``notes`` are what a person should read: assumptions,
    and what the person left out. ``findings`` are those of the market that touch the plan.
    """

    file: HouseholdFile
    inputs: HouseholdInputs
    as_of: date
    law_of: date
    household: Household
    aims: Mapping[str, AimFacts]
    prices: Mapping[str, Priced]
    basis: Mapping[tuple[str, str], Sellable]
    goals: tuple[GoalPlan, ...]
    path: MoneyOutlook
    notes: tuple[Reason, ...]
    findings: tuple[Finding, ...] = field(default=())

    @property
    def simulated(self) -> bool:
        """Return whether the market is simulated."""
        return any(
            wanted.proposal.simulated
            for aim in self.aims.values()
            for wanted in aim.wanted.values()
        )
