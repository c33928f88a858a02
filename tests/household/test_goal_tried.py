"""A goal of a household that is tried with another amount, day or saving."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from jeoul import assets
from jeoul.household.goals.answering import AnsweredGoal, PreparedGoals, SimulationRequest
from jeoul.household.goals.trying import OtherGoal, monthly_saved, try_goal
from jeoul.workspace.goals import goals_at

ASKED = SimulationRequest(paths=1000)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> PreparedGoals:
    folder = tmp_path_factory.mktemp("home")
    configs = assets.root() / "configs"
    shutil.copytree(configs / "household-example", folder / "household-example")
    shutil.copy(configs / "answers-example.toml", folder)
    text = (configs / "household-example.toml").read_text("utf-8")
    file = folder / "household.toml"
    file.write_text(text.replace("100_000_000", "160_000_000"), "utf-8")
    return goals_at(Path(file), None)


@pytest.fixture(scope="module")
def planned(prepared: PreparedGoals) -> AnsweredGoal:
    (found,) = prepared.answer(ASKED).goals
    return found


@pytest.fixture
def same(planned: AnsweredGoal) -> OtherGoal:
    case = planned.goal.case
    return OtherGoal(id=case.id, amount=case.amount, by=case.by)


def test_the_goal_as_it_is_planned_has_the_answer_of_the_plan(
    prepared: PreparedGoals, planned: AnsweredGoal, same: OtherGoal
) -> None:
    found = try_goal(prepared, same, ASKED)
    assert found.chance == planned.answer.chance
    assert found.fan == planned.answer.fan
    assert 0.0 < found.chance.probability < 1.0


def test_more_saved_or_less_wanted_is_likelier(
    prepared: PreparedGoals, planned: AnsweredGoal, same: OtherGoal
) -> None:
    usual = planned.answer.chance.probability
    saved = monthly_saved(planned.goal.case)
    more = try_goal(prepared, replace(same, monthly=2 * saved), ASKED)
    nothing = try_goal(prepared, replace(same, monthly=0), ASKED)
    smaller = try_goal(prepared, replace(same, amount=same.amount // 2), ASKED)
    assert nothing.chance.probability < usual < more.chance.probability
    assert smaller.chance.probability > usual
    assert smaller.fan.amount < planned.answer.fan.amount


def test_what_is_saved_a_month_is_paid_up_to_the_day(
    prepared: PreparedGoals, same: OtherGoal
) -> None:
    later = try_goal(prepared, replace(same, by=date(2034, 11, 30), monthly=1_000_000), ASKED)
    case = later.case
    assert case.by == date(2034, 11, 30)
    assert case.planned == 1_000_000 * case.steps.count
    assert later.fan.days[-1] == case.steps.end_of(case.steps.count)


def test_a_goal_within_the_horizon_of_no_portfolio_counts_as_a_deposit(
    prepared: PreparedGoals, same: OtherGoal
) -> None:
    soon = try_goal(prepared, replace(same, by=date(2026, 9, 30), monthly=0), ASKED)
    assert soon.chance.low == soon.chance.high == soon.chance.probability
