"""The steps of the search, each by hand or against everything that the step may choose from."""

from __future__ import annotations

from itertools import combinations, product
from typing import Any

import numpy as np
import pytest
from tests.rebalance.two_funds import two_funds

from jeoul.rebalance import SharesProblem, cash_after, cost_of, search
from jeoul.rebalance import local_search as steps
from jeoul.rebalance.problem import effect, open_to_trade


def account(**changed: Any) -> SharesProblem:
    """Two funds, of which the first is to be bought and the second to be sold."""
    plain = {"incoming": 0.0, "cash_target": 0.0, "idle_weight": 1.0}
    return two_funds(**{**plain, **changed})


def restless(seed: int, n: int = 5, **changed: Any) -> SharesProblem:
    """Return an account in which every rule is in play somewhere over the seeds."""
    rng = np.random.default_rng(seed)
    price = np.floor(rng.uniform(20, 90, n))
    held = rng.integers(0, 9, n)
    cash = float(rng.integers(100, 500))
    value = cash + float(held @ price)
    problem = SharesProblem(
        target=rng.dirichlet(np.ones(n)) * value,
        price=price,
        buy=price + rng.integers(0, 3),
        sell=price - rng.integers(0, 3),
        held=held,
        cash=cash,
        incoming=float(rng.choice([0.0, 90.0])),
        cash_target=float(rng.choice([0.0, 70.0])),
        floor=float(rng.choice([0.0, 50.0])),
        buy_fee=0.01,
        sell_fee=0.02,
        lot=int(rng.choice([1, 1, 2])),
        min_trade=float(rng.choice([0.0, 0.0, 60.0])),
        max_trades=n,
        may_sell=bool(rng.random() < 0.8),
        spend_proceeds=bool(rng.random() < 0.7),
        idle_weight=float(rng.choice([1.0, 1.3])),
    )
    return problem._replace(**changed)


def test_flags_and_trades_are_counted_and_gaps_added_up() -> None:
    flags = [([], False), ([False, False], False), ([False, True], True), ([True], True)]
    assert [steps._any(np.array(given)) for given, _ in flags] == [any_ for _, any_ in flags]
    assert steps._traded(np.array([0, -1, 0, 7])) == 2
    assert steps._traded(np.array([0])) == 0
    assert steps._total(np.array([1.5, -2.0, 0.0])) == 3.5
    assert steps._total(np.array([])) == 0.0


@pytest.mark.parametrize(
    ("trades", "place"),
    [([3, -1], 1), ([1, -1], 0), ([2, -1], 0), ([0, -9], 1), ([9, 0], 0), ([0, 0], 0)],
)
def test_the_smallest_order_is_that_of_least_money(trades: Any, place: int) -> None:
    assert steps._smallest(account(), np.array(trades)) == place


@pytest.mark.parametrize(
    ("trade", "admitted"), [(0, 0), (1, 0), (2, 2), (3, 3), (-2, 0), (-3, -3), (-4, -4), (-5, 0)]
)
def test_an_order_is_neither_too_small_nor_sells_what_is_not_there(
    trade: int, admitted: int
) -> None:
    # 22 are two shares at 11, and more than two at 9
    assert steps._admitted(account(min_trade=22.0), 0, trade) == admitted


UP, DOWN = steps.UP, steps.DOWN


