"""The VIX latch on the public CBOE closes, and the presets it is compared with."""

from __future__ import annotations

from datetime import date
from math import nan
from typing import Any

import numpy as np
import pytest
from tests.overlay.conftest import VIX

from jeoul.overlay import LatchRule, Reading, events, initial_state, params_from, step

EPISODES = [
    ("1998-08-17", "1999-06-23"),
    ("2008-09-16", "2009-12-24"),
    ("2010-05-07", "2010-10-11"),
    ("2011-08-05", "2012-01-11"),
    ("2015-08-24", "2015-10-08"),
    ("2018-12-24", "2019-01-10"),
    ("2020-02-28", "2020-12-01"),
    ("2022-01-26", "2022-03-30"),
    ("2022-04-27", "2022-08-09"),
    ("2022-09-27", "2022-12-05"),
]


def log(rules: Any, closes: Any) -> Any:
    state, found = initial_state(rules), []  # type: ignore[var-annotated]
    for day, close in closes:
        reading = Reading((date.fromisoformat(day) - date(1970, 1, 1)).days, np.array([close]), nan)
        after = step(rules, state, reading)
        found += events(rules, state, after, reading)
        state = after
    return found


@pytest.fixture(scope="module")
def episodes(vix_closes: Any) -> Any:
    found = log(params_from({"vix": VIX}), vix_closes)
    starts = [e.session.isoformat() for e in found if e.cause.kind == "overlay.vix_on"]
    ends = [e.session.isoformat() for e in found if e.cause.kind == "overlay.vix_off"]
    return list(zip(starts, ends, strict=True))


def test_the_published_episodes_are_found_to_the_day(episodes: Any) -> None:
    assert [pair for pair in episodes if pair in EPISODES] == EPISODES


def test_twenty_of_the_twenty_one_latches_lie_before_july_2024(episodes: Any) -> None:
    # the twenty-first, 2025-04-04 to 2025-05-15, lies after these data
    assert len([pair for pair in episodes if pair[0] <= "2024-06-28"]) == 20


def test_no_latch_in_february_2018(episodes: Any) -> None:
    assert not [pair for pair in episodes if pair[0].startswith("2018-02")]


def test_one_close_of_38_and_calm_after_it_is_ignored() -> None:
    august = [("2024-08-02", 23.39), ("2024-08-05", 38.57), ("2024-08-06", 27.71)]
    assert log(params_from({"vix": VIX}), august) == []
    literal = params_from({"vix": LatchRule(30.0, 20.0, exit_closes=5, scale=0.5)})
    assert [event.cause.kind for event in log(literal, august)] == ["overlay.vix_on", "overlay.cut"]
