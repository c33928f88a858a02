"""Ten years: what a difference from the target earned is told apart from tax and cost."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import decade
import numpy as np
import pytest
from decade_setting import cases, with_receipts

from jeoul.household.problem.records import NOTHING


def test_luck_is_what_differences_earned_carried_on_at_the_growth_of_the_target() -> None:
    watched = decade.Watched(lambda _: NOTHING)
    watched.weights = np.array([0.5, 0.5])
    watched.away = [np.array([1e6, -1e6]), np.array([0.0, 0.0])]
    growth = np.array([[0.10, 0.02], [0.04, 0.00]])
    # 1 M x (10 % - 2 %) = 80,000 won, and 2 % on it in the next quarter
    assert watched.luck(growth) == pytest.approx(81_600.0)


def test_the_households_of_the_decade_are_not_those_on_which_the_price_is_set() -> None:
    measured, setting = cases("decade"), cases("decade-setting")
    assert (len(measured), len(setting)) == (200, 50)
    known = [each.household for each in setting]
    assert not any(each.household in known for each in measured)
    for each in (*measured, *setting):
        assert all(p.buyable and p.sellable for p in each.household.positions)
        assert not any(aim.withdrawal or aim.risk_most for aim in each.household.aims)


def test_a_large_pension_costs_more_a_year_than_a_small_one_and_nothing_else_changes() -> None:
    case = cases("decade-setting")[0]
    before = case.household
    (irp,) = (each.id for each in before.accounts if each.kind == "irp")

    def drags(money: float) -> dict[tuple[str, str], float]:
        accounts = tuple(
            replace(each, cash=money if each.id == irp else 0.0) for each in before.accounts
        )
        empty = tuple(replace(each, shares=0, lots=()) for each in before.positions)
        house = replace(before, accounts=accounts, positions=empty)
        found = with_receipts(house, case, date(2020, 6, 30))
        return {each.key: each.drag for each in found.positions}

    small, large = drags(50e6), drags(300e6)
    kinds = {each.id: each.kind for each in before.accounts}
    for position in before.positions:
        pension = kinds[position.account] in ("irp", "pension_savings")
        assert small[position.key] == pytest.approx(position.drag)
        assert (large[position.key] > small[position.key] + 1e-4) == pension
