"""The convex program: what to hold, under named rules, and why."""

from jeoul.allocate.program import Estimated, Group, Program, RiskShare
from jeoul.allocate.solution import Duals, Relaxation, Solution
from jeoul.allocate.solve import solve

__all__ = [
    "Duals",
    "Estimated",
    "Group",
    "Program",
    "Relaxation",
    "RiskShare",
    "Solution",
    "solve",
]
