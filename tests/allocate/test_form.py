"""The arrays that are solved say what the statement in cvxpy says."""

from __future__ import annotations

from typing import Any

import cvxpy as cp
import numpy as np
import pytest

from jeoul.allocate.solver.form import FREE, write_form
from jeoul.allocate.solver.statement import write
from jeoul.allocate.solver.terms import Shape, ShapeTerms


def random_shape(rng: Any) -> Any:
    n, count = int(rng.integers(1, 12)), int(rng.integers(0, 5))
    groups = tuple(tuple((rng.random(n) < 0.5).tolist()) for _ in range(count))
    yielding = tuple(i for i in range(count) if rng.random() < 0.3)
    return Shape(n, groups, bool(rng.random() < 0.5), bool(rng.random() < 0.5), yielding)


def random_terms(rng: Any, shape: Any) -> Any:
    n, count = shape.n, len(shape.groups)
    root = rng.normal(size=(n, n))
    return ShapeTerms(
        quadratic=root @ root.T + np.eye(n),
        linear=rng.normal(size=n),
        budget=float(rng.random()),
        lower=rng.normal(size=n),
        upper=rng.normal(size=n),
        group_lower=rng.normal(size=count),
        group_upper=rng.normal(size=count),
        previous=rng.normal(size=n),
        cost=float(rng.random()),
        buys_sum=float(rng.normal()),
        slack_sum=float(rng.normal()),
        pull=float(rng.choice([0.0, rng.random()])),
    )


def violations(values: Any) -> Any:
    """Return by how much each rule is broken, in any order; which is as good as the rules."""
    return np.sort(values[values > 1e-12])


@pytest.mark.parametrize("seed", range(150))
def test_the_form_breaks_where_the_statement_breaks_and_costs_what_it_costs(seed: Any) -> None:
    rng = np.random.default_rng(seed)
    shape = random_shape(rng)
    terms = random_terms(rng, shape)
    form = write_form(shape)
    q, lower, upper = np.zeros(form.size), form.low.copy(), form.high.copy()
    form.fill(terms, q, lower, upper)
    x = rng.normal(size=form.size)

    wrapped = terms._replace(quadratic=cp.psd_wrap(terms.quadratic))
    written = write(wrapped, shape)
    rest = x
    for variable in written.variables.values():
        variable.value, rest = rest[: variable.size], rest[variable.size :]
    assert len(rest) == 0
    stated = np.concatenate([np.ravel(c.residual) for c in written.constraints.values()])

    sums = np.concatenate((x, form.a @ x))
    below, above = np.where(lower > -FREE, lower - sums, 0), np.where(upper < FREE, sums - upper, 0)
    broken = np.concatenate((below, above))
    np.testing.assert_allclose(violations(broken), violations(stated), rtol=0, atol=1e-12)

    w = x[: shape.n]
    cost = 0.5 * w @ terms.quadratic @ w + terms.pull / 2 * w @ w + q @ x
    assert cost == pytest.approx(float(written.objective.value), abs=1e-12)


def test_a_form_over_some_assets_is_the_form_of_those_assets() -> None:
    groups = ((True, False, True, True), (False, True, True, False))
    whole = write_form(Shape(4, groups, priced=False, capped=False))
    kept = np.array([0, 2])
    np.testing.assert_array_equal(whole.part(kept).a, whole.a[:, kept])
