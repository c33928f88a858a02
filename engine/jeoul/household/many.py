"""What many plans of one program cost, at once: the same sums as one plan, for rows of a table.

A search compares hundreds of plans that differ by a share or two. Here each is a row of the
program's columns; helpers are filled by the program's recipes, so that nothing about taxes or
rules is written a second time, and :mod:`jeoul.household.evaluate` keeps the last word.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from jeoul.household.program import Program
from jeoul.household.program_inputs import UNIT, Floats, Ints
from jeoul.household.program_parts import Fill, Least, Mark
from jeoul.household.relaxation import ORDER_ROWS, matrix_of

KEPT = 1e-7
"""Units by which a row may be broken: a thousandth of a won."""


class Many:
    """A program's rows, columns and recipes for tables of plans."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.matrix = matrix_of(program)

    @cached_property
    def judged(self) -> list[tuple[int, Ints]]:
        """Return the rows that a filled plan may break, with their columns: those that fill none.

        Rows of orders are left out: how large they are and how many is for the caller to keep.
        """
        filled = {int(row) for name in ORDER_ROWS for row in self.program.rows.get(name, ())}
        filled |= {each.row for each in self.program.recipes if isinstance(each, Fill)}
        for each in self.program.recipes:
            if isinstance(each, Least):
                filled |= {int(row) for row in each.rows}
        rows = [row for row in range(len(self.matrix)) if row not in filled]
        return [(row, np.flatnonzero(self.matrix[row])) for row in rows]

    def fill(self, plans: Floats) -> None:
        """Fill the helpers of plans, whose decided columns are set and whose others are at their least."""
        for each in self.program.recipes:
            if isinstance(each, Fill):
                rest = plans @ self.matrix[each.row] - self.program.row_lower[each.row]
                self._pour(plans, each.up, rest)
                self._pour(plans, each.down, -rest)
            elif isinstance(each, Least):
                lacks = self.program.row_lower[each.rows] - plans @ self.matrix[each.rows].T
                plans[:, each.column] += np.maximum(lacks.max(axis=1), 0.0)
            elif isinstance(each, Mark):
                plans[:, each.column] = (plans[:, each.watched] > 1e-9).any(axis=1)

    def _pour(self, plans: Floats, columns: Ints, amount: Floats) -> None:
        if len(columns):
            widths = self.program.upper[columns[:-1]]
            before = np.concatenate(([0.0], np.cumsum(widths)))
            room = np.append(widths, np.inf)
            plans[:, columns] = np.clip(amount[:, None] - before, 0.0, room)

    def costs(self, plans: Floats) -> Floats:
        """Return what filled plans cost, in won."""
        found: Floats = UNIT * (self.program.constant + plans @ self.program.cost)
        return found

    def allowed(self, plans: Floats) -> NDArray[np.bool_]:
        """Return which filled plans keep every rule but those of single orders and their number."""
        found = np.ones(len(plans), dtype=bool)
        for row, columns in self.judged:
            done = plans[:, columns] @ self.matrix[row, columns]
            found &= done >= self.program.row_lower[row] - KEPT
            found &= done <= self.program.row_upper[row] + KEPT
        return found
