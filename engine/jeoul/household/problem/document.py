"""Households, moves and plans as documents of JSON: every field written, nothing assumed.

The documents are what others read: the benchmark's households, its checker and foreign planners.
Each begins with its ``schema``. Keys are the fields of :mod:`jeoul.household.problem.records`;
trades are a list of ``account``, ``fund`` and ``shares``, because JSON has no keys of two parts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import inf, isfinite
from typing import Any

from jeoul.errors import InputError, Problem
from jeoul.files.faults import Fault
from jeoul.household.problem.checks import faults_of
from jeoul.household.problem.codec import read, written
from jeoul.household.problem.records import Household, HouseholdPlan, Moves, PlanStatus

HOUSEHOLD = "jeoul.household-problem/1"
MOVES = "jeoul.household-moves/1"
PLAN = "jeoul.household-plan/1"


def to_document(household: Household) -> dict[str, Any]:
    """Return a household as a document of :data:`HOUSEHOLD`, ready for ``json.dumps``."""
    return {"schema": HOUSEHOLD, **written(household)}


def from_document(document: Mapping[str, Any], name: str = "household") -> Household:
    """Return the household of a document of :data:`HOUSEHOLD`.

    Raises :class:`InputError` with everything wrong in it: keys that are missing or unknown, values
    of another type, accounts and funds that do not exist, curves that are not convex. ``name`` is
    what the messages call it.
    """
    found, faults = read(_body(document, HOUSEHOLD, name), Household)
    if not faults:
        faults = list(faults_of(found))
    _raise(faults, name)
    household: Household = found
    return household


def moves_document(moves: Moves) -> dict[str, Any]:
    """Return moves as a document of :data:`MOVES`.

    >>> moves_document(Moves(trades={("isa", "069500"): 3}))["trades"]
    [{'account': 'isa', 'fund': '069500', 'shares': 3}]
    """
    return {"schema": MOVES, **written(moves)}


def moves_from(document: Mapping[str, Any], name: str = "moves") -> Moves:
    """Return the moves of a document of :data:`MOVES`.

    Whether a household may make them is for :mod:`jeoul.household.problem.evaluate` to say.
    """
    found, faults = read(_body(document, MOVES, name), Moves)
    _raise(faults, name)
    moves: Moves = found
    return moves


def plan_document(plan: HouseholdPlan) -> dict[str, Any]:
    """Return a plan as a document of :data:`PLAN`; a bound that is not finite is written as null.

    JSON has no infinity: the bound is above every cost where the rules cannot hold together, and
    below every cost where nothing is proven.
    """
    bound = plan.bound if isfinite(plan.bound) else None
    return {"schema": PLAN, **written(plan), "bound": bound}


def plan_from(document: Mapping[str, Any], name: str = "plan") -> HouseholdPlan:
    """Return the plan of a document of :data:`PLAN`."""
    body = _body(document, PLAN, name)
    unbounded = "bound" in body and body["bound"] is None
    found, faults = read({**body, "bound": 0.0} if unbounded else body, HouseholdPlan)
    _raise(faults, name)
    plan: HouseholdPlan = found
    if unbounded:
        return replace(plan, bound=inf if plan.status is PlanStatus.INFEASIBLE else -inf)
    return plan


def _body(document: Mapping[str, Any], schema: str, name: str) -> dict[str, Any]:
    if not isinstance(document, Mapping) or document.get("schema") != schema:
        _raise([Fault(("schema",), f"is not {schema}", f'write "schema": "{schema}"')], name)
    return {key: value for key, value in document.items() if key != "schema"}


def _raise(faults: list[Fault], name: str) -> None:
    if faults:
        raise InputError(
            [
                Problem(name, fault.wrong, key=".".join(map(str, fault.key)), remedy=fault.remedy)
                for fault in faults
            ]
        )
