"""The proven best of small accounts is the best of everything that can be tried, rule by rule."""

from __future__ import annotations

from itertools import product
from types import SimpleNamespace
from typing import Any

import highspy
import numpy as np
import pytest

from jeoul.errors import SolverFailed
from jeoul.rebalance import SharesProblem, cash_after, certified, cost_of
from jeoul.rebalance.milp import _range, exact
from jeoul.rebalance.problem import open_to_trade

STATUS = highspy.HighsModelStatus


def account(**changed: Any) -> SharesProblem:
    """Three funds, of which one is to be sold, one bought and one is nearly right."""
    price = np.array([30.0, 50.0, 70.0])
    problem = SharesProblem(
        target=np.array([100.0, 245.0, 160.0]),
        price=price,
        buy=price,
        sell=price,
        held=np.array([7, 1, 2]),
        cash=110.0,
        incoming=0.0,
        cash_target=20.0,
        floor=0.0,
        buy_fee=0.0,
        sell_fee=0.0,
        lot=1,
        min_trade=0.0,
        max_trades=3,
        may_sell=True,
        spend_proceeds=True,
        idle_weight=1.0,
    )
    arrays: dict[str, Any] = {k: np.array(v) for k, v in changed.items() if type(v) is list}
    return problem._replace(**{**changed, **arrays})


def everything(problem: SharesProblem) -> float:
    """Return the least objective over all trades that keep every rule."""
    least, free = np.inf, open_to_trade(problem)
    ways = [range(-int(n), 9) if is_open else range(1) for n, is_open in zip(problem.held, free)]  # noqa: B905
    for lots in product(*ways):
        trades = np.array(lots)
        size = np.abs(trades) * np.where(trades > 0, problem.buy, problem.sell)
        if (
            not (trades % problem.lot).any()
            and (problem.may_sell or (trades >= 0).all())
            and (size[trades != 0] >= problem.min_trade).all()
            and np.count_nonzero(trades) <= problem.max_trades
            and cash_after(problem, trades) >= problem.floor - 1e-9
        ):
            least = min(least, float(cost_of(problem, trades)))
    return least


RULES: tuple[dict[str, Any], ...] = (
    {},
    {"may_sell": False},
    {"spend_proceeds": False},
    {"spend_proceeds": False, "cash": 230.0, "floor": 90.0},
    {"floor": 60.0},
    {"floor": 60.0, "may_sell": False, "cash": 260.0},
    {"incoming": 90.0},
    {"incoming": 90.0, "cash_target": 160.0},
    {"cash_target": 0.0, "idle_weight": 4.0},
    {"cash_target": 0.0, "idle_weight": 1.2, "may_sell": False},
    {"buy_fee": 0.2},
    {"sell_fee": 0.3},
    {"buy_fee": 0.05, "sell_fee": 0.1, "spend_proceeds": False, "cash": 200.0},
    {"buy": [33.0, 58.0, 71.0]},
    {"sell": [22.0, 41.0, 60.0]},
    {"lot": 2},
    {"lot": 3, "cash": 400.0},
    {"min_trade": 60.0},
    {"min_trade": 100.0},
    {"min_trade": 60.0, "may_sell": False, "cash": 300.0},
    {"min_trade": 91.0, "buy": [33.0, 58.0, 71.0], "sell": [22.0, 41.0, 60.0]},
    {"max_trades": 0},
    {"max_trades": 1},
    {"max_trades": 2, "target": [40.0, 300.0, 20.0]},
    {"max_trades": 1, "min_trade": 100.0, "lot": 2},
    {"target": [0.0, 0.0, 0.0], "cash_target": 500.0},
    {"target": [220.0, 60.0, 130.0]},
    {"held": [0, 0, 0], "cash": 505.0},
    {"held": [7, 0, 5], "target": [0.0, 300.0, 0.0], "sell_fee": 0.02, "max_trades": 2},
)


