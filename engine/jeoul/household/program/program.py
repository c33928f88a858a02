"""A household as a mixed-integer linear program: arrays, with its columns and rows by name.

The program of a household minimises exactly what :mod:`jeoul.household.problem.cost` adds up, over
what :mod:`jeoul.household.problem.violations` lets pass. Its columns are the shares bought and
sold, whether an order is made at all, the money paid in and taken out, and helpers that are tight
at an optimum. Money is in units of :data:`UNIT` won.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import chain

import numpy as np

from jeoul.household.problem.records import Household, Moves
from jeoul.household.program.arrays import Arrays
from jeoul.household.program.costs import (
    add_credit,
    add_drag,
    add_gains,
    add_needs,
    add_taxes,
    add_tracking,
)
from jeoul.household.program.inputs import Floats, Ints, ProgramInputs
from jeoul.household.program.moves import moves_at, solution_of
from jeoul.household.program.parts import Parts
from jeoul.household.program.rows import (
    Choices,
    add_cap_rows,
    add_cash_rows,
    add_choices,
    add_money_rows,
    add_order_rows,
)


@dataclass(frozen=True)
class HouseholdProgram(Arrays):
    """The arrays of a household's program, and the way from moves to a solution and back."""

    def moves_of(self, solution: Floats) -> Moves:
        """Return the moves of a solution: whole shares, and money in whole won that pays them."""
        return moves_at(self, solution)

    def start_of(self, moves: Moves) -> Floats:
        """Return moves as a solution, every helper as small as its rows let it be."""
        return solution_of(self, moves)


def build(household: Household, *, max_trades: int | None = None) -> HouseholdProgram:
    """Return the program of a household; ``max_trades`` replaces the policy's where given."""
    if max_trades is not None:
        policy = replace(household.policy, max_trades=max_trades)
        household = replace(household, policy=policy)
    inputs, parts = ProgramInputs(household), Parts()
    at = add_choices(parts, inputs)
    gains = add_gains(parts, inputs, at)
    add_order_rows(parts, inputs, at)
    add_money_rows(parts, inputs, at)
    add_cash_rows(parts, inputs, at, gains)
    add_cap_rows(parts, inputs, at)
    add_tracking(parts, inputs, at)
    add_taxes(parts, inputs, gains)
    add_drag(parts, inputs, at)
    add_credit(parts, inputs, at)
    add_needs(parts, inputs, at)
    return _finished(household, at, parts)


def _finished(household: Household, at: Choices, parts: Parts) -> HouseholdProgram:
    cost = np.concatenate(parts.costs)
    for where, by in parts.extra:
        np.add.at(cost, where, by)
    lengths = [len(each) for each in parts.row_at]
    return HouseholdProgram(
        household=household,
        at=at,
        cost=cost,
        constant=parts.constant,
        lower=np.concatenate(parts.lowers),
        upper=np.concatenate(parts.uppers),
        whole=np.concatenate(parts.whole) > 0.0,
        start=np.concatenate(([0], np.cumsum(lengths))),
        index=np.concatenate(parts.row_at),
        value=np.concatenate(parts.row_by),
        row_lower=np.array(parts.row_low),
        row_upper=np.array(parts.row_high),
        columns={name: _spans(spans) for name, spans in parts.columns.items()},
        rows={name: _spans(spans) for name, spans in parts.rows.items()},
        recipes=tuple(parts.recipes),
    )


def _spans(spans: list[tuple[int, int]]) -> Ints:
    places = chain.from_iterable(range(first, first + count) for first, count in spans)
    return np.array(tuple(places), dtype=np.int64)
