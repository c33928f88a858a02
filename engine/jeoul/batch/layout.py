"""How a table is cut into parts with whole accounts, so that each part can go anywhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from jeoul.batch.cells import Hashes
from jeoul.rebalance.problem import Counts

_MOST_PAIRS = 10_000  # a file of nonsense has a new pair in every row


class FilePart(NamedTuple):
    """Some rows of a table: from ``start`` to before ``stop``, in bytes or rows, and its line."""

    start: int
    stop: int
    line: int


@dataclass(frozen=True, slots=True)
class Layout:
    """The parts of a table, its accounts by their sorted hashes, and those that are not together.

    ``pairs`` are the kinds and profiles as its accounts write them, ``digest`` is that of the file.
    """

    parts: tuple[FilePart, ...]
    accounts: Hashes
    scattered: Hashes
    pairs: frozenset[tuple[str, str]]
    digest: str


@dataclass
class Cutter:
    """Collects where accounts begin, and cuts a table there once a part has its size."""

    size: int
    start: int = 0
    line: int = 1
    parts: list[FilePart] = field(default_factory=list)
    hashes: list[Hashes] = field(default_factory=list)
    pairs: dict[tuple[int, int], tuple[str, str]] = field(default_factory=dict)

    def begin(self, at: Counts, line: Counts, hashes: Hashes) -> None:
        """Take the next accounts by where they begin."""
        self.hashes.append(hashes.copy())
        while len(far := np.flatnonzero(at >= self.start + self.size)):
            spot, number = int(at[far[0]]), int(line[far[0]])
            self.parts.append(FilePart(self.start, spot, self.line))
            self.start, self.line = spot, number

    def see(self, kinds: Hashes, profiles: Hashes, read: Callable[[int], tuple[str, str]]) -> None:
        """Take the kinds and profiles of accounts; ``read`` gives the words of one by its place."""
        both = np.stack([kinds, profiles])
        different, first = np.unique(both, axis=1, return_index=True)
        for (kind, profile), place in zip(different.T.tolist(), first.tolist(), strict=True):
            if (kind, profile) not in self.pairs and len(self.pairs) < _MOST_PAIRS:
                self.pairs[kind, profile] = read(place)

    def end(self, stop: int, digest: str) -> Layout:
        """Return the layout of a table that ends at ``stop``."""
        if stop > self.start:
            self.parts.append(FilePart(self.start, stop, self.line))
        known = np.sort(np.concatenate(self.hashes or [np.zeros(0, dtype=np.uint64)]))
        twice = known[1:][known[1:] == known[:-1]]
        pairs = frozenset(self.pairs.values())
        return Layout(
            parts=tuple(self.parts),
            accounts=known,
            scattered=np.unique(twice),
            pairs=pairs,
            digest=digest,
        )