@pytest.mark.parametrize("rules", RULES, ids=lambda rules: " ".join(rules) or "no rules")
def test_nothing_that_can_be_tried_is_better(rules: dict[str, Any]) -> None:
    problem = account(**rules)
    trades, proof = exact(problem, np.zeros(3, dtype=np.int64))
    value = problem.cash + problem.incoming + float(problem.held @ problem.price)
    best = everything(problem)
    assert cost_of(problem, trades) == pytest.approx(best, abs=1e-6)
    assert proof.objective == pytest.approx(best / value, abs=1e-9)
    assert 0.0 <= proof.gap <= 1e-6
    assert proof.bound == proof.objective - proof.gap
    assert certified(problem, trades).gap <= 1e-6


@pytest.mark.parametrize(
    ("held", "reached", "rules", "least", "most"),
    [
        (4, 25.0, {}, 0, 8),  # 60 below its target: two shares more than that miss it by 20
        (4, 30.0, {}, 0, 9),
        (4, 29.9, {}, 0, 8),
        (4, 95.0, {}, -3, 15),
        (4, 500.0, {}, -4, 56),
        (20, 25.0, {}, -12, 0),
        (20, 20.0, {}, -12, 0),
        (20, 500.0, {"may_sell": False}, 0, 40),
        (9, 500.0, {"lot": 2}, -4, 25),
        (4, 500.0, {"min_trade": 60.0}, -4, 56),
        (4, 500.0, {"min_trade": 60.1}, 0, 0),
    ],
)
def test_a_better_answer_is_looked_for_where_no_distance_exceeds_what_was_reached(
    held: int, reached: float, rules: Any, least: int, most: int
) -> None:
    one = {"target": [100.0], "price": [10.0], "buy": [10.0], "sell": [10.0], "held": [held]}
    lowest, highest = _range(account(**one, **rules), reached)
    assert (lowest.tolist(), highest.tolist()) == ([least], [most])


class Solver:
    """HiGHS that stopped somehow, with some lots, a bound, and after some seconds."""

    def __init__(self, status: Any, lots: Any = (), *, bound: float = 0.0, took: float = 0.0):
        self.status, self.lots, self.bound, self.took = status, lots, bound, took

    def getModelStatus(self) -> Any:  # noqa: N802  HiGHS' own names, here and below
        return self.status

    def getRunTime(self) -> float:  # noqa: N802
        return self.took

    def modelStatusToString(self, status: Any) -> str:  # noqa: N802
        return str(status)

    def getInfo(self) -> Any:  # noqa: N802
        kinds = highspy.SolutionStatus
        found = kinds.kSolutionStatusFeasible if len(self.lots) else kinds.kSolutionStatusNone
        return SimpleNamespace(primal_solution_status=found, mip_dual_bound=self.bound)

    def getSolution(self) -> Any:  # noqa: N802
        return SimpleNamespace(col_value=np.array([*self.lots, 99.0]))


def answered(monkeypatch: pytest.MonkeyPatch, *answers: Solver) -> list[tuple[float, Any]]:
    """Let HiGHS answer in turn; return the seconds and tolerances that it was given."""
    given, left = [], list(answers)

    def solved(_: Any, __: Any, seconds: float, tolerances: Any) -> Solver:
        given.append((seconds, dict(tolerances)))
        return left.pop(0)

    monkeypatch.setattr("jeoul.rebalance.milp._solved", solved)
    return given


NOTHING = np.zeros(3, dtype=np.int64)
BETTER = [-3.0, 4.0, 0.0]


def test_what_the_strictest_tolerances_cannot_solve_is_tried_in_the_time_that_is_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for took, left in ((3.0, 5.0), (9.0, 0.0)):
        failed = Solver(STATUS.kSolveError, took=took)
        given = answered(monkeypatch, failed, Solver(STATUS.kOptimal, BETTER))
        trades, _ = exact(account(), NOTHING, seconds=8.0)
        assert trades.tolist() == [-3, 4, 0]
        assert [seconds for seconds, _ in given] == [8.0, left]
        assert given[0][1]["mip_feasibility_tolerance"] < given[1][1]["mip_feasibility_tolerance"]