@pytest.mark.parametrize(
    ("rules", "held", "trade", "way", "there"),
    [
        ({}, 4, 0, UP, 1),
        ({}, 4, 0, DOWN, -1),
        ({}, 4, -4, DOWN, -4),
        ({}, 4, -3, DOWN, -4),
        ({}, 0, 0, DOWN, 0),
        ({"lot": 2}, 4, 0, UP, 2),
        ({"lot": 2}, 4, 2, DOWN, 0),
        ({"lot": 2}, 5, -4, DOWN, -4),
        ({"may_sell": False}, 4, 0, DOWN, 0),
        ({"may_sell": False}, 4, 1, DOWN, 0),
        ({"may_sell": False}, 4, 2, DOWN, 1),
        ({"may_sell": False}, 4, 0, UP, 1),
        # orders of 60 and more are 6 shares at 11 to buy, and 7 at 9 to sell
        ({"min_trade": 60.0}, 9, 0, UP, 6),
        ({"min_trade": 60.0}, 9, 6, UP, 7),
        ({"min_trade": 60.0}, 9, 7, DOWN, 6),
        ({"min_trade": 60.0}, 9, 6, DOWN, 0),
        ({"min_trade": 60.0}, 9, 0, DOWN, -7),
        ({"min_trade": 60.0}, 7, 0, DOWN, -7),
        ({"min_trade": 60.0}, 6, 0, DOWN, 0),
        ({"min_trade": 60.0}, 9, -8, UP, -7),
        ({"min_trade": 60.0}, 9, -7, UP, 0),
        ({"min_trade": 66.0}, 9, 0, UP, 6),
        ({"min_trade": 67.0}, 9, 0, UP, 7),
        ({"min_trade": 60.0, "lot": 2}, 9, 0, DOWN, -8),
        ({"min_trade": 60.0, "lot": 4}, 9, 0, UP, 8),
    ],
)
def test_the_next_trade_is_one_lot_on_or_the_first_that_is_large_enough(
    rules: Any, held: int, trade: int, way: int, there: int
) -> None:
    problem = account(held=np.array([held, 5]), **rules)
    assert steps._neighbour(problem, 0, trade, way) == there


@pytest.mark.parametrize(
    ("gaps", "budget", "level"),
    [([60.0, 40.0], 40.0, 30.0), ([60.0, 40.0], 10.0, 50.0), ([60.0, 40.0], 60.0, 20.0),
     ([8.0], 2.0, 6.0), ([16.0, 0.0, 16.0], 16.0, 8.0)],
)  # fmt: skip
def test_money_closes_the_largest_gaps_down_to_one_level(
    gaps: Any, budget: float, level: float
) -> None:
    found = steps._level(np.array(gaps), budget)
    assert found == pytest.approx(level, abs=1e-12)
    assert sum(max(gap - found, 0.0) for gap in gaps) <= budget


def test_a_level_that_halving_meets_is_exact() -> None:
    assert steps._level(np.array([60.0, 40.0]), 40.0) == 30.0
    assert steps._level(np.array([]), 1.0) == 0.0
    assert 0.0 < steps._level(np.array([60.0, 40.0]), 100.0) < 1e-15


@pytest.mark.parametrize(
    ("rules", "allowed", "trades"),
    [
        # 50 too much are two shares of 20; they bring 28.8, with which 53.8 buy 4 at 12.1
        ({}, (True, True), [4, -2]),
        ({"cash": 24.5}, (True, True), [3, -2]),
        ({"cash": 24.7}, (True, True), [4, -2]),
        ({"cash": 200.0, "target": np.array([105.0, 50.0])}, (True, True), [6, -2]),
        ({"spend_proceeds": False}, (True, True), [2, -2]),
        ({"spend_proceeds": False, "cash": 17.2}, (True, True), [1, -2]),
        ({"spend_proceeds": False, "cash": 17.0}, (True, True), [0, -2]),
        ({"spend_proceeds": False, "cash": 5.0}, (True, True), [0, -2]),
        ({"spend_proceeds": False, "cash": 1.0}, (True, True), [0, -2]),
        ({"may_sell": False}, (True, True), [2, 0]),
        ({}, (False, True), [0, -2]),
        ({}, (True, False), [2, 0]),
        ({"lot": 2}, (True, True), [4, -2]),
        ({"lot": 3}, (True, True), [0, 0]),
        ({"min_trade": 36.0}, (True, True), [4, -2]),
        ({"min_trade": 36.1}, (True, True), [0, 0]),
        ({"held": np.array([10, 5])}, (True, True), [0, -2]),
        ({"held": np.array([0, 0]), "cash": 300.0}, (True, True), [10, 2]),
        # 121 and 57.75 would close all; with 105 and 145 gaps of 36.9 and 16.9 stay open in each
        ({"held": np.array([0, 0]), "cash": 110.0}, (True, True), [6, 0]),
        ({"held": np.array([0, 0]), "cash": 150.0}, (True, True), [8, 1]),
    ],
)
def test_the_search_begins_with_sales_to_the_targets_and_shares_the_money(
    rules: Any, allowed: Any, trades: Any
) -> None:
    assert steps._start(account(**rules), np.array(allowed)).tolist() == trades


