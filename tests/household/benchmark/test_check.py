"""The stand-alone checker and the evaluator agree, though neither knows the other."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields
from itertools import islice
from pathlib import Path
from typing import Any

import check
import pytest
from frozen import SETS, documents

from jeoul.household.problem.document import from_document, moves_document
from jeoul.household.problem.evaluate import evaluate
from jeoul.household.problem.records import NOTHING, Household, Moves, PlanCost

WON = 1e-6


def drawn_moves(household: Household, draw: random.Random) -> Moves:
    """Return moves that a person might type by mistake: most of them break a rule or more."""
    trades = {}
    few = draw.random() < 0.5
    for position in household.positions:
        if draw.random() < (0.05 if few else 0.4):
            trades[position.key] = draw.randint(-position.shares - draw.randint(0, 2), 30)
    accounts = [each.id for each in household.accounts]
    paid = {name: draw.uniform(-1e5, 8e6) for name in accounts if draw.random() < 0.3}
    taken = {name: draw.uniform(-1e5, 8e6) for name in accounts if draw.random() < 0.15}
    if draw.random() < 0.1:
        trades["nowhere", "nothing"] = 1
        paid["nowhere"] = 10_000.0
    return Moves(trades=trades, deposits=paid, withdrawals=taken)


def some(name: str, step: int) -> Iterator[tuple[str, Household, dict[str, Any]]]:
    for label, document in islice(documents(name), 0, None, step):
        yield label, from_document(document, label), document


@pytest.mark.parametrize("name", SETS)
def test_the_checker_finds_the_cost_and_the_violations_that_the_evaluator_finds(name: str) -> None:
    draw = random.Random(16)
    kept = broken = 0
    for label, household, document in some(name, 5):
        for moves in (NOTHING, *(drawn_moves(household, draw) for _ in range(4))):
            ours = evaluate(household, moves)
            cost, faults = check.judge(document, moves_document(moves))
            for each in fields(PlanCost):
                off = abs(cost[each.name] - getattr(ours.cost, each.name))
                assert off < WON, (label, each.name, off)
            assert abs(cost["total"] - ours.cost.total) < WON
            theirs = sorted((v.rule, v.where) for v in ours.violations)
            assert sorted(fault[:2] for fault in faults) == theirs, label
            most = sum(v.by for v in ours.violations)
            assert sum(fault[2] for fault in faults) == pytest.approx(most, abs=1e-3)
            kept += not faults
            broken += bool(faults)
    assert kept > 10
    assert broken > 10


def test_the_checker_runs_without_jeoul(tmp_path: Path) -> None:
    _, document = next(documents("2x8"))
    (tmp_path / "household.json").write_text(json.dumps(document), "utf-8")
    (tmp_path / "plan.json").write_text(json.dumps(moves_document(NOTHING)), "utf-8")
    ran = subprocess.run(
        [sys.executable, "-I", "-S", check.__file__, "household.json", "plan.json"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    total = check.judge(document, moves_document(NOTHING))[0]["total"]
    assert f"total {total:,.2f} won; 0 rules broken" in ran.stdout, ran.stderr
    assert ran.returncode == 0
