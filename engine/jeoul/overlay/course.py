"""The overlay along a whole clock: every latch read once, column by column.

No latch looks at the model's value, so all of them are read before the first session is stepped.
The states are those of :func:`~jeoul.overlay.machine.step` called session by session, in a third of
the time.
"""

from __future__ import annotations

from math import isnan

import numpy as np
from numpy.typing import NDArray

from jeoul.overlay.machine import memory_of, mode_of, rescale, step
from jeoul.overlay.records import (
    ENTER,
    ENTER_CLOSES,
    ENTERING,
    EXIT,
    EXIT_CLOSES,
    EXITING,
    ON,
    PANIC,
    PANIC_CLOSES,
    PANICKING,
    SIGN,
    SINCE,
    STALE,
    Counts,
    OverlayParams,
    OverlayState,
    Reading,
    Reals,
)

_STRETCH = 512  # sessions that are looked at in one go for the next turn of a latch


class OverlayCourse:
    """The overlay from a state on, along sessions whose readings are known.

    ``sessions`` are days since 1970-01-01 in order; ``signals`` has a row for each and a column for
    each latch. States of one course share arrays, which nobody may change.
    """

    def __init__(
        self,
        params: OverlayParams,
        state: OverlayState,
        sessions: NDArray[np.int64],
        signals: Reals,
    ) -> None:
        self.state = state
        self._rules = params.rules
        self._numbers = sessions.tolist()
        self._signals = signals
        fits = len(sessions) > 0 and sessions[0] > state.session and (np.diff(sessions) > 0).all()
        self._latches: Counts | None = None
        if fits:
            self._latches, self._changed = latch_path(
                params.rules, state.latches, sessions, signals
            )

    def step(self, params: OverlayParams, place: int, nav: float) -> tuple[OverlayState, Reading]:
        """Return the state after the session at a place, and its reading; call it in order.

        ``params`` may differ from those of the course in everything but the order of the latches.
        """
        reading = Reading(self._numbers[place], self._signals[place], nav)
        if self._latches is not None and not self._rules_are(params):
            self._latches = None  # read from here on, one session after another
        if self._latches is None:
            self.state = step(params, self.state, reading)
        else:
            self.state = self._next(params, self._latches[place], place, reading)
        return self.state, reading

    def _rules_are(self, params: OverlayParams) -> bool:
        rules = params.rules
        return rules is self._rules or np.array_equal(rules, self._rules, equal_nan=True)

    def _next(
        self, params: OverlayParams, latches: Counts, place: int, reading: Reading
    ) -> OverlayState:
        state, navs = self.state, self.state.navs
        if not (isnan(params.loss_limit) or isnan(reading.nav)):
            navs = navs.copy()
        changed = self._changed[place]
        scale, target, cap, since_cut, since_rise, head, peak = rescale(
            params, latches, navs, changed, reading.nav, memory_of(state)
        )
        return OverlayState(
            session=reading.session,
            scale=scale,
            target=target,
            mode=mode_of(scale, target),
            cap=cap,
            since_cut=since_cut,
            since_rise=since_rise,
            latches=latches,
            navs=navs,
            head=head,
            peak=peak,
        )


def latch_path(
    rules: Reals, latches: Counts, sessions: NDArray[np.int64], signals: Reals
) -> tuple[Counts, list[bool]]:
    """Return the latches after every session, and whether one of them went on or off in it."""
    found = np.empty((len(sessions), *latches.shape), dtype=latches.dtype)
    changed = np.zeros(len(sessions), dtype=bool)
    for i in range(len(latches)):
        _read(rules[i], latches[i], sessions, signals[:, i], found[:, i])
        before = np.append(latches[i, ON], found[:-1, i, ON])
        changed |= found[:, i, ON] != before
    return found, changed.tolist()


def _read(
    rule: Reals, latch: Counts, sessions: NDArray[np.int64], values: Reals, found: Counts
) -> None:
    """Write one latch after every session."""
    missing = np.isnan(values)
    found[:, STALE] = runs(missing, int(latch[STALE]))
    seen = np.flatnonzero(~missing)
    signed = rule[SIGN] * values[seen]
    leaving = signed <= rule[SIGN] * rule[EXIT]
    high = signed >= rule[SIGN] * rule[ENTER]
    extreme = signed >= rule[SIGN] * rule[PANIC]  # never, where panic is NaN
    days = sessions[seen]
    rows = np.empty((len(seen) + 1, len(latch)), dtype=found.dtype)
    rows[0] = latch
    at = 0
    while at < len(seen):
        part = slice(at, at + _STRETCH)
        now, ahead = rows[at], rows[at + 1 : at + 1 + _STRETCH]
        ahead[:] = now
        if now[ON]:
            ahead[:, EXITING] = runs(leaving[part], int(now[EXITING]))
            turns = ahead[:, EXITING] >= rule[EXIT_CLOSES]
        else:
            ahead[:, ENTERING] = runs(high[part], int(now[ENTERING]))
            ahead[:, PANICKING] = runs(extreme[part], int(now[PANICKING]))
            turns = (ahead[:, ENTERING] >= rule[ENTER_CLOSES]) | (
                ahead[:, PANICKING] >= rule[PANIC_CLOSES]
            )
        first = int(turns.argmax())
        if not turns[first]:
            at += len(ahead)
            continue
        ahead[first, [ENTERING, PANICKING, EXITING]] = 0
        ahead[first, ON] = 1 - now[ON]
        ahead[first, SINCE] = days[at + first]
        at += first + 1
    # A session without a reading leaves everything but the count of such sessions as it was.
    rows = rows[np.cumsum(~missing)]
    rows[:, STALE] = found[:, STALE]
    found[:] = rows


def runs(flags: NDArray[np.bool_], before: int = 0) -> NDArray[np.int64]:
    """Return how many flags in a row are set up to each, ``before`` of them before the first.

    >>> runs(np.array([True, True, False, True]), 2).tolist()
    [3, 4, 0, 1]
    """
    place = np.arange(len(flags))
    unset = np.maximum.accumulate(np.where(flags, -1 - before, place))
    return place - unset
