"""Columns and rows of a program as they are put together, with how their helpers are filled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from jeoul.household.problem.records import Curve
from jeoul.household.program.inputs import Floats, Ints


@dataclass(frozen=True)
class LinearTerms:
    """A linear expression: ``at`` are its columns; it never leaves ``low`` to ``high``."""

    at: Ints
    by: Floats
    constant: float = 0.0
    low: float = 0.0
    high: float = 0.0


@dataclass(frozen=True)
class FillEquation:
    """An equation whose rest fills columns in order: ``up`` what is above 0, ``down`` the other."""

    row: int
    up: Ints
    down: Ints


@dataclass(frozen=True)
class Least:
    """A column that is as small as its rows allow."""

    column: int
    rows: Ints


@dataclass(frozen=True)
class Mark:
    """A binary column that is 1 where one of the columns it watches is above 0."""

    column: int
    watched: Ints


Recipe = FillEquation | Least | Mark

NONE: Ints = np.zeros(0, dtype=np.int64)


@dataclass
class Parts:
    """A program in the making: columns and rows by named groups."""

    columns: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    rows: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    costs: list[Floats] = field(default_factory=list)
    lowers: list[Floats] = field(default_factory=list)
    uppers: list[Floats] = field(default_factory=list)
    whole: list[Floats] = field(default_factory=list)
    width: int = 0
    row_at: list[Ints] = field(default_factory=list)
    row_by: list[Floats] = field(default_factory=list)
    row_low: list[float] = field(default_factory=list)
    row_high: list[float] = field(default_factory=list)
    extra: list[tuple[Ints, Floats]] = field(default_factory=list)
    recipes: list[Recipe] = field(default_factory=list)
    constant: float = 0.0

    def add_columns(
        self,
        group: str,
        upper: Floats | Sequence[float],
        *,
        cost: Floats | float = 0.0,
        lower: Floats | float = 0.0,
        whole: bool = False,
    ) -> Ints:
        """Add columns to a group and return where they are."""
        high = np.asarray(upper, dtype=float)
        count = len(high)
        at = np.arange(self.width, self.width + count)
        self.columns.setdefault(group, []).append((self.width, count))
        self.width += count
        self.uppers.append(high)
        self.lowers.append(np.broadcast_to(lower, count))
        self.costs.append(np.broadcast_to(cost, count))
        self.whole.append(np.full(count, float(whole)))
        return at

    def add_row(
        self, group: str, at: Ints, by: Floats, low: float = -np.inf, high: float = np.inf
    ) -> int:
        """Add one row, low <= by . x[at] <= high, and return where it is."""
        where = len(self.row_low)
        self.rows.setdefault(group, []).append((where, 1))
        self.row_at.append(at)
        self.row_by.append(by)
        self.row_low.append(low)
        self.row_high.append(high)
        return where

    def add_pairs(
        self,
        group: str,
        first: Ints,
        second: Ints,
        by: Floats,
        *,
        low: float = -np.inf,
        high: float = np.inf,
    ) -> None:
        """Add a row for each pair of columns: low <= first + by x second <= high."""
        where = len(self.row_low)
        self.rows.setdefault(group, []).append((where, len(first)))
        self.row_at.extend(np.column_stack((first, second)))
        self.row_by.extend(np.column_stack((np.ones(len(first)), by)))
        self.row_low.extend([low] * len(first))
        self.row_high.extend([high] * len(first))

    def charge(self, at: Ints, by: Floats) -> None:
        """Add to the cost of columns that exist."""
        self.extra.append((at, by))

    def add_curve(self, group: str, amount: LinearTerms, curve: Curve, weight: float) -> None:
        """Charge ``weight`` times a curve of an amount: columns for its slopes, binaries for steps.

        Where the amount stays within one slope its columns are charged, and nothing is added.
        """
        low, high = amount.low, amount.high
        jumps = [bound for bound, height in curve.steps if low <= bound < high and height]
        edges, slopes = pieces_between(curve, low, high, jumps)
        self.constant += weight * curve.cost(low)
        if not len(amount.at):
            return
        if len(slopes) <= 1 and not jumps:
            if slopes and slopes[0]:
                self.charge(amount.at, weight * slopes[0] * amount.by)
                self.constant += weight * slopes[0] * (amount.constant - low)
            return
        parts = self.add_columns(group, np.diff(edges), cost=weight * np.array(slopes))
        at = np.concatenate((amount.at, parts))
        by = np.concatenate((amount.by, -np.ones(len(parts))))
        rest = low - amount.constant
        self.recipes.append(FillEquation(self.add_row(group, at, by, rest, rest), parts, NONE))
        for bound in sorted(set(jumps)):
            above = parts[np.array(edges[:-1]) >= bound]
            height = sum(tall for where, tall in curve.steps if where == bound)
            self._add_step(f"{group}_step", above, high - bound, weight * height)

    def _add_step(self, group: str, above: Ints, most: float, cost: float) -> None:
        mark = self.add_columns(group, [1.0], cost=cost, whole=True)
        by = np.concatenate((np.ones(len(above)), [-most]))
        self.add_row(group, np.concatenate((above, mark)), by, high=0.0)
        self.recipes.append(Mark(int(mark[0]), above))


def pieces_between(
    curve: Curve, low: float, high: float, jumps: Sequence[float]
) -> tuple[list[float], list[float]]:
    """Return the edges and slopes of a curve from low to high, neighbours of one slope as one.

    A jump is an edge whatever the slopes beside it.

    >>> pieces_between(Curve((10.0,), (0.0, 0.2)), -5.0, 30.0, ())
    ([-5.0, 10.0, 30.0], [0.0, 0.2])
    """
    starts = (-np.inf, 0.0, *curve.bounds)
    edges, slopes = [low], list[float]()
    for start, end, slope in zip(starts, (*starts[1:], np.inf), (0.0, *curve.slopes), strict=True):
        cuts = [each for each in sorted(jumps) if start < each < end]
        for below, above in zip((start, *cuts), (*cuts, end), strict=True):
            top = min(above, high)
            if top <= max(below, low):
                continue
            if slopes and slopes[-1] == slope and edges[-1] not in jumps:
                edges[-1] = top
            else:
                edges.append(top)
                slopes.append(slope)
    return edges, slopes
