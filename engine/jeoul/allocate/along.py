"""One program on many estimates, each as if it were the only one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from jeoul.allocate.checked import TRUSTED
from jeoul.allocate.program import Program
from jeoul.allocate.solution import Relaxation, Solution
from jeoul.allocate.solver.abreast import Optima, Problems, optima
from jeoul.allocate.solver.fast import Fast, given_way
from jeoul.allocate.solver.form import write_form
from jeoul.allocate.solver.receipts import ProblemAnswers, receipts
from jeoul.allocate.solver.terms import Shape, ShapeTerms, filled, fixed_terms
from jeoul.allocate.solving import PreparedProgram
from jeoul.model.calendar import Reals
from jeoul.model.factored import dense_of
from jeoul.model.products import times

AT_ONCE = 256
"""So many estimates at most have a workspace at once, some kilobytes each for few assets."""

LeastYields = dict[object, float | None]
"""What rules must give way by on one covariance, None where no yield is enough, by the rules."""


def solve_along(
    prepared: PreparedProgram,
    means: Reals,
    covariances: Reals,
    yields: Sequence[LeastYields] | None = None,
) -> tuple[Solution | None, ...] | None:
    """Return the solution of a program on each estimate, None where it takes a solve of its own.

    The solutions are those of ``prepared.fresh().solve(estimate)``, to the bit. The means are
    finite, and no covariance needs repair: shapes (estimates, n) and (estimates, n, n). A
    solve of its own takes a problem that has no weights or whose answer is not trusted. None for
    a program that is not one quadratic program under a volatility ceiling at most, or that charges
    for the weights before. ``yields`` keep what was found for the covariance of each estimate, for
    programs with other means.
    """
    fast = prepared.fresh().direct
    if fast is None or not fits_along(prepared.program):
        return None
    yields = [{} for _ in means] if yields is None else yields
    along = _Along(prepared.program, fast)
    parts = [slice(first, first + AT_ONCE) for first in range(0, len(means), AT_ONCE)]
    found = [along.solved(means[part], covariances[part], yields[part]) for part in parts]
    return tuple(solution for part in found for solution in part)


def fits_along(program: Program) -> bool:
    """Return whether a program can be solved by :func:`solve_along`."""
    return program.turnover_cost == 0.0 and program.is_quadratic


class _Found(NamedTuple):
    """What is found of each estimate, by row; ``yielded`` where groups gave way."""

    solved: NDArray[np.bool_]
    weights: Reals
    prices: Reals
    aversions: Reals
    yielded: NDArray[np.bool_]


class _Along:
    """A program whose estimates come in numbers; ``fast`` finds least yields one by one."""

    def __init__(self, program: Program, fast: Fast) -> None:
        self.program, self.fast = program, fast
        self.fixed = fixed_terms(program)
        self.yielding = tuple(
            i for i, group in enumerate(program.occupied) if group.name in program.yielding
        )
        bounds = ("lower", "upper", "group_lower", "group_upper")
        numbers = b"".join(getattr(self.fixed, name).tobytes() for name in bounds)
        self.rules = (fast.shape, self.yielding, program.budget, program.volatility_max, numbers)

    def solved(
        self, means: Reals, covariances: Reals, yields: Sequence[LeastYields]
    ) -> list[Solution | None]:
        """Return the solutions: first those in which no rule gives way, then the others."""
        terms = filled(self.program, self.fixed, means, covariances)
        terms = terms._replace(linear=np.broadcast_to(terms.linear, means.shape))
        found = self._firm(terms)
        missed = np.flatnonzero(~found.solved)
        if self.yielding and self.program.volatility_max is not None and len(missed):
            found = self._softened(terms, missed, found, yields)
        return self._solutions(terms, found)

    def _firm(self, terms: ShapeTerms) -> _Found:
        shape = self.fast.shape._replace(priced=False)
        optimum = self._optima(shape, terms, np.zeros(0))
        prices = optimum.aversions[:, None] * write_form(shape).prices(optimum.multipliers)
        return _Found(
            solved=optimum.solved,
            weights=optimum.x[:, : shape.n],
            prices=prices,
            aversions=optimum.aversions,
            yielded=np.zeros(len(prices), dtype=bool),
        )

    def _softened(
        self,
        terms: ShapeTerms,
        missed: NDArray[np.intp],
        found: _Found,
        yields: Sequence[LeastYields],
    ) -> _Found:
        """Return what was found, and the optima in which groups give way for the ceiling."""
        slack = [self._given_way(terms, i, yields[i]) for i in missed.tolist()]
        soft = np.array([each is not None for each in slack])
        rows = missed[soft]
        if not len(rows):
            return found
        shape = self.fast.shape._replace(priced=False, yielding=self.yielding)
        part = terms._replace(quadratic=dense_of(terms.quadratic)[rows], linear=terms.linear[rows])
        optimum = self._optima(shape, part, np.array([each for each in slack if each is not None]))
        found.weights[rows] = optimum.x[:, : shape.n]
        found.prices[rows] = optimum.aversions[:, None] * write_form(shape).prices(
            optimum.multipliers
        )
        found.aversions[rows] = optimum.aversions
        found.solved[rows] = found.yielded[rows] = optimum.solved
        return found

    def _optima(self, shape: Shape, terms: ShapeTerms, slack: Reals) -> Optima:
        form, count = write_form(shape), len(terms.linear)
        lower, upper = form.low.copy(), form.high.copy()
        form.fill(self.fixed, np.zeros(form.size), lower, upper)
        lower, upper = (np.repeat(each[None, :], count, axis=0) for each in (lower, upper))
        if shape.yielding:
            upper[:, form.upper["slack_sum"]] = slack[:, None]
        problems = Problems(
            form=form,
            covariances=dense_of(terms.quadratic),
            linear=terms.linear,
            pull=terms.pull,
            lower=lower,
            upper=upper,
        )
        return optima(problems, self.program.risk_aversion, self.program.volatility_max)

    def _given_way(self, terms: ShapeTerms, i: int, known: LeastYields) -> float | None:
        """Return what groups may give way on one estimate, None where no yield is enough."""
        ceiling = self.program.volatility_max
        if self.rules not in known and ceiling is not None:
            own = terms._replace(quadratic=dense_of(terms.quadratic)[i], linear=terms.linear[i])
            calm = self.fast.least_yield(own, self.yielding, ceiling)
            known[self.rules] = (
                None
                if calm is None
                else given_way(own, self.yielding, calm.weights, self.fast.shape)
            )
        return known[self.rules]

    def _solutions(self, terms: ShapeTerms, found: _Found) -> list[Solution | None]:
        """Return what was found as solutions with their receipts, None where not trusted."""
        program, fixed = self.program, self.fixed
        weights = np.minimum(np.maximum(found.weights, fixed.lower), fixed.upper) + 0.0
        lower = np.repeat(fixed.group_lower[None, :], len(weights), axis=0)
        relaxed: list[tuple[Relaxation, ...]] = [()] * len(weights)
        if found.yielded.any():
            members = np.array(self.fast.shape.groups, dtype=float)
            sums = times(members, weights)
            for i in np.flatnonzero(found.yielded).tolist():
                relaxed[i] = self._relaxed(lower[i], sums[i])
        figures = receipts(
            program,
            fixed,
            ProblemAnswers(
                weights=weights,
                prices=found.prices,
                aversions=found.aversions,
                linear=terms.linear,
                previous=np.broadcast_to(fixed.previous, weights.shape),
                covariances=dense_of(terms.quadratic),
                group_lower=lower,
            ),
        )
        trusted = found.solved & (figures.gap <= TRUSTED) & (figures.violation <= TRUSTED)
        numbers = zip(*(each.tolist() for each in (*figures, found.aversions)), strict=True)
        return [
            Solution(
                labels=program.labels,
                weights=weights[i],
                volatility=volatility,
                objective=objective,
                solver="daqp",
                path="direct",
                risk_aversion=aversion,
                violation=violation,
                gap=gap,
                prices=found.prices[i],
                cost=fixed.cost,
                relaxed=relaxed[i],
            )
            if sound
            else None
            for i, (sound, (volatility, objective, violation, gap, aversion)) in enumerate(
                zip(trusted.tolist(), numbers, strict=True)
            )
        ]

    def _relaxed(self, lower: Reals, sums: Reals) -> tuple[Relaxation, ...]:
        """Return which groups yielded, and write their lower bounds as used."""
        relaxed = []
        for i in self.yielding:
            if sums[i] < lower[i] - TRUSTED:
                name = self.program.occupied[i].name
                relaxed.append(Relaxation(name, float(lower[i]), float(sums[i])))
                lower[i] = sums[i]
        return tuple(relaxed)
