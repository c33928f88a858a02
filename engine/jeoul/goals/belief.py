"""What is believed of a mix: its mean from history and from an equilibrium, and how sure that is.

Twenty years say little about a mean: at a volatility of 8 % its standard error is 1.8 % a year. So
the mean of history is drawn towards what the equilibrium implies, the one and the other weighted by
years, and counts for a goal only where it is not higher.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from jeoul.errors import ShortHistory
from jeoul.goals.law import Law, drift_of, mean_of
from jeoul.model.calendar import Reals

EQUILIBRIUM_YEARS = 20.0
"""Years of history that the equilibrium counts like: 1 / tau, with the tau of Black and Litterman
that :func:`jeoul.estimate.black_litterman` has, 0.05."""

LEAST_MONTHS = 24
"""Months of history below which no volatility and no shape is taken from it."""

MONTHS = 12.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ObservedMix:
    """A mix in the past, by months: log returns above cash, and ``riskless``, the rate of today.

    ``riskless`` is a simple rate of a year. ``anchor`` is the mean of a year, with the riskless
    rate, that the equilibrium and the strategy imply: the lower of the two.
    """

    excess: Reals
    riskless: float
    anchor: float

    def __post_init__(self) -> None:
        if len(self.excess) < LEAST_MONTHS:
            raise ShortHistory(
                f"{len(self.excess)} months of history are too few to say how sure a goal is; use "
                f"a data folder with at least {LEAST_MONTHS}"
            )

    @property
    def years(self) -> float:
        """Return the length of the history in years."""
        return len(self.excess) / MONTHS

    @property
    def volatility(self) -> float:
        """Return the standard deviation of a year's log return."""
        return float(self.excess.std(ddof=1) * math.sqrt(MONTHS))

    @property
    def drift(self) -> float:
        """Return the mean log return of a year: that of history above cash, and today's rate."""
        return float(self.excess.mean() * MONTHS) + math.log1p(self.riskless)

    @property
    def mean(self) -> float:
        """Return the mean of history as the simple return of a year."""
        return mean_of(self.drift, self.volatility)

    @property
    def shape(self) -> Reals:
        """Return the months less their mean and divided by their deviation."""
        deviation = float(self.excess.std())
        if deviation <= 1e-15:
            return np.zeros(len(self.excess))
        found: Reals = (self.excess - self.excess.mean()) / deviation
        return found


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Belief:
    """A law, and how sure its mean and volatility are.

    ``law`` has the mean that counts; ``drift`` is the mean log return without the cap of the
    equilibrium. ``known`` is how many years the drift rests on, ``freedom`` the degrees of freedom
    of the volatility; where both are infinite the law is certain.
    """

    law: Law
    drift: float
    known: float = math.inf
    freedom: float = math.inf

    @property
    def mean(self) -> float:
        """Return the mean that counts, as the simple return of a year."""
        return mean_of(self.law.drift, self.law.volatility)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DrawnLaws:
    """Laws that are as likely as what was seen allows: a drift and a volatility each.

    ``drifts`` lie around the one that counts, ``open_drifts`` around the one without the cap.
    """

    drifts: Reals
    open_drifts: Reals
    volatilities: Reals


def believe(seen: ObservedMix) -> Belief:
    """Return what follows from a history and an equilibrium.

    drift = (years x history + 20 x equilibrium) / (years + 20), for the law never above the
    equilibrium's. The volatility is that of history. Its degrees of freedom are
    2 n / (kurtosis - 1), the months of normal returns and fewer where large ones are frequent.

    >>> months = np.tile([0.02, -0.01], 120)
    >>> found = believe(ObservedMix(excess=months, riskless=0.02, anchor=0.03))
    >>> found.law.drift < found.drift, round(found.mean, 4), found.known
    (True, 0.03, 40.0)
    """
    equilibrium = drift_of(seen.anchor, seen.volatility)
    known = seen.years + EQUILIBRIUM_YEARS
    drift = (seen.years * seen.drift + EQUILIBRIUM_YEARS * equilibrium) / known
    shape = seen.shape
    kurtosis = float((shape**4).mean())
    count = len(shape)
    return Belief(
        law=Law(drift=min(drift, equilibrium), volatility=seen.volatility, months=shape),
        drift=drift,
        known=known,
        freedom=min(count - 1.0, 2.0 * count / (kurtosis - 1.0)) if kurtosis > 1.0 else count - 1.0,
    )


def certain(mean: float) -> Belief:
    """Return the belief of money without risk: what a won grows by a year, and nothing else.

    >>> certain(0.0).law.drift
    0.0
    """
    return Belief(law=Law(drift=math.log1p(mean)), drift=math.log1p(mean))


def likely_laws(belief: Belief, count: int, rng: np.random.Generator) -> DrawnLaws:
    """Return laws drawn from a belief that is not certain.

    volatility^2 = v^2 f / chi^2(f) and drift = d + volatility / sqrt(known) z: the normal and
    inverse gamma posterior of a mean and a variance.
    """
    spread = np.sqrt(belief.freedom / rng.chisquare(belief.freedom, count))
    volatilities = belief.law.volatility * spread
    apart = volatilities / math.sqrt(belief.known) * rng.standard_normal(count)
    return DrawnLaws(
        drifts=belief.law.drift + apart,
        open_drifts=belief.drift + apart,
        volatilities=volatilities,
    )


def mixed_history(parts: list[tuple[Reals, float]]) -> Reals:
    """Return the log returns of a mix that is brought back to its shares every month.

    ``parts`` are log returns of months with the share of each; shares sum to 1.

    >>> mixed_history([(np.log([1.1]), 0.5), (np.log([0.9]), 0.5)]).round(6).tolist()
    [0.0]
    """
    whole = sum(share * np.exp(months) for months, share in parts)
    found: Reals = np.log(whole)
    return found
