"""The simulated sample and the real market folder, opened once, and what is computed from them."""

from __future__ import annotations

import os
import shutil
import sys
import tomllib
from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import settings

sys.path.insert(0, str(Path(__file__).parent))

from spared import spare

from jeoul import api, assets
from jeoul.market import Market
from jeoul.model.decision import Proposal
from jeoul.model.history import History
from jeoul.model.snapshot import Snapshot
from jeoul.pipeline import Model, present, run_model

# A draw that takes long on a busy machine is not a fault, and a failure that depends on the load
# hides real ones.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture(scope="session", autouse=True)
def cache_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache of the tests' own, for commands in this process and in others."""
    place = tmp_path_factory.mktemp("cache")
    os.environ["JEOUL_CACHE"] = str(place)
    return place


@pytest.fixture(scope="session", autouse=True)
def no_preferences(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Neither a user config nor a language of this machine changes what a test reads."""
    os.environ["XDG_CONFIG_HOME"] = str(tmp_path_factory.mktemp("settings"))
    os.environ["LC_ALL"] = "C.UTF-8"
    for name in ("COLUMNS", "JEOUL_DATA", "JEOUL_ACCOUNT", "JEOUL_PROFILE"):
        os.environ.pop(name, None)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Share readings and models between tests of which they are not the subject."""
    if item.path.is_relative_to(Path(__file__).parent):
        spare(item)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip on Windows, by name, what needs a POSIX system (:file:`tests/test_platforms.py`)."""
    if os.name != "posix":
        for item in items:
            if item.get_closest_marker("posix"):
                item.add_marker(pytest.mark.skip(reason=f"{item.name} needs a POSIX system"))


@pytest.fixture(scope="session")
def market_folder() -> Path:
    """The real market folder that JEOUL_MARKET names."""
    place = os.environ.get("JEOUL_MARKET")
    if not place:
        pytest.skip("JEOUL_MARKET names no market folder")
    return Path(place)


@pytest.fixture(scope="session")
def market_since(
    market_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[int], Path]:
    """Return copies of the real market folder whose rows begin with a year."""

    @cache
    def since(year: int) -> Path:
        folder = tmp_path_factory.mktemp(f"since-{year}")
        for file in sorted(market_folder.iterdir()):
            if file.suffix == ".csv":
                head, *rows = file.read_text("utf-8").splitlines()
                kept = [row for row in rows if row[:4] >= str(year)]
                (folder / file.name).write_text("\n".join([head, *kept]) + "\n", "utf-8")
            elif file.suffix == ".toml":
                shutil.copyfile(file, folder / file.name)
        return folder

    return since


@pytest.fixture(scope="session")
def published() -> dict[str, dict[str, Any]]:
    """The rows of docs/published.toml by name: printed results, and what comes out here."""
    text = (assets.root() / "docs" / "published.toml").read_text("utf-8")
    return {row["name"]: row for row in tomllib.loads(text)["result"]}


@pytest.fixture(scope="session")
def sample() -> Market:
    return api.open_market()


@pytest.fixture(scope="session")
def real_market(market_folder: Path) -> Market:
    return api.open_market(market_folder)


@pytest.fixture(scope="session", params=["sample", "real"])
def market(request: pytest.FixtureRequest) -> Market:
    """Both markets, one after the other."""
    found: Market = request.getfixturevalue(
        "sample" if request.param == "sample" else "real_market"
    )
    return found


class Desk:
    """Models of shipped strategies on a market, each computed once a session."""

    def __init__(self) -> None:
        self.snapshot: Callable[[Market, date, str], Snapshot] = cache(self._snapshot)
        self.history: Callable[[Market, date, str], History] = cache(self._history)
        self.model: Callable[..., Model] = cache(self._model)
        self.proposal: Callable[..., Proposal] = cache(self._proposal)

    def _snapshot(self, market: Market, day: date, calendar: str) -> Snapshot:
        return market.as_of(day, calendar)

    def _history(self, market: Market, day: date, strategy: str) -> History:
        loaded = api.load_strategy(strategy)
        return api.history(loaded, self.snapshot(market, day, loaded.calendar))

    def _model(
        self, market: Market, day: date, strategy: str, profile: str, account: str = "general"
    ) -> Model:
        universe = api.load_strategy(strategy).universe
        history = self.history(market, day, {"krx-core": "managed"}.get(universe, strategy))
        return run_model(api.mandate(api.load_strategy(strategy), profile, account), history)

    def _proposal(
        self, market: Market, day: date, strategy: str, profile: str, account: str = "general"
    ) -> Proposal:
        calendar = api.load_strategy(strategy).calendar
        model = self.model(market, day, strategy, profile, account)
        return present(model, self.snapshot(market, day, calendar), api.calendars()[calendar])


@pytest.fixture(scope="session")
def desk() -> Desk:
    return Desk()


@pytest.fixture(scope="session")
def days() -> SimpleNamespace:
    """Sessions with something to see: a month end, a quiet day, crashes, an early one."""
    return SimpleNamespace(last=date(2024, 6, 28), quiet=date(2024, 5, 16), crash=date(2020, 3, 13))
