"""Living on what was saved: how long the money lasts, in which order accounts pay, and by how much.

A year of retirement begins with what life costs, in prices of that year, less the pension that
somebody else pays. The accounts pay the rest after tax in a given order. What is left earns the
return of the year. So the order of good and bad years matters, which a mean return does not show.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from jeoul.goals.fan import INFLATION
from jeoul.goals.law import Paths
from jeoul.goals.withdrawing import ROUNDING, AccountPaths, PayingAccount
from jeoul.model.calendar import Reals

MONTHS = 12

_EARLY = 10  # years whose returns decide most


class Turn(NamedTuple):
    """One account's turn in an order: its place, and what it pays in a year at most."""

    place: int
    most: float | None = None


class PayingOrder(NamedTuple):
    """An order in which accounts pay, by turns; an account may have several."""

    name: str
    turns: tuple[Turn, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Retirement:
    """What is spent: won of today a year, from the age of ``first`` up to that of ``last``.

    ``years_away`` is how long it is until then, in which prices rise too. ``pension`` is what a
    public pension pays a year in won of today, from the age of ``pension_from`` on; it follows
    prices.
    """

    spending: float
    first: int
    last: int
    years_away: float = 0.0
    pension: float = 0.0
    pension_from: int = 65
    inflation: float = INFLATION

    @property
    def years(self) -> int:
        """Return for how many years money is needed."""
        return self.last - self.first

    def needed(self, year: int) -> float:
        """Return what the accounts have to pay in a year of retirement, in won of that year.

        >>> plan = Retirement(spending=100.0, first=60, last=90, pension=40.0, inflation=0.0)
        >>> plan.needed(0), plan.needed(5)
        (100.0, 60.0)
        """
        paid = self.pension if self.first + year >= self.pension_from else 0.0
        return max(0.0, self.spending - paid) * self.prices(year)

    def prices(self, year: int) -> float:
        """Return what a won of today costs in a year of retirement."""
        return math.pow(1.0 + self.inflation, self.years_away + year)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Spent:
    """What an order came to, by path.

    ``lasted`` is for how many years everything was paid, ``tax`` the tax of the accounts and
    ``left`` what is there at the end before tax, both in won of today. ``years`` is how many were
    asked for.
    """

    order: str
    years: int
    lasted: Reals
    tax: Reals
    left: Reals

    @property
    def enough(self) -> np.ndarray:
        """Return the paths in which the money lasts to the end."""
        return self.lasted >= self.years

    @property
    def probability(self) -> float:
        """Return the share of paths in which the money lasts to the end."""
        return float(self.enough.mean())


def yearly(returns: Paths) -> Reals:
    """Return growth factors of whole years from log returns of months; a rest is left out.

    >>> yearly(np.full((1, 25), np.log(1.02) / 12)).round(2).tolist()
    [[1.02, 1.02]]
    """
    years = returns.shape[1] // MONTHS
    sums = returns[:, : years * MONTHS].reshape(len(returns), years, MONTHS).sum(axis=2)
    found: Reals = np.exp(sums.astype(np.float64))
    return found


def spend(
    sources: Sequence[PayingAccount],
    value: Reals,
    untaxed: Reals,
    plan: Retirement,
    order: PayingOrder,
    factors: Reals,
) -> Spent:
    """Return how long an order of accounts pays for a retirement, by path.

    ``value`` and ``untaxed`` have a row a path and a column an account, in won of the first day;
    ``factors`` is the growth of each year (:func:`yearly`).

    >>> cash = PayingAccount(id="a", kind="general")
    >>> plan = Retirement(spending=10.0, first=60, last=63, inflation=0.0)
    >>> money = np.array([[25.0]])
    >>> order = PayingOrder("a", (Turn(0),))
    >>> spend([cash], money, money, plan, order, np.ones((1, 3))).lasted.tolist()
    [2.0]
    """
    accounts = [
        AccountPaths(source, value[:, place], untaxed[:, place])
        for place, source in enumerate(sources)
    ]
    alive = np.ones(len(value), dtype=bool)
    lasted, tax = np.zeros(len(value)), np.zeros(len(value))
    for year in range(plan.years):
        needed = np.where(alive, plan.needed(year), 0.0)
        before = sum(account.tax for account in accounts)
        for account in accounts:
            account.open_year(year)
        for turn in order.turns:
            needed = needed - accounts[turn.place].take(needed, turn.most)
        tax += (sum(account.tax for account in accounts) - before) / plan.prices(year)
        alive &= needed <= ROUNDING
        lasted += alive
        for account in accounts:
            account.grow(factors[:, year])
    left = sum((account.value for account in accounts), np.zeros(len(value)))
    return Spent(
        order=order.name,
        years=plan.years,
        lasted=lasted,
        tax=tax,
        left=np.where(alive, left, 0.0) / plan.prices(plan.years),
    )


def early_years(spent: Spent, factors: Reals) -> tuple[float, float]:
    """Return how often the money lasts after the worst and the best fifth of the first ten years.

    The rest of the years is whatever it is: what differs is when the bad ones came.
    """
    first = factors[:, :_EARLY].prod(axis=1)
    low, high = np.quantile(first, [0.2, 0.8])
    enough = spent.enough
    return float(enough[first <= low].mean()), float(enough[first >= high].mean())


def orders_of(sources: Sequence[PayingAccount], limit: float) -> tuple[PayingOrder, ...]:
    """Return the orders that are compared: the pension last, first, and first up to a limit.

    Before and behind it ordinary accounts come first, then those abroad, then an ISA. ``limit`` is
    what a year's private pension may be without a higher tax, in won. Without a pension, or with
    nothing else, there is one order.

    >>> from jeoul.goals.levy import GainLevy
    >>> from jeoul.goals.withdrawing import PensionLaw
    >>> law = PensionLaw(receipts=(GainLevy(),), outside=GainLevy(), limits=(1.0,))
    >>> pension = PayingAccount(id="b", kind="pension", pension=law)
    >>> [order.name for order in orders_of([PayingAccount(id="a", kind="general"), pension], 15e6)]
    ['pension_last', 'pension_first', 'pension_within']
    """
    ranked = sorted(range(len(sources)), key=lambda place: _rank(sources[place]))
    others = [Turn(place) for place in ranked if sources[place].pension is None]
    pensions = [Turn(place) for place in ranked if sources[place].pension is not None]
    last = PayingOrder("pension_last", (*others, *pensions))
    if not pensions or not others:
        return (last,)
    within = tuple(Turn(turn.place, limit / len(pensions)) for turn in pensions)
    return (
        last,
        PayingOrder("pension_first", (*pensions, *others)),
        PayingOrder("pension_within", (*within, *others, *pensions)),
    )


_KINDS = ("beside", "general", "overseas", "isa")


def _rank(source: PayingAccount) -> int:
    return _KINDS.index(source.kind) if source.kind in _KINDS else len(_KINDS)
