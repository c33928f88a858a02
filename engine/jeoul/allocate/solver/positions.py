"""Smallest positions and a limit on their number: branch and bound around the fast program."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from jeoul.allocate.solver.optimum import Optimum
from jeoul.allocate.solver.terms import ShapeTerms
from jeoul.errors import SolverFailed
from jeoul.model.calendar import Reals

HELD = 1e-9
NODES = 50_000  # of the search: a guard against a program that never ends, not a setting
BETTER = 1e-12  # of the objective: a branch that gains less than rounding is not followed

Relax = Callable[[ShapeTerms], tuple[Optimum, float] | None]


class _Node(NamedTuple):
    lower: Reals
    upper: Reals
    chosen: frozenset[int]  # assets that may stay in the portfolio
    dropped: frozenset[int]  # assets that are out


def choose(
    terms: ShapeTerms, relax: Relax, *, smallest: float | None, most: int | None
) -> Optimum | None:
    """Return the best weights that hold at most ``most`` assets, each at ``smallest`` or above.

    ``relax(terms)`` gives the optimum of the program without the two rules and its objective
    (larger is better), or None. Each node takes one asset out or makes it stay; a node that cannot
    beat the best portfolio found is cut, so the answer is exact. None if there is none; more than
    50,000 nodes raise :class:`SolverFailed`.
    """
    n = len(terms.lower)
    floor = 0.0 if smallest is None else smallest
    limit = n if most is None else most
    forced = frozenset(np.flatnonzero(terms.lower > 0.0).tolist())
    root = _Node(_stay(terms.lower, forced, floor), terms.upper, forced, frozenset())
    stack, best, record = [root], None, -np.inf
    for _ in range(NODES):
        if not stack:
            return best
        node = stack.pop()
        # Lower bounds above zero can force more assets in than the limit allows.
        if len(node.chosen) > limit:
            continue
        found = relax(terms._replace(lower=node.lower, upper=node.upper))
        if found is None or found[1] <= record + BETTER:
            continue
        weights = found[0].weights
        asset = _undecided(weights, node, floor, limit)
        if asset is None:
            best, record = found
            continue
        out, stay = _without(node, asset), _with(node, asset, floor, limit)
        # The likelier side is looked at first, so that good portfolios cut the rest early.
        likely_out = weights[asset] < floor / 2 or floor == 0.0
        stack.extend((stay, out) if likely_out else (out, stay))
    raise SolverFailed("branch and bound", f"more than {NODES} nodes")


def _undecided(weights: Reals, node: _Node, floor: float, limit: int) -> int | None:
    """Return the asset to branch on, or None if the weights keep both rules."""
    held = [
        i
        for i in np.flatnonzero(weights > HELD).tolist()
        if i not in node.chosen and i not in node.dropped
    ]
    small = [i for i in held if weights[i] < floor - HELD]
    if small:
        # The one most in doubt, half way between out and the smallest position, splits best.
        return max(small, key=lambda i: min(weights[i], floor - weights[i]))
    if len(held) + len(node.chosen) > limit:
        return min(held, key=lambda i: weights[i])
    return None


def _stay(lower: Reals, chosen: frozenset[int], floor: float) -> Reals:
    raised = lower.copy()
    for i in chosen:
        raised[i] = max(raised[i], floor)
    return raised


def _without(node: _Node, asset: int) -> _Node:
    upper = node.upper.copy()
    upper[asset] = 0.0
    return node._replace(upper=upper, dropped=node.dropped | {asset})


def _with(node: _Node, asset: int, floor: float, limit: int) -> _Node:
    chosen = node.chosen | {asset}
    lower = _stay(node.lower, frozenset({asset}), floor)
    if len(chosen) < limit:
        return node._replace(lower=lower, chosen=chosen)
    # The portfolio is full: everything else is out.
    upper = node.upper.copy()
    others = np.setdiff1d(np.arange(len(upper)), list(chosen))
    upper[others] = 0.0
    return _Node(lower, upper, chosen, node.dropped | frozenset(others.tolist()))
