"""Many risk aversions in one warm-started sweep: the efficient frontier, a family of profiles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from jeoul.allocate.check import usable
from jeoul.allocate.doctor import Conflict, diagnose
from jeoul.allocate.program import Estimated, Program
from jeoul.allocate.solver.direct import direct_path
from jeoul.allocate.solver.terms import filled, fixed_terms, shape_of
from jeoul.errors import SolverFailed
from jeoul.model.calendar import Reals
from jeoul.model.shown import Brief

CALMEST = 1e4
"""The risk aversion that stands for minimum variance at the end of a frontier."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Family(Brief):
    """Optimal portfolios of one program at several risk aversions, one row each.

    ``weights`` has shape (points, n); ``mean`` and ``volatility`` are annual.
    """

    labels: tuple[str, ...]
    risk_aversion: Reals
    weights: Reals
    mean: Reals
    volatility: Reals


def family(
    program: Program,
    estimate: Estimated,
    risk_aversions: Sequence[float] | Reals,
) -> Family:
    """Return the optimum at every risk aversion, in the order given.

    The program's own risk aversion plays no part, and a volatility ceiling is not applied: a
    ceiling only picks a point of the family. Weights are piecewise linear in 1 / risk aversion, so
    neighbours are near, and volatility does not rise with risk aversion.
    """
    wanted = np.asarray(risk_aversions, dtype=float)
    if not (np.isfinite(wanted).all() and np.all(wanted > 0.0)):
        raise ValueError("every risk aversion must be a number above 0")
    return _Sweep(program, estimate).at(wanted)


def frontier(
    program: Program,
    estimate: Estimated,
    *,
    points: int = 50,
) -> Family:
    """Return points of the efficient frontier, from the least variance to the highest mean.

    Risk aversion falls geometrically from where nothing but variance counts to where less of it
    moves the weights no more.
    """
    if points < 2:
        raise ValueError(f"{points} points; give at least 2")
    sweep = _Sweep(program, estimate)
    boldest = sweep.boldest()
    calmest = min(CALMEST, 1e3 * boldest)
    return sweep.at(np.geomspace(calmest, boldest, points))


class _Sweep:
    def __init__(self, program: Program, estimate: Estimated) -> None:
        covariance, _ = usable(program, estimate)
        self._program, self._estimate = program, estimate
        self._covariance = covariance
        self._terms = filled(program, fixed_terms(program), estimate.mean, covariance)
        self._fast = direct_path(shape_of(program))

    def at(self, risk_aversions: Reals) -> Family:
        weights = self._fast.path(self._terms, 1.0 / risk_aversions)
        if weights is None:
            diagnosis = diagnose(replace(self._program, volatility_max=None), self._covariance)
            if diagnosis is not None:
                raise Conflict(diagnosis)
            raise SolverFailed("daqp", "no answer to a feasible program")
        variance = np.einsum("ij,ij->i", weights @ self._covariance, weights)
        return Family(
            labels=self._program.labels,
            risk_aversion=risk_aversions,
            weights=weights,
            mean=weights @ self._estimate.mean,
            volatility=np.sqrt(variance),
        )

    def boldest(self) -> float:
        """Return a risk aversion below which the weights hardly move any more."""
        aversion = 1.0
        last = self.at(np.array([aversion])).weights[0]
        for _ in range(20):
            found = self.at(np.array([aversion / 2])).weights[0]
            if float(np.abs(found - last).max()) < 1e-9:
                return aversion
            aversion, last = aversion / 2, found
        return aversion
