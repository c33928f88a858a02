"""Many decisions taken together: how often they helped, by how much, and how sure that is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import sqrt
from statistics import NormalDist, fmean, stdev
from typing import NamedTuple

from jeoul.account.hindsight.records import CAUSES, HORIZONS, Cause, HindsightOutcome, LookedBack

LEVEL = 0.90
LEAST = 10
"""Decisions whose spans do not overlap that it takes to say how sure a figure is."""

_SCORE = NormalDist().inv_cdf(0.5 + LEVEL / 2.0)


class Between(NamedTuple):
    """Both ends of an interval."""

    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class HindsightSummary:
    """The decisions of one cause, looked back at after ``days``.

    ``known`` counts those whose day has come, ``pending`` the others, ``apart`` those of the known
    whose spans do not overlap: overlapping ones saw the same market and count once. ``better`` is
    the share that came out ahead of not trading, ``mean`` the mean effect as a fraction of the
    account at the decision, ``total`` the sum of effects in the smallest unit. The ranges are of
    90 %, None below :data:`LEAST` decisions apart.
    """

    cause: Cause
    days: int
    known: int
    pending: int
    apart: int
    better: float | None
    better_range: Between | None
    mean: float | None
    mean_range: Between | None
    total: int

    @property
    def tells(self) -> bool:
        """Return whether the mean effect differs from none by more than chance."""
        found = self.mean_range
        return found is not None and (found.low > 0.0 or found.high < 0.0)


def summaries(
    looked: Iterable[LookedBack], horizons: Sequence[int] = HORIZONS
) -> tuple[HindsightSummary, ...]:
    """Return a summary for each cause that occurs and each horizon.

    Decisions without a value or without prices are left out.
    """
    rows = [each for each in looked if each.decision.value > 0 and not each.unpriced]
    return tuple(
        _summary(cause, days, [each for each in rows if each.decision.cause == cause])
        for cause in CAUSES
        if any(each.decision.cause == cause for each in rows)
        for days in horizons
    )


def apart(days: Iterable[date], span: int) -> int:
    """Return how many of some days can be chosen at least ``span`` days from one another.

    >>> apart([date(2026, 1, 1), date(2026, 1, 20), date(2026, 1, 31)], 30)
    2
    """
    count, free = 0, date.min
    for day in sorted(days):
        if day >= free:
            count, free = count + 1, day + timedelta(days=span)
    return count


def proportion_range(share: float, count: int) -> Between:
    """Return the 90 % interval of a share of ``count`` independent outcomes.

    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", Journal of
    the American Statistical Association 22 (1927).

    >>> [round(end, 3) for end in proportion_range(0.5, 20)]
    [0.327, 0.673]
    """
    wide = _SCORE**2 / count
    middle = (share + wide / 2.0) / (1.0 + wide)
    half = _SCORE * sqrt(share * (1.0 - share) / count + wide / (4.0 * count)) / (1.0 + wide)
    return Between(middle - half, middle + half)


def mean_range(values: Sequence[float], independent: int) -> Between:
    """Return the 90 % interval of a mean whose values are worth ``independent`` ones.

    Student's interval, mean +- t x deviation / sqrt(independent), with ``independent - 1`` degrees
    of freedom; the quantile by the expansion of Cornish and Fisher, to 0.001 from nine on.

    >>> [round(end, 3) for end in mean_range([0.0, 1.0] * 10, 20)]
    [0.302, 0.698]
    """
    z, free = _SCORE, independent - 1
    quantile = z + (z**3 + z) / (4 * free) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * free**2)
    middle, half = fmean(values), quantile * stdev(values) / sqrt(independent)
    return Between(middle - half, middle + half)


def _summary(cause: Cause, days: int, rows: Sequence[LookedBack]) -> HindsightSummary:
    known = [(each, each.outcomes[days]) for each in rows if days in each.outcomes]
    parts = [_fraction(each, outcome) for each, outcome in known]
    free = apart((each.decision.session for each, _ in known), days)
    better = fmean(part > 0.0 for part in parts) if parts else None
    sure = free >= LEAST
    return HindsightSummary(
        cause=cause,
        days=days,
        known=len(known),
        pending=len(rows) - len(known),
        apart=free,
        better=better,
        better_range=proportion_range(better, free) if sure and better is not None else None,
        mean=fmean(parts) if parts else None,
        mean_range=mean_range(parts, free) if sure else None,
        total=sum(outcome.effect for _, outcome in known),
    )


def _fraction(looked: LookedBack, outcome: HindsightOutcome) -> float:
    return outcome.effect / looked.decision.value
