"""Scores, types and profiles: published cases, every threshold, and what caution may do."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import pairwise, product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jeoul import messages
from jeoul.errors import ConfigError
from jeoul.profile import (
    PROFILES,
    Answers,
    Profile,
    Score,
    classify,
    named_note,
    questionnaire,
    say_note,
    score,
    type_name,
)

MIDDLE = Answers(
    age=45,
    horizon="2y",
    experience="mixed",
    knowledge="low",
    share="30",
    income="falling",
    loss="10",
)

# Each row runs from the least to the most risk-tolerant answer, as the published form has it.
TOLERANCE = {
    "age": (70, 55, 45, 30, 18),
    "horizon": ("6m", "12m", "2y", "3y", "3y+"),
    "experience": ("deposit", "bond_fund", "mixed", "stock", "derivative"),
    "knowledge": ("very_low", "low", "high", "very_high"),
    "share": ("40+", "40", "30", "20", "10"),
    "income": ("none", "falling", "stable"),
    "loss": ("none", "10", "20", "any"),
}
# The published points of the form, in the same order.
POINTS = {
    "age": (1, 2, 3, 4, 4),
    "horizon": (1, 2, 3, 4, 5),
    "experience": (1, 2, 3, 4, 5),
    "knowledge": (1, 2, 3, 4),
    "share": (1, 2, 3, 4, 5),
    "income": (1, 2, 3),
    "loss": (-2, 2, 4, 6),
}
EVERYONE = [
    Answers(**dict(zip(TOLERANCE, row, strict=True)))  # type: ignore[arg-type]
    for row in product(*TOLERANCE.values())
]
# Who has to answer again: derivatives held by somebody who never decided on an investment.
SOUND = [
    each for each in EVERYONE if (each.experience, each.knowledge) != ("derivative", "very_low")
]
rank = PROFILES.index


@st.composite
def anyone(draw: st.DrawFn) -> Answers:
    chosen = {key: draw(st.sampled_from(row)) for key, row in TOLERANCE.items() if key != "age"}
    return Answers(age=draw(st.integers(1, 120)), **chosen)  # type: ignore[arg-type]


# --- the form alone -------------------------------------------------------------------------------


def test_the_middle_case_is_neutral_and_balanced() -> None:
    assert score(MIDDLE) == (18, 56.25, "neutral", "balanced")


def test_the_lowest_case_has_no_portfolio() -> None:
    lowest = Answers(
        age=70,
        horizon="6m",
        experience="deposit",
        knowledge="very_low",
        share="40+",
        income="none",
        loss="none",
    )
    assert score(lowest) == (4, 12.5, "stable", "none")
    assert classify(lowest).name == "none"


def test_the_highest_case_has_all_32_points() -> None:
    highest = Answers(
        age=20,
        horizon="3y+",
        experience="derivative",
        knowledge="very_high",
        share="10",
        income="stable",
        loss="any",
    )
    assert score(highest) == (32, 100.0, "aggressive", "growth")


def test_every_answer_has_the_points_of_the_published_table() -> None:
    form = questionnaire()
    for key, row in TOLERANCE.items():
        assert tuple(form.question(key).points(answer) for answer in row) == POINTS[key]  # type: ignore[arg-type]


def test_no_choice_of_the_form_is_untested() -> None:
    for question in questionnaire().questions:
        if question.choices:
            assert {choice.code for choice in question.choices} == set(TOLERANCE[question.key])


@pytest.mark.parametrize(
    ("age", "points"),
    [(1, 4), (19, 4), (20, 4), (40, 4), (41, 3), (50, 3), (51, 2), (60, 2), (61, 1), (120, 1)],
)
def test_age_bands_include_their_upper_end(age: int, points: int) -> None:
    assert questionnaire().question("age").points(age) == points


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (12.5, "stable"),
        (20.0, "stable"),
        (20.000001, "stability_seeking"),
        (40.0, "stability_seeking"),
        (40.000001, "neutral"),
        (50.0, "neutral"),
        (60.0, "neutral"),
        (60.000001, "active"),
        (80.0, "active"),
        (80.000001, "aggressive"),
        (100.0, "aggressive"),
    ],
)
def test_a_score_on_a_threshold_has_the_lower_type(value: float, kind: str) -> None:
    assert questionnaire().type_of(value).code == kind


@pytest.mark.parametrize(
    ("raw", "kind", "profile"),
    [
        (6, "stable", "none"),
        (7, "stability_seeking", "conservative"),
        (12, "stability_seeking", "conservative"),
        (13, "neutral", "balanced"),
        (16, "neutral", "balanced"),
        (19, "neutral", "balanced"),
        (20, "active", "growth"),
        (25, "active", "growth"),
        (26, "aggressive", "growth"),
    ],
)
def test_totals_beside_every_threshold(raw: int, kind: str, profile: str) -> None:
    found = [score(answers) for answers in EVERYONE if sum_of_points(answers) == raw]
    assert found
    assert set(found) == {(raw, raw / 32 * 100, kind, profile)}


def sum_of_points(answers: Answers) -> int:
    return sum(POINTS[key][row.index(getattr(answers, key))] for key, row in TOLERANCE.items())


@given(anyone())
def test_a_bolder_answer_never_lowers_the_total(answers: Answers) -> None:
    for key, row in TOLERANCE.items():
        totals = [score(replace(answers, **{key: answer})).raw for answer in row]  # type: ignore[arg-type]
        assert all(cautious <= bold for cautious, bold in pairwise(totals)), key


# --- what caution may do --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def profiles() -> list[tuple[Answers, Score, Profile]]:
    """Every combination of the seven answers, one age for each band."""
    assert len(EVERYONE) == 5 * 5 * 5 * 4 * 5 * 3 * 4
    return [(answers, score(answers), classify(answers)) for answers in SOUND]


def test_nobody_gets_a_bolder_profile_than_the_form_gives(profiles: Any) -> None:
    assert all(rank(found.name) <= rank(total.profile) for _, total, found in profiles)


def test_caution_of_a_part_costs_one_step_at_most(profiles: Any) -> None:
    for answers, total, found in profiles:
        limit = rank(questionnaire().horizon[answers.horizon])
        if not found.warnings:
            assert rank(found.name) >= min(limit, max(0, rank(total.profile) - 1))


def test_the_horizon_table_binds_for_everybody(profiles: Any) -> None:
    for answers, _, found in profiles:
        assert rank(found.name) <= rank(questionnaire().horizon[answers.horizon])


def test_a_lower_profile_always_has_its_reason(profiles: Any) -> None:
    lowered = {f"profile.reason_{why}" for why in ("cautious", "horizon", "contradiction")}
    for _, total, found in profiles:
        said = {note.message for note in found.reasons}
        assert bool(said & lowered) == (found.name != total.profile)


def test_the_total_of_the_form_is_never_touched(profiles: Any) -> None:
    assert all((found.raw, found.score, found.type) == total[:3] for _, total, found in profiles)


def test_unwilling_but_able_goes_down_one_step() -> None:
    able = Answers(
        age=30,
        horizon="3y+",
        experience="deposit",
        knowledge="very_low",
        share="10",
        income="stable",
        loss="10",
    )
    profile = classify(able)
    # 21 of 32 is active; willingness alone is 4 of 15, stability-seeking: two profiles lower.
    assert (profile.raw, profile.type) == (21, "active")
    assert profile.willingness == pytest.approx(400 / 15)
    assert profile.capacity == pytest.approx(100.0)
    assert profile.name == "balanced"
    assert dict(profile.reasons[-1].detail)["part"] == "willingness"


def test_willing_but_unable_goes_down_one_step() -> None:
    willing = Answers(
        age=62,
        horizon="3y+",
        experience="derivative",
        knowledge="very_high",
        share="40+",
        income="none",
        loss="any",
    )
    profile = classify(willing)
    # 23 of 32 is active; capacity alone is 8 of 17, neutral.
    assert (profile.raw, profile.type, profile.name) == (23, "active", "balanced")
    assert profile.capacity == pytest.approx(800 / 17)
    assert dict(profile.reasons[-1].detail)["part"] == "capacity"


def test_both_rules_can_speak_and_the_horizon_comes_last() -> None:
    answers = replace(MIDDLE, horizon="12m", age=25, share="10", income="stable", loss="20")
    profile = classify(answers)
    assert score(answers).profile == "growth"
    assert [note.message for note in profile.reasons] == [
        "profile.reason_form",
        "profile.reason_cautious",
        "profile.reason_horizon",
    ]
    assert profile.name == "conservative"


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"loss": "any", "horizon": "6m"}, "any_loss_with_short_horizon"),
        ({"loss": "any", "horizon": "12m"}, "any_loss_with_short_horizon"),
        ({"age": 65, "loss": "any"}, "any_loss_at_65_or_older"),
        ({"income": "none", "loss": "any"}, "any_loss_without_income"),
        ({"share": "40+", "loss": "any"}, "any_loss_with_most_of_the_assets"),
        ({"knowledge": "very_high", "experience": "deposit"}, "knowledge_without_experience"),
        ({"experience": "derivative", "loss": "none"}, "derivatives_but_no_loss"),
    ],
)
def test_each_contradiction_is_named_alone(changes: dict[str, object], name: str) -> None:
    warnings = classify(replace(MIDDLE, **changes)).warnings  # type: ignore[arg-type]
    assert [note.message for note in warnings] == [f"profile.{name}"]


def test_just_beside_a_contradiction_nothing_is_said() -> None:
    for changes in (
        {"loss": "any"},
        {"age": 64, "loss": "any"},
        {"age": 65, "loss": "20"},
        {"experience": "derivative"},
        {"knowledge": "very_high"},
    ):
        assert classify(replace(MIDDLE, **changes)).warnings == ()


# --- time -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answered", "last"),
    [
        (date(2026, 5, 4), date(2027, 5, 4)),
        (date(2026, 12, 31), date(2027, 12, 31)),
        (date(2024, 2, 29), date(2025, 2, 28)),
    ],
)
def test_answers_hold_for_twelve_months_and_not_a_day_longer(answered: date, last: date) -> None:
    answers = replace(MIDDLE, answered=answered)
    assert classify(answers, as_of=answered).expires == last
    assert classify(answers, as_of=last).name == "balanced"
    with pytest.raises(ConfigError, match=f"expired on {last}.*answer the questions again"):
        classify(answers, as_of=date.fromordinal(last.toordinal() + 1))


def test_answers_from_the_future_are_refused() -> None:
    with pytest.raises(ConfigError, match="2026-05-05 lies after 2026-05-04"):
        classify(replace(MIDDLE, answered=date(2026, 5, 5)), as_of=date(2026, 5, 4))


def test_answers_without_a_day_never_expire() -> None:
    assert classify(MIDDLE, as_of=date(2099, 1, 1)).expires is None


# --- words ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_everything_can_be_said_in_both_languages(language: str) -> None:
    for answers in SOUND[::37]:
        profile = classify(answers)
        for note in (*profile.reasons, *profile.warnings):
            assert "{" not in say_note(language, note)
            assert named_note(language, note).endswith(say_note(language, note))
        assert type_name(language, profile.type)


def test_both_languages_have_the_same_messages_and_places() -> None:
    ko, en = (messages.catalogue(language) for language in ("ko", "en"))
    mine = [key for key in ko if key.startswith(("profile.", "universe."))]
    assert sorted(mine) == sorted(k for k in en if k.startswith(("profile.", "universe.")))
    for key in mine:
        assert sorted(_places(ko[key])) == sorted(_places(en[key])), key


def _places(text: str) -> list[str]:
    from string import Formatter

    return [name for _, name, _, _ in Formatter().parse(text) if name]


def test_every_contradiction_has_its_sentence_and_every_question_both_languages() -> None:
    form = questionnaire()
    for language in messages.LANGUAGES:
        for rule in form.contradictions:
            assert f"profile.{rule.name}" in messages.catalogue(language)
        for question in form.questions:
            assert question.ask[language]
            assert all(choice.text[language] for choice in question.choices)
