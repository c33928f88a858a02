"""The convex program: what to hold, under named rules, and why."""

from jeoul.allocate.doctor import Conflict, Diagnosis, diagnose
from jeoul.allocate.program import Estimated, Group, Program, RiskShare
from jeoul.allocate.solution import Relaxation, Solution
from jeoul.allocate.solve import Prepared, solve

__all__ = [
    "Conflict",
    "Diagnosis",
    "Estimated",
    "Group",
    "Prepared",
    "Program",
    "Relaxation",
    "RiskShare",
    "Solution",
    "diagnose",
    "solve",
]
