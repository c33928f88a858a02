"""Prices of arrays in whole smallest units, as :func:`~jeoul.model.money.to_units` makes one."""

from __future__ import annotations

import numpy as np

from jeoul.model.calendar import Reals


def units_along(prices: Reals, unit: int) -> list[int | None]:
    """Return prices of the main unit in the smallest one, half to even; None for what is missing.

    >>> units_along(np.array([36_415.0, np.nan, 531.625]), 100)
    [3641500, None, 53162]
    """
    # A missing price is the only number that differs from itself.
    return [None if x != x else int(x) for x in np.rint(prices * unit).tolist()]  # noqa: PLR0124
