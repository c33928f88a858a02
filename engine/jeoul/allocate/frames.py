"""The allocator for a notebook: pandas objects in, weights with their labels out."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from jeoul.allocate.check import Plain, plain
from jeoul.allocate.explanation import reasons
from jeoul.allocate.program import Estimated, Group, Program
from jeoul.allocate.solution import Solution
from jeoul.allocate.solving import solve
from jeoul.errors import BadValue
from jeoul.model.calendar import Reals
from jeoul.model.given import labels_of, matrix, number, unique, vector
from jeoul.model.portfolio import Reason
from jeoul.model.shown import Drawn

if TYPE_CHECKING:
    from jeoul.allocate.solver.reference import Extra


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Allocation(Drawn):
    """Weights like the means that were given (by label, or an array), and how they came."""

    weights: Any
    solution: Solution
    reasons: tuple[Reason, ...]


@overload
def allocate(mean: Program, covariance: Estimated, *, extra: Extra | None = None) -> Allocation: ...


@overload
def allocate(
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
) -> Allocation: ...


def allocate(  # noqa: PLR0913  the whole of a notebook's problem in one call
    mean: Any,
    covariance: Any,
    *,
    risk_aversion: float | None = None,
    bounds: tuple[float, float] = (0.0, 1.0),
    classes: Mapping[str, tuple[Sequence[str], float, float]] | None = None,
    previous: Any = None,
    turnover_cost: float = 0.0,
    volatility_max: float | None = None,
    extra: Extra | None = None,
) -> Allocation:
    """Return the optimal weights for annual means and covariance, with a reason for each.

    ``mean`` is a pandas Series, a mapping, a list or an array, ``covariance`` a DataFrame, a
    mapping of mappings, lists or an array, ``previous`` like ``mean``; numbers may be of numpy,
    ``Decimal`` or text. Whatever has labels is matched by label, in any order; what has none is
    taken in the order of ``mean``. ``classes`` maps a name to its labels, lower and upper bound.
    ``extra`` gives rules of your own in cvxpy, as constraints on the vector of weights, such as
    ``lambda w: [cp.norm1(w - index) <= 0.4]``; the program is then solved by cvxpy, which is
    slower, and ``solution.path`` is ``"reference"``. Everything else is as in
    :class:`~jeoul.allocate.program.Program`, which can say more: a program and an estimate may
    stand in the place of means and covariance, and the weights are then a mapping by label.

    Raises :class:`~jeoul.errors.BadValue` for numbers and labels that cannot be meant, such as NaN
    or a label that occurs twice, and what :func:`~jeoul.allocate.solving.solve` raises.

    >>> found = allocate(np.array([0.06, 0.02]), np.diag([0.04, 0.0025]), risk_aversion=4.0)
    >>> found.weights.round(4)
    array([0.2941, 0.7059])
    >>> import jeoul
    >>> from jeoul.allocate import Program
    >>> from jeoul.estimate import Estimate
    >>> labels = ("stocks", "bonds")
    >>> program = Program(labels=labels, risk_aversion=4.0)
    >>> estimate = Estimate(labels, np.array([0.06, 0.02]), np.diag([0.04, 0.0025]))
    >>> found = jeoul.solve(program, estimate, extra=lambda w: [w[0] <= 0.25])
    >>> {label: round(weight, 4) for label, weight in found.weights.items()}
    {'stocks': 0.25, 'bonds': 0.75}
    """
    rules: dict[str, Any] = {
        "risk_aversion": risk_aversion,
        "bounds": bounds,
        "classes": classes,
        "previous": previous,
        "turnover_cost": turnover_cost,
        "volatility_max": volatility_max,
    }
    if not isinstance(mean, Program):
        if risk_aversion is None:
            raise BadValue("means and a covariance need risk_aversion; give a number above 0")
        program, estimate = _problem(mean, covariance, **rules)
        return _solved(program, estimate, extra, mean)
    usual = {"bounds": (0.0, 1.0), "turnover_cost": 0.0}
    given = [
        name
        for name, value in rules.items()
        if value is not None and not (name in usual and value == usual[name])
    ]
    if given:
        raise BadValue(f"a program has rules of its own; give {', '.join(given)} to the program")
    if not hasattr(covariance, "labels"):
        raise BadValue("a program needs an estimate: labels, means and covariance in one record")
    return _solved(mean, plain(covariance), extra, dict.fromkeys(mean.labels))


def _problem(
    mean: Any,
    covariance: Any,
    *,
    risk_aversion: float,
    bounds: tuple[float, float],
    classes: Mapping[str, tuple[Sequence[str], float, float]] | None,
    previous: Any,
    turnover_cost: float,
    volatility_max: float | None,
) -> tuple[Program, Estimated]:
    named = labels_of(mean)
    values = _means(mean, named)
    labels = tuple(map(str, range(len(values)))) if named is None else unique("the means", named)
    rules = _rules({} if classes is None else classes, labels)
    lower, upper = _bounds(bounds)
    program = Program(
        labels=labels,
        risk_aversion=risk_aversion,
        lower=np.full(len(labels), lower),
        upper=np.full(len(labels), upper),
        groups=rules,
        previous=None if previous is None else vector("previous", previous, labels, missing=0.0),
        turnover_cost=turnover_cost,
        volatility_max=volatility_max,
    )
    square = _covariance(covariance, labels, labelled=named is not None)
    return program, Plain(labels, values, square)


def _solved(program: Program, estimate: Estimated, extra: Extra | None, shape: Any) -> Allocation:
    found = solve(program, estimate, extra=extra)
    weights = _like(shape, found.weights)
    if extra is not None:
        return Allocation(weights, found, tuple(_ruled(label) for label in program.labels))
    return Allocation(weights, found, reasons(program, estimate, found))


def _ruled(label: str) -> Reason:
    """Return the reason under rules whose prices are not known."""
    return Reason.of("allocate.extra", label=label)


def _means(given: Any, named: tuple[str, ...] | None) -> Reals:
    if named is not None:
        return vector("the means", given, unique("the means", named))
    try:
        count = np.size(given) if isinstance(given, np.ndarray) else len(given)
    except TypeError:
        raise BadValue(f"the means are {given!r}; give one for every asset") from None
    if not count:
        raise BadValue("there are no means; give one for every asset")
    return vector("the means", given, [str(number) for number in range(count)])


def _covariance(given: Any, labels: tuple[str, ...], *, labelled: bool) -> Reals:
    if not labelled and not set(labels_of(given) or labels) <= set(labels):
        raise BadValue("the covariance has labels and the means have none; give both or neither")
    found = matrix("the covariance", given, labels)
    if not found.any():
        raise BadValue("the covariance is zero throughout; give variances above 0")
    return found


def _bounds(given: Any) -> tuple[float, float]:
    try:
        lower, upper = given
    except (TypeError, ValueError):
        raise BadValue(f"bounds are {given!r}; give the lowest and the highest weight") from None
    least = number("the lowest weight", lower, finite=False)
    most = number("the highest weight", upper, finite=False)
    if least > most:
        raise BadValue(f"the lowest weight is {least} and the highest {most}; swap them")
    return least, most


def _rules(given: Mapping[str, Any], labels: tuple[str, ...]) -> tuple[Group, ...]:
    if not isinstance(given, Mapping):
        raise BadValue(f"classes are {given!r}; map a name to its labels and two bounds")
    found = []
    for name, rule in given.items():
        try:
            members, lower, upper = rule
        except (TypeError, ValueError):
            raise BadValue(
                f"classes[{name!r}] is {rule!r}; give its labels, a lower and an upper bound"
            ) from None
        wanted = [members] if isinstance(members, str) else members
        if isinstance(wanted, bytes) or not isinstance(wanted, Collection | np.ndarray):
            raise BadValue(f"classes[{name!r}] has the labels {wanted!r}; give a list of them")
        wanted = [str(label) for label in wanted]
        unknown = sorted(set(wanted) - set(labels))
        if unknown:
            raise BadValue(f"{name} names {', '.join(unknown)}, which the means do not")
        found.append(Group(str(name), np.isin(labels, wanted), lower, upper))
    return tuple(found)


def _like(mean: Any, weights: Reals) -> Any:
    """Return weights in the form of the means: by label where those have labels."""
    if isinstance(mean, Mapping):
        return dict(zip(mean, map(float, weights), strict=True))
    if labels_of(mean) is None:
        return weights
    return type(mean)(weights, index=mean.index)
