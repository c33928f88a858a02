"""Products of matrices and vectors by row, each the call of BLAS that one product alone makes."""

from __future__ import annotations

import numpy as np

from jeoul.model.calendar import Reals


def times(matrices: Reals, vectors: Reals) -> Reals:
    """Return each matrix times its vector; one matrix may stand for all.

    >>> times(np.array([[1.0, 2.0]]), np.array([[1.0, 1.0], [0.0, 3.0]]))
    array([[3.],
           [6.]])
    """
    found: Reals = np.matmul(matrices, vectors[:, :, None])[:, :, 0]
    return found


def times_left(vectors: Reals, matrices: Reals) -> Reals:
    """Return each vector times its matrix; one matrix may stand for all."""
    found: Reals = np.matmul(vectors[:, None, :], matrices)[:, 0, :]
    return found


def dots(left: Reals, right: Reals) -> Reals:
    """Return the products of vectors, row by row.

    >>> dots(np.array([[1.0, 2.0], [0.0, 1.0]]), np.array([[3.0, 4.0], [5.0, 6.0]]))
    array([11.,  6.])
    """
    found: Reals = np.matmul(left[:, None, :], right[:, :, None])[:, 0, 0]
    return found
