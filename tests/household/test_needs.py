"""Goals and the reserve as money of today."""

from __future__ import annotations

import math
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jeoul.household.gathering.needs import MoneyOutlook, cautious_path, flows_until, plan_goals
from jeoul.household.written.keys import Flow, Goal

TODAY = date(2026, 11, 30)
STILL = MoneyOutlook(mean=0.0, volatility=0.0)


def goal(amount: int, by: date, priority: int | None = None) -> Goal:
    return Goal.model_validate(
        {"amount": amount, "by": by, "from": ("general",), "priority": priority}
    )


def monthly(amount: int, start: date = date(2026, 12, 25)) -> Flow:
    return Flow.model_validate({"amount": amount, "every": "month", "from": start})


@given(mean=st.floats(-0.05, 0.10), volatility=st.floats(0.0, 0.3), years=st.floats(0.1, 30.0))
def test_nine_of_ten_outcomes_lie_above_the_multiple(
    mean: float, volatility: float, years: float
) -> None:
    multiple = MoneyOutlook(mean=mean, volatility=volatility).multiple(years)
    middle = (math.log1p(mean) - volatility**2 / 2) * years
    if volatility > 0.001:
        standard = (math.log(multiple) - middle) / (volatility * math.sqrt(years))
        assert 0.5 * (1 + math.erf(standard / math.sqrt(2))) == pytest.approx(0.10)


def test_hope_does_not_beat_a_deposit_that_was_typed_in() -> None:
    path = cautious_path(expected=0.06, equilibrium=0.05, volatility=0.1, deposit_rate=0.03)
    assert path.mean == 0.03
    assert cautious_path(expected=0.04, equilibrium=0.05, volatility=0.1).mean == 0.04


def test_a_goal_needs_what_planned_savings_do_not_bring() -> None:
    plans = plan_goals(
        {"home": goal(30_000_000, date(2027, 12, 31))}, [monthly(1_000_000)], STILL, TODAY
    )
    (home,) = plans
    assert home.saved == 13_000_000
    assert home.need == 17_000_000


def test_a_won_of_savings_serves_one_goal_the_first_by_priority_then_by_date() -> None:
    goals = {
        "later": goal(10_000_000, date(2028, 12, 31)),
        "sooner": goal(10_000_000, date(2027, 12, 31)),
        "first": goal(5_000_000, date(2029, 12, 31), priority=1),
    }
    plans = plan_goals(goals, [monthly(1_000_000)], STILL, TODAY)
    assert [each.id for each in plans] == ["first", "sooner", "later"]
    assert [each.saved for each in plans] == [5_000_000, 8_000_000, 10_000_000]
    assert [each.need for each in plans] == [0, 2_000_000, 0]


def test_a_flow_of_today_is_money_that_is_there_and_not_planned_again() -> None:
    assert flows_until([monthly(5, TODAY)], TODAY, date(2026, 12, 31)) == 5
    assert flows_until([monthly(5, TODAY)], TODAY, TODAY) == 0


def test_what_is_taken_out_on_schedule_is_not_saved() -> None:
    flows = [monthly(10), monthly(-4)]
    assert flows_until(flows, TODAY, date(2027, 1, 31)) == 12


def test_a_goal_of_today_needs_its_amount() -> None:
    (now,) = plan_goals(
        {"now": goal(7, TODAY)}, [monthly(10)], MoneyOutlook(mean=0.1, volatility=0.3), TODAY
    )
    assert now.need == 7
