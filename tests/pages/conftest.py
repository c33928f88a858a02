"""Pages made once, for all that looks at them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from gallery import gallery
from kinds import KINDS

Page = Callable[[str, str], str]


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Page:
    """A page of a kind in a language, made at the first call."""

    @cache
    def make(kind: str, language: str) -> str:
        if kind == "gallery":
            return str(gallery())
        page: str = KINDS[kind](tmp_path_factory.mktemp(kind), language)
        return page

    return make


@pytest.fixture
def made_of_real_data(
    market_folder: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Page:
    """A page of a kind in a language, of the market that ``JEOUL_MARKET`` names."""
    monkeypatch.setenv("JEOUL_DATA", str(market_folder))
    return lambda kind, language: str(KINDS[kind](tmp_path_factory.mktemp(kind), language))


@pytest.fixture(params=sorted(KINDS))
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=["ko", "en"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)
