"""What each rule of a plan costs, and what doing nothing costs."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.household.small_homes import home, with_account

from jeoul.household.explaining.rule_prices import rule_prices
from jeoul.household.planning.exact import plan_exactly
from jeoul.household.problem.relaxed import HouseholdRule, rules_of, without


def test_a_limit_on_orders_costs_what_the_second_order_would_save() -> None:
    household = replace(home(), policy=replace(home().policy, max_trades=1))
    plan = plan_exactly(household, gap=0.0)
    free = plan_exactly(home(), gap=0.0)
    found = rule_prices(household, plan)
    assert [each.rule for each in found] == [HouseholdRule("max_trades")]
    assert found[0].saves.total == pytest.approx(plan.cost.total - free.cost.total, rel=0.01)
    assert found[0].least <= found[0].saves.total <= found[0].most + 1e-6


def test_cash_that_has_not_settled_costs_what_it_cannot_buy() -> None:
    household = with_account(home(), "general", cash=0.0, due=1_000_000.0, reuse=False)
    found = rule_prices(household, plan_exactly(household, gap=0.0))
    assert [each.rule for each in found] == [HouseholdRule("settled_cash", "general")]
    assert found[0].saves.tracking > 0.0


def test_a_household_whose_rules_do_not_bind_pays_for_none() -> None:
    assert rule_prices(home(), plan_exactly(home(), gap=0.0)) == ()


def test_lifting_a_rule_leaves_the_others() -> None:
    household = with_account(home(), "general", buffer=100.0, risk_cap=0.7, reuse=False)
    for rule in rules_of(household):
        left = rules_of(without(household, rule))
        if rule.kind != "room":  # a room without a limit is still a row
            assert set(left) == set(rules_of(household)) - {rule}
