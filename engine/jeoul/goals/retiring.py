"""A goal that is lived on: saved until its day, then spent, along the same paths."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from jeoul.goals.belief import Belief
from jeoul.goals.case import SavingCase
from jeoul.goals.chance import Chance, interval_over, simulate
from jeoul.goals.law import Law, Method, Paths, log_returns
from jeoul.goals.saving import Saving, growth
from jeoul.goals.spending import MONTHS, PayingOrder, Retirement, Spent, early_years, spend, yearly
from jeoul.goals.withdrawing import PayingAccount
from jeoul.model.calendar import Reals

_DRIFTS = 5
_PATHS = 500  # of an interval: over many laws their noise evens out
_MONTH = 1.0 / MONTHS


class OrderResult(NamedTuple):
    """An order in which accounts pay: how often the money lasts, and what it costs.

    ``tax`` and ``left`` are medians in won of today.
    """

    name: str
    probability: float
    tax: int
    left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RetirementAnswer:
    """How long the money of a goal lasts.

    ``best`` names the order in which it lasts most often; ``chance`` is the probability for that
    one that it lasts to the end, with the interval of 80 %, and ``lognormal`` that of parametric
    paths. ``ages`` are those at which the money is gone in the worst tenth and in half of the
    paths, None where it is not. ``steady`` is the age to which it would last if every year brought
    the mean; ``early`` is how often it lasts after the worst and the best fifth of first ten years.
    """

    plan: Retirement
    orders: tuple[OrderResult, ...]
    best: str
    chance: Chance
    lognormal: float
    ages: tuple[int | None, int | None]
    steady: int
    early: tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Retiring:
    """A goal with what its accounts are in retirement, and the orders that are compared.

    ``sources`` are those of the goal's pots, in their order, and of the money beside them.
    """

    case: SavingCase
    plan: Retirement
    sources: tuple[PayingAccount, ...]
    orders: tuple[PayingOrder, ...]
    belief: Belief


def retire(asked: Retiring, *, paths: int, seed: int) -> RetirementAnswer:
    """Return how long the money of a goal lasts; the same seed gives the same answer."""
    saving, belief = asked.case.saving(), asked.belief
    drawn = _drawn(asked, saving, "history", paths, seed)
    results = [_spent(asked, saving, belief.law, drawn, order) for order in asked.orders]
    order, spent = max(
        zip(asked.orders, results, strict=True),
        key=lambda pair: (pair[1].probability, float(np.median(pair[1].left))),
    )
    parametric = _drawn(asked, saving, "lognormal", paths, seed)
    flat = np.zeros((1, drawn.shape[1]))
    steady = _spent(asked, saving, Law(drift=belief.law.drift), flat, order)
    return RetirementAnswer(
        plan=asked.plan,
        orders=tuple(_result(each) for each in results),
        best=order.name,
        chance=_chance(asked, saving, (order, spent), drawn, seed),
        lognormal=_spent(asked, saving, belief.law, parametric, order).probability,
        ages=(_age(asked.plan, spent, 0.1), _age(asked.plan, spent, 0.5)),
        steady=asked.plan.first + int(steady.lasted[0]),
        early=early_years(spent, _factors(saving, belief.law, drawn)),
    )


def _drawn(asked: Retiring, saving: Saving, method: Method, paths: int, seed: int) -> Reals:
    rng = np.random.default_rng(seed)
    steps = saving.steps.count + MONTHS * asked.plan.years
    return simulate(asked.belief, method, rng, paths=paths, steps=steps).drawn


def _factors(saving: Saving, law: Law, drawn: Paths) -> Reals:
    return yearly(log_returns(law, drawn[:, saving.steps.count :], _MONTH))


def _spent(asked: Retiring, saving: Saving, law: Law, drawn: Paths, order: PayingOrder) -> Spent:
    """Return what an order comes to under a law, from what the years before have made of it."""
    saved = drawn[:, : saving.steps.count]
    grown = growth(log_returns(law, saved, saving.steps.span))
    idle = saving.paid.sum(axis=0)
    value = np.where(saving.moves > 0.0, grown @ saving.paid.astype(grown.dtype), idle)
    value = np.maximum(value.astype(np.float64), 0.0)
    # What is paid into a pension until then earns a credit, so that it is taxed when received.
    known = [
        pot.untaxed if source.pension is not None else untaxed
        for pot, source, untaxed in zip(
            saving.pots, asked.sources, saving.untaxed[-1].tolist(), strict=True
        )
    ]
    untaxed = np.minimum(np.maximum(known, 0.0), value)
    factors = _factors(saving, law, drawn)
    return spend(asked.sources, value, untaxed, asked.plan, order, factors)


def _chance(
    asked: Retiring, saving: Saving, best: tuple[PayingOrder, Spent], drawn: Reals, seed: int
) -> Chance:
    order, spent = best
    reached = spent.probability
    if math.isinf(asked.belief.known):
        return Chance(probability=reached, low=reached, high=reached)
    few = drawn[:_PATHS]

    def lasts(law: Law) -> float:
        return _spent(asked, saving, law, few, order).probability

    rng = np.random.default_rng([seed, 1])
    low, high = interval_over(asked.belief, lasts, rng, drifts=_DRIFTS)
    return Chance(probability=reached, low=min(low, reached), high=max(high, reached))


def _result(spent: Spent) -> OrderResult:
    tax, left = float(np.median(spent.tax)), float(np.median(spent.left))
    return OrderResult(spent.order, spent.probability, round(tax), round(left))


def _age(plan: Retirement, spent: Spent, share: float) -> int | None:
    """Return the age at which the money is gone in a share of the paths, None if it is not."""
    years = float(np.quantile(spent.lasted, share, method="lower"))
    return None if years >= plan.years else plan.first + int(years)
