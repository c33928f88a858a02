"""The efficient frontier under the rules of a mandate, and where its allocation lies beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from jeoul.allocate import Family, Program, frontier
from jeoul.errors import UsageError
from jeoul.model.calendar import Reals
from jeoul.model.factored import Covariance
from jeoul.model.history import History
from jeoul.model.shown import Drawn
from jeoul.pipeline.allocation import RowAllocation, allocate, holdable
from jeoul.pipeline.mandate import Mandate


class RiskReturn(NamedTuple):
    """Where weights lie: volatility and expected return above cash, a year."""

    volatility: float
    mean: float


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Frontier(Drawn):
    """Points of an efficient frontier, and two portfolios beside it.

    ``points`` run from the least variance to the highest mean; ``allocation`` is the one that the
    strategy makes, ``strategic`` the split of the profile's class weights; ``others`` are the
    allocations of other profiles by name, those that hold no member beside the estimated ones. All
    hold the same share in funds and are judged by the same means and covariance.
    """

    points: Family
    allocation: RiskReturn
    strategic: RiskReturn
    others: Mapping[str, RiskReturn] = field(default_factory=dict)
    simulated: bool = False


def frontier_of(
    mandate: Mandate,
    allocation: RowAllocation,
    others: Mapping[str, RowAllocation] = MappingProxyType({}),
    *,
    points: int = 50,
) -> Frontier | None:
    """Return the frontier of the program behind an allocation, None where none was solved.

    ``others`` are allocations of other profiles of the same universe, by name.

    It keeps the bounds of funds, classes and account; the volatility ceiling, the pull, costs,
    limits on positions, turnover and shares of risk only choose among its points, or leave it.
    """
    put = allocation.solved or allocation.tail
    if put is None:
        return None
    estimate = _Estimated(put.program.labels, allocation.means, allocation.covariance)
    split = mandate.split(allocation.members) * put.program.budget
    return Frontier(
        frontier(_free(put.program), estimate, points=points),
        _place(estimate, allocation.weights[allocation.members]),
        _place(estimate, split),
        {
            name: _place(estimate, other.weights[allocation.members])
            for name, other in others.items()
            if set(np.flatnonzero(other.weights[:-1])) <= set(allocation.members.tolist())
        },
    )


def frontier_on(mandate: Mandate, history: History, *, points: int = 50) -> Frontier:
    """Return the frontier on the last session of a history, allocated on that day.

    Raises :class:`~jeoul.errors.UsageError` for a strategy that solves no program.
    """
    row = len(history) - 1
    mandate = mandate.on(history.day(row))
    made = allocate(mandate, history, row, holdable(mandate, history, row, proxies=True))
    found = frontier_of(mandate, made, points=points)
    if found is None:
        raise UsageError(
            f"the weights of {mandate.strategy.name} come from a fixed rule, so there is no "
            "frontier; choose a strategy whose allocate.kind solves a program"
        )
    return replace(found, simulated=history.simulated)


class _Estimated(NamedTuple):
    labels: tuple[str, ...]
    mean: Reals
    covariance: Covariance


def _free(program: Program) -> Program:
    """Return a program with its bounds alone, on means and variance."""
    return replace(
        program,
        objective="mean-variance",
        target=None,
        pull=0.0,
        turnover_cost=0.0,
        turnover_max=None,
        previous=None,
        volatility_max=None,
        min_position=None,
        max_positions=None,
        risk_shares=(),
    )


def _place(estimate: _Estimated, weights: Reals) -> RiskReturn:
    return RiskReturn(
        float(np.sqrt(weights @ estimate.covariance @ weights)), float(estimate.mean @ weights)
    )
