"""A question whose search does not end leaves the plan and the other answers as they are."""

from datetime import date

import pytest
from tests.household.small_homes import home

from jeoul.errors import SolverFailed
from jeoul.household.explaining import answer as answers
from jeoul.household.explaining.answer import Questions, answer
from jeoul.korea.tables import load_rules


def test_the_plan_stays_and_the_late_question_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def endless(*_: object, **__: object) -> object:
        raise SolverFailed("highs", "Time limit reached")

    monkeypatch.setattr(answers, "trade_frontier", endless)
    asked = Questions(frontier=True, seconds=0.0)
    found = answer(home(), asked, book=load_rules(2026), on=date(2026, 11, 30))
    usual = answer(home(), Questions(seconds=0.0), book=load_rules(2026), on=date(2026, 11, 30))
    assert found.late == ("frontier",)
    assert found.frontier == ()
    assert found.plan == usual.plan
    assert found.reasons == usual.reasons
