"""What momentum chose and why, in names that a person knows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jeoul.messages import LANGUAGES
from jeoul.model.history import History
from jeoul.model.portfolio import Reason
from jeoul.pipeline.allocation import RowAllocation
from jeoul.pipeline.mandate import Mandate
from jeoul.pipeline.momentum import MomentumChoice, missing_for
from jeoul.pipeline.overdue import OVERDUE
from jeoul.strategy.tables.momentum import Momentum, SeriesCanary


def momentum_reasons(
    mandate: Mandate, history: History, allocation: RowAllocation | None
) -> Iterator[Reason]:
    """Yield what the canaries said at the month end of an allocation, and what was chosen.

    A series that a canary reads and that is missing comes last: a run that would trade stops on it.
    """
    rules = mandate.strategy.allocate
    if allocation is None or allocation.choice is None or not isinstance(rules, Momentum):
        return
    choice = allocation.choice
    detail = {
        "session": history.day(choice.month_end).isoformat(),
        "bad": str(len(choice.bad)),
        "of": str(choice.counted),
        **_named("names", [_watched(mandate, rules, label) for label in choice.bad]),
        **_named("chosen", [_fund(mandate, name) for name in choice.chosen]),
    }
    if choice.offensive:
        yield Reason.of("momentum.offensive", **detail)
    else:
        yield Reason.of("momentum.defensive", **detail)
    for label, canary in rules.canaries.items():
        if not isinstance(canary, SeriesCanary):
            continue
        sessions = missing_for(canary, history, len(history) - 1)
        if sessions is not None:
            never = sessions == int(history.clock_seen[-1])
            kind = f"{OVERDUE}_never" if never else OVERDUE
            yield Reason.of(kind, latch=label, series=canary.series, sessions=sessions)


def fund_reason(
    rules: Momentum, choice: MomentumChoice, name: str, weight: float, key: str
) -> Reason:
    """Return why momentum gives a member its weight; ``key`` is that of its class."""
    detail = {"weight": f"{weight:z.1%}", "rule": key}
    chosen, score = name in choice.chosen, choice.scores.get(name)
    if name in rules.core or (weight > 0.0 and not chosen):  # itself, or in place of one
        return Reason.of("allocate.momentum_core", **detail)
    if not chosen:
        return Reason.of("allocate.momentum_out", **detail)
    if score is None:
        return Reason.of("allocate.momentum_floor", **detail)
    return Reason.of("allocate.momentum", score=f"{score:+z.1%}", **detail)


def _named(key: str, names: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Return a list of names under a key, in each language."""
    return {
        f"{key}_{language}": ", ".join(name[place] for name in names) or "–"
        for place, language in enumerate(LANGUAGES)
    }


def _fund(mandate: Mandate, name: str) -> tuple[str, str]:
    """Return the name of a member's preferred fund in Korean and English."""
    members = {member.name: member for member in mandate.universe.members}
    fund = mandate.universe.instruments[members[name].codes[0]]
    return fund.name_ko, fund.name_en


def _watched(mandate: Mandate, rules: Momentum, label: str) -> tuple[str, str]:
    """Return what a canary looks at: the name of its fund, or its series."""
    canary = rules.canaries[label]
    if isinstance(canary, SeriesCanary):
        return canary.series, canary.series
    return _fund(mandate, canary.member)
