"""How much work the search is, and from which account on a process reads or compiles its twin."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from jeoul.compiling import Jits
from jeoul.rebalance import SharesProblem, compile_search, search
from jeoul.rebalance.searcher import COMPILE, READ, Searcher, work_of


@pytest.mark.parametrize(
    ("funds", "orders", "work"),
    [
        (0, None, 125),
        (15, None, 8_000),
        (15, 3, 8_000),
        (100, None, 105**3),
        (101, None, 500_000 + 2 * 101**2),
        (500, None, 1_000_000),
        (500, 501, 1_000_000),
        (500, 500, 1_000_000),
        (500, 499, 5_500_000),
        (500, 30, 5_500_000),
        (500, 0, 5_500_000),
    ],
)
def test_work_grows_with_the_funds_and_more_where_orders_are_few(
    funds: int, orders: int | None, work: int
) -> None:
    assert work_of(funds, orders) == work


def test_the_whole_is_compiled_by_its_own_compiler_or_by_that_of_its_parts() -> None:
    parts: list[str] = []
    wholes: list[str] = []

    def part(function: Any) -> Any:
        parts.append(function.__name__)
        return function

    def whole(function: Any) -> Any:
        wholes.append(function.__name__)
        return function

    given = idle()
    assert compile_search(part, whole)(given).tolist() == [0] * 15
    assert (parts.count("search"), wholes) == (0, ["search"])
    assert compile_search(part)(given).tolist() == [0] * 15
    assert (parts.count("search"), wholes) == (1, ["search"])


def idle(funds: int = 15) -> SharesProblem:
    """An account that has nothing to do, so that only its size counts."""
    ones = np.ones(funds)
    return SharesProblem(
        ones * 0.0, ones, ones, ones, np.zeros(funds, dtype=np.int64),
        0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1, np.inf, funds, True, True, 1.0,
    )  # fmt: skip


class Asked(list[bool]):
    """What a process asks numba for; it finds the twin that an earlier one kept, or none."""

    def __call__(self, *, kept: bool) -> Jits:
        self.append(kept)
        return Jits(lambda part: part, lambda _: lambda problem: search(problem) * 1)


@pytest.mark.parametrize(
    ("done", "is_kept", "asks", "switches"),
    [
        (3_000_000 - 8_001, True, [], False),
        (3_000_000 - 8_000, True, [True], True),
        (3_000_000 - 8_000, False, [True, False], False),
        (25_000_000 - 8_001, False, [True, False], False),
        (25_000_000 - 8_000, False, [True], True),
    ],
)
def test_what_is_kept_is_read_after_3_million_and_compiled_after_25(
    monkeypatch: pytest.MonkeyPatch, done: int, is_kept: bool, asks: list[bool], switches: bool
) -> None:
    monkeypatch.setattr("jeoul.rebalance.searcher.is_kept", lambda _: is_kept)
    asked = Asked()
    quick = Searcher(asked)
    quick._work = done
    assert quick(idle()).tolist() == [0] * 15
    assert (asked, quick._run is not search) == (asks, switches)


def test_what_compiles_is_tried_on_the_smallest_problem_before_it_answers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sizes: list[int] = []

    def answers(problem: SharesProblem) -> Any:
        sizes.append(len(problem.target))
        return search(problem)

    monkeypatch.setattr("jeoul.rebalance.searcher.is_kept", lambda _: True)
    quick = Searcher(lambda *, kept: Jits(lambda part: part, lambda _: answers))
    quick._work = READ
    quick(idle())
    assert sizes == [1, 15]


def test_a_compiler_that_fails_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(
        "jeoul.rebalance.searcher.not_compiled", lambda what, error: told.append(f"{what}: {error}")
    )

    def fails(*, kept: bool) -> Jits:
        raise OSError(f"no room, kept={kept}")

    quick = Searcher(fails)
    quick._work = READ
    assert quick(idle()).tolist() == [0] * 15
    assert [text.split("kept=")[1] for text in told] == ["True", "False"]


def test_nobody_asks_with_every_account(monkeypatch: pytest.MonkeyPatch) -> None:
    for is_kept in (True, False):
        monkeypatch.setattr("jeoul.rebalance.searcher.is_kept", lambda _, kept=is_kept: kept)
        asked = Asked()
        quick = Searcher(asked)
        quick._work = READ
        quick(idle())
        before = list(asked)
        quick(idle())
        assert list(asked) == before
        quick._work = COMPILE
        quick(idle())
        assert list(asked) == before + ([] if is_kept else [True])
        quick(idle())
        assert len(asked) == len(before) + (not is_kept)


def test_a_process_begins_with_no_work_done(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (READ, COMPILE) == (3_000_000, 25_000_000)
    monkeypatch.setattr("jeoul.rebalance.searcher.is_kept", lambda _: True)
    asked: Any = Asked()
    quick = Searcher(asked)
    for _ in range(374):
        quick(idle())
    assert asked == []
    quick(idle())  # 375 accounts of 15 funds are 3 million
    assert asked == [True]


def test_the_work_of_a_process_is_counted_from_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jeoul.rebalance.searcher.is_kept", lambda _: True)
    asked: Any = Asked()
    quick = Searcher(asked)
    for funds in (99, 83, 83, 59, 58):  # cubes of five more each: one unit less than 3 million
        quick(idle(funds))
    assert asked == []
    quick(idle(0))
    assert asked == [True]
