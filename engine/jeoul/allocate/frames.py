"""The allocator for a notebook: pandas objects in, weights with their labels out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from jeoul.allocate.explanation import reasons
from jeoul.allocate.program import Group, Program
from jeoul.allocate.solution import Solution
from jeoul.allocate.solving import solve
from jeoul.model.calendar import Reals
from jeoul.model.portfolio import Reason

if TYPE_CHECKING:
    from jeoul.allocate.solver.reference import Extra


@dataclass(frozen=True, slots=True, eq=False)
class Allocation:
    """Weights like the means that were given (a pandas Series, or an array), and how they came."""

    weights: Any
    solution: Solution
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Estimate:
    labels: tuple[str, ...]
    mean: Reals
    covariance: Reals


def allocate(  # noqa: PLR0913  the whole of a notebook's problem in one call
    mean: Any,
    covariance: Any,
    *,
    risk_aversion: float,
    bounds: tuple[float, float] = (0.0, 1.0),
    classes: Mapping[str, tuple[Sequence[str], float, float]] | None = None,
    previous: Any = None,
    turnover_cost: float = 0.0,
    volatility_max: float | None = None,
    extra: Extra | None = None,
) -> Allocation:
    """Return the optimal weights for annual means and covariance, with a reason for each.

    ``mean`` is a pandas Series or an array, ``covariance`` a DataFrame or an array, ``previous`` a
    Series, a mapping or an array. Whatever has labels is matched by label, in any order; what has
    none is taken in the order of ``mean``. ``classes`` maps a name to its labels, lower and upper
    bound. ``extra`` gives rules of your own in cvxpy, as constraints on the vector of weights, such
    as ``lambda w: [cp.norm1(w - index) <= 0.4]``; the program is then solved by cvxpy, which is
    slower, and ``solution.path`` is ``"reference"``. Everything else is as in
    :class:`~jeoul.allocate.program.Program`, which can say more.

    >>> found = allocate(np.array([0.06, 0.02]), np.diag([0.04, 0.0025]), risk_aversion=4.0)
    >>> found.weights.round(4)
    array([0.2941, 0.7059])
    """
    index = getattr(mean, "index", None)
    values = np.asarray(mean, dtype=float)
    labels = tuple(map(str, range(len(values)) if index is None else index))
    rules = classes or {}
    for name, (members, _, _) in rules.items():
        _known(name, map(str, members), labels)
    program = Program(
        labels=labels,
        risk_aversion=risk_aversion,
        lower=np.full(len(labels), bounds[0]),
        upper=np.full(len(labels), bounds[1]),
        groups=tuple(
            Group(name, np.isin(labels, [str(m) for m in members]), lower, upper)
            for name, (members, lower, upper) in rules.items()
        ),
        previous=None if previous is None else _vector("previous", previous, labels),
        turnover_cost=turnover_cost,
        volatility_max=volatility_max,
    )
    estimate = _Estimate(labels, values, _matrix(covariance, labels))
    found = solve(program, estimate, extra=extra)
    weights = found.weights if index is None else type(mean)(found.weights, index=index)
    if extra is not None:
        return Allocation(weights, found, tuple(_ruled(label) for label in labels))
    return Allocation(weights, found, reasons(program, estimate, found))


def _ruled(label: str) -> Reason:
    """Return the reason under rules whose prices are not known."""
    return Reason.of("allocate.extra", label=label)


def _known(what: str, names: Any, labels: tuple[str, ...]) -> None:
    unknown = sorted(set(names) - set(labels))
    if unknown:
        raise ValueError(f"{what} names {', '.join(unknown)}, which the means do not")


def _vector(what: str, given: Any, labels: tuple[str, ...]) -> Reals:
    """Return numbers in the order of labels; a label that is not given counts as zero."""
    keys = given.keys() if isinstance(given, Mapping) else getattr(given, "index", None)
    if keys is None:
        return np.asarray(given, dtype=float)
    by_label = {str(key): float(given[key]) for key in keys}
    _known(what, by_label, labels)
    return np.array([by_label.get(label, 0.0) for label in labels])


def _matrix(given: Any, labels: tuple[str, ...]) -> Reals:
    index = getattr(given, "index", None)
    values: Reals = np.ascontiguousarray(given, dtype=float)
    if index is None:
        return values
    rows, columns = [str(i) for i in index], [str(c) for c in given.columns]
    if set(rows) != set(labels) or rows != columns:
        raise ValueError("the covariance has other labels than the means")
    order = [rows.index(label) for label in labels]
    return np.ascontiguousarray(values[np.ix_(order, order)])
