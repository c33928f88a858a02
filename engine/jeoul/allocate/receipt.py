"""How far an answer can be from the optimum: a bound that trusts no solver."""

from __future__ import annotations

import numpy as np

from jeoul.allocate.terms import Terms
from jeoul.model.calendar import Reals


def gap(terms: Terms, members: Reals, weights: Reals, prices: Reals) -> float:
    """Return an upper bound on the distance of the weights' objective to the optimum.

    ``prices`` are multipliers of the budget and of each group (positive at an upper bound). By
    convexity, no feasible v improves on the weights w by more than the most that
    -(Qw + c + A'y)'(v - w) - cost (|v - previous| - |w - previous|) reaches over the bounds of each
    asset, plus what the rows leave: both are computed here from the weights and prices alone, so
    the bound holds however they were found.
    """
    slope: Reals = terms.quadratic @ weights + terms.linear + prices[0]
    left = float(prices[0]) * (float(weights.sum()) - terms.budget)
    if len(members):
        y = prices[1:]
        slope = slope + y @ members
        sums = members @ weights
        left += float(y @ (sums - np.where(y > 0.0, terms.group_upper, terms.group_lower)))
    low, high = slope * (terms.lower - weights), slope * (terms.upper - weights)
    if terms.cost > 0.0:
        paid = terms.cost * np.abs(weights - terms.previous)
        low += terms.cost * np.abs(terms.lower - terms.previous) - paid
        high += terms.cost * np.abs(terms.upper - terms.previous) - paid
        kink = np.minimum(np.maximum(terms.previous, terms.lower), terms.upper)
        at = slope * (kink - weights) + terms.cost * np.abs(kink - terms.previous) - paid
        low = np.minimum(low, at)
    return max(0.0, -float(np.minimum(low, high).sum()) - left)
