"""A model's replay from the beginning as bytes, and the model that they stand for.

What is kept is what the replay decided, as arrays. The allocations are kept by their weights and
made again, from the one before and to the same bit, when somebody asks for one.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from jeoul.files import blocks
from jeoul.files.blocks import Array
from jeoul.model.calendar import Reals
from jeoul.model.history import History
from jeoul.overlay import OverlayState, Reading
from jeoul.overlay.path import ReadingPath, StateColumns, StatePath, columns_of
from jeoul.pipeline.allocation import RowAllocation, allocate, holdable
from jeoul.pipeline.clock import readings
from jeoul.pipeline.estimation import HistoryWindows
from jeoul.pipeline.mandate import Mandate
from jeoul.pipeline.replay import Fills, ModelState, ModelTrade, Trace, start
from jeoul.pipeline.run import Model
from jeoul.pipeline.scaling import Posture

_PATHS = ("nav", "proxy", "turnover", "cost")


class Remade(Mapping[int, RowAllocation]):
    """Allocations by row, each made again from the one before when it is asked for."""

    def __init__(
        self,
        mandate: Mandate,
        history: History,
        weights: Mapping[int, Reals],
        windows: HistoryWindows,
    ) -> None:
        self.mandate, self.history, self.weights, self.windows = mandate, history, weights, windows
        self._before = dict(zip(list(weights)[1:], weights.values(), strict=False))
        self._made: dict[int, RowAllocation] = {}

    def __getitem__(self, row: int) -> RowAllocation:
        if row not in self.weights:
            raise KeyError(row)
        if row not in self._made:
            self._made[row] = allocate(
                self.mandate,
                self.history,
                row,
                holdable(self.mandate, self.history, row, proxies=True),
                previous=self._before.get(row),
                windows=self.windows,
            )
        return self._made[row]

    def __iter__(self) -> Iterator[int]:
        return iter(self.weights)

    def __len__(self) -> int:
        return len(self.weights)


def packed(model: Model, held: Reals) -> bytes:
    """Return a model that was replayed from the beginning, and what it held after each row."""
    state, trace = model.state, model.trace
    arrays = [getattr(trace, name) for name in _PATHS]
    rows = sorted(model.allocations)
    places = len(model.mandate.places)
    weights = np.array([model.allocations[row].weights for row in rows]).reshape(-1, places)
    arrays += [held, np.array(rows, dtype=np.int64), weights]
    if trace.before is not None:
        columns = columns_of(trace.before, trace.overlay)
        latches = zlib.compress(columns.latches.tobytes(), 1)  # hardly ever does one change
        arrays += [*columns[:-1], np.frombuffer(latches, dtype=np.uint8)]
        arrays.append(np.array([reading.nav for reading in trace.readings], dtype=np.float64))
    head = {
        "ticks": state.ticks,
        "tick": trace.tick,
        "posture": [state.posture.scale, state.posture.effects],
        "nav": state.nav,
        "pending": state.pending,
        "fills": state.fills,
        "trades": [[trade.row, trade.cause, trade.turnover] for trade in trace.trades],
        "held_back": trace.held_back,
        "vectors": [None if each is None else each.tolist() for each in (state.held, state.target)],
    }
    return blocks.packed(head, arrays)


def unpacked(
    mandate: Mandate,
    history: History,
    content: bytes,
    windows: HistoryWindows | None = None,
) -> tuple[Model, Reals]:
    """Return what :func:`packed` wrote of a mandate over a history.

    ``windows`` are those of the history, for the allocations that are asked for.
    """
    head, arrays = blocks.unpacked(content)
    nav, proxy, turnover, cost, held, rows, weights, *overlay = arrays
    allocations = Remade(
        mandate,
        history,
        dict(zip(rows.tolist(), weights, strict=True)),
        windows or HistoryWindows(),
    )
    begun = start(mandate)
    path, read = _overlay(mandate, history, begun.overlay, head["tick"], overlay)
    scale, effects = head["posture"]
    own, target = (None if each is None else np.array(each) for each in head["vectors"])
    last = rows.tolist()[-2:]
    state = ModelState(
        row=len(history) - 1,
        ticks=head["ticks"],
        overlay=path[-1] if len(path) else begun.overlay,
        posture=Posture(scale, tuple(effects)),
        nav=head["nav"],
        held=own,
        target=target,
        pending=head["pending"],
        allocation=allocations[last[-1]] if last else None,
        previous=allocations[last[0]] if len(last) == 2 else None,
        fills=Fills(*head["fills"]),
    )
    trace = Trace(
        start=0,
        nav=nav,
        proxy=proxy,
        turnover=turnover,
        cost=cost,
        trades=tuple(ModelTrade(*each) for each in head["trades"]),
        tick=head["tick"],
        before=begun.overlay,
        overlay=path,
        scales=path.columns.scale if isinstance(path, StatePath) else np.zeros(0),
        readings=read,
        held_back=tuple(head["held_back"]),
    )
    model = Model(
        mandate=mandate, history=history, state=state, trace=trace, allocations=allocations
    )
    return model, held


def _overlay(
    mandate: Mandate,
    history: History,
    before: OverlayState | None,
    tick: int,
    arrays: Sequence[Array],
) -> tuple[Sequence[OverlayState], Sequence[Reading]]:
    """Return the overlay after each clock session that was stepped, and what each showed."""
    if before is None:
        return (), ()
    *columns, latches, navs = arrays
    counts = np.frombuffer(zlib.decompress(latches.tobytes()), dtype=before.latches.dtype)
    shaped = counts.reshape(len(navs), *before.latches.shape)
    path = StatePath(before, StateColumns._make([*columns, shaped]))
    signals = readings(mandate, history)[tick:]
    return path, ReadingPath(path.columns.session.tolist(), signals, navs.tolist())
