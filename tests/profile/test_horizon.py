"""The day on which money is needed shortens a horizon; it never lengthens one."""

from __future__ import annotations

from itertools import product

import pytest

from jeoul.profile import PROFILES, Answers, classify
from jeoul.profile.horizon import profile_until

BOLD = Answers(
    age=30,
    horizon="3y+",
    experience="derivative",
    knowledge="very_high",
    share="10",
    income="stable",
    loss="20",
)


@pytest.mark.parametrize(
    ("years", "profile"), [(0.4, "conservative"), (1.0, "conservative"), (2.5, "balanced")]
)
def test_a_near_day_caps_a_bold_diagnosis(years: float, profile: str) -> None:
    assert classify(BOLD).name == "growth"
    assert profile_until("growth", years, BOLD) == profile


def test_money_for_later_leaves_the_diagnosis_as_it_is() -> None:
    assert profile_until("growth", 30.0, BOLD) == "growth"


@pytest.mark.parametrize(("profile", "years"), list(product(PROFILES[1:], (0.1, 1.5, 2.5, 9.0))))
def test_no_day_raises_a_profile(profile: str, years: float) -> None:
    for answers in (None, BOLD):
        found = profile_until(profile, years, answers)
        assert PROFILES.index(found) <= PROFILES.index(profile)