@pytest.mark.parametrize("status", [STATUS.kOptimal, STATUS.kTimeLimit])
def test_an_answer_is_taken_whether_it_is_proven_or_the_time_was_over(
    monkeypatch: pytest.MonkeyPatch, status: Any
) -> None:
    answered(monkeypatch, Solver(status, BETTER, bound=500.0))
    trades, proof = exact(account(), NOTHING)
    value = 110.0 + 7 * 30.0 + 50.0 + 140.0
    assert trades.tolist() == [-3, 4, 0]
    # 20 of each fund, 5 of the second, and no cash where 20 are wanted
    assert proof.objective == pytest.approx((20.0 + 5.0 + 20.0 + 20.0 - 20.0) / value, abs=0.2)
    assert proof.bound == min(0.05, proof.objective)  # 500 basis points
    assert proof.gap == proof.objective - proof.bound


@pytest.mark.parametrize("bound", [-5.0, 10_000.0])
def test_a_bound_is_neither_below_nothing_nor_above_what_was_reached(
    monkeypatch: pytest.MonkeyPatch, bound: float
) -> None:
    answered(monkeypatch, Solver(STATUS.kOptimal, BETTER, bound=bound))
    _, proof = exact(account(), NOTHING)
    assert proof.bound == (0.0 if bound < 0.0 else proof.objective)


def test_a_solver_that_stops_otherwise_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    answered(monkeypatch, Solver(STATUS.kInfeasible, BETTER))
    with pytest.raises(SolverFailed):
        exact(account(), NOTHING)


def test_without_an_answer_or_with_a_worse_one_the_trades_that_were_there_stand(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    start = np.array([-3, 4, 0])
    for lots in ((), [0.0, 0.0, 0.0], [-3.0, 4.0, 0.0]):
        answered(monkeypatch, Solver(STATUS.kTimeLimit, lots))
        assert exact(account(), start)[0] is start


@pytest.mark.parametrize(
    ("rules", "lots", "taken"),
    [
        ({"cash": 110.0, "held": [0, 0, 0]}, [2.0, 1.0, 0.0], True),  # the last won
        ({"cash": 109.5, "held": [0, 0, 0]}, [2.0, 1.0, 0.0], True),  # fees are rounded down
        ({"cash": 109.4, "held": [0, 0, 0]}, [2.0, 1.0, 0.0], False),
        ({"floor": 60.0, "held": [0, 0, 0]}, [0.0, 1.0, 0.0], True),
        ({"floor": 61.0, "held": [0, 0, 0]}, [0.0, 1.0, 0.0], False),
        ({"target": [0.0, 245.0, 160.0]}, [-7.0, 4.0, 0.0], True),
        ({"target": [0.0, 245.0, 160.0], "held": [6, 1, 2]}, [-7.0, 4.0, 0.0], False),
        ({"min_trade": 90.0}, BETTER, True),
        ({"min_trade": 91.0}, BETTER, False),
        ({"max_trades": 2}, BETTER, True),
        ({"max_trades": 1}, BETTER, False),
        ({"lot": 2}, [-1.0, 1.0, 0.0], True),
        ({}, [-2.9999, 4.0001, 0.0001], True),  # the solver's numbers are nearly whole
    ],
)
def test_an_answer_is_taken_only_where_its_whole_shares_keep_every_rule(
    monkeypatch: pytest.MonkeyPatch, rules: Any, lots: Any, taken: bool
) -> None:
    answered(monkeypatch, Solver(STATUS.kOptimal, lots))
    problem = account(**rules)
    trades, _ = exact(problem, NOTHING)
    assert trades.tolist() == (np.rint(lots) * problem.lot * taken).tolist()


def test_where_nothing_may_be_traded_that_is_the_best() -> None:
    still = account(min_trade=1e9)
    trades, proof = exact(still, NOTHING)
    assert trades is NOTHING
    assert proof.objective == proof.bound == pytest.approx(cost_of(still, NOTHING) / 510.0)
    empty = account(min_trade=1e9, held=[0, 0, 0], cash=0.0, cash_target=0.0)
    assert exact(empty, NOTHING)[1].objective == 0.0


def test_given_trades_miss_the_best_by_the_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = account()
    reached = cost_of(problem, NOTHING) / 510.0
    answered(monkeypatch, Solver(STATUS.kOptimal, BETTER, bound=100.0))
    found = certified(problem, NOTHING)
    assert found.objective == pytest.approx(reached)
    assert found.bound == 0.01
    assert found.gap == pytest.approx(reached - 0.01)
    assert found.solver == "highs"
