"""What a cache keeps of a path is what a replay gives, and is never trusted when torn."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import jeoul
from jeoul import api
from jeoul.api.kept_paths import KeptPaths
from jeoul.backtesting import Backtest, of_model
from jeoul.files.cache import Cache
from jeoul.market import Market
from jeoul.model.history import History
from jeoul.pipeline import Mandate, Model, run_model
from jeoul.pipeline import run as run_module

FIELDS = ("sessions", "nav", "cash", "proxy", "turnover", "cost")


@pytest.fixture(scope="module")
def panel(sample: Market) -> History:
    snapshot = sample.as_of("2012-06-28", "XKRX")
    return api.history(jeoul.load_strategy("static"), snapshot)


@pytest.fixture(scope="module")
def model(panel: History) -> Model:
    return run_model(api.mandate(jeoul.load_strategy("static"), "balanced"), panel)


@pytest.fixture
def replays(monkeypatch: pytest.MonkeyPatch) -> list[Mandate]:
    """Give the mandates that are replayed."""
    seen: list[Mandate] = []
    real = run_module.replay  # type: ignore[attr-defined]

    def replay(mandate: Mandate, *rest: object) -> object:
        seen.append(mandate)
        return real(mandate, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(run_module, "replay", replay)
    return seen


def same(one: Backtest, other: Backtest) -> bool:
    return all(
        np.array_equal(getattr(one, name), getattr(other, name), equal_nan=True) for name in FIELDS
    )


def kept_files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.kept"))


def test_a_kept_path_is_the_replay_to_the_bit(
    tmp_path: Path, panel: History, model: Model, replays: list[Mandate]
) -> None:
    first = KeptPaths(panel, "digest", Cache(tmp_path)).backtest(model.mandate, None, None)
    again = KeptPaths(panel, "digest", Cache(tmp_path)).backtest(model.mandate, None, None)
    assert same(first, of_model(model))
    assert same(again, first)
    assert len(replays) == 1


def test_another_market_has_a_path_of_its_own(
    tmp_path: Path, panel: History, model: Model, replays: list[Mandate]
) -> None:
    for digest in ("one", "other"):
        KeptPaths(panel, digest, Cache(tmp_path)).backtest(model.mandate, None, None)
    assert len(replays) == len(kept_files(tmp_path)) == 2


def test_a_process_without_a_cache_replays_once(
    panel: History, model: Model, replays: list[Mandate]
) -> None:
    paths = KeptPaths(panel, "digest")
    spans = [paths.backtest(model.mandate, None, end) for end in (None, model.history.day(-1))]
    assert same(*spans)
    assert len(replays) == 1


@pytest.mark.parametrize("damage", ["gone", "cut", "empty", "turned"])
def test_a_damaged_file_is_as_good_as_none(
    damage: str, tmp_path: Path, panel: History, model: Model, replays: list[Mandate]
) -> None:
    KeptPaths(panel, "digest", Cache(tmp_path)).backtest(model.mandate, None, None)
    (file,) = kept_files(tmp_path)
    content = file.read_bytes()
    if damage == "gone":
        file.unlink()
    elif damage == "turned":
        middle = len(content) // 2
        file.write_bytes(content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :])
    else:
        file.write_bytes(content[: 0 if damage == "empty" else len(content) // 2])
    again = KeptPaths(panel, "digest", Cache(tmp_path)).backtest(model.mandate, None, None)
    assert same(again, of_model(model))
    assert len(replays) == 2
    assert kept_files(tmp_path)[0].read_bytes() == content
