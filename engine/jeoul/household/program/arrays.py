"""The arrays of a program, with their columns and rows by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jeoul.household.problem.records import Household
from jeoul.household.program.inputs import UNIT, Floats, Ints
from jeoul.household.program.parts import Recipe
from jeoul.household.program.rows import Choices


@dataclass(frozen=True)
class Arrays:
    """Minimise ``constant + cost . x`` with ``row_lower <= A x <= row_upper`` and bounds on x.

    ``A`` is stored by rows: ``index`` and ``value`` from ``start[i]`` to ``start[i + 1]``.
    ``whole`` says which columns are whole numbers. ``at`` is where the columns are that are
    decided: arrays by position (``buy``, ``sell``, ``buy_use``, ``sell_use``) or account
    (``deposit``, ``withdraw``); ``columns`` and ``rows`` hold where every named group is.
    """

    household: Household
    at: Choices
    cost: Floats
    constant: float
    lower: Floats
    upper: Floats
    whole: NDArray[np.bool_]
    start: Ints
    index: Ints
    value: Floats
    row_lower: Floats
    row_upper: Floats
    columns: Mapping[str, Ints]
    rows: Mapping[str, Ints]
    recipes: tuple[Recipe, ...]

    @property
    def shape(self) -> tuple[int, int]:
        """Return how many rows and columns there are."""
        return len(self.row_lower), len(self.cost)

    def activity(self, solution: Floats) -> Floats:
        """Return A x, row by row."""
        return np.add.reduceat(
            np.append(self.value * solution[self.index], 0.0), self.start[:-1]
        ) * (np.diff(self.start) > 0)

    def objective(self, solution: Floats) -> float:
        """Return what a solution costs, in won."""
        return UNIT * (self.constant + float(self.cost @ solution))
