"""Wide tables a few columns at a time, so that what is made on the way stays small."""

from __future__ import annotations

from collections.abc import Iterator

WIDTH = 256
"""Columns that are worked on at once: some 15 MB of 30 years of sessions."""


def blocks_of(columns: int) -> Iterator[slice]:
    """Yield the columns of a table, :data:`WIDTH` at a time.

    >>> list(blocks_of(300))
    [slice(0, 256, None), slice(256, 300, None)]
    """
    for first in range(0, columns, WIDTH):
        yield slice(first, min(first + WIDTH, columns))
