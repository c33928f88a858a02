"""The search itself: compiled and plain alike, and never far from the proven best."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import highspy
import numba
import numpy as np
import pytest

from jeoul.rebalance import SharesProblem, cash_after, compile_search, cost_of, search
from jeoul.rebalance.milp import certified, exact


def restless(seed: Any, instruments: Any = 15) -> Any:
    """Return an account with every rule in play somewhere over the seeds."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(0, instruments + 1))
    price = np.floor(rng.uniform(2_000, 48_000, n))
    held = rng.integers(0, 60, n) * (rng.random(n) < 0.7)
    cash = float(rng.integers(0, 3_000_000))
    value = cash + float(held @ price)
    fee = float(rng.choice([0.0, 0.000140527, 0.001]))
    return SharesProblem(
        target=rng.dirichlet(np.ones(n)) * value if n else np.zeros(0),
        price=price,
        buy=price + rng.choice([0.0, 5.0]),
        sell=price - rng.choice([0.0, 5.0]),
        held=held,
        cash=cash,
        incoming=float(rng.choice([0.0, 400_000.0])),
        cash_target=0.02 * value,
        floor=min(float(rng.choice([0.0, 0.02 * value])), cash),
        buy_fee=fee,
        sell_fee=fee,
        lot=int(rng.choice([1, 1, 10])),
        min_trade=float(rng.choice([0.0, 50_000.0])),
        max_trades=int(rng.integers(0, n + 1)) if rng.random() < 0.5 else n,
        may_sell=bool(rng.random() < 0.7),
        spend_proceeds=bool(rng.random() < 0.5),
        idle_weight=float(rng.choice([1.0, 1.003])),
    )


@pytest.fixture(scope="module")
def compiled() -> Any:
    return compile_search(numba.njit)


def test_the_compiled_search_gives_the_same_trades_on_120_accounts(compiled: Any) -> None:
    for seed in range(120):
        problem = restless(seed)
        np.testing.assert_array_equal(compiled(problem), search(problem))


def test_trades_keep_every_rule(compiled: Any) -> None:
    for seed in range(1_000):
        problem = restless(seed)
        trades = compiled(problem)
        amounts = np.where(trades > 0, trades * problem.buy, -trades * problem.sell)
        assert np.all(problem.held + trades >= 0)
        assert cash_after(problem, trades) >= problem.floor - 1e-6
        assert np.all(amounts[trades != 0] >= problem.min_trade)
        assert np.count_nonzero(trades) <= problem.max_trades
        assert np.all(trades % problem.lot == 0)
        assert problem.may_sell or np.all(trades >= 0)
        assert cost_of(problem, trades) <= cost_of(problem, np.zeros_like(trades)) + 1e-6


def test_on_average_it_is_within_20_basis_points_of_what_is_proven(compiled: Any) -> None:
    above = []
    for seed in range(15):
        problem = restless(seed)
        # what happens together: a rebalancing may sell, a deposit may not and puts cash to work
        problem = problem._replace(lot=1, idle_weight=1.0 if problem.may_sell else 1.003)
        if not len(problem.price):
            continue
        trades = compiled(problem)
        value = problem.cash + problem.incoming + float(problem.held @ problem.price)
        best, proof = exact(problem, trades, seconds=1)
        assert cash_after(problem, best) >= problem.floor - 0.5
        assert proof.objective <= cost_of(problem, trades) / value
        above.append((cost_of(problem, trades) / value - proof.bound) * 1e4)
    assert 0.0 <= np.mean(above) <= 20.0


def test_a_proof_cut_short_says_how_far_it_got() -> None:
    problem = restless(4)._replace(lot=1, min_trade=0.0)
    start = np.zeros(len(problem.price), dtype=np.int64)
    trades, proof = exact(problem, start, seconds=1e-6)
    assert proof.bound <= proof.objective <= cost_of(problem, start)
    assert proof.gap == proof.objective - proof.bound
    assert trades.shape == start.shape


def test_trades_that_miss_the_best_are_certified_by_what_they_miss() -> None:
    problem = two_funds()
    none = np.array([0, 0])
    best, proof = exact(problem, none)
    found = certified(problem, none)
    assert best.tolist() == [1, 1]
    assert found.objective == pytest.approx(cost_of(problem, none) / 100.0)
    assert found.gap == pytest.approx(found.objective - proof.objective, abs=1e-6)
    assert certified(problem, best).gap < 1e-6


class Answer:
    """A solver that stopped with some status and some lots."""

    def __init__(self, status: Any, lots: Any = ()) -> None:
        self.status, self.lots = status, lots

    def getModelStatus(self) -> Any:  # noqa: N802  HiGHS' own names, here and below
        return self.status

    def getRunTime(self) -> Any:  # noqa: N802
        return 0.0

    def getInfo(self) -> Any:  # noqa: N802
        feasible = highspy.SolutionStatus.kSolutionStatusFeasible
        return SimpleNamespace(primal_solution_status=feasible, mip_dual_bound=0.0)

    def getSolution(self) -> Any:  # noqa: N802
        return SimpleNamespace(col_value=np.array(self.lots, dtype=float))


def two_funds(**changed: Any) -> Any:
    prices = np.array([30.0, 50.0])
    problem = SharesProblem(
        target=np.array([60.0, 40.0]),
        price=prices,
        buy=prices,
        sell=prices,
        held=np.array([0, 0]),
        cash=100.0,
        incoming=0.0,
        cash_target=0.0,
        floor=0.0,
        buy_fee=0.0,
        sell_fee=0.0,
        lot=1,
        min_trade=0.0,
        max_trades=2,
        may_sell=True,
        spend_proceeds=True,
        idle_weight=1.0,
    )
    return problem._replace(**changed)


def test_where_the_solver_fails_the_search_stands_and_nothing_is_proven(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    failed = Answer(highspy.HighsModelStatus.kSolveError)
    monkeypatch.setattr("jeoul.rebalance.milp._solved", lambda *_: failed)
    problem, start = two_funds(), np.array([1, 1])
    trades, proof = exact(problem, start)
    assert trades.tolist() == start.tolist()
    assert proof.objective == proof.gap == cost_of(problem, start) / 100.0
    assert proof.bound == 0.0


@pytest.mark.parametrize("rule", [{"min_trade": 40.0}, {"max_trades": 1}])
def test_what_rounding_takes_out_of_the_rules_is_not_returned(
    monkeypatch: pytest.MonkeyPatch, rule: Any
) -> None:
    answer = Answer(highspy.HighsModelStatus.kOptimal, [1.0, 1.0])
    monkeypatch.setattr("jeoul.rebalance.milp._solved", lambda *_: answer)
    start = np.array([0, 1])
    assert exact(two_funds(**rule), start)[0].tolist() == start.tolist()
    assert exact(two_funds(), start)[0].tolist() == [1, 1]


def test_a_share_that_is_not_held_is_never_sold_whatever_the_solver_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answer = Answer(highspy.HighsModelStatus.kOptimal, [-1.0, 2.0])
    monkeypatch.setattr("jeoul.rebalance.milp._solved", lambda *_: answer)
    problem, start = two_funds(target=np.array([0.0, 130.0])), np.array([0, 1])
    assert cost_of(problem, np.array([-1, 2])) < cost_of(problem, start)
    trades, _ = exact(problem, start)
    assert trades.tolist() == [0, 1]
