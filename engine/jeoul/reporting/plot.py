"""What charts share: thinning of lines, axis levels, paths in whole numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from jeoul.model.calendar import Reals

MAX_POINTS = 600
LOG_STEPS = ((1, 1.2, 1.4, 1.6, 1.8, 2, 2.5, 3, 4, 5, 6, 8), (1, 1.5, 2, 3, 5, 7), (1, 2, 5), (1,))


def thin(
    values: Reals, limit: int = MAX_POINTS, *, lows_only: bool = False
) -> npt.NDArray[np.int64]:
    """Return the places of at most ``limit`` values that keep the ends and every extreme.

    The line is cut into equal stretches; of each, the lowest and the highest value stay, or the
    lowest alone, which keeps a chart of drawdowns from flickering between 0 and the next dip.

    >>> thin(np.array([1.0, 5.0, 2.0, 9.0, 3.0, 4.0, 8.0, 7.0]), 6).tolist()
    [0, 3, 4, 6, 7]
    """
    count = len(values)
    if count <= limit:
        return np.arange(count)
    stretches = np.array_split(np.arange(count), (limit - 2) // (1 if lows_only else 2))
    kept = {0, count - 1}
    for stretch in stretches:
        kept.add(int(stretch[np.argmin(values[stretch])]))
        if not lows_only:
            kept.add(int(stretch[np.argmax(values[stretch])]))
    return np.array(sorted(kept), dtype=np.int64)


def path(x: Reals, y: Reals, *, closed_at: float | None = None) -> str:
    """Return an SVG path through points, in whole units and relative steps.

    ``closed_at`` closes the line to an area down or up to that level.

    >>> path(np.array([0.0, 3.0, 5.0]), np.array([10.0, 8.0, 9.0]))
    'M0 10l3-2 2 1'
    """
    points = np.rint(np.column_stack((x, y))).astype(int)
    steps = np.diff(points, axis=0)
    text = f"M{points[0][0]} {points[0][1]}l" + " ".join(f"{dx} {dy}" for dx, dy in steps)
    if closed_at is not None:
        text += f"V{round(closed_at)}H{points[0][0]}z"
    return text.replace(" -", "-")


def log_levels(low: float, high: float, most: int = 6) -> list[float]:
    """Return round levels of a logarithmic axis between two values, the finest that fit.

    >>> log_levels(0.9, 6.7), log_levels(0.95, 1.5), log_levels(1.0, 300.0)
    ([1, 1.5, 2, 3, 5], [1, 1.2, 1.4], [1, 10, 100])
    """
    found: list[float] = []
    for steps in LOG_STEPS:
        found = _decades(low, high, steps)
        if len(found) <= most:
            return found
    return found


def _decades(low: float, high: float, steps: Sequence[float]) -> list[float]:
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    levels = [step * 10**power if power else step for power in powers for step in steps]
    return [level for level in levels if low <= level <= high]


def linear_levels(low: float, most: int = 4) -> list[float]:
    """Return round levels from 0 down to a negative value.

    >>> linear_levels(-0.27)
    [0.0, -0.1, -0.2]
    """
    for step in (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5):
        count = int(-low / step + 1e-9)
        if count <= most - 1:
            return [round(-step * place, 6) + 0.0 for place in range(count + 1)]
    return [0.0]


def round_levels(low: float, high: float, most: int = 5) -> tuple[list[float], int]:
    """Return round levels between two fractions, the finest that fit, and their digits in percent.

    >>> round_levels(0.041, 0.078)
    ([0.05, 0.06, 0.07], 0)
    """
    levels: list[float] = []
    for step in (1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5):
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        levels = [round(step * place, 6) for place in range(first, last + 1)]
        if len(levels) <= most:
            return levels, 2 if step < 1e-3 else 1 if step < 0.01 else 0
    return levels[:most], 0


def spread(positions: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Return positions of labels moved apart to at least ``gap``, in their given order of height.

    >>> spread([10.0, 11.0, 50.0], 14.0, 0.0, 100.0)
    [10.0, 24.0, 50.0]
    """
    order = sorted(range(len(positions)), key=lambda place: positions[place])
    placed = [0.0] * len(positions)
    floor = low
    for place in order:
        placed[place] = max(positions[place], floor)
        floor = placed[place] + gap
    ceiling = high
    for place in reversed(order):
        placed[place] = min(placed[place], ceiling)
        ceiling = placed[place] - gap
    return placed


def year_marks(first: int, last: int, most: int = 8) -> list[int]:
    """Return the years to name on a time axis.

    >>> year_marks(1997, 2026)
    [2000, 2005, 2010, 2015, 2020, 2025]
    """
    for step in (1, 2, 5, 10, 20, 50):
        found = [year for year in range(first + 1, last + 1) if year % step == 0]
        if len(found) <= most:
            return found
    return []
