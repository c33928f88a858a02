"""A program in HiGHS: its linear relaxation, or with whole numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from jeoul.highs import silent_highs

if TYPE_CHECKING:
    import highspy

    from jeoul.household.program.arrays import Arrays


def loaded(program: Arrays, *, whole: bool = True) -> highspy.Highs:
    """Return a silent solver of one thread that holds a program.

    With ``whole`` off it holds the linear relaxation. Its objective is in units, as the program's.
    """
    import highspy

    solver = silent_highs()
    integer = int(highspy.HighsVarType.kInteger)
    kinds = np.where(program.whole, integer, 0).astype(np.int32)
    rows, columns = program.shape
    arguments = (
        columns,
        rows,
        len(program.value),
        int(highspy.MatrixFormat.kRowwise),
        int(highspy.ObjSense.kMinimize),
        program.constant,
        program.cost,
        program.lower,
        program.upper,
        program.row_lower,
        program.row_upper,
        program.start.astype(np.int32),
        program.index.astype(np.int32),
        program.value,
        kinds if whole else np.zeros(columns, dtype=np.int32),
    )
    solver.passModel(*arguments)
    return solver
