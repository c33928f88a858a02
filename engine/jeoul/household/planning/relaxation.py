"""A program's linear relaxation in a solver that stays warm while orders are allowed and fixed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jeoul.highs import silent_highs
from jeoul.household.program.inputs import UNIT, Floats, Ints
from jeoul.household.program.parts import Mark
from jeoul.household.program.program import HouseholdProgram

Chosen = NDArray[np.bool_]
Numbers = Sequence[float] | Floats

FOLLOWING = ("settled_cash", "cash", "acts_if", "risk_bought_if")
"""Rows that say what follows from an order being made, and hold loosely where none is."""
OPTIONS = {"presolve": "off", "solver": "simplex"}
NOTICED = 1e-7
"""Shares above which an order counts as made."""


@dataclass(frozen=True)
class Orders:
    """The orders that a program may make, purchases first: one entry an order.

    ``column`` holds the shares, ``use`` whether it is made, ``other`` is the order of the same
    position on the other side, -1 without one. ``price`` is that of a share in won and ``charge``
    what making the order costs in units.
    """

    column: Ints
    use: Ints
    position: Ints
    most: Floats
    least: Floats
    price: Floats
    charge: Floats
    other: Ints

    @property
    def count(self) -> int:
        """Return how many orders there are."""
        return len(self.column)


class LinearRelaxation:
    """The linear relaxation of a program, for the orders that are allowed.

    An allowed order may be of any size from 0 to ``most`` and is paid for as one order. Columns
    that are whole beside the orders' are relaxed unless :meth:`hold` fixes them.
    """

    def __init__(self, program: HouseholdProgram) -> None:
        import highspy

        self._optimal = highspy.HighsModelStatus.kOptimal
        self.program = program
        self.orders = orders_of(program)
        most = program.household.policy.max_trades
        self.most_orders = self.orders.count if most is None else most
        self.solves = 0
        found = [each.column for each in program.recipes if isinstance(each, Mark)]
        self.marks: Ints = np.array(found, dtype=np.int64)
        self.matrix = matrix_of(program)
        self.kept = rows_kept(program, self.matrix)
        self._place = np.cumsum(self.kept) - 1
        rows = np.vstack((self.matrix[self.kept], np.zeros(len(program.cost))))
        rows[-1, self.orders.column] = 1.0 / self.orders.most
        self._solver = _loaded(program, self.kept, rows)
        self._count_row = self._solver.getNumRow() - 1
        self.most = self.orders.most.copy()
        names = [each.account for each in program.household.positions]
        self.account: Ints = np.unique(names, return_inverse=True)[1][self.orders.position]
        self.pairs = _pairs(program, self.orders, self.account)
        self.charges = self.orders.charge * UNIT

    def solve(self) -> float:
        """Return the least cost in won, infinite where the rules cannot hold together."""
        self._solver.run()
        self.solves += 1
        if self._solver.getModelStatus() != self._optimal:
            return inf
        return UNIT * float(self._solver.getObjectiveValue())

    def bound(self) -> float:
        """Return a cost in won that no plan comes below, infinite where the rules allow none."""
        self.price_by(self.orders.most)
        return self.solve()

    def solution(self) -> Floats:
        """Return the columns of the last solve."""
        return np.array(self._solver.getSolution().col_value)

    def amounts(self) -> Floats:
        """Return the shares of each order at the last solve."""
        return self.solution()[self.orders.column]

    def reduced(self) -> Floats:
        """Return what a further share of each order would cost at the last solve, in won."""
        return np.array(self._solver.getSolution().col_dual)[self.orders.column] * UNIT

    def allow(self, chosen: Chosen) -> None:
        """Allow the chosen orders and no others, each of any size."""
        orders = self.orders
        self._bound(orders.column, np.zeros(orders.count), np.where(chosen, self.most, 0.0))
        self._bound(orders.use, chosen.astype(float), chosen.astype(float))

    def allow_one(self, order: int, allowed: bool) -> None:
        """Allow or forbid one order and leave the others as they are."""
        at = np.array([self.orders.column[order], self.orders.use[order]])
        made = float(allowed)
        self._bound(at, np.array([0.0, made]), np.array([made * self.most[order], made]))

    def between(self, order: int, low: float, high: float) -> None:
        """Keep an order's shares between two numbers; 0 and 0 is an order that is not made."""
        made = float(high > 0.0)
        at = np.array([self.orders.column[order], self.orders.use[order]])
        self._bound(at, np.array([low, made]), np.array([high, made]))

    def fix(self, counts: Floats) -> None:
        """Fix the shares of every order."""
        made = (counts > 0.0).astype(float)
        self._bound(self.orders.column, counts, counts)
        self._bound(self.orders.use, made, made)

    def hold(self, columns: Sequence[int] | Ints, low: Numbers, high: Numbers) -> None:
        """Keep some columns between bounds."""
        if len(columns):
            self._bound(np.asarray(columns), np.asarray(low, float), np.asarray(high, float))

    def release(self) -> None:
        """Let the whole columns that are no orders' be anything from 0 to 1."""
        self.hold(self.marks, np.zeros(len(self.marks)), np.ones(len(self.marks)))

    def keep_back(self, won: float) -> None:
        """Keep some won where money is taken out, so that it can be taken in whole won.

        That is for withdrawals that several accounts share, and may take a little less than all.
        """
        program, spare, accounts = self.program, won / UNIT, self.program.household.accounts
        for aim in program.household.aims:
            own = program.at.withdraw[[each.id in aim.accounts for each in accounts]]
            own = own[program.upper[own] > spare]
            most = program.upper[own] - spare
            if len(own) <= 1 or most.sum() * UNIT < aim.withdrawal:
                continue
            self._bound(own, np.zeros(len(own)), most)
            for row in program.rows.get("cash", ()):
                if self.matrix[row, own].any():
                    low = float(program.row_lower[row]) + spare
                    self._solver.changeRowBounds(int(self._place[row]), low, inf)

    def price_by(self, sizes: Floats) -> None:
        """Allow all orders and charge each by the share that it is of a size, counted likewise."""
        orders = self.orders
        self._bound(orders.column, np.zeros(orders.count), self.most)
        self._bound(orders.use, np.zeros(orders.count), np.zeros(orders.count))
        cost = self.program.cost[orders.column] + orders.charge / sizes
        self._solver.changeColsCost(orders.count, orders.column.astype(np.int32), cost)
        for column, size in zip(orders.column, sizes, strict=True):
            self._solver.changeCoeff(self._count_row, int(column), 1.0 / float(size))
        self._solver.changeRowBounds(self._count_row, -inf, float(self.most_orders))

    def price_truly(self) -> None:
        """Charge orders as the program does and leave their number to the caller."""
        at = self.orders.column
        self._solver.changeColsCost(len(at), at.astype(np.int32), self.program.cost[at])
        self._solver.changeRowBounds(self._count_row, -inf, inf)

    def _bound(self, columns: Ints, low: Floats, high: Floats) -> None:
        self._solver.changeColsBounds(len(columns), columns.astype(np.int32), low, high)


