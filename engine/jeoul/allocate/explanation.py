"""Why each weight is what it is: the rules and the prices that hold it there."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from jeoul.allocate.program import Estimated, Program
from jeoul.allocate.solution import Solution
from jeoul.allocate.solver.terms import filled, fixed_terms
from jeoul.model.calendar import Reals
from jeoul.model.explanation import MarginalGain
from jeoul.model.portfolio import Reason

NEAR = 1e-7  # a weight this near to a limit is at it: answers of cvxpy are right to 1e-7
_POINT = 100.0  # one percentage point of weight, in basis points of the objective


class Explained(NamedTuple):
    """Why one label has its weight: what decides, every other limit on it, and the parts."""

    reasons: tuple[Reason, ...]
    asked: MarginalGain | None


def reasons(program: Program, estimate: Estimated, solution: Solution) -> tuple[Reason, ...]:
    """Return one reason for each label, in order: what keeps its weight from moving.

    It is the first of those that :func:`explain` finds.
    """
    return tuple(found.reasons[0] for found in explain(program, estimate, solution))


def explain(program: Program, estimate: Estimated, solution: Solution) -> tuple[Explained, ...]:
    """Return for each label, in order, what keeps its weight from moving.

    The slope of the objective in each weight, at the prices of the budget and of the groups, says
    whether more of the asset would pay. A reason names the rule with its strategy-file key and
    says in ``gain`` what one percentage point more of the asset would add to the objective, in
    basis points a year, if the rule allowed it.

    ======================= =========================================================
    allocate.frozen         the position is frozen
    allocate.not_eligible   the account may not hold it
    allocate.at_cap         at its largest weight
    allocate.at_floor       at its smallest weight
    allocate.position_floor at the smallest position that may be held at all
    allocate.position_out   not among the positions that may be held
    allocate.class_full     held back by a class at its upper bound
    allocate.class_floor    held up by a class at its lower bound
    allocate.not_worth      not held: its risk is too high for its return
    allocate.trading_cost   unchanged: moving it would cost more than it brings
    allocate.balanced       return and risk balance
    allocate.shared         caps on shares of risk decided together with the rest
    ======================= =========================================================

    The parts are None in the last case, which has no prices.
    """
    whole = _without_prices(program, solution)
    if whole is not None:
        return tuple(Explained((_named(whole, label),), None) for label in program.labels)
    parts = _parts(program, estimate, solution)
    return tuple(
        Explained(tuple(_held_by(program, i, solution, asked)), asked)
        for i, asked in enumerate(parts)
    )


def _without_prices(program: Program, solution: Solution) -> Reason | None:
    """Return the one reason of an answer that has no prices, None of any other."""
    if math.isnan(solution.risk_aversion):
        names = ", ".join(cap.name for cap in program.risk_shares)
        return Reason.of("allocate.shared", rule=names)
    return None


def _named(reason: Reason, label: str) -> Reason:
    return Reason(reason.kind, (("label", label), *reason.detail))


def _parts(program: Program, estimate: Estimated, solution: Solution) -> tuple[MarginalGain, ...]:
    terms = filled(program, fixed_terms(program), estimate.mean, estimate.covariance)
    weights = solution.weights
    members = np.array([g.members for g in program.occupied], dtype=float)
    members = members.reshape(-1, len(program.labels))
    pull = program.pull * (weights - _target(program))
    # What is left of the linear term beside the pull is that of the means, or of tracking.
    linear = terms.linear + program.pull * _target(program)
    risk = solution.risk_aversion * (estimate.covariance @ weights)
    expected = np.zeros(len(weights))
    if program.objective == "mean-variance":
        expected = -linear
    else:
        risk = risk + linear
    trading = np.zeros(len(weights))
    if solution.cost > 0.0:
        moved = weights - terms.previous
        # Away from the weight held before, one point more costs a trade, or saves one.
        trading = solution.cost * np.sign(np.where(np.abs(moved) > NEAR, moved, 0.0))
    limits = solution.prices[1:] @ members
    elsewhere = np.full(len(weights), solution.prices[0])
    columns = (expected, -risk, -pull, -trading, -limits, -elsewhere)
    return tuple(MarginalGain(*row) for row in (_POINT * np.column_stack(columns)).tolist())


def _target(program: Program) -> Reals:
    return np.zeros(len(program.labels)) if program.target is None else program.target


def _held_by(program: Program, i: int, solution: Solution, asked: MarginalGain) -> Iterator[Reason]:
    """Yield what holds a weight where it is, the asset's own rules first."""
    weight = float(solution.weights[i])

    def reason(kind: str, rule: str = "") -> Reason:
        return Reason.of(
            f"allocate.{kind}",
            label=program.labels[i],
            weight=f"{weight:z.1%}",
            rule=rule,
            gain=f"{asked.gain:.2f}",
        )

    own = _own(program, i, weight, asked.gain)
    if own is not None:
        yield reason(*own)
    elif weight <= NEAR and asked.gain - asked.limits <= 0.0:
        yield reason("not_worth")  # it would not pay even with room in its class
        return
    shared = _by_class(program, i, solution.prices[1:])
    for kind, rule in shared:
        yield reason(kind, rule)
    if own is None and not shared:
        costly = solution.cost > 0.0 and _kept(program.previous, i, weight)
        yield reason("trading_cost" if costly else "balanced")


def _own(program: Program, i: int, weight: float, gain: float) -> tuple[str, str] | None:
    """Return the rule about the asset alone that binds, None if none does."""
    lower, upper = program.bounds()
    if program.frozen is not None and program.frozen[i]:
        return "frozen", program.key("frozen")
    if program.eligible is not None and not program.eligible[i]:
        return "not_eligible", program.key("eligible")
    if weight >= upper[i] - NEAR and gain > 0.0:
        banded = program.band is not None and upper[i] < program.upper[i]
        return "at_cap", program.key("band" if banded else "upper")
    if weight <= lower[i] + NEAR and gain < 0.0 and lower[i] > 0.0:
        banded = program.band is not None and lower[i] > program.lower[i]
        return "at_floor", program.key("band" if banded else "lower")
    return _by_position(program, weight, gain)


def _by_position(program: Program, weight: float, gain: float) -> tuple[str, str] | None:
    smallest, most = program.min_position, program.max_positions
    if weight <= NEAR and gain > NEAR and (smallest is not None or most is not None):
        return "position_out", program.key("min_position" if most is None else "max_positions")
    if smallest is not None and NEAR < weight <= smallest + NEAR and gain < -NEAR:
        return "position_floor", program.key("min_position")
    return None


def _kept(previous: Reals | None, i: int, weight: float) -> bool:
    return previous is not None and abs(weight - float(previous[i])) <= NEAR


def _by_class(program: Program, i: int, prices: Reals) -> list[tuple[str, str]]:
    """Return the groups that bind on an asset, the one whose price weighs most first."""
    mine = [
        (abs(float(price)), float(price), group.name)
        for group, price in zip(program.occupied, prices, strict=True)
        if group.members[i] and abs(price) > NEAR
    ]
    return [
        ("class_full" if price > 0.0 else "class_floor", name)
        for _, price, name in sorted(mine, reverse=True)
    ]
