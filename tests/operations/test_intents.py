"""What the ledger answers about orders, and how much of it is read for an answer."""

from __future__ import annotations

from pathlib import Path

from bench import DAY, NEXT, Bench

from jeoul.operations.desk.intents import intents_of, named_run, open_intents, unfinished_runs


def test_open_orders_are_those_of_runs_that_are_not_over(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.tables = "[approval]\nrequired = true\n[safety]\nmax_turnover = 2.0"
    first = bench.run(DAY).document["run_id"]
    bench.run(DAY, approve=first)
    second = bench.run(NEXT)
    ledger = bench.ledger()
    waiting = {run.run_id for run in unfinished_runs(ledger)}
    assert {intent.run_id for intent in open_intents(ledger)} == waiting - {first}
    assert named_run(ledger, first) is not None
    assert all(intent.done for intent in intents_of(ledger, first))
    assert second.outcome in ("planned", "nothing_to_do")
    ledger.close()


def test_old_orders_are_not_read_to_find_the_open_ones(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.run(DAY)
    ledger = bench.ledger()
    asked: list[str] = []
    ledger.store.connection.set_trace_callback(asked.append)
    open_intents(ledger)
    ledger.store.connection.set_trace_callback(None)
    plan = [row["detail"] for row in ledger.rows(f"EXPLAIN QUERY PLAN {asked[-1]}")]
    assert not [line for line in plan if line.startswith(("SCAN i", "SCAN e", "SCAN f"))]
    ledger.close()
