"""The rows of the rules let pass exactly what the evaluator lets pass."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.household.drawn import drawn

from jeoul.household.problem.after import aim_money
from jeoul.household.problem.evaluate import evaluate
from jeoul.household.problem.records import NOTHING, Household, Moves
from jeoul.household.program.rule_program import UNIT, Demand, rule_program
from jeoul.household.program.rule_rows import Solver


def kept(
    household: Household, moves: Moves, demands: tuple[Demand, ...] = (), within: float = 0.0
) -> bool:
    """Return whether the rows hold with the orders fixed, and money to so many won."""
    program = rule_program(household, demands)
    solver = Solver(program.rows)
    for orders, sign in ((program.buys, 1), (program.sells, -1)):
        for key, column in orders.items():
            count = max(0, sign * moves.trades.get(key, 0))
            solver.bound(column, count, count)
    for columns, amounts in (
        (program.deposits, moves.deposits),
        (program.withdrawals, moves.withdrawals),
    ):
        for name, column in columns.items():
            won = amounts.get(name, 0.0) / UNIT
            solver.bound(column, max(0.0, won - within / UNIT), won + within / UNIT)
    return solver.least({}) is not None


def few_moves(household: Household, rng: np.random.Generator) -> Moves:
    """Return a few small orders and round amounts of money, allowed about as often as not."""
    trades = {}
    for place in rng.choice(len(household.positions), size=3, replace=False):
        position = household.positions[place]
        price = next(f.price for f in household.funds if f.code == position.fund)
        shares = int(rng.choice([20_000.0, 120_000.0, 400_000.0]) / price) + 1
        if rng.random() < 0.6 and position.shares:
            shares = -min(position.shares, shares)
        trades[position.key] = shares
    names = [each.id for each in household.accounts]
    chosen = str(rng.choice(names))
    deposits = {chosen: 100_000.0} if rng.random() < 0.3 else {}
    taken = {each.accounts[0]: each.withdrawal for each in household.aims if each.withdrawal}
    return Moves(trades=trades, deposits=deposits, withdrawals=taken)


@pytest.mark.parametrize("seed", range(12))
def test_moves_keep_the_rows_if_and_only_if_the_evaluator_finds_no_violation(seed: int) -> None:
    rng = np.random.default_rng(seed)
    household = drawn(seed, fifo=seed % 2 == 1)
    if seed % 3 == 0:  # a cut that the moves may or may not reach
        aim = household.aims[0]
        held = sum(
            p.shares * f.price * f.risk
            for p in household.positions
            for f in household.funds
            if f.code == p.fund
        )
        most = (held - 100_000.0) / aim_money(household, aim)
        household = replace(household, aims=(replace(aim, risk_most=most),))
    for moves in (NOTHING, *(few_moves(household, rng) for _ in range(12))):
        violations = evaluate(household, moves).violations
        assert kept(household, moves) == (not violations), violations


def test_both_answers_occur() -> None:
    answers = {
        bool(evaluate(drawn(seed), few_moves(drawn(seed), np.random.default_rng(seed))).violations)
        for seed in range(12)
    }
    assert answers == {True, False}
