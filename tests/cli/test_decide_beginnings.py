"""Today's portfolio, asked of ``jeoul decide``, does not depend on where a market folder begins."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from jeoul import api
from jeoul.strategy.load import shipped

YEARS = (2003, 2007, 2012, 2014)
NEAR = 0.01  # of the money


def moved(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    """Return the share of the money that lies elsewhere."""
    return sum(abs(one.get(key, 0) - other.get(key, 0)) for key in {*one, *other}) / 2


@pytest.mark.slow
@pytest.mark.parametrize("name", shipped())
def test_folders_that_begin_years_apart_decide_on_one_portfolio(
    market_since: Callable[[int], Path], jeoul: Any, name: str
) -> None:
    for profile in api.load_strategy(name).profiles:
        found = {}
        for year in YEARS:
            asked = ["decide", name, "--profile", profile, "--cash", "100000000", "--json"]
            said = jeoul(*asked, "--data", market_since(year))
            assert said.code == 0, said.err
            found[year] = json.loads(said.out)
        first = found[YEARS[0]]
        for year, other in found.items():
            for part in ("allocation", "weights"):
                assert moved(first[part], other[part]) <= NEAR, (profile, year, part)
