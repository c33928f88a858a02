"""What a backtest rests on, computed once and shared by all variants that do not change it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from jeoul.errors import UsageError
from jeoul.model.calendar import Reals
from jeoul.model.history import History
from jeoul.overlay import OverlayParams
from jeoul.overlay.records import GATES, SCALE
from jeoul.pipeline import Model
from jeoul.pipeline.allocation import RowAllocation
from jeoul.pipeline.clock import acts, readings
from jeoul.pipeline.estimation import HistoryWindows
from jeoul.pipeline.mandate import Mandate
from jeoul.pipeline.replay import allocations, replay, start, states
from jeoul.pipeline.run import SharedAllocations, allocates_alike
from jeoul.pipeline.scaling import scaled_along

if TYPE_CHECKING:
    from jeoul.backtesting.kernel import KernelInputs, SimulatedPath

_EPOCH = np.datetime64("1970-01-01")


@dataclass(frozen=True, eq=False)
class Prepared:
    """The allocations of a mandate along a history, the readings of its overlay, and the inputs.

    ``made`` are the allocations by row, ``held_back`` the rows on which no weights satisfied the
    rules. ``signals`` has one row per clock session and one column per latch. ``windows`` are those
    of the estimates, for other mandates over the same history.
    """

    mandate: Mandate
    history: History
    made: Mapping[int, RowAllocation]
    held_back: tuple[int, ...]
    inputs: KernelInputs
    signals: Reals
    windows: HistoryWindows = field(default_factory=HistoryWindows)

    @cached_property
    def path(self) -> SimulatedPath:
        """Return the model's path.

        Raises :class:`UsageError` if a watched latch can change weights: the simulation knows the
        scale alone, and such a mandate is replayed (:attr:`model`).
        """
        if self.mandate.effects:
            raise UsageError(
                f"overlay.watch.{next(iter(self.mandate.effects))} changes weights, which the "
                'compiled simulation does not know; make it effect = { kind = "notify" } or '
                "active = false for this"
            )
        if self.mandate.strategy.glide is not None:
            raise UsageError(
                "the compiled simulation does not support the changing weights of a glide path; "
                "remove [glide]"
            )
        if self.mandate.replayed:
            raise UsageError(
                "the investor's grades change weights, which the compiled simulation does not "
                "know; leave the answers out for this"
            )
        from jeoul.backtesting.kernel import simulate

        overlay = self.mandate.overlay
        if overlay is None or not acts(overlay):
            return simulate(self.inputs, None, self.signals)
        moving = _moving(overlay)
        return simulate(self.inputs, _only(overlay, moving), self.signals[:, moving])

    @cached_property
    def model(self) -> Model:
        """Return the model's plain replay, over the same allocations."""
        state, trace = replay(
            self.mandate, self.history, start(self.mandate), self.made, self.held_back
        )
        return Model(
            mandate=self.mandate,
            history=self.history,
            state=state,
            trace=trace,
            allocations=dict(self.made),
        )

    @cached_property
    def weights(self) -> Reals:
        """Return the weights held after each row, CASH last; zero before the first fill."""
        if self.mandate.replayed:
            return _replayed(self)
        from jeoul.backtesting.kernel import weights

        return weights(self.inputs, self.path)


