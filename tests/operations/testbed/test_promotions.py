"""A change of rules is kept with its grounds, and `ledger check` finds whoever rewrites them."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from bench import DAY, NEXT, Bench
from click.testing import CliRunner

from jeoul.cli.audit import audit
from jeoul.cli.backtest import backtest
from jeoul.cli.ledger import ledger as ledger_command
from jeoul.cli.promote import promote as promote_command
from jeoul.errors import DataError, UsageError
from jeoul.operations.desk.intents import all_runs
from jeoul.operations.desk.promotions import EvidenceFile, NamedTrial, promotions
from jeoul.operations.errors import LedgerError
from jeoul.operations.ledger import check
from jeoul.operations.setup.config import load_config
from jeoul.operations.testbed.changes import rule_changes
from jeoul.operations.testbed.promoting import promote

TRIAL = NamedTrial(3, 40, "ab" * 32, DAY, NEXT, 250, 0.05, same=True)
FILE = EvidenceFile("compare.json", b'{"sharpe": 0.8}')


class Clock:
    def __init__(self, at: float) -> None:
        self.at = at

    def now(self) -> float:
        return self.at

    def wait(self, seconds: float) -> None:
        raise AssertionError("nothing waits here")


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    found = Bench(tmp_path)
    found.run()
    strategy = found.mandate.strategy.replace("rebalance.band", 0.08)
    found.mandate = replace(found.mandate, strategy=strategy)
    return found


def put_forward(bench: Bench, *, evidence: tuple[EvidenceFile, ...] = (FILE,)) -> None:
    config = load_config(bench.folder / "config.toml")
    with closing(bench.ledger()) as ledger:
        clock = Clock(ledger.head().at + 60.0)
    promote(config, bench.mandate, clock, TRIAL, evidence, ("kim", "a wider band trades less"))


def faults(bench: Bench) -> list[str]:
    with closing(bench.ledger()) as ledger:
        return list(check(ledger).faults)


def test_a_change_names_its_trial_its_evidence_and_who_accepted_it(bench: Bench) -> None:
    put_forward(bench)
    asked = bench.run(NEXT)
    assert asked.outcome == "needs_person"  # a promotion accepts nothing
    bench.run(NEXT, accept=asked.document["rules"]["now"], by="lee")
    with closing(bench.ledger()) as ledger:
        first, change = rule_changes(ledger, all_runs(ledger, "main"))
    assert (first.before, first.promoted, first.keys) == (None, None, ())
    assert [(key.key, key.before, key.now) for key in change.keys] == [
        ("rebalance.band", None, 0.08)
    ]
    assert change.accepted.by == "lee"
    kept = change.promoted.detail
    assert (kept["by"], kept["why"]) == ("kim", "a wider band trades less")
    assert (kept["trial"]["number"], kept["trial"]["trials"]) == (3, 40)
    assert kept["evidence"] == [{"name": FILE.name, "sha256": FILE.sha256, "length": 15}]
    assert kept["before"]["digest"] == asked.document["rules"]["before"]
    assert not faults(bench)


def test_a_promotion_that_came_after_the_decision_is_no_ground_for_it(bench: Bench) -> None:
    asked = bench.run(NEXT)
    bench.run(NEXT, accept=asked.document["rules"]["now"], by="lee")
    put_forward(bench)
    with closing(bench.ledger()) as ledger:
        *_, change = rule_changes(ledger, all_runs(ledger, "main"))
    assert change.accepted is not None
    assert change.promoted is None


@pytest.mark.parametrize("kind", ["promotion", "evidence"])
def test_rewriting_a_promotion_fails_the_check(bench: Bench, kind: str) -> None:
    put_forward(bench)
    with closing(sqlite3.connect(bench.folder / "state" / "ledger.sqlite3")) as file:
        file.execute("DROP TRIGGER notes_no_update")
        file.execute("UPDATE notes SET detail = replace(detail, 'a', 'b') WHERE kind = ?", (kind,))
        file.commit()
    assert any("was changed after it was written" in fault for fault in faults(bench))


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (
            lambda kept: kept["after"]["content"].update(profile="growth"),
            "do not match their recorded digest",
        ),
        (lambda kept: kept["before"].update(digest="0" * 64), "do not match the record"),
        (
            lambda kept: kept["before"].update(run="main.static.1999-01-04"),
            "no run main.static.1999-01-04 comes before it",
        ),
        (lambda kept: kept["evidence"][0].update(sha256="0" * 64), "is missing from the ledger"),
        (lambda kept: kept.pop("trial") and kept.pop("after"), "not in a form that jeoul writes"),
    ],
)
def test_a_promotion_that_is_not_true_fails_the_check_although_its_chain_is_whole(
    bench: Bench, change: Any, fault: str
) -> None:
    put_forward(bench)
    with closing(bench.ledger()) as ledger:
        kept = json.loads(json.dumps(dict(promotions(ledger)[0].detail)))
        change(kept)
        with ledger.transaction():
            ledger.append(
                "notes", ledger.head().at, account="main", strategy="static",
                session=str(DAY), kind="promotion", detail=json.dumps(kept),
            )  # fmt: skip
    (found,) = faults(bench)
    assert fault in found


def test_evidence_with_another_content_than_its_hash_fails_the_check(bench: Bench) -> None:
    with closing(bench.ledger()) as ledger, ledger.transaction():
        ledger.append(
            "notes", ledger.head().at, account="main", strategy="static", session=str(DAY),
            kind="evidence", detail=json.dumps({"name": "a", "sha256": FILE.sha256, "base64": ""}),
        )  # fmt: skip
    assert "the content of a does not match its recorded digest" in faults(bench)[0]


def test_the_same_file_is_kept_once(bench: Bench) -> None:
    put_forward(bench)
    put_forward(bench, evidence=(FILE, EvidenceFile("again.json", FILE.content)))
    with closing(bench.ledger()) as ledger:
        assert len(ledger.rows("SELECT 1 FROM notes WHERE kind = 'evidence'")) == 1
    assert not faults(bench)


def test_evidence_with_a_secret_is_refused_and_nothing_is_kept(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.tables += '\n[notify]\nurls = "JEOUL_NOTIFY"'
    bench.runner().broker.close()
    monkeypatch.setenv("JEOUL_NOTIFY", "mailto://planted")
    with pytest.raises(DataError, match=r"notes\.txt: contains a secret"):
        put_forward(bench, evidence=(EvidenceFile("notes.txt", b"told MAILTO://Planted"),))
    with closing(bench.ledger()) as ledger:
        assert not promotions(ledger)


# -- the command ----------------------------------------------------------------------------------


def call(command: Any, *words: object) -> Any:
    found = CliRunner().invoke(command, [*map(str, words)], standalone_mode=False)
    if found.exception is not None:
        raise found.exception
    return found.stdout


@pytest.fixture
def trials(tmp_path: Path) -> Path:
    """A trial ledger with one backtest of the rules of the bench's config."""
    place = tmp_path / "trials.sqlite"
    call(
        backtest, "static", "--profile", "balanced", "--from", "2024-01-02", "--to", "2024-12-30",
        "--trials", place, "--json=",
    )  # fmt: skip
    return place


