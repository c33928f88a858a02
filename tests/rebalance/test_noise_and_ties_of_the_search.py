"""What the search takes for noise, what it starts from, and which of equals it looks at first."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest

from jeoul.rebalance import SharesProblem, cost_of, drift, search
from jeoul.rebalance import local_search as steps

LARGE = 1e13
"""So much money that what the search takes for noise is ten units: 1e-12 of it."""


def large(prices: list[float], over: float, **changed: Any) -> SharesProblem:
    """Funds without a target; each share of one puts idle cash to work and gains its price."""
    price, n = np.array(prices), len(prices)
    problem = SharesProblem(
        price * 0.0, price, price, price, np.zeros(n, dtype=np.int64), LARGE, 0.0, LARGE - over,
        0.0, 0.0, 0.0, 1, 0.0, n, True, True, 2.0,
    )  # fmt: skip
    return problem._replace(**changed)


@pytest.mark.parametrize(
    ("prices", "over", "trades"),
    [
        ([9.0], 9.0, [0]),
        ([10.0], 10.0, [0]),  # no more than noise
        ([11.0], 11.0, [1]),
        # what is noise alone may be more together with another or with two
        ([10.0, 10.0], 20.0, [1, 1]),
        ([5.0, 5.0], 10.0, [0, 0]),
        ([5.0, 5.0, 5.0], 15.0, [1, 1, 1]),
        ([2.0, 3.0, 5.0], 10.0, [0, 0, 0]),
        ([3.0, 3.0, 5.0], 11.0, [1, 1, 1]),
    ],
)
def test_what_gains_less_than_a_part_in_a_million_million_is_noise(
    prices: list[float], over: float, trades: list[int]
) -> None:
    assert 1e-12 * LARGE == 10.0
    problem = large(prices, over)
    n = len(prices)
    found = steps._improved(problem, np.ones(n, dtype=bool), np.zeros(n, dtype=np.int64))
    assert found.tolist() == trades


@pytest.mark.parametrize(
    ("price", "changed", "trades"),
    [
        # what is owed beyond the cash is as much money as what is there
        (9.0, {"incoming": -2.0 * LARGE, "cash_target": -LARGE - 9.0}, 0),
        (11.0, {"incoming": -2.0 * LARGE, "cash_target": -LARGE - 11.0}, 1),
    ],
)
def test_noise_is_measured_by_the_money_whatever_its_sign(
    price: float, changed: Any, trades: int
) -> None:
    problem = large([price], price, **changed)
    found = steps._improved(problem, np.array([True]), np.array([0]))
    assert found.tolist() == [trades]


@pytest.mark.parametrize(("price", "trades"), [(19.0, 0), (21.0, 1)])
def test_noise_is_measured_by_the_cash_and_by_the_targets(price: float, trades: int) -> None:
    problem = large([price, 1.0], price)
    problem = problem._replace(target=np.array([0.0, LARGE]), held=np.array([0, 10**13]))
    found = steps._improved(problem, np.array([True, False]), np.array([0, 0]))
    assert found.tolist() == [trades, 0]


def test_two_funds_that_are_as_good_but_for_rounding_are_not_exchanged() -> None:
    tens = np.array([10.0, 10.0])
    for less, found in ((1e-8, [0, 6]), (1e-6, [6, 0])):
        problem = SharesProblem(
            np.array([60.0, 60.0 - less]), tens, tens, tens, np.array([0, 0]), 200.0, 0.0, 0.0,
            0.0, 0.0, 0.0, 1, 0.0, 1, True, True, 1.0,
        )  # fmt: skip
        assert steps._exchanged(problem, np.array([0, 6])).tolist() == found


@pytest.mark.parametrize(
    ("target", "held", "cash", "trades"),
    [(60.0, 0, 200.0, 6), (60.0, 0, 45.0, 4), (60.0, 0, 0.0, 0), (20.0, 5, 0.0, -3)],
)
def test_a_single_fund_begins_as_one_of_many_does(
    target: float, held: int, cash: float, trades: int
) -> None:
    ten = np.array([10.0])
    problem = SharesProblem(
        np.array([target]), ten, ten, ten, np.array([held]), cash, 0.0, 0.0, 0.0, 0.0, 0.0, 1,
        0.0, 1, True, True, 1.0,
    )  # fmt: skip
    assert steps._start(problem, np.array([True])).tolist() == [trades]


def moves_of(ups: list[float]) -> Any:
    """Return moves of one lot up with these costs, which move no cash; none goes down."""
    moves = np.zeros((2, 4, len(ups)))
    moves[steps.DOWN, steps.COST, :] = np.inf
    moves[steps.UP, steps.COST, :] = ups
    return moves


@pytest.mark.parametrize(
    ("ups", "gain", "chosen"),
    [
        # the first three gain 50, more than any move alone, and the last three more still
        ([-15.0, -15.0, -20.0, -20.0, -20.0], -60.0, [2, 3, 4]),
        ([-20.0, -15.0, -15.0, -20.0, -20.0], -60.0, [0, 3, 4]),
        ([-20.0, -20.0, -20.0, -20.0], -60.0, [0, 1, 2]),
        ([5.0, -3.0, 4.0, -3.0, 1.0], -5.0, [1, 3, 4]),
    ],
)
def test_three_moves_are_given_up_only_where_no_third_could_help(
    ups: list[float], gain: float, chosen: list[int]
) -> None:
    n = len(ups)
    ones, none = np.ones(n), np.zeros(n, dtype=np.int64)
    still = SharesProblem(
        ones, ones, ones, ones, none, 9.0, 0.0, 9.0, 0.0, 0.0, 0.0, 1, 0.0, n, True, True, 1.0
    )
    found = np.full(3, -1)
    assert steps._triple(still, moves_of(ups), 9.0, 9.0, found) == gain
    assert found.tolist() == [2 * i + steps.UP for i in chosen]


def places(costs: Any) -> list[int]:
    moves = np.full((2, 4, len(costs)), np.inf)
    moves[steps.UP, steps.COST, :] = costs
    found: list[int] = steps._nearest(moves).tolist()
    return found


def test_the_24_nearest_do_not_hang_on_where_the_halving_meets_the_costs_of_others() -> None:
    # the costs of the others are just where the first halving looks
    costs = np.full(101, 0.5)
    costs[76:100], costs[100] = 0.0, 1.0
    assert places(costs) == list(range(76, 100))


@pytest.mark.parametrize(("bits", "near"), [(39, 24), (40, 24), (41, 23)])
def test_costs_are_told_apart_to_the_fortieth_halving(bits: int, near: int) -> None:
    # the 24th lies half a step before all others, which are as near as can be
    costs = np.full(101, 0.5 + 1.5 * 2.0**-bits)
    costs[:23], costs[23], costs[100] = 0.0, 0.5 + 2.0**-bits, 1.0
    assert places(costs) == list(range(near))


def test_of_one_fund_more_than_are_looked_at_the_dearest_is_left_out() -> None:
    costs = np.full(101, np.inf)
    costs[10:35] = np.arange(25.0)[::-1]
    assert places(costs) == list(range(11, 35))


class Label(str):
    """A label that a set keeps in the place that it is given, not in its order."""

    place: int

    def __hash__(self) -> int:
        return self.place


def label(text: str, place: int) -> Label:
    found = Label(text)
    found.place = place
    return found


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (2, 3, 0, 1)])
def test_a_drift_is_the_same_in_whatever_order_a_set_keeps_its_labels(order: Any) -> None:
    # from the left the small ones are lost one by one; together they would lift the sum
    amounts = (2.0**54, 2.0, 2.0**-52, 2.0**-52)
    assert sum(amounts) == 2.0**54 != sum(reversed(amounts))
    labels: list[str] = [label(text, place) for text, place in zip("ABCD", order, strict=True)]
    now = dict(zip(labels, amounts, strict=True))
    assert drift(now, {}) == drift({}, now) == 2.0**53


def accounts(seed: int) -> SharesProblem:
    """Return an account of two or three funds with any rules, small enough to try everything."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 4))
    price = rng.integers(5, 15, n).astype(float)
    held = rng.integers(0, 4, n)
    cash = float(rng.integers(20, 70))
    return SharesProblem(
        target=rng.integers(0, 40, n).astype(float),
        price=price,
        buy=price + rng.integers(0, 2),
        sell=price - rng.integers(0, 2),
        held=held,
        cash=cash,
        incoming=float(rng.choice([0.0, 9.0])),
        cash_target=float(rng.integers(0, 20)),
        floor=float(rng.choice([0.0, 8.0])),
        buy_fee=float(rng.choice([0.0, 0.03])),
        sell_fee=float(rng.choice([0.0, 0.05])),
        lot=int(rng.choice([1, 1, 2])),
        min_trade=float(rng.choice([0.0, 0.0, 12.0])),
        max_trades=int(rng.choice([1, n])),
        may_sell=bool(rng.random() < 0.7),
        spend_proceeds=bool(rng.random() < 0.7),
        idle_weight=float(rng.choice([1.0, 1.3])),
    )


