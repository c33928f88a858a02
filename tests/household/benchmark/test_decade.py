"""Ten years: what a difference from the target earned is told apart from tax and cost."""

from __future__ import annotations

import decade
import numpy as np
import pytest
from decade_setting import cases

from jeoul.household.records import NOTHING


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