def test_an_account_without_funds_has_nothing_to_begin_with() -> None:
    none: Any = np.zeros(0)
    empty = account(target=none, price=none, buy=none, sell=none, held=np.zeros(0, dtype=int))
    for cash in (30.0, 0.0):
        problem = empty._replace(cash=cash)
        assert steps._start(problem, np.zeros(0, dtype=bool)).tolist() == []
        assert search(problem).tolist() == []


def looked(problem: SharesProblem, trades: Any, allowed: Any) -> tuple[Any, float, float]:
    moves = np.zeros((2, 4, len(trades)))
    gross = problem.cash + problem.incoming
    for i in range(len(trades)):
        steps._look(problem, allowed, trades, i, moves)
        gross += effect(problem, i, trades[i])[1]
    return moves, gross, cash_after(problem, trades)


def best_of(problem: SharesProblem, trades: Any, allowed: Any, size: int) -> float:
    """Return the best gain of so many steps in different funds, by the objective itself."""
    best, before = 0.0, cost_of(problem, trades)
    for places in combinations(np.flatnonzero(allowed).tolist(), size):
        for ways in product((DOWN, UP), repeat=size):
            after = trades.copy()
            for i, way in zip(places, ways, strict=True):
                after[i] = steps._neighbour(problem, i, trades[i], way)
            stands = any(after[i] == trades[i] for i in places)
            if not stands and cash_after(problem, after) >= problem.floor:
                best = min(best, cost_of(problem, after) - before)
    return best


LOOKS = {1: steps._single, 2: steps._pair, 3: steps._triple}


