"""A tax never cancels a cut of risk: only law, settlement and locks do, and they are named."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.household.small_homes import home, with_aim

from jeoul.household.explaining.at_once import moves_at_once
from jeoul.household.explaining.doctor import diagnose
from jeoul.household.explaining.risk_cut import achievable_risk, reachable
from jeoul.household.planning.exact import plan_exactly
from jeoul.household.problem.evaluate import evaluate
from jeoul.household.problem.records import Household, Lot
from jeoul.household.problem.relaxed import HouseholdRule


def cut(household: Household, most: float) -> Household:
    return with_aim(household, risk_most=most)


def frozen(household: Household) -> Household:
    first, *others = household.positions
    return replace(household, positions=(replace(first, sellable=False), *others))


def test_what_can_be_sold_can_be_cut_however_dear_its_tax() -> None:
    first, *others = home().positions
    taxed = replace(home(), positions=(replace(first, lots=(Lot(100, 9_999.0),)), *others))
    found = achievable_risk(cut(taxed, 0.2), cut(taxed, 0.2).aims[0])
    assert found.before == pytest.approx(0.5)
    assert found.reachable == pytest.approx(0.0)
    assert found.forbidden == ()
    plan = plan_exactly(cut(taxed, 0.2))
    assert plan.moves.trades[("general", "stocks")] <= -60


def test_a_fund_that_may_not_be_sold_is_the_rule_that_forbids_the_rest() -> None:
    stuck = cut(frozen(home()), 0.2)
    found = achievable_risk(stuck, stuck.aims[0])
    assert found.reachable == pytest.approx(0.5)
    assert found.forbidden == (HouseholdRule("not_sellable", "general stocks"),)
    wider = reachable(stuck)
    assert diagnose(wider.household) is None
    assert wider.household.aims[0].risk_most == pytest.approx(0.5, abs=1e-5)
    assert wider.yielded == ()


def test_where_not_everything_may_be_sold_the_rest_of_a_cut_is_carried_out_at_once() -> None:
    elsewhere = tuple(
        replace(each, shares=50) if each.key == ("isa", "stocks") else each
        for each in frozen(home()).positions
    )
    stuck = cut(replace(home(), positions=elsewhere), 0.2)
    assert moves_at_once(stuck).trades[("isa", "stocks")] == -50


def test_a_limit_on_orders_gives_way_to_a_cut_and_it_is_said_by_how_much() -> None:
    still = replace(home(), policy=replace(home().policy, max_trades=0))
    found = reachable(cut(still, 0.2))
    assert [(each.rule, each.by) for each in found.yielded] == [(HouseholdRule("max_trades"), 1.0)]
    assert found.household.policy.max_trades == 1
    assert found.cuts[0].forbidden == ()
    plan = plan_exactly(found.household)
    assert not evaluate(found.household, plan.moves).violations


def test_without_a_cut_nothing_is_changed() -> None:
    assert reachable(home()).household == home()
    with pytest.raises(ValueError, match="its risk has no limit"):
        achievable_risk(home(), home().aims[0])
