"""Whether rules over many assets leave any weights, and the least volatility among them.

What :class:`jeoul.allocate.solver.feasibility.FeasibleSet` answers for few assets. Assets that
belong to the same groups are alike to every rule about sums: they are one cell, whose sum lies
between those of their bounds, and whether the rules hold together is a linear program over a
handful of cells.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from jeoul.allocate.program import UNBOUNDED, Mask, Program
from jeoul.allocate.solver.large import screen
from jeoul.allocate.solver.large.problem import Indices, LargeProblem
from jeoul.errors import SolverFailed
from jeoul.highs import silent_highs
from jeoul.model.calendar import Reals
from jeoul.model.factored import Covariance

FREE = 1e30
EXACT = 1e-10


@dataclass(frozen=True, slots=True, eq=False)
class WideRule:
    """A rule about each asset, about the sum of some (``members``), or about all ``bought``.

    ``lower`` and ``upper`` are those of each asset or of the sum; relaxing the rule by e moves both
    outwards by e, and the declared value by e in the direction of ``outward``.
    """

    key: str
    declared: float
    outward: int
    lower: Reals
    upper: Reals
    members: Mask | None = None
    bought: bool = False


def wide_rules(program: Program) -> tuple[WideRule, ...]:
    """Return the linear rules of a program, without the budget and without w >= 0.

    >>> program = Program(labels=("a", "b"), risk_aversion=1.0, upper=0.6)
    >>> [rule.key for rule in wide_rules(program)]
    ['allocate.max_weight']
    """
    found = _asset_rules(program)
    low, high = np.array(-FREE), np.array(FREE)
    for group in program.groups:
        if group.lower > 0.0:
            least = np.array(group.lower)
            found.append(
                WideRule(
                    key=group.name,
                    declared=group.lower,
                    outward=-1,
                    lower=least,
                    upper=high,
                    members=group.members,
                )
            )
        if group.upper < program.budget:
            most = np.array(group.upper)
            found.append(
                WideRule(
                    key=group.name,
                    declared=group.upper,
                    outward=1,
                    lower=low,
                    upper=most,
                    members=group.members,
                )
            )
    if program.turnover_max is not None and program.previous is not None:
        limit = program.turnover_max + (program.budget - float(program.previous.sum())) / 2
        key = program.key("turnover")
        found.append(
            WideRule(
                key=key,
                declared=program.turnover_max,
                outward=1,
                lower=low,
                upper=np.array(limit),
                bought=True,
            )
        )
    return tuple(found)


def _asset_rules(program: Program) -> list[WideRule]:
    n = len(program.labels)
    low, high, key = np.full(n, -FREE), np.full(n, FREE), program.key
    upper, lower, held = program.upper, program.lower, program.previous
    found = []
    if np.any(upper < program.budget):
        found.append(
            WideRule(
                key=key("upper"), declared=float(upper.max()), outward=1, lower=low, upper=upper
            )
        )
    if np.any(lower > 0.0):
        least = np.where(lower > 0.0, lower, -FREE)
        found.append(
            WideRule(
                key=key("lower"), declared=float(lower.max()), outward=-1, lower=least, upper=high
            )
        )
    if program.eligible is not None and not program.eligible.all():
        found.append(
            WideRule(
                key=key("eligible"),
                declared=0.0,
                outward=1,
                lower=low,
                upper=np.where(program.eligible, FREE, 0.0),
            )
        )
    if program.band is not None and program.target is not None:
        least, most = program.target - program.band, program.target + program.band
        found.append(
            WideRule(key=key("band"), declared=program.band, outward=1, lower=least, upper=most)
        )
    if program.frozen is not None and held is not None and program.frozen.any():
        least, most = np.where(program.frozen, held, low), np.where(program.frozen, held, high)
        found.append(WideRule(key=key("frozen"), declared=0.0, outward=1, lower=least, upper=most))
    return found


class WideRoom:
    """The weights that satisfy a choice among a program's rules, each relaxed by some amount."""

    def __init__(self, program: Program, rules: Sequence[WideRule], covariance: Covariance) -> None:
        n = len(program.labels)
        self._program, self._rules, self._covariance = program, tuple(rules), covariance
        self._previous = np.zeros(n) if program.previous is None else program.previous
        members = [rule.members for rule in self._rules if rule.members is not None]
        belongs = np.array(members, dtype=np.bool_).reshape(-1, n)
        patterns, self._cell = np.unique(belongs, axis=1, return_inverse=True)
        self._patterns = patterns.astype(float)
        self._cell = self._cell.reshape(-1)

    def leaves(self, chosen: Sequence[int], relaxed: Reals) -> bool:
        """Return whether the chosen rules, each relaxed by its amount, leave weights."""
        low, high = self._bounds(chosen, relaxed)
        if bool((low > high).any()):
            return False
        return self._cells_hold(chosen, relaxed, low, high)

    def least_volatility(self, chosen: Sequence[int], relaxed: Reals) -> float | None:
        """Return the least volatility that the chosen rules leave, None if they leave no weights.

        Rules that leave hardly more than one portfolio count as leaving none.
        """
        if not self.leaves(chosen, relaxed):
            return None
        near = screen.optimum(self._problem(chosen, relaxed))
        if near is None:
            return None
        return math.sqrt(max(0.0, float(near.x @ (self._covariance @ near.x))))

    def _bounds(self, chosen: Sequence[int], relaxed: Reals) -> tuple[Reals, Reals]:
        low = np.minimum(self._program.lower, 0.0)
        high = np.full(len(low), UNBOUNDED)
        for number in chosen:
            rule = self._rules[number]
            if rule.members is None and not rule.bought:
                low = np.maximum(low, rule.lower - relaxed[number])
                high = np.minimum(high, rule.upper + relaxed[number])
        return low, high

    def _cells_hold(self, chosen: Sequence[int], relaxed: Reals, low: Reals, high: Reals) -> bool:
        import highspy

        count = self._patterns.shape[1]
        at = np.minimum(np.maximum(self._previous, low), high)
        least, most, usual = (
            np.bincount(self._cell, weights=values, minlength=count) for values in (low, high, at)
        )
        # Lower bounds above what is held are bought whatever else is decided.
        forced = float(np.maximum(at - self._previous, 0.0).sum())
        model = silent_highs()
        model.setOptionValue("primal_feasibility_tolerance", EXACT)
        # Sums of cells, then what each cell buys beyond what its bounds force it to.
        model.addVars(2 * count, np.append(least, np.zeros(count)), np.append(most, [FREE] * count))
        cells = np.arange(count)
        budget = self._program.budget
        model.addRow(budget, budget, count, cells, np.ones(count))
        row = 0
        for number, rule in enumerate(self._rules):
            if rule.members is not None:
                pattern, row = self._patterns[row], row + 1
                if number not in chosen:
                    continue
                # No asset is in the group: its sum is 0, and solvers ignore an empty row.
                if not pattern.any() and float(rule.lower) > relaxed[number]:
                    return False
                kept = np.flatnonzero(pattern)
                ends = float(rule.lower) - relaxed[number], float(rule.upper) + relaxed[number]
                model.addRow(*_ends(*ends), len(kept), kept, np.ones(len(kept)))
            elif rule.bought and number in chosen:
                for cell in range(count):
                    places = np.array([cell, count + cell])
                    model.addRow(*_ends(-FREE, usual[cell]), 2, places, np.array([1.0, -1.0]))
                ends = -FREE, float(rule.upper) + relaxed[number] - forced
                model.addRow(*_ends(*ends), count, count + cells, np.ones(count))
        model.run()
        return bool(model.getModelStatus() == highspy.HighsModelStatus.kOptimal)

    def _problem(self, chosen: Sequence[int], relaxed: Reals) -> LargeProblem:
        """Return the program of the least variance."""
        low, high = self._bounds(chosen, relaxed)
        n = len(low)
        sums = [i for i in chosen if self._rules[i].members is not None]
        bought = [i for i in chosen if self._rules[i].bought]
        at = np.minimum(np.maximum(self._previous, low), high)
        buying = at <= low + screen.EQUAL
        rows = [np.ones(n), *(np.asarray(self._rules[i].members, dtype=float) for i in sums)]
        ends = [(self._program.budget, self._program.budget)]
        ends += [
            (float(self._rules[i].lower) - relaxed[i], float(self._rules[i].upper) + relaxed[i])
            for i in sums
        ]
        for i in bought:
            rows.append((buying & (self._previous <= low)).astype(float))
            before = float(self._previous[buying & (self._previous <= low)].sum())
            ends.append((-FREE, float(self._rules[i].upper) + relaxed[i] + before))
        priced = ~buying & (at < high - screen.EQUAL) if bought else np.zeros(n, dtype=np.bool_)
        return LargeProblem(
            quadratic=self._covariance,
            linear=np.zeros(n),
            low=low,
            high=high,
            at=at,
            priced=priced,
            cost=0.0,
            rows=np.array(rows),
            row_low=np.array([end[0] for end in ends]),
            row_high=np.array([end[1] for end in ends]),
            bought=np.array([0.0] * (len(rows) - len(bought)) + [1.0] * len(bought)),
        )

    def least_relaxation(self) -> Reals:
        """Return the relaxation of every rule that lets all hold, with the least sum (by HiGHS)."""
        import highspy

        n, count = len(self._previous), len(self._rules)
        model = silent_highs()
        trades = any(rule.bought for rule in self._rules)
        size = 2 * n if trades else n
        low = np.concatenate([np.minimum(self._program.lower, 0.0), np.zeros(size - n + count)])
        model.addVars(size + count, low, np.full(size + count, UNBOUNDED))
        for number in range(count):
            model.changeColCost(size + number, 1.0)
        budget, everything = self._program.budget, np.arange(n)
        model.addRow(budget, budget, n, everything, np.ones(n))
        for asset in range(size - n):
            places = np.array([asset, n + asset])
            ends = _ends(-FREE, self._previous[asset])
            model.addRow(*ends, 2, places, np.array([1.0, -1.0]))
        for number, rule in enumerate(self._rules):
            for places, least, most in _sides(rule, everything, n):
                for bound, sign in ((least, 1.0), (most, -1.0)):
                    if abs(bound) >= FREE:
                        continue
                    ends = _ends(bound, FREE) if sign > 0 else _ends(-FREE, bound)
                    values = np.append(np.ones(len(places)), sign)
                    model.addRow(*ends, len(values), np.append(places, size + number), values)
        model.run()
        if model.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            raise SolverFailed("highs", str(model.getModelStatus()))
        found: Reals = np.array(model.getSolution().col_value)[size:]
        return found


def _sides(rule: WideRule, everything: Indices, n: int) -> list[tuple[Indices, float, float]]:
    """Return the sums that a rule bounds: the places of each, its least and its most."""
    if rule.bought:
        return [(n + everything, float(rule.lower), float(rule.upper))]
    if rule.members is not None:
        return [(np.flatnonzero(rule.members), float(rule.lower), float(rule.upper))]
    return [
        (everything[i : i + 1], float(least), float(most))
        for i, (least, most) in enumerate(zip(rule.lower, rule.upper, strict=True))
    ]


def _ends(low: float, high: float) -> tuple[float, float]:
    return (-math.inf if low <= -FREE else low), (math.inf if high >= FREE else high)
