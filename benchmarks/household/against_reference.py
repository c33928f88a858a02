"""The linear relaxation of frozen households against the same program written in cvxpy.

    python benchmarks/household/against_reference.py FILE [--count 100]

Each household is a line of FILE, and those that are there are not compared again.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
from frozen import documents

from jeoul.household.problem.document import from_document
from jeoul.household.problem.records import Household
from jeoul.household.program.inputs import UNIT
from jeoul.household.program.program import build
from jeoul.household.program.reference import reference_cost
from jeoul.household.program.solver import loaded


def apart(household: Household) -> float:
    """Return how far the two relaxations are apart, as a part of their value."""
    program = build(household)
    lower = program.row_lower.copy()
    lower[program.rows["reached"]] = -np.inf
    solver = loaded(replace(program, row_lower=lower), whole=False)
    for name in ("primal_feasibility_tolerance", "dual_feasibility_tolerance"):
        solver.setOptionValue(name, 1e-9)
    solver.run()
    found = float(solver.getInfo().objective_function_value) * UNIT
    return abs(reference_cost(household, whole=False) - found) / abs(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--count", type=int, default=100)
    asked = parser.parse_args()
    text = asked.file.read_text("utf-8") if asked.file.exists() else ""
    known = dict(line.split() for line in text.splitlines())
    for name, document in list(documents("5x12"))[: asked.count]:
        if name not in known:
            known[name] = f"{apart(from_document(document)):.3e}"
            with asked.file.open("a", encoding="utf-8") as file:
                file.write(f"{name} {known[name]}\n")
    print(f"{len(known)} households, at most {max(map(float, known.values())):.1e} apart")


if __name__ == "__main__":
    main()
