"""Why there is no plan: a smallest set of rules, and the least that helps."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.household.drawn import drawn
from tests.household.planted import KINDS, Planted
from tests.household.small_homes import home, with_account, with_aim, with_new_money
from tests.household.test_rule_program import kept

from jeoul.household.explaining.doctor import PlanDiagnosis, diagnose
from jeoul.household.explaining.loosened import loosened
from jeoul.household.planning.exact import plan_exactly
from jeoul.household.problem.evaluate import evaluate
from jeoul.household.problem.records import PlanStatus
from jeoul.household.problem.relaxed import HouseholdRule, rules_of, without
from jeoul.household.program.rule_program import DEMANDS, Demand


def test_a_household_whose_rules_can_hold_has_nothing_wrong() -> None:
    assert diagnose(home()) is None
    assert diagnose(with_aim(home(), withdrawal=1_500_000.0)) is None


def test_more_is_taken_out_than_the_accounts_may_give() -> None:
    wanted = with_aim(with_account(home(), "general", withdrawable=300_000.0), withdrawal=500_000.0)
    found = diagnose(wanted)
    assert found is not None
    assert found.rules == (
        HouseholdRule("withdrawable", "general"),
        HouseholdRule("withdrawal", "home"),
    )
    (wider,) = found.relaxation
    assert wider.rule == HouseholdRule("withdrawal", "home")
    assert wider.by == pytest.approx(200_000.0, abs=1.0)


def test_a_class_against_the_cap_of_an_irp_and_the_room_of_the_rest() -> None:
    """3 M of stocks: 2 M fit in, 1 M held and 1 M of cash; the third has to be new money."""
    poor = with_new_money(home(), 500_000.0)
    found = diagnose(poor, [Demand("class_least", "home equity", 3_000_000.0)])
    assert found is not None
    assert found.rules == (
        HouseholdRule("class_least", "home equity"),
        HouseholdRule("pool", "new"),
    )


def test_no_sale_is_allowed_and_risk_has_to_fall() -> None:
    still = replace(home(), policy=replace(home().policy, max_trades=0))
    found = diagnose(with_aim(still, risk_most=0.2))
    assert found is not None
    assert found.rules == (HouseholdRule("max_trades"), HouseholdRule("risk", "home"))
    assert [(each.rule.kind, each.by) for each in found.relaxation] == [("max_trades", 1.0)]
    assert found.moves.trades == {("general", "stocks"): -60}


def test_a_demand_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="class_least, class_most, deposit_least, drift_most"):
        diagnose(home(), [Demand("class_lest", "home equity", 1.0)])


def relaxed(planted: Planted, found: PlanDiagnosis) -> Planted:
    """Return a conflict with everything as much wider as the diagnosis says."""
    household, demands = planted.household, list(planted.demands)
    for each in found.relaxation:
        if each.rule.kind not in DEMANDS:
            household = loosened(household, each, found.moves)
        less = each.by if each.rule.kind != "class_most" else -each.by
        demands = [
            replace(one, amount=one.amount - less) if one.rule == each.rule else one
            for one in demands
        ]
    return Planted(household, planted.rules, tuple(demands))


QUICK = [name for name in KINDS if not name.startswith("drift")]  # that one takes seconds


@pytest.mark.parametrize("name", QUICK)
@pytest.mark.parametrize("seed", range(4))
def test_a_planted_conflict_is_named_or_a_smaller_one_and_its_relaxation_helps(
    name: str, seed: int
) -> None:
    planted = KINDS[name](drawn(seed))
    found = diagnose(planted.household, planted.demands)
    assert found is not None
    assert set(found.rules) == planted.rules or len(found.rules) < len(planted.rules)
    wider = relaxed(planted, found)
    assert kept(wider.household, found.moves, wider.demands, within=1.0)
    assert not evaluate(wider.household, found.moves).violations


@pytest.mark.parametrize("name", [name for name in QUICK if "with" in name or "cut_" in name])
@pytest.mark.parametrize("seed", range(2))
def test_the_plan_is_impossible_where_the_doctor_says_so_and_possible_once_relaxed(
    name: str, seed: int
) -> None:
    planted = KINDS[name](drawn(seed))
    found = diagnose(planted.household)
    assert found is not None
    assert plan_exactly(planted.household).status is PlanStatus.INFEASIBLE
    household = relaxed(planted, found).household
    assert plan_exactly(household, found.moves).status is not PlanStatus.INFEASIBLE


@pytest.mark.slow
@pytest.mark.parametrize("name", list(KINDS))
def test_at_least_95_of_100_planted_conflicts_are_named(name: str) -> None:
    for seed in range(4, 14):
        planted = KINDS[name](drawn(seed))
        found = diagnose(planted.household, planted.demands)
        assert found is not None
        assert set(found.rules) == planted.rules or len(found.rules) < len(planted.rules)


def alone(planted: Planted, kept: set[HouseholdRule]) -> PlanDiagnosis | None:
    """Return what is wrong if of the rules that can be lifted only some hold."""
    household = planted.household
    for rule in rules_of(household):
        if rule not in kept and rule.kind != "withdrawal":
            household = without(household, rule)
    return diagnose(household, [each for each in planted.demands if each.rule in kept])


@pytest.mark.parametrize("name", ["isa_room", "pension_room", "lock", "cut_of_what_is_frozen"])
def test_the_rules_that_are_named_fail_alone_and_each_of_them_is_needed(name: str) -> None:
    planted = KINDS[name](drawn(2))
    found = diagnose(planted.household, planted.demands)
    assert found is not None
    named = set(found.rules)
    assert alone(planted, named) is not None
    for rule in named:
        assert alone(planted, named - {rule}) is None
