"""The pages that are read and run, and what they may name before it is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from jeoul import assets

ROOT = assets.root()
PAGES = [
    ROOT / "README.md",
    ROOT / "README.ko.md",
    ROOT / "CHANGELOG.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "SECURITY.md",
    *sorted((ROOT / "docs").glob("*.md")),
]


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(params=PAGES, ids=[page.relative_to(ROOT).as_posix() for page in PAGES])
def page(request: pytest.FixtureRequest) -> Path:
    """Every page, one after the other."""
    found: Path = request.param
    return found
