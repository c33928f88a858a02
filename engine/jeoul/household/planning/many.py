"""What many plans of one program cost, at once: the same sums as one plan, for rows of a table.

A search compares hundreds of plans that differ by a share or two. Here each is a row of the
program's columns; helpers are filled by the program's recipes, so that nothing about taxes or
rules is written a second time, and :mod:`jeoul.household.problem.evaluate` keeps the last word.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jeoul.household.planning.relaxation import LinearRelaxation
from jeoul.household.program.inputs import UNIT, Floats, Ints
from jeoul.household.program.parts import FillEquation, Least, Mark, Recipe
from jeoul.household.program.program import HouseholdProgram

KEPT = 1e-7
"""Units by which a row may be broken: a thousandth of a won."""


@dataclass(frozen=True)
class _Row:
    """The columns of a row that are not 0, with its bounds."""

    columns: Ints
    values: Floats
    low: float
    high: float

    def of(self, plans: Floats) -> Floats:
        # One row at a time: a product of two tables would wake up every thread of the machine.
        found: Floats = plans[:, self.columns] @ self.values
        return found


class PlanTable:
    """The costs of tables of plans; a plan has its orders, deposits and withdrawals set."""

    def __init__(self, relaxation: LinearRelaxation) -> None:
        program = relaxation.program
        self.program: HouseholdProgram = program
        self._matrix = relaxation.matrix
        self._rows: dict[int, _Row] = {}
        self._judged = self._rows_of_rules(relaxation.kept)
        needed = np.zeros(len(program.cost), dtype=bool)
        for row in self._judged:
            needed[row.columns] = True
        early = [bool(needed[_filled(each)].any()) for each in program.recipes]
        self._early = [r for r, first in zip(program.recipes, early, strict=True) if first]
        self._late = [r for r, first in zip(program.recipes, early, strict=True) if not first]

    def costs(self, plans: Floats) -> Floats:
        """Return what plans cost, in won; infinite for one that breaks a rule.

        How large an order is and how many there are is for the caller to keep. The other columns
        are at their least, and are filled in place where a plan breaks no rule.
        """
        self._fill(plans, self._early)
        found = np.full(len(plans), np.inf)
        allowed = np.flatnonzero(self._allowed(plans))
        kept = plans[allowed]
        self._fill(kept, self._late)
        plans[allowed] = kept
        found[allowed] = UNIT * (self.program.constant + kept @ self.program.cost)
        return found

    def _rows_of_rules(self, kept: NDArray[np.bool_]) -> list[_Row]:
        """Return the rows that orders and money moved may break: those that fill no column."""
        at, program = self.program.at, self.program
        filled = {int(row) for row in np.flatnonzero(~kept)}
        for each in program.recipes:
            if not isinstance(each, Mark):
                filled |= (
                    {each.row}
                    if isinstance(each, FillEquation)
                    else {int(row) for row in each.rows}
                )
        names = ("buy", "sell", "buy_use", "sell_use", "deposit", "withdraw")
        decided = np.concatenate([getattr(at, name) for name in names])
        touched = (self._matrix[:, decided] != 0.0).any(axis=1)
        return [self._row(int(n)) for n in np.flatnonzero(touched) if int(n) not in filled]

    def _row(self, number: int) -> _Row:
        if number not in self._rows:
            columns = np.flatnonzero(self._matrix[number])
            low, high = self.program.row_lower[number], self.program.row_upper[number]
            self._rows[number] = _Row(columns, self._matrix[number, columns], low, high)
        return self._rows[number]

    def _allowed(self, plans: Floats) -> NDArray[np.bool_]:
        found = np.ones(len(plans), dtype=bool)
        for row in self._judged:
            done = row.of(plans)
            found &= (done >= row.low - KEPT) & (done <= row.high + KEPT)
        return found

    def _fill(self, plans: Floats, recipes: list[Recipe]) -> None:
        for each in recipes:
            if isinstance(each, FillEquation):
                row = self._row(each.row)
                rest = row.of(plans) - row.low
                self._pour(plans, each.up, rest)
                self._pour(plans, each.down, -rest)
            elif isinstance(each, Least):
                lacks = [row.low - row.of(plans) for row in map(self._row, map(int, each.rows))]
                plans[:, each.column] += np.maximum(np.max(lacks, axis=0), 0.0)
            else:
                plans[:, each.column] = (plans[:, each.watched] > 1e-9).any(axis=1)

    def _pour(self, plans: Floats, columns: Ints, amount: Floats) -> None:
        """Put amounts into columns, one after the other; the last one takes what is left."""
        left = np.maximum(amount, 0.0)
        for column in columns[:-1]:
            part = np.minimum(left, self.program.upper[column])
            plans[:, column] = part
            left = left - part
        if len(columns):
            plans[:, columns[-1]] = left


def _filled(recipe: Recipe) -> Ints:
    """Return the columns that a recipe fills."""
    if isinstance(recipe, FillEquation):
        return np.concatenate((recipe.up, recipe.down))
    return np.array([recipe.column])
