"""The proof of a proposal: its allocation made again, and solved by the other engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from jeoul.allocate import Proof, prove_tail
from jeoul.allocate import prove as prove_solution
from jeoul.errors import AllocationError
from jeoul.market import assemble
from jeoul.model.calendar import Calendar
from jeoul.model.decision import Proposal
from jeoul.model.snapshot import Snapshot
from jeoul.pipeline.mandate import Mandate
from jeoul.pipeline.memory import allocations_of
from jeoul.pipeline.replay import ModelState
from jeoul.pipeline.scaling import Posture
from jeoul.pipeline.targets import by_ticker, orderable, tickers_on
from jeoul.strategy.tables.allocate import Programmed

_SAME = 1e-9  # weights of one allocation, made twice


def prove(
    mandate: Mandate, snapshot: Snapshot, calendars: Mapping[str, Calendar], proposal: Proposal
) -> Proof | None:
    """Return the proof of a proposal's allocation, None where its strategy solves no program.

    The allocation may be days old. It is made again on the date that the proposal's memory names,
    from the allocation before it, and has to come out the same.

    Raises :class:`~jeoul.errors.AllocationError` if it does not, or if the other engine has no
    answer, and :class:`~jeoul.errors.ForeignMemory` for a snapshot that is not the proposal's.
    """
    if not isinstance(mandate.strategy.allocate, Programmed):
        return None
    history = assemble(snapshot, mandate.universe, calendars)
    last, previous = allocations_of(mandate, history, proposal.memory)
    row = len(history) - 1
    state = ModelState(row, 0, None, Posture(), allocation=last, previous=previous)
    made = orderable(mandate, history, state, proxies=False)
    again = by_ticker(made.weights, tickers_on(mandate, history, row, proxies=False))
    if again.keys() != proposal.allocation.keys() or any(
        abs(weight - proposal.allocation[code]) > _SAME for code, weight in again.items()
    ):
        raise AllocationError(
            f"the allocation of {proposal.memory.allocated} comes out differently when it is made "
            "again; propose again from this snapshot"
        )
    if made.tail is not None:
        program, returns, level, found = made.tail
        return prove_tail(program, returns, found, level=level)
    assert made.solved is not None
    program, estimate, held, solution = made.solved
    if held is not None:
        program = replace(program, previous=held)
    return prove_solution(program, estimate, solution)