def orders_of(program: HouseholdProgram) -> Orders:
    """Return the orders that a program may make."""
    at, upper = program.at, program.upper
    buys, sells = np.flatnonzero(upper[at.buy] > 0.0), np.flatnonzero(upper[at.sell] > 0.0)
    column = np.concatenate((at.buy[buys], at.sell[sells]))
    use = np.concatenate((at.buy_use[buys], at.sell_use[sells]))
    positions = np.concatenate((buys, sells))
    prices = {fund.code: fund.price for fund in program.household.funds}
    price = np.array([prices[program.household.positions[n].fund] for n in positions], dtype=float)
    most = upper[column]
    smallest = np.ceil((program.household.policy.min_trade - 0.5) / price - 1e-9)
    least = np.maximum(smallest, 1.0)
    least[len(buys) :] = np.minimum(least[len(buys) :], most[len(buys) :])
    place = {int(number): order for order, number in enumerate(buys)}
    back = {int(number): order + len(buys) for order, number in enumerate(sells)}
    other = [back.get(int(n), -1) for n in buys] + [place.get(int(n), -1) for n in sells]
    return Orders(
        column=column, use=use, position=positions, most=most, least=least, price=price,
        charge=program.cost[use], other=np.array(other, dtype=np.int64),
    )  # fmt: skip


def matrix_of(program: HouseholdProgram) -> Floats:
    """Return a program's rows, zeros and all."""
    found = np.zeros(program.shape)
    rows = np.repeat(np.arange(program.shape[0]), np.diff(program.start))
    np.add.at(found, (rows, program.index), program.value)
    return found


def _pairs(program: HouseholdProgram, orders: Orders, account: Ints) -> Chosen:
    """Return which purchases (rows) a sale (columns) of another fund in the account pays for."""
    bought = np.isin(orders.column, program.at.buy)
    pays = bought[:, None] & ~bought & (account[:, None] == account)
    found: Chosen = pays & (orders.position[:, None] != orders.position)
    return found


def rows_kept(program: HouseholdProgram, matrix: Floats) -> Chosen:
    """Return which rows of a program do not tie an order's shares to whether it is made.

    The others are decided from outside; to leave out a row loosens a relaxation and no more.
    """
    uses = np.concatenate((program.at.buy_use, program.at.sell_use))
    kept: Chosen = ~(matrix[:, uses] != 0.0).any(axis=1)
    for group in FOLLOWING:
        kept[program.rows.get(group, np.zeros(0, dtype=np.int64))] = True
    return kept


def _loaded(program: HouseholdProgram, kept: Chosen, rows: Floats) -> Any:
    """Return a solver that holds the rows of a program that are kept, and one that counts."""
    import highspy

    at_row, at_column = np.nonzero(rows)
    model = highspy.HighsLp()
    model.num_row_, model.num_col_ = rows.shape
    model.col_cost_, model.offset_ = program.cost, program.constant
    model.col_lower_, model.col_upper_ = program.lower, program.upper
    model.row_lower_ = np.append(program.row_lower[kept], -inf)
    model.row_upper_ = np.append(program.row_upper[kept], inf)
    lengths = np.bincount(at_row, minlength=len(rows))
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = np.concatenate(([0], np.cumsum(lengths))).astype(np.int32)
    model.a_matrix_.index_ = at_column.astype(np.int32)
    model.a_matrix_.value_ = rows[at_row, at_column]
    solver = silent_highs()
    for name, value in OPTIONS.items():
        solver.setOptionValue(name, value)
    solver.passModel(model)
    return solver
