"""Between the model's working state and the memory that can be stored."""

from __future__ import annotations

from datetime import date

import numpy as np

from jeoul.errors import ForeignMemory
from jeoul.model.calendar import Reals
from jeoul.model.days import count_before, count_until
from jeoul.model.decision import Memory
from jeoul.model.history import History
from jeoul.model.portfolio import CASH, Weights
from jeoul.overlay import from_json, to_json
from jeoul.pipeline.allocation import RowAllocation, allocate, holdable
from jeoul.pipeline.inputs import rules_id
from jeoul.pipeline.mandate import Mandate
from jeoul.pipeline.replay import Fills, ModelState
from jeoul.pipeline.scaling import Posture

_SAME = 1e-4  # weights that the same prices give, adjusted again for later dividends


def remember(mandate: Mandate, history: History, state: ModelState) -> Memory:
    """Return the state after the last row of a history as a memory."""
    allocation, previous, fills = state.allocation, state.previous, state.fills
    return Memory(
        as_of=history.day(state.row),
        rules=rules_id(mandate),
        clock=history.clock[state.ticks - 1].astype(object) if state.ticks else None,
        overlay=None if state.overlay is None else to_json(state.overlay),
        scale=state.posture.scale,
        effects=state.posture.effects,
        nav=state.nav,
        pending=state.pending,
        allocated=None if allocation is None else history.day(allocation.row),
        volatility=None if allocation is None else allocation.volatility,
        allocation={} if allocation is None else _chosen(mandate, allocation),
        previous={} if previous is None else _chosen(mandate, previous),
        target=_labelled(mandate, state.target),
        held=_labelled(mandate, state.held),
        first=None if fills.first is None else history.day(fills.first),
        turnover=fills.turnover,
        cost=fills.cost,
    )


def recall(mandate: Mandate, history: History, memory: Memory) -> ModelState:
    """Return the working state that a memory stands for, on a history that reaches further.

    The last allocation is made again from the one before it: that tells a memory of other data,
    and brings back what led to it.

    Raises :class:`ForeignMemory` if the memory is not of an earlier session of this history, or
    not of these rules and these prices.
    """
    rows = np.flatnonzero(history.sessions[:-1] == np.datetime64(memory.as_of))
    if len(rows) != 1:
        raise _misfit(memory, f"is not of a session before {history.day(len(history) - 1)}")
    if memory.rules != rules_id(mandate):
        raise _misfit(memory, "belongs to another strategy, profile, account kind or universe")
    last, previous = allocations_of(mandate, history, memory)
    return ModelState(
        row=int(rows[0]),
        ticks=0 if memory.clock is None else count_until(history.clock, memory.clock),
        overlay=None if memory.overlay is None else from_json(memory.overlay),
        posture=Posture(memory.scale, tuple(memory.effects)),
        nav=memory.nav,
        held=_vector(mandate, memory.held),
        target=_vector(mandate, memory.target),
        pending=memory.pending,
        allocation=last,
        previous=previous,
        fills=Fills(
            None if memory.first is None else _row(history, memory.first),
            memory.turnover,
            memory.cost,
        ),
    )


def allocations_of(
    mandate: Mandate, history: History, memory: Memory
) -> tuple[RowAllocation | None, RowAllocation | None]:
    """Return the last allocation of a memory, made again, and the one before it.

    Of the one before only the weights are known: they matter for the turnover cost. Raises
    :class:`ForeignMemory` if these prices give another allocation.
    """
    previous = _previous(mandate, memory)
    return _last(mandate, history, memory, previous), previous


def _row(history: History, day: date) -> int:
    return count_before(history.sessions, day)


def _misfit(memory: Memory, reason: str) -> ForeignMemory:
    return ForeignMemory(
        f"the stored memory of {memory.as_of} {reason}; delete it, a replay rebuilds it"
    )


def _chosen(mandate: Mandate, allocation: RowAllocation) -> Weights:
    """Return the weights of the members that the allocation chose from, zeros included."""
    places = [*map(int, allocation.members), len(mandate.places) - 1]
    return {mandate.places[place]: float(allocation.weights[place]) for place in places}


def _labelled(mandate: Mandate, vector: Reals | None) -> Weights:
    if vector is None:
        return {}
    return dict(zip(mandate.places, vector.tolist(), strict=True))


def _vector(mandate: Mandate, weights: Weights) -> Reals | None:
    if not weights:
        return None
    return np.array([weights.get(place, 0.0) for place in mandate.places])


def _last(
    mandate: Mandate, history: History, memory: Memory, previous: RowAllocation | None
) -> RowAllocation | None:
    if memory.allocated is None:
        return None
    row = _row(history, memory.allocated)
    made = allocate(
        mandate,
        history,
        row,
        holdable(mandate, history, row, proxies=True),
        previous=None if previous is None else previous.weights,
    )
    stored = _vector(mandate, memory.allocation)
    if stored is None or np.abs(made.weights - stored).max() > _SAME:
        raise _misfit(memory, "holds another allocation than these prices give")
    return made


def _previous(mandate: Mandate, memory: Memory) -> RowAllocation | None:
    weights = _vector(mandate, memory.previous)
    if weights is None:
        return None
    return RowAllocation(
        row=-1,
        weights=weights,
        volatility=float("nan"),
        members=np.array(
            [mandate.places.index(name) for name in memory.previous if name != CASH], dtype=np.int64
        ),
        covariance=np.zeros((0, 0)),
        means=np.zeros(0),
    )
