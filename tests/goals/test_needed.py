"""What would be needed, the least risk that is enough, and what changes a goal."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from jeoul.goals.answer import GoalAnswer, GoalQuestion, answer_goal
from jeoul.goals.belief import ObservedMix, believe, certain
from jeoul.goals.case import SavingCase
from jeoul.goals.chance import share_reached, simulate
from jeoul.goals.levy import GainLevy
from jeoul.goals.needed import needed_monthly, needed_return
from jeoul.goals.saving import PlannedSaving, Pot, growth, outcomes
from jeoul.korea.pieces import Pieces

BELIEF = believe(
    ObservedMix(
        excess=np.random.default_rng(7).normal(0.002, 0.025, 240), riskless=0.02, anchor=0.045
    )
)
TAX = GainLevy(pieces=Pieces(slopes=(Decimal("0.154"),)))
PAYMENTS = tuple(
    PlannedSaving(date(2026 + (11 + k) // 12, (11 + k) % 12 + 1, 25), 1_200_000.0)
    for k in range(84)
)
NAMES = ("conservative", "balanced", "growth")


def _case(amount: int = 100_000_000, *, value: float = 0.0, payments: bool = True) -> SavingCase:
    return SavingCase(
        id="house",
        amount=amount,
        on=date(2026, 11, 30),
        by=date(2033, 11, 30),
        pots=(Pot(id="a", kind="general", value=value, untaxed=value, levy=TAX, enter=0.001),),
        payments=PAYMENTS if payments else (),
    )


def _answer(
    case: SavingCase, *, allowed: tuple[str, ...] = NAMES, reserve: float = 0.0
) -> GoalAnswer:
    profiles = {
        name: replace(BELIEF, law=replace(BELIEF.law, volatility=volatility, drift=drift))
        for name, volatility, drift in zip(
            NAMES, (0.03, 0.06, 0.10), (0.03, 0.035, 0.04), strict=True
        )
    }
    asked = GoalQuestion(
        belief=BELIEF,
        profiles=profiles,
        allowed=frozenset(allowed),
        deposit=0.02,
        reserve=reserve,
        paths=2_000,
    )
    return answer_goal(case, asked)


def test_1_2_million_a_month_for_seven_years_need_no_risk_towards_100_million() -> None:
    found = _answer(_case())
    assert found.least == "cash"
    assert found.rungs[0].cautious == 84 * 1_200_000
    assert found.needed_return is not None
    assert found.needed_return < 0.0


def test_a_goal_a_deposit_reaches_needs_no_portfolio() -> None:
    assert _answer(_case(104_000_000)).least == "deposit"


def test_a_profile_that_the_diagnosis_does_not_allow_is_never_the_least_risk() -> None:
    found = _answer(_case(107_000_000), allowed=())
    assert found.least is None
    assert not any(each.allowed for each in found.rungs[2:])


def test_what_is_needed_each_month_is_enough_and_a_won_less_is_not() -> None:
    case = _case(payments=False, value=2e7)
    rng = np.random.default_rng(1)
    drawn = simulate(BELIEF, "history", rng, paths=2_000, steps=case.steps.count)
    grown = growth(drawn.returns(case.steps.span))
    needed = needed_monthly(case, grown)

    def share(monthly: int) -> float:
        return share_reached(case.amount, outcomes(case.saving(case.monthly(monthly)), grown))

    for amount, level in ((needed.cautious, 0.9), (needed.middle, 0.5), (needed.good, 0.1)):
        assert share(amount) >= level > share(amount - 1)
    assert needed.cautious > needed.middle > needed.good > 0


def test_nothing_is_needed_where_what_is_saved_is_enough_without_a_return() -> None:
    found = _answer(_case(10_000_000, value=2e7, payments=False))
    assert (found.needed.cautious, found.needed.middle, found.needed.good) == (0, 0, 0)
    assert found.chance.probability == 1.0


def test_the_return_that_is_needed_reaches_the_goal_after_costs_and_tax() -> None:
    case = _case(120_000_000)
    rate = needed_return(case)
    assert rate is not None
    drawn = simulate(certain(rate), "history", np.random.default_rng(1), paths=1, steps=84)
    (found,) = outcomes(case.saving(), growth(drawn.returns(case.steps.span))).tolist()
    assert found == pytest.approx(120_000_000, rel=1e-5)


def test_a_goal_that_no_return_reaches_has_none() -> None:
    assert needed_return(_case(100_000_000, payments=False)) is None


def test_a_goal_that_is_met_whatever_happens_needs_less_than_no_return() -> None:
    rate = needed_return(_case(1))
    assert rate is not None
    assert rate < 0.0


def test_changes_that_save_more_never_lower_the_probability() -> None:
    found = _answer(_case(112_000_000), reserve=0.0)
    by_name = {change.name: change.probability for change in found.changes}
    assert set(by_name) == {"month", "tenth", "year"}
    assert by_name["month"] >= found.chance.probability
    assert by_name["tenth"] > by_name["month"]
    order = [change.probability for change in found.changes]
    assert order == sorted(order, reverse=True)


def test_the_reserve_that_stays_untouched_lowers_it() -> None:
    found = _answer(_case(112_000_000, value=1e7), reserve=5e6)
    assert found.changes[-1].name == "reserve"
    assert found.changes[-1].probability < found.chance.probability


def test_the_same_seed_gives_the_same_answer_and_another_one_another() -> None:
    case = _case(110_000_000)
    one, again = _answer(case), _answer(case)
    assert (one.chance, one.needed, one.fan) == (again.chance, again.needed, again.fan)


def test_the_day_of_a_goal_that_has_come_leaves_what_is_missing() -> None:
    case = replace(_case(30_000_000, value=1e7), by=date(2026, 11, 30), payments=())
    found = _answer(case)
    assert found.past
    assert found.needed.middle == 20_000_000
    assert found.chance.probability == 0.0
    assert found.changes == ()


def test_the_fan_ends_with_the_outcomes_in_won_of_today() -> None:
    found = _answer(_case(110_000_000, value=1e7))
    less = 1.02**-found.case.steps.years
    assert found.fan.days[0] == date(2026, 11, 30)
    assert found.fan.days[-1] == date(2033, 11, 30)
    assert found.fan.bands[-1][2] == pytest.approx(found.planned[1] * less, rel=1e-6)
    assert found.fan.amount == round(110_000_000 * less)
    assert all(list(row) == sorted(row) for row in found.fan.bands)
    assert found.fan.paid[0] == 10_000_000
