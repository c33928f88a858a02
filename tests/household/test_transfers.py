"""What an ordinary account holds that an ISA with room would tax less."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.household.small_homes import home, planned, with_account

from jeoul.household.problem.records import NOTHING, Curve, EndTax, Household, Lot, Moves
from jeoul.household.year_end.transfers import transfers


def with_isa(room: float) -> Household:
    """Return the household with an ISA that taxes 9.9 % of what grows, three years away."""
    end = EndTax(curve=Curve((2e6,), (0.0, 0.099)), accrued=0.0, years=3.0)
    return with_account(home(), "isa", room=room, settlement=end)


def test_stocks_that_cost_one_per_cent_more_a_year_move_into_the_isa() -> None:
    household = with_isa(2_000_000.0)
    (found,) = transfers(household, planned(household, NOTHING))
    assert (found.source, found.account, found.fund) == ("general", "isa", "stocks")
    assert found.shares == 100
    assert found.amount == pytest.approx(1_001_000.0)
    assert found.saves.drag == pytest.approx(3 * 10_000.0)
    assert found.saves.fees == pytest.approx(-2_000.0)
    assert found.saves.tracking == pytest.approx(0.0)


def test_the_room_and_the_tax_of_the_sale_are_limits() -> None:
    household = with_isa(500_000.0)
    (found,) = transfers(household, planned(household, NOTHING))
    assert found.shares == 49
    first, *others = household.positions
    taxed = replace(household, positions=(replace(first, lots=(Lot(100, 5_000.0),)), *others))
    assert transfers(taxed, planned(taxed, NOTHING)) == ()


def test_what_the_plan_trades_is_left_alone() -> None:
    household = with_isa(2_000_000.0)
    plan = planned(household, Moves(trades={("general", "stocks"): -1}))
    assert transfers(household, plan) == ()
