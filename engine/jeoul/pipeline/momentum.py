"""``allocate.kind = "momentum"``: which funds a month end chooses, from closes up to it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jeoul.model.calendar import Reals
from jeoul.model.history import History, Origin
from jeoul.pipeline.mandate import Mandate
from jeoul.strategy.tables.momentum import (
    AverageScore,
    MemberCanary,
    Momentum,
    ReturnScore,
    Score,
    SeriesCanary,
)

ALIVE = 6  # sessions within which a fund must have had a return
STALE = 3  # usual distances between two values of a series after which the next one is missing
READABLE = 0.75  # of the canaries, before the first trade
_LOOKBACKS = (1, 3, 6, 12)  # months of 13612W


@dataclass(frozen=True, slots=True)
class MomentumChoice:
    """What momentum chose: ``month_end`` is the row whose close is the newest that it read.

    ``bad`` names the canaries that are bad, of so many that ``counted``.
    ``scores`` are those of the list that was chosen from, by member, NaN where there is none.
    """

    month_end: int
    offensive: bool
    bad: tuple[str, ...]
    counted: int
    scores: Mapping[str, float]
    chosen: tuple[str, ...]


def month_ends(history: History) -> NDArray[np.int64]:
    """Return the rows that are the last session of their month, as the calendar has it."""
    now, then = (
        days.astype("datetime64[M]").astype(np.int64)
        for days in (history.sessions, history.executed)
    )
    return np.flatnonzero(now != then).astype(np.int64)


def score_of(rule: Score, closes: Reals) -> float:
    """Return the score of month-end closes, oldest first; NaN where one is missing.

    >>> from jeoul.strategy.tables.momentum import ReturnScore, WeightedScore
    >>> year = np.array([100.0, 1, 1, 1, 1, 1, 105.0, 1, 1, 110.0, 1, 108.0, 120.0])
    >>> round(score_of(ReturnScore(kind="return"), year), 4)
    0.2
    >>> round(12 * (120 / 108 - 1) + 4 * (120 / 110 - 1) + 2 * (120 / 105 - 1) + 0.2, 4)
    2.1827
    >>> round(score_of(WeightedScore(kind="13612w"), year), 4)  # a quarter of it
    0.5457
    """
    if len(closes) < rule.reads:
        return float("nan")
    last = float(closes[-1])
    if isinstance(rule, ReturnScore):
        return last / float(closes[-rule.reads]) - 1.0
    if isinstance(rule, AverageScore):
        return last / float(closes[-rule.reads :].mean()) - 1.0
    returns = [(last / float(closes[-1 - months]) - 1.0) * 12 / months for months in _LOOKBACKS]
    return sum(returns) / len(returns)


def choose(
    rules: Momentum, mandate: Mandate, history: History, row: int, available: Collection[str]
) -> MomentumChoice:
    """Return what momentum chooses on a row, among the members that are ``available`` to hold.

    The newest close that it reads is that of the last month end up to the row. A canary that has
    stopped is bad; one on a fund without enough month ends is left out while another counts.
    """
    before = month_ends(history)
    before = before[before <= row]
    closes = _closes(mandate, history, before[-rules.reads :])
    signs = _signs(rules, closes, history, row)
    young = _too_young(rules, mandate, history, before)
    if len(young) < len(signs):
        signs = {label: sign for label, sign in signs.items() if label not in young}
    bad = tuple(label for label, sign in signs.items() if not sign > 0.0)
    offensive = len(bad) < min(rules.breadth, max(1, len(signs)))
    listed = rules.offensive if offensive else rules.defensive
    scores = {name: score_of(rules.score, closes[name]) for name in listed if name in available}
    chosen = _best(scores, rules.top if offensive else rules.top_defensive)
    if not offensive and rules.floor is not None and rules.floor in available:
        least = score_of(rules.score, closes[rules.floor])
        chosen = [name if scores[name] >= least else rules.floor for name in chosen]
    return MomentumChoice(
        month_end=int(before[-1]) if len(before) else row,
        offensive=offensive,
        bad=bad,
        counted=len(signs),
        scores=scores,
        chosen=tuple(chosen),
    )


def weights_of(
    rules: Momentum, found: MomentumChoice, mandate: Mandate, members: NDArray[np.int64]
) -> Reals:
    """Return the weights of the members at hand; what is not cash sums to at most the budget.

    The share of a core fund that is not at hand goes to the rest of its class by the reference
    weights. Without any, and in a sleeve without any fund, it stays in cash.
    """
    budget = 1.0 - mandate.strategy.rebalance.cash
    weights = np.zeros(len(members))
    at = {mandate.places[place]: i for i, place in enumerate(members.tolist())}
    classes = np.array([mandate.classes[place] for place in members])
    for name, share in rules.core.items():
        if name in at:
            weights[at[name]] += budget * share
            continue
        own = classes == mandate.classes[mandate.places.index(name)]
        alike = np.where(own, mandate.reference[members], 0.0)
        if own.any():
            weights += budget * share * alike / alike.sum()
    sleeve = budget * (1.0 - sum(rules.core.values()))
    for name in found.chosen:
        weights[at[name]] += sleeve / len(found.chosen)
    return weights


def ready(mandate: Mandate, history: History) -> NDArray[np.bool_]:
    """Return, for each row, whether momentum has the closes that it reads.

    Every member that it looks at has them, but for those that have never had a price by then; and
    so have at least one offensive and one defensive fund, and the funds of three quarters of the
    canaries.
    """
    rules = mandate.strategy.allocate
    if not isinstance(rules, Momentum):
        return np.ones(len(history), dtype=np.bool_)
    looked_at = {name for key, *_, name in rules.named() if key != "core"}
    begun = np.isfinite(history.level)
    ends = np.zeros((len(history), 1), dtype=np.int64)
    ends[month_ends(history)] = 1
    enough = np.cumsum(ends * begun, axis=0) >= rules.reads

    def columns(names: Collection[str]) -> list[int]:
        return [place for place, name in enumerate(mandate.places[:-1]) if name in names]

    known = enough | ~begun
    found = np.asarray(known[:, columns(looked_at)].all(axis=1), dtype=np.bool_)
    for listed in (rules.offensive, rules.defensive):
        found &= enough[:, columns(listed)].any(axis=1)
    canaries = [each for each in rules.canaries.values() if isinstance(each, MemberCanary)]
    if canaries:
        read = [enough[:, columns(canary.members)].all(axis=1) for canary in canaries]
        found &= np.array(read).sum(axis=0) >= READABLE * len(read)
    return found


def _signs(
    rules: Momentum, closes: Mapping[str, Reals], history: History, row: int
) -> dict[str, float]:
    """Return a number above 0 for each canary that is good, NaN for one that cannot be read."""
    return {
        label: _member_sign(canary, closes)
        if isinstance(canary, MemberCanary)
        else _series_sign(canary, history, row)
        for label, canary in rules.canaries.items()
    }


def _too_young(
    rules: Momentum, mandate: Mandate, history: History, before: NDArray[np.int64]
) -> set[str]:
    """Return the canaries that look at a fund without the month ends that its score reads."""
    counts = np.isfinite(history.level[before]).sum(axis=0).tolist()
    known = dict(zip(mandate.places[:-1], counts, strict=True))
    return {
        label
        for label, canary in rules.canaries.items()
        if isinstance(canary, MemberCanary)
        and any(known[name] < canary.score.reads for name in canary.members)
    }


def _member_sign(canary: MemberCanary, closes: Mapping[str, Reals]) -> float:
    """Return a number above 0 while a fund is good, NaN where it cannot be read."""
    other = 0.0
    if canary.against is not None:
        other = score_of(canary.score, closes[canary.against])
    return score_of(canary.score, closes[canary.member]) - other


def _series_sign(canary: SeriesCanary, history: History, row: int) -> float:
    """Return a number above 0 while a series is good, NaN where it cannot be read."""
    values = _values(canary, history, row)
    known = values[np.isfinite(values)]
    if len(known) < canary.values or missing_for(canary, history, row) is not None:
        return float("nan")
    above = float(known[-1]) - float(known[-canary.values :].mean())
    return -above if canary.bad == "above" else above


def missing_for(canary: SeriesCanary, history: History, row: int) -> int | None:
    """Return for how many clock sessions a series has been missing, None while it is not.

    It is missing once three of its usual distances have passed without a value. Of a series
    without any value it is the whole history.
    """
    values = _values(canary, history, row)
    at = np.flatnonzero(np.isfinite(values))
    if not len(at):
        return int(history.clock_seen[row])
    usual = int(np.median(np.diff(at))) if len(at) > 1 else 1
    since = len(values) - 1 - int(at[-1])
    return since if since > STALE * usual else None


def _values(canary: SeriesCanary, history: History, row: int) -> Reals:
    """Return the values of a series on the clock sessions known at a row, NaN between them."""
    missing = np.full(len(history.clock), np.nan)
    found: Reals = history.signals.get(canary.series, missing)[: int(history.clock_seen[row])]
    return found


def _closes(mandate: Mandate, history: History, ends: NDArray[np.int64]) -> Mapping[str, Reals]:
    """Return the levels of all members at month ends; NaN for one without a recent return."""
    found = history.level[ends].copy()
    if len(ends):
        last = int(ends[-1])
        recent = history.origin[max(0, last - ALIVE + 1) : last + 1]
        found[:, (recent == Origin.NONE).all(axis=0)] = np.nan
    return {name: found[:, place] for place, name in enumerate(mandate.places[:-1])}


def _best(scores: Mapping[str, float], top: int) -> list[str]:
    """Return the names of the highest scores, the earlier of two equal ones first."""
    known = [name for name, score in scores.items() if not np.isnan(score)]
    return sorted(known, key=lambda name: -scores[name])[:top]
