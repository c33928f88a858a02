"""A pool keeps its deadlines whatever a source does, and its manners whatever a vendor says."""

from __future__ import annotations

import random
import time
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from jeoul.market.fetching.pool import FetchJob, Manners, RequestPool, pause
from jeoul.market.raw.answer import Fetched, SeriesRequest
from jeoul.market.sources.errors import NetworkRefused, RateLimited, Stalled, VendorBroken


class Clock:
    """Real time, plus the time that was slept without waiting."""

    def __init__(self) -> None:
        self.slept = []  # type: ignore[var-annotated]

    def monotonic(self) -> Any:
        return time.monotonic() + sum(self.slept)

    def sleep(self, seconds: Any) -> None:
        self.slept.append(seconds)


@pytest.fixture
def run(tmp_path: Path) -> Any:
    import puppets

    def ran(*symbols: Any, timer: Any = time, **manners: Any) -> Any:
        options = {"at_once": 1, "interval": 0.0, "attempts": 3, "backoff": 10.0, **manners}
        jobs = [
            FetchJob("puppet", SeriesRequest(s, date(2024, 6, 1), date(2024, 6, 28)))
            for s in symbols
        ]
        connect = {"puppet": partial(puppets.connect, tmp_path)}
        manners = {"puppet": Manners(**options)}
        with RequestPool(connect, manners, timer=timer, chance=random.Random(3)) as pool:
            return {done.job.request.symbol: done for done in pool.ask(jobs)}

    return ran


def test_a_failure_that_may_pass_is_tried_again_after_a_growing_pause(run: Any) -> None:
    clock = Clock()
    found = run("broken-2", timer=clock)
    assert isinstance(found["broken-2"].answer, Fetched)
    assert found["broken-2"].attempts == 3
    first, second = clock.slept
    assert 5.0 - 0.5 <= first <= 10.0  # half to all of the pause, less the time of asking
    assert 10.0 - 0.5 <= second <= 20.0


def test_after_the_last_attempt_the_failure_stands(run: Any) -> None:
    found = run("broken-9", timer=Clock())
    assert isinstance(found["broken-9"].answer, VendorBroken)
    assert found["broken-9"].attempts == 3


def test_one_rate_limit_makes_the_whole_source_wait(run: Any, tmp_path: Path) -> None:
    clock = Clock()
    found = run("limited-1", "fine", timer=clock, interval=0.0)
    assert all(isinstance(done.answer, Fetched) for done in found.values())
    assert sum(clock.slept) >= 4.5
    asked = [float((tmp_path / name).read_text().splitlines()[0]) for name in ("limited-1", "fine")]
    assert asked[0] < asked[1]
    assert RateLimited.retry


def test_without_a_network_a_long_list_ends_quickly(run: Any, tmp_path: Path) -> None:
    started = time.monotonic()
    found = run(*(f"refused-{n}" for n in range(40)), timer=Clock(), give_up=3)
    assert time.monotonic() - started < 5
    assert {type(done.answer) for done in found.values()} == {NetworkRefused}
    assert len(list(tmp_path.iterdir())) == 3  # only these were asked


@pytest.mark.parametrize("symbol", ["sleep", "die", "exit"])
def test_a_process_that_hangs_or_dies_costs_its_own_symbol_only(run: Any, symbol: str) -> None:
    started = time.monotonic()
    found = run(symbol, "a", "b", deadline=1.0, attempts=1)
    assert time.monotonic() - started < 5
    kind = Stalled if symbol == "sleep" else VendorBroken
    assert isinstance(found[symbol].answer, kind)
    assert isinstance(found["a"].answer, Fetched)
    assert isinstance(found["b"].answer, Fetched)


def test_a_defect_of_ours_is_not_taken_for_one_of_the_vendor(run: Any) -> None:
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        run("bug")


def test_requests_to_one_vendor_are_spread(run: Any) -> None:
    clock = Clock()
    run("a", "b", "c", timer=clock, interval=4.0)
    assert len(clock.slept) == 2
    assert all(2.0 - 0.5 <= slept <= 6.0 for slept in clock.slept)


def test_pauses_grow_up_to_a_limit_and_never_agree() -> None:
    manners = Manners(backoff=2.0, longest=60.0)
    pauses = [pause(n, manners, random.Random(n)) for n in range(1, 12)]
    assert all(min(60.0, 2.0**n) / 2 <= p <= min(60.0, 2.0**n) for n, p in enumerate(pauses, 1))
    assert len({pause(3, manners, random.Random(seed)) for seed in range(20)}) == 20
