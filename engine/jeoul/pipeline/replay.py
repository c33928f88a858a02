"""The model along history: what it held, what it decided and why, session by session.

A session of the model, after the close of one row and before the next:

1. the close is realised: holdings earn their returns, a pending trade is filled at it and paid for
2. the overlay steps every New York session that has become known since
3. a trade is due on the first investable session, on calendar dates, when the overlay's scale has
   changed, and when the model has drifted out of its band
4. on calendar dates a new allocation is made; other trades reuse the last one
5. the overlay scales the risk classes, what is freed goes to the refuge: the new target

The allocations depend on the calendar alone, so they are made first and can be shared by strategies
that differ only in their overlay.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from jeoul.model.calendar import Days, Reals
from jeoul.model.history import History, Origin
from jeoul.model.shown import Brief
from jeoul.overlay import OverlayCourse, OverlayParams, OverlayState, Reading, initial_state
from jeoul.pipeline.allocation import RowAllocation, first_row
from jeoul.pipeline.along import Step, allocate_along
from jeoul.pipeline.clock import acts, readings
from jeoul.pipeline.estimation import HistoryWindows
from jeoul.pipeline.mandate import Mandate
from jeoul.pipeline.scaling import Posture, posture_of, target_of

_ROWS = 512  # sessions whose growth is looked up at once
_EPOCH = np.datetime64("1970-01-01")
_sum = np.add.reduce  # what `.sum()` comes to, without its detour through Python
_THURSDAY = 3  # days from a Monday to the weekday of 1970-01-01


class Fills(NamedTuple):
    """The row of the first fill, and the turnover and cost of all after it.

    The first one buys everything and is left out, as in the figures of a backtest.
    """

    first: int | None = None
    turnover: float = 0.0
    cost: float = 0.0

    def and_one(self, row: int, turnover: float, cost: float) -> Fills:
        """Return the fills with one more."""
        if self.first is None:
            return self._replace(first=row)
        return self._replace(turnover=self.turnover + turnover, cost=self.cost + cost)


NO_FILLS = Fills()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ModelState(Brief):
    """The model after a row; vectors are in the order of the mandate's places, CASH last."""

    row: int
    ticks: int  # clock sessions seen
    overlay: OverlayState | None
    posture: Posture  # of the last target
    nav: float = 1.0
    held: Reals | None = None  # None until invested
    target: Reals | None = None
    pending: bool = False
    allocation: RowAllocation | None = None
    previous: RowAllocation | None = None
    fills: Fills = NO_FILLS


@dataclass(frozen=True, slots=True)
class ModelTrade:
    """A trade that the model decided after a row, filled at the close of the next."""

    row: int
    cause: str  # first, calendar, overlay or drift
    turnover: float  # half the sum of absolute changes, at the weights of the decision


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Trace(Brief):
    """What a replay recorded: one entry per row from ``start``, and one per clock session.

    ``nav`` is the model's unit value after each row, ``proxy`` the weight whose return of the
    session came from a proxy. ``overlay`` holds the overlay's state after each clock session that
    the replay stepped, ``scales`` its scale and ``readings`` what each of them showed; ``tick`` is
    the first of them and ``before`` the overlay's state before it, None for a strategy without one.
    ``held_back`` are rows on which no weights satisfied the rules, so that the model held.
    """

    start: int
    nav: Reals
    proxy: Reals
    turnover: Reals
    cost: Reals
    trades: tuple[ModelTrade, ...]
    tick: int
    before: OverlayState | None
    overlay: Sequence[OverlayState]
    scales: Reals
    readings: Sequence[Reading]
    held_back: tuple[int, ...]


def overlay_steps(trace: Trace) -> Iterator[tuple[OverlayState, OverlayState, Reading]]:
    """Yield the overlay before and after each clock session of a replay, and what it showed."""
    if trace.before is not None:
        states = (trace.before, *trace.overlay)
        yield from zip(states[:-1], states[1:], trace.readings, strict=True)


def overlay_step(trace: Trace, place: int) -> tuple[OverlayState, OverlayState, Reading]:
    """Return one of the steps of :func:`overlay_steps`, by its place among them."""
    assert trace.before is not None
    before = trace.overlay[place - 1] if place else trace.before
    return before, trace.overlay[place], trace.readings[place]