def prepare(
    mandate: Mandate,
    history: History,
    *,
    like: Prepared | None = None,
    shared: SharedAllocations | None = None,
    bare: bool = False,
) -> Prepared:
    """Return what a backtest of a mandate over a history rests on, from its beginning.

    ``like`` is what another mandate over the very same history rests on: whatever the two have in
    common is shared, above all the allocations of variants that differ in their overlay, cost or
    band alone. ``shared`` has the allocations of further mandates over this history; those that
    are made ``bare`` have what a path needs and no program. Raises
    :class:`UsageError` for the history of another universe.
    """
    if mandate.places[:-1] != history.members:
        raise UsageError(
            f"the history is not that of universe {mandate.universe.name}; assemble it for the "
            "strategy, and change the universe in the strategy file alone"
        )
    if like is not None and like.history is not history:
        like = None
    windows = HistoryWindows() if like is None else like.windows
    if like is not None and allocates_alike(mandate, like.mandate):
        made, held_back = like.made, like.held_back
    elif shared is not None and shared.history is history:
        windows = shared.windows
        made, held_back = shared.of(mandate)
    else:
        made, held_back = allocations(
            mandate, history, start(mandate), windows, lean=True, bare=bare
        )
    rules = mandate.strategy.rebalance
    if like is not None and made is like.made and _refuge(mandate) == _refuge(like.mandate):
        inputs = like.inputs._replace(cost=rules.cost, band=rules.band)
    else:
        level = _level(history) if like is None else like.inputs.level
        inputs = _inputs(mandate, history, made, level)
    alike = like is not None and _read(mandate) == _read(like.mandate)
    signals = like.signals if like is not None and alike else readings(mandate, history)
    return Prepared(
        mandate=mandate,
        history=history,
        made=made,
        held_back=held_back,
        inputs=inputs,
        signals=signals,
        windows=windows,
    )


def _inputs(
    mandate: Mandate, history: History, made: Mapping[int, RowAllocation], level: Reals
) -> KernelInputs:
    from jeoul.backtesting.kernel import KernelInputs

    number = np.full(len(history), -1, dtype=np.int64)
    rows = sorted(made)
    number[rows] = np.arange(len(rows))
    each = [made[row] for row in rows]
    whole = np.array([one.weights for one in each]).reshape(-1, len(mandate.places))
    rules = mandate.strategy.rebalance
    return KernelInputs(
        level=level,
        made=number,
        allocation=whole,
        cut=whole - scaled_along(mandate, each, 0.0),
        seen=history.clock_seen,
        clock=(history.clock - _EPOCH).astype(np.int64),
        cost=rules.cost,
        band=rules.band,
    )


def _level(history: History) -> Reals:
    """Return what one unit of every member and of cash is worth after each row, 1 at first."""
    returns = np.nan_to_num(history.level[1:] / history.level[:-1] - 1.0)
    earned = np.vstack([np.zeros(history.level.shape[1]), returns])
    growth: Reals = 1.0 + np.column_stack([earned, np.nan_to_num(history.cash_rate)])
    return np.cumprod(growth, axis=0, dtype=np.float64)


def _replayed(prepared: Prepared) -> Reals:
    """Return the weights that the plain replay held after each row."""
    mandate, history = prepared.mandate, prepared.history
    found = np.zeros((len(history), len(mandate.places)))
    decided = False
    for state in states(mandate, history, start(mandate), prepared.made):
        if decided and state.held is not None:
            found[state.row] = state.held
        decided = state.held is not None  # as cash; the next close fills it
    return found


def _moving(params: OverlayParams) -> list[int]:
    """Return the latches that can move the scale; the others only watch."""
    return [
        i
        for i, rule in enumerate(params.rules)
        if rule[SCALE] < 1.0 or rule[GATES] > 0.0 or i in (params.vix, params.trend)
    ]


def _only(params: OverlayParams, latches: list[int]) -> OverlayParams:
    """Return the rules of some latches, the others left out."""
    place = {old: new for new, old in enumerate(latches)}
    return params._replace(
        names=params.names[latches],
        rules=params.rules[latches],
        vix=place.get(params.vix, -1),
        trend=place.get(params.trend, -1),
    )


def _refuge(mandate: Mandate) -> object:
    overlay = mandate.strategy.overlay
    return None if overlay is None else (overlay.risk_classes, overlay.refuge)


def _read(mandate: Mandate) -> object:
    """Return what the readings of the overlay depend on."""
    overlay = mandate.strategy.overlay
    if overlay is None:
        return None
    trend = None if overlay.trend is None else overlay.trend.sessions
    names = [] if mandate.overlay is None else mandate.overlay.names.tolist()
    watched = {name: overlay.watch[name].signal for name in names if name in overlay.watch}
    return names, trend, watched, dict(mandate.sleeve)
