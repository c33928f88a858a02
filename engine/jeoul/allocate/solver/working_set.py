"""Many assets, few held: solve over a working set, and prove that the rest stays out.

Most assets of a large universe are not held and not worth buying. The program is solved over the
assets that are held, must be held or look worth buying at the prices of the solve before; then the
slope of every other asset is computed at the answer. If none would pay to buy, the answer is the
optimum over all assets; otherwise those that would are added, and it is solved again.
"""

from __future__ import annotations

import numpy as np

from jeoul.allocate.solver import turnover_sides
from jeoul.allocate.solver.form import Form, Indices
from jeoul.allocate.solver.terms import Terms
from jeoul.allocate.solver.workspace import Live, Point
from jeoul.model.calendar import Reals

LARGE = 100
"""Programs of at least so many assets are screened."""
FEW = 0.7
"""A working set above this share of the assets saves nothing."""
FIRST = 40
"""So many promising assets join the first working set when no prices are known."""
PAYS = 1e-12


def minimise(form: Form, terms: Terms, prices: Reals | None) -> Point | None:
    """Return the optimum over all assets, or None if no small working set leads to it.

    None says nothing about feasibility: the caller then solves over all assets.
    """
    n = form.shape.n
    must = (terms.previous > 0.0) | (terms.lower > 0.0)
    slope = terms.quadratic[:, must] @ terms.previous[must] + terms.linear
    if prices is None:
        order = np.argsort(slope)
        working = must.copy()
        working[order[:FIRST]] = True
    else:
        working = must | (slope + prices @ form.a + terms.cost < 0.0)
    while working.sum() <= FEW * n:
        kept = np.flatnonzero(working)
        part = Live(form.part(kept))
        found = turnover_sides.minimise(part, _over(terms, kept))
        if found is None:
            return None
        prices = found.multipliers[len(kept) :]
        slope = terms.quadratic[:, kept] @ found.x + terms.linear + prices @ form.a
        pays = ~working & (slope + terms.cost < -PAYS) & (terms.upper > 0.0)
        if not pays.any():
            weights = np.zeros(n)
            weights[kept] = found.x
            return Point(weights, np.concatenate([np.zeros(n), prices]))
        working |= pays
    return None


def _over(terms: Terms, kept: Indices) -> Terms:
    return terms._replace(
        quadratic=np.ascontiguousarray(terms.quadratic[np.ix_(kept, kept)]),
        linear=terms.linear[kept],
        lower=terms.lower[kept],
        upper=terms.upper[kept],
        previous=terms.previous[kept],
    )
