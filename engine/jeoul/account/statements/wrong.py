"""What is wrong with a table that is a statement, as far as it was read."""

from __future__ import annotations

from collections.abc import Sequence


class StatementFaults(Exception):
    """Everything wrong with a statement: the line or None, what is wrong, and the remedy."""

    def __init__(self, faults: Sequence[tuple[int | None, str, str]]) -> None:
        self.faults = faults
        super().__init__(faults[0][1])
