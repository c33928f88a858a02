"""The kinds of ``[allocate]`` that weigh the members by their covariance alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from jeoul.allocate import equal_weight, inverse_volatility, risk_parity
from jeoul.model.calendar import Reals
from jeoul.model.factored import Covariance, dense_of, part_of
from jeoul.pipeline.mandate import Mandate

Weigh = Callable[[Covariance, float], Reals]
"""From the covariance of some members and what they may hold together to their weights."""

WEIGHINGS: Mapping[str, Weigh] = {
    "risk-parity": lambda covariance, budget: risk_parity(dense_of(covariance), budget=budget),
    "inverse-volatility": lambda covariance, budget: inverse_volatility(
        dense_of(covariance), budget=budget
    ),
    "equal-weight": lambda covariance, budget: equal_weight(len(covariance), budget=budget),
}
"""The formula of each kind; the other half of a kind is its name in the table ``Weighing``."""


def weighed(
    mandate: Mandate, covariance: Covariance, members: NDArray[np.int64], kind: str
) -> Reals:
    """Return the weights of a kind over the members of classes with a strategic weight."""
    classes = [mandate.classes[place] for place in members]
    shares = mandate.class_weights(frozenset(classes))
    held = np.flatnonzero([name in shares for name in classes])
    budget = 1.0 - mandate.strategy.rebalance.cash
    weights = np.zeros(len(members))
    weights[held] = WEIGHINGS[kind](part_of(covariance, held), budget)
    return weights
