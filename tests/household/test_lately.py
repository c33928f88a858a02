"""A purchase is not undone by a sale a few days later, nor a sale by a purchase."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.household.drawn import drawn

from jeoul.household.problem.lately import Traded, not_traded_back
from jeoul.household.problem.records import Household

SEED = 3


def home() -> Household:
    return drawn(SEED, 6, ("general", "isa"), fifo=True)


def test_what_was_bought_is_not_sold_and_what_was_sold_is_not_bought() -> None:
    before = home()
    free = (each.key for each in before.positions if each.buyable and each.sellable)
    bought, sold, both, other, *_ = free
    traded = {bought: Traded(bought=3), sold: Traded(sold=2), both: Traded(bought=3, sold=2)}
    found = {each.key: each for each in not_traded_back(before, traded).positions}
    assert (found[bought].buyable, found[bought].sellable) == (True, False)
    assert (found[sold].buyable, found[sold].sellable) == (False, True)
    assert (found[both].buyable, found[both].sellable) == (False, False)
    assert (found[other].buyable, found[other].sellable) == (True, True)


@pytest.mark.parametrize("urgent", [{"risk_most": 0.4}, {"withdrawal": 1_000_000.0}])
def test_a_cut_of_risk_and_money_that_is_needed_may_sell_what_was_bought(
    urgent: Any,
) -> None:
    before = home()
    before = replace(before, aims=tuple(replace(aim, **urgent) for aim in before.aims))
    (bought, *_) = (each.key for each in before.positions)
    assert not_traded_back(before, {bought: Traded.of(3)}) == before
