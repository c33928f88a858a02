"""One program on many estimates: solved one after another, checked all at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jeoul.allocate.check import SINGULAR, plain
from jeoul.allocate.checked import TRUSTED
from jeoul.allocate.program import Estimated, Program
from jeoul.allocate.solution import Solution
from jeoul.allocate.solver.fast import Fast
from jeoul.allocate.solver.receipts import Figures, ProblemAnswers, receipts
from jeoul.allocate.solver.terms import ShapeTerms, filled, fixed_terms
from jeoul.allocate.solver.workspace import FormOptimum
from jeoul.allocate.solving import PreparedProgram
from jeoul.errors import BadValue
from jeoul.model.calendar import Reals
from jeoul.model.factored import Factored
from jeoul.model.given import rows


def solve_many(
    program: Program,
    estimates: Sequence[Estimated],
    *,
    previous: Any = None,
) -> tuple[Solution, ...]:
    """Return the solution of a program on each estimate, in their order.

    ``previous`` has the weights before of each problem, a row for each estimate, as a list or an
    array, or as a DataFrame or a mapping whose columns are matched by label; without it they are
    the program's own. The weights are those that one :class:`PreparedProgram` gives for one
    estimate after another, to the bit. What takes the other half of the time there, the check of
    each covariance and of each answer, is done for all problems at once; its figures agree with
    those of a single solve to rounding. A problem whose answer fails that check or whose covariance
    is singular or in factor form, and every problem of a program with a volatility ceiling, a
    turnover limit, frozen assets, smallest positions, shares of risk or 100 assets and more, is
    solved by itself.

    Raises what :func:`solve` raises, for the first problem that cannot be solved, and
    :class:`~jeoul.errors.BadValue` if ``previous`` does not have a row of finite numbers for each
    estimate.

    >>> from types import SimpleNamespace as Record
    >>> covariance = np.array([[0.04, 0.0], [0.0, 0.0025]])
    >>> estimates = [
    ...     Record(labels=("stocks", "bonds"), mean=np.array([mean, 0.02]), covariance=covariance)
    ...     for mean in (0.04, 0.06)
    ... ]
    >>> program = Program(labels=("stocks", "bonds"), risk_aversion=4.0)
    >>> [solution.weights.round(3).tolist() for solution in solve_many(program, estimates)]
    [[0.176, 0.824], [0.294, 0.706]]
    """
    given = [plain(estimate) for estimate in estimates]
    before = _before(program, len(given), previous)
    prepared = PreparedProgram(program)
    fast = prepared.direct
    at_once = program.volatility_max is None and program.is_quadratic
    if not given or fast is None or not at_once:
        pairs = zip(given, before, strict=True)
        return tuple(prepared.solve(one, previous=held) for one, held in pairs)
    return _Many(program, prepared, fast).solved(given, before)


def _before(program: Program, count: int, previous: Any) -> Sequence[Reals | None]:
    if previous is None:
        return [None] * count
    found = rows("previous", previous, program.labels)
    if len(found) != count:
        raise BadValue(f"previous has {len(found)} rows for {count} estimates; give one each")
    return found


class _Many:
    def __init__(self, program: Program, prepared: PreparedProgram, fast: Fast) -> None:
        self.program, self.prepared, self.fast = program, prepared, fast
        self.fixed: ShapeTerms = fixed_terms(program)

    def solved(
        self, given: Sequence[Estimated], before: Sequence[Reals | None]
    ) -> tuple[Solution, ...]:
        sound = _sound(self.program, given)
        found: list[Solution | None] = [None] * len(given)
        numbers: list[int] = []
        points: list[FormOptimum] = []
        terms: list[ShapeTerms] = []
        for i, (estimate, held) in enumerate(zip(given, before, strict=True)):
            point = None
            if sound[i]:
                fixed = self.fixed if held is None else self.fixed._replace(previous=held)
                one = filled(self.program, fixed, estimate.mean, estimate.covariance)
                point = self.fast.point(one, self.program.risk_aversion)
            if point is None:
                found[i] = self.prepared.solve(estimate, previous=held)
                continue
            numbers.append(i)
            points.append(point)
            terms.append(one)
        if numbers:
            n = len(self.program.labels)
            aversion = self.program.risk_aversion
            answers = ProblemAnswers(
                weights=np.clip(
                    np.array([p.x[:n] for p in points]), self.fixed.lower, self.fixed.upper
                )
                + 0.0,
                prices=np.array([self.fast.prices(p, aversion) for p in points]),
                aversions=np.full(len(points), aversion),
                linear=np.array([one.linear for one in terms]),
                previous=np.array([one.previous for one in terms]),
                covariances=np.array([given[i].covariance for i in numbers]),
                group_lower=self.fixed.group_lower,
            )
            figures = receipts(self.program, self.fixed, answers)
            for place, i in enumerate(numbers):
                found[i] = self._solution(answers, figures, place)
        return tuple(
            self.prepared.fresh().solve(estimate, previous=held) if one is None else one
            for one, estimate, held in zip(found, given, before, strict=True)
        )

    def _solution(self, answers: ProblemAnswers, figures: Figures, place: int) -> Solution | None:
        """Return the solution of one problem, None where its answer is not trusted."""
        violation, gap = float(figures.violation[place]), float(figures.gap[place])
        if not (violation <= TRUSTED and gap <= TRUSTED):
            return None
        return Solution(
            labels=self.program.labels,
            weights=answers.weights[place],
            volatility=float(figures.volatility[place]),
            objective=float(figures.objective[place]),
            solver="daqp",
            path="direct",
            risk_aversion=self.program.risk_aversion,
            violation=violation,
            gap=gap,
            prices=answers.prices[place],
            cost=self.fixed.cost,
        )


def _sound(program: Program, given: Sequence[Estimated]) -> NDArray[np.bool_]:
    """Return which estimates can be used as they are: what ``usable`` looks at, all at once."""
    found = np.array([not isinstance(estimate.covariance, Factored) for estimate in given])
    whole = [estimate for estimate, dense in zip(given, found, strict=True) if dense]
    if whole:
        found[found] = _sound_matrices(program, whole)
    return found


def _sound_matrices(program: Program, given: Sequence[Estimated]) -> NDArray[np.bool_]:
    fits = np.array([estimate.labels == program.labels for estimate in given])
    if not fits.all():
        return np.zeros_like(fits)  # each by itself says what is wrong
    covariances = np.array([estimate.covariance for estimate in given])
    means = np.array([estimate.mean for estimate in given])
    largest = np.diagonal(covariances, axis1=1, axis2=2).max(axis=1)
    with np.errstate(invalid="ignore"):
        fits = (largest > 0.0) & (largest < np.inf) & np.isfinite(means.sum(axis=1))
        fits &= (covariances == covariances.transpose(0, 2, 1)).all(axis=(1, 2))
    try:
        roots = np.linalg.cholesky(covariances)
    except np.linalg.LinAlgError:
        return np.zeros_like(fits)  # one of them is singular, and none says which
    pivots = np.diagonal(roots, axis1=1, axis2=2).min(axis=1) ** 2
    found: NDArray[np.bool_] = fits & (pivots >= SINGULAR * largest)
    return found
