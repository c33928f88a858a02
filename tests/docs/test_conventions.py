"""The conventions give the sessions a year that the engine uses."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from jeoul import api, assets


@pytest.mark.parametrize(("name", "universe"), [("XKRX", "managed"), ("XNYS", "managed-us")])
def test_the_page_gives_the_sessions_a_year_that_a_history_carries(
    sample: Any, name: str, universe: str
) -> None:
    strategy = api.load_strategy(universe)
    history = api.history(strategy, sample.as_of(date(2003, 6, 30), strategy.calendar))
    page = (assets.root() / "docs" / "conventions.md").read_text("utf-8")
    assert f"{name} {history.sessions_per_year:.2f}" in page
