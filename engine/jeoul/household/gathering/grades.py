"""Which funds are too risky for a person, whoever the target is made for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from jeoul.household.gathering.gathered import AimFacts
from jeoul.household.gathering.inputs import HouseholdInputs
from jeoul.model.grade_limit import Graded, GradeLimit
from jeoul.model.instrument import Universe
from jeoul.model.portfolio import CASH


def product_limits(
    inputs: HouseholdInputs, facts: Mapping[str, AimFacts]
) -> Mapping[str, GradeLimit]:
    """Return, by person, the limits that bar single funds from a person's accounts.

    A limit by product does. One by portfolio does where the target of the person's aim is riskier
    than it allows: that target is somebody else's too, and a share of it would not suit the person,
    but funds that each keep the limit do.
    """
    found = {}
    for each in facts.values():
        for name in each.profiles:
            limit = inputs.investors[name].limit
            if limit is None or not limit.binds:
                continue
            if limit.mode == "product" or not _suits(limit, each, inputs.universes.values()):
                found[name] = limit
    return found


def too_risky(universe: Universe, limit: GradeLimit | None) -> frozenset[str]:
    """Return the funds of a universe that are riskier than a limit allows, each by itself."""
    if limit is None:
        return frozenset()
    graded = Graded(limit=limit, grades=_grades((universe,)))
    return frozenset(code for code in universe.instruments if graded.too_risky(code))


def _suits(limit: GradeLimit, facts: AimFacts, universes: Iterable[Universe]) -> bool:
    """Return whether the mixed target of an aim keeps a limit by portfolio."""
    amounts: dict[str, float] = {}
    for profile, wanted in facts.wanted.items():
        for code, weight in wanted.proposal.weights.items():
            if code != CASH:
                amounts[code] = amounts.get(code, 0.0) + facts.shares[profile] * weight
    return Graded(limit=limit, grades=_grades(universes)).holds(amounts)


def _grades(universes: Iterable[Universe]) -> dict[str, int]:
    funds = (fund for universe in universes for fund in universe.instruments.values())
    return {fund.code: fund.risk_grade for fund in funds if fund.risk_grade is not None}
