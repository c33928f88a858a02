"""What cvxpy knows about the written program, extracted once as plain arrays.

A compiled program needs numpy alone: it can be pickled, and solved in a process that never imports
cvxpy.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jeoul.allocate.solver.stored_programs import PROGRAMS
from jeoul.allocate.solver.terms import Shape, Terms
from jeoul.model.calendar import Reals

Indices = NDArray[np.intp]
FREE = 1e30
PER_ASSET = ("linear", "lower", "upper", "previous")
_FIELDS = Terms._fields[1:]


@dataclass(frozen=True, slots=True, eq=False)
class Affine:
    """An affine map, ``scale * theta[take]``; the last element of theta is the constant 1."""

    take: Indices
    scale: Reals

    def at(self, theta: Reals) -> Reals:
        """Return the values at some parameters."""
        found: Reals = theta[self.take] * self.scale
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Compiled:
    """minimise 1/2 x'Px + q'x  subject to  lower <= (x, A x) <= upper.

    x holds the weights first, then the other variables of the written program. P is the quadratic
    matrix of the weights, and 0 elsewhere; q and the bounds are affine in theta, the numbers of
    :class:`~jeoul.allocate.solver.terms.Terms` after the matrix, laid out by ``places``. The bounds
    are those of x, then those of the rows: row 0 is the budget, rows 1 to K are the groups.
    """

    shape: Shape
    size: int
    places: dict[str, slice]
    q: Affine
    a: Reals
    lower: Affine
    upper: Affine

    def theta(self, terms: Terms) -> Reals:
        """Return the parameter vector that the affine maps read."""
        found = np.empty(self.places["one"].stop)
        found[-1] = 1.0
        for name, place in self.places.items():
            if name != "one":
                found[place] = getattr(terms, name)
        return found

    def part(self, kept: Indices) -> Compiled:
        """Return the form of the same program over some assets, the others being held at zero.

        Only for a form without variables other than the weights.
        """
        n = self.shape.n
        moved = np.zeros(self.places["one"].stop, dtype=np.intp)  # new place of each parameter
        places: dict[str, slice] = {}
        last = 0
        for name, place in self.places.items():
            taken = place.start + kept if name in PER_ASSET else np.arange(place.start, place.stop)
            places[name] = slice(last, last + len(taken))
            moved[taken] = last + np.arange(len(taken))
            last += len(taken)
        rows = np.concatenate([kept, np.arange(n, len(self.lower.take))])
        groups = tuple(tuple(np.array(group)[kept].tolist()) for group in self.shape.groups)
        return Compiled(
            self.shape._replace(n=len(kept), groups=groups),
            len(kept),
            places,
            Affine(moved[self.q.take[kept]], self.q.scale[kept]),
            np.ascontiguousarray(self.a[:, kept]),
            Affine(moved[self.lower.take[rows]], self.lower.scale[rows]),
            Affine(moved[self.upper.take[rows]], self.upper.scale[rows]),
        )


@lru_cache(maxsize=64)
def compile_shape(shape: Shape) -> Compiled:
    """Return the compiled form of a shape; imports cvxpy, takes some 10 ms, and is remembered.

    A form that another process compiled (:mod:`jeoul.allocate.solver.stored_programs`) is taken
    over as it is.

    The objective is compared with cvxpy's own numbers on one filling, so that a change in cvxpy
    cannot pass unseen (``RuntimeError``). A rule that multiplies a variable by a parameter, or adds
    parameters up in one row, does not fit the compiled form (``ValueError``).
    """
    kept: Compiled | None = PROGRAMS.kept.get(shape)
    if kept is not None:
        return kept
    compiled = _compile(shape)
    PROGRAMS.made.append(compiled)
    return compiled


def _compile(shape: Shape) -> Compiled:
    import cvxpy as cp

    from jeoul.allocate.solver.statement import parameters, write

    given = parameters(shape)
    written = write(given, shape)
    problem = cp.Problem(cp.Minimize(written.objective), list(written.constraints.values()))
    cone = problem.get_problem_data(cp.DAQP)[0]["param_prob"]
    order = np.concatenate(
        [cone.var_id_to_col[v.id] + np.arange(v.size) for v in written.variables.values()]
    )
    compiled = _extract(shape, cone, {getattr(given, name).id: name for name in _FIELDS}, order)
    probe = _probe(shape)
    for name in Terms._fields:
        getattr(given, name).value = getattr(probe, name)
    data = problem.get_problem_data(cp.DAQP)[0]
    quadratic = data["P"].toarray()[np.ix_(order, order)]
    quadratic[: shape.n, : shape.n] -= probe.quadratic
    linear = data["q"][order] - compiled.q.at(compiled.theta(probe))
    if max(np.abs(quadratic).max(), np.abs(linear).max()) > 1e-12:
        raise RuntimeError(f"cvxpy {cp.__version__} does not lay the program out as expected")
    return compiled


def _probe(shape: Shape) -> Terms:
    n, groups = shape.n, max(1, len(shape.groups))
    ramp = np.arange(1.0, n + 1)
    return Terms(
        quadratic=n * np.eye(n) + 0.1 * np.cos(np.outer(ramp, ramp)),
        linear=-ramp,
        budget=0.9,
        lower=np.zeros(n),
        upper=ramp,
        group_lower=np.zeros(groups),
        group_upper=np.ones(groups),
        previous=ramp / n,
        cost=0.25,
        buys_sum=0.75,
        slack_sum=0.5,
    )


def _extract(shape: Shape, cone: Any, ids: dict[int, str], order: Indices) -> Compiled:
    size = int(cone.x.size)
    places: dict[str, slice] = {}
    column = np.full(cone.q.shape[1], -1)  # of a column of cvxpy's tensors, its place in theta
    last = 0
    for key, start in cone.param_id_to_col.items():
        if key in ids:
            length = int(cone.param_id_to_size[key])
            places[ids[key]] = slice(last, last + length)
            column[start : start + length] = last + np.arange(length)
            last += length
    column[cone.param_id_to_col[-1]] = last
    places["one"] = slice(last, last + 1)
    count = sum(c.size for c in cone.constraints)
    tensor = cone.A.tocsr()
    fixed = _affine(tensor[: count * size], column)
    if np.any((fixed.take != last) & (fixed.scale != 0)):
        raise ValueError("a rule multiplies a variable by a parameter")
    matrix = np.where(fixed.take == last, fixed.scale, 0.0).reshape(size, count).T[:, order]
    offset = _affine(tensor[count * size :], column)
    equal = np.concatenate([np.full(c.size, type(c).__name__ == "Zero") for c in cone.constraints])
    a, lower, upper = _rows(matrix, offset, equal, last)
    return Compiled(shape, size, places, _affine(cone.q.tocsr()[order], column), a, lower, upper)


def _affine(matrix: Any, column: Indices) -> Affine:
    one = int(column.max())
    counts = np.diff(matrix.indptr)
    if counts.max(initial=0) > 1:
        raise ValueError("a row adds parameters up")
    take = np.full(matrix.shape[0], one)
    scale = np.zeros(matrix.shape[0])
    take[counts == 1] = column[matrix.indices]
    scale[counts == 1] = matrix.data
    if np.any(take < 0):
        raise ValueError("the quadratic matrix appears outside the objective")
    return Affine(take, scale)


class _Bounds:
    """One-sided rows gathered into two-sided ones; cvxpy's row says a.x + offset >= 0 (or = 0)."""

    def __init__(self, size: int) -> None:
        self.rows: list[Reals | None] = [None] * size
        self.sides: list[dict[int, tuple[int, float]]] = [{} for _ in range(size)]

    def add(self, row: Reals, take: int, scale: float, *, equal: bool) -> None:
        used = np.flatnonzero(row)
        lead = row[used[0]]
        side = (take, -scale / lead)
        wanted = (-1, 1) if equal else ((-1,) if lead > 0 else (1,))
        if len(used) == 1 and not equal and wanted[0] not in self.sides[used[0]]:
            self.sides[used[0]][wanted[0]] = side
            return
        unit = row / lead
        for known, sides in zip(self.rows, self.sides, strict=True):
            if known is not None and not equal and wanted[0] not in sides and (known == unit).all():
                sides[wanted[0]] = side
                return
        self.rows.append(unit)
        self.sides.append(dict.fromkeys(wanted, side))

    def affine(self, which: int, one: int) -> Affine:
        found = [sides.get(which, (one, which * FREE)) for sides in self.sides]
        return Affine(np.array([take for take, _ in found]), np.array([s for _, s in found]))


def _rows(
    matrix: Reals, offset: Affine, equal: NDArray[np.bool_], one: int
) -> tuple[Reals, Affine, Affine]:
    bounds = _Bounds(matrix.shape[1])
    for row, take, scale, same in zip(matrix, offset.take, offset.scale, equal, strict=True):
        bounds.add(row, int(take), float(scale), equal=bool(same))
    a = np.array([row for row in bounds.rows if row is not None])
    return a, bounds.affine(-1, one), bounds.affine(1, one)
