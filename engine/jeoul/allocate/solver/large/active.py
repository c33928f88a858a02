"""The exact optimum, from a guess of which bounds it is at.

With the bounds and rows of a guess held as equations, what is left is one linear system. Where its
answer leaves a bound or a multiplier has the wrong sign, that bound joins or leaves, and it is
solved again; an answer without either fault keeps every condition of optimality, for all variables
at once, whatever the guess was. A guess that does not lead there gives None, and the caller has
another way.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jeoul.allocate.solver.large.interior import Near
from jeoul.allocate.solver.large.kernel import solver_of
from jeoul.allocate.solver.large.problem import Flags, Indices, LargeProblem
from jeoul.model.calendar import Reals
from jeoul.model.factored import part_of

AT_LOW, FREE, AT_HIGH, AT_KINK = -1.0, 0.0, 1.0, 2.0
AT_ONCE = 12
"""In so many rounds all faults are mended at once; after them only the largest, which ends."""
OFF = 1e-12
"""A violation of so much weight, or of so much of the mean variance in a slope, is rounding."""
REFINED = 12
GIVE = 1e-9  # part of the unit of slopes; refining takes it out again


@dataclass
class _State:
    """A guess and its point, changed in place."""

    x: Reals
    y: Reals
    bound: Reals
    side: Flags
    tight: Reals


def exact_optimum(problem: LargeProblem, guess: Near, rounds: int) -> Near | None:
    """Return the optimum that a guess leads to within some rounds, None if it does not."""
    return _Rounds(problem, guess).run(rounds)


class _Rounds:
    def __init__(self, problem: LargeProblem, guess: Near) -> None:
        self.p = problem
        self.unit = float(np.mean(problem.quadratic.diagonal())) or 1.0
        self.equal = problem.row_high - problem.row_low <= OFF
        bound = np.where((guess.bound == AT_KINK) & ~problem.priced, FREE, guess.bound)
        self.now = _State(
            x=guess.x.copy(),
            y=guess.prices.copy(),
            # An upper bound that far away stands for none.
            bound=np.where((bound == AT_HIGH) & (problem.high > 1e6), FREE, bound),
            side=guess.side & problem.priced,
            tight=np.where(self.equal, AT_HIGH, guess.tight),
        )

    def run(self, rounds: int) -> Near | None:
        for number in range(rounds):
            slope = self._solved()
            if slope is None:
                return None
            if not self._mended(slope, all_at_once=number < AT_ONCE):
                now = self.now
                now.x = np.minimum(np.maximum(now.x, self.p.low), self.p.high)
                return Near(x=now.x, prices=now.y, bound=now.bound, side=now.side, tight=now.tight)
        return None

    def _fixed(self) -> Reals:
        p, bound = self.p, self.now.bound
        found = np.where(bound == AT_LOW, p.low, self.now.x)
        found = np.where(bound == AT_HIGH, p.high, found)
        return np.where(bound == AT_KINK, p.at, found)

    def _solved(self) -> Reals | None:
        """Solve the equations of the guess; return the slopes of all variables, without costs."""
        p, now = self.p, self.now
        now.x = self._fixed()
        free = np.flatnonzero(now.bound == FREE)
        active = np.flatnonzero(now.tight != 0.0)
        now.y[now.tight == 0.0] = 0.0
        # What buys also counts in the rows on purchases.
        buying = np.where(p.priced & now.side & (now.bound == FREE), 1.0, 0.0)
        buying += np.where(p.priced & (now.bound == AT_HIGH), 1.0, 0.0)
        rows = p.rows[active] + p.bought[active][:, None] * buying[None, :]
        level = np.where(now.tight > 0.0, p.row_high, p.row_low)[active]
        level = level + p.bought[active] * float(buying @ p.at)
        charge = np.where(p.priced, np.where(now.side, p.cost, -p.cost), 0.0)
        if len(free):
            return self._refined(free, active, rows, level, charge)
        # Nothing is free to move: the rows hold as they are, or the guess is wrong.
        if float(np.abs(rows @ now.x - level).max(initial=0.0)) > 1e-9:
            return None
        return self._slope()

    def _slope(self) -> Reals:
        p = self.p
        found: Reals = p.quadratic @ self.now.x + p.linear + self.now.y @ p.rows
        return found

    def _refined(
        self, free: Indices, active: Indices, rows: Reals, level: Reals, charge: Reals
    ) -> Reals | None:
        p, now = self.p, self.now
        quadratic = part_of(p.quadratic, free)
        solve = solver_of(quadratic, np.zeros(len(free)))
        # Slack has no variance. A little of it makes the system solvable; refining takes it out.
        if solve is None:
            solve = solver_of(quadratic, np.full(len(free), GIVE * self.unit))
        if solve is None:
            return None
        own = np.ascontiguousarray(rows[:, free])
        solved = solve(np.ascontiguousarray(own.T))
        schur = own @ solved
        buys = np.where(p.priced & now.side, 1.0, 0.0)[free]
        last = np.inf
        for _ in range(REFINED):
            slope = self._slope()
            price = float(now.y @ p.bought)
            wrong = slope[free] + charge[free] + price * buys
            short = level - rows @ now.x
            off = max(float(np.abs(wrong).max()) / self.unit, float(np.abs(short).max(initial=0.0)))
            # Good enough, or as good as rounding lets it become.
            if off <= OFF / 100 or (off <= OFF and off >= 0.5 * last):
                return slope
            # It no longer gets better: this guess leads nowhere.
            if not np.isfinite(off) or (off >= 0.9 * last and off > 1e-9):
                return None
            last = off
            step = solve(-wrong)
            # Rows can depend on one another, as groups that add up to the budget do.
            change, *_ = np.linalg.lstsq(schur, own @ step - short, rcond=1e-12)
            now.x[free] += step - solved @ change
            now.y[active] += change
        return slope if last <= 1e-9 else None

    def _mended(self, slope: Reals, *, all_at_once: bool) -> bool:
        """Mend what breaks a condition of optimality; return whether anything did."""
        p, now = self.p, self.now
        free = now.bound == FREE
        off = OFF * self.unit * 10.0
        low, high = p.low, p.high
        priced, side = p.priced, now.side
        below = np.where(free & priced & side, p.at, low)
        above = np.where(free & priced & ~side, p.at, high)
        under = np.where(free, below - now.x, 0.0)
        over = np.where(free, now.x - above, 0.0)
        price = float(now.y @ p.bought)
        rising = slope + np.where(priced, p.cost + price, 0.0)
        falling = slope - np.where(priced, p.cost, 0.0)
        buys = np.where((now.bound == AT_LOW) & ~priced, -slope, 0.0)
        buys = np.where((now.bound == AT_LOW) & priced, -falling, buys)
        buys = np.where(now.bound == AT_KINK, -rising, buys) / self.unit
        sells = np.where((now.bound == AT_HIGH) & ~priced, slope, 0.0)
        sells = np.where((now.bound == AT_HIGH) & priced, rising, sells)
        sells = np.where(now.bound == AT_KINK, falling, sells) / self.unit
        # A slope counts from ten times as far off as a weight: its rounding is that much larger.
        fault = np.maximum(
            np.maximum(under, over), np.maximum(buys, sells) * (OFF / off * self.unit)
        )
        row_fault, row_to = self._row_faults()
        wrong = fault > OFF
        row_wrong = row_fault > OFF
        if not (wrong.any() or row_wrong.any()):
            return False
        if not all_at_once:
            worst = max(float(fault.max()), float(row_fault.max(initial=0.0)))
            wrong &= fault >= worst
            row_wrong &= row_fault >= worst
        move = wrong & (under > OFF)
        to_kink = move & priced & side
        now.bound = np.where(move, np.where(to_kink, AT_KINK, AT_LOW), now.bound)
        move = wrong & (over > OFF)
        to_kink = move & priced & ~side
        now.bound = np.where(move, np.where(to_kink, AT_KINK, AT_HIGH), now.bound)
        was_low, was_kink = now.bound == AT_LOW, now.bound == AT_KINK
        freed = wrong & ~free
        # What leaves a bound or the kink takes the side that it moves to, seller or buyer.
        now.side = np.where(freed & was_kink, buys > 0.0, now.side)
        now.side = np.where(freed & was_low, False, now.side)
        now.side = np.where(freed & (now.bound == AT_HIGH), True, now.side) & priced
        now.bound = np.where(freed, FREE, now.bound)
        now.tight = np.where(row_wrong, row_to, now.tight)
        return True

    def _row_faults(self) -> tuple[Reals, Reals]:
        """Return how far each row is from its conditions, and what it becomes to mend that."""
        p, now = self.p, self.now
        buys = np.where(p.priced, np.maximum(now.x - p.at, 0.0), 0.0)
        level = p.rows @ now.x + p.bought * float(buys.sum())
        idle = now.tight == 0.0
        under, over = p.row_low - level, level - p.row_high
        becomes = np.where(idle & (under > over), AT_LOW, np.where(idle, AT_HIGH, FREE))
        fault = np.where(idle, np.maximum(under, over), 0.0)
        pulled = np.where(now.tight < 0.0, now.y, -now.y) / (10.0 * self.unit)
        fault = np.where(~idle & ~self.equal, pulled, fault)
        return np.maximum(fault, 0.0), becomes
