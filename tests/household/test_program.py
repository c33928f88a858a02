"""The program of a household is its cost and its rules, as arrays."""

from __future__ import annotations

import numpy as np
import pytest
from tests.household.drawn import drawn

from jeoul.household.evaluate import evaluate
from jeoul.household.program import build
from jeoul.household.records import NOTHING, Household, Moves

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
