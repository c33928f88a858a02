"""HiGHS beside other users of it in one process: they all share its scheduler of threads."""

import subprocess
import sys

import pytest

_BOTH = """
import highspy
from jeoul.highs import silent_highs

def solved(solver):
    solver.addVar(0.0, 10.0)
    solver.changeColCost(0, -1.0)
    solver.run()
    return solver.getModelStatus() == highspy.HighsModelStatus.kOptimal

other = highspy.Highs()
other.setOptionValue("output_flag", False)
if {threads}:
    other.setOptionValue("threads", {threads})
assert solved(other)
assert solved(silent_highs())
"""


@pytest.mark.parametrize("threads", [0, 1, 2])
def test_it_solves_whatever_another_solver_of_the_process_was_set_up_with(threads: int) -> None:
    found = subprocess.run(  # a process of its own: the first solver decides for all of it
        [sys.executable, "-c", _BOTH.format(threads=threads)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stderr
