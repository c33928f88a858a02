"""Why no plan is possible: the smallest set of rules that conflict, and what would help.

A set of rules that cannot hold together has a rule in common with every set whose lifting makes a
plan possible. So the smallest set that hits all such sets found so far is either the answer, or
what remains possible beside it shows one more set to hit; each round solves one program in which
the rules outside may be exceeded. The answer is smallest by construction, and each of its rules is
needed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil

from jeoul.household.explaining.loosened import Excess
from jeoul.household.problem.records import Household, Moves
from jeoul.household.problem.relaxed import HouseholdRule
from jeoul.household.program.rule_program import SLACK, UNIT, Demand, RuleProgram, rule_program
from jeoul.household.program.rule_rows import ProgramRows, ProgramSolution, Solver

LAW = (
    "not_buyable",
    "not_sellable",
    "pension_room",
    "pool",
    "risk_cap",
    "room",
    "settled_cash",
    "withdrawable",
)
"""Kinds of rule that nobody chose: what law, settlement and the money at hand allow."""

_LAW_WEIGHT = 1_000.0  # a choice gives way before the law is said to be in the way
_ORDER = 10.0  # units: an order more weighs as much as the smallest order of 100,000 won
_CLOSE = 1e-2  # gap of the relaxation that is reported
_ANY = 0.5  # gap where every relaxation serves, the least one or not
_LEAST = 1e-5  # units: a tenth of a won


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanDiagnosis:
    """Why a household has no plan.

    ``rules`` cannot hold together, and no smaller set of rules fails. ``relaxation`` is the least,
    within a hundredth, by which rules have to be exceeded, choices before the law, so that
    ``moves`` are possible.
    """

    rules: tuple[HouseholdRule, ...]
    relaxation: tuple[Excess, ...]
    moves: Moves


@dataclass(frozen=True, slots=True)
class LeastExcess:
    """By how much rules have to be exceeded, and moves that exceed them by no more."""

    excesses: tuple[Excess, ...]
    moves: Moves


def diagnose(household: Household, demands: Iterable[Demand] = ()) -> PlanDiagnosis | None:
    """Return why the rules of a household, and demands, cannot hold together; None if they can.

    Raises :class:`SolverFailed` where HiGHS finds no answer within ten seconds a round.
    """
    program = rule_program(household, demands)
    solver = Solver(program.rows)
    least = _relaxed(program, solver, ())
    assert least is not None, "with every rule open nothing can always be done"
    relaxation = _excesses(program, least)
    rules = _smallest(program, solver, relaxation) if relaxation else ()
    if not rules:
        return None
    return PlanDiagnosis(rules=rules, relaxation=relaxation, moves=program.moves(least.values))


def least_relaxation(household: Household, *, yielding: Sequence[str]) -> LeastExcess | None:
    """Return the least by which rules of some kinds have to be exceeded while all others hold.

    None where the others alone cannot hold together. Raises :class:`SolverFailed` like
    :func:`diagnose`.
    """
    program = rule_program(household)
    kept = [rule for rule in program.slacks if rule.kind not in yielding]
    found = _relaxed(program, Solver(program.rows), kept)
    if found is None:
        return None
    return LeastExcess(_excesses(program, found), program.moves(found.values))


def _smallest(
    program: RuleProgram, solver: Solver, first: Sequence[Excess]
) -> tuple[HouseholdRule, ...]:
    """Return the smallest set of rules that cannot hold together, none if all of them can."""
    hit = [{each.rule for each in first}]
    while True:
        chosen = _hitting(hit)
        found = _relaxed(program, solver, chosen, gap=_ANY)
        if found is None:
            return tuple(sorted(chosen))
        lifted = {each.rule for each in _excesses(program, found)}
        if not lifted:
            return ()
        hit.append(lifted)


def _relaxed(
    program: RuleProgram, solver: Solver, hard: Iterable[HouseholdRule], gap: float = _CLOSE
) -> ProgramSolution | None:
    """Return the moves that exceed the rules outside a set least, None if the set alone fails."""
    closed = set(hard)
    costs = {}
    for rule, column in program.slacks.items():
        high = 0.0 if rule in closed else float("inf")
        solver.bound(column, 0.0, high)
        if high:
            weight = _ORDER if rule.kind == "max_trades" else 1.0
            costs[column] = weight * (_LAW_WEIGHT if rule.kind in LAW else 1.0)
    return solver.least(costs, gap=gap)


def _excesses(program: RuleProgram, solution: ProgramSolution) -> tuple[Excess, ...]:
    found = []
    for rule, column in program.slacks.items():
        by = solution.values[column]
        if by > _LEAST:
            found.append(Excess(rule, _measured(rule, by)))
    return tuple(sorted(found, key=lambda each: each.rule))


def _measured(rule: HouseholdRule, by: float) -> float:
    """Return an excess in orders, or in won: whole ones, up, so that they are enough.

    What is taken out has to be met to the won and is not rounded.
    """
    if rule.kind == "max_trades":
        return float(ceil(by - _LEAST))
    if rule.kind == "withdrawal":
        return by * UNIT
    return float(ceil((by + SLACK) * UNIT - 0.01))


def _hitting(sets: Sequence[set[HouseholdRule]]) -> list[HouseholdRule]:
    """Return a smallest set of rules with one of each of some sets."""
    rows, columns = ProgramRows(), dict[HouseholdRule, int]()
    for rule in sorted(set().union(*sets)):
        columns[rule] = rows.add_column(0.0, 1.0, whole=True)
    for each in sets:
        rows.add_row(dict.fromkeys((columns[rule] for rule in each), 1.0), low=1.0)
    found = Solver(rows).least(dict.fromkeys(columns.values(), 1.0))
    assert found is not None, "all rules together hit every set"
    return [rule for rule, column in columns.items() if found.values[column] > 0.5]
