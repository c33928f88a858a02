"""(Q + diag(d))^-1 r: by Cholesky of n x n, or of k x k where the covariance has few factors."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.linalg import LinAlgError, lapack

from jeoul.model.calendar import Reals
from jeoul.model.factored import Covariance, Factored

Solve = Callable[[Reals], Reals]


def solver_of(quadratic: Covariance, diagonal: Reals) -> Solve | None:
    """Return what solves with Q + diag(d), None if that is not positive definite.

    Of L L' + D with more assets than factors it is the matrix inversion lemma,
    D^-1 - D^-1 L (I + L' D^-1 L)^-1 L' D^-1, whose cost is linear in the number of assets.

    >>> solver_of(np.eye(2), np.ones(2))(np.array([2.0, 4.0]))
    array([1., 2.])
    """
    if not isinstance(quadratic, Factored):
        # A copy, because the factorisation writes over it.
        return _direct(quadratic + 0.0, diagonal)
    loadings, own = quadratic.loadings, quadratic.own + diagonal
    n, factors = loadings.shape
    if factors >= n:
        return _direct(loadings @ loadings.T, own)
    least = float(own.min())
    # A variable without variance of its own cannot be divided by.
    if not least > 0.0:
        return None
    scaled = loadings / np.sqrt(own)[:, None]
    inner = _direct(scaled.T @ scaled, np.ones(factors))
    if inner is None:
        return None

    def solve(right: Reals) -> Reals:
        divided = right / (own if right.ndim == 1 else own[:, None])
        shared = loadings @ inner(loadings.T @ divided)
        found: Reals = divided - shared / (own if right.ndim == 1 else own[:, None])
        return found

    return solve


def _direct(matrix: Reals, diagonal: Reals) -> Solve | None:
    matrix.flat[:: len(matrix) + 1] += diagonal
    # The transpose of a symmetric matrix is itself, in Fortran's order: LAPACK copies nothing.
    factor, failed = lapack.dpotrf(matrix.T, lower=1, overwrite_a=1, clean=0)
    if failed:
        return None

    def solve(right: Reals) -> Reals:
        found, fault = lapack.dpotrs(factor, right, lower=1)
        if fault:
            raise LinAlgError(f"dpotrs: {fault}")
        answer: Reals = found[:, 0] if right.ndim == 1 and found.ndim == 2 else found
        return answer

    return solve
