"""The rules of a program one by one, each with the key that a person can edit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jeoul.allocate.program import Mask, Program
from jeoul.model.calendar import Reals

FREE = 1e30


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """lower <= rows @ (weights, buys) <= upper, under one strategy-file key.

    ``declared`` is the value in the file; relaxing the rule by e, in units of weight, moves every
    finite bound outwards by e, and the declared value by e in the direction of ``outward``.
    """

    key: str
    declared: float
    outward: int
    rows: Reals
    lower: Reals
    upper: Reals


def linear_rules(program: Program) -> tuple[Rule, ...]:
    """Return the linear rules of a program, without the budget and without w >= 0.

    Those two are what weights are, not rules that could be given up.

    >>> program = Program(labels=("a", "b"), risk_aversion=1.0, upper=0.6)
    >>> [rule.key for rule in linear_rules(program)]
    ['allocate.max_weight']
    """
    rules = [*_asset_rules(program), *_group_rules(program)]
    if program.turnover_max is not None and program.previous is not None:
        row = np.concatenate([np.zeros(len(program.labels)), np.ones(len(program.labels))])
        # Half of |w - previous|_1 is the sum of buys less half of what the budget adds.
        limit = program.turnover_max + (program.budget - float(program.previous.sum())) / 2
        rules.append(_rule(program.key("turnover"), program.turnover_max, 1, row, upper=limit))
    return tuple(rules)


def _asset_rules(program: Program) -> list[Rule]:
    n = len(program.labels)
    upper, lower, everything = program.upper, program.lower, np.ones(n, dtype=np.bool_)
    found = []
    if np.any(upper < program.budget):
        found.append(_each(program, "upper", float(upper.max()), 1, everything, upper=upper))
    if np.any(lower > 0.0):
        found.append(_each(program, "lower", float(lower.max()), -1, lower > 0.0, lower=lower))
    if program.eligible is not None and not program.eligible.all():
        found.append(_each(program, "eligible", 0.0, 1, ~program.eligible, upper=np.zeros(n)))
    if program.band is not None and program.target is not None:
        low, high = program.target - program.band, program.target + program.band
        found.append(_each(program, "band", program.band, 1, everything, lower=low, upper=high))
    if program.frozen is not None and program.previous is not None and program.frozen.any():
        held = program.previous
        found.append(_each(program, "frozen", 0.0, 1, program.frozen, lower=held, upper=held))
    return found


def _group_rules(program: Program) -> list[Rule]:
    found = []
    for group in program.groups:
        row = np.concatenate([group.members, np.zeros(len(group.members))])
        if group.lower > 0.0:
            found.append(_rule(group.name, group.lower, -1, row, lower=group.lower))
        if group.upper < program.budget:
            found.append(_rule(group.name, group.upper, 1, row, upper=group.upper))
    return found


def _each(
    program: Program,
    name: str,
    declared: float,
    outward: int,
    mask: Mask,
    *,
    lower: Reals | None = None,
    upper: Reals | None = None,
) -> Rule:
    n = len(program.labels)
    rows = np.hstack([np.eye(n), np.zeros((n, n))])[mask]
    low = np.full(len(rows), -FREE) if lower is None else lower[mask]
    high = np.full(len(rows), FREE) if upper is None else upper[mask]
    return Rule(
        key=program.key(name), declared=declared, outward=outward, rows=rows, lower=low, upper=high
    )


def _rule(
    key: str,
    declared: float,
    outward: int,
    row: Reals,
    *,
    lower: float = -FREE,
    upper: float = FREE,
) -> Rule:
    return Rule(
        key=key,
        declared=declared,
        outward=outward,
        rows=row[None, :],
        lower=np.array([lower]),
        upper=np.array([upper]),
    )
