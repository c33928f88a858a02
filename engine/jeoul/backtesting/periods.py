"""A backtest by calendar year, by crisis and by what the overlay was doing."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np

from jeoul import assets
from jeoul.backtesting.prepared import Prepared
from jeoul.metrics import max_drawdown
from jeoul.model.calendar import Days, Reals
from jeoul.model.days import count_until
from jeoul.overlay import STATES, mode_of
from jeoul.overlay.path import columns_of


@dataclass(frozen=True, slots=True)
class Period:
    """One span of a backtest: its return, and the deepest fall inside it, at most 0."""

    name: str
    start: date
    end: date
    growth: float
    max_drawdown: float


@dataclass(frozen=True, slots=True)
class Crisis:
    """A fall of an index from its closing high to the low.

    It is one of the S&P 500 with dates of New York, or of the KOSPI with dates of Seoul.
    """

    name: str
    start: date
    end: date
    title: Mapping[str, str]


@cache
def crises() -> tuple[Crisis, ...]:
    """Return the falls of the S&P 500 in ``data/crises.toml``, in order.

    >>> crises()[2].end
    datetime.date(2009, 3, 9)
    """
    return tuple(_known()["crisis"].values())


@cache
def report_crises() -> tuple[Crisis, ...]:
    """Return the crises of ``data/crises.toml`` that a report shows, in order.

    >>> [each.name for each in report_crises()]
    ['asia', 'gfc', 'covid', 'inflation', 'carry']
    """
    tables = _known()
    known = tables["crisis"] | tables["korean_crisis"]
    return tuple(known[name] for name in _document()["report"])


@cache
def _document() -> Mapping[str, Any]:
    return tomllib.loads(assets.data("crises.toml").read_text("utf-8"))


def _known() -> dict[str, dict[str, Crisis]]:
    return {
        table: {
            entry["id"]: Crisis(entry["id"], entry["from"], entry["to"], entry["title"])
            for entry in _document()[table]
        }
        for table in ("crisis", "korean_crisis")
    }


def by_year(sessions: Days, nav: Reals) -> tuple[Period, ...]:
    """Return every calendar year, the first and the last as far as they go.

    A year starts from the last value of the one before.

    >>> days = np.array(["2020-12-30", "2020-12-31", "2021-01-04"], dtype="datetime64[D]")
    >>> [(p.name, round(p.growth, 2)) for p in by_year(days, np.array([1.0, 1.1, 1.21]))]
    [('2020', 0.1), ('2021', 0.1)]
    """
    years = sessions.astype("datetime64[Y]").astype(np.int64) + 1970
    edges = [0, *np.flatnonzero(np.diff(years)).tolist(), len(sessions) - 1]
    return tuple(
        _period(str(years[last]), sessions, nav, first, last)
        for first, last in pairwise(edges)
        if last > first
    )


def by_crisis(sessions: Days, nav: Reals) -> tuple[Period, ...]:
    """Return every crisis that lies inside the span, from the last session at or before its high.

    Seoul closes hours before New York, so a crisis ends with the first session after its low.
    """
    found = []
    for crisis in crises():
        first = count_until(sessions, crisis.start) - 1
        last = count_until(sessions, crisis.end)
        if first >= 0 and last < len(sessions):
            found.append(_period(crisis.name, sessions, nav, first, last))
    return tuple(found)


def time_in_states(prepared: Prepared, rows: slice | None = None) -> dict[str, float]:
    """Return the share of clock sessions in each state of the overlay, empty without one.

    ``rows`` limits it to the clock sessions that the decisions of those rows saw last.
    """
    if prepared.mandate.overlay is None:
        return {}
    seen = prepared.inputs.seen
    scales, wanted, first = _scales(prepared)
    span = range(*(rows or slice(first, None)).indices(len(seen)))
    ticks = slice(int(seen[span[0]]) - 1 if seen[span[0]] else 0, int(seen[span[-1]]))
    pairs, counts = np.unique(
        np.column_stack([scales[ticks], wanted[ticks]]), axis=0, return_counts=True
    )
    shares = dict.fromkeys(STATES, 0.0)
    for (scale, goal), count in zip(pairs, counts, strict=True):
        shares[STATES[mode_of(float(scale), float(goal))]] += float(count / counts.sum())
    return shares


def _scales(prepared: Prepared) -> tuple[Reals, Reals, int]:
    """Return the scale after every clock session, where it was going, and the first fill's row."""
    if not prepared.mandate.replayed:
        return prepared.path.scale, prepared.path.wanted, prepared.path.first
    trace = prepared.model.trace
    first = trace.trades[0].row + 1
    if trace.before is None:
        return np.zeros(0), np.zeros(0), first
    states = columns_of(trace.before, trace.overlay)
    return states.scale, states.target, first


def _period(name: str, sessions: Days, nav: Reals, first: int, last: int) -> Period:
    return Period(
        name=name,
        start=sessions[first].astype(object),
        end=sessions[last].astype(object),
        growth=float(nav[last] / nav[first] - 1.0),
        max_drawdown=max_drawdown(nav[first : last + 1]),
    )
