"""A primal-dual interior point method whose work is linear in the number of assets.

Bounds, trading costs and the slack of row bounds only add to a diagonal, so one step solves with
Q + diag(d) for the rows and one right side (:mod:`jeoul.allocate.solver.large.kernel`), whatever
the number of bounds. Steps are Mehrotra's predictor and corrector (SIAM Journal on Optimization 2
(1992)). The answer is near the optimum and says which bounds it is at; making it exact is the work
of :mod:`jeoul.allocate.solver.large.active`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from jeoul.allocate.solver.large.kernel import Solve, solver_of
from jeoul.allocate.solver.large.problem import Flags, LargeProblem
from jeoul.model.calendar import Reals

STEPS = 60
NEAR = 1e-11  # of the complementarity, in units of the objective
EQUAL = 1e-13
KEPT = 0.995  # of the way to the nearest bound
WIDE = 1e6
"""A bound farther away than this does not count."""


class Near(NamedTuple):
    """A point near the optimum: what is at which bound, and the multipliers of the rows.

    ``bound`` is -1 at a lower bound, 1 at an upper one and 2 at the kink of the trading cost,
    0 between them; ``side`` is 1 for what buys; ``tight`` is -1, 0 or 1 of each row.
    """

    x: Reals
    prices: Reals
    bound: Reals
    side: Flags
    tight: Reals


class _Pair:
    """A distance to a bound that stays positive, and its multiplier."""

    def __init__(self, distance: Reals, multiplier: Reals, sign: float = 1.0) -> None:
        self.s, self.z, self.sign = distance, multiplier, sign
        self.theta = multiplier / distance
        self.target = np.zeros(0)
        self.ds = self.dz = np.zeros_like(distance)

    def aim(self, mu: float, *, corrected: bool) -> Reals:
        product = self.ds * self.dz if corrected else 0.0
        self.theta = self.z / self.s
        self.target = (mu - product) / self.s - self.z
        return self.target

    def move(self, change: Reals) -> None:
        self.ds = self.sign * change
        self.dz = self.target - self.theta * self.ds

    def room(self) -> tuple[float, float]:
        return _longest(self.s, self.ds), _longest(self.z, self.dz)

    def step(self, primal: float, dual: float) -> None:
        self.s = self.s + primal * self.ds
        self.z = self.z + dual * self.dz


def _longest(value: Reals, change: Reals) -> float:
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        ratio = np.where(change < 0.0, -value / change, np.inf)
    return float(np.minimum.reduce(ratio, initial=np.inf))


@dataclass
class _Point:
    """The working state of one solve."""

    x: Reals
    b: Reals
    y: Reals
    t: Reals
    pairs: dict[str, _Pair]


def near_optimum(problem: LargeProblem) -> Near | None:
    """Return a point near the optimum, or None where the steps do not get there.

    Bounds must not cross, and no variable's may be equal. None is what an infeasible program gives.
    """
    unit = float(np.mean(problem.quadratic.diagonal())) or 1.0
    scaled = problem._replace(
        quadratic=problem.quadratic * (1.0 / unit),
        linear=problem.linear / unit,
        cost=problem.cost / unit,
    )
    found = _Solver(scaled).run()
    return None if found is None else found._replace(prices=unit * found.prices)


class _Solver:
    def __init__(self, problem: LargeProblem) -> None:
        self.p = problem
        self.priced = np.flatnonzero(problem.priced)
        linear = problem.linear.copy()
        # |x - at| = 2 buys - (x - at): the second part is linear, buys have variables of their own.
        linear[self.priced] -= problem.cost
        self.linear = linear
        self.far = problem.high < WIDE
        self.equal = problem.row_high - problem.row_low <= EQUAL
        self.lower = ~self.equal & (problem.row_low > -WIDE)
        self.upper = ~self.equal & (problem.row_high < WIDE)
        self.point = self._start()

    def _start(self) -> _Point:
        p = self.p
        width = np.minimum(p.high - p.low, 1.0)
        x = p.low + np.minimum(0.5 * width, np.maximum(1.0 / max(len(p.low), 1), 0.02 * width))
        one = np.ones
        bought = np.maximum(x[self.priced] - p.at[self.priced], 0.0) + 1e-2
        middle = np.clip(p.rows @ x, p.row_low, p.row_high)
        gap = np.where(self.lower & self.upper, 0.25 * (p.row_high - p.row_low), 0.1)
        t = middle.copy()
        t[self.lower] = np.maximum(t, p.row_low + gap)[self.lower]
        t[self.upper] = np.minimum(t, p.row_high - gap)[self.upper]
        t[self.equal] = p.row_low[self.equal]
        near = 0.1
        pairs = {
            "low": _Pair(x - p.low, near * one(len(x))),
            "high": _Pair((p.high - x)[self.far], near * one(int(self.far.sum())), -1.0),
            "buy": _Pair(bought, (p.cost + near * near) * one(len(bought))),
            "sell": _Pair(
                bought - x[self.priced] + p.at[self.priced],
                (p.cost + near * near) * one(len(bought)),
            ),
            "under": _Pair((t - p.row_low)[self.lower], near * one(int(self.lower.sum()))),
            "over": _Pair((p.row_high - t)[self.upper], near * one(int(self.upper.sum())), -1.0),
        }
        return _Point(x=x, b=bought, y=np.zeros(len(p.rows)), t=t, pairs=pairs)

    def run(self) -> Near | None:
        size = sum(len(pair.s) for pair in self.point.pairs.values())
        if not size:
            return None
        for _ in range(STEPS):
            pairs = self.point.pairs.values()
            mu = sum(float(pair.s @ pair.z) for pair in pairs) / size
            residual = self._residuals()
            off = max(float(np.abs(each).max(initial=0.0)) for each in residual)
            if mu < NEAR and off < 1e-9:
                return self._near()
            # It runs away, as it does where the rules leave no point.
            if not np.isfinite(mu) or mu > 1e12:
                return None
            if not self._step(mu, size, residual):
                # No step is left. A point this near is worth making exact, any other is not.
                return self._near() if mu < 1e-8 and off < 1e-7 else None
        return None

    def _residuals(self) -> tuple[Reals, Reals, Reals, Reals]:
        p, now = self.p, self.point
        z = {name: pair.z for name, pair in now.pairs.items()}
        dual = p.quadratic @ now.x + self.linear + now.y @ p.rows - z["low"]
        dual[self.far] += z["high"]
        dual[self.priced] += z["sell"]
        buys = 2.0 * p.cost - z["buy"] - z["sell"]
        if len(buys):
            buys = buys + float(now.y @ p.bought)
        slack = -now.y
        slack[self.lower] -= z["under"]
        slack[self.upper] += z["over"]
        slack[self.equal] = 0.0
        rows = p.rows @ now.x + p.bought * float(now.b.sum()) - now.t
        return dual, buys, slack, rows

    def _step(self, mu: float, size: int, residual: tuple[Reals, Reals, Reals, Reals]) -> bool:
        pairs = self.point.pairs
        for pair in pairs.values():
            pair.aim(0.0, corrected=False)
        system = self._system()
        if system is None or not self._direction(system, residual):
            return False
        primal, dual = self._room(1.0)
        after = sum(
            float((pair.s + primal * pair.ds) @ (pair.z + dual * pair.dz))
            for pair in pairs.values()
        )
        # Mehrotra's rule: the farther the predictor got, the less the corrector is centred.
        centre = mu * min(1.0, max(after / size / mu, 0.0)) ** 3
        for pair in pairs.values():
            pair.aim(centre, corrected=True)
        if not self._direction(system, residual):
            return False
        primal, dual = self._room(KEPT)
        # One step for both: a quadratic objective couples them.
        length = min(primal, dual)
        now = self.point
        now.x = now.x + length * self._dx
        now.b = now.b + length * self._db
        now.y = now.y + length * self._dy
        now.t = now.t + length * self._dt
        for pair in pairs.values():
            pair.step(length, length)
        return length > 1e-10

    def _room(self, share: float) -> tuple[float, float]:
        rooms = [pair.room() for pair in self.point.pairs.values()]
        primal = min(1.0, share * min(room[0] for room in rooms))
        return primal, min(1.0, share * min(room[1] for room in rooms))

    def _system(self) -> tuple[Solve, Reals, Reals, Reals, Reals] | None:
        """Return what solves with Q + d, the rows as they act on x, that solved, and the Schur."""
        p, pairs = self.p, self.point.pairs
        diagonal = pairs["low"].theta.copy()
        diagonal[self.far] += pairs["high"].theta
        buy, sell = pairs["buy"].theta, pairs["sell"].theta
        both = buy + sell
        diagonal[self.priced] += buy * sell / both
        solve = solver_of(p.quadratic, diagonal)
        if solve is None:
            return None
        rows = p.rows.copy()
        if len(both):
            rows[:, self.priced] += p.bought[:, None] * (sell / both)[None, :]
        solved = solve(np.ascontiguousarray(rows.T))
        schur = rows @ solved
        if len(both):
            schur += np.outer(p.bought, p.bought) * float((1.0 / both).sum())
        schur[np.diag_indices(len(schur))] += self._give()
        return solve, rows, solved, schur, both

    def _give(self) -> Reals:
        """Return how far each row gives way to its price: not at all for an equality."""
        pairs = self.point.pairs
        stiff = np.zeros(len(self.p.rows))
        stiff[self.lower] += pairs["under"].theta
        stiff[self.upper] += pairs["over"].theta
        return np.divide(1.0, stiff, out=np.zeros_like(stiff), where=stiff > 0.0)

    def _direction(
        self,
        system: tuple[Solve, Reals, Reals, Reals, Reals],
        residual: tuple[Reals, Reals, Reals, Reals],
    ) -> bool:
        p, pairs = self.p, self.point.pairs
        solve, rows, solved, schur, both = system
        dual, buys, slack, short = residual
        sell = pairs["sell"].theta
        pushed = -buys + pairs["buy"].target + pairs["sell"].target
        right = -dual + pairs["low"].target
        right[self.far] -= pairs["high"].target
        right[self.priced] -= pairs["sell"].target
        below = -short
        if len(both):
            right[self.priced] += sell * pushed / both
            below = below - p.bought * float((pushed / both).sum())
        loose = -slack
        loose[self.lower] += pairs["under"].target
        loose[self.upper] -= pairs["over"].target
        give = self._give()
        below = below + give * loose
        free = solve(right)
        # Rows that depend on one another leave this singular near the end.
        self._dy, *_ = np.linalg.lstsq(schur, rows @ free - below, rcond=1e-15)
        self._dx = free - solved @ self._dy
        self._db = np.zeros(0)
        if len(both):
            self._db = (pushed + sell * self._dx[self.priced] - float(p.bought @ self._dy)) / both
        self._dt = give * (loose + self._dy)
        pairs["low"].move(self._dx)
        pairs["high"].move(self._dx[self.far])
        pairs["buy"].move(self._db)
        pairs["sell"].move(self._db - self._dx[self.priced])
        pairs["under"].move(self._dt[self.lower])
        pairs["over"].move(self._dt[self.upper])
        return bool(np.isfinite(self._dx).all() and np.isfinite(self._dy).all())

    def _near(self) -> Near:
        now, pairs = self.point, self.point.pairs
        # Of a distance and its multiplier one goes to 0: the larger one tells which.
        bound = np.where(pairs["low"].z > pairs["low"].s, -1.0, 0.0)
        far = np.flatnonzero(self.far)
        bound[far[pairs["high"].z > pairs["high"].s]] = 1.0
        buy, sell = pairs["buy"], pairs["sell"]
        between = (buy.z > buy.s) & (sell.z > sell.s)
        kinked = self.priced[between]
        bound[kinked] = np.where(bound[kinked] == 0.0, 2.0, bound[kinked])
        side = np.zeros(len(now.x), dtype=np.bool_)
        side[self.priced[buy.s > sell.s]] = True
        tight = np.where(self.equal, 1.0, 0.0)
        under, over = pairs["under"], pairs["over"]
        tight[np.flatnonzero(self.lower)[under.z > under.s]] = -1.0
        tight[np.flatnonzero(self.upper)[over.z > over.s]] = 1.0
        return Near(x=now.x, prices=now.y, bound=bound, side=side, tight=tight)
