"""The direct path of a shape: by its number of assets, and nothing else."""

from __future__ import annotations

from jeoul.allocate.program import MANY
from jeoul.allocate.solver.fast import Fast
from jeoul.allocate.solver.terms import Shape


def direct_path(shape: Shape) -> Fast:
    """Return solvers of a shape: DAQP over n x n numbers for few assets, else those for many.

    >>> type(direct_path(Shape(2, (), priced=False, capped=False))).__name__
    'Fast'
    """
    if shape.n < MANY:
        return Fast(shape)
    from jeoul.allocate.solver.many import ManySolvers  # loads scipy, which few assets do not need

    return ManySolvers(shape)
