"""Research in sentences, in both languages."""

from __future__ import annotations

from math import isfinite

from jeoul.messages import say
from jeoul.research.judgement import Judgement


def percent(value: float) -> str:
    """Return a fraction as a percentage with one decimal.

    >>> percent(-0.1234)
    '-12.3%'
    """
    return f"{value:.1%}"


def judgement_text(found: Judgement, language: str) -> list[str]:
    """Return which trial a backtest is and what its Sharpe ratio is worth."""
    lines = [say(language, "research.trial", {"trial": found.trial, "trials": found.trials})]
    if isfinite(found.deflated_sharpe):
        places = {"deflated": percent(found.deflated_sharpe)}
        lines.append(say(language, "research.deflated", places))
    if isfinite(found.track_years):
        lines.append(say(language, "research.track", {"years": f"{found.track_years:.1f}"}))
    return lines
