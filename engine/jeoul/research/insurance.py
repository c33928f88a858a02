"""What each insurance cost and saved, averaged over profiles and currencies."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from jeoul.research.crises import RECOVERIES
from jeoul.research.evidence import Evidence, Way

FALLS = ("largest", "2008", "2020")


@dataclass(frozen=True, slots=True)
class Insurance:
    """One way against simply holding, averaged over profile-markets.

    ``given_up`` is the return given up a year, ``share`` the sum of it as a share of that of the
    default. ``kept`` maps a fall to the part of the default's saving that was kept, the average of
    the ratios. ``recoveries`` is the return in the quick recoveries less that of holding.
    """

    way: str
    given_up: float
    share: float
    kept: Mapping[str, float]
    recoveries: float


def insurances(tables: Sequence[Evidence]) -> tuple[Insurance, ...]:
    """Return a row for every way that all profiles of all tables have, the default first.

    Nothing where the default is missing, or one of the falls or recoveries lies outside the span.
    """
    cells = [
        {way.name: way for way in profile.ways} for table in tables for profile in table.profiles
    ]
    needed = {"static", "default"}
    if not cells or not all(needed <= set(cell) and _covers(cell["static"]) for cell in cells):
        return ()
    shared = [name for name in cells[0] if all(name in cell for cell in cells)]
    ways = ["default", *(name for name in shared if name not in needed)]
    return tuple(_row(name, cells) for name in ways)


def _covers(way: Way) -> bool:
    return len(way.recoveries) == len(RECOVERIES) and set(FALLS[1:]) <= set(way.crises)


def _row(name: str, cells: Sequence[Mapping[str, Way]]) -> Insurance:
    def lost(way: str) -> list[float]:
        return [cell["static"].figures.cagr - cell[way].figures.cagr for cell in cells]

    def kept(fall: Callable[[Way], float]) -> float:
        return float(
            np.mean(
                [
                    (fall(cell[name]) - fall(cell["static"]))
                    / (fall(cell["default"]) - fall(cell["static"]))
                    for cell in cells
                ]
            )
        )

    missed = [
        np.mean(
            [
                cell[name].recoveries[window] - gained
                for window, gained in cell["static"].recoveries.items()
            ]
        )
        for cell in cells
    ]
    return Insurance(
        way=name,
        given_up=float(np.mean(lost(name))),
        share=sum(lost(name)) / sum(lost("default")),
        kept={fall: kept(_depth(fall)) for fall in FALLS},
        recoveries=float(np.mean(missed)),
    )


def _depth(fall: str) -> Callable[[Way], float]:
    if fall == "largest":
        return lambda way: way.figures.max_drawdown
    return lambda way: way.crises[fall][1]
