"""From a program's solution to moves, and back."""

from __future__ import annotations

import numpy as np

from jeoul.household.program_arrays import Arrays
from jeoul.household.program_inputs import UNIT, Floats, Ints
from jeoul.household.program_parts import Fill, Least, Recipe
from jeoul.household.records import Moves

NEAR = 1e-3
"""Won within which an amount is the whole number beside it."""


def moves_at(program: Arrays, solution: Floats) -> Moves:
    """Return the moves of a solution: whole shares, and money in whole won that pays them.

    A deposit is rounded down, unless the account's orders need the won above it; where a pool or
    a room then lacks that won, it comes from a deposit that its account can spare.
    """
    household, at = program.household, program.at
    traded = np.rint(solution[at.buy]) - np.rint(solution[at.sell])
    keys = [each.key for each in household.positions]
    trades = {key: int(count) for key, count in zip(keys, traded, strict=True) if count}
    exact = solution[at.deposit] * UNIT
    paid_in = np.floor(exact + NEAR)
    taken = _whole_withdrawals(program, solution[at.withdraw] * UNIT)
    moves = _moves(program, trades, paid_in, taken)
    if np.any(exact - paid_in > NEAR):
        paid_in = _payable(program, moves, paid_in)
        moves = _moves(program, trades, paid_in, taken)
    return moves


def _payable(program: Arrays, moves: Moves, paid_in: Floats) -> Floats:
    """Return deposits that pay the orders and keep within pools and rooms."""
    needed = _needed(program, solution_of(program, moves))
    added = np.where(paid_in > 0.0, np.ceil(np.maximum(needed - NEAR, 0.0)), 0.0)
    paid_in, spare = paid_in + added, np.maximum(added - needed, 0.0)
    for group in ("pool", "pension_room", "lock"):
        for row in program.rows.get(group, ()):
            columns = program.index[program.start[row] : program.start[row + 1]]
            own = np.flatnonzero(np.isin(program.at.deposit, columns))
            over = paid_in[own].sum() - UNIT * program.row_upper[row]
            for place in own[np.argsort(-spare[own])]:
                cut = max(0.0, min(np.ceil(over - NEAR), np.floor(spare[place]), paid_in[place]))
                paid_in[place] -= cut
                spare[place] -= cut
                over -= cut
    return paid_in


def _moves(
    program: Arrays, trades: dict[tuple[str, str], int], paid_in: Floats, taken: Floats
) -> Moves:
    names = [each.id for each in program.household.accounts]
    return Moves(
        trades=trades,
        deposits={n: float(won) for n, won in zip(names, paid_in, strict=True) if won > 0.0},
        withdrawals={n: float(won) for n, won in zip(names, taken, strict=True) if won > 0.0},
    )


def _whole_withdrawals(program: Arrays, amounts: Floats) -> Floats:
    """Return withdrawals in whole won, and what is left of each aim's on its largest."""
    taken = np.floor(amounts + NEAR)
    for aim in program.household.aims:
        mine = np.array([each.id in aim.accounts for each in program.household.accounts])
        if aim.withdrawal and taken[mine].sum():
            largest = int(np.argmax(taken * mine))
            taken[largest] += aim.withdrawal - taken[mine].sum()
    return taken


def _needed(program: Arrays, solution: Floats) -> Floats:
    """Return the won that each account's rows lack, below 0 where they can spare some."""
    activity = program.activity(solution)
    found = np.full(len(program.at.deposit), -np.inf)
    for group in ("settled_cash", "cash", "risk_cap"):
        for row in program.rows.get(group, ()):
            span = slice(program.start[row], program.start[row + 1])
            columns, values = program.index[span], program.value[span]
            account = int(np.flatnonzero(np.isin(program.at.deposit, columns))[0])
            share = float(values[columns == program.at.deposit[account]][0])
            edge = program.row_lower[row] if share > 0.0 else program.row_upper[row]
            found[account] = max(found[account], UNIT * (edge - activity[row]) / share)
    return found


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
    if isinstance(recipe, Fill):
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
