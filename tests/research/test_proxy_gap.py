"""What proxies flatter: a difference by hand, and only where a proxy stood in."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest

from jeoul import api
from jeoul.backtesting import of_model, summarise
from jeoul.market import assemble
from jeoul.model.history import Origin
from jeoul.pipeline import run_model
from jeoul.research.proxy_gap import ProxyGap, flattered, proxy_gaps, uncharged

DAY = date(2005, 6, 30)


@pytest.fixture(scope="module")
def setting(market: Any) -> Any:
    strategy = api.load_strategy("static")
    snapshot, mandate = market.as_of(DAY), api.mandate(strategy, "balanced")
    history = api.history(strategy, snapshot)
    return mandate, history, assemble(snapshot, uncharged(mandate.universe), api.calendars())


def test_a_gap_is_weighed_by_what_the_model_held_through_the_proxy(setting: Any) -> None:
    mandate, history, bare = setting
    gaps = [ProxyGap(name, DAY, 24, 0.02, 0.01, 0.03) for name in history.members]
    found = flattered(mandate, history, bare, gaps)
    share = summarise(of_model(run_model(mandate, history))).proxy_share
    assert sum(found.weights.values()) == pytest.approx(share)
    assert found.more == pytest.approx(0.02 * share)
    assert found.unknown == 0.0


def test_proxies_without_an_overlap_are_named_as_unknown(setting: Any) -> None:
    mandate, history, bare = setting
    found = flattered(mandate, history, bare, [])
    assert found.more == found.error == 0.0
    assert found.unknown == pytest.approx(sum(found.weights.values()))


def test_a_gap_is_the_mean_log_difference_of_whole_months(sample: Any) -> None:
    strategy = api.load_strategy("static")
    snapshot = sample.newest("XKRX")
    gaps = proxy_gaps(snapshot, api.mandate(strategy, "balanced").universe, api.calendars())
    history = api.history(strategy, snapshot)
    assert {gap.member for gap in gaps} <= set(history.members)
    for gap in gaps:
        place = history.members.index(gap.member)
        assert (history.origin[:, place] != Origin.NONE).any()
        assert gap.months >= 12
        assert np.isfinite([gap.more, gap.error]).all()
        assert gap.error > 0.0


def test_what_is_taken_is_the_weight_times_the_charge(setting: Any) -> None:
    mandate, history, bare = setting
    assert flattered(mandate, history, history, []).taken == 0.0
    found = flattered(mandate, history, bare, [])
    steady = {
        member.name: max(proxy.charges.steady for proxy in member.proxies if proxy.charges)
        for member in mandate.universe.members
        if any(proxy.charges for proxy in member.proxies)
    }
    least = sum(found.weights.get(name, 0.0) * charge for name, charge in steady.items())
    assert found.taken >= least
    assert found.taken - least <= 0.15 * 0.04 * sum(found.weights.values())  # tax on distributions
    assert (found.taken > 0.0) == any(name in found.weights for name in steady)


@pytest.mark.parametrize("name", ["krx-core", "us-core"])
def test_the_corrections_of_a_universe_are_what_the_overlap_shows(
    real_market: Any, name: str
) -> None:
    universe = api.universe_of(name)
    snapshot = real_market.newest(universe.calendar)
    gaps = {gap.member: gap for gap in proxy_gaps(snapshot, universe, api.calendars())}
    corrected = 0
    for member in universe.members:
        for proxy in member.proxies:
            correction = None if proxy.charges is None else proxy.charges.correction
            if correction is None:
                continue
            gap = gaps[member.name]
            corrected += 1
            assert correction.yearly == pytest.approx(-gap.before, abs=6e-5)
            assert correction.error == pytest.approx(gap.error, abs=6e-5)
            assert (correction.start, correction.end) == (gap.start, date(2024, 6, 28))
            assert abs(gap.more) < 1e-4 < gap.error  # nothing is left beyond the error
    assert corrected == {"krx-core": 3, "us-core": 2}[name]


def test_tax_and_fee_lower_the_gap_of_us_shares_by_what_the_file_says(real_market: Any) -> None:
    gaps = proxy_gaps(real_market.newest("XKRX"), api.universe_of("krx-core"), api.calendars())
    taken = {gap.member: gap.taken for gap in gaps}
    # 15 % of the yields of 2020-2023 and of 2009-2023, and the fee of 0.0068 %
    assert taken["us_large"] == pytest.approx(0.15 * 0.0157 + 0.000068, abs=2e-4)
    assert taken["us_nasdaq"] == pytest.approx(0.15 * 0.0093 + 0.000068, abs=2e-4)
    assert taken["us_treasury_10y"] == pytest.approx(0.0029, abs=2e-5)
    assert taken["kr_large"] == taken["cash_like"] == 0.0
