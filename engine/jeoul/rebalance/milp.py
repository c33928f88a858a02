"""The best whole-share trades by mixed-integer programming, with a certificate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from jeoul.errors import SolverFailed
from jeoul.highs import silent_highs
from jeoul.rebalance.problem import Counts, Reals, SharesProblem, cash_after, cost_of, open_to_trade

if TYPE_CHECKING:
    import highspy  # imported where it is used: it takes half a second

_OPTIONS: tuple[tuple[str, Any], ...] = (
    ("mip_rel_gap", 0.0),
    ("mip_abs_gap", 1e-3),
)
_STRICT: tuple[tuple[str, Any], ...] = (
    ("primal_feasibility_tolerance", 1e-10),
    ("dual_feasibility_tolerance", 1e-10),
    ("mip_feasibility_tolerance", 1e-10),
)
# HiGHS' own, but no wider for integers than for the rest: it refuses answers within the difference.
_USUAL: tuple[tuple[str, Any], ...] = (("mip_feasibility_tolerance", 1e-7),)
_SCALE = 10_000.0  # money enters the program in basis points of the account


@dataclass(frozen=True, slots=True)
class SharesCertificate:
    """How good a set of trades is known to be, in fractions of the account's value.

    ``objective`` is what the trades reach, ``bound`` what no trades can be below, ``gap`` their
    difference: at most 1e-7 when the best was proven in time, a hundredth of a won per 100,000.
    """

    objective: float
    bound: float
    gap: float
    solver: str = "highs"


def exact(
    problem: SharesProblem, start: Counts, *, seconds: float = 10.0
) -> tuple[Counts, SharesCertificate]:
    """Return the trades of least :func:`~jeoul.rebalance.problem.cost_of`, and their certificate.

    ``start`` are feasible trades, from the search, say: they are returned where nothing better is
    found within ``seconds``, or where HiGHS fails numerically, and then nothing is proven of them.
    Raises :class:`SolverFailed` if HiGHS stops for another reason.

    >>> from jeoul.rebalance.local_search import search
    >>> prices, none = np.array([30.0, 50.0]), np.array([0, 0])
    >>> problem = SharesProblem(np.array([60.0, 40.0]), prices, prices, prices, none,
    ...     100.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1, 0.0, 2, True, True, 1.0)
    >>> trades, proof = exact(problem, search(problem))
    >>> trades.tolist(), round(proof.objective, 6), proof.gap < 1e-9
    ([1, 1], 0.6, True)
    """
    import highspy

    value = problem.cash + problem.incoming + float(problem.held @ problem.price)
    reached = float(cost_of(problem, start))
    if not open_to_trade(problem).any():
        alone = reached / value if value > 0.0 else 0.0
        return start, SharesCertificate(alone, alone, 0.0)
    program, lots = _program(problem, value / _SCALE, reached), start // problem.lot
    highs = _solved(program, lots, seconds, _STRICT)
    if highs.getModelStatus() == highspy.HighsModelStatus.kSolveError:
        highs = _solved(program, lots, max(0.0, seconds - highs.getRunTime()), _USUAL)
    status = highs.getModelStatus()
    if status == highspy.HighsModelStatus.kSolveError:
        return start, SharesCertificate(reached / value, 0.0, reached / value)
    if status not in (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kTimeLimit):
        raise SolverFailed("highs", highs.modelStatusToString(status))
    trades = start
    if highs.getInfo().primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible:
        found = np.rint(highs.getSolution().col_value[: len(start)]).astype(np.int64) * problem.lot
        if _is_allowed(problem, found) and cost_of(problem, found) < reached:
            trades = found
    objective = float(cost_of(problem, trades) / value)
    # no objective is below 0: all there is to say if the time was over before the first bound
    bound = min(max(highs.getInfo().mip_dual_bound / _SCALE, 0.0), objective)
    return trades, SharesCertificate(objective, bound, objective - bound)


def certified(
    problem: SharesProblem, trades: Counts, *, seconds: float = 10.0
) -> SharesCertificate:
    """Return how far given trades can be from the best, without changing them.

    Where the best is found within ``seconds`` the gap is what the trades miss of it, to about 1e-7.
    """
    value = problem.cash + problem.incoming + float(problem.held @ problem.price)
    _, best = exact(problem, trades, seconds=seconds)
    reached = float(cost_of(problem, trades)) / value
    return SharesCertificate(reached, best.bound, reached - best.bound)


def _is_allowed(problem: SharesProblem, trades: Counts) -> bool:
    """Return whether rounding the solver's numbers left every rule intact.

    Real fees are whole and rounded down, so half a unit of tolerance never spends too much.
    """
    size = np.abs(trades) * np.where(trades > 0, problem.buy, problem.sell)
    return bool(
        cash_after(problem, trades) >= problem.floor - 0.5
        and np.all(problem.held + trades >= 0)
        and np.all(size[trades != 0] >= problem.min_trade)
        and np.count_nonzero(trades) <= problem.max_trades
    )


@dataclass
class _Program:
    """Rows of ``lower <= a x <= upper`` over columns with a cost, bounds and integrality.

    Columns: per instrument lots traded (an integer, negative to sell), distance from the target,
    costs and money spent; cash over and under its target; and, where orders have a least size or a
    greatest number, a switch per side.
    """

    cost: Reals
    least: Reals
    most: Reals
    whole: NDArray[np.bool_]
    rows: list[tuple[Reals, float, float]]

    def add(self, entries: dict[int, float], lower: float, upper: float) -> None:
        row = np.zeros(len(self.cost))
        row[list(entries)] = list(entries.values())
        self.rows.append((row, lower, upper))


def _program(problem: SharesProblem, unit: float, reached: float) -> _Program:
    n = len(problem.target)
    switched = problem.min_trade > 0.0 or problem.max_trades < n
    size = 4 * n + 2 + (2 * n if switched else 0)
    cost = np.concatenate([np.zeros(n), np.ones(2 * n), np.zeros(n), [problem.idle_weight, 1.0]])
    program = _Program(
        cost=np.concatenate([cost, np.zeros(size - len(cost))]),
        least=np.zeros(size),
        most=np.full(size, np.inf),
        whole=np.zeros(size, dtype=bool),
        rows=[],
    )
    program.whole[:n] = True
    program.least[:n], program.most[:n] = _range(problem, reached)
    if problem.spend_proceeds:
        program.least[3 * n : 4 * n] = -np.inf
    lot = problem.price * problem.lot / unit
    for i in range(n):
        _distance(program, problem, i, unit)
        buying = problem.buy[i] * problem.lot / unit * (1.0 + problem.buy_fee)
        selling = problem.sell[i] * problem.lot / unit * (1.0 - problem.sell_fee)
        program.add({i: lot[i] - buying, 2 * n + i: 1.0}, 0.0, np.inf)
        program.add({i: lot[i] - selling, 2 * n + i: 1.0}, 0.0, np.inf)
        program.add({i: -lot[i], 2 * n + i: -1.0, 3 * n + i: 1.0}, 0.0, np.inf)
    purse = (problem.cash - problem.floor) / unit
    program.add({3 * n + i: 1.0 for i in range(n)}, -np.inf, purse)
    start = (problem.cash + problem.incoming - problem.cash_target) / unit
    program.add({**dict(enumerate(lot)), 4 * n: 1.0, 4 * n + 1: -1.0}, start, start)
    if switched:
        _switch(program, problem)
    return program


def _range(problem: SharesProblem, reached: float) -> tuple[Reals, Reals]:
    """Return the lots between which a better answer lies: no distance exceeds what was reached."""
    lot = problem.price * problem.lot
    gap = problem.target - problem.held * problem.price
    least = np.ceil((gap - reached) / lot - 1e-6)
    most = np.floor((gap + reached) / lot + 1e-6)
    sellable = problem.held // problem.lot * (1 if problem.may_sell else 0)
    is_open = open_to_trade(problem)
    least = np.clip(least, -sellable, 0) * is_open
    return least, np.maximum(most, 0.0) * is_open


def _distance(program: _Program, problem: SharesProblem, i: int, unit: float) -> None:
    """Add the distance from the target: both slopes, and the edge between the nearest whole lots.

    The edge is the tightest line below the distance at whole lots; without it the relaxation
    believes that every target can be met exactly, and the search for the best takes minutes.
    """
    n = len(problem.target)
    lot = problem.price[i] * problem.lot / unit
    gap = (problem.target[i] - problem.held[i] * problem.price[i]) / unit
    program.add({i: lot, n + i: 1.0}, gap, np.inf)
    program.add({i: -lot, n + i: 1.0}, -gap, np.inf)
    below = np.floor(gap / lot)
    left, right = gap - below * lot, (below + 1.0) * lot - gap
    program.add({i: left - right, n + i: 1.0}, left - (right - left) * below, np.inf)


def _switch(program: _Program, problem: SharesProblem) -> None:
    """Add yes-or-no columns per side: no order too small, not too many, none both ways."""
    n = len(problem.target)
    buys, sells = 4 * n + 2, 5 * n + 2
    program.most[buys:], program.whole[buys:] = 1.0, True
    least_buy = np.maximum(np.ceil(problem.min_trade / (problem.buy * problem.lot)), 1.0)
    least_sell = np.maximum(np.ceil(problem.min_trade / (problem.sell * problem.lot)), 1.0)
    for i in range(n):
        most, least = program.most[i], program.least[i]
        program.add({i: 1.0, buys + i: -most, sells + i: least_sell[i]}, -np.inf, 0.0)
        program.add({i: 1.0, buys + i: -least_buy[i], sells + i: -least}, 0.0, np.inf)
        program.add({buys + i: 1.0, sells + i: 1.0}, -np.inf, 1.0)
    switches = range(buys, buys + 2 * n)
    program.add(dict.fromkeys(switches, 1.0), -np.inf, float(problem.max_trades))


def _solved(
    program: _Program, start: Counts, seconds: float, tolerances: tuple[tuple[str, Any], ...]
) -> highspy.Highs:
    import highspy

    matrix = np.array([row for row, _, _ in program.rows])
    places = matrix != 0.0
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = matrix.shape[1], matrix.shape[0]
    model.col_cost_ = program.cost
    model.col_lower_, model.col_upper_ = program.least, program.most
    model.row_lower_ = np.array([lower for _, lower, _ in program.rows])
    model.row_upper_ = np.array([upper for _, _, upper in program.rows])
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = np.concatenate([[0], np.cumsum(places.sum(axis=1))]).astype(np.int32)
    model.a_matrix_.index_ = np.nonzero(places)[1].astype(np.int32)
    model.a_matrix_.value_ = matrix[places]
    kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
    model.integrality_ = [kinds[int(whole)] for whole in program.whole]
    highs = silent_highs()
    for option, setting in (*_OPTIONS, *tolerances, ("time_limit", seconds)):
        highs.setOptionValue(option, setting)
    highs.passModel(model)
    highs.setSolution(len(start), np.arange(len(start), dtype=np.int32), start.astype(np.float64))
    highs.run()
    return highs
