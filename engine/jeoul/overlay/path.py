"""The overlay's states along a clock as columns; each state is made when it is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, overload

import numpy as np
from numpy.typing import NDArray

from jeoul.overlay.machine import mode_of
from jeoul.overlay.records import Counts, OverlayState, Reading, Reals


class StateColumns(NamedTuple):
    """The states after consecutive sessions, one row each.

    The columns are the fields of :class:`OverlayState`, without ``mode``, which follows from scale
    and target, and with ``ring`` for ``navs``: what the place of the ring holds that the session
    may have written to, the ``head`` of the state before.
    """

    session: NDArray[np.int64]
    scale: Reals
    target: Reals
    cap: Reals
    since_cut: NDArray[np.int64]
    since_rise: NDArray[np.int64]
    head: NDArray[np.int64]
    peak: Reals
    ring: Reals
    latches: Counts


class StatePath(Sequence[OverlayState]):
    """The states after consecutive sessions that follow ``before``; arrays are not to be changed.

    >>> from jeoul.overlay.machine import step
    >>> from jeoul.overlay.records import LatchRule, Reading, initial_state, params_from
    >>> rules = params_from({"vix": LatchRule(30.0, 22.0, scale=0.5)})
    >>> first = initial_state(rules)
    >>> state = step(rules, first, Reading(19902, np.array([31.0])))
    >>> StatePath(first, columns_of(first, [state]))[0].scale
    0.5
    """

    def __init__(self, before: OverlayState, columns: StateColumns) -> None:
        self.before, self.columns = before, columns

    def __len__(self) -> int:
        return len(self.columns.session)

    @overload
    def __getitem__(self, place: int) -> OverlayState: ...
    @overload
    def __getitem__(self, place: slice) -> list[OverlayState]: ...
    def __getitem__(self, place: int | slice) -> OverlayState | list[OverlayState]:
        rows = range(len(self))[place]
        return self._at(rows) if isinstance(rows, int) else [self._at(row) for row in rows]

    def _at(self, row: int) -> OverlayState:
        found = self.columns
        scale, target = float(found.scale[row]), float(found.target[row])
        return OverlayState(
            session=int(found.session[row]),
            scale=scale,
            target=target,
            mode=mode_of(scale, target),
            cap=float(found.cap[row]),
            since_cut=int(found.since_cut[row]),
            since_rise=int(found.since_rise[row]),
            latches=found.latches[row],
            navs=self._ring(row),
            head=int(found.head[row]),
            peak=float(found.peak[row]),
        )

    def _ring(self, row: int) -> Reals:
        ring = self.before.navs.copy()
        written = np.append(self.before.head, self.columns.head[:row])
        ring[written] = self.columns.ring[: row + 1]  # the last of several at one place stays
        return ring


class ReadingPath(Sequence[Reading]):
    """What consecutive sessions showed, as columns; each reading is made when it is asked for.

    >>> ReadingPath([19902], np.array([[31.0]]), [1.0])[0].nav
    1.0
    """

    def __init__(self, session: Sequence[int], signals: Reals, navs: Sequence[float]) -> None:
        self.session, self.signals, self.navs = session, signals, navs

    def __len__(self) -> int:
        return len(self.session)

    @overload
    def __getitem__(self, place: int) -> Reading: ...
    @overload
    def __getitem__(self, place: slice) -> list[Reading]: ...
    def __getitem__(self, place: int | slice) -> Reading | list[Reading]:
        rows = range(len(self))[place]
        return self._at(rows) if isinstance(rows, int) else [self._at(row) for row in rows]

    def _at(self, row: int) -> Reading:
        return Reading(self.session[row], self.signals[row], self.navs[row])


def columns_of(before: OverlayState, states: Sequence[OverlayState]) -> StateColumns:
    """Return consecutive states that follow ``before`` as columns."""
    if isinstance(states, StatePath):
        return states.columns
    rows = np.array([(s.scale, s.target, s.cap, s.peak) for s in states], dtype=np.float64).reshape(
        -1, 4
    )
    counts = np.array(
        [(s.session, s.since_cut, s.since_rise, s.head) for s in states], dtype=np.int64
    ).reshape(-1, 4)
    heads = [before.head, *counts[:-1, 3].tolist()] if len(counts) else []
    ring = [state.navs[head] for state, head in zip(states, heads, strict=True)]
    return StateColumns(
        session=counts[:, 0],
        scale=rows[:, 0],
        target=rows[:, 1],
        cap=rows[:, 2],
        since_cut=counts[:, 1],
        since_rise=counts[:, 2],
        head=counts[:, 3],
        peak=rows[:, 3],
        ring=np.array(ring, dtype=np.float64),
        latches=np.array([state.latches for state in states], dtype=np.int64).reshape(
            len(states), *before.latches.shape
        ),
    )