@pytest.mark.parametrize("size", LOOKS)
def test_the_best_steps_at_once_are_the_best_of_all(size: int) -> None:
    found = 0
    for seed in range(24):
        problem = restless(seed)
        allowed = open_to_trade(problem) & (np.arange(5) != seed % 7)
        for trades in (np.zeros(5, dtype=np.int64), steps._start(problem, allowed)):
            moves, gross, left = looked(problem, trades, allowed)
            chosen = np.full(3, -9)
            gain = LOOKS[size](problem, moves, gross, left, chosen)
            assert gain == pytest.approx(best_of(problem, trades, allowed, size), abs=1e-9)
            if gain == 0.0:
                assert chosen.tolist() == [-9, -9, -9]
                continue
            found += 1
            assert min(chosen[:size]) >= 0
            assert chosen[size:].tolist() == [-1] * (3 - size)
            after = trades.copy()
            for a in chosen[:size].tolist():
                after[a // 2] = moves[a % 2, steps.TRADE, a // 2]
            assert cost_of(problem, after) - cost_of(problem, trades) == pytest.approx(gain)
    assert found >= 4


def test_of_steps_that_help_as_much_the_first_are_taken() -> None:
    ones = np.ones(4)
    problem = SharesProblem(
        ones * 90.0, ones * 10.0, ones * 10.0, ones * 10.0, np.zeros(4, dtype=np.int64), 400.0,
        0.0, 0.0, 0.0, 0.0, 0.0, 1, 0.0, 4, True, True, 1.0,
    )  # fmt: skip
    moves, gross, left = looked(problem, np.zeros(4, dtype=np.int64), np.ones(4, dtype=bool))
    for size, look in LOOKS.items():
        chosen = np.full(3, -1)
        assert look(problem, moves, gross, left, chosen) == -20.0 * size
        assert chosen[:size].tolist() == [2 * i + UP for i in range(size)]
        # each costs 10: what is there down to the last won is enough, and a won less is not
        assert look(problem, moves, gross, 10.0 * size, chosen) == -20.0 * size
        assert look(problem, moves, gross, 10.0 * size - 1.0, chosen) > -20.0 * size


def test_the_search_ends_where_no_step_or_two_or_three_help() -> None:
    for seed in range(24):
        problem = restless(seed)
        allowed = open_to_trade(problem)
        for trades in (np.zeros(5, dtype=np.int64), steps._start(problem, allowed)):
            reached = steps._improved(problem, allowed, trades.copy())
            assert cash_after(problem, reached) >= problem.floor - 1e-9
            assert cost_of(problem, reached) <= cost_of(problem, trades)
            for size in LOOKS:
                assert best_of(problem, reached, allowed, size) >= -1e-8


def test_money_on_its_way_counts_as_cash_that_lies_idle() -> None:
    ten = np.array([10.0])
    problem = SharesProblem(
        ten * 0.0, ten, ten, ten, np.array([0]), 100.0, 100.0, 100.0, 0.0, 0.0, 0.0, 1, 0.0, 1,
        True, True, 2.0,
    )  # fmt: skip
    # 100 more than is wanted: put to work even where that overshoots
    assert search(problem).tolist() == [10]
    assert search(problem._replace(incoming=0.0)).tolist() == [0]


def test_no_exchange_of_a_traded_fund_for_another_helps_in_the_end() -> None:
    helped = 0
    for seed in range(40):
        problem = restless(seed, max_trades=2)
        found = search(problem)
        assert np.count_nonzero(found) <= 2
        is_open = open_to_trade(problem)
        for leaving, coming in product(np.flatnonzero(found), np.flatnonzero(found == 0)):
            allowed = (found != 0) & (np.arange(5) != leaving)
            allowed[coming] = is_open[coming]
            other = steps._improved(problem, allowed, steps._start(problem, allowed))
            assert cost_of(problem, other) >= cost_of(problem, found) - 1e-6
        helped += not np.array_equal(steps._exchanged(problem, found.copy()), found)
    assert helped == 0


@pytest.mark.parametrize(
    ("target", "held", "trades", "found"),
    [
        # the second and the third are as good: the first that helps is taken, and it stays
        ([20, 60, 60], [0, 0, 0], [2, 0, 0], [0, 6, 0]),
        ([60, 60, 20], [0, 0, 0], [0, 0, 2], [6, 0, 0]),
        ([60, 20, 60], [0, 0, 0], [0, 2, 0], [6, 0, 0]),
        # to the better and on to the best
        ([20, 60, 90], [0, 0, 0], [2, 0, 0], [0, 0, 9]),
        ([90, 60, 20], [0, 0, 0], [0, 0, 2], [9, 0, 0]),
        ([60, 60, 60], [0, 0, 0], [0, 6, 0], [0, 6, 0]),
        # an order is not exchanged for itself, nor for a fund that is near its target
        ([20, 60, 20], [0, 0, 0], [0, 3, 0], [0, 3, 0]),
        ([60, 10], [4, 0], [-2, 0], [-2, 0]),
        ([60, 90], [0, 0], [6, 2], [6, 2]),
        # two at once, each for another
        ([20, 90, 30, 80], [0, 0, 0, 0], [2, 0, 3, 0], [0, 9, 0, 8]),
        ([80, 20, 90, 30], [0, 0, 0, 0], [0, 2, 0, 3], [8, 0, 9, 0]),
        # for a purchase; a sale would only leave more cash idle
        ([60, 20, 60], [5, 9, 1], [1, 0, 0], [0, 0, 5]),
        ([60, 20, 60], [9, 2, 5], [0, 0, 1], [0, 0, 1]),
    ],
)
def test_a_fund_is_exchanged_for_one_that_brings_the_account_closer(
    target: Any, held: Any, trades: Any, found: Any
) -> None:
    tens = np.full(len(target), 10.0)
    problem = SharesProblem(
        np.array(target, dtype=float), tens, tens, tens, np.array(held), 200.0, 0.0, 0.0, 0.0,
        0.0, 0.0, 1, 15.0, len(trades), True, True, 1.0,
    )  # fmt: skip
    assert steps._exchanged(problem, np.array(trades)).tolist() == found


def test_few_funds_are_all_looked_at_and_of_many_the_24_whose_next_lot_costs_least() -> None:
    rng = np.random.default_rng(5)
    for n, near in ((3, 3), (100, 100), (101, 24), (130, 24)):
        moves = np.zeros((2, 4, n))
        costs = rng.permutation(2 * n).astype(float).reshape(2, n)
        moves[:, steps.COST, :] = costs
        least = costs.min(axis=0)
        expected = np.arange(n) if near == n else np.sort(np.argsort(least)[:near])
        assert steps._nearest(moves).tolist() == expected.tolist()
    assert steps._nearest(np.zeros((2, 4, 101))).tolist() == list(range(24))


def test_a_fund_that_cannot_move_is_not_among_the_nearest() -> None:
    moves = np.full((2, 4, 101), np.inf)
    moves[steps.UP, steps.COST, 40:100:2] = np.arange(30.0)
    assert steps._nearest(moves).tolist() == list(range(40, 88, 2))


@pytest.mark.parametrize("movable", [0, 1, 2, 23, 24])
def test_of_many_funds_of_which_few_can_move_all_are_looked_at(movable: int) -> None:
    """The dearest of them too, which may be the only one that goes with the cheapest."""
    moves = np.full((2, 4, 130), np.inf)
    places = np.sort(np.random.default_rng(movable).permutation(130)[:movable])
    moves[steps.DOWN, steps.COST, places] = np.linspace(-3.0, 8.0, movable)
    assert steps._nearest(moves).tolist() == places.tolist()


@pytest.mark.parametrize(
    ("funds", "most", "open_funds"),
    [
        (120, 100, [120, 109, 104, 101, 100]),  # half of what is too much, and one more, at once
        (101, 99, [101, 99]),
        (100, 97, [100, 99, 98, 97]),  # one at a time, as long as all pairs are looked at
        (100, 100, [100]),
        (101, 101, [101]),
    ],
)
def test_the_smallest_orders_are_given_up_until_as_many_are_left_as_may_be(
    monkeypatch: pytest.MonkeyPatch, funds: int, most: int, open_funds: list[int]
) -> None:
    seen, exchanged = [], []

    def improved(_: Any, allowed: Any, trades: Any) -> Any:
        seen.append(allowed.copy())
        return trades

    def tried(_: Any, trades: Any) -> Any:
        exchanged.append(trades)
        return trades

    monkeypatch.setattr(steps, "_improved", improved)
    monkeypatch.setattr(steps, "_exchanged", tried)
    ones = np.ones(funds)
    problem = SharesProblem(
        np.arange(1.0, funds + 1.0), ones, ones, ones, np.zeros(funds, dtype=np.int64),
        1e6, 0.0, 0.0, 0.0, 0.0, 0.0, 1, 0.0, most, True, True, 1.0,
    )  # fmt: skip
    found = search(problem)
    assert [int(allowed.sum()) for allowed in seen] == open_funds
    # the smallest targets are those of the first funds
    assert np.flatnonzero(found).tolist() == list(range(funds - most, funds))
    assert len(exchanged) == (funds <= 100 and funds > most)


def test_a_buy_of_one_share_is_large_enough_by_the_price_that_it_pays() -> None:
    assert steps._admitted(two_funds(min_trade=11.0), 0, 1) == 1
    assert steps._admitted(two_funds(min_trade=11.5), 0, 1) == 0
