"""Results are kept one file a household, scored by the checker, and only better ones replace."""

from __future__ import annotations

import gzip
import json
from itertools import islice
from pathlib import Path
from typing import Any

import best_known
import check
import pytest
import run
import score
from adapters import ADAPTERS
from frozen import SETS, documents

from jeoul.household.problem.document import from_document, moves_document
from jeoul.household.problem.records import Moves

FIRST, SECOND = (label for label, _ in islice(documents("2x8"), 2))
HOUSES = dict(documents("2x8"))


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(best_known, "FOLDER", tmp_path / "best_known")
    return tmp_path / "results"


def planned(label: str, by: str) -> dict[str, Any]:
    return moves_document(ADAPTERS[by](from_document(HOUSES[label])))


def put(folder: Path, by: str, label: str, plan: dict[str, Any], **keys: object) -> None:
    path = run.result_path(folder, by, label)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"id": label, "seconds": 0.25, "plan": plan | keys}), "utf-8")


def total(label: str, plan: dict[str, Any]) -> float:
    return float(check.judge(HOUSES[label], plan)[0]["total"])


@pytest.mark.parametrize(("name", "count"), SETS.items())
def test_a_set_has_its_households_each_with_a_name_of_its_own(name: str, count: int) -> None:
    with gzip.open(best_known.path_of(name).parent.parent / "households" / f"{name}.jsonl.gz") as f:
        labels = [json.loads(line)["id"] for line in f]
    assert len(set(labels)) == len(labels) == count


@pytest.mark.parametrize("name", SETS)
def test_a_best_known_plan_breaks_no_rule_and_costs_what_is_said_and_no_less_than_its_bound(
    name: str,
) -> None:
    known = best_known.known(name)
    for label, document in islice(documents(name), 0, None, 7):
        if label in known:
            cost, broken = check.judge(document, known[label]["moves"])
            assert not broken, label
            assert cost["total"] == pytest.approx(known[label]["total"], abs=0.01)
            assert known[label]["bound"] <= known[label]["total"]


def test_a_cheaper_plan_and_a_higher_bound_are_taken_and_nothing_worse(empty: Path) -> None:
    put(empty, "greedy", FIRST, planned(FIRST, "greedy"), bound=1_000.0)
    best_known.freeze("2x8", empty)
    greedy = best_known.known("2x8")[FIRST]
    assert (greedy["by"], greedy["bound"]) == ("greedy", 1_000.0)
    assert greedy["total"] == pytest.approx(total(FIRST, planned(FIRST, "greedy")), abs=0.01)

    put(empty, "other", FIRST, planned(FIRST, "nothing"), bound=2_000.0)
    best_known.freeze("2x8", empty)
    assert best_known.known("2x8")[FIRST] == greedy | {
        "bound": 2_000.0,
        "bound_by": "other",
        "bound_seconds": 0.25,
    }


def test_a_plan_that_breaks_a_rule_is_never_taken(empty: Path) -> None:
    account = HOUSES[FIRST]["accounts"][0]["id"]
    put(empty, "rogue", FIRST, moves_document(Moves(trades={(account, "SIM-KR"): 10**6})))
    best_known.freeze("2x8", empty)
    assert FIRST not in best_known.known("2x8")


def test_the_score_counts_broken_rules_the_gap_and_the_part_of_the_improvement(empty: Path) -> None:
    best = planned(FIRST, "greedy")
    put(empty, "greedy", FIRST, best, bound=0.75 * total(FIRST, best))
    put(empty, "nothing", FIRST, planned(FIRST, "nothing"))
    put(empty, "rogue", FIRST, moves_document(Moves(deposits={"nowhere": 1e6})))
    best_known.freeze("2x8", empty)
    found = {row["by"]: row for row in score.rows("2x8", empty)}
    assert found["greedy"]["broken"] == 0
    assert found["greedy"]["gap"]["p50"] == pytest.approx(0.25)
    assert found["greedy"]["improvement"] == pytest.approx(1.0)
    assert found["greedy"]["not_worse_than_nothing"] == 1.0
    assert found["nothing"]["improvement"] == 0.0
    assert found["nothing"]["not_worse_than_greedy"] == 0.0
    assert found["rogue"]["broken"] == 1
    assert "| greedy | 1 | 0 | 25.00" in score.table(list(found.values()))


def test_doing_nothing_has_no_gap_where_nothing_is_worth_a_trade(empty: Path) -> None:
    nothing = planned(SECOND, "nothing")
    bound = total(SECOND, nothing) - HOUSES[SECOND]["policy"]["min_gain"] + 1.0
    put(empty, "nothing", SECOND, nothing, bound=bound)
    best_known.freeze("2x8", empty)
    (row,) = score.rows("2x8", empty)
    assert row["gap"]["p100"] == 0.0


def test_planning_goes_on_where_it_stopped_and_takes_a_foreign_planner(
    empty: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine.py").write_text(
        "def plan(household):\n"
        "    return {'schema': 'jeoul.household-moves/1', 'trades': [], 'deposits': {},\n"
        "            'withdrawals': {}}\n",
        "utf-8",
    )
    by = f"{tmp_path / 'mine.py'}:plan"
    run.plan("2x8", by, empty, every=100, first=0)
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == [
        "2x8/000",
        "2x8/100",
    ]
    (empty / "mine.py-plan" / "2x8" / "100.json").unlink()
    run.plan("2x8", by, empty, every=100, first=0)
    assert capsys.readouterr().out.split()[0] == "2x8/100"
