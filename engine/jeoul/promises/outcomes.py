"""What came of promises: each figure of the value in the window that its promise spoke of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from jeoul.model.calendar import Days, Reals
from jeoul.model.days import count_until
from jeoul.promises.promise import RATES, Promise, Range, month_of, year_of

Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ValuePath:
    """The way a portfolio went: its unit value after the close of each session, costs paid.

    ``turnover`` and ``cost`` are shares of the value traded and paid at each close. What is not
    known is NaN; a window with any such session is not scored.
    """

    sessions: Days
    values: Reals
    turnover: Reals
    cost: Reals

    def until(self, day: date) -> ValuePath:
        """Return the path up to a day."""
        count = count_until(self.sessions, day)
        return ValuePath(
            sessions=self.sessions[:count],
            values=self.values[:count],
            turnover=self.turnover[:count],
            cost=self.cost[:count],
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OutcomeWindows:
    """The windows of one figure that are over, one row each, by the session of their promise.

    A window reaches from the close of session ``first`` to that of ``last``, as numbers of the
    path's sessions. ``came`` is what the figure came to, ``low`` and ``high`` what was promised
    (the same twice where one number was), ``made`` the number of the promise.
    """

    figure: str
    made: Places
    first: Places
    last: Places
    came: Reals
    low: Reals
    high: Reals

    def __len__(self) -> int:
        return len(self.first)


def windows_of(promises: Sequence[Promise], path: ValuePath, figure: str) -> OutcomeWindows:
    """Return the windows of a figure on a path, of the promises whose window is over and known.

    ``promises`` are in the order of their sessions. A promise holds while its rules do: a window
    in which one was made under other rules is left out.
    """
    made, first, last = _spans(promises, path, figure)
    low, high = np.array([_range(promises[number], figure) for number in made]).reshape(-1, 2).T
    came = np.full(len(made), np.nan)
    for span in np.unique(last - first):
        alike = last - first == span
        came[alike] = _came(path, first[alike], int(span), figure)
    known = np.isfinite(came) & np.isfinite(low)
    return OutcomeWindows(
        figure=figure,
        made=made[known],
        first=first[known],
        last=last[known],
        came=came[known],
        low=low[known],
        high=high[known],
    )


def disjoint(windows: OutcomeWindows) -> Places:
    """Return the rows of windows that do not overlap: each begins where the last one ended.

    Windows that share sessions share their luck, and count as one draw.
    """
    found, free = [], -1
    for row, (first, last) in enumerate(zip(windows.first, windows.last, strict=True)):
        if first >= free:
            found.append(row)
            free = int(last)
    return np.array(found, dtype=np.int64)


def _spans(
    promises: Sequence[Promise], path: ValuePath, figure: str
) -> tuple[Places, Places, Places]:
    """Return the promises with a window that is over, and its first and last session."""
    executed = np.array([promise.executed for promise in promises], dtype="datetime64[D]")
    lengths = np.array([sessions_of(promise, figure) for promise in promises], dtype=np.int64)
    newest = len(path.sessions) - 1
    first = np.searchsorted(path.sessions, executed)
    last = first + lengths
    over = last <= newest
    over &= path.sessions[np.minimum(first, newest)] == executed
    over &= path.sessions[np.minimum(last, newest)] <= _changes(promises)
    return np.flatnonzero(over), first[over], last[over]


def sessions_of(promise: Promise, figure: str) -> int:
    """Return how many sessions the window of a figure has."""
    span = month_of if figure == "month" else year_of
    return span(promise.sessions_per_year)


def _changes(promises: Sequence[Promise]) -> Days:
    """Return, for each promise, the session on which the first one under other rules was made."""
    found, until = [], date.max
    for number in range(len(promises) - 1, -1, -1):
        found.append(until)
        if number and promises[number - 1].rules != promises[number].rules:
            until = promises[number].session
    return np.array(found[::-1], dtype="datetime64[D]")


def _range(promise: Promise, figure: str) -> Range:
    if figure in RATES:
        rate = getattr(promise, figure)
        return (np.nan, np.nan) if rate is None else (rate, rate)
    found: Range = getattr(promise, "volatility_range" if figure == "volatility" else figure)
    return found


def _came(path: ValuePath, first: Places, span: int, figure: str) -> Reals:
    """Return what a figure came to over ``span`` sessions from each first one; NaN if unknown."""
    if figure in RATES:
        sums = np.cumsum(getattr(path, figure))
        found: Reals = sums[first + span] - sums[first]
        return found
    values = np.lib.stride_tricks.sliding_window_view(path.values, span + 1)[first]
    if figure == "drawdown":
        found = (values / np.maximum.accumulate(values, axis=1) - 1.0).min(axis=1)
    elif figure == "volatility":
        returns = values[:, 1:] / values[:, :-1] - 1.0
        found = returns.std(axis=1, ddof=1) * np.sqrt(span)
    else:
        found = values[:, -1] / values[:, 0] - 1.0
    known: Reals = np.where(np.isfinite(values).all(axis=1), found, np.nan)
    return known
