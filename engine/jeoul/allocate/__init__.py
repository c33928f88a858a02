"""The convex program: what to hold, under named rules, and why."""

from typing import TYPE_CHECKING

from jeoul import moved
from jeoul.allocate.along import LeastYields, fits_along, solve_along
from jeoul.allocate.check import is_sound
from jeoul.allocate.doctor import Conflict, ProgramDiagnosis, diagnose
from jeoul.allocate.explanation import Explained, explain, reasons
from jeoul.allocate.families import Family, family, frontier
from jeoul.allocate.frames import Allocation, allocate
from jeoul.allocate.heuristics import (
    equal_weight,
    inverse_volatility,
    risk_contributions,
    risk_parity,
)
from jeoul.allocate.many import solve_many
from jeoul.allocate.program import MANY, Estimated, Group, Program, RiskShare
from jeoul.allocate.proof import Proof, prove
from jeoul.allocate.scenarios import TailLoss, min_cvar, prove_tail
from jeoul.allocate.sharpe import max_sharpe
from jeoul.allocate.solution import Relaxation, Solution
from jeoul.allocate.solving import PreparedProgram, solve

__all__ = [
    "MANY",
    "Allocation",
    "Conflict",
    "Estimated",
    "Explained",
    "Family",
    "Group",
    "LeastYields",
    "PreparedProgram",
    "Program",
    "ProgramDiagnosis",
    "Proof",
    "Relaxation",
    "RiskShare",
    "Solution",
    "TailLoss",
    "allocate",
    "diagnose",
    "equal_weight",
    "explain",
    "family",
    "fits_along",
    "frontier",
    "inverse_volatility",
    "is_sound",
    "max_sharpe",
    "min_cvar",
    "prove",
    "prove_tail",
    "reasons",
    "risk_contributions",
    "risk_parity",
    "solve",
    "solve_along",
    "solve_many",
]

if not TYPE_CHECKING:  # with it in sight, every misspelt name would be an Any
    __getattr__ = moved.old_names(__name__)
