"""Which orders a plan makes: the few that a relaxation gains most from, found by linear programs.

An order costs its price however small it is, and there may be only so many. First each is charged
by the share that it is of its own size in the last relaxation, which drives small ones out (slope
scaling); then orders are dropped while that saves more than they bring; then orders that a reduced
cost speaks for are tried in place of the weakest.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product
from math import inf

import numpy as np

from jeoul.household.planning.relaxation import NOTICED, Chosen, LinearRelaxation
from jeoul.household.program.inputs import Floats, Ints
from jeoul.household.program.parts import Mark

ROUNDS = 4
"""Rounds of slope scaling; more of them do not choose better."""
DROPS = 4
"""How many of the smallest orders are tried when one has to go."""
ADDS = 10
"""How many orders that reduced costs speak for are tried in a round."""
TOGETHER = 3
"""How many positions of an account are given their side together."""
WORTH = 1.0
"""Won that a change must save."""


@dataclass(frozen=True)
class ShareChoice:
    """The orders that are made, what the relaxation costs with them, and their shares."""

    chosen: Chosen
    cost: float
    amounts: Floats

    @property
    def count(self) -> int:
        """Return how many orders there are."""
        return int(self.chosen.sum())


def lean(relaxation: LinearRelaxation) -> Chosen:
    """Return few orders with which the relaxation is still good."""
    sizes = relaxation.orders.most.copy()
    before: Chosen | None = None
    made = np.ones(len(sizes), dtype=bool)
    for _ in range(ROUNDS):
        relaxation.price_by(sizes)
        if relaxation.solve() == inf:
            break
        amounts = relaxation.amounts()
        made = amounts > NOTICED
        if before is not None and np.array_equal(made, before):
            break
        before = made
        sizes = np.where(made, np.maximum(amounts, 1e-3 * relaxation.orders.most), sizes)
    relaxation.price_truly()
    relaxation.release()
    return made


def settled(relaxation: LinearRelaxation, chosen: Chosen) -> ShareChoice:
    """Return a choice without the orders that it does not use."""
    relaxation.allow(chosen)
    return _seen(relaxation, chosen, relaxation.solve())


def _seen(relaxation: LinearRelaxation, chosen: Chosen, cost: float) -> ShareChoice:
    """Return the choice of the last solve; orders that it leaves at 0 are not paid for."""
    if cost == inf:
        return ShareChoice(chosen, inf, np.zeros(len(chosen)))
    amounts = relaxation.amounts()
    used = chosen & (amounts > NOTICED)
    charge = relaxation.charges[chosen & ~used].sum()
    return ShareChoice(used, cost - float(charge), amounts)


def trimmed(relaxation: LinearRelaxation, chosen: Chosen) -> ShareChoice:
    """Return a choice of one side a position, few enough orders, each worth its price."""
    now = one_sided(relaxation, settled(relaxation, chosen))
    while now.count:
        next_ = _without_one(relaxation, now, DROPS)
        if now.count <= relaxation.most_orders and next_.cost > now.cost - 1e-6:
            break
        if next_.cost == inf:
            break
        now = next_
    return now


def one_sided(relaxation: LinearRelaxation, now: ShareChoice) -> ShareChoice:
    """Return a choice that does not buy and sell one position.

    A relaxation sells and buys back what carries a gain that is cheap to realise. Of the positions
    of an account for which it does, each is sold or bought, whichever is best together; the money
    of a sale may buy any other fund of the account.
    """
    while now.cost < inf:
        other = relaxation.orders.other
        both = np.flatnonzero(now.chosen & (other >= 0) & now.chosen[other])
        if not len(both):
            break
        sells = both[other[both] < both]
        sells = sells[relaxation.account[sells] == relaxation.account[sells[0]]][:TOGETHER]
        ways = product((True, False), repeat=len(sells))
        now = min((_sided(relaxation, now, sells, way) for way in ways), key=lambda w: w.cost)
    return now


def _sided(
    relaxation: LinearRelaxation, now: ShareChoice, sells: Ints, sold: tuple[bool, ...]
) -> ShareChoice:
    """Return a choice in which some positions are only sold and others only bought."""
    other, chosen = relaxation.orders.other, now.chosen.copy()
    chosen[sells] = sold
    buys = relaxation.pairs[:, sells[list(sold)]].any(axis=1) if any(sold) else chosen
    chosen = chosen | buys
    chosen[other[chosen & (other >= 0) & (other < np.arange(len(other)))]] = False
    return settled(relaxation, chosen)


def _without_one(relaxation: LinearRelaxation, now: ShareChoice, tries: int) -> ShareChoice:
    """Return the best choice without one of the smallest orders, or without any that can go."""
    value = np.where(now.chosen, now.amounts * relaxation.orders.price, inf)
    smallest = [int(order) for order in np.argsort(value, kind="stable")[: now.count]]
    found = _without(relaxation, now, smallest[:tries])
    return found if found.cost < inf else _without(relaxation, now, smallest[tries:])


def _without(relaxation: LinearRelaxation, now: ShareChoice, orders: Iterable[int]) -> ShareChoice:
    """Return the best choice without one of some orders; infinite if none of them can go."""
    best = ShareChoice(now.chosen, inf, now.amounts)
    relaxation.allow(now.chosen)
    for order in orders:
        relaxation.allow_one(order, False)
        rest = now.chosen.copy()
        rest[order] = False
        found = _seen(relaxation, rest, relaxation.solve())
        relaxation.allow_one(order, True)
        if found.cost < best.cost:
            best = found
    return best


def improved(relaxation: LinearRelaxation, now: ShareChoice, solves: int) -> ShareChoice:
    """Return a choice in which other orders took the place of weaker ones, after so many solves."""
    last = relaxation.solves + solves
    refused = np.zeros((relaxation.orders.count,) * 2, dtype=bool)
    while relaxation.solves < last:
        better = _better(relaxation, now, refused, last)
        if better is None:
            break
        now = better
    return now


def _better(
    relaxation: LinearRelaxation, now: ShareChoice, refused: Chosen, last: int
) -> ShareChoice | None:
    relaxation.allow(now.chosen)
    if relaxation.solve() == inf:
        return None
    for orders in _promising(relaxation, now, refused):
        if relaxation.solves >= last:
            return None
        found = _with(relaxation, now, orders)
        if found.cost < now.cost - WORTH:
            return found
        refused[orders, orders[::-1]] = True
    return None


def _promising(relaxation: LinearRelaxation, now: ShareChoice, refused: Chosen) -> list[list[int]]:
    """Return the orders that reduced costs speak for, and pairs of a sale and a purchase.

    A pair is of one account, so that the sale pays for the purchase; what it brings at the reduced
    costs is counted for the smaller of the two.
    """
    orders = relaxation.orders
    rate = -relaxation.reduced() / orders.price
    rate[now.chosen | ((orders.other >= 0) & now.chosen[orders.other])] = -inf
    value = relaxation.most * orders.price
    both = np.maximum(rate[:, None] + rate, -1.0) * np.minimum(value[:, None], value)
    gain = np.where(relaxation.pairs, both, -inf)
    gain -= relaxation.charges[:, None] + relaxation.charges
    np.fill_diagonal(gain, np.maximum(rate, -1.0) * value - relaxation.charges)
    gain[refused | ~(gain > 0.0)] = -inf
    best = np.argsort(-gain, axis=None, kind="stable")[:ADDS]
    found = [divmod(int(place), orders.count) for place in best]
    return [sorted({i, j}) for i, j in found if gain[i, j] > 0.0]


def _with(relaxation: LinearRelaxation, now: ShareChoice, orders: list[int]) -> ShareChoice:
    """Return a choice with more orders, and less of others where there are too many."""
    none = ShareChoice(now.chosen, inf, now.amounts)
    wider = now.chosen.copy()
    wider[orders] = True
    found = settled(relaxation, wider)
    while found.count > relaxation.most_orders:
        over = found.count - relaxation.most_orders
        if (
            not found.chosen[orders].any()
            or found.cost - over * relaxation.charges.max() >= now.cost
        ):
            return none
        found = _without_one(relaxation, found, DROPS - 1)
    return found if found.chosen[orders].any() else none


def decide_rules(relaxation: LinearRelaxation) -> None:
    """Decide, rule by rule, whether purchases that it binds are made at all.

    Some rules hold only once something is bought: the cap of a retirement account that is above
    it, cash that has to be filled up first. Either the rule is kept or nothing of it is bought,
    whichever leaves the better relaxation. It is kept until :func:`lean` has chosen: from then on
    it holds where something is bought.
    """
    orders = relaxation.orders
    for mark in _marks(relaxation):
        bound = np.isin(orders.use, mark.watched)
        if not bound.any():
            continue
        relaxation.hold([mark.column], [1.0], [1.0])
        relaxation.price_by(orders.most)
        kept = relaxation.solve()
        relaxation.hold([mark.column], [0.0], [1.0])
        before = relaxation.most.copy()
        relaxation.most[bound] = 0.0
        relaxation.price_by(orders.most)
        if kept <= relaxation.solve():
            relaxation.most = before
            relaxation.hold([mark.column], [1.0], [1.0])


def decide_steps(relaxation: LinearRelaxation, chosen: Chosen) -> None:
    """Fix what a choice leaves half taken, a step or a lot, in the better of the two ways."""
    marks = _marks(relaxation)
    if not marks:
        return
    relaxation.allow(chosen)
    if relaxation.solve() == inf:
        return
    values = relaxation.solution()
    for column in (mark.column for mark in marks):
        if min(values[column], 1.0 - values[column]) <= NOTICED:
            continue
        costs = []
        for made in (0.0, 1.0):
            relaxation.hold([column], [made], [made])
            costs.append(relaxation.solve())
        better = float(costs[1] < costs[0])
        relaxation.hold([column], [better], [better])
        if relaxation.solve() == inf:
            return
        values = relaxation.solution()


def _marks(relaxation: LinearRelaxation) -> list[Mark]:
    return [each for each in relaxation.program.recipes if isinstance(each, Mark)]
