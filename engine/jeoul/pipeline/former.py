"""The target rule of version 0.1.0, to say how far a target moved when it was replaced in 0.2.0.

It charged an allocation for its distance from the allocation before, and so remembered where the
data begin. Until 0.3.0 the report shows the distance between the two.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from jeoul.pipeline.replay import allocations, start
from jeoul.pipeline.run import Model
from jeoul.strategy.schema import Strategy
from jeoul.strategy.tables.allocate import MeanVariance
from jeoul.strategy.tables.estimate import Equilibrium, Implied

_TURNOVER = 0.002
_AVERSION = 2.5


def former(strategy: Strategy) -> Strategy | None:
    """Return a strategy with the target rule of 0.1.0, None if the new rule does not touch it.

    >>> from jeoul import api
    >>> before = former(api.load_strategy("managed"))
    >>> before.allocate.turnover, before.allocate.pull, before.estimate.mean.kind
    (0.002, 0.0, 'equilibrium')
    >>> former(api.load_strategy("sixty-forty")) is None
    True
    """
    rules = strategy.allocate
    if not isinstance(rules, MeanVariance) or rules.pull == 0.0 or rules.turnover > 0.0:
        return None
    allocate = rules.model_copy(update={"pull": 0.0, "turnover": _TURNOVER})
    estimate = strategy.estimate
    if isinstance(estimate.mean, Implied):
        mean = Equilibrium(kind="equilibrium", risk_aversion=_AVERSION)
        estimate = estimate.model_copy(update={"mean": mean})
    return strategy.model_copy(update={"allocate": allocate, "estimate": estimate})


def moved(model: Model) -> float | None:
    """Return by what share of the money the rule of 0.1.0 would allocate differently today.

    Half the sum of the absolute differences of the weights, before the overlay. None where the rule
    plays no part, or where there is no allocation.
    """
    before, now = former(model.mandate.strategy), model.state.allocation
    if before is None or now is None:
        return None
    mandate = replace(model.mandate, strategy=before)
    made, _ = allocations(mandate, model.history, start(mandate))
    if not made:
        return None
    return 0.5 * float(np.abs(now.weights - made[max(made)].weights).sum())
