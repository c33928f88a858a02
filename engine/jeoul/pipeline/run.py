"""The model of a mandate after a history: the replay from the beginning, or from a memory."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass

from jeoul.model.decision import Memory
from jeoul.model.history import History
from jeoul.model.shown import Brief
from jeoul.pipeline.allocation import RowAllocation
from jeoul.pipeline.along import Step
from jeoul.pipeline.estimation import HistoryWindows
from jeoul.pipeline.mandate import Mandate
from jeoul.pipeline.memory import recall
from jeoul.pipeline.replay import ModelState, Trace, allocations, replay, start


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Model(Brief):
    """The model after the last row of a history, and how it came there.

    Of many funds only the last of its allocations has its covariance and its program.
    """

    mandate: Mandate
    history: History
    state: ModelState
    trace: Trace
    allocations: Mapping[int, RowAllocation]

    @property
    def held_mandate(self) -> Mandate:
        """Return the mandate of the last allocation: with a glide path, of the mix that is held."""
        made = self.state.allocation
        return self.mandate if made is None else self.mandate.on(self.history.day(made.row))


def run_model(
    mandate: Mandate,
    history: History,
    memory: Memory | None = None,
    *,
    like: Model | None = None,
    watch: Callable[[ModelState], None] | None = None,
    windows: HistoryWindows | None = None,
    step: Step | None = None,
) -> Model:
    """Return the model after the last row, from a memory or from the beginning of history.

    ``like`` is a model over the same history from its beginning: if its allocations do not differ
    by the rules, they are shared instead of made again. ``watch`` is called with the model after
    every row. ``windows`` are those of the history, to be shared by several mandates.
    ``step`` hears of every date on which an allocation is made.
    """
    before = start(mandate) if memory is None else recall(mandate, history, memory)
    if like is not None and memory is None and allocates_alike(mandate, like.mandate):
        made, held_back = dict(like.allocations), like.trace.held_back
    else:
        made, held_back = allocations(mandate, history, before, windows, step, lean=True)
    state, trace = replay(mandate, history, before, made, held_back, watch)
    return Model(mandate=mandate, history=history, state=state, trace=trace, allocations=made)


class SharedAllocations:
    """The allocations along one history, made once for all mandates that allocate alike.

    Their windows are shared by all mandates. Everything asked for is kept.
    """

    def __init__(self, history: History) -> None:
        self.history, self.windows = history, HistoryWindows()
        self._made: list[tuple[Mandate, dict[int, RowAllocation], tuple[int, ...]]] = []

    def of(self, mandate: Mandate) -> tuple[dict[int, RowAllocation], tuple[int, ...]]:
        """Return the allocations by row, and the rows without a feasible one."""
        for known, made, held_back in self._made:
            if allocates_alike(mandate, known):
                return made, held_back
        made, held_back = allocations(
            mandate, self.history, start(mandate), self.windows, lean=True
        )
        self._made.append((mandate, made, held_back))
        return made, held_back


def allocates_alike(one: Mandate, other: Mandate) -> bool:
    """Return whether two mandates make the same allocations, whatever their overlays do."""

    def rules(mandate: Mandate) -> tuple[object, ...]:
        strategy, profile = mandate.strategy, mandate.rules
        overlay = strategy.overlay
        return (
            mandate.universe,
            mandate.account,
            mandate.risk_cap,
            () if strategy.glide is None else (strategy.glide, strategy.profiles),
            strategy.estimate,
            strategy.allocate,
            (profile.classes, profile.risk_aversion, profile.volatility),
            (strategy.rebalance.calendar, strategy.rebalance.cash),
            () if overlay is None else tuple(overlay.risk_classes),
        )

    return rules(one) == rules(other)


def allocation_key(mandate: Mandate) -> Hashable:
    """Return what is the same for mandates that allocate alike, to look for them by.

    Others can have it too: :func:`allocates_alike` decides.
    """
    strategy, profile = mandate.strategy, mandate.rules
    return (
        mandate.account,
        mandate.risk_cap,
        strategy.estimate.model_dump_json(),
        strategy.allocate.model_dump_json(),
        tuple(profile.classes.items()),
        profile.risk_aversion,
        None if profile.volatility is None else profile.volatility.model_dump_json(),
        None if strategy.overlay is None else tuple(strategy.overlay.risk_classes),
        strategy.rebalance.calendar,
        strategy.rebalance.cash,
    )
