"""The proof of a proposal: its allocation, solved again by the other engine."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from jeoul import api
from jeoul.allocate import Proof
from jeoul.errors import AllocationError
from jeoul.pipeline.inputs import allocation_id

DAY = date(2024, 5, 31)
LATER = date(2024, 6, 14)  # no calendar date between: the allocation is that of May


@pytest.fixture(scope="module")
def may(real_market: Any) -> Any:
    strategy = api.load_strategy("managed")
    snapshot = real_market.as_of(DAY, strategy.calendar)
    return strategy, snapshot, api.propose(strategy, "balanced", "general", snapshot)


def test_cvxpy_finds_the_optimum_of_a_real_proposal(may: Any) -> None:
    strategy, snapshot, proposal = may
    proof = api.prove(strategy, proposal, snapshot)
    assert proof.solver == "clarabel"
    assert proof.holds
    assert proof.difference < 1e-6
    assert proof.gap < 1e-9  # type: ignore[operator]


def test_an_allocation_of_days_ago_is_proved_on_its_own_date(may: Any, real_market: Any) -> None:
    strategy, _, proposal = may
    snapshot = real_market.as_of(LATER, strategy.calendar)
    later = api.propose(strategy, "balanced", "general", snapshot, proposal.memory)
    assert later.memory.allocated == proposal.memory.allocated
    assert api.prove(strategy, later, snapshot).holds
    assert allocation_id(later) == allocation_id(proposal)


def test_weights_that_the_allocation_does_not_give_are_not_proved(may: Any) -> None:
    strategy, snapshot, proposal = may
    first, second, *_ = proposal.allocation
    moved = {first: proposal.allocation[first] - 0.01, second: proposal.allocation[second] + 0.01}
    tampered = replace(proposal, allocation={**proposal.allocation, **moved})
    with pytest.raises(AllocationError, match="comes out differently"):
        api.prove(strategy, tampered, snapshot)
    assert allocation_id(tampered) != allocation_id(proposal)


def test_a_strategy_on_cvxpy_alone_decides_alike_and_is_proved_directly(may: Any) -> None:
    strategy, snapshot, proposal = may
    document = strategy.model_dump(mode="json", by_alias=True)
    document["allocate"]["engine"] = "cvxpy"
    other = type(strategy).model_validate(document, strict=False)
    found = api.propose(other, "balanced", "general", snapshot)
    assert found.allocation == pytest.approx(proposal.allocation, abs=1e-6)
    proof = api.prove(other, found, snapshot)
    assert (proof.solver, proof.holds) == ("daqp", True)


def test_weights_that_no_program_chose_need_no_proof(sample: Any) -> None:
    strategy = api.load_strategy("sixty-forty")
    snapshot = sample.as_of(sample.last_session(strategy.calendar), strategy.calendar)
    proposal = api.propose(strategy, "balanced", "general", snapshot)
    assert api.prove(strategy, proposal, snapshot) is None


def test_objectives_a_millionth_apart_are_the_limit() -> None:
    assert Proof("clarabel", difference=0.1, apart=1e-6, gap=None).holds
    assert not Proof("clarabel", difference=0.0, apart=1.1e-6, gap=0.0).holds
