"""The words of a column and what each means, looked up by hash; a word is understood once."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from jeoul.batch.cells import Cells, text_of
from jeoul.batch.compiled import cell_functions
from jeoul.batch.gathering import UNSEEN
from jeoul.rebalance.problem import Counts

_MOST = 100_000  # words that are remembered; a file can have a new wrong one in every row


class Vocabulary:
    """Codes of words; ``understand`` gives that of a word that was not seen before."""

    def __init__(self, known: Mapping[str, int], understand: Callable[[str], int]) -> None:
        self._known, self._understand = dict(known), understand
        self._hashes, self._codes = np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.int64)
        self._sort()

    def codes(self, cells: Cells, column: int) -> Counts:
        """Return the code of each cell of a column."""
        found = np.zeros(len(cells.start), dtype=np.int64)
        start = np.ascontiguousarray(cells.start[:, column])
        end = np.ascontiguousarray(cells.end[:, column])
        run = cell_functions().codes_of
        if run(cells.data, start, end, self._hashes, self._codes, found):
            new: dict[str, int] = {}
            for row in np.flatnonzero(found == UNSEEN):
                word = text_of(cells, int(row), column)
                if word not in new:
                    new[word] = self._understand(word)
                found[row] = new[word]
            if len(self._known) + len(new) <= _MOST:
                self._known |= new
                self._sort()
        return found

    @staticmethod
    def hash_of(word: str) -> np.uint64:
        """Return the hash of a word, as compiled code has it."""
        return np.uint64(_hash(word))

    def _sort(self) -> None:
        hashes = np.array([_hash(word) for word in self._known], dtype=np.uint64)
        order = np.argsort(hashes)
        self._hashes = hashes[order]
        self._codes = np.array(list(self._known.values()), dtype=np.int64)[order]


def _hash(word: str) -> int:
    """Return :func:`~jeoul.batch.cells.hash_of` of a word, in Python's whole numbers."""
    from jeoul.batch.cells import MIX, OFFSET, PRIME

    most, found = (1 << 64) - 1, OFFSET
    for byte in word.encode():
        found = (found ^ byte) * PRIME & most
    found = (found ^ (found >> 33)) * MIX & most
    return found ^ (found >> 33)
