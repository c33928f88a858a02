"""Every command that reads a ledger says the same of it on a server as in a file."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from servers import fresh

from jeoul import api
from jeoul.cli.main import cli
from jeoul.market import Market

pytestmark = pytest.mark.server

CONFIG = """
schema = 1
name = "mine"
strategy = "managed"
profile = "balanced"
state = "state"
lang = "en"
{ledger}
[broker]
kind = "paper"
cash = 30_000_000
"""
DAYS = ("2026-03-31", "2026-04-01", "2026-04-30", "2026-05-29", "2026-06-01")
READ = (
    ("statement",),
    ("statement", "--from", "2026-04-02", "--to", "2026-05-29"),
    ("history",),
    ("history", "--limit", "2"),
    ("history", "--outcomes"),
    ("metrics",),
    ("health",),
    ("promises",),
    ("letter", "--quarter", "2026Q2"),
    ("ledger", "check"),
    ("ledger", "head"),
)


@pytest.fixture
def said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sample: Market) -> Callable[..., Any]:
    """Return the JSON of a command about one account."""
    read = api.open_market
    monkeypatch.setattr(
        api, "open_market", lambda place=None, **_: read(place) if place else sample
    )
    monkeypatch.chdir(tmp_path)

    def command(*words: str, config: str = "mine.toml") -> Any:
        *name, first = words[:2] if words[0] == "ledger" else words[:1]
        rest = words[len(name) + 1 :]
        line = [*name, first, config, *rest, "--json="]
        done = CliRunner().invoke(cli, line, catch_exceptions=False)
        return json.loads(done.stdout)

    return command


def test_what_commands_read_is_the_same_on_a_server(
    tmp_path: Path, said: Callable[..., Any]
) -> None:
    config = tmp_path / "mine.toml"
    config.write_text(CONFIG.format(ledger=""), "utf-8")
    runs = [said("run", "--as-of", day, "--execute") for day in DAYS]
    assert sum(bool(run["orders"]) for run in runs) >= 2
    replays = [run["run_id"] for run in runs if run["orders"]]
    before = {words: said(*words) for words in READ}
    pack = said("audit", "--quarter", "2026Q2", "--out", "before")
    again = [said("replay", "--config", "mine.toml", config=name) for name in replays]
    assert all(each["same"] for each in again)
    assert before["statement",]["accounts"][0]["source"] == "ledger"
    config.write_text(CONFIG.format(ledger=f'ledger = "{fresh().url()}"'), "utf-8")
    said("ledger", "move")
    for words in READ:
        assert said(*words) == before[words], words
    assert {**said("audit", "--quarter", "2026Q2", "--out", "after"), "out": "before"} == pack
    for file in (tmp_path / "before").iterdir():
        assert (tmp_path / "after" / file.name).read_bytes() == file.read_bytes(), file.name
    assert [said("replay", "--config", "mine.toml", config=name) for name in replays] == again
