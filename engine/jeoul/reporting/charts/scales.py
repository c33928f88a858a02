"""What charts share: thinning of lines, axis levels, scales, paths in whole numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt

from jeoul.model.calendar import Reals
from jeoul.reporting.charts.axes import Axis

MAX_POINTS = 600
YEAR_STEPS, MONTH_STEPS = (1, 2, 5, 10, 20, 50), (1, 3, 6, 12)
YEARS = 2  # a longer axis is named by years, a shorter one by months
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
    """Return an SVG path through points, in whole units and relative steps; a level run is one.

    ``closed_at`` closes the line to an area down or up to that level.

    >>> path(np.array([0.0, 3.0, 5.0]), np.array([10.0, 8.0, 9.0]))
    'M0 10l3-2 2 1'
    >>> path(np.array([0.0, 3.0, 5.0, 6.0]), np.array([10.0, 10.0, 10.0, 9.0]))
    'M0 10l5 0 1-1'
    """
    points = np.rint(np.column_stack((x, y))).astype(int)
    steps = np.diff(points, axis=0)
    level = steps[:, 1] == 0
    steps = np.add.reduceat(steps, np.flatnonzero(~level | ~np.append(False, level[:-1])))
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


def linear_levels(low: float, high: float, most: int = 6) -> tuple[list[float], int]:
    """Return the finest round levels between two values, and the decimals that they need.

    >>> linear_levels(-0.27, 0.0, most=4), linear_levels(0.0, 1_250_000.0, most=4)
    (([-0.2, -0.1, 0.0], 1), ([0.0, 500000.0, 1000000.0], 0))
    """
    power = math.floor(math.log10((high - low) / most or 1.0))
    for exponent in (power, power + 1):
        for base in (1, 2, 5):
            step = base * 10.0**exponent
            first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
            if last - first < most:
                digits = max(0, -exponent)
                places = range(first, last + 1)
                return [round(step * place, digits) + 0.0 for place in places], digits
    raise AssertionError(f"no round levels between {low} and {high}")


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


def time_marks(first: float, last: float, most: int = 8) -> list[tuple[float, str]]:
    """Return the days to name on an axis of days: beginnings of years, or of months if few.

    >>> [text for _, text in time_marks(10_000.0, 20_000.0)]
    ['2000', '2005', '2010', '2015', '2020']
    >>> [text for _, text in time_marks(19_700.0, 19_900.0)]
    ['2024-01', '2024-02', '2024-03', '2024-04', '2024-05', '2024-06']
    """
    by_year = last - first > YEARS * 366
    unit: Literal["Y", "M"] = "Y" if by_year else "M"
    steps = YEAR_STEPS if by_year else MONTH_STEPS
    one = np.timedelta64(1, unit)
    begun = np.datetime64(int(first), "D").astype(f"datetime64[{unit}]") + one
    ended = np.datetime64(int(last), "D").astype(f"datetime64[{unit}]")
    origin = 1970 if by_year else 0
    marks = np.arange(begun, ended + one)
    for step in steps:
        found = [mark for mark in marks if (int(mark.astype(np.int64)) + origin) % step == 0]
        if len(found) <= most:
            days = [float(mark.astype("datetime64[D]").astype(np.int64)) for mark in found]
            return list(zip(days, map(str, found), strict=True))
    return []


def as_reals(values: npt.ArrayLike) -> Reals:
    """Return values as floating point; days as their count from 1970-01-01."""
    array = np.asarray(values)
    if np.issubdtype(array.dtype, np.datetime64):
        array = array.astype("datetime64[D]").astype(np.int64)
    return array.astype(np.float64)


def runs(values: Reals) -> list[slice]:
    """Return the stretches of known values: what is NaN interrupts a line.

    >>> runs(np.array([1.0, 2.0, np.nan, 3.0]))
    [slice(0, 2, None), slice(3, 4, None)]
    """
    edges = np.flatnonzero(np.diff(np.concatenate(([0], np.isfinite(values).view(np.int8), [0]))))
    return [slice(int(a), int(b)) for a, b in edges.reshape(-1, 2)]


class Scale:
    """One axis of a picture: from values to shares of its length, and the round levels on it."""

    def __init__(self, axis: Axis, values: Reals, *, room: float, most: int = 6) -> None:
        self.axis = axis
        known = np.concatenate((values[np.isfinite(values)], np.array(axis.ends)))
        found = self._spaced(known if len(known) else np.array([0.0, 1.0]))
        low, high = float(found.min()), float(found.max())
        more = (high - low) * room if high > low else abs(high) * 0.05 or 0.5
        self._low, self._length = low - more, high - low + 2.0 * more
        self.levels = self._levels(low, high, more, most)

    def share(self, values: float | Reals) -> Reals:
        """Return how far along the axis values are: 0 at its low end, 1 at its high one."""
        spaced = self._spaced(np.asarray(values, dtype=np.float64))
        return np.asarray((spaced - self._low) / self._length)

    def marks(self) -> list[tuple[float, str]]:
        """Return the levels as shares of the length, with their names."""
        return [(float(self.share(value)), text) for value, text in self.levels]

    def _spaced(self, values: Reals) -> Reals:
        return np.log(values) if self.axis.log else values

    def _levels(self, low: float, high: float, more: float, most: int) -> list[tuple[float, str]]:
        if self.axis.days:
            return time_marks(low, high)
        if self.axis.log:
            found, digits = log_levels(math.exp(low) * 0.999, math.exp(high)), 0
        else:
            found, digits = linear_levels(low - more, high + more, most)
        return [(level, self.axis.level(level, digits)) for level in found]
