"""The window of sessions over which every column has a return."""

from __future__ import annotations

from dataclasses import dataclass

from jeoul.model.calendar import Reals


@dataclass(frozen=True, slots=True, eq=False)
class EstimateWindow:
    """The trailing rows and the columns that an estimate may use, and what was left out.

    ``returns`` is complete, of shape (sessions, kept). ``kept`` and ``left_out`` are column numbers
    of the matrix that was given; ``available`` says how many returns each of its columns
    has; ``shortest`` is the kept column that decides the length.
    """

    returns: Reals
    kept: tuple[int, ...]
    left_out: tuple[int, ...]
    available: tuple[int, ...]
    shortest: int | None
