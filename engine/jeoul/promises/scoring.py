"""How often promises were kept, with the interval that so few independent windows leave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from jeoul.promises.binomial import clopper_pearson
from jeoul.promises.law import SHARE, PromiseLaw
from jeoul.promises.outcomes import OutcomeWindows, ValuePath, disjoint, windows_of
from jeoul.promises.promise import FIGURES, RATES, Promise, month_of

FEWEST = 10
"""The fewest windows apart from one another of which anything is said."""

LEVELS = (0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95)
"""The parts of a law that the calibration looks at."""


class PromiseVerdict(StrEnum):
    """How a promised share compares with the interval of the share that came true.

    ``KEPT`` lies in it; a range was ``TOO_NARROW`` where it held less often than promised and
    ``TOO_WIDE`` where more often. Of fewer windows than ten nothing is said.
    """

    KEPT = "kept"
    TOO_NARROW = "too_narrow"
    TOO_WIDE = "too_wide"
    TOO_FEW = "too_few"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hits:
    """How often something came true, in windows that do not overlap.

    ``low`` to ``high`` is the 90 % interval of Clopper and Pearson of ``hits`` of ``windows``.
    """

    windows: int
    hits: int
    low: float
    high: float

    @property
    def share(self) -> float:
        """Return the share of the windows, NaN without any."""
        return self.hits / self.windows if self.windows else float("nan")

    def verdict(self, promised: float) -> PromiseVerdict:
        """Return whether the share is in keeping with the promised one."""
        if self.windows < FEWEST:
            return PromiseVerdict.TOO_FEW
        if promised > self.high:
            return PromiseVerdict.TOO_NARROW
        return PromiseVerdict.TOO_WIDE if promised < self.low else PromiseVerdict.KEPT


@dataclass(frozen=True, slots=True, kw_only=True)
class RangeScore:
    """How often a promised range contained what came.

    ``all_windows`` is how many windows are known, ``all_share`` how many of them were kept: they
    overlap, so that no interval belongs to it. ``below`` and ``above`` count the windows apart in
    which less, or more, came than the range said; ``ratio`` is the median of what came over the
    middle of the range, for the volatility alone.
    """

    figure: str
    promised: float
    hits: Hits
    below: int
    above: int
    all_windows: int
    all_share: float
    ratio: float | None = None

    @property
    def verdict(self) -> PromiseVerdict:
        """Return whether the promise was kept."""
        return self.hits.verdict(self.promised)


@dataclass(frozen=True, slots=True, kw_only=True)
class RateScore:
    """A yearly rate that was promised beside what came: medians, and how often no more came."""

    figure: str
    promised: float
    came: float
    at_most: Hits
    all_windows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibrated:
    """How often a month came out at or below the part ``level`` of its law."""

    level: float
    at_most: Hits


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """The promises of one set of rules for one profile, and what came of them.

    ``first`` and ``last`` are the sessions of the first and last promise, ``until`` the last
    session that is known. ``made`` counts the promises.
    """

    strategy: str
    profile: str
    simulated: bool
    first: date
    last: date
    until: date
    made: int
    ranges: tuple[RangeScore, ...]
    rates: tuple[RateScore, ...]
    calibration: tuple[Calibrated, ...]


def score(promises: Sequence[Promise], path: ValuePath) -> Scored | None:
    """Return how promises along a path were kept, None without any promise.

    ``promises`` are in the order of their sessions.
    """
    if not promises:
        return None
    first, last = promises[0], promises[-1]
    return Scored(
        strategy=last.strategy,
        profile=last.profile,
        simulated=last.simulated,
        first=first.session,
        last=last.session,
        until=path.sessions[-1].astype(object),
        made=len(promises),
        ranges=tuple(_range_score(windows_of(promises, path, name)) for name in FIGURES),
        rates=tuple(_rate_score(windows_of(promises, path, name)) for name in RATES),
        calibration=calibrated(promises, windows_of(promises, path, "month")),
    )


class Halves(NamedTuple):
    """The promises of rules before they were chosen, and from then on; None without any."""

    before: Scored | None
    after: Scored | None


def halves(promises: Sequence[Promise], path: ValuePath, chosen: date | None) -> Halves:
    """Return how promises were kept, apart by the day on which their rules were chosen.

    Rules are chosen by somebody who knows what came before. A window belongs to the time before
    if it ended by ``chosen`` and to the time after if its promise was made on that day or later;
    one across it to neither. Without a day all of it was before.
    """
    day = date.max if chosen is None else chosen
    earlier = [promise for promise in promises if promise.session < day]
    later = [promise for promise in promises if promise.session >= day]
    return Halves(score(earlier, path.until(day)), score(later, path))


def calibrated(promises: Sequence[Promise], months: OutcomeWindows) -> tuple[Calibrated, ...]:
    """Return how often months came out below each part of their laws, of months that are apart."""
    rows = disjoint(months)
    made = [promises[number] for number in months.made[rows]]
    came = months.came[rows]
    found = []
    for level in LEVELS:
        ends = np.array([_month_at(promise, level) for promise in made])
        found.append(Calibrated(level=level, at_most=_hits(came <= ends)))
    return tuple(found)


def _month_at(promise: Promise, level: float) -> float:
    law = PromiseLaw(
        expected=np.array([promise.expected]),
        volatility=np.array([promise.volatility]),
        sessions_per_year=promise.sessions_per_year,
    )
    return float(law.quantile(level, month_of(promise.sessions_per_year))[0])


def _hits(true: NDArray[np.bool_]) -> Hits:
    windows, hits = len(true), int(np.count_nonzero(true))
    low, high = clopper_pearson(hits, windows)
    return Hits(windows=windows, hits=hits, low=low, high=high)


def _range_score(windows: OutcomeWindows) -> RangeScore:
    rows = disjoint(windows)
    below, above = windows.came < windows.low, windows.came > windows.high
    inside = ~(below | above)
    middle = 0.5 * (windows.low + windows.high)
    with_ratio = windows.figure == "volatility" and len(windows) > 0
    return RangeScore(
        figure=windows.figure,
        promised=SHARE,
        hits=_hits(inside[rows]),
        below=int(np.count_nonzero(below[rows])),
        above=int(np.count_nonzero(above[rows])),
        all_windows=len(windows),
        all_share=float(inside.mean()) if len(windows) else float("nan"),
        ratio=float(np.median(windows.came / middle)) if with_ratio else None,
    )


def _rate_score(windows: OutcomeWindows) -> RateScore:
    known = len(windows) > 0
    return RateScore(
        figure=windows.figure,
        promised=float(np.median(windows.low)) if known else float("nan"),
        came=float(np.median(windows.came)) if known else float("nan"),
        at_most=_hits((windows.came <= windows.high)[disjoint(windows)]),
        all_windows=len(windows),
    )
