"""A changed rule asks once; after it is accepted it never asks again, and a comment never does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from bench import DAY, EVEN, NEXT, THIRD, Bench
from harness import proposal

from jeoul.errors import UsageError
from jeoul.operations.desk import accepted_rules
from jeoul.operations.desk.intents import all_runs
from jeoul.pipeline import content as content_module

pytestmark = pytest.mark.usefixtures("either_store")

OTHER = {"133690": 0.5, "148070": 0.4}


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def changed(bench: Bench, key: str, value: Any) -> None:
    bench.mandate = replace(bench.mandate, strategy=bench.mandate.strategy.replace(key, value))


def test_a_changed_key_asks_once_and_trades_after_it_is_accepted(bench: Bench) -> None:
    bench.run()
    changed(bench, "rebalance.band", 0.08)
    bench.plans[NEXT] = proposal(NEXT, OTHER, due=True)
    asked = bench.run(NEXT)
    assert (asked.outcome, asked.exit_code) == ("needs_person", 5)
    rules = asked.document["rules"]
    assert rules["changes"] == [{"key": "rebalance.band", "before": None, "now": 0.08}]
    assert rules["moved"] >= 0.0
    assert asked.document["orders"]
    assert rules["now"] in asked.asked[0]
    assert "rebalance.band: – → 0.08" in asked.reasons
    assert bench.run(NEXT).outcome == "needs_person"  # until somebody says so
    with pytest.raises(UsageError, match="the rules of this run are"):
        bench.run(NEXT, accept="0" * 64)
    done = bench.run(NEXT, accept=rules["now"], by="somebody")
    assert done.document["run_id"] == f"main.static.{NEXT}"
    assert "rules of this account have changed" in done.reasons[0]
    assert not any("risk control" in reason for reason in done.reasons)
    assert bench.run(THIRD).outcome != "needs_person"
    ledger = bench.ledger()
    notes = ledger.rows("SELECT detail FROM notes WHERE kind = 'rules'")
    assert [("somebody" in note["detail"], rules["now"] in note["detail"]) for note in notes] == [
        (True, True)
    ]
    ledger.close()


def test_a_title_or_a_key_at_its_default_asks_nobody(bench: Bench) -> None:
    bench.run()
    changed(bench, "title.en", "Another title")
    changed(bench, "rebalance.cost", bench.mandate.strategy.rebalance.cost)
    assert bench.run(NEXT).outcome == "nothing_to_do"


def test_a_universe_row_and_the_engine_ask_as_well(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.run()
    before = bench.mandate
    universe = before.universe
    code = universe.members[0].codes[0]
    row = replace(universe.instruments[code], multiple=2.0)
    rows = {**universe.instruments, code: row}
    bench.mandate = replace(before, universe=replace(universe, instruments=rows))
    assert [c["key"] for c in bench.run(NEXT).document["rules"]["changes"]] == ["universe rows"]
    bench.mandate = before
    monkeypatch.setattr(content_module, "MODEL", content_module.MODEL + 1)
    assert [c["key"] for c in bench.run(NEXT).document["rules"]["changes"]] == ["model"]


def test_going_back_to_the_old_rules_needs_nobody(bench: Bench) -> None:
    bench.run()
    old = bench.mandate
    changed(bench, "rebalance.band", 0.08)
    assert bench.run(NEXT).outcome == "needs_person"
    bench.mandate = old
    assert bench.run(NEXT).outcome == "nothing_to_do"


def test_a_dry_run_shows_the_question_and_writes_nothing(bench: Bench) -> None:
    bench.run()
    changed(bench, "rebalance.band", 0.08)
    shown = bench.run(NEXT, execute=False)
    assert shown.document["rules"]["changes"]
    ledger = bench.ledger()
    assert len(all_runs(ledger, "main")) == 1
    ledger.close()


def test_an_unsent_plan_of_other_rules_lapses(bench: Bench) -> None:
    bench.tables = "[approval]\nrequired = true\n[safety]\nmax_turnover = 2.0"
    first = bench.run()
    changed(bench, "rebalance.band", 0.08)
    asked = bench.run(approve=first.document["run_id"], execute=False)
    assert asked.outcome == "needs_person"
    assert "The rules have changed since the plan was made." in asked.reasons
    assert bench.books().shares == {}


def test_a_ledger_that_kept_less_is_adopted_once_with_a_note(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before 0.2 a plan kept the strategy, but neither its universe's rows nor the engine."""
    from jeoul.operations import decision

    whole = decision._document

    def as_before(*arguments: Any) -> Any:
        return {key: value for key, value in whole(*arguments).items() if key != "rules"}

    monkeypatch.setattr(decision, "_document", as_before)
    bench.run(DAY)
    monkeypatch.undo()
    assert bench.run(NEXT).outcome == "nothing_to_do"
    assert bench.run(THIRD).outcome == "nothing_to_do"
    ledger = bench.ledger()
    rows = ledger.rows("SELECT detail FROM notes WHERE kind = ?", accepted_rules.NOTE)
    ledger.close()
    assert len(rows) == 1
    assert '"adopted":["universe","model"]' in rows[0]["detail"]


def test_looking_at_a_plan_that_was_made_under_other_rules_writes_nothing(bench: Bench) -> None:
    held = bench.run(hold=True)
    assert held.outcome == "planned"
    changed(bench, "rebalance.band", 0.08)
    ledger = bench.ledger()
    before = ledger.head()
    shown = bench.run(execute=False)
    assert ledger.head() == before
    assert [order["state"] for order in shown.document["orders"]] == ["new"] * len(EVEN)
    ledger.close()
