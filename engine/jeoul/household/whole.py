"""From the shares of a relaxation to whole ones: a dive from the dearest share, then exchanges."""

from __future__ import annotations

from math import ceil, floor, inf

import numpy as np

from jeoul.household.choice import Choice
from jeoul.household.many import Many
from jeoul.household.program_inputs import Floats
from jeoul.household.relaxation import Orders, Relaxation

TURNS = 12
"""Exchanges of whole shares after a dive, each the best of its table."""
SAVES = 1.0
"""Won that an exchange must save."""


def dive(relaxation: Relaxation, choice: Choice) -> Floats | None:
    """Return a solution of whole shares, None if the rules leave none on this way.

    The dearest share is rounded first, up or down as the relaxation costs less, and each that
    follows makes good for those before it.
    """
    orders = relaxation.orders
    relaxation.allow(choice.chosen)
    if relaxation.solve() == inf:
        return None
    chosen = np.flatnonzero(choice.chosen)
    for order in chosen[np.argsort(-orders.price[chosen], kind="stable")]:
        amount = float(relaxation.amounts()[order])
        costs = {}
        for count in _nearest(orders, int(order), amount):
            relaxation.between(int(order), count, count)
            costs[count] = relaxation.solve()
        best = min(costs, key=lambda count: costs[count])
        if costs[best] == inf:
            return None
        if best != count:
            relaxation.between(int(order), best, best)
            relaxation.solve()
    return relaxation.solution()


def _nearest(orders: Orders, order: int, amount: float) -> list[float]:
    """Return the whole numbers below and above an amount that the order may be, nearest last."""
    least, most = float(orders.least[order]), float(orders.most[order])
    found = {0.0 if amount < least else float(floor(amount + 1e-6))}
    found.add(min(most, max(least, float(ceil(amount - 1e-6)))))
    return sorted(found, key=lambda count: -abs(count - amount))


class Exchange:
    """Whole-share plans beside one plan, and the best of them."""

    def __init__(self, relaxation: Relaxation, many: Many) -> None:
        self.relaxation = relaxation
        self.orders = relaxation.orders
        self.many = many
        self.side = np.where(np.isin(self.orders.column, relaxation.program.at.buy), 1.0, -1.0)

    def best(self, solution: Floats) -> Floats:
        """Return whole shares of each order at least as good as those of a solution."""
        counts = np.rint(solution[self.orders.column])
        row = self._row(solution)
        cost = self._costs(row, counts[None, :])[0]
        for _ in range(TURNS):
            table = self._beside(counts)
            if not len(table):
                break
            costs = self._costs(row, table)
            found = int(np.argmin(costs))
            if not costs[found] < cost - SAVES:
                break
            counts, cost = table[found], float(costs[found])
        return counts

    def _row(self, solution: Floats) -> Floats:
        at = self.relaxation.program.at
        row = self.relaxation.program.lower.copy()
        row[at.deposit], row[at.withdraw] = solution[at.deposit], solution[at.withdraw]
        return row

    def _costs(self, row: Floats, table: Floats) -> Floats:
        plans = np.repeat(row[None, :], len(table), axis=0)
        plans[:, self.orders.column] = table
        plans[:, self.orders.use] = table > 0.0
        self.many.fill(plans)
        return np.where(self.many.allowed(plans), self.many.costs(plans), inf)

    def _beside(self, counts: Floats) -> Floats:
        """Return plans that differ by a share of one order, and what another order makes good."""
        orders = self.orders
        made = np.flatnonzero(counts > 0.0)
        steps = [(int(t), d) for t in made for d in (1.0, -1.0, -counts[t])]
        rows = []
        for order, step in steps:
            changed = counts.copy()
            changed[order] += step
            rows.append(changed)
            value = step * self.side[order] * orders.price[order]
            with_ = np.flatnonzero((counts > 0.0) if step != -counts[order] else orders.most > 0)
            more = np.rint(-value / (self.side[with_] * orders.price[with_]))
            many = np.repeat(changed[None, :], len(with_), axis=0)
            many[np.arange(len(with_)), with_] += more
            rows.extend(many[(with_ != order) & (more != 0.0)])
        table = np.array(rows).reshape(-1, orders.count)
        fits = (table <= orders.most) & ((table >= orders.least) | (table == 0.0))
        few = (table > 0.0).sum(axis=1) <= self.relaxation.most_orders
        twins = np.flatnonzero(orders.other >= 0)
        one = ~((table[:, twins] > 0.0) & (table[:, orders.other[twins]] > 0.0)).any(axis=1)
        found: Floats = table[fits.all(axis=1) & few & one]
        return found
