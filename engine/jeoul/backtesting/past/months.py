"""The return of every calendar month: a row a year, a column a month."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from jeoul.model.calendar import Days, Reals
from jeoul.model.shown import line


class Months(NamedTuple):
    """``returns`` has a row for each of ``years`` and twelve columns; NaN outside the span."""

    years: tuple[int, ...]
    returns: Reals

    def __repr__(self) -> str:
        return line("Months", self._asdict())


def by_month(sessions: Days, nav: Reals) -> Months:
    """Return every calendar month, the first and the last as far as they go.

    A month starts from the last value of the one before. Decimal fractions.

    >>> days = np.array(["2023-12-29", "2024-01-31", "2024-02-29"], dtype="datetime64[D]")
    >>> found = by_month(days, np.array([1.0, 1.1, 0.99]))
    >>> found.years, found.returns[1, :3].round(4).tolist()
    ((2023, 2024), [0.1, -0.1, nan])
    """
    months: NDArray[np.int64] = sessions.astype("datetime64[M]").astype(np.int64)
    first, last = int(months[0]) // 12, int(months[-1]) // 12
    found = np.full((last - first + 1) * 12, np.nan)
    ends = np.append(np.flatnonzero(np.diff(months)), len(nav) - 1)
    starts = np.append(0, ends[:-1])
    lasting = ends > starts  # the first session alone has no return
    places = months[ends[lasting]] - first * 12
    found[places] = nav[ends[lasting]] / nav[starts[lasting]] - 1.0
    return Months(tuple(1970 + year for year in range(first, last + 1)), found.reshape(-1, 12))
