"""The portfolio with the highest ratio of excess mean to volatility under a program's rules."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from jeoul.allocate.program import Estimated, Program
from jeoul.allocate.solution import Solution
from jeoul.allocate.solving import PreparedProgram
from jeoul.errors import UsageError
from jeoul.model.factored import Covariance, Factored

STEPS = 200
LEAST, MOST = 1e-6, 1e9


def max_sharpe(program: Program, estimate: Estimated, *, riskless: float = 0.0) -> Solution:
    """Return the portfolio that maximises (mean'w - riskless budget) / volatility.

    Trading costs and a pull play no part. The best ratio is the optimum of the program at the one
    risk aversion d at which d = (excess mean) / variance of its own optimum; d less that ratio
    rises with d, so halving finds it. A program whose every portfolio has an excess mean of 0 or
    less raises :class:`~jeoul.errors.UsageError`: its ratio would reward risk.
    """
    free = replace(program, turnover_cost=0.0, pull=0.0, objective="mean-variance")
    excess = _Excess(estimate.labels, estimate.mean - riskless, estimate.covariance)
    low, high = np.log(LEAST), np.log(MOST)
    best = PreparedProgram(replace(free, risk_aversion=LEAST)).solve(excess)
    if float(excess.mean @ best.weights) <= 0.0:
        raise UsageError(
            "no portfolio under these rules is expected to earn more than the riskless rate; "
            "use minimum variance, or other means"
        )
    for _ in range(STEPS):
        middle = (low + high) / 2
        aversion = float(np.exp(middle))
        best = PreparedProgram(replace(free, risk_aversion=aversion)).solve(excess)
        ratio = float(excess.mean @ best.weights) / best.volatility**2
        if abs(aversion - ratio) <= 1e-12 * aversion or high - low < 1e-13:
            break
        low, high = (middle, high) if aversion < ratio else (low, middle)
    return best


class _Excess:
    def __init__(self, labels: tuple[str, ...], mean: object, covariance: Covariance) -> None:
        self.labels = labels
        self.mean = np.asarray(mean, dtype=float)
        self.covariance = (
            covariance if isinstance(covariance, Factored) else np.asarray(covariance, dtype=float)
        )
