"""How many of sorted days lie before a day or until it: where a span begins and ends."""

from __future__ import annotations

from datetime import date

import numpy as np
from numpy.typing import NDArray


def count_before(days: NDArray[np.datetime64], day: date | str | np.datetime64) -> int:
    """Return how many days are before ``day``: the place of the first one that is not.

    >>> sessions = np.array(["2024-06-26", "2024-06-28"], dtype="datetime64[D]")
    >>> [count_before(sessions, date(2024, 6, n)) for n in (26, 27, 28, 29)]
    [0, 1, 1, 2]
    """
    return int(days.searchsorted(np.datetime64(day)))


def count_until(days: NDArray[np.datetime64], day: date | str | np.datetime64) -> int:
    """Return how many days are not after ``day``, so that ``days[:count]`` ends with it.

    >>> sessions = np.array(["2024-06-26", "2024-06-28"], dtype="datetime64[D]")
    >>> [count_until(sessions, date(2024, 6, n)) for n in (25, 26, 27, 28)]
    [0, 1, 1, 2]
    """
    return int(days.searchsorted(np.datetime64(day), side="right"))
