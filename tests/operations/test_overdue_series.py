"""A run that trades stops where a series is missing that an active rule needs."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from timer import TimerClock

from jeoul import api
from jeoul.operations.run import Runner, RunRequest
from jeoul.operations.setup.config import load_config

CRASH = date(2020, 3, 2)
CONFIG = """schema = 1
name = "light"
strategy = "{strategy}"
profile = "balanced"
state = "state"
lang = "en"
[broker]
kind = "paper"
cash = 30_000_000
[safety]
prove = false
"""


def folder_without(source: Path, place: Path, series: str, since: str) -> Path:
    """Return a market folder like another one, with no value of a series from a day on."""
    place.mkdir()
    for file in source.iterdir():
        if file.name != "signals.csv" and file.suffix in {".csv", ".toml"}:
            (place / file.name).write_bytes(file.read_bytes())
    with (source / "signals.csv").open(newline="", encoding="utf-8") as given:
        rows = list(csv.reader(given))
    column = rows[0].index(series)
    for row in rows[1:]:
        if row[0] >= since:
            row[column] = ""
    with (place / "signals.csv").open("w", newline="", encoding="utf-8") as written:
        csv.writer(written, lineterminator="\n").writerows(rows)
    return place


def run(folder: Path, market: Any, strategy: str, *, execute: bool) -> Any:
    file = folder / "config.toml"
    file.write_text(CONFIG.format(strategy=strategy), "utf-8")
    config, clock, calendars = load_config(file), TimerClock(), api.calendars()
    config.state.mkdir(exist_ok=True)
    clock.start(calendars["XKRX"], CRASH)
    mandate = api.mandate(api.load_strategy(strategy), "balanced")
    runner = Runner(config, mandate, market, calendars, clock)
    return runner.run(RunRequest(as_of=CRASH, execute=execute))


@pytest.mark.parametrize(
    ("strategy", "series", "since"),
    [
        ("managed-light", "vix3m", "1900-01-01"),
        ("managed-light", "vix3m", "2020-02-25"),
        ("managed", "vix", "2020-02-25"),
    ],
)
def test_without_a_series_that_a_rule_needs_nothing_is_sent(
    market_folder: Path, tmp_path: Path, strategy: str, series: str, since: str
) -> None:
    market = api.open_market(folder_without(market_folder, tmp_path / "market", series, since))
    report = run(tmp_path, market, strategy, execute=True)
    assert (report.outcome, report.exit_code) == ("blocked_data", 3)
    assert report.reasons[0].startswith(f"{series}: no value ")
    shown = run(tmp_path, market, strategy, execute=False)
    assert shown.outcome == "planned"
    assert report.reasons[0] in shown.reasons


def test_with_it_the_account_is_cut(real_market: Any, tmp_path: Path) -> None:
    report = run(tmp_path, real_market, "managed-light", execute=True)
    assert report.outcome == "executed"
    assert any("75% of their target weight" in reason for reason in report.reasons)
