"""What commands keep changes how long the next one takes, and nothing that it says."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from jeoul import api, assets
from jeoul.workspace.kept import user_cache

pytestmark = pytest.mark.unspared

DECIDE = ("decide", "managed", "--profile", "growth", "--deposit", "30000000", "--json")
DAYS = ("2024-06-28", "2024-06-28", "2024-07-03", "2024-06-27", "2024-06-28", "2020-03-13")


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = tmp_path / "kept"
    monkeypatch.setenv("JEOUL_CACHE", str(place))
    return place


@pytest.fixture
def replayed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many sessions each model was replayed over."""
    from jeoul.pipeline.replay import replay

    counts: list[int] = []

    def counted(mandate: Any, history: Any, state: Any, *rest: Any) -> Any:
        counts.append(len(history) - 1 - state.row)
        return replay(mandate, history, state, *rest)

    monkeypatch.setattr("jeoul.pipeline.run.replay", counted)
    return counts


def test_decisions_with_and_without_a_cache_are_the_same_text(
    jeoul: Any, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = [jeoul(*DECIDE, "--as-of", day) for day in DAYS]
    assert {path.name.partition("-")[0] for path in cache.iterdir()} == {"market", "memories"}
    monkeypatch.setenv("JEOUL_CACHE", "off")
    alone = {day: jeoul(*DECIDE, "--as-of", day) for day in {*DAYS}}
    assert kept == [alone[day] for day in DAYS]
    assert not any(outcome.code for outcome in kept)


def test_a_day_that_is_asked_about_again_replays_one_session(
    jeoul: Any, cache: Path, replayed: list[int]
) -> None:
    for day in ("2024-06-28", "2024-06-28", "2024-07-03"):
        jeoul(*DECIDE, "--as-of", day)
    assert replayed[0] > 5_000
    assert replayed[1:] == [1, 1, 3]


def test_a_corrected_price_is_seen_at_once(
    jeoul: Any, cache: Path, tmp_path: Path, replayed: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    market = tmp_path / "market"
    shutil.copytree(assets.data("sample"), market)
    asked = (*DECIDE, "--data", market, "--as-of", "2024-06-28")
    before = jeoul(*asked)
    prices = market / "prices-kr.csv"
    header, *rows = prices.read_text("utf-8").splitlines()
    place = next(number for number, row in enumerate(rows) if row.startswith("2024-03-15"))
    cells = rows[place].split(",")
    column = header.split(",").index("069500")
    cells[column] = str(float(cells[column]) * 1.02)
    rows[place] = ",".join(cells)
    prices.write_text("\n".join([header, *rows, ""]), "utf-8")
    replayed.clear()
    after = jeoul(*asked)
    assert replayed[0] > 5_000
    assert after.out != before.out
    monkeypatch.setenv("JEOUL_CACHE", "off")
    assert jeoul(*asked) == after


def test_a_damaged_cache_is_made_again(jeoul: Any, cache: Path) -> None:
    first = jeoul(*DECIDE, "--as-of", "2024-06-28")
    for path in cache.iterdir():
        path.write_bytes(path.read_bytes()[:-1])
    assert jeoul(*DECIDE, "--as-of", "2024-06-28") == first


def test_before_the_first_session_nothing_is_remembered(jeoul: Any, cache: Path) -> None:
    first = api.open_market().sessions("XKRX")[0]
    without = jeoul(*DECIDE, "--as-of", first)
    assert without.code == 3
    assert [path.name.partition("-")[0] for path in cache.iterdir()] == ["market"]


def test_the_cache_is_where_the_platform_keeps_caches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JEOUL_CACHE")
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    cache = user_cache()
    assert cache is not None
    assert cache.folder == Path("/somewhere/jeoul")
    monkeypatch.setenv("JEOUL_CACHE", "OFF")
    assert user_cache() is None


def test_a_user_without_a_home_keeps_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("JEOUL_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr("os.path.expanduser", lambda path: path)
    assert user_cache() is None
