"""What a backtest says of a glide path: its steps, and a target-date fund over the same span."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jeoul.cli.research import Study

_COMPARED = ("cagr", "volatility", "max_drawdown", "sharpe")


def glide_document(study: Study) -> dict[str, Any] | None:
    """Return a study's glide path as JSON values, None for a strategy without one.

    ``fund`` has the figures of :func:`~jeoul.research.target_fund.target_fund` over the span, None
    where the strategy has no risk classes to compare.
    """
    from jeoul.korea.tables import whole_rules
    from jeoul.research.glide_steps import glide_steps

    glide = study.mandate.strategy.glide
    if glide is None:
        return None
    steps = glide_steps(study.mandate, study.history.day(len(study.history) - 1), whole_rules())
    return {
        "by": glide.by.isoformat(),
        "steps": [step._asdict() for step in steps],
        "fund": None if study.strategy.overlay is None else _fund(study),
    }


def _fund(study: Study) -> dict[str, Any]:
    from jeoul import api
    from jeoul.backtesting import prepare, summarise
    from jeoul.korea.tables import whole_rules
    from jeoul.reporting.document import summary_document
    from jeoul.research.target_fund import target_fund

    fund = target_fund(study.strategy, whole_rules())
    own = study.mandate
    mandate = api.mandate(fund, "growth", own.account, limit=own.limit)
    found = summary_document(summarise(study.run(prepare(mandate, study.history))))
    return {name: found[name] for name in _COMPARED}


def glide_lines(found: Mapping[str, Any] | None, lang: str) -> Iterator[str]:
    """Yield what is printed of a glide path."""
    from jeoul.messages import say
    from jeoul.pipeline.wording import mix_text
    from jeoul.research.wording import percent

    if found is None:
        return
    yield say(lang, "glide.head", {"by": found["by"]})
    for step in found["steps"]:
        at_risk = "–" if step["at_risk"] is None else percent(step["at_risk"])
        detail = {
            "years": f"{step['years']:.1f}",
            "mix": mix_text(step["mix"], lang),
            "at_risk": at_risk,
            "fund": percent(step["fund"]),
        }
        yield say(lang, "glide.step", detail)
    fund = found["fund"]
    if fund is not None and fund["cagr"] is not None:
        shown = {name: percent(fund[name]) for name in _COMPARED[:3]}
        yield say(lang, "glide.fund", {**shown, "sharpe": f"{fund['sharpe']:.2f}"})