def calendar_rows(history: History, rule: str) -> NDArray[np.int64]:
    """Return the rows whose decision is filled on the first session of a new period.

    A week begins on Monday.
    """
    if rule == "weekly":
        now, then = (_week(days) for days in (history.sessions, history.executed))
        return np.flatnonzero(now != then).astype(np.int64)
    months = {"monthly": 1, "quarterly": 3, "yearly": 12}.get(rule)
    if months is None:
        return np.zeros(0, dtype=np.int64)
    now, then = (_month(days) // months for days in (history.sessions, history.executed))
    return np.flatnonzero(now != then).astype(np.int64)


def _month(days: Days) -> NDArray[np.int64]:
    found: NDArray[np.int64] = days.astype("datetime64[M]").astype(np.int64)
    return found


def _week(days: Days) -> NDArray[np.int64]:
    found: NDArray[np.int64] = (days.astype("datetime64[D]").astype(np.int64) + _THURSDAY) // 7
    return found


def start(mandate: Mandate) -> ModelState:
    """Return the model before all history."""
    params = mandate.overlay
    return ModelState(-1, 0, None if params is None else initial_state(params), Posture())


def allocations(
    mandate: Mandate,
    history: History,
    state: ModelState,
    windows: HistoryWindows | None = None,
    step: Step | None = None,
    *,
    lean: bool = False,
    bare: bool = False,
) -> tuple[dict[int, RowAllocation], tuple[int, ...]]:
    """Return the allocations made after ``state``, by row, and the rows without a feasible one.

    Each is charged for turnover against the one before. A strategy not yet invested begins on its
    first investable row. ``windows`` are those of this history, to be shared by several mandates;
    ``step`` hears of every date. Those that are ``lean`` have what a replay needs, and of many
    funds only the last one its covariance and program; those that are ``bare`` have nothing more.
    """
    first = first_row(mandate, history) if state.held is None else state.row
    if first is None:
        return {}, ()
    rows = calendar_rows(history, mandate.strategy.rebalance.calendar)
    due = [int(row) for row in rows if row > first]
    if state.held is None:
        due = [first, *due]
    return allocate_along(
        mandate,
        history,
        due,
        state.allocation,
        windows,
        step=step,
        lean=lean,
        bare=bare,
    )


def replay(
    mandate: Mandate,
    history: History,
    state: ModelState,
    made: Mapping[int, RowAllocation],
    held_back: Sequence[int] = (),
    watch: Callable[[ModelState], None] | None = None,
) -> tuple[ModelState, Trace]:
    """Return the model after the last row of a history, and what it did on the way.

    ``made`` are the allocations by row (:func:`allocations`); ``watch`` is called with the model
    after every row, as :func:`states` yields it.
    """
    model = _Model(mandate, history, state)
    for row in range(state.row + 1, len(history)):
        model.session(row, made.get(row))
        if watch is not None:
            watch(model.state())
    return model.state(), model.trace(tuple(held_back))


def states(
    mandate: Mandate, history: History, state: ModelState, made: Mapping[int, RowAllocation]
) -> Iterator[ModelState]:
    """Yield the model after every row of a history that follows a state."""
    model = _Model(mandate, history, state)
    for row in range(state.row + 1, len(history)):
        model.session(row, made.get(row))
        yield model.state()


class _Model:
    """The fold's working state: plain vectors, changed in place only here."""

    def __init__(self, mandate: Mandate, history: History, state: ModelState) -> None:
        self.mandate, self.history, self.before = mandate, history, state
        self.rules = mandate.strategy.rebalance
        self.row, self.ticks, self.overlay = state.row, state.ticks, state.overlay
        self.posture, self.nav, self.pending = state.posture, state.nav, state.pending
        self.held, self.target = state.held, state.target
        self.allocation, self.previous = state.allocation, state.previous
        self.fills = state.fills
        self.params = self._overlay_params()
        self.first_tick = state.ticks
        self.course: OverlayCourse | None = None
        self.grown, self.growth = slice(0, 0), np.zeros((0, 0))
        self.from_proxy = history.origin == Origin.PROXY
        self.any_proxy = self.from_proxy.any(axis=1).tolist()
        count = len(history) - state.row - 1
        self.navs = np.full(count, np.nan)
        self.proxies, self.turnovers, self.costs = (np.zeros(count) for _ in range(3))
        self.states: list[OverlayState] = []
        self.read: list[Reading] = []
        self.trades: list[ModelTrade] = []

    def session(self, row: int, made: RowAllocation | None) -> None:
        place = row - self.before.row - 1
        self.row = row
        if self.held is not None:
            self._realise(row, place)
        if self.params is not None:
            self._step_overlay(row)
        self._decide(row, made)
        self.navs[place] = self.nav

    def _realise(self, row: int, place: int) -> None:
        assert self.held is not None
        if self.any_proxy[row]:
            self.proxies[place] = self.held[:-1] @ self.from_proxy[row]
        if row >= self.grown.stop:
            self._grow(row)
        grown = self.held * self.growth[row - self.grown.start]
        total = _sum(grown)
        self.nav *= float(total)
        self.held = grown / total
        if self.pending and self.target is not None:
            moved = np.abs(self.target - self.held)
            self.turnovers[place] = 0.5 * moved.sum()
            self.costs[place] = self.rules.cost * moved[:-1].sum()
            # The cost lowers every weight alike, so that the target is held after it.
            self.nav *= 1.0 - float(self.costs[place])
            self.held, self.pending = self.target, False
            turnover, cost = float(self.turnovers[place]), float(self.costs[place])
            self.fills = self.fills.and_one(row, turnover, cost)

    def _grow(self, row: int) -> None:
        """Look up what a unit of every place earns from a row on; not all rows of many funds."""
        history, rows = self.history, slice(row, row + _ROWS)
        level = history.level[max(0, row - 1) : rows.stop]
        earned = np.nan_to_num(level[1:] / level[:-1] - 1.0)
        if row == 0:
            earned = np.vstack([np.zeros(level.shape[1]), earned])
        self.growth = 1.0 + np.column_stack([earned, np.nan_to_num(history.cash_rate[rows])])
        self.grown = rows

    def _overlay_params(self) -> OverlayParams | None:
        """Return the overlay's rules; those of a glide path are of the mix that is held."""
        mandate, made = self.mandate, self.allocation
        now = mandate if made is None else mandate.on(self.history.day(made.row))
        return now.overlay if acts(now.overlay) else None

    def _step_overlay(self, row: int) -> None:
        assert self.params is not None
        if self.course is None:
            self.course = self._course(self.params)
        nav = self.nav if self.held is not None else float("nan")
        seen = int(self.history.clock_seen[row])
        for tick in range(self.ticks, seen):
            self.overlay, reading = self.course.step(self.params, tick - self.first_tick, nav)
            self.states.append(self.overlay)
            self.read.append(reading)
        self.ticks = seen

    def _course(self, params: OverlayParams) -> OverlayCourse:
        """Return the overlay along the clock sessions that this history has beyond the state."""
        assert self.overlay is not None
        ahead = slice(self.first_tick, None)
        sessions = (self.history.clock[ahead] - _EPOCH).astype(np.int64)
        signals = readings(self.mandate, self.history)[ahead]
        return OverlayCourse(params, self.overlay, sessions, signals)

    def _decide(self, row: int, made: RowAllocation | None) -> None:
        if self.allocation is None and made is None:
            return
        posture = posture_of(self.mandate, self.overlay)
        cause = self._cause(made, posture)
        if made is not None:
            self.previous, self.allocation = self.allocation, made
            # On a glide path the mix changes here, and the loss limit with it.
            self.params = self._overlay_params()
        if cause is None:
            return
        assert self.allocation is not None
        before = self._cash_only() if self.held is None else self.held
        self.target = target_of(self.mandate, self.allocation, posture, before)
        turnover = 0.5 * float(np.abs(self.target - before).sum())
        self.held, self.posture, self.pending = before, posture, True
        self.trades.append(ModelTrade(row, cause, turnover))

    def _cause(self, made: RowAllocation | None, posture: Posture) -> str | None:
        if self.held is None or self.target is None:
            return "first"
        if made is not None:
            return "calendar"
        if posture != self.posture:
            return "overlay"
        if 0.5 * _sum(np.abs(self.held - self.target)) > self.rules.band:
            return "drift"
        return None

    def _cash_only(self) -> Reals:
        cash = np.zeros(len(self.mandate.places))
        cash[-1] = 1.0
        return cash

    def state(self) -> ModelState:
        return ModelState(
            row=self.row,
            ticks=self.ticks,
            overlay=self.overlay,
            posture=self.posture,
            nav=self.nav,
            held=self.held,
            target=self.target,
            pending=self.pending,
            allocation=self.allocation,
            previous=self.previous,
            fills=self.fills,
        )

    def trace(self, held_back: tuple[int, ...]) -> Trace:
        return Trace(
            start=self.before.row + 1,
            nav=self.navs,
            proxy=self.proxies,
            turnover=self.turnovers,
            cost=self.costs,
            trades=tuple(self.trades),
            tick=self.ticks - len(self.states),
            before=self.before.overlay,
            overlay=tuple(self.states),
            scales=np.array([state.scale for state in self.states], dtype=np.float64),
            readings=tuple(self.read),
            held_back=held_back,
        )