def best_of(problem: SharesProblem) -> float:
    """Return the least objective of all whole-share orders that keep every rule."""
    lot = problem.lot
    gaps = np.abs(problem.target - problem.held * problem.price)
    ways = [
        range(-(held // lot) * lot if problem.may_sell else 0, 13, lot) if is_open else (0,)
        for held, is_open in zip(problem.held.tolist(), gaps >= problem.min_trade, strict=True)
    ]
    trades = np.array(list(product(*ways)))
    buys = trades > 0
    size = np.abs(trades) * np.where(buys, problem.buy, problem.sell)
    paid = np.where(buys, size * (1.0 + problem.buy_fee), -size * (1.0 - problem.sell_fee))
    moved = trades * problem.price
    idle = problem.cash + problem.incoming - moved.sum(axis=1) - problem.cash_target
    cost = np.abs(problem.target - problem.held * problem.price - moved) + paid - moved
    whole = cost.sum(axis=1) + np.where(idle > 0.0, problem.idle_weight * idle, -idle)
    spent = np.where(buys | problem.spend_proceeds, paid, 0.0).sum(axis=1)
    kept = (
        ((size >= problem.min_trade) | (trades == 0)).all(axis=1)
        & (np.count_nonzero(trades, axis=1) <= problem.max_trades)
        & (problem.cash - spent >= problem.floor)
    )
    return float(whole[kept].min())


def test_of_small_accounts_the_search_finds_the_best_of_everything_in_nearly_all() -> None:
    missed = []
    for seed in range(80):
        problem = accounts(seed)
        found, best = cost_of(problem, search(problem)), best_of(problem)
        assert found >= best - 1e-9, seed
        missed.append(found - best)
    assert sum(each < 1e-9 for each in missed) >= 77
    assert max(missed) < 6.0
