"""A day on which money is needed as an answer about the horizon, and what it caps."""

from __future__ import annotations

from dataclasses import replace

from jeoul.profile.answers import Answers
from jeoul.profile.form import PROFILES, questionnaire
from jeoul.profile.suitability import classify

_UPTO = (("6m", 0.5), ("12m", 1.0), ("2y", 2.0))
_LONG = 3.0


def horizon_of(years: float) -> str:
    """Return the answer of the questionnaire that so many years are.

    >>> [horizon_of(years) for years in (0.5, 0.6, 2.0, 2.9, 3.0)]
    ['6m', '12m', '2y', '3y', '3y+']
    """
    for code, most in _UPTO:
        if years <= most:
            return code
    return "3y" if years < _LONG else "3y+"


def profile_until(profile: str, years: float, answers: Answers | None = None) -> str:
    """Return the profile for money that is needed in some years: the same or a lower one.

    With answers the diagnosis is made again with the shorter of both horizons; without them the
    questionnaire's table caps the profile. ``none`` where no portfolio suits so short a time.

    >>> profile_until("growth", 1.5), profile_until("conservative", 30.0)
    ('balanced', 'conservative')
    """
    form, code = questionnaire(), horizon_of(years)
    limit = form.horizon[code]
    if answers is not None:
        codes = list(form.horizon)
        shorter = min(code, answers.horizon, key=codes.index)
        limit = classify(replace(answers, horizon=shorter)).name
    return min(profile, limit, key=PROFILES.index)
