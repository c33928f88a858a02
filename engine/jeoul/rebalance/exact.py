"""The best whole-share trades by mixed-integer programming, with a certificate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from jeoul.errors import SolverFailed
from jeoul.rebalance.search import Counts, Reals, SharesProblem, cash_after, cost_of, open_to_trade

if TYPE_CHECKING:
    import highspy  # imported where it is used: it takes half a second

_OPTIONS: tuple[tuple[str, Any], ...] = (
    ("output_flag", False),
    ("threads", 1),
    ("mip_rel_gap", 0.0),
    ("mip_abs_gap", 1e-6),
    ("primal_feasibility_tolerance", 1e-10),
    ("dual_feasibility_tolerance", 1e-10),
    ("mip_feasibility_tolerance", 1e-10),
)
_SCALE = 10_000.0  # money enters the program in basis points of the account


@dataclass(frozen=True, slots=True)
class Certificate:
    """How good a set of trades is known to be, in fractions of the account's value.

    ``objective`` is what the trades reach, ``bound`` what no trades can be below, ``gap`` their
    difference: 0 within the solver's tolerance of 1e-9 when the best was found in time.
    """

    objective: float
    bound: float
    gap: float
    solver: str = "highs"


def exact(
    problem: SharesProblem, start: Counts, *, seconds: float = 10.0
) -> tuple[Counts, Certificate]:
    """Return the trades of least :func:`~jeoul.rebalance.search.cost_of`, and their certificate.

    ``start`` are feasible trades, from the search, say: they are returned where nothing better is
    found within ``seconds``. Raises :class:`SolverFailed` if HiGHS gives no bound.

    >>> from jeoul.rebalance.search import search
    >>> prices, none = np.array([30.0, 50.0]), np.array([0, 0])
    >>> problem = SharesProblem(np.array([60.0, 40.0]), prices, prices, prices, none,
    ...     100.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1, 0.0, 2, True, True, 1.0)
    >>> trades, proof = exact(problem, search(problem))
    >>> trades.tolist(), round(proof.objective, 6), proof.gap < 1e-9
    ([1, 1], 0.6, True)
    """
    import highspy

    value = problem.cash + problem.incoming + float(problem.held @ problem.price)
    n = len(problem.target)
    lots = np.concatenate([np.maximum(start, 0), np.maximum(-start, 0)]) // problem.lot
    highs = _solved(_program(problem, value / _SCALE), lots, seconds)
    bound = highs.getInfo().mip_dual_bound / _SCALE
    if not np.isfinite(bound):
        raise SolverFailed("highs", highs.modelStatusToString(highs.getModelStatus()))
    trades = start
    if highs.getInfo().primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible:
        lots = np.rint(highs.getSolution().col_value[: 2 * n]).astype(np.int64)
        found = (lots[:n] - lots[n:]) * problem.lot
        if _is_allowed(problem, found) and cost_of(problem, found) < cost_of(problem, start):
            trades = found
    objective = float(cost_of(problem, trades) / value)
    bound = min(bound, objective)
    return trades, Certificate(objective, bound, objective - bound)


def _is_allowed(problem: SharesProblem, trades: Counts) -> bool:
    """Return whether rounding the solver's numbers left every rule intact.

    Real fees are whole and rounded down, so half a unit of tolerance never spends too much.
    """
    left = cash_after(problem, trades)
    return left >= problem.floor - 0.5 and bool(np.all(problem.held + trades >= 0))


@dataclass
class _Program:
    """Rows of ``lower <= a x <= upper`` over columns with a cost, bounds and integrality.

    Columns: lots bought, lots sold and distance from the target per instrument, cash over and under
    its target, and, where orders have a least size or a greatest number, a switch per side.
    """

    cost: Reals
    most: Reals
    whole: NDArray[np.bool_]
    rows: list[tuple[Reals, float, float]]

    def add(self, entries: dict[int, float], lower: float, upper: float) -> None:
        row = np.zeros(len(self.cost))
        row[list(entries)] = list(entries.values())
        self.rows.append((row, lower, upper))


def _program(problem: SharesProblem, unit: float) -> _Program:
    n = len(problem.target)
    switched = problem.min_trade > 0.0 or problem.max_trades < n
    size = 3 * n + 2 + (2 * n if switched else 0)
    buy, sell = problem.buy * problem.lot / unit, problem.sell * problem.lot / unit
    spent_sell = -sell * (1.0 - problem.sell_fee) if problem.spend_proceeds else np.zeros(n)
    most_sold = problem.held // problem.lot * (1 if problem.may_sell else 0)
    purse = (problem.cash - problem.floor) / unit - float(spent_sell @ most_sold)
    program = _Program(np.zeros(size), np.full(size, np.inf), np.zeros(size, dtype=bool), [])
    program.cost[: 3 * n] = np.concatenate(
        [buy * problem.buy_fee, sell * problem.sell_fee, np.ones(n)]
    )
    program.cost[3 * n : 3 * n + 2] = problem.idle_weight, 1.0
    program.most[: 2 * n] = np.concatenate([np.floor(purse / buy), most_sold])
    program.most[: 2 * n] *= np.tile(open_to_trade(problem), 2)
    program.whole[: 2 * n] = True
    spent = np.zeros(size)
    for i in range(n):
        lot = problem.price[i] * problem.lot / unit
        gap = (problem.target[i] - problem.held[i] * problem.price[i]) / unit
        program.add({i: lot, n + i: -lot, 2 * n + i: 1.0}, gap, np.inf)
        program.add({i: -lot, n + i: lot, 2 * n + i: 1.0}, -gap, np.inf)
    spent[: 2 * n] = np.concatenate([buy * (1.0 + problem.buy_fee), spent_sell])
    program.rows.append((spent, -np.inf, (problem.cash - problem.floor) / unit))
    gross = np.concatenate([buy, -sell, np.zeros(n), [1.0, -1.0], np.zeros(size - 3 * n - 2)])
    start = (problem.cash + problem.incoming - problem.cash_target) / unit
    program.rows.append((gross, start, start))
    if switched:
        _switch(program, problem)
    return program


def _switch(program: _Program, problem: SharesProblem) -> None:
    """Add yes-or-no columns per side: no order too small, not too many, none both ways."""
    n = len(problem.target)
    first = 3 * n + 2
    program.most[first:], program.whole[first:] = 1.0, True
    price = np.concatenate([problem.buy, problem.sell]) * problem.lot
    least = np.maximum(np.ceil(problem.min_trade / price), 1.0)
    for side in range(2 * n):
        switch = first + side
        program.add({side: 1.0, switch: -program.most[side]}, -np.inf, 0.0)
        program.add({side: 1.0, switch: -least[side]}, 0.0, np.inf)
    for i in range(n):
        program.add({first + i: 1.0, first + n + i: 1.0}, -np.inf, 1.0)
    program.add({first + side: 1.0 for side in range(2 * n)}, -np.inf, float(problem.max_trades))


def _solved(program: _Program, start: Counts, seconds: float) -> highspy.Highs:
    import highspy

    matrix = np.array([row for row, _, _ in program.rows])
    places = matrix != 0.0
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = matrix.shape[1], matrix.shape[0]
    model.col_cost_ = program.cost
    model.col_lower_, model.col_upper_ = np.zeros(len(program.cost)), program.most
    model.row_lower_ = np.array([lower for _, lower, _ in program.rows])
    model.row_upper_ = np.array([upper for _, _, upper in program.rows])
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = np.concatenate([[0], np.cumsum(places.sum(axis=1))]).astype(np.int32)
    model.a_matrix_.index_ = np.nonzero(places)[1].astype(np.int32)
    model.a_matrix_.value_ = matrix[places]
    kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
    model.integrality_ = [kinds[int(whole)] for whole in program.whole]
    highs = highspy.Highs()
    for option, setting in (*_OPTIONS, ("time_limit", seconds)):
        highs.setOptionValue(option, setting)
    highs.passModel(model)
    highs.setSolution(len(start), np.arange(len(start), dtype=np.int32), start.astype(np.float64))
    highs.run()
    return highs
