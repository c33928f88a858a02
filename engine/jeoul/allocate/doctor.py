"""Why a program has no solution: the rules that cannot hold together, and what would cure it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from jeoul.allocate.program import MANY, UNBOUNDED, Program
from jeoul.allocate.rules import Rule, linear_rules
from jeoul.allocate.solution import Relaxation
from jeoul.allocate.solver.feasibility import FeasibleSet
from jeoul.errors import Infeasible
from jeoul.model.calendar import Reals
from jeoul.model.factored import Covariance, dense_of
from jeoul.model.portfolio import Reason

if TYPE_CHECKING:
    from jeoul.allocate.solver.large.room import WideRoom, WideRule

SEARCHED = 3
"""Conflicts of up to so many rules are smallest; larger ones only cannot spare any of theirs."""
TRIED = 5000
"""The search for a smaller conflict stops at so many sets of one size."""
EXACT = 1e-9
HALVINGS = 60


@dataclass(frozen=True, slots=True)
class ProgramDiagnosis:
    """What makes a program infeasible.

    ``conflict`` holds rules that cannot hold together though any fewer of them can. ``cures`` says
    of each rule that could cure the whole program alone how far it must move, smallest move first;
    ``least`` is the least move in sum over all rules, for a program that no single rule cures. A
    relaxation's ``declared`` and ``used`` are values of its key.
    """

    conflict: tuple[Relaxation, ...]
    cures: tuple[Relaxation, ...]
    least: tuple[Relaxation, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        """Return the strategy-file keys in conflict, each once."""
        return tuple(dict.fromkeys(rule.rule for rule in self.conflict))

    def reasons(self) -> tuple[Reason, ...]:
        """Return the diagnosis as messages of the catalogues."""
        named = ", ".join(f"{r.rule} = {r.declared:.6g}" for r in self.conflict)
        found = [Reason.of("allocate.conflict", rules=named)]
        kind = "allocate.cure" if self.cures else "allocate.cure_together"
        found += [
            Reason.of(kind, rule=m.rule, declared=f"{m.declared:.6g}", used=f"{m.used:.6g}")
            for m in self.cures or self.least
        ]
        return tuple(found)


class Conflict(Infeasible):
    """No weights satisfy every rule; ``diagnosis`` says which rules, and what would cure it.

    A diagnosis takes hundreds of solves. A replay that only holds on never asks for it, so it is
    made when somebody does.
    """

    def __init__(self, diagnosis: ProgramDiagnosis | Callable[[], ProgramDiagnosis]) -> None:
        self._diagnosis = diagnosis
        Exception.__init__(self)  # without a message and names yet: they are in the diagnosis

    @property
    def diagnosis(self) -> ProgramDiagnosis:
        """Return which rules cannot hold together, and what would cure it."""
        if not isinstance(self._diagnosis, ProgramDiagnosis):
            self._diagnosis = self._diagnosis()
        return self._diagnosis

    @property
    def conflicts(self) -> tuple[str, ...]:  # type: ignore[override]
        """Return the strategy-file keys in conflict."""
        return self.diagnosis.keys

    def __str__(self) -> str:
        found = self.diagnosis
        named = ", ".join(f"{r.rule} = {r.declared:.6g}" for r in found.conflict)
        joint, moves = (" or ", found.cures) if found.cures else (" and ", found.least)
        remedy = joint.join(f"set {m.rule} to {m.used:.6g}" for m in moves)
        return f"no weights satisfy these rules together: {named}; {remedy}"

    def __reduce__(self) -> tuple[type[Conflict], tuple[ProgramDiagnosis]]:
        return type(self), (self.diagnosis,)


def diagnose(program: Program, covariance: Covariance) -> ProgramDiagnosis | None:
    """Return why a program has no solution, or None if its rules leave weights.

    Conflicts of up to three rules are smallest in number; a larger one is irreducible (deletion
    filter of Chinneck and Dravnieks, ORSA Journal on Computing 3 (1991)). So is every conflict of
    many assets with the volatility ceiling, and its cure is that of the ceiling alone. Groups that
    yield to the volatility ceiling count as given up where it plays a part. Feasibility is decided
    by exact active-set solves of the least variance, which the ceiling is compared with.
    """
    found = infeasible(program, covariance)
    return None if found is None else found()


def infeasible(program: Program, covariance: Covariance) -> Callable[[], ProgramDiagnosis] | None:
    """Return what makes the diagnosis of a program without a solution, None if it has one."""
    ceiling = program.volatility_max
    rules, room = _opened(program, covariance)
    everything = tuple(range(len(rules)))
    case = _Case(room, rules, None)
    if case.holds(everything):
        if ceiling is None:
            return None
        firm = tuple(
            i for i in everything if not (rules[i].key in program.yielding and rules[i].outward < 0)
        )
        case = _Case(room, rules, ceiling, brief=len(program.labels) >= MANY)
        if case.holds(firm):
            return None
        everything = firm
    return partial(case.diagnosis, everything, program.key("volatility"))


def _opened(
    program: Program, covariance: Covariance
) -> tuple[Sequence[Rule] | Sequence[WideRule], FeasibleSet | WideRoom]:
    """Return the rules of a program and what they leave; of many assets without n x n numbers."""
    if len(program.labels) >= MANY:
        from jeoul.allocate.solver.large.room import WideRoom, wide_rules

        wide = wide_rules(program)
        return wide, WideRoom(program, wide, covariance)
    rules = linear_rules(program)
    return rules, FeasibleSet(program, rules, dense_of(covariance))


class _Case:
    """The rules of one program, with or without its volatility ceiling."""

    def __init__(
        self,
        room: FeasibleSet | WideRoom,
        rules: Sequence[Rule] | Sequence[WideRule],
        ceiling: float | None,
        *,
        brief: bool = False,
    ) -> None:
        # Each least volatility of many assets takes a while: no smaller conflict is then searched
        # for, and the ceiling's own cure is the one that is named.
        self._brief = brief
        self._room = room
        self._rules = rules
        self._ceiling = ceiling

    def holds(self, chosen: Sequence[int], relaxed: Reals | None = None) -> bool:
        """Return whether the chosen rules, and the ceiling if there is one, leave weights."""
        moved = np.zeros(len(self._rules)) if relaxed is None else relaxed
        if self._ceiling is None:
            return self._room.leaves(chosen, moved)
        least = self._room.least_volatility(chosen, moved)
        return least is not None and least <= self._ceiling * (1.0 + EXACT)

    def diagnosis(self, everything: tuple[int, ...], ceiling_key: str) -> ProgramDiagnosis:
        core = self._irreducible(everything)
        core = core if self._brief else self._smaller(core, everything)
        conflict = [self._moved(i, 0.0) for i in core]
        cures = [] if self._brief else [self._cure(i, everything) for i in core]
        found = sorted((c for c in cures if c is not None), key=lambda c: abs(c.used - c.declared))
        if self._ceiling is not None:
            conflict.append(Relaxation(ceiling_key, self._ceiling, self._ceiling))
            least = self._room.least_volatility(everything, np.zeros(len(self._rules)))
            if least is not None:
                found.append(Relaxation(ceiling_key, self._ceiling, least))
        moves = () if found else self._together()
        return ProgramDiagnosis(tuple(conflict), tuple(found), moves)

    def _irreducible(self, everything: tuple[int, ...]) -> tuple[int, ...]:
        kept = list(everything)
        for rule in everything:
            without = [i for i in kept if i != rule]
            if not self.holds(without):
                kept = without
        return tuple(kept)

    def _smaller(self, core: tuple[int, ...], everything: tuple[int, ...]) -> tuple[int, ...]:
        for size in range(1, min(len(core) - 1, SEARCHED) + 1):
            if math.comb(len(everything), size) > TRIED:
                break
            for chosen in combinations(everything, size):
                if not self.holds(chosen):
                    return chosen
        return core

    def _cure(self, rule: int, everything: tuple[int, ...]) -> Relaxation | None:
        """Return the least relaxation of one rule that cures everything, found by halving."""
        relaxed = np.zeros(len(self._rules))
        relaxed[rule] = UNBOUNDED
        if not self.holds(everything, relaxed):
            return None
        low, high = 0.0, 1.0
        relaxed[rule] = high
        if not self.holds(everything, relaxed):
            low, high = high, UNBOUNDED
        for _ in range(HALVINGS):
            if high - low <= EXACT:
                break
            relaxed[rule] = (low + high) / 2
            if self.holds(everything, relaxed):
                high = relaxed[rule]
            else:
                low = relaxed[rule]
        return self._moved(rule, high)

    def _together(self) -> tuple[Relaxation, ...]:
        moves = self._room.least_relaxation()
        return tuple(self._moved(i, float(e)) for i, e in enumerate(moves) if e > EXACT)

    def _moved(self, rule: int, by: float) -> Relaxation:
        known = self._rules[rule]
        return Relaxation(known.key, known.declared, known.declared + known.outward * by)
