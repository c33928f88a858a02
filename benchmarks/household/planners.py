"""Planners by name: each maps a household's document to a document of a plan or of moves."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from adapters import ADAPTERS

from jeoul.household.problem.document import from_document, moves_document, plan_document
from jeoul.household.problem.records import Household, HouseholdPlan

Planner = Callable[[dict[str, Any], str], dict[str, Any]]

EXACT = {"exact": (0.01, 2.0), "best": (0.001, 60.0), "long": (0.0001, 600.0)}
"""Gap and seconds at which the exact program stops."""


SCIP_SECONDS = 600.0


def planner(name: str) -> Planner:
    """Return a planner by its name, or the function that FILE.py:FUNCTION names."""
    if name in ADAPTERS:
        return lambda document, label: moves_document(ADAPTERS[name](_read(document, label)))
    if name in EXACT:
        return lambda document, label: plan_document(_exact(_read(document, label), name))
    if name == "fast":
        return lambda document, label: plan_document(_fast(_read(document, label)))
    if name == "scip":
        return lambda document, label: plan_document(_scip(_read(document, label)))
    return _foreign(name)


def _read(document: dict[str, Any], label: str) -> Household:
    return from_document(document, label)


def _fast(household: Household) -> HouseholdPlan:
    from jeoul.household.planning.fast import plan_fast

    return plan_fast(household)


def _exact(household: Household, name: str) -> HouseholdPlan:
    """Return the exact plan; what it begins from counts towards its time.

    In daily use it begins from the fast plan, and goes on until no other plan saves ``min_gain``
    more. The best known plans begin from the greedy rule's, so
    that they rest on nothing that may still change, and count every won that trading saves, however
    few.
    """
    from jeoul.household.planning.exact import plan_exactly

    gap, seconds = EXACT[name]
    if name == "exact":
        start, within = _fast(household).moves, household.policy.min_gain
        return plan_exactly(household, start, gap=gap, within=within, seconds=seconds)
    start = ADAPTERS["greedy"](household)
    household = replace(household, policy=replace(household.policy, min_gain=0.0))
    return plan_exactly(household, start, gap=gap, seconds=seconds)


def _scip(household: Household) -> HouseholdPlan:
    from second_solver import plan_with_scip

    return plan_with_scip(household, ADAPTERS["greedy"](household), seconds=SCIP_SECONDS)


def _foreign(name: str) -> Planner:
    path, _, function = name.rpartition(":")
    spec = importlib.util.spec_from_file_location("foreign", path)
    if spec is None or spec.loader is None:
        raise SystemExit(f"{name}: no planner of this name; use a known one or FILE.py:FUNCTION")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    run = getattr(module, function)
    return lambda document, _: run(document)
