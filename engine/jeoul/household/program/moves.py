"""From a program's solution to moves, and back."""

from __future__ import annotations

import numpy as np

from jeoul.household.problem.records import Moves
from jeoul.household.program.arrays import Arrays
from jeoul.household.program.inputs import UNIT, Floats, Ints
from jeoul.household.program.parts import FillEquation, Least, Recipe

NEAR = 1e-3
"""Won within which an amount is the whole number beside it."""


def moves_at(program: Arrays, solution: Floats) -> Moves:
    """Return the moves of a solution: whole shares, and money in whole won that pays them.

    Money is rounded down. What an account's orders then lack is paid in, from a deposit that can
    spare it where a pool or a room is used up; what an aim's withdrawals then lack is taken from
    the accounts that can spare most.
    """
    household, at = program.household, program.at
    traded = np.rint(solution[at.buy]) - np.rint(solution[at.sell])
    keys = [each.key for each in household.positions]
    trades = {key: int(count) for key, count in zip(keys, traded, strict=True) if count}
    exact_in, exact_out = solution[at.deposit] * UNIT, solution[at.withdraw] * UNIT
    paid_in, taken = np.floor(exact_in + NEAR), np.floor(exact_out + NEAR)
    if np.any(exact_in - paid_in > NEAR):
        moves = solution_of(program, _moves(program, trades, paid_in, taken))
        paid_in = _payable(program, paid_in, _spare(program, moves, at.deposit))
    if np.any(exact_out > 0.0):
        moves = solution_of(program, _moves(program, trades, paid_in, taken))
        taken = _complete(program, taken, _spare(program, moves, at.withdraw))
    return _moves(program, trades, paid_in, taken)


def _spare(program: Arrays, solution: Floats, columns: Ints) -> Floats:
    """Return the won that each account's rows have left for its column, below 0 for a lack."""
    activity = program.activity(solution)
    found = np.full(len(columns), np.inf)
    places = {int(column): number for number, column in enumerate(columns)}
    for group in ("settled_cash", "cash", "risk_cap"):
        for row in program.rows.get(group, ()):
            edges = activity[row] - program.row_lower[row], program.row_upper[row] - activity[row]
            span = slice(program.start[row], program.start[row + 1])
            for column, value in zip(program.index[span], program.value[span], strict=True):
                number = places.get(int(column))
                if number is not None:
                    found[number] = min(found[number], UNIT * min(edges) / abs(value))
    return found


def _payable(program: Arrays, paid_in: Floats, spare: Floats) -> Floats:
    """Return deposits that pay the orders and keep within pools and rooms."""
    added = np.where(paid_in > 0.0, np.ceil(np.maximum(-spare - NEAR, 0.0)), 0.0)
    paid_in, spare = paid_in + added, np.maximum(spare + added, 0.0)
    for group in ("pool", "pension_room", "lock"):
        for row in program.rows.get(group, ()):
            columns = program.index[program.start[row] : program.start[row + 1]]
            own = np.flatnonzero(np.isin(program.at.deposit, columns))
            over = paid_in[own].sum() - UNIT * program.row_upper[row]
            for place in own[np.argsort(-spare[own])]:
                most = min(np.floor(spare[place]), paid_in[place])
                cut = max(0.0, min(np.ceil(over - NEAR), most))
                paid_in[place] -= cut
                spare[place] -= cut
                over -= cut
    return paid_in


def _complete(program: Arrays, taken: Floats, spare: Floats) -> Floats:
    """Return withdrawals that reach what each aim needs, from where most can be spared."""
    room = np.floor(program.upper[program.at.withdraw] * UNIT + NEAR)
    for aim in program.household.aims:
        mine = [each.id in aim.accounts for each in program.household.accounts]
        own = np.flatnonzero(mine)
        lacks = aim.withdrawal - taken[own].sum()
        for place in own[np.argsort(-spare[own])]:
            most = max(0.0, min(np.floor(spare[place] + NEAR), room[place] - taken[place]))
            taken[place] += min(lacks, most)
            lacks -= min(lacks, most)
    return taken


def _moves(
    program: Arrays, trades: dict[tuple[str, str], int], paid_in: Floats, taken: Floats
) -> Moves:
    names = [each.id for each in program.household.accounts]
    return Moves(
        trades=trades,
        deposits={n: float(won) for n, won in zip(names, paid_in, strict=True) if won > 0.0},
        withdrawals={n: float(won) for n, won in zip(names, taken, strict=True) if won > 0.0},
    )


def solution_of(program: Arrays, moves: Moves) -> Floats:
    """Return moves as a solution, every helper as small as its rows let it be."""
    household, at = program.household, program.at
    solution = program.lower.copy()
    counts = np.array([moves.trades.get(each.key, 0) for each in household.positions], dtype=float)
    solution[at.buy], solution[at.sell] = np.maximum(counts, 0.0), np.maximum(-counts, 0.0)
    solution[at.buy_use], solution[at.sell_use] = counts > 0.0, counts < 0.0
    names = [each.id for each in household.accounts]
    solution[at.deposit] = np.array([moves.deposits.get(name, 0.0) for name in names]) / UNIT
    solution[at.withdraw] = np.array([moves.withdrawals.get(name, 0.0) for name in names]) / UNIT
    for recipe in program.recipes:
        _follow(program, recipe, solution)
    return solution


def _follow(program: Arrays, recipe: Recipe, solution: Floats) -> None:
    if isinstance(recipe, FillEquation):
        rest = _row(program, recipe.row, solution) - program.row_lower[recipe.row]
        _pour(solution, recipe.up, program.upper, rest)
        _pour(solution, recipe.down, program.upper, -rest)
    elif isinstance(recipe, Least):
        lacks = [program.row_lower[row] - _row(program, row, solution) for row in recipe.rows]
        solution[recipe.column] += max(0.0, *lacks)
    else:
        solution[recipe.column] = float(np.any(solution[recipe.watched] > 1e-9))


def _row(program: Arrays, row: int, solution: Floats) -> float:
    span = slice(program.start[row], program.start[row + 1])
    return float(program.value[span] @ solution[program.index[span]])


def _pour(solution: Floats, columns: Ints, upper: Floats, amount: float) -> None:
    """Put an amount into columns, one after the other; the last one takes what is left."""
    if len(columns) and amount > 0.0:
        before = np.concatenate(([0.0], np.cumsum(upper[columns[:-1]])))
        room = np.append(upper[columns[:-1]], np.inf)
        solution[columns] = np.clip(amount - before, 0.0, room)
