"""The replay itself, compiled: every number of :mod:`jeoul.pipeline.replay` to the bit.

The kernel holds units and reorders sums, which is faster and agrees to rounding; evidence that was
written down must come out the same to the last digit. So sums here are in numpy's own order, and
targets come from the very function of the replay: the compiled loop runs from trade to trade.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import NamedTuple, TypeVar, overload

import numpy as np
from numpy.typing import NDArray

from jeoul.backtesting import kernel
from jeoul.backtesting.kernel import FlatRules, flat_turn, no_overlay
from jeoul.compiling import kept_njit
from jeoul.model.calendar import Reals
from jeoul.model.history import History, Origin
from jeoul.overlay import (
    OverlayCourse,
    OverlayParams,
    OverlayState,
    Reading,
    initial_state,
    machine,
    memory_of,
)
from jeoul.overlay.machine import mode_of
from jeoul.pipeline import Model
from jeoul.pipeline.allocation import RowAllocation
from jeoul.pipeline.clock import acts, readings
from jeoul.pipeline.mandate import Mandate
from jeoul.pipeline.replay import NO_FILLS, Fills, ModelState, ModelTrade, Trace, replay, start
from jeoul.pipeline.scaling import Posture, target_of

T = TypeVar("T")

_EPOCH = np.datetime64("1970-01-01")
_CAUSES = ("", "first", "calendar", "overlay", "drift")
_FIRST, _CALENDAR, _OVERLAY, _DRIFT = range(1, 5)
_BLOCK = 128  # numpy sums so many numbers in eight strands, and more of them by halves

_strict = kept_njit(error_model="numpy", _nrt=False, forceinline=True)


class _Fixed(NamedTuple):
    """What the loop reads: growth of every place, the rows with an allocation, and the clock."""

    growth: Reals
    made: NDArray[np.bool_]
    seen: NDArray[np.int64]
    clock: NDArray[np.int64]
    signals: Reals
    cost: float
    band: float
    follows: bool


class _Held(NamedTuple):
    """What the loop changes: the model between two rows.

    ``real`` has the unit value, the scale of the last target, and of the overlay its scale, its
    goal, the loss cap and the peak; ``whole`` the next row, the clock sessions seen, whether it is
    invested, whether a trade is on its way, whether there is an allocation, and of the overlay the
    sessions since a cut and since a rise and the place in the ring.
    """

    real: Reals
    whole: NDArray[np.int64]
    weights: Reals
    target: Reals
    latches: NDArray[np.int64]
    navs: Reals


class _Path(NamedTuple):
    """What the loop writes: by row, and the scale by clock session."""

    nav: Reals
    turnover: Reals
    cost: Reals
    filled: NDArray[np.bool_]
    before: Reals
    scale: Reals


@_strict
def _total(values, count):  # type: ignore[no-untyped-def]
    """Return the sum of up to 128 numbers as numpy adds them."""
    if count < 8:
        # numpy begins short sums with -0.0, which leaves a sum of negative zeros as it is.
        found = -0.0
        for i in range(count):
            found += values[i]
        return found
    a, b, c, d = values[0], values[1], values[2], values[3]
    e, f, g, h = values[4], values[5], values[6], values[7]
    whole = count - count % 8
    for i in range(8, whole, 8):
        a += values[i]
        b += values[i + 1]
        c += values[i + 2]
        d += values[i + 3]
        e += values[i + 4]
        f += values[i + 5]
        g += values[i + 6]
        h += values[i + 7]
    found = ((a + b) + (c + d)) + ((e + f) + (g + h))
    for i in range(whole, count):
        found += values[i]
    return found


@kept_njit([machine, kernel], error_model="numpy", _nrt=False)
def _run(fixed, rules, held, path, room):  # type: ignore[no-untyped-def]  # noqa: C901, PLR0912
    """Run on until a target is needed; return why, 0 after the last row."""
    fixed, params, held, path = _Fixed(*fixed), FlatRules(*rules), _Held(*held), _Path(*path)
    real, whole, weights, target = held.real, held.whole, held.weights, held.target
    rows, places = fixed.growth.shape
    nav = real[0]
    memory = (real[2], real[3], real[4], whole[5], whole[6], whole[7], real[5])
    invested, pending, allocated = whole[2] > 0, whole[3] > 0, whole[4] > 0
    cause = 0
    row, ticks = whole[0], whole[1]
    while row < rows and cause == 0:
        if invested:
            for i in range(places):
                path.before[row, i] = weights[i]
                room[i] = weights[i] * fixed.growth[row, i]
            total = _total(room, places)
            nav *= total
            for i in range(places):
                weights[i] = room[i] / total
            if pending:
                for i in range(places):
                    room[i] = abs(target[i] - weights[i])
                path.turnover[row] = 0.5 * _total(room, places)
                # CASH, the last place, moves without a cost.
                path.cost[row] = fixed.cost * _total(room, places - 1)
                path.filled[row] = True
                nav *= 1.0 - path.cost[row]
                for i in range(places):
                    weights[i] = target[i]
                pending = False
        if fixed.follows:
            now = nav if invested else np.nan
            for tick in range(ticks, fixed.seen[row]):
                session = fixed.clock[tick]
                memory = flat_turn(
                    params, held.latches, held.navs, fixed.signals, tick, session, now, memory
                )
                path.scale[tick] = memory[0]
            ticks = fixed.seen[row]
        allocated = allocated or fixed.made[row]
        if allocated:
            if not invested:
                cause = _FIRST
            elif fixed.made[row]:
                cause = _CALENDAR
            elif memory[0] != real[1]:
                cause = _OVERLAY
            else:
                for i in range(places):
                    room[i] = abs(weights[i] - target[i])
                if 0.5 * _total(room, places) > fixed.band:
                    cause = _DRIFT
        path.nav[row] = nav
        row += 1
    real[0], real[2], real[3], real[4], real[5] = nav, memory[0], memory[1], memory[2], memory[6]
    whole[0], whole[1] = row, ticks
    whole[2], whole[3], whole[4] = int(invested), int(pending), int(allocated)
    whole[5], whole[6], whole[7] = memory[3], memory[4], memory[5]
    return cause


class _Later(Sequence[T]):
    """A sequence of known length that is made when somebody looks at an item."""

    def __init__(self, length: int, make: Callable[[], Sequence[T]]) -> None:
        self._length, self._make = length, make

    @cached_property
    def _items(self) -> Sequence[T]:
        return self._make()

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[T]:
        return iter(self._items)

    @overload
    def __getitem__(self, place: int) -> T: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[T]: ...
    def __getitem__(self, place: int | slice) -> T | Sequence[T]:
        return self._items[place]


def exact_model(
    mandate: Mandate,
    history: History,
    made: Mapping[int, RowAllocation],
    held_back: Sequence[int] = (),
) -> Model:
    """Return the model over a whole history from its allocations by row, as ``replay`` does.

    The overlay's states along the way are made when they are looked at. A mandate whose weights
    depend on more than a scale, and one of more than 128 places, CASH included, is replayed.
    """
    if mandate.replayed or len(mandate.places) > _BLOCK:
        state, trace = replay(mandate, history, start(mandate), made, held_back)
    else:
        state, trace = _Loop(mandate, history, made).outcome(tuple(held_back))
    return Model(mandate=mandate, history=history, state=state, trace=trace, allocations=dict(made))


class _Loop:
    def __init__(
        self, mandate: Mandate, history: History, made: Mapping[int, RowAllocation]
    ) -> None:
        self.mandate, self.history, self.made = mandate, history, made
        self.params: OverlayParams | None = mandate.overlay if acts(mandate.overlay) else None
        rules = no_overlay() if self.params is None else self.params
        self.begun = initial_state(rules)
        places, rows = len(mandate.places), len(history)
        self.fixed = self._fixed()
        self.held = _Held(
            real=np.array([1.0, 1.0, *memory_of(self.begun)[:3], self.begun.peak]),
            whole=np.array([0, 0, 0, 0, 0, *memory_of(self.begun)[3:6]], dtype=np.int64),
            weights=np.zeros(places),
            target=np.zeros(places),
            latches=self.begun.latches.copy(),
            navs=self.begun.navs.copy(),
        )
        self.path = _Path(
            nav=np.zeros(rows),
            turnover=np.zeros(rows),
            cost=np.zeros(rows),
            filled=np.zeros(rows, dtype=np.bool_),
            before=np.zeros((rows, places)),
            scale=np.ones(len(history.clock)),
        )
        self.trades: list[ModelTrade] = []
        self.rules = tuple(rules[1:])

    def _fixed(self) -> _Fixed:
        history, rules = self.history, self.mandate.strategy.rebalance
        returns = np.nan_to_num(history.level[1:] / history.level[:-1] - 1.0)
        earned = np.vstack([np.zeros(history.level.shape[1]), returns])
        due = np.zeros(len(history), dtype=np.bool_)
        due[list(self.made)] = True
        signals = readings(self.mandate, history)
        return _Fixed(
            growth=1.0 + np.column_stack([earned, np.nan_to_num(history.cash_rate)]),
            made=due,
            seen=history.clock_seen.astype(np.int64),
            clock=(history.clock - _EPOCH).astype(np.int64),
            signals=np.ascontiguousarray(signals, dtype=np.float64),
            cost=rules.cost,
            band=rules.band,
            follows=self.params is not None,
        )

    def outcome(self, held_back: tuple[int, ...]) -> tuple[ModelState, Trace]:
        room = np.zeros(len(self.mandate.places))
        arguments = (tuple(self.fixed), self.rules, tuple(self.held), tuple(self.path), room)
        allocation: RowAllocation | None = None
        rows = sorted(self.made)
        newest = 0  # of the allocations, how many have been made
        while cause := _run(*arguments):
            row = int(self.held.whole[0]) - 1
            while newest < len(rows) and rows[newest] <= row:
                allocation, newest = self.made[rows[newest]], newest + 1
            assert allocation is not None
            self._trade(row, int(cause), allocation)
        return self._state(rows), self._trace(held_back)

    def _trade(self, row: int, cause: int, allocation: RowAllocation) -> None:
        real, whole = self.held.real, self.held.whole
        if cause == _FIRST:
            # Until its first trade a model has no weights; it then buys out of cash.
            self.held.weights[-1] = 1.0
        before = self.held.weights
        target = target_of(self.mandate, allocation, Posture(float(real[2])), before.copy())
        turnover = 0.5 * float(np.abs(target - before).sum())
        self.held.target[:] = target
        # From here on, another scale of the overlay is a cause to trade.
        real[1] = real[2]
        whole[2], whole[3] = 1, 1
        self.trades.append(ModelTrade(row, _CAUSES[cause], turnover))

    def _state(self, rows: Sequence[int]) -> ModelState:
        real, whole = self.held.real, self.held.whole
        invested = len(self.trades) > 0
        known = [self.made[row] for row in rows]
        return replace(
            start(self.mandate),
            row=len(self.history) - 1,
            ticks=int(whole[1]),
            overlay=self._overlay(),
            posture=Posture(float(real[1])),
            nav=float(real[0]),
            held=self.held.weights.copy() if invested else None,
            target=self.held.target.copy() if invested else None,
            pending=bool(whole[3]),
            allocation=known[-1] if known else None,
            previous=known[-2] if len(known) > 1 else None,
            fills=self._fills(),
        )

    def _fills(self) -> Fills:
        found = NO_FILLS
        # One by one, as the replay adds them: another order would change the last bit.
        for row in np.flatnonzero(self.path.filled).tolist():
            found = found.and_one(row, float(self.path.turnover[row]), float(self.path.cost[row]))
        return found

    def _overlay(self) -> OverlayState | None:
        """Return the overlay after the last row; one that never acts stays as it began."""
        if self.params is None or not self.held.whole[1]:
            return start(self.mandate).overlay
        real, whole = self.held.real, self.held.whole
        scale, goal = float(real[2]), float(real[3])
        return OverlayState(
            session=int(self.fixed.clock[whole[1] - 1]),
            scale=scale,
            target=goal,
            mode=mode_of(scale, goal),
            cap=float(real[4]),
            since_cut=int(whole[5]),
            since_rise=int(whole[6]),
            latches=self.held.latches,
            navs=self.held.navs,
            head=int(whole[7]),
            peak=float(real[5]),
        )

    def _trace(self, held_back: tuple[int, ...]) -> Trace:
        ticks = int(self.held.whole[1])
        states, shown = self._overlay_path(ticks)
        return Trace(
            start=0,
            nav=self.path.nav,
            proxy=self._proxies(),
            turnover=self.path.turnover,
            cost=self.path.cost,
            trades=tuple(self.trades),
            tick=0,
            before=start(self.mandate).overlay,
            overlay=states,
            scales=self.path.scale[:ticks],
            readings=shown,
            held_back=held_back,
        )

    def _proxies(self) -> Reals:
        """Return the weight whose return of each session came from a proxy."""
        numbers = (self.history.origin == Origin.PROXY).astype(np.float64)
        found = np.zeros(len(self.history))
        first = self._begun + 1
        # As a stack of products of two vectors, each of which is summed as in the replay.
        held = self.path.before[first:, np.newaxis, :-1]
        found[first:] = np.matmul(held, numbers[first:, :, np.newaxis])[:, 0, 0]
        return found

    def _overlay_path(self, ticks: int) -> tuple[Sequence[OverlayState], Sequence[Reading]]:
        """Return the overlay after each clock session, and what each showed; () if it never acts.

        Evidence looks at none of them, so the loop does not write them: with the latches of each
        session a model would take a fifth longer.
        """
        if self.params is None:
            return (), ()
        steps: _Later[tuple[OverlayState, Reading]] = _Later(ticks, self._steps)
        states = _Later(ticks, lambda: [state for state, _ in steps])
        return states, _Later(ticks, lambda: [reading for _, reading in steps])

    def _steps(self) -> list[tuple[OverlayState, Reading]]:
        """Return the overlay after each clock session, and what it was shown, from the path."""
        assert self.params is not None
        ticks = int(self.held.whole[1])
        row = np.searchsorted(self.fixed.seen, np.arange(ticks), side="right")
        navs = np.where(row > self._begun, self.path.nav[row], np.nan).tolist()
        course = OverlayCourse(self.params, self.begun, self.fixed.clock, self.fixed.signals)
        return [course.step(self.params, tick, nav) for tick, nav in enumerate(navs)]

    @property
    def _begun(self) -> int:
        return self.trades[0].row if self.trades else len(self.history)
