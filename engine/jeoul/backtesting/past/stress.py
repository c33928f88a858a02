"""What today's weights would have lost in falls that everybody remembers, simply held."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jeoul import metrics
from jeoul.backtesting.periods import Crisis, report_crises
from jeoul.model.calendar import Reals
from jeoul.model.days import count_before, count_until
from jeoul.model.history import History
from jeoul.model.portfolio import CASH, Weights
from jeoul.pipeline.mandate import Mandate

COVERED = 0.9
"""The least share of the weights that must have prices for a figure to be given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stress:
    """One fall and what the weights came to in it.

    ``covered`` is the share of the weights that has prices, cash among it; ``growth`` and
    ``max_drawdown`` are of the weights as bought on the first day, and None below
    :data:`COVERED`: the fall is then outside the data. ``change`` is the growth of an
    amount, in smallest units.
    """

    crisis: Crisis
    covered: float
    growth: float | None = None
    max_drawdown: float | None = None
    change: int | None = None


def stresses(
    mandate: Mandate, history: History, weights: Weights, amount: int
) -> tuple[Stress, ...]:
    """Return what weights by ticker would have done in every fall, held from its first day.

    No rule acts and nothing is traded. A fund without prices then is held through its proxies; a
    class without either is held through the other members of the class that had them. What no
    member of its class can stand for counts as cash, and is not ``covered``. ``amount`` is in
    smallest units.
    """
    places = {code: place for place in mandate.members for code in mandate.allowed[place]}
    held = np.zeros(len(mandate.places))
    for code, weight in weights.items():
        held[-1 if code == CASH else places[code]] += weight
    return tuple(_stress(mandate, history, held, crisis, amount) for crisis in report_crises())


def _stress(mandate: Mandate, history: History, held: Reals, crisis: Crisis, amount: int) -> Stress:
    sessions = history.sessions
    first = count_until(sessions, crisis.start) - 1
    last = count_before(sessions, crisis.end)
    if history.calendar != "XNYS":  # the sessions of Seoul close before those of New York
        last = min(last + 1, len(sessions))
    if first < 0 or last >= len(sessions):
        return Stress(crisis=crisis, covered=0.0)
    level = history.level[first : last + 1]
    able: NDArray[np.bool_] = np.isfinite(level.sum(axis=0))
    units, covered = _stood_for(mandate, held, able)
    if covered < COVERED:
        return Stress(crisis=crisis, covered=covered)
    rates = np.nan_to_num(history.cash_rate[first : last + 1])
    rates[0] = 0.0
    value = np.cumprod(1.0 + rates) * units[-1]
    value = value + (level[:, able] / level[0, able]) @ units[:-1][able]
    growth = metrics.total_return(value)
    return Stress(
        crisis=crisis,
        covered=covered,
        growth=growth,
        max_drawdown=metrics.max_drawdown(value),
        change=round(growth * amount),
    )


def _stood_for(mandate: Mandate, held: Reals, able: NDArray[np.bool_]) -> tuple[Reals, float]:
    """Return weights of members with prices alone, and the share of them that has any."""
    found = held.copy()
    members = np.arange(len(held) - 1)
    for place in members[(held[:-1] > 0.0) & ~able]:
        alike = [
            other
            for other in mandate.members
            if able[other] and mandate.classes[other] == mandate.classes[place]
        ]
        found[place] = 0.0
        if alike:
            share = mandate.reference[alike]
            found[alike] += held[place] * share / share.sum()
    missing = 1.0 - float(found.sum())
    found[-1] += missing
    return found, 1.0 - missing
