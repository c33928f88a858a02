"""A glide path in round years: the mix, the share at risk, and a target-date fund's beside it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from jeoul.advice.glide import equity_share
from jeoul.korea.rulebook import Rulebook
from jeoul.pipeline.mandate import Mandate
from jeoul.pipeline.mixing import mixed_rules

_APART = 5


class GlideStep(NamedTuple):
    """One point of a path.

    ``at_risk`` is the strategic share of the risk classes before the overlay, None without any;
    ``fund`` the share in shares of a target-date fund by the rule tables.
    """

    years: float
    mix: Mapping[str, float]
    at_risk: float | None
    fund: float


def glide_steps(mandate: Mandate, day: date, book: Rulebook) -> tuple[GlideStep, ...]:
    """Return a mandate's path from a day to the goal, five years apart; empty without a path.

    >>> from jeoul import api
    >>> from jeoul.korea.tables import load_rules
    >>> glides = api.mandate(api.load_strategy("target-date").towards(date(2041, 1, 1)), "growth")
    >>> found = glide_steps(glides, date(2024, 6, 28), load_rules(2026))
    >>> [(round(step.years, 1), round(step.at_risk, 2), step.fund) for step in found[:3]]
    [(16.5, 0.61, 0.66), (15.0, 0.58, 0.64), (10.0, 0.45, 0.56)]
    """
    glide = mandate.strategy.glide
    if glide is None:
        return ()
    left = glide.years_left(day)
    ahead = range(_APART * math.floor(left / _APART), -1, -_APART) if left > 0.0 else ()
    years = dict.fromkeys([left, *map(float, ahead)])
    return tuple(_step(mandate, each, book) for each in years)


def _step(mandate: Mandate, years: float, book: Rulebook) -> GlideStep:
    glide, overlay = mandate.strategy.glide, mandate.strategy.overlay
    assert glide is not None
    mix = glide.mix_for(mandate.profile, years)
    classes = mixed_rules(mandate.strategy, mix).classes
    at_risk = None
    if overlay is not None:
        at_risk = sum(share for name, share in classes.items() if name in overlay.risk_classes)
    return GlideStep(years, mix, at_risk, float(equity_share(book, math.floor(years))))
