"""Promises scored on paths whose law is known, and on paths that break it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from jeoul.promises.binomial import clopper_pearson
from jeoul.promises.law import PromiseLaw
from jeoul.promises.making import Dated, promised
from jeoul.promises.outcomes import ValuePath, disjoint, windows_of
from jeoul.promises.promise import Promise, promise_document, promise_from
from jeoul.promises.scoring import PromiseVerdict, Scored, score

YEAR = 252
SESSIONS = np.arange("2000-01-01", "2200-01-01", dtype="datetime64[D]")


def days(count: int) -> Any:
    return SESSIONS[:count]


def promises(
    count: int, expected: float = 0.06, volatility: float = 0.12, **about: Any
) -> list[Promise]:
    """A promise on each of as many sessions, filled on the next."""
    law = PromiseLaw(
        expected=np.full(count, expected),
        volatility=np.full(count, volatility),
        sessions_per_year=float(YEAR),
    )
    sessions = days(count + 1).tolist()
    dated = [Dated(sessions[n], sessions[n + 1], 0.5, 0.001) for n in range(count)]
    names: dict[str, Any] = {
        "strategy": "s",
        "profile": "balanced",
        "rules": "r",
        "simulated": True,
    } | about
    return promised(law, dated, **names)


def path(
    count: int, *, seed: int = 1, expected: float = 0.06, volatility: float = 0.12
) -> ValuePath:
    growth = (expected - 0.5 * volatility**2) / YEAR
    steps = np.random.default_rng(seed).normal(growth, volatility / YEAR**0.5, count)
    return as_path(np.exp(np.cumsum(steps)))


def as_path(values: Any) -> ValuePath:
    count = len(values)
    each = np.full(count, 0.4 / YEAR)
    return ValuePath(sessions=days(count), values=values, turnover=each, cost=each / 500.0)


def scored(*args: Any) -> Scored:
    found = score(*args)
    assert found is not None
    return found


LAWS = 20


@pytest.fixture(scope="module")
def known() -> list[Scored]:
    """Forty years of each of twenty worlds, promised as they are."""
    count = 40 * YEAR
    made = promises(count - 1)
    return [scored(made, path(count, seed=seed)) for seed in range(LAWS)]


@pytest.mark.parametrize("figure", ["month", "year", "drawdown", "volatility"])
def test_a_known_law_is_covered_within_the_interval(known: list[Scored], figure: str) -> None:
    """In nine of ten worlds or more: 15 of 20 are fewer than that by luck in 1 % of all tests."""
    found = [next(each for each in world.ranges if each.figure == figure) for world in known]
    assert sum(each.hits.low <= 0.90 <= each.hits.high for each in found) >= 15
    hits, windows = (
        sum(getattr(each.hits, name) for each in found) for name in ("hits", "windows")
    )
    low, high = clopper_pearson(hits, windows, 0.99)
    assert low <= 0.90 <= high, hits / windows


def test_the_calibration_of_a_known_law_lies_on_the_diagonal(known: list[Scored]) -> None:
    for place in range(len(known[0].calibration)):
        levels = [world.calibration[place] for world in known]
        hits = sum(each.at_most.hits for each in levels)
        windows = sum(each.at_most.windows for each in levels)
        low, high = clopper_pearson(hits, windows, 0.99)
        assert low <= levels[0].level <= high


def test_a_promise_of_half_the_risk_is_too_narrow_and_of_twice_the_risk_too_wide() -> None:
    count = 60 * YEAR
    way = path(count)
    for volatility, verdict in ((0.06, PromiseVerdict.TOO_NARROW), (0.24, PromiseVerdict.TOO_WIDE)):
        found = scored(promises(count - 1, volatility=volatility), way)
        assert found.ranges[0].verdict is verdict
    narrow = scored(promises(count - 1, volatility=0.06), way)
    assert narrow.ranges[3].ratio == pytest.approx(2.0, rel=0.05)
    assert narrow.ranges[0].below > 0
    assert narrow.ranges[0].above > 0


def test_few_windows_say_that_they_are_few() -> None:
    found = scored(promises(3 * YEAR), path(3 * YEAR))
    by_name = {each.figure: each for each in found.ranges}
    assert by_name["month"].verdict is not PromiseVerdict.TOO_FEW
    assert by_name["year"].hits.windows == 2
    assert by_name["year"].verdict is PromiseVerdict.TOO_FEW


def test_counted_windows_share_no_session() -> None:
    windows = windows_of(promises(5 * YEAR), path(5 * YEAR), "month")
    rows = disjoint(windows)
    assert len(rows) == (5 * YEAR - 2) // 21
    assert (windows.first[rows][1:] >= windows.last[rows][:-1]).all()
    assert len(windows) == 5 * YEAR - 1 - 21


def test_a_window_begins_at_the_close_on_which_the_decision_is_filled() -> None:
    values = np.ones(40)
    values[1] = 2.0  # the close of the first execution: what came before it is nobody's promise
    windows = windows_of(promises(1), as_path(values), "month")
    assert windows.came.tolist() == [-0.5]


def test_a_drawdown_counts_from_the_promise_on() -> None:
    values = np.concatenate([[1.0, 3.0], np.full(YEAR, 2.0)])
    made = promises(2)
    found = windows_of(made, as_path(values), "drawdown")
    assert found.came == pytest.approx([-1.0 / 3.0])
    later = windows_of(made[1:], as_path(np.append(values, 2.0)), "drawdown")
    assert later.came.tolist() == [0.0]


def test_an_unknown_session_leaves_its_windows_out() -> None:
    values = np.linspace(1.0, 2.0, 60)
    values[30] = np.nan
    windows = windows_of(promises(50), as_path(values), "month")
    assert len(windows)
    assert not ((windows.first <= 30) & (windows.last >= 30)).any()


def test_a_promise_ends_with_its_rules() -> None:
    made = promises(60)
    changed = [*made[:30], *(replace(each, rules="other") for each in made[30:])]
    windows = windows_of(changed, path(90), "month")
    ends = windows.last[windows.made < 30]
    assert ends.max() <= 30
    assert (windows.made >= 30).any()


def test_rates_are_compared_with_the_sum_of_a_year() -> None:
    found = scored(promises(3 * YEAR), path(3 * YEAR)).rates[0]
    assert (found.figure, found.promised) == ("turnover", 0.5)
    assert found.came == pytest.approx(0.4)
    assert found.at_most.share == 1.0


def test_a_rate_that_was_not_promised_is_not_scored() -> None:
    made = [replace(each, turnover=None) for each in promises(3 * YEAR)]
    assert scored(made, path(3 * YEAR)).rates[0].at_most.windows == 0


def test_no_promise_has_no_score() -> None:
    assert score([], path(10)) is None


def test_a_promise_comes_back_from_its_document() -> None:
    made = replace(promises(1)[0], turnover=None)
    assert promise_from(promise_document(made) | {"of_a_newer_jeoul": 1}) == made
    assert made.session == date(2000, 1, 1)
