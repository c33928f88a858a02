"""A receipt of the evidence: the same again to the byte, or what differs."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from jeoul.cli.evidence_receipt import differing, rerun_text
from jeoul.research.ledger import Trial, TrialLedger
from jeoul.research.receipt import receipt_of, results_of

STRATEGY = ("static", "--from", "2009-01-02", "--to", "2012-12-28")


def trial(key: str) -> Trial:
    span = date(2001, 1, 2), date(2020, 1, 2)
    return Trial(key, "managed", "balanced", "general", *span, 9, 0.03)


@pytest.mark.slow
def test_a_receipt_is_run_again_to_the_byte(jeoul: Any, tmp_path: Path, opened_once: None) -> None:
    file, trials = tmp_path / "evidence.json", tmp_path / "trials.sqlite"
    TrialLedger(trials).record([trial("a"), trial("b")])
    jeoul("evidence", *STRATEGY, "--trials", trials, "--write-receipt", file, "--json")
    document = json.loads(file.read_text("utf-8"))
    said = document["receipt"]
    assert (said["ledger"]["trials"], set(said["data"])) == (2, {"XKRX"})
    assert "static balanced" in said["rules"]
    TrialLedger(trials).record([trial("c")])
    again = jeoul("evidence", "--receipt", file, "--trials", trials, "--lang", "en")
    assert again.code == 0
    assert f"Identical: the rerun gives the result {said['result']}" in again.out
    assert "had 2 trials at the receipt and has 3 now" in again.out
    # What follows needs no third run: the document is its own rerun.
    was, found = receipt_of(document, "it"), json.loads(file.read_text("utf-8"))
    assert differing(was, document, was, found) == []
    document["tables"][0]["profiles"][0]["ways"][0]["cagr"] = 0.5
    now = replace(was, ledger=TrialLedger(tmp_path / "x.sqlite").head(2), result="1" * 64)
    differ = differing(was, document, now, found)
    assert [each.what for each in differ] == [
        "ledger.trials",
        "ledger.digest",
        "tables.0.profiles.0.ways.0.cagr",
    ]
    lines = rerun_text(was, now, differ, 0, "ko")
    assert lines[0] == "증빙과 다른 항목:"
    assert lines[-1].startswith("  tables.0.profiles.0.ways.0.cagr: 증빙 0.5, 현재 0.0")


def test_any_change_of_a_document_changes_its_digest() -> None:
    table = {"strategy": "s", "profiles": [{"profile": "p", "cagr": 0.1}], "luck": {"spa": 0.2}}
    document: dict[str, Any] = {"tables": [table], "bootstrap": {}, "insurances": [], "korea": None}
    before = results_of(document)
    table["luck"] = {"spa": 0.2 + 1e-16 * 2}
    after = results_of(document)
    assert {name for name in before if before[name] != after[name]} == {"s luck"}


@pytest.mark.parametrize("text", ["", "[1]", '{"receipt": {"schema": "jeoul.receipt/1"}}'])
def test_a_file_without_a_receipt_is_refused(jeoul: Any, tmp_path: Path, text: str) -> None:
    file = tmp_path / "none.json"
    file.write_text(text, "utf-8")
    found = jeoul("evidence", "--receipt", file, "--trials", tmp_path / "t.sqlite", "--lang", "en")
    assert found.code == 2
    assert "receipt" in found.err


def test_a_receipt_has_its_own_strategies(jeoul: Any, tmp_path: Path) -> None:
    file = tmp_path / "r.json"
    keys = ("days", "data", "rules", "engine", "results")
    head = {"trials": 0, "digest": ""}
    own: dict[str, Any] = {key: {} for key in keys} | {
        "ledger": head,
        "result": "",
        "start": None,
        "end": None,
    }
    file.write_text(json.dumps({"schema": "jeoul.receipt/1", "strategies": ["x"], **own}), "utf-8")
    found = jeoul("evidence", "static", "--receipt", file, "--lang", "en")
    assert found.code == 2
    assert "names its strategies" in found.err