def test_the_trial_is_recognised_by_its_rules_and_data(bench: Bench, trials: Path) -> None:
    file, config = bench.folder / "why.txt", bench.folder / "config.toml"
    file.write_text("it trades less", "utf-8")
    words = (config, "--trials", trials, "--evidence", file, "--why", "less trading", "--json=")
    found = json.loads(call(promote_command, *words, "--trial", 1))
    assert (found["trial"]["number"], found["trial"]["trials"]) == (1, 1)
    assert found["trial"]["same"]
    assert found["before"] == found["after"]  # the config's own rules: those in use
    call(
        backtest, "static", "--profile", "balanced", "--from", "2024-01-02", "--trials", trials,
        "--json=",
    )  # fmt: skip
    assert json.loads(call(promote_command, *words, "--trial", 2))["trial"]["same"]
    with pytest.raises(UsageError, match="trial 3 is not in"):
        call(promote_command, *words, "--trial", 3)


def test_a_promotion_without_a_reason_is_refused(bench: Bench, trials: Path) -> None:
    with pytest.raises(UsageError, match="--why has no text"):
        call(
            promote_command, bench.folder / "config.toml", "--trials", trials, "--trial", 1,
            "--evidence", bench.folder / "config.toml", "--why", " \n",
        )  # fmt: skip


def test_a_trial_of_other_rules_is_refused(bench: Bench, trials: Path) -> None:
    call(backtest, "static", "--profile", "growth", "--from", "2024-01-02", "--trials", trials)
    file = bench.folder / "why.txt"
    file.write_text("x", "utf-8")
    with pytest.raises(UsageError, match="trial 2 tested static for growth"):
        call(
            promote_command, bench.folder / "config.toml", "--trials", trials, "--trial", 2,
            "--evidence", file, "--why", "because",
        )  # fmt: skip


def test_the_pack_holds_the_promotion_and_its_evidence(bench: Bench) -> None:
    put_forward(bench)
    asked = bench.run(NEXT)
    bench.run(NEXT, accept=asked.document["rules"]["now"], by="lee")
    out = bench.folder / "pack"
    quarter = f"{NEXT.year}Q{(NEXT.month + 2) // 3}"
    call(audit, bench.folder / "config.toml", "--quarter", quarter, "--out", out)
    (account,) = json.loads((out / "changes.json").read_text("utf-8"))
    change = account["changes"][-1]
    assert change["promotion"]["by"] == "kim"
    assert change["accepted"]["by"] == "lee"
    assert change["before"] != change["after"]
    (kept,) = (out / "evidence").iterdir()
    assert kept.read_bytes() == FILE.content
    assert call(ledger_command, "check", bench.folder / "config.toml")
    with closing(sqlite3.connect(bench.folder / "state" / "ledger.sqlite3")) as file:
        file.execute("DROP TRIGGER notes_no_update")
        file.execute("UPDATE notes SET detail = replace(detail, 'kim', 'mik')")
        file.commit()
    with pytest.raises(LedgerError, match="fails its check"):
        call(audit, bench.folder / "config.toml", "--quarter", quarter, "--out", out / "again")
