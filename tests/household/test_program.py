"""The program of a household is its cost and its rules, as arrays."""

from __future__ import annotations

import numpy as np
import pytest
from tests.household.drawn import drawn

from jeoul.household.planning.exact import plan_exactly
from jeoul.household.problem.evaluate import evaluate
from jeoul.household.problem.records import (
    NOTHING,
    Account,
    Aim,
    Fund,
    Gains,
    Household,
    HouseholdMember,
    Moves,
    Policy,
    Position,
)
from jeoul.household.program.program import build
from jeoul.household.program.solver import loaded

SEEDS = range(20)


def random_moves(household: Household, seed: int) -> Moves:
    """Return moves that break no rule on money, since the program holds within its bounds only."""
    rng = np.random.default_rng(seed)
    program = build(household)
    at = program.at
    trades = {}
    for number, position in enumerate(household.positions):
        if rng.random() < 0.3:
            bought = rng.integers(0, int(program.upper[at.buy[number]] / 10) + 1)
            sold = rng.integers(0, int(program.upper[at.sell[number]]) + 1)
            trades[position.key] = int(bought) if rng.random() < 0.5 else -int(sold)
    most = 1e4 * program.upper[at.deposit] / len(household.accounts)
    paid_in = rng.uniform(0.0, most) * (rng.random(len(most)) < 0.5)
    names = [each.id for each in household.accounts]
    deposits = {name: float(won) for name, won in zip(names, paid_in, strict=True)}
    return Moves(trades=trades, deposits=deposits)


@pytest.mark.parametrize("fifo", [False, True])
@pytest.mark.parametrize("seed", SEEDS)
def test_the_objective_of_moves_is_their_cost(seed: int, fifo: bool) -> None:
    household = drawn(seed, fifo=fifo)
    program = build(household)
    withdrawals = np.isin(np.arange(program.shape[0]), program.rows.get("withdrawal", ()))
    for moves in (NOTHING, *(random_moves(household, seed * 10 + n) for n in range(10))):
        cost = evaluate(household, moves).cost.total
        assert program.objective(program.start_of(moves)) == pytest.approx(cost, rel=1e-9)
        equations = program.row_lower == program.row_upper
        rest = program.activity(program.start_of(moves)) - program.row_lower
        assert np.abs(rest[equations & ~withdrawals]).max() < 1e-9


@pytest.mark.parametrize("seed", SEEDS)
def test_a_class_that_no_order_reaches_stays_off_its_weight(seed: int) -> None:
    household = drawn(seed)
    program = build(household)
    rows = program.rows["reached"]
    for moves in (NOTHING, *(random_moves(household, seed * 10 + n) for n in range(10))):
        activity = program.activity(program.start_of(moves))[rows]
        assert np.all(activity >= program.row_lower[rows] - 1e-9)


def test_the_relaxation_of_two_mixed_funds_is_the_known_one() -> None:
    """A is 90/10, B 0/100, 50 of each are held, and the target is 70/30."""
    program = build(two_funds(cost=1e-6))
    solver = loaded(program, whole=False)
    solver.run()
    solution = np.array(solver.getSolution().col_value)
    traded = solution[program.at.buy] - solution[program.at.sell]
    assert traded == pytest.approx([27.778, -27.778], abs=1e-3)


@pytest.mark.parametrize("cost", [1e-6, 0.001, 0.01])
def test_orders_are_payable_as_a_set(cost: float) -> None:
    household = two_funds(cost)
    plan = plan_exactly(household, gap=1e-6, seconds=np.inf)
    bought, sold = plan.moves.trades["isa", "A"], -plan.moves.trades["isa", "B"]
    assert sold * (1.0 - cost) >= bought * (1.0 + cost)
    assert bought == 27, "28 would be nearer, and nothing pays for it"


def two_funds(cost: float) -> Household:
    """Return an account without cash that holds 50 shares each of two mixed funds."""
    funds = (
        Fund(code="A", price=10_000.0, exposure={"equity": 0.9, "bond": 0.1}),
        Fund(code="B", price=10_000.0, exposure={"bond": 1.0}),
    )
    positions = tuple(
        Position(account="isa", fund=fund.code, shares=50, buy_cost=cost, sell_cost=cost)
        for fund in funds
    )
    return Household(
        classes=("equity", "bond"),
        funds=funds,
        accounts=(Account(id="isa", owner="a", kind="isa", gains=Gains.SHELTERED),),
        positions=positions,
        members=(HouseholdMember(id="a"),),
        aims=(Aim(id="home", accounts=("isa",), pools=(), weights={"equity": 0.7, "bond": 0.3}),),
        policy=Policy(trade_price=0.0, min_gain=0.0),
    )
