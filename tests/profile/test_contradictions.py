"""Answers that contradict each other: asked again or capped, and never the boldest profile."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from jeoul.errors import ConfigError
from jeoul.profile import (
    AGAIN,
    PROFILES,
    Answers,
    classify,
    questionnaire,
    score,
    stability_of,
)

# One age for each number of points, as the published form has it.
ANSWERS = {
    "age": (30, 45, 55, 70),
    "horizon": ("6m", "12m", "2y", "3y", "3y+"),
    "experience": ("deposit", "bond_fund", "mixed", "stock", "derivative"),
    "knowledge": ("very_low", "low", "high", "very_high"),
    "share": ("40+", "40", "30", "20", "10"),
    "income": ("none", "falling", "stable"),
    "loss": ("none", "10", "20", "any"),
}
BOLD = Answers(
    age=30,
    horizon="3y+",
    experience="stock",
    knowledge="high",
    share="10",
    income="stable",
    loss="20",
)
rank = PROFILES.index


def test_none_of_24_000_sets_of_answers_is_contradictory_and_gets_growth() -> None:
    """What contradicts itself is written out here once more, from the form's own words."""
    sets = [Answers(**dict(zip(ANSWERS, row, strict=True))) for row in product(*ANSWERS.values())]  # type: ignore[arg-type]
    assert len(sets) == 24_000
    asked_again = contradictory = grown = 0
    for answers in sets:
        any_loss, keeps = answers.loss == "any", answers.loss == "none"
        odd = (
            (any_loss and answers.horizon in ("6m", "12m"))
            or (any_loss and (answers.age >= 65 or answers.income == "none"))
            or (any_loss and answers.share == "40+")
            or (answers.knowledge == "very_high" and answers.experience == "deposit")
            or (keeps and answers.experience == "derivative")
            or (keeps and score(answers).type in ("active", "aggressive"))
        )
        try:
            found = classify(answers)
        except ConfigError:
            asked_again += 1
            assert (answers.experience, answers.knowledge) == ("derivative", "very_low")
            continue
        contradictory += odd
        grown += found.name == "growth"
        assert bool(found.warnings) == odd
        if odd:
            assert rank(found.name) <= rank("balanced")
    assert asked_again == 24_000 // 5 // 4
    assert contradictory == 6_286
    assert grown == 960


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({}, "growth"),
        ({"loss": "any"}, "growth"),
        ({"loss": "any", "age": 64}, "growth"),
        ({"loss": "any", "age": 65}, "balanced"),
        ({"loss": "any", "income": "falling"}, "growth"),
        ({"loss": "any", "income": "none"}, "balanced"),
        ({"loss": "any", "share": "40"}, "growth"),
        ({"loss": "any", "share": "40+"}, "balanced"),
        ({"knowledge": "very_high", "experience": "bond_fund"}, "growth"),
        ({"knowledge": "very_high", "experience": "deposit"}, "balanced"),
        ({"loss": "none"}, "conservative"),
        ({"loss": "none", "experience": "derivative"}, "conservative"),
    ],
)
def test_a_bold_person_beside_and_inside_every_contradiction(
    changes: dict[str, object], name: str
) -> None:
    assert classify(replace(BOLD, **changes)).name == name  # type: ignore[arg-type]


def test_two_answers_that_cannot_both_be_true_are_named_and_asked_again() -> None:
    odd = replace(BOLD, experience="derivative", knowledge="very_low")
    with pytest.raises(ConfigError) as refused:
        classify(odd)
    assert 'experience = "derivative" and knowledge = "very_low"' in str(refused.value)
    assert "answer both questions again" in str(refused.value)


def test_a_cap_says_from_where_to_where() -> None:
    found = classify(replace(BOLD, loss="any", age=65))
    last = found.reasons[-1]
    assert last.message == "profile.reason_contradiction"
    assert dict(last.detail) == {"limit": "balanced", "before": "growth", "after": "balanced"}


def test_every_rule_either_asks_again_or_caps() -> None:
    for rule in questionnaire().contradictions:
        assert rule.ask != (rule.cap is not None), rule.name
        assert rule.cap is None or rank(rule.cap) < rank("growth")


def test_every_other_answer_counts_once_for_stability() -> None:
    form = questionnaire()
    others = sum(len(q.choices or q.bands) - 1 for q in form.questions)
    assert stability_of(BOLD).changes == others == 24


def test_stability_says_where_one_answer_leads() -> None:
    """Six months, a year, two, almost three, no loss, 10 % and deposits lower a bold person."""
    found = stability_of(BOLD)
    assert found.moving == sum(found.moved.values())
    assert set(found.moved) == {"balanced", "conservative"}
    firm = Answers(
        age=30,
        horizon="6m",
        experience="mixed",
        knowledge="high",
        share="20",
        income="stable",
        loss="10",
    )
    assert stability_of(firm).moved.keys() == {"balanced"}


def test_an_answer_that_would_have_to_be_given_again_counts_as_one_that_moves() -> None:
    assert stability_of(replace(BOLD, experience="derivative")).moved[AGAIN] == 1
