"""How much new money cures drift without a sale."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.household.drawn import drawn
from tests.household.small_homes import home, with_account, with_new_money

from jeoul.errors import UsageError
from jeoul.household.explaining.cure import deposit_to_cure
from jeoul.household.problem.distance import distance
from jeoul.household.problem.evaluate import evaluate
from jeoul.household.problem.records import NOTHING


def test_a_deposit_in_the_other_class_closes_the_gap_to_the_won() -> None:
    """100 stocks of 10,000 won and nothing else: at 60 % stocks the money is 1,666,667 won."""
    alone = with_account(home(), "general", cash=0.0)
    found = deposit_to_cure(alone, 0.0)
    assert found is None  # no whole number of shares leaves no drift at all
    found = deposit_to_cure(alone, 0.01)
    assert found is not None
    assert found.deposit == pytest.approx(639_999.0, rel=0.01)
    assert found.drift <= 0.01 + 1e-6
    assert all(count > 0 for count in found.moves.trades.values())


def test_a_household_that_is_near_enough_needs_nothing() -> None:
    found = deposit_to_cure(home(), 1.0)
    assert found is not None
    assert found.deposit == 0.0


def test_what_is_locked_in_beyond_any_deposit_has_no_cure() -> None:
    frozen = tuple(replace(each, buyable=False) for each in home().positions)
    assert deposit_to_cure(replace(home(), positions=frozen), 0.1) is None


def test_a_household_without_a_pool_is_refused() -> None:
    with pytest.raises(UsageError, match="no pool"):
        deposit_to_cure(replace(home(), pools=()), 0.1)


@pytest.mark.parametrize("seed", range(6))
def test_a_cure_keeps_every_rule_and_a_stricter_one_is_never_cheaper(seed: int) -> None:
    household = with_new_money(drawn(seed, fifo=True), 0.0)
    aim = replace(household.aims[0], withdrawal=0.0)
    household = replace(household, aims=(aim,))
    drift = distance(household, NOTHING).drift
    deposits = [0.0]
    for level in (0.9 * drift, 0.6 * drift):
        found = deposit_to_cure(household, level)
        if found is None:
            break
        funded = with_new_money(household, found.deposit)
        assert not evaluate(funded, found.moves).violations
        assert distance(funded, found.moves).drift <= level * (1.0 + 1e-6)
        assert found.bound <= found.deposit + 0.5
        deposits.append(found.deposit)
    assert deposits == sorted(deposits)
    assert len(deposits) > 1
