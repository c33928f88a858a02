"""Between the model's working state and the memory that can be stored."""

from __future__ import annotations

import numpy as np

from jeoul.errors import DataError
from jeoul.model.calendar import Reals
from jeoul.model.decision import Memory
from jeoul.model.history import History
from jeoul.model.portfolio import Weights
from jeoul.overlay import from_json, to_json
from jeoul.pipeline.allocation import Allocation
from jeoul.pipeline.mandate import Mandate
from jeoul.pipeline.replay import State


def remember(mandate: Mandate, history: History, state: State) -> Memory:
    """Return the state after the last row of a history as a memory."""
    allocation, previous = state.allocation, state.previous
    return Memory(
        as_of=history.day(state.row),
        clock=history.clock[state.ticks - 1].astype(object) if state.ticks else None,
        overlay=None if state.overlay is None else to_json(state.overlay),
        scale=state.scale,
        nav=state.nav,
        pending=state.pending,
        allocated=None if allocation is None else history.day(allocation.row),
        volatility=None if allocation is None else allocation.volatility,
        allocation={} if allocation is None else _chosen(mandate, allocation),
        previous={} if previous is None else _chosen(mandate, previous),
        target=_labelled(mandate, state.target),
        held=_labelled(mandate, state.held),
    )


def recall(mandate: Mandate, history: History, memory: Memory) -> State:
    """Return the working state that a memory stands for, on a history that reaches further.

    Raises :class:`DataError` if the memory is not of this history or of these rules.
    """
    rows = np.flatnonzero(history.sessions == np.datetime64(memory.as_of))
    unknown = {*memory.held, *memory.target, *memory.allocation} - set(mandate.places)
    if len(rows) != 1 or unknown:
        raise DataError(
            f"the stored memory of {memory.as_of} does not fit this history and strategy; "
            "delete it, a replay rebuilds it"
        )
    return State(
        row=int(rows[0]),
        ticks=0
        if memory.clock is None
        else int(np.searchsorted(history.clock, np.datetime64(memory.clock), side="right")),
        overlay=None if memory.overlay is None else from_json(memory.overlay),
        scale=memory.scale,
        nav=memory.nav,
        held=_vector(mandate, memory.held),
        target=_vector(mandate, memory.target),
        pending=memory.pending,
        allocation=_allocation(mandate, history, memory.allocation, memory),
        previous=_allocation(mandate, history, memory.previous, memory),
    )


def _chosen(mandate: Mandate, allocation: Allocation) -> Weights:
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


def _allocation(
    mandate: Mandate, history: History, weights: Weights, memory: Memory
) -> Allocation | None:
    vector = _vector(mandate, weights)
    if vector is None or memory.allocated is None or memory.volatility is None:
        return None
    names = mandate.places[:-1]
    members = [place for place, name in enumerate(names) if name in weights]
    return Allocation(
        row=int(np.searchsorted(history.sessions, np.datetime64(memory.allocated))),
        weights=vector,
        volatility=memory.volatility,
        members=np.array(members, dtype=np.int64),
        covariance=np.zeros((0, 0)),
    )
