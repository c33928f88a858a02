"""What would be needed: so much a month, or such a return."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from jeoul.goals.belief import certain
from jeoul.goals.case import SavingCase
from jeoul.goals.chance import share_reached
from jeoul.goals.law import Paths, log_returns
from jeoul.goals.saving import growth, outcomes

CAUTIOUS, MIDDLE, GOOD = 0.9, 0.5, 0.1
"""Shares of paths that reach the goal: nine of ten, half of them, one of ten."""

_LEAST, _MOST = -0.95, 1.0  # a year's return that is looked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Needed:
    """Won that have to be saved each month from now on, in place of what is planned.

    ``cautious`` reaches the goal on nine of ten paths, ``middle`` on half, ``good`` on one of ten.
    Where no month is left it is what is missing at once.
    """

    cautious: int
    middle: int
    good: int


def needed_monthly(case: SavingCase, grown: Paths) -> Needed:
    """Return what has to be saved each month at three outcomes, to the won; 0 where nothing has to.

    ``grown`` is :func:`~jeoul.goals.saving.growth` of the paths.

    >>> from datetime import date
    >>> from jeoul.goals.saving import Pot
    >>> pots = (Pot(id="a", kind="general", value=10_000_000, untaxed=10_000_000),)
    >>> on, by = date(2026, 11, 30), date(2033, 11, 30)
    >>> case = SavingCase(id="home", amount=100_000_000, on=on, by=by, pots=pots)
    >>> needed_monthly(case, growth(np.zeros((1, 84)))).middle
    1071429
    """
    cautious, middle, good = (
        _least(case, _reaches(case, grown, level)) for level in (CAUTIOUS, MIDDLE, GOOD)
    )
    return Needed(cautious=cautious, middle=middle, good=good)


def _reaches(case: SavingCase, grown: Paths, level: float) -> Callable[[int], bool]:
    def enough(monthly: int) -> bool:
        payments = case.monthly(monthly)
        if not payments:
            return case.saved + monthly >= case.amount
        found = outcomes(case.saving(payments), grown)
        return share_reached(case.amount, found) >= level

    return enough


def _least(case: SavingCase, enough: Callable[[int], bool]) -> int:
    """Return the least whole amount that is enough; the last payment alone can be the goal."""
    if enough(0):
        return 0
    low, high = 0, max(1, math.ceil(case.amount / max(1, case.steps.count)))
    while not enough(high):
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def needed_return(case: SavingCase) -> float | None:
    """Return the steady return of a year with which saved and planned money reach the goal.

    After costs of funds, before those of trading and the tax, which are taken as in the paths. A
    return below 0 means that none is needed; it is -95 % where the goal is met whatever happens.
    None where no month is left, and where even doubling every year is not enough.

    >>> from datetime import date
    >>> from jeoul.goals.saving import Pot
    >>> case = SavingCase(id="a", amount=121, on=date(2026, 1, 1), by=date(2027, 12, 31),
    ...             pots=(Pot(id="a", kind="general", value=100.0, untaxed=100.0),))
    >>> round(needed_return(case), 3)
    0.098
    """
    if not case.steps.count:
        return None
    saving, nothing = case.saving(), np.zeros((1, case.steps.count))

    def enough(rate: float) -> bool:
        returns = log_returns(certain(rate).law, nothing, case.steps.span)
        return share_reached(case.amount, outcomes(saving, growth(returns))) == 1.0

    low, high = _LEAST, _MOST
    if enough(low):
        return low
    if not enough(high):
        return None
    while high - low > 1e-6:
        middle = (low + high) / 2.0
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high
