"""What the model remembers between runs is a cache of the data that the folder shows now."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from harness import QuickClock

from jeoul import api, assets
from jeoul.errors import DataError, ForeignMemory
from jeoul.operations.run import Runner
from jeoul.operations.setup.config import load_config
from jeoul.pipeline import run_model
from jeoul.strategy.load import load_strategy

WEEK = [date(2025, 6, day) for day in (2, 3, 4, 5, 9)]
LAST, NEXT = WEEK[-1], date(2025, 6, 10)


@pytest.fixture(scope="module")
def wrong(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A folder whose last week has a VIX of 60."""
    folder = tmp_path_factory.mktemp("market") / "wrong"
    shutil.copytree(assets.data("sample"), folder)
    head, *rows = (folder / "signals.csv").read_text("utf-8").splitlines()
    place = head.split(",").index("vix")
    lines = [row.split(",") for row in rows]
    for line in lines:
        if WEEK[0] <= date.fromisoformat(line[0]) <= LAST:
            line[place] = "60.00"
    text = "\n".join([head, *map(",".join, lines), ""])
    (folder / "signals.csv").write_text(text, "utf-8")
    return api.open_market(folder)


@pytest.fixture(scope="module")
def fresh(sample: Any) -> Any:
    """The proposal of somebody who remembers nothing."""
    return api.propose(load_strategy("managed"), "balanced", "general", sample.as_of(NEXT))


@pytest.fixture
def runner(tmp_path: Path, sample: Any) -> Any:
    file = tmp_path / "c.toml"
    file.write_text(
        'schema = 1\nname = "m"\nprofile = "balanced"\nstate = "state"\n[broker]\nkind = "paper"\n',
        "utf-8",
    )
    (tmp_path / "state").mkdir()
    mandate = api.mandate(load_strategy("managed"), "balanced", "general")
    return Runner(load_config(file), mandate, sample, api.calendars(), QuickClock())


@pytest.fixture
def starts(monkeypatch: pytest.MonkeyPatch) -> Any:
    """What each proposal of a run started from."""
    from jeoul.operations import run

    found = []

    def watched(mandate: Any, history: Any, memory: Any = None) -> Any:
        found.append(memory)
        return run_model(mandate, history, memory)

    monkeypatch.setattr(run, "run_model", watched)
    return found


def test_a_memory_of_data_that_were_corrected_since_decides_nothing(
    runner: Any, wrong: Any, sample: Any, fresh: Any
) -> None:
    runner.market = wrong
    assert runner.proposal(LAST).state == "REDUCED"
    runner.market = sample
    found = runner.proposal(NEXT)
    assert (found.state, found.weights) == (fresh.state, fresh.weights)
    assert found.state == "NORMAL"


def test_a_memory_of_the_same_data_saves_the_replay(runner: Any, starts: Any, fresh: Any) -> None:
    kept = runner.proposal(LAST).memory
    assert runner.proposal(NEXT).weights == fresh.weights
    assert starts == [None, kept]


def test_an_older_memory_holds_where_only_the_newest_was_of_other_data(
    runner: Any, wrong: Any, sample: Any, starts: Any, fresh: Any
) -> None:
    kept = runner.proposal(date(2025, 5, 30)).memory
    runner.market = wrong
    runner.proposal(LAST)
    runner.market = sample
    assert runner.proposal(NEXT).weights == fresh.weights
    assert starts[-1] == kept


def test_a_memory_of_a_session_that_the_folder_lost_is_left_aside(
    runner: Any, starts: Any, fresh: Any
) -> None:
    runner.proposal(LAST)
    place = runner.config.state / "memory.json"
    document = json.loads(place.read_text("utf-8"))
    document["memories"][0]["memory"]["as_of"] = "2025-06-08"  # a Sunday
    place.write_text(json.dumps(document), "utf-8")
    assert runner.proposal(NEXT).weights == fresh.weights
    assert starts[-1] is None


def test_a_memory_that_these_prices_contradict_is_replayed(
    runner: Any, starts: Any, fresh: Any
) -> None:
    runner.proposal(LAST)
    place = runner.config.state / "memory.json"
    document = json.loads(place.read_text("utf-8"))
    weights = document["memories"][0]["memory"]["allocation"]
    first, second, *_ = [name for name, weight in weights.items() if weight > 0.05]
    weights[first], weights[second] = weights[first] + 0.01, weights[second] - 0.01
    place.write_text(json.dumps(document), "utf-8")
    assert runner.proposal(NEXT).weights == fresh.weights
    assert [start is None for start in starts] == [True, False, True]


def test_a_foreign_memory_is_an_error_of_its_own(sample: Any, runner: Any) -> None:
    strange = replace(runner.proposal(LAST).memory, rules="others")
    with pytest.raises(ForeignMemory, match="delete it") as caught:
        api.propose(load_strategy("managed"), "balanced", "general", sample.as_of(NEXT), strange)
    assert isinstance(caught.value, DataError)
