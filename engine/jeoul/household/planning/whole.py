"""From the shares of a relaxation to whole ones: a dive from the dearest share, then exchanges."""

from __future__ import annotations

from math import ceil, floor, inf

import numpy as np

from jeoul.household.planning.choice import ShareChoice
from jeoul.household.planning.many import PlanTable
from jeoul.household.planning.relaxation import Chosen, LinearRelaxation, Orders
from jeoul.household.program.inputs import Floats, Ints

TURNS = 12
"""Exchanges of whole shares after a dive, each the best of its table."""
SMALL = 50_000.0
"""Won of a share by which an amount may be rounded to the nearest without a look at the other."""
SAVES = 1.0
"""Won that an exchange must save."""
FEW = 40
"""Orders up to which there is time for more: both ways of rounding, more linear programs."""


def dive(relaxation: LinearRelaxation, choice: ShareChoice) -> Floats | None:
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
        costs: dict[float, float] = {}
        for count in _nearest(orders, int(order), amount):
            relaxation.between(int(order), count, count)
            costs[count] = relaxation.solve()
            if orders.price[order] * abs(count - amount) < SMALL and costs[count] < inf:
                break
        best = min(costs, key=lambda count: costs[count])
        if costs[best] == inf:
            return None
        if best != count:
            relaxation.between(int(order), best, best)
            relaxation.solve()
    return relaxation.solution()


def _nearest(orders: Orders, order: int, amount: float) -> list[float]:
    """Return the whole numbers below and above an amount that the order may be, nearest first."""
    least, most = float(orders.least[order]), float(orders.most[order])
    found = {0.0 if amount < least else float(floor(amount + 1e-6))}
    found.add(min(most, max(least, float(ceil(amount - 1e-6)))))
    return sorted(found, key=lambda count: abs(count - amount))


class PlanExchange:
    """Whole-share plans beside one plan, and the best of them."""

    def __init__(self, relaxation: LinearRelaxation, many: PlanTable) -> None:
        self.relaxation = relaxation
        self.orders = relaxation.orders
        self.many = many
        self.side = np.where(np.isin(self.orders.column, relaxation.program.at.buy), 1.0, -1.0)

    def best(self, solution: Floats) -> Floats | None:
        """Return a solution of whole shares, at least as good as one; None if none is allowed."""
        row = self._row(solution)
        plans = self._plans(row, np.rint(solution[self.orders.column])[None, :])
        plan, cost = plans[0], self.many.costs(plans)[0]
        for _ in range(TURNS):
            plans = self._plans(row, self._beside(plan[self.orders.column]))
            costs = self.many.costs(plans)
            if not len(costs) or not costs.min() < cost - SAVES:
                break
            plan, cost = plans[np.argmin(costs)], costs.min()
        return self._paid(plan) if cost < inf else None

    def _paid(self, plan: Floats) -> Floats:
        """Return a plan with the money moved that suits its shares best."""
        relaxation = self.relaxation
        relaxation.fix(plan[self.orders.column])
        relaxation.hold(relaxation.marks, plan[relaxation.marks], plan[relaxation.marks])
        paid = plan if relaxation.solve() == inf else relaxation.solution()
        relaxation.release()
        return paid

    def _row(self, solution: Floats) -> Floats:
        at = self.relaxation.program.at
        row = self.relaxation.program.lower.copy()
        row[at.deposit], row[at.withdraw] = solution[at.deposit], solution[at.withdraw]
        return row

    def _plans(self, row: Floats, table: Floats) -> Floats:
        plans = np.repeat(row[None, :], len(table), axis=0)
        plans[:, self.orders.column] = table
        plans[:, self.orders.use] = table > 0.0
        return plans

    def _beside(self, counts: Floats) -> Floats:
        """Return plans that differ by a share of one order, or all of it, and what makes it good.

        What makes it good is another order: one that is made, or any in place of a dropped one.
        """
        orders, made = self.orders, np.flatnonzero(counts > 0.0)
        order = np.concatenate((made, made, made))
        rows = np.arange(len(order))
        step = np.concatenate((np.ones(len(made)), -np.ones(len(made)), -counts[made]))
        free = (counts > 0.0) | ((step == -counts[order])[:, None] & self._open(counts, order))
        value = step * self.side[order] * orders.price[order]
        tables = []
        for rounded in (np.floor, np.ceil) if orders.count <= FEW else (np.rint,):
            more = rounded(-value[:, None] / (self.side * orders.price))
            more[rows, order] = step
            now = counts + more
            fits = (now == 0.0) | ((now >= orders.least) & (now <= orders.most))
            fits &= fits[rows, order][:, None] & free
            at, other = np.nonzero(fits & (more != 0.0))
            table = np.repeat(counts[None, :], len(at), axis=0)
            table[np.arange(len(at)), order[at]] += step[at]
            table[np.arange(len(at)), other] = now[at, other]
            tables.append(table)
        return np.concatenate(tables)

    def _open(self, counts: Floats, dropped: Ints) -> Chosen:
        """Return which orders may be made once another is dropped: not two of one position."""
        twin = self.orders.other
        taken = (twin >= 0) & (counts[twin] > 0.0)
        found: Chosen = ~taken | (twin[None, :] == dropped[:, None])
        return found
