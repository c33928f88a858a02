"""What a run measures is kept with it, shown by it, and changes no decision."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from jeoul.cli.history import history
from jeoul.cli.replay import replay
from jeoul.cli.run import run
from jeoul.operations.ledger import NAME, check, open_ledger
from jeoul.operations.told.measured import measured_over, measured_span
from jeoul.reporting.measurements import span_document, span_texts

DAY, NEXT = "2025-03-04", "2025-03-05"


def call(command: Any, *arguments: str | Path) -> Any:
    found = CliRunner().invoke(command, [*map(str, arguments)], standalone_mode=False)
    if found.exception is not None:
        raise found.exception
    return found


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("measured")
    file = folder / "mine.toml"
    file.write_text(
        'schema = 1\nname = "mine"\nstrategy = "managed"\nprofile = "balanced"\n'
        'state = "state"\nlang = "en"\n[broker]\nkind = "paper"\ncash = 20_000_000\n',
        "utf-8",
    )
    dry = json.loads(call(run, file, "--as-of", DAY).stdout)
    done = [json.loads(call(run, file, "--as-of", day, "--execute").stdout) for day in (DAY, NEXT)]
    return file, dry, done


def test_a_run_shows_what_it_measured_before_and_after_it_is_frozen(played: Any) -> None:
    _, dry, (first, second) = played
    assert dry["measured"] == first["measured"]
    assert first["measured"]["risk_share"] <= first["overlay"]["scale"]
    assert first["measured"]["account_risk_share"] == 0.0  # all of it is still cash
    wanted, held = first["measured"]["risk_share"], second["measured"]["account_risk_share"]
    assert held == pytest.approx(wanted, abs=0.02)
    assert first["measured"]["market_volatility"]["date"] <= DAY


def test_the_ledger_gives_the_measurements_of_a_span(played: Any) -> None:
    file, _, documents = played
    with closing(open_ledger(file.parent / "state" / NAME)) as ledger:
        found = measured_over(ledger, "mine", date(2025, 3, 1), date(2025, 3, 31))
        assert [kept.document() for kept in found] == [
            {"session": each["as_of"], **each["measured"]} for each in documents
        ]
        assert measured_over(ledger, "mine", date(2025, 3, 5), date(2025, 3, 5)) == found[1:]
        assert measured_over(ledger, "other", date(2025, 3, 1), date(2025, 3, 31)) == ()
        assert not check(ledger).faults


def test_a_span_is_the_mean_of_its_days_and_the_newest_of_them(played: Any) -> None:
    file, _, documents = played
    with closing(open_ledger(file.parent / "state" / NAME)) as ledger:
        kept = measured_over(ledger, "mine", date(2025, 3, 1), date(2025, 3, 31))
    span = measured_span(kept)
    assert span is not None
    document = span_document(span)
    shares = [each["measured"]["account_risk_share"] for each in documents]
    assert document == {
        "runs": 2,
        "session": NEXT,
        "newest": {k: v for k, v in documents[1]["measured"].items() if k != "account_risk_share"},
        "account_risk_share": sum(shares) / 2,
        "lines": {documents[0]["measured"]["line"]: 2},
    }
    assert f"{sum(shares) / 2:.1%}" in span_texts(span, "en")[0]
    assert NEXT in span_texts(span, "ko")[1]
    assert measured_span(()) is None


def test_the_history_shows_them_and_a_replay_is_the_same(played: Any) -> None:
    file, _, documents = played
    entries = json.loads(call(history, file, "--json").stdout)["entries"]
    assert [e["measured"] for e in entries if "run_id" in e] == [d["measured"] for d in documents]
    text = call(history, file).stdout
    share = documents[0]["measured"]["risk_share"]
    assert f"Risk assets {share:.1%}" in text
    assert "Market: " in text
    assert call(replay, documents[1]["run_id"], "--config", file).return_value == 0
