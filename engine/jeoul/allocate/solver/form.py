"""The quadratic program as plain arrays, written directly.

:mod:`jeoul.allocate.solver.statement` states the same program in cvxpy, for a reader and for the
proof of an answer; the tests compare the two number by number.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from jeoul.allocate.solver.terms import Shape, ShapeTerms
from jeoul.model.calendar import Reals

Indices = NDArray[np.intp]
Place = slice | Indices
FREE = 1e30


@dataclass(frozen=True, slots=True, eq=False)
class ProgramForm:
    """minimise 1/2 x'Px + q'x  subject to  lower <= (x, A x) <= upper.

    x holds the weights, then the slack of each group that yields, then the buys. P is the quadratic
    matrix of the weights, and 0 elsewhere; q is the linear term of the weights, twice the cost of
    trading for each of the ``costly`` variables, and 0 elsewhere. The bounds are those of x, then
    those of the rows of A. ``low`` and ``high`` hold the bounds that never change; ``lower`` and
    ``upper`` say where the numbers of a field of
    :class:`~jeoul.allocate.solver.terms.ShapeTerms` go.
    """

    shape: Shape
    a: Reals
    costly: slice
    low: Reals
    high: Reals
    lower: Mapping[str, Place]
    upper: Mapping[str, Place]

    @property
    def size(self) -> int:
        """Return the number of variables."""
        return int(self.a.shape[1])

    def fill(self, terms: ShapeTerms, q: Reals, lower: Reals, upper: Reals) -> None:
        """Write the numbers of terms into q and the bounds, and leave what no terms change."""
        q[: self.shape.n] = terms.linear
        # |w - previous|_1 is twice the buys and a constant, as the weights sum to the budget.
        q[self.costly] = 2.0 * terms.cost
        for name, place in self.lower.items():
            lower[place] = getattr(terms, name)
        for name, place in self.upper.items():
            upper[place] = getattr(terms, name)

    def prices(self, multipliers: Reals) -> Reals:
        """Return the multipliers of the budget and of each group, of both of its bounds.

        Those of many problems come and go by row.
        """
        groups, ceilings = self.lower["group_lower"], self.upper["group_upper"]
        found = np.concatenate(
            (multipliers[..., self.lower["budget"]], multipliers[..., groups]), axis=-1
        )
        own = list(self.shape.yielding)
        if own:
            # The upper bound of a group with slack has a row of its own.
            found[..., 1 + np.array(own)] += multipliers[..., ceilings][..., own]
        return found

    def part(self, kept: Indices) -> ProgramForm:
        """Return the form of the same program over some assets, the others being held at zero."""
        groups = tuple(tuple(np.array(group)[kept].tolist()) for group in self.shape.groups)
        return write_form(self.shape._replace(n=len(kept), groups=groups))


@lru_cache(maxsize=64)  # the members of a universe, and what yields, change a few times in decades
def write_form(shape: Shape) -> ProgramForm:
    """Return the form of a shape, with these rows in order, as far as the shape has them.

    Nobody may change it.

    ========  ============================================================================
    budget    sum(w) = budget
    yield     sum(slack) <= slack_sum
    groups    group_lower <= M w + slack, and M w <= group_upper of a group without slack
    ceilings  M w <= group_upper of the groups with slack
    traded    w - buys <= previous
    turnover  sum(buys) <= buys_sum
    ========  ============================================================================

    A sum of one variable bounds that variable; it does not get a row.

    >>> write_form(Shape(2, ((True, False),), priced=False, capped=False)).a
    array([[1., 1.],
           [1., 0.]])
    """
    n, count, yielding = shape.n, len(shape.groups), list(shape.yielding)
    slack = slice(n, n + len(yielding))
    buys = slice(slack.stop, slack.stop + (n if shape.priced or shape.capped else 0))
    rows = _Rows(buys.stop)
    lower: dict[str, Place] = {"lower": slice(0, n)}
    upper: dict[str, Place] = {"upper": slice(0, n)}
    lower["budget"] = upper["budget"] = rows.add(rows.sum_of(slice(0, n)))
    if yielding:
        upper["slack_sum"] = rows.total(slack)
    members = np.zeros((count, buys.stop))
    members[:, :n] = np.array(shape.groups).reshape(count, n)
    floors = members.copy()
    floors[yielding, range(slack.start, slack.stop)] = 1.0
    lower["group_lower"] = groups = rows.add(floors)
    ceilings = np.arange(groups.start, groups.stop)
    extra = rows.add(members[yielding])
    ceilings[yielding] = np.arange(extra.start, extra.stop)
    upper["group_upper"] = ceilings
    if buys.stop > buys.start:
        upper["previous"] = rows.add(rows.units(slice(0, n)) - rows.units(buys))
    if shape.capped:
        upper["buys_sum"] = rows.total(buys)
    low, high = np.full(rows.stop, -FREE), np.full(rows.stop, FREE)
    low[n : buys.stop] = 0.0  # slack and buys
    costly = buys if shape.priced else slice(0, 0)
    return ProgramForm(
        shape=shape,
        a=np.vstack(rows.blocks),
        costly=costly,
        low=low,
        high=high,
        lower=lower,
        upper=upper,
    )


class _Rows:
    """Rows over some variables, and the places of their bounds, which follow the variables' own."""

    def __init__(self, size: int) -> None:
        self.blocks: list[Reals] = []
        self.stop = size
        self._units = np.eye(size)

    def add(self, block: Reals) -> slice:
        place = slice(self.stop, self.stop + len(block))
        self.blocks.append(block)
        self.stop = place.stop
        return place

    def total(self, part: slice) -> slice:
        """Return the place of the bounds on a sum of variables."""
        return part if part.stop - part.start == 1 else self.add(self.sum_of(part))

    def sum_of(self, part: slice) -> Reals:
        row: Reals = self._units[part].sum(axis=0, keepdims=True)
        return row

    def units(self, part: slice) -> Reals:
        return self._units[part]
