"""The proof that nothing is worth its cost, and what waits behind a limit on trades."""

from __future__ import annotations

from dataclasses import dataclass, replace

from jeoul.household.explaining.candidates import Candidate, candidates_of
from jeoul.household.planning.exact import plan_exactly
from jeoul.household.planning.planner import Planner
from jeoul.household.problem.records import NOTHING, Household, HouseholdPlan, PlanCost


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanCertificate:
    """That no plan saves more than ``min_gain`` over doing nothing, if ``proven``.

    ``bound`` is what no plan costs less than; ``candidates`` are the orders that would save most,
    each too little.
    """

    nothing: PlanCost
    bound: float
    min_gain: float
    candidates: tuple[Candidate, ...]

    @property
    def most_to_gain(self) -> float:
        """Return what no plan saves more than."""
        return max(0.0, self.nothing.total - self.bound)

    @property
    def proven(self) -> bool:
        """Return whether nothing is proven to be worth its cost."""
        return self.most_to_gain <= self.min_gain


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingTrades:
    """What a plan would do beyond its limit on trades.

    ``trades`` more orders would save ``worth`` won more; no plan without a limit saves more than
    ``most`` over this one.
    """

    trades: int
    worth: float
    most: float
    plan: HouseholdPlan


def certify_nothing(
    household: Household, plan: HouseholdPlan, *, nearest: int = 5
) -> PlanCertificate:
    """Return the proof that a plan's bound gives, with the ``nearest`` candidates.

    The proof is the bound of the whole program. The candidates are arithmetic that shows why: what
    each order or pair of orders would save, and what it would cost.
    """
    return PlanCertificate(
        nothing=plan.nothing,
        bound=plan.bound,
        min_gain=household.policy.min_gain,
        candidates=candidates_of(household, NOTHING, most=nearest),
    )


def waiting(
    household: Household, plan: HouseholdPlan, *, planner: Planner = plan_exactly
) -> WaitingTrades:
    """Return what further trades would do if the policy did not limit their number."""
    free = replace(household, policy=replace(household.policy, max_trades=None))
    more = planner(free, plan.moves)
    return WaitingTrades(
        trades=more.moves.count - plan.moves.count,
        worth=plan.cost.total - more.cost.total,
        most=max(0.0, plan.cost.total - more.bound),
        plan=more,
    )
