"""Research in sentences, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite, isnan
from typing import Any

from jeoul.messages import say
from jeoul.research.compare import Comparison
from jeoul.research.judgement import Judgement
from jeoul.research.placebo import Placebo

_COMPARED = ("volatility", "max_drawdown", "sharpe", "turnover", "cost")
_MOVED = 0.005  # of the portfolio: average weights that differ by less are not told


def percent(value: float) -> str:
    """Return a fraction as a percentage with one decimal.

    >>> percent(-0.1234)
    '-12.3%'
    """
    return f"{value:z.1%}"


def cost_percent(value: float) -> str:
    """Return a cost or a fee as a percentage: two decimals, because it is small.

    >>> cost_percent(0.0002)
    '0.02%'
    """
    return f"{value:z.2%}"


def judgement_text(found: Judgement, language: str) -> list[str]:
    """Return which trial a backtest is and what its Sharpe ratio is worth."""
    lines = [say(language, "research.trial", {"trial": found.trial, "trials": found.trials})]
    if isfinite(found.deflated_sharpe):
        places = {"deflated": percent(found.deflated_sharpe)}
        lines.append(say(language, "research.deflated", places))
    if isfinite(found.haircut_sharpe):
        left = {"haircut": f"{found.haircut_sharpe:.2f}", "trials": found.trials}
        lines.append(say(language, "research.haircut", left))
    if isfinite(found.track_years):
        lines.append(say(language, "research.track", {"years": f"{found.track_years:.1f}"}))
    return lines


def comparison_text(found: Comparison, language: str) -> list[str]:
    """Return what a change does: figures before and after, weights, interval, verdict."""
    lines = [say(language, "figure.short")] if isnan(found.first.cagr) else []
    for name in ("cagr", "total_return", *_COMPARED):
        before, after = getattr(found.first, name), getattr(found.second, name)
        if isnan(before) or (name == "total_return" and not isnan(found.first.cagr)):
            continue
        if name == "sharpe":
            shown = f"{before:.2f} → {after:.2f}"
        else:
            written = cost_percent if name == "cost" else percent
            shown = f"{written(before)} → {written(after)}"
        lines.append(f"{say(language, f'figure.{name}')}: {shown}")
    lines.append(say(language, "research.apart", {"apart": percent(found.apart)}))
    lines += [
        f"  {name}: {percent(before)} → {percent(after)}"
        for name, (before, after) in found.weights.items()
        if abs(after - before) > _MOVED
    ]
    bounds = {"low": f"{found.sharpe.low:+.2f}", "high": f"{found.sharpe.high:+.2f}"}
    lines.append(
        say(language, "research.interval", {**bounds, "level": f"{found.sharpe.level:z.0%}"})
    )
    lines.append(say(language, f"research.verdict_{found.verdict}"))
    return lines


def choice_text(found: Mapping[str, Any], language: str) -> list[str]:
    """Return what a sweep found and what choosing its best variant is worth."""
    places = {"variants": found["variants"], "refused": found["refused"]}
    lines = [say(language, "research.swept", {**places, "trials": found["trials"]})]
    lines += [
        say(language, "research.refused_by", {"count": count, "reason": reason})
        for reason, count in found["reasons"].items()
    ]
    if found["best"] is None:
        return lines
    span = {"start": found["from"], "end": found["to"]}
    lines.append(say(language, "research.judged", span))
    best = ", ".join(f"{key} = {value}" for key, value in found["best"].items())
    lines.append(say(language, "research.best", {"best": best, "sharpe": f"{found['sharpe']:.2f}"}))
    if found["deflated_sharpe"] is not None:
        deflated = {"deflated": percent(found["deflated_sharpe"])}
        lines.append(say(language, "research.deflated", deflated))
    if found["overfitting"] is not None:
        lines.append(
            say(language, "research.overfitting", {"share": percent(found["overfitting"])})
        )
    else:
        lines.append(say(language, f"research.overfitting_{found['overfitting_unknown']}"))
    if "walk_forward" in found:
        walked = found["walk_forward"]
        places = {"sharpe": f"{walked['sharpe']:.2f}", "folds": len(walked["folds"])}
        lines.append(say(language, "research.walked", places))
    return lines


def placebo_text(found: tuple[Placebo, ...], language: str, names: Mapping[str, str]) -> list[str]:
    """Return every placebo in a line; ``names`` are those of the members."""
    lines = []
    for one in found:
        subject = names.get(one.subject, one.subject)
        places = {"subject": subject, "sharpe": f"{one.sharpe:.2f}"}
        line = say(language, f"research.placebo_{one.kind}", places)
        if isfinite(one.better):
            line += say(language, "research.placebo_share", {"share": percent(one.better)})
        lines.append(line)
    return lines
