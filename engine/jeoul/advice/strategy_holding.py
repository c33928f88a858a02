"""A strategy held in an account: every fund has its own cost, and sales are taxed as they come."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from jeoul.advice.holding import HeldRoute
from jeoul.advice.saver import SaverPayment
from jeoul.korea.gains import Gain, settle_general
from jeoul.korea.rulebook import Rulebook, step

Reals = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HeldTrack:
    """What a strategy held along its backtest.

    Rows are sessions, columns the funds and cash last. ``level`` is what one unit of each is worth
    in won, ``weights`` the shares after the row, ``cost`` what the row's trades cost as a share of
    the value, and ``traded`` whether there were any. ``kinds`` says how each gain is taxed.
    """

    days: tuple[date, ...]
    level: Reals
    weights: Reals
    traded: NDArray[np.bool_]
    cost: Reals
    kinds: tuple[str, ...]


def hold_strategy(
    book: Rulebook,
    track: HeldTrack,
    account: str,
    paid: Sequence[SaverPayment],
    days: Sequence[date],
) -> HeldRoute:
    """Return what payments into a strategy come to in one kind of account.

    Each payment buys the weights of its day. On days of trading every fund goes to its weight; what
    is sold realises its share of the gain over the average cost. In an ordinary account the tax on
    it is paid out of the portfolio: at once for Korean funds, at the end of the year for gains
    abroad, after the year's deduction. Distributions count as a part of the gains.
    """
    pot = _Pot(book, track, taxed=account == "general")
    payment_on = {part.day: part.amount for part in paid}
    values: dict[date, int] = {}
    wanted = frozenset(days)
    for row, day in enumerate(track.days):
        if day < days[0] or day > days[-1]:
            continue
        pot.mark(row)
        if day in wanted:
            values[day] = int(pot.value)
        pot.rebalance(row)
        if day in payment_on:
            pot.buy(row, payment_on[day])
    steps = () if not pot.taxes else (step("compare_strategy_taxed", taxed=round(pot.taxes)),)
    return HeldRoute(
        values=tuple(values[day] for day in days),
        results=pot.results(),
        income=dict(pot.income),
        steps=steps,
    )


class _Pot:
    """Won in every fund, what it cost, and what was realised; it changes row by row."""

    def __init__(self, book: Rulebook, track: HeldTrack, *, taxed: bool) -> None:
        self._book, self._track, self._taxed = book, track, taxed
        places = len(track.kinds)
        self._units, self._cost = np.zeros(places), np.zeros(places)
        self._realised = np.zeros(places)
        self._worth = np.zeros(places)
        self._year = 0
        self.income: defaultdict[int, int] = defaultdict(int)
        self.taxes = 0.0

    @property
    def value(self) -> float:
        return float(self._worth.sum())

    def mark(self, row: int) -> None:
        """Value everything on a row, and settle the year before when a new one begins."""
        year = self._track.days[row].year
        if self._taxed and self._year not in {0, year}:
            self._pay(self._settled("us_etf"))
            self._realised[self._of("us_etf")] = 0.0
        self._year = year
        self._worth = self._units * self._track.level[row]

    def buy(self, row: int, amount: int) -> None:
        parts = amount * self._track.weights[row]
        self._units += parts / self._track.level[row]
        self._worth += parts
        self._cost += parts

    def rebalance(self, row: int) -> None:
        """Bring every fund to its weight of the row, and pay what the sales owe."""
        if not self._track.traded[row] or not self.value:
            return
        target = self.value * self._track.weights[row]
        sold = np.clip(self._worth - target, 0.0, None)
        share = np.divide(sold, self._worth, out=np.zeros_like(sold), where=self._worth > 0)
        gains = share * (self._worth - self._cost)
        self._realised += gains
        self._cost = self._cost * (1 - share) + np.clip(target - self._worth, 0.0, None)
        self._worth = target
        self._units = target / self._track.level[row]
        if self._taxed:
            self._pay(self._taxed_at_once(gains))
        self._shrink(1.0 - float(self._track.cost[row]))

    def results(self) -> tuple[Gain, ...]:
        """Return the results of selling everything, with what was realised and is not settled."""
        gains = self._worth - self._cost
        if self._taxed:
            open_year = np.where(self._of("us_etf"), self._realised, 0.0)
            gains += open_year
        else:
            gains += self._realised
        return tuple(
            Gain(kind, int(gain)) for kind, gain in zip(self._track.kinds, gains, strict=True)
        )

    def _of(self, kind: str) -> NDArray[np.bool_]:
        return np.array([each == kind for each in self._track.kinds])

    def _taxed_at_once(self, gains: Reals) -> float:
        results = tuple(
            Gain(kind, int(gain))
            for kind, gain in zip(self._track.kinds, gains, strict=True)
            if kind != "us_etf"
        )
        found = settle_general(self._book, results=results)
        self.income[self._year] += found.taxable
        return found.tax

    def _settled(self, kind: str) -> float:
        results = (Gain(kind, int(self._realised[self._of(kind)].sum())),)
        return settle_general(self._book, results=results).tax

    def _pay(self, tax: float) -> None:
        if tax and self.value:
            self.taxes += tax
            kept = 1.0 - tax / self.value
            self._cost = self._cost * kept  # what is sold for the tax takes its cost with it
            self._shrink(kept)

    def _shrink(self, kept: float) -> None:
        self._worth = self._worth * kept
        self._units = self._units * kept
