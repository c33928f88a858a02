"""HiGHS without a word on stdout, which belongs to what a program prints."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import highspy  # imported where it is used: it takes half a second


def silent_highs() -> highspy.Highs:
    """Return a solver that prints nothing and works in one thread.

    HiGHS prints its banner, past Python's ``sys.stdout``, when the first solver of a process is set
    up, before a caller can switch its output off: so the output is off before the set-up ends.

    One thread means ``parallel`` off, so that the same program has the same answer. ``threads``
    stays automatic: all solvers of a process share one scheduler, and HiGHS refuses to solve, with
    the status ``Not Set``, where a solver asks for another number of threads than the first of the
    process, which may be cvxpy's or the user's own.

    >>> silent_highs().getOptionValue("output_flag")[1]
    False
    """
    import highspy

    class Silent(highspy.Highs):  # type: ignore[misc]  # its stubs leave the base class open
        def enableCallbacks(self) -> None:  # noqa: N802  the name is that of HiGHS
            self.setOptionValue("output_flag", False)
            super().enableCallbacks()

    solver = Silent()
    solver.setOptionValue("parallel", "off")
    return solver
