"""Why a fund has the weight that it has, and how far its allocation is known to be right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from jeoul.model.portfolio import Reason
from jeoul.model.shown import Brief


class MarginalGain(NamedTuple):
    """What one percentage point more of a fund would add to the objective, part by part.

    All in basis points a year. ``expected`` is its expected return above cash, ``risk`` what the
    variance takes, ``pull`` what the distance from the strategic weight takes or gives, ``trading``
    the cost of trading it, ``limits`` the price of the limits that it shares with other funds and
    ``elsewhere`` what the same money brings in the other funds. They sum to ``gain``: 0 where
    everything balances, above 0 at an upper limit of the fund, below 0 at a lower one.
    """

    expected: float
    risk: float
    pull: float
    trading: float
    limits: float
    elsewhere: float

    @property
    def gain(self) -> float:
        """Return the sum of the parts.

        >>> MarginalGain(4.0, -3.0, 0.5, 0.0, 0.0, -1.5).gain
        0.0
        """
        return sum(self)


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class WeightReason(Brief):
    """Why one fund has its ``weight`` in the allocation, before the overlay.

    ``reasons`` begin with what decides, and name every limit that binds on the fund. ``strategic``
    is the weight that the profile's strategic split gives it. ``asked`` is None where no prices
    say what a point more would bring: no program was solved, or not one with prices.
    """

    weight: float
    strategic: float
    reasons: tuple[Reason, ...]
    asked: MarginalGain | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocationCertificate:
    """What solved an allocation, and how far its answer can be from the optimum.

    ``gap`` bounds what any other weights could add to the objective (a decimal fraction a year),
    None where there is no bound, since the program is not convex. ``violation`` is the
    largest violation of a rule, in weight. Both are recomputed from the weights. ``risk_aversion``
    is the program's, ``acting`` the one that the optimum acts on, above it where the volatility
    ceiling binds and None where there is none. Of ``min-cvar`` gap and objective are of the mean
    loss in the worst sessions, and there is no risk aversion.
    """

    solver: str
    path: str
    gap: float | None
    violation: float
    objective: float
    risk_aversion: float | None = None
    acting: float | None = None


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class Explanation(Brief):
    """Why an allocation is what it is: fund by fund, and as a whole.

    ``funds`` are by ticker, those among them that were considered and are not held. ``limits`` are
    rules about the whole that bind or had to yield, and what was mended in the covariance.
    ``certificate`` is None where no program was solved.
    """

    funds: Mapping[str, WeightReason] = field(default_factory=dict)
    limits: tuple[Reason, ...] = ()
    certificate: AllocationCertificate | None = None
