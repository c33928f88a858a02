"""Whether some rules leave any weights at all, and the least volatility among them."""

from __future__ import annotations

import math
from collections.abc import Sequence

import daqp
import numpy as np

from jeoul.allocate.program import UNBOUNDED, Program
from jeoul.allocate.rules import FREE, Rule
from jeoul.errors import SolverFailed
from jeoul.highs import silent_highs
from jeoul.model.calendar import Reals

EQUALITY = 5  # DAQP's bits for a row that is active and stays so: an equality
SETTINGS = {"primal_tol": 1e-11, "eta_prox": 1e-14}


class FeasibleSet:
    """The weights that satisfy a choice among a program's rules, each relaxed by some amount."""

    def __init__(self, program: Program, rules: Sequence[Rule], covariance: Reals) -> None:
        n = len(program.labels)
        self._n = n
        self._rules = tuple(rules)
        # A floor under a group without members can only be relaxed; solvers ignore empty rows.
        self._void = [i for i, rule in enumerate(self._rules) if not rule.rows.any()]
        # DAQP's tolerances are absolute, so variances are counted in their own mean.
        self._unit = float(np.mean(covariance.diagonal()))
        trades = any(rule.rows[:, n:].any() for rule in self._rules)
        size = 2 * n if trades else n
        self._h = np.zeros((size, size))
        self._h[:n, :n] = covariance / self._unit
        budget = np.append(np.ones(n), np.zeros(size - n))[None, :]
        traded = np.hstack([np.eye(n), -np.eye(n)])[: size - n]
        self._a = np.vstack([budget, traded[:, :size], *(r.rows[:, :size] for r in self._rules)])
        previous = np.zeros(n) if program.previous is None else program.previous
        self._base_lower = np.concatenate(
            [
                np.minimum(program.lower, 0.0),
                np.zeros(size - n),
                [program.budget],
                np.full(size - n, -FREE),
            ]
        )
        self._base_upper = np.concatenate(
            [np.full(size, UNBOUNDED), [program.budget], previous[: size - n]]
        )
        counts = [len(rule.rows) for rule in self._rules]
        self._owner = np.repeat(np.arange(len(counts)), counts)
        self._least = np.concatenate([np.zeros(0), *(rule.lower for rule in self._rules)])
        self._most = np.concatenate([np.zeros(0), *(rule.upper for rule in self._rules)])
        self._sense = np.zeros(len(self._a) + size, dtype=np.intc)
        self._sense[size] = EQUALITY

    def leaves(self, chosen: Sequence[int], relaxed: Reals) -> bool:
        """Return whether the chosen rules, each relaxed by its amount, leave weights."""
        return self.least_volatility(chosen, relaxed) is not None

    def least_volatility(self, chosen: Sequence[int], relaxed: Reals) -> float | None:
        """Return the least volatility that the chosen rules leave, None if they leave no weights.

        ``relaxed`` holds an amount for each of the room's rules.
        """
        if any(self._rules[i].lower.max() > relaxed[i] for i in self._void if i in chosen):
            return None
        lower, upper = self._bounds(chosen, relaxed)
        x, _, flag, _ = daqp.solve(
            self._h, np.zeros(len(self._h)), self._a, upper, lower, self._sense, **SETTINGS
        )
        if flag == -1:
            return None
        if flag <= 0:
            raise SolverFailed("daqp", f"exit flag {flag}")
        w = x[: self._n]
        return math.sqrt(max(0.0, self._unit * float(w @ self._h[: self._n, : self._n] @ w)))

    def least_relaxation(self) -> Reals:
        """Return the relaxation of every rule that lets all hold, with the least sum (by HiGHS)."""
        import highspy

        model = silent_highs()
        size, count = len(self._h), len(self._rules)
        low, high = self._bounds(range(count), np.zeros(count))
        model.addVars(
            size + count,
            np.append(low[:size], np.zeros(count)),
            np.append(high[:size], np.full(count, UNBOUNDED)),
        )
        for number in range(count):
            model.changeColCost(size + number, 1.0)
        # The budget and the definition of buys are no rules: they give way to nothing.
        owner = [-1] * (len(self._a) - sum(len(rule.rows) for rule in self._rules))
        for number, rule in enumerate(self._rules):
            owner += [number] * len(rule.rows)
        for row, mine, least, most in zip(self._a, owner, low[size:], high[size:], strict=True):
            # A row for each end: relaxing adds to the sum at one and takes off at the other.
            for bound, sign in ((least, 1.0), (most, -1.0)):
                if abs(bound) >= FREE:
                    continue
                places, values = np.flatnonzero(row), row[row != 0.0]
                if mine >= 0:
                    places, values = np.append(places, size + mine), np.append(values, sign)
                ends = (bound, highspy.kHighsInf) if sign > 0 else (-highspy.kHighsInf, bound)
                model.addRow(*ends, len(places), places, values)
        model.run()
        if model.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            raise SolverFailed("highs", str(model.getModelStatus()))
        found: Reals = np.array(model.getSolution().col_value)[size:]
        return found

    def _bounds(self, chosen: Sequence[int], relaxed: Reals) -> tuple[Reals, Reals]:
        held = np.zeros(len(self._rules), dtype=bool)
        held[list(chosen)] = True
        moved, held = relaxed[self._owner], held[self._owner]
        lower = np.where(held, np.maximum(self._least - moved, -FREE), -FREE)
        upper = np.where(held, np.minimum(self._most + moved, FREE), FREE)
        return (
            np.concatenate((self._base_lower, lower)),
            np.concatenate((self._base_upper, upper)),
        )
