"""Why each weight is what it is: the rule or the price that holds it there."""

from __future__ import annotations

import math

import numpy as np

from jeoul.allocate.program import Estimated, Program
from jeoul.allocate.solution import Solution
from jeoul.allocate.solver.terms import filled, fixed_terms
from jeoul.model.calendar import Reals
from jeoul.model.portfolio import Reason

NEAR = 1e-7


def reasons(program: Program, estimate: Estimated, solution: Solution) -> tuple[Reason, ...]:
    """Return one reason for each label, in order: what keeps its weight from moving.

    The slope of the objective in each weight, at the prices of the budget and of the groups, says
    whether more of the asset would pay. A reason names the rule with its strategy-file key and
    says in ``gain`` what one percentage point more of the asset would add to the objective, in
    basis points a year, if the rule allowed it.

    ====================== ==========================================================
    allocate.frozen        the position is frozen
    allocate.not_eligible  the account may not hold it
    allocate.at_cap        at its largest weight
    allocate.at_floor      at its smallest weight
    allocate.not_worth     not held: its risk is too high for its return
    allocate.trading_cost  unchanged: moving it would cost more than it brings
    allocate.class_full    held back by a class at its upper bound
    allocate.class_floor   held up by a class at its lower bound
    allocate.balanced      return and risk balance
    allocate.shared        caps on shares of risk decided together with the rest
    allocate.yielding      only the least yield to the volatility ceiling decided
    ====================== ==========================================================
    """
    if solution.risk_aversion == math.inf:
        return tuple(
            Reason.of("allocate.yielding", label=label, rule=program.key("volatility"))
            for label in program.labels
        )
    if math.isnan(solution.risk_aversion):
        names = ", ".join(cap.name for cap in program.risk_shares)
        return tuple(
            Reason.of("allocate.shared", label=label, rule=names) for label in program.labels
        )
    terms = filled(program, fixed_terms(program), estimate.mean, estimate.covariance)
    members = np.array([g.members for g in program.occupied], dtype=float)
    members = members.reshape(-1, len(program.labels))
    pushed = solution.risk_aversion * (estimate.covariance @ solution.weights)
    pushed = pushed + terms.pull * solution.weights + terms.linear
    slope = pushed + solution.prices[0] + solution.prices[1:] @ members
    if solution.cost > 0.0:
        moved = solution.weights - terms.previous
        # Away from the weight held before, one point more costs a trade, or saves one.
        slope = slope + solution.cost * np.sign(np.where(np.abs(moved) > NEAR, moved, 0.0))
    return tuple(
        _reason(program, i, float(solution.weights[i]), float(slope[i]), solution)
        for i in range(len(program.labels))
    )


def _reason(program: Program, i: int, weight: float, slope: float, solution: Solution) -> Reason:
    lower, upper = program.bounds()
    rule, kind = "", ""
    if program.frozen is not None and program.frozen[i]:
        kind, rule = "frozen", program.key("frozen")
    elif program.eligible is not None and not program.eligible[i]:
        kind, rule = "not_eligible", program.key("eligible")
    elif weight >= upper[i] - NEAR and slope < 0.0:
        banded = program.band is not None and upper[i] < program.upper[i]
        kind, rule = "at_cap", program.key("band" if banded else "upper")
    elif weight <= lower[i] + NEAR and slope > 0.0 and lower[i] > 0.0:
        banded = program.band is not None and lower[i] > program.lower[i]
        kind, rule = "at_floor", program.key("band" if banded else "lower")
    elif weight <= NEAR:
        kind = "not_worth"
    elif solution.cost > 0.0 and _kept(program.previous, i, weight):
        kind = "trading_cost"
    else:
        kind, rule = _by_class(program, i, solution.prices[1:])
    return Reason.of(
        f"allocate.{kind}",
        label=program.labels[i],
        weight=f"{weight:.4f}",
        rule=rule,
        gain=f"{-100 * slope:.3f}",
    )


def _kept(previous: Reals | None, i: int, weight: float) -> bool:
    return previous is not None and abs(weight - float(previous[i])) <= NEAR


def _by_class(program: Program, i: int, prices: Reals) -> tuple[str, str]:
    """Return the group whose price weighs most on the asset, if any does."""
    mine = [
        (abs(float(price)), float(price), group.name)
        for group, price in zip(program.occupied, prices, strict=True)
        if group.members[i] and abs(price) > NEAR
    ]
    if not mine:
        return "balanced", ""
    _, price, name = max(mine)
    return ("class_full" if price > 0.0 else "class_floor"), name
